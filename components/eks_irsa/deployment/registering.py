"""From a plan to its resources: the only loop, and no decision."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast

import pulumi
import pulumi_kubernetes as kubernetes

from eks_irsa.cluster import kubernetes_provider
from eks_irsa.deployment.role_updates import RoleUpdates
from eks_irsa.documents.trust_policy import DEFAULT_AUDIENCE
from eks_irsa.documents.webhook import ROLE_ARN_ANNOTATION
from eks_irsa.plan.model import Plan, ServiceAccountPlan
from eks_irsa.plan.provider_ownership import ProviderUse, ownership_tags
from eks_irsa.plan.transitions import Recorded, is_let_go, recorded_of
from eks_irsa.resources.irsa_service_account import IrsaServiceAccount
from eks_irsa.resources.irsa_service_account_args import IrsaServiceAccountArgs
from eks_irsa.resources.oidc_provider import EksOidcProvider, EksOidcProviderArgs

__all__ = ["Deployment"]

_DEFAULTS: Final[Mapping[str, object]] = {
    "annotations": {},
    "attach_policy_arns": (),
    "audience": DEFAULT_AUDIENCE,
    "create_service_account": True,
    "inline_policies": {},
    "labels": {},
    "max_session_duration_seconds": 3600,
    "override_existing": False,
    "role_path": "/",
    "tags": {},
}


@dataclass(kw_only=True)
class Deployment:
    """Registers one plan.

    Attributes:
        decided: The plan.
        recorded: What the stack made before, by `<namespace>/<name>`.
        kubeconfig: Kubeconfig of the cluster, content or path.
        stack: `<organization>/<project>/<stack>`.
    """

    decided: Plan
    recorded: Mapping[str, Recorded]
    kubeconfig: pulumi.Input[str]
    stack: str
    _updates: RoleUpdates | None = None
    _resources: list[pulumi.Resource] = field(default_factory=list[pulumi.Resource])
    _providers: dict[bool, kubernetes.Provider] = field(
        default_factory=dict[bool, kubernetes.Provider]
    )
    _namespaces: dict[str, pulumi.Resource] = field(
        default_factory=dict[str, pulumi.Resource]
    )

    def provider(self, use: ProviderUse) -> EksOidcProvider:
        """Register the cluster's OIDC provider, to manage it or to read it."""
        cluster = self.decided.cluster
        args: EksOidcProviderArgs = {
            "issuer_url": cluster.issuer_url,
            "cluster_arn": cluster.arn,
            "audience": self.decided.audience,
            "existing": use == "read",
            "tags": ownership_tags(cluster, stack=self.stack),
        }
        if use == "adopt":
            args["import_arn"] = cluster.provider_arn
        return EksOidcProvider(cluster.name, args)

    def service_accounts(
        self, provider: EksOidcProvider | None
    ) -> dict[str, dict[str, object]]:
        """Register every entry; give the outputs of each by `<namespace>/<name>`."""
        for namespace in self.decided.namespaces:
            self._namespaces[namespace] = kubernetes.core.v1.NamespacePatch(
                namespace,
                metadata={"name": namespace},
                opts=pulumi.ResourceOptions(
                    provider=self._kubernetes(force=False), retain_on_delete=True
                ),
            )
        outputs: dict[str, dict[str, object]] = {}
        for entry in self.decided.service_accounts:
            component = self._service_account(entry, provider)
            self._resources += [component, *component.resources]
            outputs[entry.key] = {
                "namespace": entry.namespace,
                "name": entry.name,
                "roleArn": component.role_arn,
                "roleName": component.role_name,
                "subject": component.subject,
            }
        return outputs

    async def registered(self) -> None:
        """Wait until everything is registered.

        The SDK waits for what a program leaves behind in time that grows with the
        square of its size; failures still surface from there.
        """
        resources = [*self._resources, *self._namespaces.values()]
        futures = [resource.urn.future() for resource in resources]
        await asyncio.gather(*futures, return_exceptions=True)

    def unfinished_updates(self) -> str:
        """Name the roles of which IAM has something else than they were updated to.

        Returns:
            A sentence with what to do; empty if there are none. Meant for after
            `registered`.
        """
        unfinished = self._updates.unfinished if self._updates else {}
        if not unfinished:
            return ""
        roles = "; ".join(
            f"{name}: {', '.join(properties)}"
            for name, properties in sorted(unfinished.items())
        )
        return (
            "IAM has other values of these roles than they were updated to, because an "
            f"earlier run failed while it changed them ({roles}); run pulumi up again, "
            "which changes them"
        )

    def _service_account(
        self, entry: ServiceAccountPlan, provider: EksOidcProvider | None
    ) -> IrsaServiceAccount:
        args = _args(entry, audience=self.decided.audience)
        if provider is not None and entry.role is not None:
            args["oidc_provider_arn"] = provider.provider_arn
        before = recorded_of(entry, self.recorded)
        lets_go = is_let_go(entry, before)
        if lets_go:
            args["release_service_account"] = True
        options = pulumi.ResourceOptions(
            aliases=[pulumi.Alias(name=key) for key in entry.former_keys]
        )
        if before and before.role_arn:
            self._updates = self._updates or RoleUpdates()
            options.transformations = [self._updates.watch]
        if lets_go or entry.mode != "notManaged":
            namespace = self._namespaces.get(entry.namespace)
            options.providers = [self._kubernetes(force=entry.mode == "patched")]
            options.depends_on = [namespace] if namespace else None
        return IrsaServiceAccount(entry.key, args, options)

    def _kubernetes(self, *, force: bool) -> kubernetes.Provider:
        """Return the provider of the cluster, one that forces or one that does not."""
        if force not in self._providers:
            name = self.decided.cluster.name
            self._providers[force] = kubernetes_provider(
                f"{name}-override" if force else name,
                kubeconfig=self.kubeconfig,
                cluster_arn=self.decided.cluster.arn,
                force=force,
            )
        return self._providers[force]


def _args(entry: ServiceAccountPlan, *, audience: str) -> IrsaServiceAccountArgs:
    """Word a planned entry as inputs of the component, less the provider's ARN.

    What is the component's own default is left out: the SDK makes an Output of every
    input, and a stack of many entries has the time of all of them.
    """
    whole = _all_args(entry, audience=audience)
    told = {
        key: value for key, value in whole.items() if value != _DEFAULTS.get(key, None)
    }
    return cast("IrsaServiceAccountArgs", told)


def _all_args(entry: ServiceAccountPlan, *, audience: str) -> IrsaServiceAccountArgs:
    args: IrsaServiceAccountArgs = {
        "service_account_name": entry.name,
        "namespace": entry.namespace,
        "audience": audience,
        "create_service_account": entry.mode != "notManaged",
        "override_existing": entry.mode == "patched",
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
