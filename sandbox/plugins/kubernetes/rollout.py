"""When a Deployment is rolled out.

Source:
    pulumi/pulumi-kubernetes, provider/pkg/await/deployment.go; its other reasons to
    wait (claims of volumes, events of pods) are not covered
"""

from collections.abc import Mapping
from typing import Any, cast

from sandbox.plugins.values import Value

__all__ = ["why_not_live"]


def why_not_live(live: Mapping[str, Value]) -> str:
    """Say what a Deployment still waits for; empty when it is rolled out."""
    thing = cast("Any", live)
    status: Any = thing.get("status", {})
    conditions: Mapping[str, Any] = {
        one["type"]: one for one in status.get("conditions", [])
    }
    progressing = conditions.get("Progressing", {}).get("reason")
    available = conditions.get("Available", {}).get("status")
    if status.get("observedGeneration", 0) < thing["metadata"]["generation"]:
        return "the controller has not seen it"
    if progressing != "NewReplicaSetAvailable":
        return "the new ReplicaSet is not available"
    if available != "True":
        return "the minimum of its pods is not live"
    wanted = thing["spec"].get("replicas", 1)
    ready = min(status.get("updatedReplicas", 0), status.get("availableReplicas", 0))
    return "" if ready >= wanted else f"{ready} of {wanted} pods are available"
