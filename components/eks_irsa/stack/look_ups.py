"""What the stack program asks AWS before anything is registered."""

from dataclasses import dataclass

import pulumi_aws as aws

from eks_irsa.cluster import issuer_url_of, require_absence, says_absent
from eks_irsa.documents import arns
from eks_irsa.errors import ClusterError
from eks_irsa.plan.model import Cluster
from eks_irsa.plan.provider_ownership import FoundProvider

__all__ = ["Endpoint", "describe_cluster", "find_provider"]


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a cluster's API server is.

    Attributes:
        url: `https://<host>[:<port>]`.
        certificate_authority: Of its certificate, in base64.
    """

    url: str
    certificate_authority: str


async def describe_cluster(*, name: str, region: str) -> tuple[Cluster, Endpoint]:
    """Ask EKS, with the default AWS provider, for the cluster a file names.

    Args:
        name: `metadata.name` of the file.
        region: `metadata.region` of the file; the provider may be set to another.

    Raises:
        ClusterError: There is no such cluster, it has no OIDC issuer, or EKS does not
            tell.
    """
    try:
        found = await aws.eks.get_cluster(name=name, region=region)
    except Exception as error:
        if not says_absent(error):
            msg = (
                f"cannot look up the EKS cluster {name!r} in {region}: {error}; it is "
                "not known whether the cluster exists; allow eks:DescribeCluster, or "
                "correct the credentials"
            )
            raise ClusterError(msg) from error
        msg = (
            f"there is no EKS cluster {name!r} in {region}; correct metadata.name and "
            "metadata.region, or use credentials of its AWS account"
        )
        raise ClusterError(msg) from error
    arn = arns.parse_cluster_arn(found.arn)
    cluster = Cluster(
        name=arn.name,
        region=arn.region,
        partition=arn.partition,
        account_id=arn.account_id,
        issuer_url=issuer_url_of(found, name=name),
    )
    authority = found.certificate_authorities[0].data
    return cluster, Endpoint(url=found.endpoint, certificate_authority=authority)


async def find_provider(provider_arn: str) -> FoundProvider | None:
    """Ask IAM, with the default AWS provider, for an OIDC provider.

    Args:
        provider_arn: `arn:<partition>:iam::<account id>:oidc-provider/<issuer>`.

    Returns:
        What exists; None only if the answer is one that is known to mean absence.

    Raises:
        ClusterError: Any other answer, which does not mean that there is none.
    """
    try:
        found = await aws.iam.get_open_id_connect_provider(arn=provider_arn)
    except Exception as error:  # noqa: BLE001 - the invoke raises no other
        require_absence(provider_arn, error)
        return None
    return FoundProvider(client_ids=found.client_id_lists, tags=found.tags)
