"""ARNs, issuers and partitions: the names AWS gives to what we make and need.

Nothing here asks AWS; every function derives one text from others or takes it apart.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

__all__ = [
    "PARTITIONS",
    "ClusterArn",
    "in_partition",
    "is_account_id",
    "is_policy_arn",
    "is_role_arn",
    "issuer_of",
    "issuer_of_url",
    "parse_cluster_arn",
    "partition_of_arn",
    "partition_of_region",
    "provider_arn",
    "role_arn",
    "role_arn_beside",
    "role_name_of",
]

# Partition -> the shape of its regions, new ones in new countries included. Source:
# botocore's data/partitions.json (regionRegex), which is AWS's own list and holds all
# the partitions eksctl knows, and aws-eusc, which only the pod identity webhook knows.
PARTITIONS: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "aws": re.compile(r"(?!cn-)[a-z]{2}-[a-z]+-\d+", re.ASCII),
        "aws-cn": re.compile(r"cn-[a-z]+-\d+", re.ASCII),
        "aws-eusc": re.compile(r"eusc-[a-z]{2}-[a-z]+-\d+", re.ASCII),
        "aws-iso": re.compile(r"us-iso-[a-z]+-\d+", re.ASCII),
        "aws-iso-b": re.compile(r"us-isob-[a-z]+-\d+", re.ASCII),
        "aws-iso-e": re.compile(r"eu-isoe-[a-z]+-\d+", re.ASCII),
        "aws-iso-f": re.compile(r"us-isof-[a-z]+-\d+", re.ASCII),
        "aws-us-gov": re.compile(r"us-gov-[a-z]+-\d+", re.ASCII),
    }
)

_PARTITION: Final = "|".join(sorted(PARTITIONS, key=len, reverse=True))
# Characters of IAM names and paths.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_NAME: Final = r"[\w+=,.@-]"
_PATH: Final = r"(?:[!-.0-~]+/)*"
_ACCOUNT_ID: Final = re.compile(r"\d{12}", re.ASCII)
_ARN: Final = re.compile(rf"arn:({_PARTITION}):[^:]*:[^:]*:[^:]*:.+")
_POLICY_ARN: Final = re.compile(
    rf"arn:({_PARTITION}):iam::(\d{{12}}|aws):policy/{_PATH}{_NAME}{{1,128}}",
    re.ASCII,
)
_ROLE_ARN: Final = re.compile(
    rf"arn:({_PARTITION}):iam::\d{{12}}:role/{_PATH}({_NAME}{{1,64}})", re.ASCII
)
# A principal has no wildcard for a part of its name. Source:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
_HOST: Final = r"[^\s:/?#*]+"
_ISSUER_PATH: Final = r"/[^\s:?#*]*"
_PROVIDER_ARN: Final = re.compile(
    rf"arn:({_PARTITION}):iam::\d{{12}}:oidc-provider/({_HOST}(?:{_ISSUER_PATH})?)",
    re.ASCII,
)
# Source: https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html
_CLUSTER_ARN: Final = re.compile(
    rf"arn:({_PARTITION}):eks:([a-z0-9-]+):(\d{{12}}):cluster/([0-9A-Za-z][0-9A-Za-z_-]*)",
    re.ASCII,
)
_ISSUER_URL: Final = re.compile(
    rf"https://({_HOST})(?::\d+)?({_ISSUER_PATH})?", re.ASCII
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterArn:
    """The parts of `arn:<partition>:eks:<region>:<account id>:cluster/<name>`."""

    partition: str
    region: str
    account_id: str
    name: str


def partition_of_region(region: str) -> str | None:
    """Find the partition a region lies in.

    Args:
        region: Name of an AWS region, such as `us-west-2` or `cn-north-1`.

    Returns:
        The partition, such as `aws-cn`; None if no partition has such regions.
    """
    for partition, shape in PARTITIONS.items():
        if shape.fullmatch(region):
            return partition
    return None


def partition_of_arn(arn: str) -> str | None:
    """Return the partition an ARN names; None if *arn* is none or it is unknown."""
    match = _ARN.fullmatch(arn)
    return match[1] if match else None


def in_partition(arn: str, partition: str) -> str:
    """Write the ARN as the one of the same name in another partition."""
    return ":".join(["arn", partition, *arn.split(":")[2:]])


def issuer_of_url(issuer_url: str) -> str:
    """Strip an issuer URL down to the issuer that IAM writes into ARNs and conditions.

    The path is kept as it is, a trailing slash included, because IAM compares texts.

    Args:
        issuer_url: `https://<host>[:<port>][/<path>]`, as EKS describes it.

    Returns:
        `<host>[/<path>]`: no scheme and no port, such as
        `oidc.eks.us-west-2.amazonaws.com/id/<32 hex digits>`.

    Raises:
        ValueError: *issuer_url* is not such a URL.

    Source:
        https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
    """
    match = _ISSUER_URL.fullmatch(issuer_url)
    if not match:
        msg = (
            f"{issuer_url!r} is not an issuer URL; "
            "expected https://<host>[/<path>], as 'aws eks describe-cluster' shows it"
        )
        raise ValueError(msg)
    return match[1] + (match[2] or "")


def provider_arn(*, partition: str, account_id: str, issuer_url: str) -> str:
    """Derive the ARN of a cluster's IAM OIDC provider, before it exists.

    Args:
        partition: Partition of the cluster, a key of `PARTITIONS`.
        account_id: The account that trusts the issuer, 12 digits.
        issuer_url: `https://<host>[:<port>][/<path>]`.

    Returns:
        `arn:<partition>:iam::<account id>:oidc-provider/<issuer>`.

    Raises:
        ValueError: An argument does not have its shape.
    """
    _require_place(partition=partition, account_id=account_id)
    issuer = issuer_of_url(issuer_url)
    return f"arn:{partition}:iam::{account_id}:oidc-provider/{issuer}"


def issuer_of(provider_arn: str) -> str:
    """Return the issuer that the ARN of an IAM OIDC provider ends in.

    Args:
        provider_arn: `arn:<partition>:iam::<12 digits>:oidc-provider/<issuer>`.

    Raises:
        ValueError: *provider_arn* is not the ARN of an OIDC provider.
    """
    match = _PROVIDER_ARN.fullmatch(provider_arn)
    if not match:
        msg = (
            f"{provider_arn!r} is not the ARN of an OIDC provider; "
            "expected arn:<partition>:iam::<12 digits>:oidc-provider/<issuer>"
        )
        raise ValueError(msg)
    return match[2]


def role_arn(*, partition: str, account_id: str, path: str, name: str) -> str:
    """Derive the ARN of a role from its name, before it exists.

    Args:
        partition: A key of `PARTITIONS`.
        account_id: 12 digits.
        path: Path of the role, begins and ends with `/`; `/` alone for none.
        name: Name of the role, 1 to 64 characters.

    Returns:
        `arn:<partition>:iam::<account id>:role<path><name>`.

    Raises:
        ValueError: Partition or AWS account do not have their shape.
    """
    _require_place(partition=partition, account_id=account_id)
    return f"arn:{partition}:iam::{account_id}:role{path}{name}"


def role_arn_beside(*, arn: str, path: str, name: str) -> str:
    """Derive the ARN of a role that lives where something else does.

    A role can only trust an OIDC provider of its own AWS account, and EKS Pod Identity
    gives out roles of the cluster's alone, so that the ARN of either tells partition
    and AWS account.

    Args:
        arn: ARN of an IAM OIDC provider, or of an EKS cluster.
        path: Path of the role, begins and ends with `/`.
        name: Name of the role, 1 to 64 characters.

    Raises:
        ValueError: *arn* is not the ARN of either.
    """
    if ":cluster/" in arn:
        parse_cluster_arn(arn)
    else:
        issuer_of(arn)
    _, partition, _, _, account_id, _ = arn.split(":", 5)
    return role_arn(partition=partition, account_id=account_id, path=path, name=name)


def role_name_of(role_arn: str) -> str:
    """Return the name of the role that *role_arn* is the ARN of, without its path.

    Raises:
        ValueError: *role_arn* is not the ARN of a role.
    """
    match = _ROLE_ARN.fullmatch(role_arn)
    if not match:
        msg = (
            f"{role_arn!r} is not the ARN of a role; "
            "expected arn:<partition>:iam::<12 digits>:role/<name>"
        )
        raise ValueError(msg)
    return match[2]


def parse_cluster_arn(arn: str) -> ClusterArn:
    """Take the ARN of an EKS cluster apart.

    Raises:
        ValueError: *arn* is not the ARN of an EKS cluster.
    """
    match = _CLUSTER_ARN.fullmatch(arn)
    if not match:
        msg = (
            f"{arn!r} is not the ARN of an EKS cluster; "
            "expected arn:<partition>:eks:<region>:<12 digits>:cluster/<name>"
        )
        raise ValueError(msg)
    partition, region, account_id, name = match.groups()
    return ClusterArn(
        partition=partition, region=region, account_id=account_id, name=name
    )


def is_account_id(text: str) -> bool:
    """Tell whether *text* is an AWS account id, 12 digits."""
    return _ACCOUNT_ID.fullmatch(text) is not None


def is_policy_arn(text: str) -> bool:
    """Tell whether *text* is the ARN of a managed policy, AWS's or a customer's."""
    return _POLICY_ARN.fullmatch(text) is not None


def is_role_arn(text: str) -> bool:
    """Tell whether *text* is the ARN of a role."""
    return _ROLE_ARN.fullmatch(text) is not None


def _require_place(*, partition: str, account_id: str) -> None:
    if partition not in PARTITIONS:
        msg = (
            f"{partition!r} is not a partition; expected one of {', '.join(PARTITIONS)}"
        )
        raise ValueError(msg)
    if not is_account_id(account_id):
        msg = f"{account_id!r} is not an AWS account id; expected 12 digits"
        raise ValueError(msg)
