"""What a role may do, policy by policy and with places, and answers about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from eks_irsa.documents.policy_statements import Grant
from eks_irsa.identity.model import IdentityMode

__all__ = [
    "Answer",
    "Cited",
    "EntryPermissions",
    "Origin",
    "Outcome",
    "RolePolicy",
    "RoleStatement",
    "Scope",
]

Outcome = Literal["allowed", "allowedIf", "unknown", "denied"]
"""What becomes of what is asked.

allowed: nothing that is known of it stands in the way; allowedIf: it hangs on values of
the request, or on a policy that may deny it and whose content is not known; unknown: it
hangs on a policy or role whose content is not known; denied: whatever the rest is.
"""

Scope = Literal["all", "part"]
"""Whether the outcome is that of all that is asked, or of a part of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where something stands.

    Attributes:
        file: The file as the user named it.
        line: From 1; 0 where it is not known.
        column: From 1; 0 where it is not known.
        path: In the file's own spelling, such as `iam.serviceAccounts[0].attachPolicy`.
    """

    file: str
    line: int
    column: int
    path: str

    def __str__(self) -> str:
        """Return `file:line:column`, or the file alone."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleStatement:
    """One statement of a policy.

    Attributes:
        name: `Statement[0]`, or `Statement` where the policy has no list of them.
        sid: Its `Sid`; empty for none.
        grants: What it says.
        origin: Where it stands, or what brings its policy.
    """

    name: str
    sid: str
    grants: frozenset[Grant]
    origin: Origin


@dataclass(frozen=True, kw_only=True, slots=True)
class RolePolicy:
    """One policy of a role, or its permissions boundary.

    Attributes:
        label: How a reader knows it, such as `attachPolicy` or `AWS managed policy
            ReadOnlyAccess`.
        arn: Its ARN; None for an inline policy.
        origin: What brings it, in the ClusterConfig or in the stack's settings.
        statements: In its order; empty if its content is not known.
        unknown: Why its content is not known; empty if it is.
    """

    label: str
    arn: str | None
    origin: Origin
    statements: tuple[RoleStatement, ...] = ()
    unknown: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryPermissions:
    """What the role of one entry may do, and how its pods get it.

    Attributes:
        key: `<namespace>/<name>` of the service account.
        origin: Where the entry stands.
        subject: Subject, or pattern of subjects, that the role trusts.
        trust: How pods get the role, in words.
        role_arn: ARN of the role; None where the AWS account is not known.
        role_name: Name of a role that the entry makes; None likewise, if it is derived.
        existing_role: ARN of a role whose policies nobody here knows; None for a role
            that the entry makes.
        policies: Of the role, in the order of the plan.
        boundary: Its permissions boundary, or None.
        session: Policy of the association, which bounds its pods too, or None.
        identity: By which way pods get it: `irsa`, `podIdentity` or `both`.
        by_association: What pods have by EKS Pod Identity, where they get the role by
            both ways, and have something else with a token; else None.
        context: What is known of every request of the role: context key in small
            letters -> values, none for a key that is absent.
    """

    key: str
    origin: Origin
    subject: str
    trust: str
    role_arn: str | None
    role_name: str | None = None
    existing_role: str | None = None
    policies: tuple[RolePolicy, ...] = ()
    boundary: RolePolicy | None = None
    session: RolePolicy | None = None
    identity: IdentityMode = "irsa"
    by_association: "EntryPermissions | None" = None
    context: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict[str, tuple[str, ...]]
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Cited:
    """A statement that decides, and on what that hangs.

    Attributes:
        policy: The policy it is in.
        statement: The statement.
        action: The action or actions of the grant that decides, as it is written.
        resource: Its resource or resources, likewise.
        conditions: Clauses that it hangs on, each in words; none if it is certain.
    """

    policy: RolePolicy
    statement: RoleStatement
    action: str
    resource: str
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What is to be said of one service account.

    Attributes:
        outcome: What becomes of it.
        scope: Whether of all that is asked.
        actions: Those that are allowed, of several that are asked about; empty where
            one is asked about, and where all are.
        allowed_by: Statements that allow it, or a part.
        denied_by: Statements that deny it, or a part, of the boundary too.
        let_through_by: Statements of boundary and session policy that the outcome hangs
            on; none of one that surely lets it through.
        near: Statements that allow the action, on another resource; named only where
            nothing allows it.
        masked_by: The boundary or session policy that does not let through what is
            allowed.
        unknown: Policies whose content would decide.
        reasons: What else is to be said, in words.
    """

    outcome: Outcome
    scope: Scope = "all"
    actions: tuple[str, ...] = ()
    allowed_by: tuple[Cited, ...] = ()
    denied_by: tuple[Cited, ...] = ()
    let_through_by: tuple[Cited, ...] = ()
    near: tuple[Cited, ...] = ()
    masked_by: RolePolicy | None = None
    unknown: tuple[RolePolicy, ...] = ()
    reasons: tuple[str, ...] = ()
