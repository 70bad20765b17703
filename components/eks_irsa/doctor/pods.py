"""Pods as the API server has them: JSON, of which every part may be missing."""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias, cast

from eks_irsa.doctor.model import Facts
from eks_irsa.live.model import known

__all__ = [
    "Json",
    "account_name",
    "annotations_of",
    "containers_of",
    "inner",
    "is_on_fargate",
    "is_on_windows",
    "labels_of",
    "pod_name",
    "pods_of",
    "variables_of",
]

Json: TypeAlias = Mapping[str, Any]
# Source: https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html
_FARGATE: Final = "eks.amazonaws.com/fargate-profile"
_SYSTEM: Final = "kubernetes.io/os"


def inner(value: Json, key: str) -> Json:
    """Return a map in a map, empty where there is none.

    Args:
        value: The outer one.
        key: Of the inner one.
    """
    return cast("Json", value.get(key) or {})


def pods_of(facts: Facts) -> tuple[Json, ...]:
    """Return the pods to be looked at: those that run or will, or the one asked for.

    That one is looked at though it has ended: a Job that was denied is over soon.

    Args:
        facts: What was read.
    """
    return known(facts.pods) or ()


def pod_name(pod: Json) -> str:
    """Return the name of a pod.

    Args:
        pod: As the API server has it.
    """
    return cast("str", pod["metadata"]["name"])


def account_name(pod: Json) -> str:
    """Return the name of the service account that a pod runs as.

    Args:
        pod: As the API server has it.
    """
    return cast("str", pod["spec"].get("serviceAccountName") or "default")


def labels_of(pod: Json) -> Mapping[str, str]:
    """Return the labels of a pod.

    Args:
        pod: As the API server has it.
    """
    return inner(pod["metadata"], "labels")


def annotations_of(pod: Json) -> Mapping[str, str]:
    """Return the annotations of a pod.

    Args:
        pod: As the API server has it.
    """
    return inner(pod["metadata"], "annotations")


def containers_of(pod: Json) -> list[Json]:
    """Return the containers of a pod, those that initialize it first.

    Args:
        pod: As the API server has it.
    """
    spec = pod["spec"]
    return [*(spec.get("initContainers") or ()), *spec["containers"]]


def variables_of(container: Json) -> Mapping[str, str | None]:
    """Return the environment variables that a container names.

    Args:
        container: As the API server has it.

    Returns:
        Name -> value; None for a value that comes from elsewhere.
    """
    return {
        one["name"]: None if "valueFrom" in one else one.get("value", "")
        for one in container.get("env") or ()
    }


def is_on_fargate(pod: Json) -> bool:
    """Tell whether a pod runs on Fargate.

    Args:
        pod: As the API server has it.
    """
    return _FARGATE in labels_of(pod)


def is_on_windows(pod: Json) -> bool:
    """Tell whether a pod asks for Windows.

    Args:
        pod: As the API server has it.
    """
    selector = inner(pod["spec"], "nodeSelector")
    named = (inner(pod["spec"], "os").get("name"), selector.get(_SYSTEM))
    return "windows" in named
