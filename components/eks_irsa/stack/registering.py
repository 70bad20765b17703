"""From a plan to its resources: the only loop, and no decision."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from eks_irsa.api_server import kubernetes_provider
from eks_irsa.identity.model import Identity
from eks_irsa.plan.model import Plan
from eks_irsa.plan.provider_ownership import ProviderUse, ownership_tags
from eks_irsa.plan.transitions import Recorded, is_let_go, recorded_of
from eks_irsa.resources.irsa_service_account import IrsaServiceAccount
from eks_irsa.resources.oidc_provider import EksOidcProvider, PlannedOidcProvider
from eks_irsa.resources.oidc_provider_args import EksOidcProviderArgs, OidcProviderMode
from eks_irsa.resources.planned_service_account import PlannedServiceAccount
from eks_irsa.resources.program import recorded_resources
from eks_irsa.stack.recorded import has_kubernetes_provider
from eks_irsa.stack.role_updates import RoleUpdates

__all__ = ["Deployment"]


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
            "client_ids": [self.decided.audience],
            "mode": OidcProviderMode.EXISTING
            if use == "read"
            else OidcProviderMode.MANAGED,
            "tags": ownership_tags(cluster, stack=self.stack),
        }
        if use == "adopt":
            args["import_arn"] = cluster.provider_arn
        return PlannedOidcProvider(cluster.name, args)

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
        self._keep_forcing()
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
                "identity": entry.identity,
            }
            if entry.association:
                outputs[entry.key]["associationId"] = component.association_id
                if entry.association.target_role_arn:
                    policy = component.target_trust_policy
                    outputs[entry.key]["targetTrustPolicy"] = policy
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
        self, entry: Identity, provider: EksOidcProvider | None
    ) -> IrsaServiceAccount:
        args: dict[str, Any] = {**entry.asked, "create_namespace": False}
        waits_for = None
        if entry.identity != "irsa":
            cluster = self.decided.cluster
            args |= {
                "cluster_name": cluster.name,
                "cluster_region": cluster.region,
                "cluster_arn": cluster.arn,
            }
        by_tokens = entry.identity != "podIdentity"
        if provider is not None and entry.role is not None and by_tokens:
            args["oidc_provider_arn"] = self.decided.cluster.provider_arn
            waits_for = provider.provider_arn
        before = recorded_of(entry, self.recorded)
        if is_let_go(entry, before):
            args["service_account_mode"] = "retained"
        options = pulumi.ResourceOptions(
            aliases=[pulumi.Alias(name=key) for key in entry.former_keys]
        )
        if before and before.role_arn:
            self._updates = self._updates or RoleUpdates()
            options.transformations = [self._updates.watch]
        if args["service_account_mode"] != "notManaged":
            namespace = self._namespaces.get(entry.namespace)
            # What another tool put on a service account that is imported is its own,
            # and what eksctl put there is eksctl's for ever.
            force = (
                entry.mode == "patched"
                or "service_account" in entry.adopted
                or (before is not None and before.of_eksctl)
            )
            options.providers = [self._kubernetes(force=force)]
            options.depends_on = [namespace] if namespace else None
        return PlannedServiceAccount(
            entry.key, args, provider_arn=waits_for, opts=options
        )

    def _keep_forcing(self) -> None:
        """Keep the provider that forces in the state, once it is there.

        An import needs it for one run, after which its removal would be a change.
        """
        modes = {entry.mode for entry in self.decided.service_accounts}
        name = f"{self.decided.cluster.name}-override"
        if modes - {"notManaged"} and has_kubernetes_provider(
            recorded_resources(), name
        ):
            self._kubernetes(force=True)

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
