"""From a stack's settings to its resources: the only loop, and no decision."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import pulumi
import pulumi_kubernetes as kubernetes

from eks_irsa.cluster import (
    EksCluster,
    describe_cluster,
    find_provider,
    kubernetes_provider,
)
from eks_irsa.cluster_config.reading import ClusterConfigFile, read_cluster_config
from eks_irsa.documents.arns import role_name_of
from eks_irsa.documents.trust_policy import subject
from eks_irsa.documents.webhook import ROLE_ARN_ANNOTATION
from eks_irsa.errors import ClusterError, InvalidInputError, Problem
from eks_irsa.plan.model import Cluster, Plan, ServiceAccountPlan
from eks_irsa.plan.planning import plan
from eks_irsa.plan.provider_ownership import (
    ProviderUse,
    ownership_tags,
    provider_use,
)
from eks_irsa.resources.irsa_service_account import (
    IrsaServiceAccount,
    IrsaServiceAccountArgs,
)
from eks_irsa.resources.oidc_provider import EksOidcProvider, EksOidcProviderArgs
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
    # Everything that can be wrong without asking AWS is said before AWS is asked.
    assumed = Cluster.assumed_for(file.config)
    plan(file, stack_settings=stack_settings, cluster=assumed, stack=stack)
    cluster, described = await describe_cluster(
        name=assumed.name, region=assumed.region
    )
    decided = plan(file, stack_settings=stack_settings, cluster=cluster, stack=stack)
    use = (
        provider_use(
            await find_provider(cluster.provider_arn),
            setting=settings.oidc_provider,
            cluster=cluster,
            stack=stack,
            audience=settings.audience,
        )
        if decided.with_provider
        else None
    )
    for warning in decided.warnings:
        pulumi.log.warn(str(warning))
    deployment = _Deployment(decided, settings, described, stack, config)
    provider = deployment.provider(use) if use else None
    components = deployment.service_accounts(provider)
    await deployment.registered()
    return {
        "accountId": cluster.account_id,
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


class _Deployment:
    """Registers one plan."""

    def __init__(
        self,
        decided: Plan,
        settings: Settings,
        described: EksCluster,
        stack: str,
        config: Mapping[str, str],
    ) -> None:
        self._plan = decided
        self._settings = settings
        self._described = described
        self._stack = stack
        self._config = config
        self._token_role = _token_role(config, settings)
        self._resources: list[pulumi.Resource] = []
        self._providers: dict[bool, kubernetes.Provider] = {}
        self._namespaces: dict[str, pulumi.Resource] = {}

    def provider(self, use: ProviderUse) -> EksOidcProvider:
        cluster = self._plan.cluster
        args: EksOidcProviderArgs = {
            "issuer_url": cluster.issuer_url,
            "cluster_arn": cluster.arn,
            "audience": self._plan.audience,
            "existing": use == "read",
            "tags": ownership_tags(cluster, stack=self._stack),
        }
        if use == "adopt":
            args["import_arn"] = cluster.provider_arn
        return EksOidcProvider(cluster.name, args)

    def service_accounts(
        self, provider: EksOidcProvider | None
    ) -> dict[str, dict[str, object]]:
        for namespace in self._plan.namespaces:
            self._namespaces[namespace] = kubernetes.core.v1.NamespacePatch(
                namespace,
                metadata={"name": namespace},
                opts=pulumi.ResourceOptions(
                    provider=self._kubernetes(force=False), retain_on_delete=True
                ),
            )
        outputs: dict[str, dict[str, object]] = {}
        for entry in self._plan.service_accounts:
            output: dict[str, object] = {
                "namespace": entry.namespace,
                "name": entry.name,
                "roleArn": entry.role_arn,
                "roleName": role_name_of(entry.role_arn),
                "subject": subject(
                    namespace=entry.namespace, service_account=entry.name
                ),
            }
            outputs[entry.key] = output
            if entry.role is None and entry.mode == "roleOnly":
                continue  # an existing role and no Kubernetes: nothing to make
            component = self._service_account(entry, provider)
            self._resources += [component, *component.resources]
            output["roleArn"] = component.role_arn
            output["roleName"] = component.role_name
            output["subject"] = component.subject
        return outputs

    async def registered(self) -> None:
        """Wait until everything is registered.

        The SDK waits for what a program leaves behind in time that grows with the
        square of its size; failures still surface from there.
        """
        resources = [*self._resources, *self._namespaces.values()]
        futures = [resource.urn.future() for resource in resources]
        await asyncio.gather(*futures, return_exceptions=True)

    def _service_account(
        self, entry: ServiceAccountPlan, provider: EksOidcProvider | None
    ) -> IrsaServiceAccount:
        args = _args(entry, audience=self._plan.audience)
        if provider is not None and entry.role is not None:
            args["oidc_provider_arn"] = provider.provider_arn
        options = pulumi.ResourceOptions()
        if entry.mode != "roleOnly":
            namespace = self._namespaces.get(entry.namespace)
            options = pulumi.ResourceOptions(
                providers=[self._kubernetes(force=entry.mode == "patch")],
                depends_on=[namespace] if namespace else None,
            )
        return IrsaServiceAccount(entry.key, args, options)

    def _kubernetes(self, *, force: bool) -> kubernetes.Provider:
        """Return the provider of the cluster, one that forces or one that does not."""
        if force not in self._providers:
            name = self._plan.cluster.name
            self._providers[force] = kubernetes_provider(
                f"{name}-override" if force else name,
                cluster=self._described,
                own_kubeconfig=self._settings.kubeconfig,
                profile=self._config.get("aws:profile"),
                role_arn=self._token_role,
                force=force,
            )
        return self._providers[force]


def _args(entry: ServiceAccountPlan, *, audience: str) -> IrsaServiceAccountArgs:
    """Word a planned entry as inputs of the component, less the provider's ARN."""
    args: IrsaServiceAccountArgs = {
        "service_account_name": entry.name,
        "namespace": entry.namespace,
        "audience": audience,
        "create_service_account": entry.mode != "roleOnly",
        "override_existing": entry.mode == "patch",
        "create_namespace": False,
        "labels": entry.labels,
        "annotations": {
            key: value
            for key, value in entry.annotations.items()
            if key != ROLE_ARN_ANNOTATION  # the component's to write
        },
    }
    role = entry.role
    if role is None:
        args["role_arn"] = entry.role_arn
        return args
    args["role_name"] = role.name
    args["role_path"] = role.path
    args["role_description"] = role.description
    args["attach_policy_arns"] = role.managed_policy_arns
    args["inline_policies"] = {
        policy.name: policy.document for policy in role.inline_policies
    }
    args["max_session_duration_seconds"] = role.max_session_duration_seconds
    args["tags"] = role.tags
    if role.permissions_boundary:
        args["permissions_boundary"] = role.permissions_boundary
    if role.subject_pattern:
        args["subject_pattern"] = role.subject_pattern
    return args


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
