"""From a stack's settings to its resources; what is wrong stops it before the first."""

import json
from collections.abc import Mapping
from pathlib import Path

import pulumi

from eks_irsa.cluster import Endpoint, describe_cluster, find_provider, kubeconfig
from eks_irsa.cluster_config.reading import ClusterConfigFile, read_cluster_config
from eks_irsa.deployment.live_accounts import live_accounts
from eks_irsa.deployment.recorded import (
    managed_providers,
    recorded_entries,
    recorded_resources,
)
from eks_irsa.deployment.registering import Deployment
from eks_irsa.errors import ClusterError, InvalidInputError, Problem
from eks_irsa.plan.model import Cluster, Plan
from eks_irsa.plan.planning import plan
from eks_irsa.plan.provider_ownership import (
    FoundProvider,
    ProviderUse,
    provider_use,
    provider_warnings,
)
from eks_irsa.plan.transitions import taken_over, transition_warnings
from eks_irsa.settings.model import Settings
from eks_irsa.settings.reading import StackSettings, settings_of_config

__all__ = ["deploy_stack"]


async def deploy_stack(
    *, project_folder: Path, config: Mapping[str, str], stack: str
) -> dict[str, object]:
    """Register everything the stack's ClusterConfig asks for.

    Args:
        project_folder: The folder of Pulumi.yaml, where `clusterConfig` begins.
        config: Pulumi's configuration, `<namespace>:<key>` -> text.
        stack: `<organization>/<project>/<stack>`.

    Returns:
        The stack's outputs: `accountId`, `oidcProviderArn` and `serviceAccounts`, the
        last by `<namespace>/<name>`.

    Raises:
        EksIrsaError: Settings, file, cluster or provider are not as they must be;
            nothing is registered then.
    """
    stack_settings, file = _read(project_folder, config)
    settings = stack_settings.settings
    decided, endpoint = await _decide(file, stack_settings, stack=stack)
    found, use = await _look_for_provider(
        decided, setting=settings.oidc_provider, stack=stack
    )
    way = settings.kubeconfig or kubeconfig(
        cluster_arn=decided.cluster.arn,
        endpoint=endpoint.url,
        certificate_authority=endpoint.certificate_authority,
        profile=config.get("aws:profile"),
        role_arn=_token_role(config, settings),
    )
    resources = await recorded_resources(stack)
    recorded = recorded_entries(resources)
    live = await live_accounts(way, keys=taken_over(decided, recorded))
    changes = [*transition_warnings(decided, recorded, live, stack=stack)]
    provider_arn = decided.cluster.provider_arn
    if use and provider_arn in managed_providers(resources):
        changes += provider_warnings(
            use, exists=found is not None, provider_arn=provider_arn, stack=stack
        )
    for warning in (*decided.warnings, *changes):
        pulumi.log.warn(str(warning))
    deployment = Deployment(
        decided=decided, recorded=recorded, kubeconfig=way, stack=stack
    )
    provider = deployment.provider(use) if use else None
    components = deployment.service_accounts(provider)
    await deployment.registered()
    return {
        "accountId": decided.cluster.account_id,
        "oidcProviderArn": provider.provider_arn if provider else None,
        "serviceAccounts": components,
    }


def _read(
    project_folder: Path, config: Mapping[str, str]
) -> tuple[StackSettings, ClusterConfigFile]:
    """Read settings and file; what is wrong with either is said at once.

    Returns:
        Both; the errors of a file that is right in part are named by `plan`.
    """
    found: list[Problem] = []
    stack_settings = None
    try:
        stack_settings = settings_of_config(config)
        name = stack_settings.settings.cluster_config
    except InvalidInputError as error:
        found += error.problems
        name = config.get("eks-irsa:clusterConfig")
    if name:
        try:
            path = project_folder / name
            file = read_cluster_config(path, source=name, partly=True)
            if stack_settings:
                return stack_settings, file
            found += file.errors
        except InvalidInputError as error:
            found += error.problems
    elif not found:
        message = (
            "missing; write the path of the ClusterConfig, from Pulumi.yaml's folder"
        )
        problem = Problem(
            source="stack settings",
            line=0,
            column=0,
            path="eks-irsa:clusterConfig",
            code="E-KEY-MISSING",
            severity="error",
            message=message,
        )
        found.append(problem)
    raise InvalidInputError(found)


async def _decide(
    file: ClusterConfigFile, stack_settings: StackSettings, *, stack: str
) -> tuple[Plan, Endpoint]:
    # Everything that can be wrong without asking AWS is said before AWS is asked.
    assumed = Cluster.assumed_for(file.config)
    plan(file, stack_settings=stack_settings, cluster=assumed, stack=stack)
    cluster, endpoint = await describe_cluster(name=assumed.name, region=assumed.region)
    decided = plan(file, stack_settings=stack_settings, cluster=cluster, stack=stack)
    return decided, endpoint


async def _look_for_provider(
    decided: Plan, *, setting: str, stack: str
) -> tuple[FoundProvider | None, ProviderUse | None]:
    if not decided.with_provider:
        return None, None
    found = await find_provider(decided.cluster.provider_arn)
    use = provider_use(
        found,
        setting=setting,
        cluster=decided.cluster,
        stack=stack,
        audience=decided.audience,
    )
    return found, use


def _token_role(config: Mapping[str, str], settings: Settings) -> str | None:
    """Find the role of the stack's `aws:*` settings to get the cluster's token with.

    Raises:
        ClusterError: There are several, and the token would be another's.
    """
    roles: list[dict[str, str]] = json.loads(config.get("aws:assumeRoles", "[]"))
    if "aws:assumeRole" in config:
        roles.append(json.loads(config["aws:assumeRole"]))
    if len(roles) > 1 and settings.kubernetes == "on" and not settings.kubeconfig:
        msg = (
            "aws:assumeRoles names several roles, and 'aws eks get-token' assumes one; "
            "give the way to the cluster in the setting kubeconfig"
        )
        raise ClusterError(msg)
    return roles[0].get("roleArn") if roles else None
