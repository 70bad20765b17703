"""What components and stack program ask AWS of an EKS cluster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final, TypeVar

import pulumi
import pulumi_aws as aws

from eks_irsa.documents import arns
from eks_irsa.errors import ClusterError
from eks_irsa.outputs import lift

__all__ = [
    "EksCluster",
    "client_ids_now",
    "find",
    "issuer_url_of",
    "look_up_cluster",
    "provider_arn_of_issuer",
    "require_absence",
    "says_absent",
]

Answer = TypeVar("Answer")

# An invoke fails with a plain Exception, which has no code but the provider's text, and
# no function of pulumi-aws lists OIDC providers. So these are all the texts by which
# one says that there is nothing: `retry.NotFoundError`, `tfresource.EmptyResultError`
# of terraform-provider-aws 6, which pulumi-aws 7 is made of, and IAM's own code, which
# terraform-provider-aws 5 handed on. ResourceNotFoundException is not among them: SSO
# says it of credentials.
_ABSENT: Final = ("couldn't find resource", "empty result", "NoSuchEntity")


@dataclass(frozen=True, kw_only=True)
class EksCluster:
    """A cluster as EKS describes it to a larger program, which may know it later."""

    arn: pulumi.Input[str]
    issuer_url: pulumi.Input[str]
    endpoint: pulumi.Input[str]
    certificate_authority: pulumi.Input[str]


def client_ids_now(
    provider_arn: str, *, parent: pulumi.Resource
) -> Sequence[str] | None:
    """Ask IAM for an OIDC provider, and wait for the answer.

    Args:
        provider_arn: `arn:<partition>:iam::<account id>:oidc-provider/<issuer>`.
        parent: The component whose AWS provider is asked.

    Returns:
        Its client ids; None only if the answer is one that is known to mean absence.

    Raises:
        ClusterError: Any other answer, which does not mean that there is none.
    """
    options = pulumi.InvokeOptions(parent=parent)
    try:
        found = aws.iam.get_open_id_connect_provider(arn=provider_arn, opts=options)
    except Exception as error:  # noqa: BLE001 - the invoke raises no other
        require_absence(provider_arn, error)
        return None
    return found.client_id_lists


def require_absence(provider_arn: str, error: Exception) -> None:
    """Raise what the look-up of an OIDC provider failed with, unless it is absent.

    Args:
        provider_arn: ARN of the provider.
        error: What the invoke raised.

    Raises:
        ClusterError: It is not known whether the provider exists.
    """
    if says_absent(error):
        return
    msg = (
        f"cannot look up the IAM OIDC provider {provider_arn}: {error}; it is not "
        "known whether the provider exists; allow iam:GetOpenIDConnectProvider, or "
        "correct the credentials"
    )
    raise ClusterError(msg) from error


def says_absent(error: Exception) -> bool:
    """Tell whether a failed invoke of the AWS provider means that there is nothing.

    Args:
        error: What the invoke raised.

    Source:
        hashicorp/terraform-provider-aws v6.48, internal/tfresource/not_found_error.go
    """
    return any(text in str(error) for text in _ABSENT)


async def find(
    function: str, which: Mapping[str, str], answer: type[Answer]
) -> Answer | None:
    """Ask the default AWS provider for one thing, without holding up the event loop.

    The functions of the SDK wait within the loop, one call inside the other, in time
    that grows with the square of how many there are.

    Args:
        function: Token of the function, such as `aws:iam/getRole:getRole`.
        which: Its arguments.
        answer: Class of its results.

    Returns:
        The results; None only if the answer is one that is known to mean absence.

    Raises:
        Exception: Any other answer.
    """
    options = pulumi.InvokeOptions(version=version("pulumi-aws"))
    try:
        found: Answer = await pulumi.runtime.invoke_async(
            function, {**which}, options, answer
        )
    except Exception as error:
        if says_absent(error):
            return None
        raise
    return found


def look_up_cluster(
    name: pulumi.Input[str],
    *,
    region: pulumi.Input[str] | None,
    parent: pulumi.Resource,
) -> EksCluster:
    """Describe an EKS cluster with the AWS provider of *parent*.

    Args:
        name: Name of the cluster.
        region: Region it runs in. Default: the provider's.
        parent: The component that asks.

    Returns:
        Plain values if name and region are plain, else Outputs.

    Raises:
        ClusterError: There is no such cluster, it has no OIDC issuer, or EKS does not
            tell.
    """
    if isinstance(name, str) and (region is None or isinstance(region, str)):
        options = pulumi.InvokeOptions(parent=parent)
        try:
            described = aws.eks.get_cluster(name=name, region=region, opts=options)
        except Exception as error:
            raise _not_described(name, region, error) from error
        return EksCluster(
            arn=described.arn,
            issuer_url=issuer_url_of(described, name=name),
            endpoint=described.endpoint,
            certificate_authority=described.certificate_authorities[0].data,
        )
    found = aws.eks.get_cluster_output(
        name=name, region=region, opts=pulumi.InvokeOutputOptions(parent=parent)
    )
    return EksCluster(
        arn=found.arn,
        issuer_url=found.identities[0].oidcs[0].issuer,
        endpoint=found.endpoint,
        certificate_authority=found.certificate_authorities[0].data,
    )


def _not_described(name: str, region: str | None, error: Exception) -> ClusterError:
    place = f" in {region}" if region else ""
    if says_absent(error):
        return ClusterError(
            f"there is no EKS cluster {name!r}{place}; correct its name and region, or "
            "use the credentials of its AWS account"
        )
    return ClusterError(f"cannot look up the EKS cluster {name!r}{place}: {error}")


def issuer_url_of(described: aws.eks.GetClusterResult, *, name: str) -> str:
    """Return the URL of the OIDC issuer of a cluster that EKS described.

    Args:
        described: What EKS told.
        name: Name of the cluster.

    Raises:
        ClusterError: It has none.
    """
    for identity in described.identities:
        for oidc in identity.oidcs:
            if oidc.issuer:
                return oidc.issuer
    region = arns.parse_cluster_arn(described.arn).region
    msg = f"the EKS cluster {name!r} in {region} has no OIDC issuer"
    raise ClusterError(msg)


def provider_arn_of_issuer(
    issuer_url: pulumi.Input[str],
    *,
    cluster_arn: pulumi.Input[str] | None,
    parent: pulumi.Resource,
) -> pulumi.Input[str]:
    """Derive the ARN of an issuer's provider.

    Args:
        issuer_url: `https://<host>[/<path>]`.
        cluster_arn: ARN of the EKS cluster, which tells partition and AWS account.
            Default: those of the AWS provider of *parent*.
        parent: The component that asks.
    """
    if cluster_arn is not None:
        return lift(_provider_arn, issuer_url=issuer_url, cluster_arn=cluster_arn)
    options = pulumi.InvokeOutputOptions(parent=parent)
    return lift(
        arns.provider_arn,
        partition=aws.get_partition_output(opts=options).partition,
        account_id=aws.get_caller_identity_output(opts=options).account_id,
        issuer_url=issuer_url,
    )


def _provider_arn(*, issuer_url: str, cluster_arn: str) -> str:
    cluster = arns.parse_cluster_arn(cluster_arn)
    return arns.provider_arn(
        partition=cluster.partition,
        account_id=cluster.account_id,
        issuer_url=issuer_url,
    )
