"""What the stack program asks AWS before anything is registered."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pulumi_aws as aws

from eks_irsa.cluster import issuer_url_of, require_absence, says_absent
from eks_irsa.documents import arns
from eks_irsa.errors import ClusterError
from eks_irsa.plan.model import Cluster, Trusted
from eks_irsa.plan.provider_ownership import FoundProvider
from eks_irsa.plan.trusted_clusters import provider_fault

__all__ = [
    "Endpoint",
    "describe_cluster",
    "find_provider",
    "issuers_of",
    "provider_faults",
]

_CORRECT = (
    "correct metadata.name and metadata.region, or use credentials of its AWS account"
)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a cluster's API server is.

    Attributes:
        url: `https://<host>[:<port>]`.
        certificate_authority: Of its certificate, in base64.
    """

    url: str
    certificate_authority: str


async def describe_cluster(
    *, name: str, region: str, remedy: str = _CORRECT
) -> tuple[Cluster, Endpoint]:
    """Ask EKS, with the default AWS provider, for a cluster.

    Args:
        name: Its name.
        region: Its region; the provider may be set to another.
        remedy: What to do if there is none. Default: correct the file that names it.

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
        msg = f"there is no EKS cluster {name!r} in {region}; {remedy}"
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


async def issuers_of(
    clusters: Collection[Trusted],
) -> tuple[dict[Trusted, str], dict[Trusted, str]]:
    """Ask EKS for the issuers of clusters that are known by their names.

    Args:
        clusters: The clusters; those that are known by their providers are left out.

    Returns:
        Cluster -> URL of its issuer; and cluster -> why it is not known.
    """
    issuers: dict[Trusted, str] = {}
    faults: dict[Trusted, str] = {}

    async def ask(one: Trusted) -> None:
        remedy = "correct its name and region, or take the cluster out"
        try:
            found, _ = await describe_cluster(
                name=one.name, region=one.region, remedy=remedy
            )
        except ClusterError as error:
            faults[one] = str(error)
        else:
            issuers[one] = found.issuer_url

    await asyncio.gather(*(ask(one) for one in clusters if one.name))
    return issuers, faults


async def provider_faults(
    providers: Mapping[Trusted, str], *, audience: str
) -> dict[Trusted, str]:
    """Ask IAM whether it takes tokens of the clusters that roles trust.

    Args:
        providers: Cluster -> ARN of the OIDC provider of its issuer.
        audience: Audience that the roles trust.

    Returns:
        Cluster -> why none is taken, or why that is not known.
    """
    faults: dict[Trusted, str] = {}

    async def ask(one: Trusted, arn: str) -> None:
        try:
            found = await find_provider(arn)
        except ClusterError as error:
            faults[one] = str(error)
            return
        if fault := provider_fault(found, provider_arn=arn, audience=audience):
            faults[one] = fault

    await asyncio.gather(*(ask(one, arn) for one, arn in providers.items()))
    return faults


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
