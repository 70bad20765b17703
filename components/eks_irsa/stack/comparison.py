"""What the stack will make, compared with its state, the cluster and IAM."""

import asyncio
from collections.abc import Iterator, Mapping

from eks_irsa.cluster_config.entries import entries_of
from eks_irsa.errors import Problem
from eks_irsa.plan.imports import import_findings
from eks_irsa.plan.model import Plan
from eks_irsa.plan.obstacles import (
    Existing,
    ExistingRole,
    obstacle_findings,
    provider_findings,
    role_names_to_look_up,
    service_accounts_to_look_up,
)
from eks_irsa.plan.provider_ownership import ProviderUse, provider_warnings
from eks_irsa.plan.transitions import (
    ExistingServiceAccount,
    Recorded,
    cluster_warnings,
    taken_over,
    transition_warnings,
)
from eks_irsa.resources.adopted import recorded_roles
from eks_irsa.stack.compared import Compared, Comparison
from eks_irsa.stack.existing_roles import existing_roles
from eks_irsa.stack.existing_service_accounts import existing_service_accounts
from eks_irsa.stack.pod_identity import pod_identity_problems
from eks_irsa.stack.recorded import (
    Resources,
    managed_providers,
    recorded_entries,
    recorded_providers,
    trusted_providers,
)

__all__ = ["compare"]


async def compare(
    comparison: Comparison,
    resources: Resources,
    *,
    use: ProviderUse | None,
    exists: bool,
) -> Compared:
    """Look up what will be created or patched, and warn of what no preview shows.

    Only what is not in the state is looked up, so that a run without new entries asks
    neither the cluster nor IAM.

    Args:
        comparison: What is compared.
        resources: The stack's state.
        use: What is done with the cluster's OIDC provider; None for nothing.
        exists: IAM has the provider.
    """
    decided, stack = comparison.decided, comparison.stack
    recorded = recorded_entries(resources)
    roles_before = recorded_roles(resources)
    entries = {entry.key: entry for entry in entries_of(comparison.file.config)}
    (live, roles), by_association = await asyncio.gather(
        _look_up(decided, recorded, roles_before, kubeconfig=comparison.kubeconfig),
        pod_identity_problems(
            comparison, resources, recorded=recorded, entries=entries
        ),
    )
    created = service_accounts_to_look_up(decided, recorded)
    existing = Existing(
        service_accounts={key: live.pop(key) for key in created},
        roles=roles,
        recorded_roles=roles_before,
    )
    found = obstacle_findings(decided, existing, entries=entries, stack=stack)
    imports = import_findings(
        decided,
        existing,
        stack=stack,
        file=comparison.settings.settings.cluster_config or "",
    )
    trusted = trusted_providers(resources, decided.cluster)
    problems = [
        *comparison.file.problems(found),
        *comparison.settings.problems(imports),
        *transition_warnings(decided, recorded, live, stack=stack),
        *cluster_warnings(decided, recorded, trusted, stack=stack),
        *by_association,
        *(_provider_problems(comparison, resources, use, exists=exists) if use else ()),
    ]
    return Compared(recorded=recorded, problems=tuple(problems))


async def _look_up(
    decided: Plan,
    recorded: Mapping[str, Recorded],
    roles_before: Mapping[str, str],
    *,
    kubeconfig: str,
) -> tuple[dict[str, ExistingServiceAccount], Mapping[str, ExistingRole]]:
    """Ask the cluster and IAM for what is created or patched."""
    keys = (
        *taken_over(decided, recorded),
        *service_accounts_to_look_up(decided, recorded),
    )
    names = role_names_to_look_up(decided, roles_before)
    live, roles = await asyncio.gather(
        existing_service_accounts(kubeconfig, keys=keys), existing_roles(names)
    )
    return dict(live), roles


def _provider_problems(
    comparison: Comparison, resources: Resources, use: ProviderUse, *, exists: bool
) -> Iterator[Problem]:
    cluster = comparison.decided.cluster
    in_state = cluster.provider_arn in recorded_providers(resources)
    yield from comparison.settings.problems(
        provider_findings(use, cluster, exists=exists, in_state=in_state)
    )
    if cluster.provider_arn in managed_providers(resources):
        yield from provider_warnings(
            use,
            exists=exists,
            provider_arn=cluster.provider_arn,
            stack=comparison.stack,
        )
