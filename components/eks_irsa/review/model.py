"""What a reviewer is told: each service account before, after, and the difference."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from eks_irsa.access.differences import Difference
from eks_irsa.documents.aws_managed_policies import AwsManagedPolicy
from eks_irsa.documents.policy_statements import Grant
from eks_irsa.review.pod_role import PodRole
from eks_irsa.review.preview import Operation, Unknown

__all__ = [
    "Boundary",
    "Content",
    "Elsewhere",
    "Kind",
    "Mark",
    "OtherChange",
    "Permissions",
    "ProviderKind",
    "ProviderReview",
    "Review",
    "Row",
    "Severity",
    "Sides",
    "Subject",
    "Trust",
    "UnknownPolicy",
    "Value",
]

T = TypeVar("T")

Value = str | Unknown | None
Content = frozenset[Grant] | Unknown
Kind = Literal["new", "imported", "changed", "replaced", "removed"]
ProviderKind = Literal[Kind, "released"]
Subject = Literal["service account", "role"]
Severity = Literal["critical", "high", "medium", "low", "none"]
Mark = Literal[
    "administrator",
    "another-aws-account",
    "anyone",
    "boundary-removed",
    "boundary-widened",
    "data-deletion",
    "data-read",
    "data-sharing",
    "denial-removed",
    "escalation",
    "escalation-limited",
    "every-data-store",
    "every-secret",
    "kept-in-aws",
    "no-audience",
    "no-cluster",
    "no-subject",
    "not-comparable",
    "pass-any-role",
    "pass-role",
    "permissions-management",
    "restart-pods",
    "role-replaced",
    "secrets",
    "trust-widened",
    "unknown",
    "widened-condition",
    "wildcard-action",
    "wildcard-resource",
    "wildcard-subject",
    "write-wildcard-action",
    "write-wildcard-resource",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sides(Generic[T]):
    """One thing before and after."""

    before: T
    after: T

    @property
    def differ(self) -> bool:
        """Tell whether it changes; what is known only later may."""
        return self.before != self.after


@dataclass(frozen=True, kw_only=True, slots=True)
class Trust:
    """Who may assume a role.

    Attributes:
        sides: None where there is no role, or where the preview does not show it.
        difference: Empty where a side cannot be read; `comparable` is false then.
        comparable: Both sides, as far as they are there, can be read.
    """

    sides: Sides[Content | None]
    difference: Difference
    comparable: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class UnknownPolicy:
    """A policy of a role of which nothing is known but that it is there.

    Attributes:
        change: Whether it comes, goes, or holds something else than before.
        what: `managed policy <ARN>`, `inline policy <name>`, or `the role` as a whole.
        reason: Why its content is not known.
    """

    change: Literal["gained", "lost", "changed"]
    what: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Permissions:
    """What a role may do.

    Attributes:
        difference: Of all its known policies taken together.
        unknown: Policies that come, go or change, and of which no more is known.
        policies: The policies a grant comes from, as `managed policy <name>` or
            `inline policy <name>`; a gained one's after, a lost one's before.
    """

    difference: Difference
    unknown: tuple[UnknownPolicy, ...]
    policies: Mapping[Grant, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Boundary:
    """The policy that bounds what a role may do.

    Attributes:
        sides: Its ARN; None for none.
        difference: Of what it lets through, each change where it gives more access, or
            less; None where that is not known.
    """

    sides: Sides[Value]
    difference: Difference | None


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherChange:
    """A change that is no permission, such as of tags or the longest session."""

    what: str
    sides: Sides[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A service account, or a role that none shown here uses, with a difference.

    Attributes:
        urn: Of the component; of the service account or role where there is none.
        subject: Which of the two it is about.
        name: `<namespace>/<name>`, the component's name where that is not known; of a
            role, its path and name.
        namespace: Of the service account; None for a role.
        cluster: Issuer whose service accounts the role trusts, without scheme; None
            for none or several.
        role_arns: ARN of the role that the pods have; None for none.
        steps: URNs of all resources it was read from that change, sorted.
        severity: Of its gravest mark.
        kind: What happens to it.
        role: Path and name of its role; None for none, or where it is not shown.
        pod_role: By which way pods have it; None for no role, and in the row of one.
        foreign_role: The role is somebody else's; nothing is known of it.
        role_shown: The preview shows the role; if not, neither are the parts of it
            that stay as they are.
        trust: Who may assume the role.
        permissions: What the role may do.
        boundary: None if none is there on either side.
        others: Changes that are no permissions.
        restart: Why pods must restart; empty if they need not.
        marks: What a reviewer must not miss, sorted.
        unfinished: An earlier run failed while it changed a part of it, so that what
            is there before is not known.
        unseen: Its role is imported, and the preview shows nothing of what that has.
    """

    urn: str
    name: str
    kind: Kind
    role: Sides[Value]
    foreign_role: bool
    role_shown: bool
    trust: Trust
    permissions: Permissions
    boundary: Boundary | None
    others: tuple[OtherChange, ...]
    restart: str
    marks: tuple[Mark, ...]
    unfinished: bool = False
    unseen: bool = False
    subject: Subject = "service account"
    namespace: Value = None
    cluster: Value = None
    role_arns: Sides[Value] = Sides(before=None, after=None)
    pod_role: Sides[PodRole | None] = Sides(before=None, after=None)
    steps: tuple[str, ...] = ()
    severity: Severity = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderReview:
    """One IAM OIDC provider of an `EksOidcProvider` that changes.

    Attributes:
        urn: Of the provider.
        kind: `released`: it stays and is not the stack's any more.
        issuer: Without scheme; an `Unknown` where it is known later.
        audiences: Its client ids, sorted; empty where there is no provider.
    """

    urn: str
    kind: ProviderKind
    issuer: Value
    audiences: Sides[tuple[str, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Elsewhere:
    """A resource that changes and that is none of this report's business.

    Attributes:
        urn: Its URN.
        type: Its type token.
        operation: What is done to it.
    """

    urn: str
    type: str
    operation: Operation


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """One preview.

    `is_complete` is true only if nothing is unknown and nothing is left out.

    Attributes:
        stack: Name of the stack.
        project: Name of its project.
        rows: By severity, then by name; those without a difference are left out.
        providers: OIDC providers, by issuer; those without a difference are left out.
        errors: What stopped the preview; what is told is not complete then.
        partial: It does not show what stays as it is, so that what a role gains it may
            have through another policy already.
        managed_policies: AWS's managed policies whose content was taken from data.
        elsewhere: What changes and this says nothing about, by URN.
        unknowns: What cannot be told of any row, each a sentence.
        unchanged: Number of service accounts and roles without a difference.
    """

    stack: str
    project: str
    rows: tuple[Row, ...]
    providers: tuple[ProviderReview, ...]
    errors: tuple[str, ...]
    partial: bool
    managed_policies: tuple[AwsManagedPolicy, ...]
    elsewhere: tuple[Elsewhere, ...]
    unknowns: tuple[str, ...] = ()
    unchanged: int = 0

    @property
    def is_complete(self) -> bool:
        """Tell whether nothing is unknown and nothing is left out."""
        return not (
            self.errors
            or self.partial
            or self.unknowns
            or any(row.unfinished or "unknown" in row.marks for row in self.rows)
        )
