"""What is asked beforehand of EKS Pod Identity, and of who still does without it."""

import asyncio
from collections.abc import Mapping
from typing import Final

import pulumi_aws as aws

from eks_irsa.cluster import find
from eks_irsa.cluster_config.entries import Entry
from eks_irsa.documents.pod_identity import AGENT_ADD_ON
from eks_irsa.errors import Problem
from eks_irsa.plan.associations import (
    association_findings,
    association_id_findings,
    associations_to_look_up,
)
from eks_irsa.plan.model import Cluster
from eks_irsa.plan.moves import move_warnings
from eks_irsa.plan.pod_identity import Agent, agent_findings
from eks_irsa.plan.provider_users import Annotated, provider_user_findings
from eks_irsa.plan.transitions import Recorded
from eks_irsa.stack.compared import Comparison
from eks_irsa.stack.existing_associations import existing_associations
from eks_irsa.stack.existing_service_accounts import annotated_service_accounts
from eks_irsa.stack.recorded import Resources, managed_providers

__all__ = ["pod_identity_problems"]

_GET_ADD_ON: Final = "aws:eks/getAddon:getAddon"


async def pod_identity_problems(
    comparison: Comparison,
    resources: Resources,
    *,
    recorded: Mapping[str, Recorded],
    entries: Mapping[str, Entry],
) -> list[Problem]:
    """Find what is in the way of associations, and whom moving leaves behind.

    EKS is asked for its associations only where one is made that the state does not
    have, for the agent where there are any, and the cluster for its annotations where
    the OIDC provider goes.

    Args:
        comparison: What is compared.
        resources: The stack's state.
        recorded: The entries that it has, by `<namespace>/<name>`.
        entries: Those of the file, likewise.
    """
    decided, file, stack = comparison.decided, comparison.file, comparison.stack
    uses = any(entry.identity != "irsa" for entry in decided.service_accounts)
    goes = not decided.with_provider and decided.cluster.provider_arn in (
        managed_providers(resources)
    )
    existing, agent, annotated = await asyncio.gather(
        existing_associations(
            decided.cluster,
            associations_to_look_up(decided, recorded),
            config=comparison.config,
        ),
        _agent(decided.cluster, asked=uses),
        _annotated(comparison, asked=goes),
    )
    in_file = [
        *association_findings(
            decided, recorded, existing, entries=entries, stack=stack
        ),
        *agent_findings(decided.cluster, agent),
        *(provider_user_findings(decided, recorded, annotated) if annotated else ()),
    ]
    in_settings = association_id_findings(decided, recorded, existing)
    return [
        *file.problems(in_file),
        *comparison.settings.problems(in_settings),
        *move_warnings(decided, recorded, stack=stack),
    ]


async def _agent(cluster: Cluster, *, asked: bool) -> Agent:
    """Ask EKS, with the default AWS provider, for the agent; nothing stops the run."""
    if not asked:
        return Agent()
    try:
        return Agent(exists=await _has_add_on(cluster) or await _auto_mode(cluster))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is said
        return Agent(unread=" ".join(str(error).split()))


async def _has_add_on(cluster: Cluster) -> bool:
    which = {
        "clusterName": cluster.name,
        "addonName": AGENT_ADD_ON,
        "region": cluster.region,
    }
    return await find(_GET_ADD_ON, which, aws.eks.GetAddonResult) is not None


async def _auto_mode(cluster: Cluster) -> bool:
    found = await aws.eks.get_cluster(name=cluster.name, region=cluster.region)
    return any(one.enabled for one in found.compute_configs or ())


async def _annotated(comparison: Comparison, *, asked: bool) -> Annotated | None:
    if not asked:
        return None
    if comparison.settings.settings.kubernetes == "off":
        return Annotated(unread="the setting kubernetes is off")
    return await annotated_service_accounts(comparison.kubeconfig)
