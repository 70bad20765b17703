"""When the Kubernetes double takes a Deployment for rolled out."""

from typing import Any

import pytest

from sandbox.plugins.kubernetes.rollout import why_not_live

LIVE: dict[str, Any] = {
    "observedGeneration": 2,
    "updatedReplicas": 3,
    "availableReplicas": 3,
    "conditions": [
        {"type": "Progressing", "reason": "NewReplicaSetAvailable", "status": "True"},
        {"type": "Available", "status": "True"},
    ],
}


def deployment(status: dict[str, Any]) -> dict[str, Any]:
    """Give a Deployment of three pods with this status."""
    return {"metadata": {"generation": 2}, "spec": {"replicas": 3}, "status": status}


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        pytest.param({}, "the controller has not seen it", id="nothing yet"),
        pytest.param(
            {**LIVE, "observedGeneration": 1},
            "the controller has not seen it",
            id="of the generation before",
        ),
        pytest.param(
            {**LIVE, "conditions": []},
            "the new ReplicaSet is not available",
            id="no conditions",
        ),
        pytest.param(
            {**LIVE, "conditions": LIVE["conditions"][:1]},
            "the minimum of its pods is not live",
            id="not available",
        ),
        pytest.param(
            {**LIVE, "availableReplicas": 2}, "2 of 3 pods are available", id="too few"
        ),
        pytest.param(LIVE, "", id="rolled out"),
    ],
)
def test_a_deployment_is_live_when_its_controller_says_so(
    status: dict[str, Any], reason: str
) -> None:
    """Every reason to wait is named."""
    assert why_not_live(deployment(status)) == reason
