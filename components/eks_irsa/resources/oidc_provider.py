"""The IAM OIDC provider of an EKS cluster, ours to make or somebody else's to use."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from eks_irsa.cluster import look_up_cluster, provider_arn_of_issuer
from eks_irsa.documents.arns import issuer_of
from eks_irsa.documents.trust_policy import DEFAULT_AUDIENCE
from eks_irsa.resources.inputs import given, known_arn, lift

__all__ = ["EksOidcProvider", "EksOidcProviderArgs"]


class EksOidcProviderArgs(TypedDict):
    """Inputs of `EksOidcProvider`."""

    cluster_name: NotRequired[pulumi.Input[str]]
    """Name of the EKS cluster, whose description tells issuer, account and partition.
    Give this or `issuer_url`."""

    cluster_region: NotRequired[pulumi.Input[str]]
    """AWS region of the EKS cluster of `cluster_name`. Default: the AWS provider's."""

    issuer_url: NotRequired[pulumi.Input[str]]
    """`https://<host>[/<path>]` of the cluster's issuer, for a program that knows it.
    Give this or `cluster_name`."""

    cluster_arn: NotRequired[pulumi.Input[str]]
    """ARN of the EKS cluster beside `issuer_url`, to tell account and partition
    without asking: `arn:<partition>:eks:<region>:<account id>:cluster/<name>`.
    Default: those of the AWS provider."""

    audience: NotRequired[pulumi.Input[str]]
    """Audience that tokens must be made for, the provider's only client id.
    Default: `sts.amazonaws.com`, in every partition."""

    thumbprints: NotRequired[Sequence[pulumi.Input[str]]]
    """SHA-1 thumbprints of the issuer's certificate authority, 40 hex digits each, at
    most 5. Default: none, IAM verifies EKS's issuers by itself since 2024."""

    existing: NotRequired[bool]
    """True: the provider exists and is somebody else's; it is read, and never changed
    or deleted. Default: false, it is made, and deleted with the stack."""

    import_arn: NotRequired[str]
    """ARN of the provider, plain text, where it exists and becomes this program's: the
    first run takes it in, and it is changed and deleted with the stack from then on.
    Default: none, one that exists stops the run."""

    tags: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Tags of a provider that is made. Default: none."""


class EksOidcProvider(pulumi.ComponentResource):
    """The IAM OIDC provider through which an account trusts an EKS cluster's issuer.

    IAM allows one per issuer and account, so share it: pass its `provider_arn` to every
    `IrsaServiceAccount` of the cluster.
    """

    provider_arn: pulumi.Output[str]
    """ARN of the provider, `arn:<partition>:iam::<account id>:oidc-provider/<issuer>`;
    known in a preview, before the provider exists."""

    issuer_url: pulumi.Output[str]
    """`https://<host>[/<path>]` of the issuer."""

    audience: pulumi.Output[str]
    """Audience the provider accepts."""

    managed: pulumi.Output[bool]
    """True: the provider is changed and deleted with the stack; false: it is read."""

    def __init__(
        self,
        name: str,
        args: EksOidcProviderArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make or read the provider of one cluster.

        Raises:
            ValueError: Not exactly one of `cluster_name` and `issuer_url` is given,
                `existing` and `import_arn` are given both, or a plain value does not
                have its shape.
        """
        args = given(name, EksOidcProviderArgs, args)
        if ("cluster_name" in args) == ("issuer_url" in args):
            msg = f"{name}: give exactly one of cluster_name and issuer_url"
            raise ValueError(msg)
        if args.get("existing") and args.get("import_arn"):
            msg = f"{name}: give existing or import_arn; the one leaves it to others"
            raise ValueError(msg)
        # How it came in is no property of it: the word may go again without a change.
        inputs = {key: value for key, value in args.items() if key != "import_arn"}
        super().__init__("eks-irsa:index:EksOidcProvider", name, inputs, opts)
        issuer_url, cluster_arn = self._issuer(args)
        derived = provider_arn_of_issuer(
            issuer_url, cluster_arn=cluster_arn, parent=self
        )
        audience = args.get("audience", DEFAULT_AUDIENCE)
        child = f"{name}-provider"
        if args.get("existing", False):
            provider = aws.iam.OpenIdConnectProvider.get(
                child, id=derived, opts=pulumi.ResourceOptions(parent=self)
            )
        else:
            provider = aws.iam.OpenIdConnectProvider(
                child,
                # IAM wants the URL without a port, and the ARN holds none either.
                url=lift(_url_of, provider_arn=derived),
                client_id_lists=[audience],
                thumbprint_lists=args.get("thumbprints"),
                tags=args.get("tags"),
                # No effect once the state knows it under this id.
                opts=pulumi.ResourceOptions(
                    parent=self, import_=args.get("import_arn")
                ),
            )
        self.provider_arn = known_arn(provider, actual=provider.arn, derived=derived)
        self.issuer_url = pulumi.Output.from_input(issuer_url)
        self.audience = pulumi.Output.from_input(audience)
        self.managed = pulumi.Output.from_input(not args.get("existing", False))
        self.register_outputs(
            {
                "provider_arn": self.provider_arn,
                "issuer_url": self.issuer_url,
                "audience": self.audience,
                "managed": self.managed,
            }
        )

    def _issuer(
        self, args: EksOidcProviderArgs
    ) -> tuple[pulumi.Input[str], pulumi.Input[str] | None]:
        if "issuer_url" in args:
            return args["issuer_url"], args.get("cluster_arn")
        cluster = look_up_cluster(
            args.get("cluster_name", ""), region=args.get("cluster_region"), parent=self
        )
        return cluster.issuer_url, cluster.arn


def _url_of(*, provider_arn: str) -> str:
    return f"https://{issuer_of(provider_arn)}"
