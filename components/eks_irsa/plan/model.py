"""The plan of a stack, as frozen data: what every room downstream reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, Self

from eks_irsa.cluster_config.model import ClusterConfig
from eks_irsa.documents import arns
from eks_irsa.errors import Problem

__all__ = [
    "Cluster",
    "InlinePolicy",
    "Mode",
    "Plan",
    "RolePlan",
    "ServiceAccountPlan",
    "name_and_region",
]

Mode = Literal["created", "patched", "notManaged"]

_UNKNOWN_ACCOUNT: Final = "000000000000"
# Domains longer than the usual one. Source: eksctl, pkg/apis/eksctl.io/v1alpha5/
# partitions.go (v1SDKDNSPrefix).
_LONGER_DOMAINS: Final = {
    "aws-cn": "amazonaws.com.cn",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """What must be known of the EKS cluster before anything can be planned.

    Attributes:
        name: Its name, as in the file.
        region: AWS region it runs in.
        partition: Partition of the region, such as `aws-cn`.
        account_id: Account it runs in, 12 digits.
        issuer_url: `https://<host>[/<path>]` of its OIDC issuer.
        assumed: Account and issuer are placeholders of their greatest length.
    """

    name: str
    region: str
    partition: str
    account_id: str
    issuer_url: str
    assumed: bool = False

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
    def assumed_for(cls, config: ClusterConfig) -> Self:
        """Stand in for a cluster nobody has asked yet, so that sizes can be bounded.

        A file that does not say which one it is about gets one of the usual size.
        """
        metadata = config.metadata
        region = (metadata and metadata.region) or ""
        partition = arns.partition_of_region(region)
        if partition is None:
            partition, region = "aws", "us-east-1"
        domain = _LONGER_DOMAINS.get(partition, "amazonaws.com")
        return cls(
            name=(metadata and metadata.name) or "",
            region=region,
            partition=partition,
            account_id=_UNKNOWN_ACCOUNT,
            issuer_url=f"https://oidc.eks.{region}.{domain}/id/{'0' * 32}",
            assumed=True,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class InlinePolicy:
    """A policy that lives in a role: its name in IAM and its canonical JSON."""

    name: str
    document: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RolePlan:
    """A role we make.

    Attributes:
        name: 1 to 64 characters; given in the file or derived.
        name_given: The file gives the name.
        path: Begins and ends with `/`.
        arn: Known before the role exists.
        description: For audits, on one line.
        permissions_boundary: ARN of the policy that bounds the role, or None.
        managed_policy_arns: Each once, the file's own first, in its order.
        inline_policies: In the order of the file's sources.
        subject_pattern: Pattern of the names the trust policy admits, or None for
            exactly the service account.
        assume_role_policy: The trust policy as JSON.
        tags: Key -> value, ours included.
        max_session_duration_seconds: 3600 to 43200.
    """

    name: str
    name_given: bool
    path: str
    arn: str
    description: str
    permissions_boundary: str | None
    managed_policy_arns: tuple[str, ...]
    inline_policies: tuple[InlinePolicy, ...]
    subject_pattern: str | None
    assume_role_policy: str
    tags: Mapping[str, str]
    max_session_duration_seconds: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceAccountPlan:
    """One entry of the file.

    Attributes:
        namespace: Namespace of the service account.
        name: Its name.
        mode: create: we make and own it; patch: it exists and gets our keys; roleOnly:
            it is not touched.
        labels: What the account carries, ours included; empty for roleOnly.
        annotations: Likewise, the role's ARN included; empty for roleOnly.
        role_arn: The role its pods will have, ours or an existing one.
        attach_role_arn: ARN of the existing role, or None.
        role: The role we make; None where an existing one is used.
        former_keys: `<namespace>/<name>` it had before, the latest first.
    """

    namespace: str
    name: str
    mode: Mode
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    role_arn: str
    attach_role_arn: str | None
    role: RolePlan | None
    former_keys: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """`<namespace>/<name>`, which identifies the entry and names its resources."""
        return f"{self.namespace}/{self.name}"


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
    """

    cluster: Cluster
    audience: str
    with_provider: bool
    namespaces: tuple[str, ...]
    service_accounts: tuple[ServiceAccountPlan, ...]
    warnings: tuple[Problem, ...]


def name_and_region(config: ClusterConfig) -> tuple[str, str]:
    """Return name and region of the cluster a checked file is about."""
    metadata = config.metadata
    if metadata is None or not metadata.name or not metadata.region:
        msg = "the ClusterConfig was not checked"
        raise ValueError(msg)
    return metadata.name, metadata.region
