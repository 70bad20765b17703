"""One Kubernetes service account with the AWS permissions of one IAM role."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final, cast

import pulumi
import pulumi_aws as aws

from eks_irsa.api_server import kubernetes_provider
from eks_irsa.cluster import EksCluster, look_up_cluster
from eks_irsa.documents.arns import role_name_of
from eks_irsa.documents.kubeconfig import kubeconfig
from eks_irsa.identity import parts
from eks_irsa.outputs import is_plain, lift
from eks_irsa.resources.adopted import require_importable
from eks_irsa.resources.association import register_association
from eks_irsa.resources.checks import checked, fitting_trust
from eks_irsa.resources.inputs import Component, InputError, as_asked, checked_later
from eks_irsa.resources.irsa_service_account_args import IrsaServiceAccountArgs
from eks_irsa.resources.kubernetes_objects import (
    SERVICE_ACCOUNT_TYPE,
    register_service_account,
    retain_service_account,
)
from eks_irsa.resources.oidc_provider import shared_provider
from eks_irsa.resources.program import program, recorded_attachments
from eks_irsa.resources.readiness import ready
from eks_irsa.resources.role import RegisteredRole, decided, register_role

__all__ = ["IrsaServiceAccount"]

# How something came in is no property of it: the words may go again without a change.
_ONCE: Final = frozenset({"adopt", "association_id"})


class IrsaServiceAccount(Component):
    """A Kubernetes service account whose pods have the permissions of an IAM role.

    Makes the role with a trust policy for exactly this service account, attaches the
    policies, and makes the namespace and the annotated service account. Workloads
    depend on this component: a pod that is made before its service account is annotated
    gets no credentials.
    """

    role_arn: pulumi.Output[str]
    """ARN of the role its pods have; known in a preview when `role_name` is given."""

    role_name: pulumi.Output[str]
    """Name of that role."""

    service_account_name: pulumi.Output[str]
    """Name of the service account."""

    namespace: pulumi.Output[str]
    """Namespace of the service account."""

    oidc_provider_arn: pulumi.Output[str | None]
    """ARN of the IAM OIDC provider the role trusts; none for an existing role, and
    with EKS Pod Identity alone."""

    subject: pulumi.Output[str]
    """Subject the role trusts, `system:serviceaccount:<namespace>:<name>`."""

    identity: pulumi.Output[str]
    """By which way pods get the role: `irsa`, `podIdentity` or `both`."""

    association_id: pulumi.Output[str | None]
    """Id of the EKS Pod Identity association; none without one."""

    target_trust_policy: pulumi.Output[str | None]
    """Trust policy that the role of `target_role_arn` needs, as JSON; none without."""

    ready: pulumi.Output[str | None]
    """ARN of the role, once a token of the service account really gets credentials of
    it; none without `wait`. What must not start before depends on it."""

    service_account_mode: pulumi.Output[str]
    """What the component does with the service account: `created`, `patched` (it
    exists and is annotated in place), `retained` (created before and left in the
    cluster) or `notManaged`."""

    def __init__(
        self,
        name: str,
        args: IrsaServiceAccountArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make role and service account.

        Raises:
            InputError: An input, or several beside one another, would be refused by
                IAM, Kubernetes or a ClusterConfig's reader, or would have no effect;
                holds every fault, one to a line. Nothing is registered then. What only
                becomes known later is checked when it is, and fails the run.
        """
        inputs, warnings = self._checked(name, args)
        self._mode: str = inputs.get("service_account_mode", "created")
        super().__init__(
            "eks-irsa:index:IrsaServiceAccount", name, self._registered(inputs), opts
        )
        for warning in warnings:
            pulumi.log.warn(warning, self)
        self._name = name
        self._inputs = checked_later(name, inputs)
        self._resources: list[pulumi.Resource] = []
        self._cluster = cluster = self._looked_up_cluster()
        self._by_association = decided(parts.makes_association, inputs)
        if cluster and self._by_association:
            self._inputs["cluster_arn"] = cluster.arn
        # Before the role, because without one nothing is made.
        provider = self._kubernetes_provider() if self._mode != "notManaged" else None
        self._claim(provider)
        role = self._role()
        made: Sequence[pulumi.Resource] = role.resources if role else ()
        self._association = self._registered_association(made)
        if self._mode == "retained":
            self._resources.append(
                retain_service_account(self, name, self._inputs, provider=provider)
            )
        elif provider:
            self._resources += register_service_account(
                self,
                name,
                self._inputs,
                provider=provider,
                role_arn=self.role_arn,
                made=[*made, *filter(None, [self._association])],
            )
        self._give_out()

    @property
    def resources(self) -> Sequence[pulumi.Resource]:
        """Every resource that it registered, for a program to wait for."""
        return tuple(self._resources)

    def _checked(
        self, name: str, args: IrsaServiceAccountArgs
    ) -> tuple[dict[str, Any], list[str]]:
        inputs, warnings = checked(name, args)
        require_importable(name, inputs)
        return inputs, warnings

    def _claim(self, provider: pulumi.ProviderResource | None) -> None:
        """Refuse a service account or a role that another component has already."""
        inputs = self._inputs
        named = (inputs.get("namespace", "default"), inputs["service_account_name"])
        if provider is not None and is_plain(named):
            given = provider not in self._resources
            cluster: object = provider if given else inputs["cluster_name"]
            who = "/".join(cast("tuple[str, str]", named))
            self._claim_one(f"the service account {who}", cluster, "take one out")
        if self._by_association and is_plain((*named, inputs["cluster_name"])):
            what = f"the association of {'/'.join(cast('tuple[str, str]', named))}"
            self._claim_one(what, inputs["cluster_name"], "take one out")
        role_name = inputs.get("role_name")
        if isinstance(role_name, str):
            account = self.get_provider("aws:iam/role:Role")
            # IAM does not look at the case of names.
            what = f"the role {role_name.lower()}"
            self._claim_one(what, account, "give one of them another role_name")

    def _claim_one(self, what: str, place: object, remedy: str) -> None:
        other = program().claimed.setdefault((place, what), self._name)
        if other != self._name:
            msg = f"{self._name}: {what} is that of the component {other!r}; {remedy}"
            raise InputError(msg)

    def _looked_up_cluster(self) -> EksCluster | None:
        if "cluster_name" not in self._inputs:
            return None
        return look_up_cluster(
            self._inputs["cluster_name"],
            region=self._inputs.get("cluster_region"),
            parent=self,
        )

    def _registered(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Give the state what describes the component; an order means nothing."""
        registered = {key: one for key, one in inputs.items() if key not in _ONCE}
        # In another order they are the same attachments.
        if "attach_policy_arns" in inputs:
            registered["attach_policy_arns"] = sorted(inputs["attach_policy_arns"])
        # What is needed for one run only is no change of the component in the next.
        if inputs.get("service_account_mode") == "retained":
            registered["service_account_mode"] = "notManaged"
        return registered

    def _role(self) -> RegisteredRole | None:
        inputs = self._inputs
        if "role_arn" in inputs:
            self.role_arn = pulumi.Output.from_input(cast("str", inputs["role_arn"]))
            self.role_name = self.role_arn.apply(role_name_of)
            return None
        if "oidc_provider_arn" not in inputs and decided(parts.by_tokens, inputs):
            provider = shared_provider(self, self._name, inputs, self._cluster)
            self._resources.append(provider)
            self._inputs = inputs = {
                **inputs,
                "oidc_provider_arn": provider.provider_arn,
            }
        role = register_role(
            self,
            self._name,
            inputs,
            trust=self._trust(),
            recorded=recorded_attachments(self._name),
        )
        self._resources += role.resources
        self.role_arn, self.role_name = role.arn, role.name
        return role

    def _registered_association(
        self, made: Sequence[pulumi.Resource]
    ) -> aws.eks.PodIdentityAssociation | None:
        if not self._by_association:
            return None
        association = register_association(
            self, self._name, self._inputs, role_arn=self.role_arn, made=made
        )
        self._resources.append(association)
        return association

    def _trust(self) -> pulumi.Input[str]:
        fields = parts.fields_among(parts.trust, self._inputs)
        asked = as_asked(self._inputs)
        return lift(partial(fitting_trust, component=self._name, asked=asked), **fields)

    def _give_out(self) -> None:
        inputs = self._inputs
        outputs: dict[str, Any] = {
            "role_arn": self.role_arn,
            "role_name": self.role_name,
            "service_account_name": inputs["service_account_name"],
            "namespace": inputs.get("namespace", "default"),
            "oidc_provider_arn": inputs.get("oidc_provider_arn"),
            "subject": decided(parts.trusted_subject, inputs),
            "service_account_mode": self._mode,
            "identity": inputs.get("identity", "irsa"),
            "association_id": self._association and self._association.association_id,
            "target_trust_policy": self._target_trust(),
            "ready": self._ready() if inputs.get("wait") else None,
        }
        for key, value in outputs.items():
            setattr(self, key, pulumi.Output.from_input(value))
        self.register_outputs(outputs)

    def _target_trust(self) -> pulumi.Input[str | None]:
        if "target_role_arn" not in self._inputs:
            return None
        known = {**self._inputs, "role_arn": self.role_arn}
        policy: pulumi.Input[str | None] = decided(parts.target_trust, known)
        return policy

    def _ready(self) -> pulumi.Input[str | None]:
        cluster = self._cluster
        if cluster is None:
            return None
        return ready(
            self._name,
            {**self._inputs, "cluster_arn": cluster.arn, "role_arn": self.role_arn},
            kubeconfig=self._kubeconfig(cluster),
            made=self._resources,
        )

    def _kubeconfig(self, cluster: EksCluster) -> pulumi.Input[str]:
        given: object = self._inputs.get("provider_credential_opts", {})
        credentials = cast("Mapping[str, Any]", given)
        return lift(
            kubeconfig,
            cluster_arn=cluster.arn,
            endpoint=cluster.endpoint,
            certificate_authority=cluster.certificate_authority,
            profile=credentials.get("profile_name"),
            role_arn=credentials.get("role_arn"),
        )

    def _kubernetes_provider(self) -> pulumi.ProviderResource:
        given = self.get_provider(SERVICE_ACCOUNT_TYPE)
        if given is not None:
            return given
        cluster = self._cluster
        if cluster is None:
            msg = (
                f"{self._name}: no Kubernetes provider for the service account; pass "
                "one in ResourceOptions(providers=[...]), give cluster_name, or set "
                "service_account_mode to notManaged (the current kubeconfig context is "
                "never used)"
            )
            raise InputError(msg)
        provider = kubernetes_provider(
            f"{self._name}-kubernetes",
            kubeconfig=self._kubeconfig(cluster),
            cluster_arn=cluster.arn,
            force=self._mode == "patched",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._resources.append(provider)
        return provider
