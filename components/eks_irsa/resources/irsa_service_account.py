"""One Kubernetes service account with the AWS permissions of one IAM role."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NotRequired, TypedDict, cast

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from eks_irsa.cluster import EksCluster, kubernetes_provider, look_up_cluster
from eks_irsa.documents import arns, names
from eks_irsa.documents.limits import Limits
from eks_irsa.documents.permission_policy import permission_policy
from eks_irsa.documents.trust_policy import DEFAULT_AUDIENCE, subject, trust_policy
from eks_irsa.documents.webhook import AUDIENCE_ANNOTATION, ROLE_ARN_ANNOTATION
from eks_irsa.resources.inputs import given, is_plain, known_arn, lift
from eks_irsa.resources.oidc_provider import EksOidcProvider, EksOidcProviderArgs

__all__ = ["IrsaServiceAccount", "IrsaServiceAccountArgs"]

_SERVICE_ACCOUNT_TYPE: Final = "kubernetes:core/v1:ServiceAccount"
_CLUSTER_INPUTS: Final = ("cluster_name", "issuer_url", "oidc_provider_arn", "role_arn")


class IrsaServiceAccountArgs(TypedDict):
    """Inputs of `IrsaServiceAccount`."""

    service_account_name: pulumi.Input[str]
    """Name of the service account, an RFC 1123 subdomain (1 to 253 characters)."""

    namespace: NotRequired[pulumi.Input[str]]
    """Its namespace, an RFC 1123 label (1 to 63 characters). Default: `default`."""

    cluster_name: NotRequired[pulumi.Input[str]]
    """Name of the EKS cluster: its OIDC provider is made, and without a Kubernetes
    provider in the options one is built for it. Give exactly one of `cluster_name`,
    `issuer_url`, `oidc_provider_arn` and `role_arn`."""

    cluster_region: NotRequired[pulumi.Input[str]]
    """AWS region of the EKS cluster of `cluster_name`. Default: the AWS provider's."""

    issuer_url: NotRequired[pulumi.Input[str]]
    """`https://<host>[/<path>]` of the cluster's issuer: its OIDC provider is made.
    Account and partition are those of the AWS provider."""

    oidc_provider_arn: NotRequired[pulumi.Input[str]]
    """ARN of an IAM OIDC provider that exists,
    `arn:<partition>:iam::<account id>:oidc-provider/<issuer>`; many share one."""

    role_arn: NotRequired[pulumi.Input[str]]
    """ARN of a role that exists, to annotate the service account with; no role is
    made, and its trust policy is its owner's business."""

    trusted_providers: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """ARNs of the OIDC providers of further clusters, in the role's account, whose
    service account of the same namespace and name may assume the role too; there it is
    annotated by a component with `role_arn`. In any order. Default: none."""

    trust_policy_characters: NotRequired[pulumi.Input[float]]
    """Longest trust policy the account takes, in characters; AWS raises it to 8192 on
    request. Default: 2048, room for about four clusters."""

    audience: NotRequired[pulumi.Input[str]]
    """Audience that tokens must be made for; must be among the provider's client ids.
    Default: `sts.amazonaws.com`, in every partition."""

    subject_pattern: NotRequired[pulumi.Input[str]]
    """Pattern of the names that may assume the role, `*` for any text and `?` for one
    character; the namespace is always the entry's own. Default: exactly the name."""

    attach_policy_arns: NotRequired[Sequence[str]]
    """ARNs of managed policies to attach, plain text, each known by its ARN. Policies
    that are known later go into `attach_policies`. Default: none."""

    attach_policies: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Managed policies to attach, a key of your choice -> ARN; the key is the
    attachment's identity, so it stays when the ARN changes. Default: none."""

    inline_policies: NotRequired[Mapping[str, Any]]
    """Policies that live in the role, name -> policy document, as a mapping or as
    JSON; the name has 1 to 128 characters of `[A-Za-z0-9+=,.@_-]`. Default: none."""

    permissions_boundary: NotRequired[pulumi.Input[str]]
    """ARN of the policy that bounds what the role may do. Default: none."""

    role_name: NotRequired[pulumi.Input[str]]
    """Name of the role, 1 to 64 characters; a new one replaces the role. Default:
    Pulumi's autonaming."""

    role_path: NotRequired[pulumi.Input[str]]
    """Path of the role, begins and ends with `/`; a new one replaces the role.
    Default: `/`."""

    role_description: NotRequired[pulumi.Input[str]]
    """Description of the role, at most 1,000 characters. Default: which service
    account it is for."""

    max_session_duration_seconds: NotRequired[pulumi.Input[float]]
    """Longest session of the role in seconds, 3600 to 43200. Default: 3600."""

    tags: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Tags of the role. Default: none."""

    create_service_account: NotRequired[bool]
    """False: the service account is somebody else's and not touched, as eksctl's
    roleOnly. Default: true."""

    override_existing: NotRequired[bool]
    """True: the service account exists, and exactly our keys are put on it; they go
    when the component goes, the account stays. Default: false, it is made and owned,
    and one that exists stops the run."""

    create_namespace: NotRequired[bool]
    """Have the namespace made when it is missing; it is never deleted. Default: true
    for a namespace in plain text that is not one of Kubernetes' own."""

    labels: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Labels of the service account. Default: none."""

    annotations: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Annotations of the service account besides the role's ARN. Default: none."""


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
        _check(name, args)
        super().__init__("eks-irsa:index:IrsaServiceAccount", name, {**args}, opts)
        self._name = name
        self._args = args
        self._resources: list[pulumi.Resource] = []
        self._cluster = self._looked_up_cluster()
        provider_arn = self._provider_arn()
        namespace = args.get("namespace", "default")
        who = args.get("subject_pattern") or args["service_account_name"]
        about = lift(subject, namespace=namespace, service_account=who)
        attached: list[pulumi.Resource] = []
        if provider_arn is None:
            role_arn = pulumi.Output.from_input(args.get("role_arn", ""))
            self.role_name = role_arn.apply(arns.role_name_of)
        else:
            trust = lift(trust_policy, **_trust_inputs(args, provider_arn))
            role = self._role(trust, about)
            role_arn = self._role_arn(role, provider_arn)
            attached = self._policies(role)
            self._resources += [role, *attached]
            self.role_name = role.name
        if args.get("create_service_account", True):
            self._service_account(namespace, role_arn, attached)
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
        attached: Sequence[pulumi.Resource],
    ) -> None:
        args = self._args
        provider = self._kubernetes_provider()
        options = pulumi.ResourceOptions(parent=self, provider=provider)
        needed = [*attached]
        if args.get("create_namespace", _is_own_namespace(namespace)):
            needed.append(
                kubernetes.core.v1.NamespacePatch(
                    f"{self._name}-namespace",
                    metadata={"name": namespace},
                    opts=options.merge(pulumi.ResourceOptions(retain_on_delete=True)),
                )
            )
        audience = args.get("audience", DEFAULT_AUDIENCE)
        annotations: dict[str, pulumi.Input[str]] = {**args.get("annotations", {})}
        annotations[ROLE_ARN_ANNOTATION] = role_arn
        if audience != DEFAULT_AUDIENCE:
            annotations.setdefault(AUDIENCE_ANNOTATION, audience)
        kind = (
            kubernetes.core.v1.ServiceAccountPatch
            if args.get("override_existing", False)
            else kubernetes.core.v1.ServiceAccount
        )
        account = kind(
            f"{self._name}-service-account",
            metadata={
                "name": args["service_account_name"],
                "namespace": namespace,
                "labels": args.get("labels", {}),
                "annotations": annotations,
            },
            # Pods may start with the account, so its permissions come first.
            opts=options.merge(pulumi.ResourceOptions(depends_on=needed)),
        )
        self._resources.append(account)

    def _kubernetes_provider(self) -> pulumi.ProviderResource:
        given = self.get_provider(_SERVICE_ACCOUNT_TYPE)
        if given is not None:
            return given
        if self._cluster is not None:
            return kubernetes_provider(
                f"{self._name}-kubernetes",
                cluster=self._cluster,
                force=self._args.get("override_existing", False),
                opts=pulumi.ResourceOptions(parent=self),
            )
        msg = (
            f"{self._name}: no Kubernetes provider for the service account; pass one "
            "in ResourceOptions(providers=[...]), give cluster_name, or set "
            "create_service_account to False (the current kubeconfig context is never "
            "used)"
        )
        raise ValueError(msg)


def _is_own_namespace(namespace: pulumi.Input[str]) -> bool:
    return isinstance(namespace, str) and namespace not in names.BUILT_IN_NAMESPACES


def _trust_inputs(
    args: IrsaServiceAccountArgs, provider_arn: pulumi.Input[str]
) -> dict[str, object]:
    """Word the inputs that say who may assume the role as a trust policy's."""
    limit = Limits().trust_policy_characters
    return {
        "provider_arn": provider_arn,
        "namespace": args.get("namespace", "default"),
        "service_account": args.get("subject_pattern") or args["service_account_name"],
        "audience": args.get("audience", DEFAULT_AUDIENCE),
        "trusted_providers": args.get("trusted_providers", []),
        "trust_policy_characters": args.get("trust_policy_characters", limit),
    }


def _whole(*, seconds: float) -> int:
    # The component host hands numbers over as floats.
    return int(seconds)


def _description(*, subject: str) -> str:
    return f"IRSA: {subject}"


def _check_trust(name: str, args: IrsaServiceAccountArgs) -> None:
    """Refuse at once what could only be refused when the role is made."""
    if "role_arn" in args and "trusted_providers" in args:
        msg = (
            f"{name}: trusted_providers beside role_arn; whom a role trusts is said "
            "where it is made"
        )
        raise ValueError(msg)
    if "oidc_provider_arn" in args:
        inputs = _trust_inputs(args, args["oidc_provider_arn"])
        if is_plain(inputs):
            try:
                trust_policy(**inputs)  # type: ignore[arg-type] # all are plain
            except ValueError as error:
                msg = f"{name}: {error}"
                raise ValueError(msg) from error


def _check(name: str, args: IrsaServiceAccountArgs) -> None:
    """Refuse what contradicts itself, or what IAM or Kubernetes would refuse."""
    given = [key for key in _CLUSTER_INPUTS if key in args]
    if len(given) != 1:
        msg = f"{name}: give exactly one of {', '.join(_CLUSTER_INPUTS)}; got " + (
            " and ".join(given) or "none"
        )
        raise ValueError(msg)
    for key, fault in (
        ("service_account_name", names.service_account_name_fault),
        ("namespace", names.namespace_fault),
        ("subject_pattern", names.subject_pattern_fault),
        ("role_name", names.role_name_fault),
        ("role_path", names.role_path_fault),
    ):
        value = args.get(key)
        if isinstance(value, str) and (reason := fault(value)):
            msg = f"{name}: {key}: {reason}"
            raise ValueError(msg)
    _check_trust(name, args)
    policy_arns = cast("object", args.get("attach_policy_arns", []))
    if not is_plain(policy_arns):
        msg = (
            f"{name}: attach_policy_arns holds a value that is not known yet; pass it "
            "in attach_policies under a key of your choice, which names the attachment"
        )
        raise ValueError(msg)
    for arn in cast("Sequence[str]", policy_arns):
        if not arns.is_policy_arn(arn):
            msg = f"{name}: attach_policy_arns: {arn!r} is not the ARN of a policy"
            raise ValueError(msg)
    if ROLE_ARN_ANNOTATION in args.get("annotations", {}):
        key = ROLE_ARN_ANNOTATION
        msg = f"{name}: annotations: {key} is written by the component"
        raise ValueError(msg)
    for document in args.get("inline_policies", {}).values():
        if is_plain(document):
            permission_policy(document)
