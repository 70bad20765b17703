"""One Kubernetes service account with the AWS permissions of one IAM role."""

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from eks_irsa.cluster import (
    EksCluster,
    kubeconfig,
    kubernetes_provider,
    look_up_cluster,
)
from eks_irsa.documents import arns, names
from eks_irsa.documents.permission_policy import permission_policy
from eks_irsa.documents.trust_policy import DEFAULT_AUDIENCE, subject, trust_policy
from eks_irsa.documents.webhook import AUDIENCE_ANNOTATION, ROLE_ARN_ANNOTATION
from eks_irsa.resources.inputs import given, known_arn, lift, without_dependencies
from eks_irsa.resources.irsa_service_account_args import (
    IrsaServiceAccountArgs,
    trust_inputs,
)
from eks_irsa.resources.irsa_service_account_checks import check, mode_of
from eks_irsa.resources.oidc_provider import EksOidcProvider, EksOidcProviderArgs

__all__ = ["IrsaServiceAccount"]

_SERVICE_ACCOUNT_TYPE: Final = "kubernetes:core/v1:ServiceAccount"
_SERVICE_ACCOUNT_PATCH_TYPE: Final = "kubernetes:core/v1:ServiceAccountPatch"
# What is needed for one run only is no change of the component in the next.
_ONE_TIME: Final = frozenset({"release_service_account"})


class IrsaServiceAccount(pulumi.ComponentResource):
    """A Kubernetes service account whose pods have the permissions of an IAM role.

    Makes the role with a trust policy for exactly this service account, attaches the
    policies, and makes the namespace and the annotated service account. Workloads
    depend on this component: a pod that is made before its account is annotated gets
    no credentials.
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
    """ARN of the IAM OIDC provider the role trusts; none for an existing role."""

    subject: pulumi.Output[str]
    """Subject the role trusts, `system:serviceaccount:<namespace>:<name>`."""

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
            ValueError: The inputs contradict each other, or a plain one is refused by
                IAM or Kubernetes; nothing is registered then.
            PolicyDocumentError: IAM would refuse a plain inline policy.
        """
        args = given(name, IrsaServiceAccountArgs, args)
        check(name, args)
        self._mode = mode_of(args)
        inputs = {key: value for key, value in args.items() if key not in _ONE_TIME}
        # In another order they are the same attachments.
        if "attach_policy_arns" in args:
            inputs["attach_policy_arns"] = sorted(args["attach_policy_arns"])
        super().__init__("eks-irsa:index:IrsaServiceAccount", name, inputs, opts)
        self._name = name
        self._args = args
        self._resources: list[pulumi.Resource] = []
        self._cluster = self._looked_up_cluster()
        # Before the role, because without one nothing is made.
        self._provider = (
            self._kubernetes_provider() if self._mode != "notManaged" else None
        )
        provider_arn = self._provider_arn()
        namespace = args.get("namespace", "default")
        who = args.get("subject_pattern") or args["service_account_name"]
        about = lift(subject, namespace=namespace, service_account=who)
        made: list[pulumi.Resource] = []
        if provider_arn is None:
            role_arn = pulumi.Output.from_input(args.get("role_arn", ""))
            self.role_name = role_arn.apply(arns.role_name_of)
        else:
            trust = lift(trust_policy, **trust_inputs(args, provider_arn))
            role = self._role(trust, about)
            role_arn = self._role_arn(role, provider_arn)
            made = [role, *self._policies(role)]
            self._resources += made
            self.role_name = role.name
        if self._mode == "retained":
            self._let_go(namespace)
        elif self._mode != "notManaged":
            self._service_account(namespace, role_arn, made)
        self.service_account_mode = pulumi.Output.from_input(self._mode)
        self.role_arn = role_arn
        self.service_account_name = pulumi.Output.from_input(
            args["service_account_name"]
        )
        self.namespace = pulumi.Output.from_input(namespace)
        self.oidc_provider_arn = pulumi.Output.from_input(provider_arn)
        self.subject = pulumi.Output.from_input(about)
        self.register_outputs(
            {
                "role_arn": self.role_arn,
                "role_name": self.role_name,
                "service_account_name": self.service_account_name,
                "namespace": self.namespace,
                "oidc_provider_arn": self.oidc_provider_arn,
                "subject": self.subject,
                "service_account_mode": self.service_account_mode,
            }
        )

    @property
    def resources(self) -> Sequence[pulumi.Resource]:
        """Every resource of its own that it registered, for a program to wait for."""
        return tuple(self._resources)

    def _looked_up_cluster(self) -> EksCluster | None:
        if "cluster_name" not in self._args:
            return None
        return look_up_cluster(
            self._args["cluster_name"],
            region=self._args.get("cluster_region"),
            parent=self,
        )

    def _provider_arn(self) -> pulumi.Input[str] | None:
        if "role_arn" in self._args:
            return None
        if "oidc_provider_arn" in self._args:
            return self._args["oidc_provider_arn"]
        args: EksOidcProviderArgs = {
            "audience": self._args.get("audience", DEFAULT_AUDIENCE),
            "tags": self._args.get("tags", {}),
        }
        if self._cluster is not None:
            args["issuer_url"] = self._cluster.issuer_url
            args["cluster_arn"] = self._cluster.arn
        elif "issuer_url" in self._args:
            args["issuer_url"] = self._args["issuer_url"]
        options = pulumi.ResourceOptions(parent=self)
        return EksOidcProvider(f"{self._name}-oidc", args, options).provider_arn

    def _role(self, trust: pulumi.Input[str], about: pulumi.Input[str]) -> aws.iam.Role:
        args = self._args
        return aws.iam.Role(
            f"{self._name}-role",
            name=args.get("role_name"),
            path=args.get("role_path"),
            description=args.get("role_description", lift(_description, subject=about)),
            assume_role_policy=trust,
            permissions_boundary=args.get("permissions_boundary"),
            max_session_duration=lift(
                _whole, seconds=args.get("max_session_duration_seconds", 3600)
            ),
            tags=args.get("tags"),
            # What somebody attached by hand does not keep the role from going.
            force_detach_policies=True,
            # A replacement of the same name cannot stand beside what it replaces.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )

    def _role_arn(
        self, role: aws.iam.Role, provider_arn: pulumi.Input[str]
    ) -> pulumi.Output[str]:
        derived = None
        if "role_name" in self._args:
            derived = lift(
                arns.role_arn_beside,
                provider_arn=provider_arn,
                path=self._args.get("role_path", "/"),
                name=self._args["role_name"],
            )
        return known_arn(role, actual=role.arn, derived=derived)

    def _policies(self, role: aws.iam.Role) -> list[pulumi.Resource]:
        args = self._args
        managed: dict[str, pulumi.Input[str]] = {
            ":".join(arn.split(":")[3:]): arn
            for arn in args.get("attach_policy_arns", [])
        }
        managed |= args.get("attach_policies", {})
        options = pulumi.ResourceOptions(parent=self)
        attached: list[pulumi.Resource] = [
            aws.iam.RolePolicyAttachment(
                f"{self._name}:{key}", role=role.name, policy_arn=arn, opts=options
            )
            for key, arn in managed.items()
        ]
        attached += [
            aws.iam.RolePolicy(
                f"{self._name}:{key}",
                name=key,
                role=role.name,
                policy=lift(permission_policy, document=document),
                opts=options,
            )
            for key, document in args.get("inline_policies", {}).items()
        ]
        return attached

    def _service_account(
        self,
        namespace: pulumi.Input[str],
        role_arn: pulumi.Output[str],
        made: Sequence[pulumi.Resource],
    ) -> None:
        args = self._args
        provider = self._provider
        options = pulumi.ResourceOptions(parent=self, provider=provider)
        overridden = self._mode == "patched"
        kind = (
            kubernetes.core.v1.ServiceAccountPatch
            if overridden
            else kubernetes.core.v1.ServiceAccount
        )
        other = _SERVICE_ACCOUNT_TYPE if overridden else _SERVICE_ACCOUNT_PATCH_TYPE
        account = kind(
            f"{self._name}-service-account",
            metadata={
                "name": args["service_account_name"],
                "namespace": namespace,
                "labels": args.get("labels", {}),
                "annotations": self._annotations(
                    # A role that is replaced is no reason to make the account anew.
                    without_dependencies(role_arn) if made else role_arn
                ),
            },
            opts=options.merge(
                pulumi.ResourceOptions(
                    # Pods may start with the account, so its permissions come first.
                    depends_on=[*made, *self._namespaces(namespace, options)],
                    # From one to the other the live account is kept, not made anew.
                    aliases=[pulumi.Alias(type_=other)],
                )
            ),
        )
        self._resources.append(account)

    def _namespaces(
        self, namespace: pulumi.Input[str], options: pulumi.ResourceOptions
    ) -> list[pulumi.Resource]:
        if not self._args.get("create_namespace", _is_own_namespace(namespace)):
            return []
        return [
            kubernetes.core.v1.NamespacePatch(
                f"{self._name}-namespace",
                metadata={"name": namespace},
                opts=options.merge(pulumi.ResourceOptions(retain_on_delete=True)),
            )
        ]

    def _annotations(self, role_arn: pulumi.Input[str]) -> dict[str, pulumi.Input[str]]:
        audience = self._args.get("audience", DEFAULT_AUDIENCE)
        annotations: dict[str, pulumi.Input[str]] = {
            **self._args.get("annotations", {})
        }
        annotations[ROLE_ARN_ANNOTATION] = role_arn
        if audience != DEFAULT_AUDIENCE:
            annotations.setdefault(AUDIENCE_ANNOTATION, audience)
        return annotations

    def _let_go(self, namespace: pulumi.Input[str]) -> None:
        """Read what was made before: the engine forgets it and deletes nothing."""
        account = kubernetes.core.v1.ServiceAccount.get(
            f"{self._name}-service-account",
            id=lift(
                _object_id, namespace=namespace, name=self._args["service_account_name"]
            ),
            opts=pulumi.ResourceOptions(parent=self, provider=self._provider),
        )
        self._resources.append(account)

    def _kubernetes_provider(self) -> pulumi.ProviderResource:
        given = self.get_provider(_SERVICE_ACCOUNT_TYPE)
        if given is not None:
            return given
        if self._cluster is not None:
            return kubernetes_provider(
                f"{self._name}-kubernetes",
                kubeconfig=lift(
                    kubeconfig,
                    cluster_arn=self._cluster.arn,
                    endpoint=self._cluster.endpoint,
                    certificate_authority=self._cluster.certificate_authority,
                ),
                cluster_arn=self._cluster.arn,
                force=self._mode == "patched",
                opts=pulumi.ResourceOptions(parent=self),
            )
        msg = (
            f"{self._name}: no Kubernetes provider for the service account; pass one "
            "in ResourceOptions(providers=[...]), give cluster_name, or set "
            "create_service_account to False (the current kubeconfig context is never "
            "used)"
        )
        raise ValueError(msg)


def _object_id(*, namespace: str, name: str) -> str:
    return f"{namespace}/{name}"


def _is_own_namespace(namespace: pulumi.Input[str]) -> bool:
    return isinstance(namespace, str) and namespace not in names.BUILT_IN_NAMESPACES


def _whole(*, seconds: float) -> int:
    # The component host hands numbers over as floats.
    return int(seconds)


def _description(*, subject: str) -> str:
    return f"IRSA: {subject}"
