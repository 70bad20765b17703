"""The kinds the double knows: where they live and what a program may say of them."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

__all__ = ["KINDS", "Kind"]

_METADATA: Final = frozenset(
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
    """One resource type of the plugin; a new one is one line in `KINDS`.

    Attributes:
        token: Type token, for example `kubernetes:core/v1:ServiceAccount`.
        name: The kind, for example `ServiceAccount`.
        plural: Its name in paths, for example `serviceaccounts`.
        namespaced: Whether it lives in a namespace.
        patch: Whether it only owns the fields that are given.
        awaited: Whether it is waited for until it is rolled out.
        inputs: Properties a program may give.
        metadata: Properties of `metadata` a program may give.
    """

    token: str
    name: str
    plural: str
    namespaced: bool
    patch: bool
    inputs: frozenset[str]
    metadata: frozenset[str] = _METADATA
    api_version: str = "v1"
    awaited: bool = False

    def path(self, *, namespace: str, name: str = "") -> str:
        """Give the path of one object, or without *name* of all of them."""
        within = f"/namespaces/{quote(namespace, safe='')}" if self.namespaced else ""
        last = f"/{quote(name, safe='')}" if name else ""
        root = "apis" if "/" in self.api_version else "api"
        return f"/{root}/{self.api_version}{within}/{self.plural}{last}"


_ACCOUNT_INPUTS: Final = frozenset(
    {
        "apiVersion",
        "automountServiceAccountToken",
        "imagePullSecrets",
        "kind",
        "metadata",
        "secrets",
    }
)

KINDS: Final = {
    kind.token: kind
    for kind in (
        Kind(
            token="kubernetes:apps/v1:Deployment",  # noqa: S106 (a type token)
            name="Deployment",
            plural="deployments",
            namespaced=True,
            patch=False,
            inputs=frozenset({"apiVersion", "kind", "metadata", "spec"}),
            api_version="apps/v1",
            awaited=True,
        ),
        Kind(
            token="kubernetes:core/v1:NamespacePatch",  # noqa: S106 (a type token)
            name="Namespace",
            plural="namespaces",
            namespaced=False,
            patch=True,
            inputs=frozenset({"apiVersion", "kind", "metadata", "spec"}),
        ),
        Kind(
            token="kubernetes:core/v1:ServiceAccount",  # noqa: S106 (a type token)
            name="ServiceAccount",
            plural="serviceaccounts",
            namespaced=True,
            patch=False,
            inputs=_ACCOUNT_INPUTS,
        ),
        Kind(
            token="kubernetes:core/v1:ServiceAccountPatch",  # noqa: S106 (a type token)
            name="ServiceAccount",
            plural="serviceaccounts",
            namespaced=True,
            patch=True,
            inputs=_ACCOUNT_INPUTS,
        ),
    )
}
"""Type token -> kind."""
