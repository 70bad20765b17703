"""What makes a pod, and the commands that make it anew."""

import json
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from eks_irsa.doctor.notes import command
from eks_irsa.doctor.pods import Json, labels_of, pod_name

__all__ = [
    "Workload",
    "annotate_pods",
    "label_pods",
    "named",
    "owner_of",
    "restarts",
    "unset_variables",
    "workload_of",
]

# What `kubectl rollout restart` and `kubectl set env` take.
_TEMPLATED: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
# OpenKruise, for one, has a StatefulSet of its own.
_APPS: Final = "apps/"
_HASH: Final = "pod-template-hash"
_MOST_NAMES: Final = 3


class Workload(NamedTuple):
    """What a pod comes from.

    Attributes:
        kind: `Deployment`, `StatefulSet` or `DaemonSet`; `Pod` for what none of these
            makes, which `owner_of` may name.
        name: Its name.
        namespace: Its namespace.
    """

    kind: str
    name: str
    namespace: str

    @property
    def target(self) -> str:
        """As kubectl names it."""
        return f"{self.kind.lower()}/{self.name}"


def workload_of(pod: Json) -> Workload:
    """Return what makes a pod.

    Args:
        pod: As the API server has it.
    """
    metadata = pod["metadata"]
    namespace = metadata.get("namespace", "default")
    for owner in metadata.get("ownerReferences") or ():
        kind, name = owner["kind"], owner["name"]
        suffix = f"-{labels_of(pod).get(_HASH, '')}"
        if kind == "ReplicaSet" and len(suffix) > 1 and name.endswith(suffix):
            return Workload("Deployment", name.removesuffix(suffix), namespace)
        if kind in _TEMPLATED and owner["apiVersion"].startswith(_APPS):
            return Workload(kind, name, namespace)
    return Workload("Pod", metadata["name"], namespace)


def owner_of(pod: Json) -> str | None:
    """Name what makes a pod where kubectl cannot have it made anew, `Job 'nightly'`.

    Args:
        pod: As the API server has it.

    Returns:
        None for a pod that a person made, and for one that `kubectl rollout` knows.
    """
    owners = pod["metadata"].get("ownerReferences") or ()
    if not owners or workload_of(pod).kind != "Pod":
        return None
    return f"{owners[0]['kind']} {owners[0]['name']!r}"


def restarts(pods: Iterable[Json]) -> tuple[str, ...]:
    """Write the commands that have pods made anew.

    Args:
        pods: As the API server has them.

    Returns:
        Nothing for a pod that something else than a Deployment, StatefulSet or
        DaemonSet makes: a Job's work is not to be thrown away.
    """
    return tuple(dict.fromkeys(_restart(pod) for pod in pods if owner_of(pod) is None))


def _restart(pod: Json) -> str:
    made_by = workload_of(pod)
    place = ("--namespace", made_by.namespace)
    if made_by.kind == "Pod":
        return command("kubectl", "delete", made_by.target, *place)
    return command("kubectl", "rollout", "restart", made_by.target, *place)


def label_pods(pod: Json, key: str, value: str | None) -> tuple[str, ...]:
    """Write the commands that give pods a label, and make them anew.

    Args:
        pod: One of them.
        key: Of the label.
        value: Of the label; None to take it away.

    Returns:
        Nothing for a pod that nothing makes anew.
    """
    return _patched(pod, {"labels": {key: value}})


def annotate_pods(pod: Json, key: str, value: str | None) -> tuple[str, ...]:
    """Write the commands that give pods an annotation, and make them anew.

    Args:
        pod: One of them.
        key: Of the annotation.
        value: Of the annotation; None to take it away.

    Returns:
        Nothing for a pod that nothing makes anew.
    """
    return _patched(pod, {"annotations": {key: value}})


def unset_variables(pod: Json, container: str, names: Sequence[str]) -> tuple[str, ...]:
    """Write the command that takes variables out of a container.

    Args:
        pod: A pod that has the container.
        container: Its name.
        names: Of the variables.

    Returns:
        Nothing for a pod that nothing makes anew.
    """
    made_by = workload_of(pod)
    if made_by.kind == "Pod":
        return ()
    words = ("kubectl", "set", "env", made_by.target, "--namespace", made_by.namespace)
    changes = [f"{name}-" for name in names]
    return (command(*words, "--containers", container, *changes),)


def _patched(pod: Json, metadata: Json) -> tuple[str, ...]:
    made_by = workload_of(pod)
    if made_by.kind == "Pod":
        return ()
    words = ("kubectl", "patch", made_by.target, "--namespace", made_by.namespace)
    patch = {"spec": {"template": {"metadata": metadata}}}
    text = json.dumps(patch, separators=(",", ":"))
    return (command(*words, "--type", "merge", "--patch", text),)


def named(pods: Sequence[Json]) -> str:
    """Name some pods, `the pod 'a'` or `the pods 'a', 'b' and 3 more`.

    Args:
        pods: At least one.
    """
    names = sorted(map(pod_name, pods))
    shown = ", ".join(map(repr, names[:_MOST_NAMES]))
    more = len(names) - _MOST_NAMES
    rest = f" and {more:,} more" if more > 0 else ""
    return f"the pod{'s' if len(names) > 1 else ''} {shown}{rest}"
