"""What must be known of an EKS cluster, and its kubeconfig."""

import json
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from eks_irsa.documents import arns
from eks_irsa.errors import ClusterError
from eks_irsa.outputs import lift
from eks_irsa.plan.model import Cluster
from eks_irsa.plan.provider_ownership import FoundProvider

__all__ = [
    "EksCluster",
    "Endpoint",
    "describe_cluster",
    "find_provider",
    "find_provider_now",
    "kubeconfig",
    "kubernetes_provider",
    "look_up_cluster",
    "provider_arn_of_issuer",
    "says_absent",
]

# An invoke fails with a plain Exception, which has no code but the provider's text, and
# no function of pulumi-aws lists OIDC providers. So these are all the texts by which
# one says that there is nothing: `retry.NotFoundError`, `tfresource.EmptyResultError`
# of terraform-provider-aws 6, which pulumi-aws 7 is made of, and IAM's own code, which
# terraform-provider-aws 5 handed on. ResourceNotFoundException is not among them: SSO
# says it of credentials.
_ABSENT: Final = ("couldn't find resource", "empty result", "NoSuchEntity")


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a cluster's API server is.

    Attributes:
        url: `https://<host>[:<port>]`.
        certificate_authority: Of its certificate, in base64.
    """

    url: str
    certificate_authority: str


@dataclass(frozen=True, kw_only=True)
class EksCluster:
    """A cluster as EKS describes it to a larger program, which may know it later."""

    arn: pulumi.Input[str]
    issuer_url: pulumi.Input[str]
    endpoint: pulumi.Input[str]
    certificate_authority: pulumi.Input[str]


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
    issuers = [
        oidc.issuer
        for identity in found.identities
        for oidc in identity.oidcs
        if oidc.issuer
    ]
    if not issuers:
        msg = f"the EKS cluster {name!r} in {region} has no OIDC issuer"
        raise ClusterError(msg)
    arn = arns.parse_cluster_arn(found.arn)
    cluster = Cluster(
        name=arn.name,
        region=arn.region,
        partition=arn.partition,
        account_id=arn.account_id,
        issuer_url=issuers[0],
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
        _require_absence(provider_arn, error)
        return None
    return FoundProvider(client_ids=found.client_id_lists, tags=found.tags)


def find_provider_now(
    provider_arn: str, *, parent: pulumi.Resource
) -> FoundProvider | None:
    """Ask IAM for an OIDC provider, as `find_provider` does, and wait for the answer.

    Args:
        provider_arn: `arn:<partition>:iam::<account id>:oidc-provider/<issuer>`.
        parent: The component whose AWS provider is asked.
    """
    options = pulumi.InvokeOptions(parent=parent)
    try:
        found = aws.iam.get_open_id_connect_provider(arn=provider_arn, opts=options)
    except Exception as error:  # noqa: BLE001 - the invoke raises no other
        _require_absence(provider_arn, error)
        return None
    return FoundProvider(client_ids=found.client_id_lists, tags=found.tags)


def _require_absence(provider_arn: str, error: Exception) -> None:
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
            issuer_url=_issuer_of(described, name=name),
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


def _issuer_of(described: aws.eks.GetClusterResult, *, name: str) -> str:
    for identity in described.identities:
        for oidc in identity.oidcs:
            if oidc.issuer:
                return oidc.issuer
    msg = f"the EKS cluster {name!r} has no OIDC issuer"
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


def kubernetes_provider(
    name: str,
    *,
    kubeconfig: pulumi.Input[str],
    cluster_arn: pulumi.Input[str],
    force: bool = False,
    opts: pulumi.ResourceOptions | None = None,
) -> kubernetes.Provider:
    """Build the Kubernetes provider of one EKS cluster, and of no other.

    Args:
        name: Name of the provider resource.
        kubeconfig: Kubeconfig of the cluster, content or path.
        cluster_arn: ARN of the EKS cluster.
        force: Write keys of other field managers on objects that are patched. Set for
            the provider, since the annotation for it would stay on the object.
        opts: Options of the provider resource.
    """
    return kubernetes.Provider(
        name,
        kubeconfig=kubeconfig,
        # Only another cluster replaces the objects, not another kubeconfig of this one.
        cluster_identifier=cluster_arn,
        enable_patch_force=force or None,
        opts=opts,
    )


def kubeconfig(
    *,
    cluster_arn: str,
    endpoint: str,
    certificate_authority: str,
    profile: str | None = None,
    role_arn: str | None = None,
) -> str:
    """Write the kubeconfig of an EKS cluster, which holds no secret.

    *profile* and *role_arn* are what pulumi-eks calls `providerCredentialOpts`.

    Args:
        cluster_arn: ARN of the EKS cluster; tells name and region.
        endpoint: URL of its API server.
        certificate_authority: Its CA in base64.
        profile: AWS profile to get the token with. Default: the environment's.
        role_arn: Role to assume for the token. Default: none.

    Returns:
        JSON with one cluster, one user that asks `aws eks get-token`, one context.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/create-kubeconfig.html
    """
    command = _token_command(cluster_arn, profile=profile, role_arn=role_arn)
    where = {
        "server": endpoint,
        "certificate-authority-data": certificate_authority,
    }
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": cluster_arn, "cluster": where}],
            "users": [{"name": cluster_arn, "user": {"exec": command}}],
            "contexts": [
                {
                    "name": cluster_arn,
                    "context": {"cluster": cluster_arn, "user": cluster_arn},
                }
            ],
            "current-context": cluster_arn,
        },
        separators=(",", ":"),
    )


def _token_command(
    cluster_arn: str, *, profile: str | None, role_arn: str | None
) -> dict[str, object]:
    """Write the command that gets a token, as `aws eks update-kubeconfig` does."""
    cluster = arns.parse_cluster_arn(cluster_arn)
    arguments = ["--region", cluster.region, "eks", "get-token"]
    arguments += ["--cluster-name", cluster.name, "--output", "json"]
    if profile:
        # Not AWS_PROFILE: the AWS CLI prefers AWS_ACCESS_KEY_ID to that, while the AWS
        # provider prefers its profile.
        arguments += ["--profile", profile]
    if role_arn:
        arguments += ["--role-arn", role_arn]
    return {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": arguments,
        "interactiveMode": "Never",
    }
