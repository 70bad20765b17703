"""The plan of a stack, as frozen data: what every room downstream reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Self

from eks_irsa.cluster_config.model import ClusterConfig
from eks_irsa.documents import arns
from eks_irsa.documents.limits import Limits
from eks_irsa.documents.permission_policy import document_characters
from eks_irsa.errors import Problem
from eks_irsa.identity.model import Identity

__all__ = [
    "UNKNOWN_ACCOUNT",
    "Cluster",
    "Plan",
    "Trusted",
    "assumed_issuer_url",
    "name_and_region",
]

# Stands in for the AWS account of a cluster that was not looked up.
UNKNOWN_ACCOUNT: Final = "000000000000"
_DEFAULT_LIMITS: Final = Limits()
# Domains longer than the usual one. Source: eksctl, pkg/apis/eksctl.io/v1alpha5/
# partitions.go (v1SDKDNSPrefix).
_LONGER_DOMAINS: Final = {
    "aws-cn": "amazonaws.com.cn",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
}


class Trusted(NamedTuple):
    """A cluster that roles trust besides the stack's own, as the settings name it.

    Attributes:
        name: Its name; empty where it is known by its provider alone.
        region: AWS region it runs in; likewise.
        provider_arn: ARN of its IAM OIDC provider if the settings give it, else empty.
    """

    name: str
    region: str
    provider_arn: str

    def __str__(self) -> str:
        """Say which cluster it is."""
        if self.provider_arn:
            return repr(self.provider_arn)
        return f"the EKS cluster {self.name!r} in {self.region}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """What must be known of the EKS cluster before anything can be planned.

    Attributes:
        name: Its name, as in the file.
        region: AWS region it runs in.
        partition: Partition of the region, such as `aws-cn`.
        account_id: AWS account it runs in, 12 digits.
        issuer_url: `https://<host>[/<path>]` of its OIDC issuer.
        assumed: AWS account and issuer are placeholders of their greatest length.
    """

    name: str
    region: str
    partition: str
    account_id: str
    issuer_url: str
    assumed: bool = False

    @property
    def knows_account(self) -> bool:
        """Whether the AWS account is none that merely stands in for it."""
        return self.account_id != UNKNOWN_ACCOUNT

    @property
    def arn(self) -> str:
        """ARN of the EKS cluster."""
        place = f"{self.partition}:eks:{self.region}:{self.account_id}"
        return f"arn:{place}:cluster/{self.name}"

    @property
    def provider_arn(self) -> str:
        """ARN of the cluster's IAM OIDC provider, existing or not."""
        return arns.provider_arn(
            partition=self.partition,
            account_id=self.account_id,
            issuer_url=self.issuer_url,
        )

    @classmethod
    def assumed_for(
        cls, config: ClusterConfig, *, account_id: str | None = None
    ) -> Self:
        """Stand in for a cluster that was not looked up, so that sizes can be bounded.

        A file that does not say which one it is about gets one of the usual size.

        Args:
            config: The ClusterConfig.
            account_id: Its AWS account, 12 digits. Default: a placeholder.
        """
        metadata = config.metadata
        region = (metadata and metadata.region) or ""
        partition = arns.partition_of_region(region)
        if partition is None:
            partition, region = "aws", "us-east-1"
        return cls(
            name=(metadata and metadata.name) or "",
            region=region,
            partition=partition,
            account_id=account_id or UNKNOWN_ACCOUNT,
            issuer_url=assumed_issuer_url(region, partition=partition),
            assumed=True,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Everything a stack will make.

    Attributes:
        cluster: The facts it was planned for.
        audience: Audience that provider and roles accept.
        with_provider: The file asks for an OIDC provider.
        namespaces: Namespaces to have, each once, in file order; never a built-in one.
        service_accounts: In file order.
        warnings: What is worth knowing and stops nothing.
        trusted: Clusters that roles trust besides this one -> ARN of the OIDC provider.
            Default: none.
        add_ons: `<namespace>/<name>` of service accounts of EKS add-ons. Default: none.
        providers_needed: The further clusters whose tokens roles trust. Default: none.
        trust_policy_limit: How many characters AWS takes of a trust policy. Default:
            AWS's own quota.
    """

    cluster: Cluster
    audience: str
    with_provider: bool
    namespaces: tuple[str, ...]
    service_accounts: tuple[Identity, ...]
    warnings: tuple[Problem, ...]
    trusted: Mapping[Trusted, str] = field(default_factory=dict[Trusted, str])
    add_ons: frozenset[str] = frozenset()
    providers_needed: frozenset[Trusted] = frozenset()
    trust_policy_limit: int = _DEFAULT_LIMITS.trust_policy_characters

    @property
    def trust_policy_characters(self) -> int:
        """Size of the longest trust policy as IAM counts it; 0 without a role."""
        roles = (entry.role for entry in self.service_accounts)
        texts = (role.assume_role_policy for role in roles if role)
        return max(map(document_characters, texts), default=0)


def assumed_issuer_url(region: str, *, partition: str, number: str = "") -> str:
    """Stand in for an issuer that is not known, by one of its greatest length.

    Args:
        region: AWS region of the cluster.
        partition: Partition of the cluster.
        number: Hexadecimal digits that tell it from others, at most 32. Default: none.
    """
    domain = _LONGER_DOMAINS.get(partition, "amazonaws.com")
    return f"https://oidc.eks.{region}.{domain}/id/{number:0>32}"


def name_and_region(config: ClusterConfig) -> tuple[str, str]:
    """Return name and region of the cluster a checked file is about."""
    metadata = config.metadata
    if metadata is None or not metadata.name or not metadata.region:
        msg = "the ClusterConfig was not checked"
        raise ValueError(msg)
    return metadata.name, metadata.region
