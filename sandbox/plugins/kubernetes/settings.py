"""The Kubernetes provider's configuration: read, checked and compared.

Source:
    pulumi/pulumi-kubernetes, provider/pkg/provider/provider.go (`Configure`,
    `DiffConfig`)
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lightkube.config.kubeconfig import SingleConfig
from lightkube.config.models import Cluster

from sandbox.plugins.kubernetes.kubeconfig import (
    KubeConfigError,
    ambient,
    parse,
    target_of,
)
from sandbox.plugins.plugin import Difference
from sandbox.plugins.refusal import NotCovered, Refusal
from sandbox.plugins.values import (
    Properties,
    Value,
    has_unknown,
    text_or,
    without_secrets,
)

__all__ = ["Settings", "compare_configurations", "refuse_uncovered"]

_COVERED: Final = frozenset(
    {
        "cluster",
        "clusterIdentifier",
        "context",
        "deleteUnreachable",
        "enableConfigMapMutable",
        "enablePatchForce",
        "enableSecretMutable",
        "enableServerSideApply",
        "kubeClientSettings",
        "kubeconfig",
        "namespace",
        "skipUpdateUnreachable",
        "suppressDeprecationWarnings",
        "suppressHelmHookWarnings",
        "upsertExistingObjects",
    }
)
_OF_THE_ENGINE: Final = frozenset({"version", "pluginDownloadURL", "pluginChecksums"})
_WAY_TO_THE_CLUSTER: Final = ("kubeconfig", "context", "cluster")
_IDENTIFIER: Final = "clusterIdentifier"
_TIMEOUT_SECONDS: Final = 32.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the double understands of the provider's configuration.

    Attributes:
        kubeconfig: Content or path; empty for the ambient one.
        context: Context instead of the current one.
        cluster: Cluster instead of the context's.
        namespace: Namespace of whatever names none; empty for the context's.
        delete_unreachable: Whether a cluster that cannot be asked means deletion.
        skip_update_unreachable: Whether such a cluster means that nothing changes.
        enable_patch_force: Whether fields are taken from other managers.
        upsert_existing_objects: Whether creation adopts what is there.
        timeout_seconds: How long one request may take.
    """

    kubeconfig: str = ""
    context: str = ""
    cluster: str = ""
    namespace: str = ""
    delete_unreachable: bool = False
    skip_update_unreachable: bool = False
    enable_patch_force: bool = False
    upsert_existing_objects: bool = False
    timeout_seconds: float = _TIMEOUT_SECONDS

    @classmethod
    def from_variables(cls, variables: Mapping[str, str]) -> "Settings":
        """Read the configuration, and the environment where it says nothing.

        Raises:
            NotCovered: Client-side apply is asked for.
        """
        if not _flag(variables, "enableServerSideApply", otherwise=True):
            raise NotCovered(plugin="kubernetes", what="client-side apply")
        tuning: dict[str, Any] = json.loads(variables.get("kubeClientSettings") or "{}")
        timeout = tuning.get("timeout") or os.environ.get("PULUMI_K8S_CLIENT_TIMEOUT")
        return cls(
            kubeconfig=variables.get("kubeconfig", ""),
            context=variables.get("context", ""),
            cluster=variables.get("cluster", ""),
            namespace=variables.get("namespace", ""),
            delete_unreachable=_flag(variables, "deleteUnreachable"),
            skip_update_unreachable=_flag(variables, "skipUpdateUnreachable"),
            enable_patch_force=_flag(variables, "enablePatchForce"),
            upsert_existing_objects=_flag(variables, "upsertExistingObjects"),
            timeout_seconds=float(timeout or _TIMEOUT_SECONDS),
        )

    def load(self) -> SingleConfig:
        """Read the kubeconfig's context.

        Raises:
            KubeConfigError: There is none, or it is none.
        """
        config = parse(self.kubeconfig) if self.kubeconfig else ambient()
        return target_of(config, context=self.context, cluster=self.cluster)


def refuse_uncovered(news: Properties) -> None:
    """Refuse what the real plugin takes and the double does not.

    Raises:
        NotCovered: The first such key.
    """
    for key in sorted(news.keys() - _COVERED - _OF_THE_ENGINE):
        raise NotCovered(
            plugin="kubernetes", what=f"the configuration key kubernetes:{key}"
        )


def compare_configurations(*, olds: Properties, news: Properties) -> Difference:
    """Tell whether a changed configuration means another cluster.

    With a `clusterIdentifier` only its change does; else a change of the cluster's
    section in the kubeconfig, or a way to the cluster that is not known yet.
    """
    before = {key: without_secrets(value) for key, value in olds.items()}
    after = {key: without_secrets(value) for key, value in news.items()}
    changed = [
        key
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key) or has_unknown(after.get(key))
    ]
    if not changed:
        return Difference()
    replaces: list[str] = []
    identified = _IDENTIFIER in before and _IDENTIFIER in after
    if identified and _IDENTIFIER in changed:
        replaces.append(_IDENTIFIER)
    unknown = [key for key in _WAY_TO_THE_CLUSTER if has_unknown(after.get(key))]
    if unknown:
        changed, replaces = unknown[:1], [*replaces, unknown[0]]
    elif _is_another_cluster(before, after):
        replaces += [key for key in _WAY_TO_THE_CLUSTER if key in changed]
    if (
        identified
        and _IDENTIFIER not in changed
        and before[_IDENTIFIER] == after[_IDENTIFIER]
    ):
        replaces = []
    return Difference(properties=tuple(changed), replaces=tuple(replaces))


def _is_another_cluster(before: Properties, after: Properties) -> bool:
    old, new = _active_cluster(before), _active_cluster(after)
    return old is not None and new is not None and old != new


def _active_cluster(given: Mapping[str, Value]) -> Cluster | None:
    kubeconfig = given.get("kubeconfig")
    text = json.dumps(kubeconfig) if isinstance(kubeconfig, dict) else kubeconfig
    if not isinstance(text, str) or not text:
        return None
    try:
        config = parse(text)
    except KubeConfigError as error:
        message = f"failed to parse kubeconfig: {error}"
        raise Refusal(message) from error
    try:
        return target_of(
            config,
            context=text_or(given.get("context"), ""),
            cluster=text_or(given.get("cluster"), ""),
        ).cluster
    except KubeConfigError:
        return None


def _flag(variables: Mapping[str, str], name: str, *, otherwise: bool = False) -> bool:
    """Read a flag, or its twin `PULUMI_K8S_<NAME>` in the environment."""
    if name in variables:
        return variables[name] == "true"
    words = "".join(f"_{one}" if one.isupper() else one for one in name).upper()
    twin = os.environ.get(f"PULUMI_K8S_{words}")
    return otherwise if twin is None else twin == "true"
