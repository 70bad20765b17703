"""What the API server has, of which not everything is looked at."""

from typing import Any
from unittest.mock import Mock

import pytest
from lightkube.codecs import from_dict

from eks_irsa.live.cluster_objects import listed_pods
from eks_irsa.live.model import known


@pytest.mark.parametrize(
    ("metadata", "status", "listed"),
    [
        ({}, {"phase": "Running"}, True),
        ({}, {}, True),
        ({}, {"phase": "Succeeded"}, False),
        ({}, {"phase": "Failed"}, False),
        ({"deletionTimestamp": "2026-11-30T00:00:00Z"}, {"phase": "Running"}, False),
    ],
)
def test_pods_that_are_over_are_not_listed(
    metadata: dict[str, Any], status: dict[str, Any], *, listed: bool
) -> None:
    """Neither those that end."""
    held: Any = from_dict(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "web", **metadata},
            "spec": {"containers": []},
            "status": status,
        }
    )

    pods = listed_pods(Mock(**{"list.return_value": [held]}))

    assert bool(known(pods)) is listed
