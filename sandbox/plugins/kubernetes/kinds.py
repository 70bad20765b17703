"""The kinds of objects: where they live and what a program may say of them.

Those that this project registers are known here. What else a program makes beside them
is looked up where the real plugin looks it up, at the API server.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

__all__ = ["METADATA", "Kind", "kind_of"]

METADATA: Final = frozenset(
    {
        "annotations",
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "finalizers",
        "generateName",
        "generation",
        "labels",
        "managedFields",
        "name",
        "namespace",
        "ownerReferences",
        "resourceVersion",
        "selfLink",
        "uid",
    }
)
"""Source: kubernetes/kubernetes, api/openapi-spec/swagger.json (`ObjectMeta`)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One resource type of the plugin.

    Attributes:
        token: Type token, for example `kubernetes:core/v1:ServiceAccount`.
        name: The kind, for example `ServiceAccount`.
        api_version: As in manifests, for example `v1`.
        patch: Whether it only owns the fields that are given.
        plural: Its name in paths, for example `serviceaccounts`.
        namespaced: Whether it lives in a namespace.
        inputs: Properties a program may give; None: whatever the API server takes.
    """

    token: str
    name: str
    api_version: str
    patch: bool
    plural: str
    namespaced: bool
    inputs: frozenset[str] | None = None

    @property
    def awaited(self) -> bool:
        """Whether the real plugin waits for it to be ready, which the double cannot."""
        return self.name in _AWAITED and not self.patch

    def path(self, *, namespace: str, name: str = "") -> str:
        """Give the path of one object, or without *name* of all of them."""
        within = f"/namespaces/{quote(namespace, safe='')}" if self.namespaced else ""
        last = f"/{quote(name, safe='')}" if name else ""
        return f"{_root(self.api_version)}{within}/{self.plural}{last}"


def kind_of(
    token: str, *, get: Callable[[str], Mapping[str, Any]] | None
) -> Kind | None:
    """Find the kind of a type token.

    Args:
        token: `kubernetes:<group>/<version>:<kind>`, with `Patch` behind it or not.
        get: Reads a path of the API server; None where there is none to be asked.

    Returns:
        The kind; None where neither we nor the API server know it.

    Source:
        https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
    """
    _, version, given = token.split(":")
    api_version, name = version.removeprefix("core/"), given.removesuffix("Patch")
    known = _KNOWN.get((api_version, name))
    if known is None and get is not None:
        found: list[Mapping[str, Any]] = get(_root(api_version)).get("resources", [])
        known = next(
            (
                (str(one["name"]), bool(one["namespaced"]), None)
                for one in found
                if one["kind"] == name and "/" not in one["name"]
            ),
            None,
        )
    if known is None:
        return None
    plural, namespaced, inputs = known
    return Kind(
        token=token,
        name=name,
        api_version=api_version,
        patch=given != name,
        plural=plural,
        namespaced=namespaced,
        inputs=inputs,
    )


def _root(api_version: str) -> str:
    return f"/{'apis' if '/' in api_version else 'api'}/{api_version}"


_KNOWN: Final[Mapping[tuple[str, str], tuple[str, bool, frozenset[str] | None]]] = {
    ("v1", "Namespace"): (
        "namespaces",
        False,
        frozenset({"apiVersion", "kind", "metadata", "spec"}),
    ),
    ("v1", "ServiceAccount"): (
        "serviceaccounts",
        True,
        frozenset(
            {
                "apiVersion",
                "automountServiceAccountToken",
                "imagePullSecrets",
                "kind",
                "metadata",
                "secrets",
            }
        ),
    ),
}

_AWAITED: Final = frozenset(
    {
        "CustomResourceDefinition",
        "DaemonSet",
        "Deployment",
        "Ingress",
        "Job",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "Pod",
        "ReplicationController",
        "ResourceQuota",
        "Service",
        "StatefulSet",
    }
)
"""Source: pulumi/pulumi-kubernetes, provider/pkg/await/awaiters.go"""
