"""Where EKS Pod Identity gives pods no credentials, as far as a plan shows.

Source:
    https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from eks_irsa.cluster_config.entries import Entry
from eks_irsa.cluster_config.model import ClusterConfig
from eks_irsa.documents.globs import matches
from eks_irsa.documents.pod_identity import AGENT_ADD_ON
from eks_irsa.identity.model import Identity
from eks_irsa.plan.associations import limit_findings
from eks_irsa.plan.fleet import named
from eks_irsa.plan.model import Cluster
from eks_irsa.source.findings import Finding, Path

__all__ = ["Agent", "agent_findings", "pod_identity_findings"]

_NO_CREDENTIALS: Final = "get no credentials from EKS Pod Identity"


@dataclass(frozen=True, kw_only=True, slots=True)
class Agent:
    """What EKS answers about the agent that hands out credentials on nodes.

    Attributes:
        exists: It is an add-on of the cluster, or part of its EKS Auto Mode.
        unread: Why EKS did not tell; None if it did.
    """

    exists: bool = True
    unread: str | None = None


def pod_identity_findings(
    config: ClusterConfig,
    plans: Mapping[Path, Identity],
    *,
    cluster: Cluster,
    entries: Mapping[Path, Entry],
) -> Iterator[Finding]:
    """Find what a file says of a cluster that leaves associations without effect.

    Args:
        config: The ClusterConfig.
        plans: Place of an entry -> what was decided of it.
        cluster: The cluster; of one that is assumed, what the file lists is all that
            is known of its add-ons.
        entries: Place -> the entry.
    """
    yield from _not_annotated(plans, entries)
    associated = [one for one in plans.values() if one.identity != "irsa"]
    if not associated:
        return
    yield from limit_findings([one.key for one in associated], {})
    yield from _fargate_findings(config, associated)
    yield from _windows_findings(config)
    if config.outpost is not None:
        message = (
            "clusters on Outposts have no EKS Pod Identity; take the associations out"
        )
        yield Finding(("outpost",), "E-POD-IDENTITY-OUTPOST", message, at_key=True)
    if cluster.assumed:
        yield from _listed_agent_findings(config)
    yield from _hybrid_findings(config)


def agent_findings(cluster: Cluster, agent: Agent) -> Iterator[Finding]:
    """Find a cluster without the agent, as EKS has it.

    Args:
        cluster: A cluster that has associations.
        agent: What EKS answered.
    """
    if agent.unread:
        message = (
            f"whether the cluster has the add-on {AGENT_ADD_ON} could not be looked up "
            f"({agent.unread}); without the agent pods {_NO_CREDENTIALS}"
        )
        yield Finding(("iam",), "W-NOT-LOOKED-UP", message, "warning")
    elif not agent.exists:
        message = (
            f"the cluster {cluster.name} has no add-on {AGENT_ADD_ON} and is not in "
            "EKS Auto Mode; unless the agent is installed in another way, pods "
            f"{_NO_CREDENTIALS}; run aws eks create-addon --cluster-name "
            f"{cluster.name} --region {cluster.region} --addon-name {AGENT_ADD_ON}"
        )
        yield Finding(("iam",), "W-POD-IDENTITY-AGENT", message, "warning")


def _not_annotated(
    plans: Mapping[Path, Identity], entries: Mapping[Path, Entry]
) -> Iterator[Finding]:
    """Find entries that settings gave tokens, and that nobody annotates for them."""
    for path, decided in plans.items():
        entry = entries[path]
        moved = entry.identity == "podIdentity" != decided.identity
        # Of an entry that makes nothing it is said already.
        makes = decided.role or decided.association
        by_file = entry.fields.get("service_account_mode") == "notManaged"
        left_alone = decided.mode == "notManaged" and by_file and not entry.of_add_on
        if moved and makes and left_alone:
            message = (
                f"pods get tokens by the annotation of the service account, which is "
                f"not managed here; set patchExisting: [{decided.key}] to annotate it "
                "in place, write createServiceAccount: true in the entry, or annotate "
                "it with the role's ARN"
            )
            yield Finding(path, "W-NOT-ANNOTATED", message, "warning")


def _fargate_findings(
    config: ClusterConfig, associated: list[Identity]
) -> Iterator[Finding]:
    """Name, for each selector of a Fargate profile, the entries it takes pods of.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html
    """
    for number, profile in _maps(config.fargate_profiles):
        for index, selector in _maps(profile.get("selectors")):
            pattern = selector.get("namespace")
            if not isinstance(pattern, str):
                continue
            taken = [one.key for one in associated if _selects(pattern, one.namespace)]
            if not taken:
                continue
            which = (
                "pods with its labels run on Fargate, where they may belong to"
                if selector.get("labels")
                else "all pods of its namespace run on Fargate, with those of"
            )
            message = (
                f"{which} {named(taken)}, and {_NO_CREDENTIALS} there; set identity to "
                "irsa for what runs on Fargate"
            )
            at = ("fargateProfiles", number, "selectors", index, "namespace")
            yield Finding(at, "W-POD-IDENTITY-FARGATE", message, "warning")


def _selects(pattern: str, namespace: str) -> bool:
    """Tell whether a selector matches; of wildcards it knows `*` and `?`."""
    plain = all(mark not in pattern for mark in "[]{}!")
    return matches(pattern, namespace) if plain else pattern == namespace


def _windows_findings(config: ClusterConfig) -> Iterator[Finding]:
    """Warn once of nodes with Windows; whose pods run there the file does not say."""
    for section, groups in (
        ("nodeGroups", config.node_groups),
        ("managedNodeGroups", config.managed_node_groups),
    ):
        for index, group in _maps(groups):
            # Source: eksctl 0.231, pkg/apis/eksctl.io/v1alpha5/types.go (the families
            # of nodes whose name begins so)
            if str(group.get("amiFamily")).startswith("Windows"):
                message = (
                    f"pods on Windows nodes {_NO_CREDENTIALS}; set identity to irsa "
                    "for what runs there"
                )
                at = (section, index, "amiFamily")
                yield Finding(at, "W-POD-IDENTITY-WINDOWS", message, "warning")
                return


def _listed_agent_findings(config: ClusterConfig) -> Iterator[Finding]:
    listed = [(one.name or "").lower() for one in config.addons or [] if one]
    built_in = _map(config.auto_mode_config).get("enabled") is True
    if listed and not built_in and AGENT_ADD_ON not in listed:
        message = (
            f"the add-on {AGENT_ADD_ON} is not among them, and without the agent pods "
            f"{_NO_CREDENTIALS}; list it, unless it is installed in another way"
        )
        at = ("addons",)
        yield Finding(at, "W-POD-IDENTITY-AGENT", message, "warning", at_key=True)


def _hybrid_findings(config: ClusterConfig) -> Iterator[Finding]:
    """Warn of nodes that need an agent of their own kind.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/hybrid-nodes-add-ons.html
    """
    told = any(
        (one.name or "").lower() == AGENT_ADD_ON
        and "hybrid" in str(one.configuration_values)
        for one in config.addons or []
        if one
    )
    if config.remote_network_config is not None and not told:
        message = (
            f"pods on hybrid nodes {_NO_CREDENTIALS} unless the add-on {AGENT_ADD_ON} "
            'has the configurationValues {"daemonsets": {"hybrid": {"create": true}}} '
            "and the nodes have enableCredentialsFile: true under spec.hybrid"
        )
        at = ("remoteNetworkConfig",)
        yield Finding(at, "W-POD-IDENTITY-HYBRID", message, "warning", at_key=True)


def _map(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _maps(value: object) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Give the maps of a list that nobody checked, with their places."""
    if isinstance(value, list):
        for index, one in enumerate(cast("list[object]", value)):
            if isinstance(one, Mapping):
                yield index, _map(cast("object", one))
