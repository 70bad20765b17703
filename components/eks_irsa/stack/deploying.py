"""From a stack's settings to its resources; what is wrong stops it before the first."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import pulumi

from eks_irsa.cluster_config.reading import ClusterConfigFile, read_cluster_config
from eks_irsa.documents.kubeconfig import kubeconfig
from eks_irsa.errors import ClusterError, InvalidInputError, Problem
from eks_irsa.plan.model import Cluster, Plan, Trusted
from eks_irsa.plan.planning import plan
from eks_irsa.plan.provider_ownership import (
    FoundProvider,
    ProviderUse,
    provider_use,
)
from eks_irsa.plan.trusted_clusters import TrustedClusters
from eks_irsa.resources.program import recorded_resources
from eks_irsa.settings.namespaces import OURS
from eks_irsa.settings.reading import StackSettings, settings_of_config
from eks_irsa.source.findings import Finding
from eks_irsa.stack.compared import Comparison
from eks_irsa.stack.comparison import compare
from eks_irsa.stack.credentials import credential_problems, token_credentials
from eks_irsa.stack.ignored_tags import ignored_tag_problems
from eks_irsa.stack.look_ups import (
    Endpoint,
    describe_cluster,
    find_provider,
    issuers_of,
    provider_faults,
)
from eks_irsa.stack.registering import Deployment

__all__ = ["deploy_stack"]


async def deploy_stack(
    *,
    project_folder: Path,
    config: Mapping[str, str],
    stack: str,
    secrets: Collection[str] = (),
) -> dict[str, object]:
    """Register everything the stack's ClusterConfig asks for.

    Args:
        project_folder: The folder of Pulumi.yaml, where `clusterConfig` begins.
        config: Pulumi's configuration, `<namespace>:<key>` -> text.
        stack: `<organization>/<project>/<stack>`.
        secrets: Keys of *config* whose values are secret. Default: none.

    Returns:
        The stack's outputs: `accountId`, `oidcProviderArn` and `serviceAccounts`, the
        last by `<namespace>/<name>`.

    Raises:
        EksIrsaError: Settings, file, cluster or provider are not as they must be, or
            something that would be created exists. `up` has registered nothing then; a
            preview has registered everything, so that it shows the rest.
    """
    _, project, _ = stack.split("/")
    stack_settings, file = _read(project_folder, config, project=project)
    decided, endpoint = await _decide(file, stack_settings, stack=stack)
    found, use = await _look_for_provider(
        decided, setting=stack_settings.settings.oidc_provider, stack=stack
    )
    access = _kubeconfig(stack_settings, decided.cluster, endpoint, config)
    comparison = Comparison(
        decided=decided,
        file=file,
        settings=stack_settings,
        config=config,
        kubeconfig=access,
        stack=stack,
    )
    compared = await compare(
        comparison, recorded_resources(), use=use, exists=found is not None
    )
    _warn((*decided.warnings, *compared.warnings))
    if compared.errors and not pulumi.runtime.is_dry_run():
        raise InvalidInputError(compared.errors)
    secret = stack_settings.name_of("kubeconfig") in secrets
    deployment = Deployment(
        decided=decided,
        recorded=compared.recorded,
        kubeconfig=pulumi.Output.secret(access) if secret else access,
        stack=stack,
    )
    # A task of its own: the SDK sends the whole call stack with every resource.
    outputs = await asyncio.create_task(_register(deployment, use))
    if compared.errors:
        raise InvalidInputError(compared.errors)
    return outputs


def _warn(warnings: Iterable[Problem]) -> None:
    for warning in warnings:
        pulumi.log.warn(warning.text())


async def _register(
    deployment: Deployment, use: ProviderUse | None
) -> dict[str, object]:
    """Register everything.

    Raises:
        ClusterError: AWS has something else than was recorded; the outputs are kept.
    """
    provider = deployment.provider(use) if use else None
    outputs: dict[str, object] = {
        "accountId": deployment.decided.cluster.account_id,
        "oidcProviderArn": provider.provider_arn if provider else None,
        "serviceAccounts": deployment.service_accounts(provider),
    }
    await deployment.registered()
    if fault := deployment.unfinished_updates():
        for name, value in outputs.items():
            pulumi.export(name, value)
        raise ClusterError(fault)
    return outputs


def _read(
    project_folder: Path, config: Mapping[str, str], *, project: str
) -> tuple[StackSettings, ClusterConfigFile]:
    """Read settings and file; what is wrong with either is reported together.

    Returns:
        Both; the errors of a file that is right in part are named by `plan`.
    """
    found: list[Problem] = []
    stack_settings = None
    try:
        stack_settings = settings_of_config(config, project=project)
        name = stack_settings.settings.cluster_config
        found += ignored_tag_problems(config)
        found += _credential_problems(stack_settings, config)
    except InvalidInputError as error:
        found += error.problems
        names = (f"{one}:clusterConfig" for one in (project, OURS))
        name = next((config[one] for one in names if one in config), None)
    if name:
        try:
            path = project_folder / name
            file = read_cluster_config(path, source=name, partly=True)
            if stack_settings and not found:
                return stack_settings, file
            found += file.errors
        except InvalidInputError as error:
            found += error.problems
    elif not found:
        message = (
            "missing; write the path of the ClusterConfig, from Pulumi.yaml's folder"
        )
        missing = Finding(("clusterConfig",), "E-KEY-MISSING", message)
        found += stack_settings.problems([missing]) if stack_settings else []
    raise InvalidInputError(found)


async def _decide(
    file: ClusterConfigFile, stack_settings: StackSettings, *, stack: str
) -> tuple[Plan, Endpoint]:
    # Everything that can be wrong without asking AWS is said before AWS is asked.
    assumed = Cluster.assumed_for(file.config)
    named = plan(file, stack_settings=stack_settings, cluster=assumed, stack=stack)
    (cluster, endpoint), (issuers, faults) = await asyncio.gather(
        describe_cluster(name=assumed.name, region=assumed.region),
        issuers_of(named.trusted),
    )
    trusted = TrustedClusters(
        settings=stack_settings.settings, cluster=cluster, issuers=issuers
    )
    _refuse(stack_settings, trusted, faults)
    decided = plan(
        file,
        stack_settings=stack_settings,
        cluster=cluster,
        stack=stack,
        issuers=issuers,
    )
    _refuse(
        stack_settings,
        trusted,
        await provider_faults(
            {one: decided.trusted[one] for one in sorted(decided.providers_needed)},
            audience=decided.audience,
        ),
    )
    return decided, endpoint


def _refuse(
    stack_settings: StackSettings,
    trusted: TrustedClusters,
    faults: Mapping[Trusted, str],
) -> None:
    if faults:
        found = trusted.fault_findings(faults)
        raise InvalidInputError(stack_settings.problems(found))


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


def _credential_problems(
    stack_settings: StackSettings, config: Mapping[str, str]
) -> list[Problem]:
    settings = stack_settings.settings
    # No token is fetched otherwise.
    if settings.kubernetes == "off" or settings.kubeconfig:
        return []
    return [*credential_problems(config)]


def _kubeconfig(
    stack_settings: StackSettings,
    cluster: Cluster,
    endpoint: Endpoint,
    config: Mapping[str, str],
) -> str:
    credentials = token_credentials(config)
    return stack_settings.settings.kubeconfig or kubeconfig(
        cluster_arn=cluster.arn,
        endpoint=endpoint.url,
        certificate_authority=endpoint.certificate_authority,
        profile=credentials.profile,
        role_arn=credentials.role_arn,
    )
