"""What AWS and a cluster hold now, as plain values.

Whatever could not be read is an `Unread` with the reason, and what is known to be
absent is None: the two are never taken for one another.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias, TypeVar

__all__ = [
    "NOT_LOOKED_UP",
    "Attempt",
    "LiveAssociation",
    "LiveCluster",
    "LiveProvider",
    "LiveRole",
    "LiveServiceAccount",
    "LiveStack",
    "Read",
    "Unread",
    "known",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that could not be read.

    Attributes:
        reason: Why, on one line, such as the refusal with the missing permission.
    """

    reason: str


NOT_LOOKED_UP: Final = Unread("it was not looked up")
"""Of what nobody tried to read."""

Read: TypeAlias = T | Unread
"""A value, or why it could not be read."""


def known(read: "Read[T]") -> T | None:
    """Return what was read; None where nothing was, or where there is nothing."""
    return None if isinstance(read, Unread) else read


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveCluster:
    """An EKS cluster as EKS describes it now.

    Attributes:
        arn: `arn:<partition>:eks:<region>:<account id>:cluster/<name>`.
        issuer_url: `https://...` of its OIDC issuer; None if it has none.
        endpoint: URL of its API server.
        certificate_authority: Of its certificate, in base64.
    """

    arn: str
    issuer_url: str | None
    endpoint: str
    certificate_authority: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveRole:
    """A role as IAM holds it.

    Attributes:
        name: Its name.
        arn: `arn:<partition>:iam::<account id>:role<path><name>`.
        path: Begins and ends with `/`.
        trust_policy: The trust policy as JSON.
        description: Empty for none; None where the document read does not tell.
        max_session_duration_seconds: 3600 to 43200; None where the document read does
            not tell.
        permissions_boundary: ARN of the policy that bounds it, or None.
        managed_policy_arns: Of the policies that are attached, sorted.
        inline_policies: Name -> JSON, sorted by name.
        tags: Key -> value, those of AWS (`aws:...`) included.
    """

    name: str
    arn: str
    path: str
    trust_policy: str
    description: str | None
    max_session_duration_seconds: int | None
    permissions_boundary: str | None
    managed_policy_arns: tuple[str, ...]
    inline_policies: Mapping[str, str]
    tags: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveProvider:
    """An IAM OIDC provider.

    Attributes:
        arn: `arn:<partition>:iam::<account id>:oidc-provider/<issuer>`.
        client_ids: Audiences it takes tokens for.
        tags: Key -> value.
    """

    arn: str
    client_ids: tuple[str, ...]
    tags: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveServiceAccount:
    """A service account as the API server has it.

    Attributes:
        namespace: Its namespace.
        name: Its name.
        labels: Key -> value.
        annotations: Key -> value.
        image_pull_secrets: Names, sorted.
        managers: `labels.<key>`, `annotations.<key>` and names of further fields ->
            the field managers that own it; None where that is not told.
    """

    namespace: str
    name: str
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    image_pull_secrets: tuple[str, ...] = ()
    managers: Mapping[str, frozenset[str]] | None = None

    @property
    def key(self) -> str:
        """`<namespace>/<name>`."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveAssociation:
    """An EKS Pod Identity association.

    Attributes:
        id: `a-...`.
        namespace: Of the service account.
        service_account: Name of the service account.
        role_arn: The role that pods get; empty if it is not known.
        target_role_arn: The role that is assumed with it, or None.
        owner: ARN of the EKS add-on that has it, or None.
        disable_session_tags: EKS sends no session tags.
        policy: JSON of a policy that narrows it, or None.
        tags: Key -> value.
    """

    id: str
    namespace: str
    service_account: str
    role_arn: str = ""
    target_role_arn: str | None = None
    owner: str | None = None
    disable_session_tags: bool = False
    policy: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def key(self) -> str:
        """`<namespace>/<name>` of the service account."""
        return f"{self.namespace}/{self.service_account}"


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveStack:
    """A CloudFormation stack.

    Attributes:
        name: Its name.
        id: Its ARN.
        status: Such as `CREATE_COMPLETE`.
        tags: Key -> value.
        outputs: Key -> value.
    """

    name: str
    id: str
    status: str
    tags: Mapping[str, str]
    outputs: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """A token that was taken to AWS for credentials.

    Attributes:
        code: AWS's error code, such as `AccessDenied`; empty if it got credentials.
        message: ARN of the session, or the error's message.
    """

    code: str
    message: str
