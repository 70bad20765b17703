"""What becomes of what exists when a stack takes it in, as frozen data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from eks_irsa.errors import Problem
from eks_irsa.live.model import LiveStack

__all__ = ["Adoption", "Change", "EntryAdoption", "ServiceAccountStep", "Verdict"]

Verdict = Literal["asItIs", "changes", "cannot", "absent", "existing", "ours"]
"""What becomes of one entry.

asItIs: its role is taken in, and nothing of it changes but our own marks; changes: the
same, with the changes that are named; cannot: something stands in the way; absent: it
has no role yet, one will be made; existing: it uses a role as it is (`attachRoleARN`);
ours: the role is the stack's already.
"""

ServiceAccountStep = Literal[
    "imported", "patched", "created", "notManaged", "unchanged", "unknown"
]
"""What becomes of the service account.

unchanged: the stack has it, or its entry cannot be taken in; unknown: it could not be
looked up.
"""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that the next `pulumi up` changes of what exists.

    Attributes:
        field: What it is, such as `tag team` or `trust policy`.
        before: What is there; None for nothing.
        after: What will be there; None for nothing.
    """

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryAdoption:
    """What becomes of one entry of the file.

    Attributes:
        key: `<namespace>/<name>` of the service account.
        verdict: What becomes of its role.
        role_arn: The role that exists; None if there is none.
        service_account: What becomes of the service account.
        stack: The CloudFormation stack of eksctl that has the role, or None.
        changes: What changes, marks of ours left aside.
        marks: Marks of whose it is that are written: tags and a label of ours.
        reasons: Why it cannot be taken in, each with a remedy; empty otherwise.
        left: What the role has that the file does not ask for, and that stays as it is.
        notes: What else is worth knowing.
    """

    key: str
    verdict: Verdict
    role_arn: str | None
    service_account: ServiceAccountStep
    stack: LiveStack | None = None
    changes: tuple[Change, ...] = ()
    marks: tuple[Change, ...] = ()
    reasons: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Adoption:
    """What becomes of a whole file.

    Attributes:
        entries: In file order.
        settings: The settings that make it so, key -> value as in a stack file:
            `adopt`, `overrides`, `patchExisting`, those that the stack has already
            included; a setting without a value is left out.
        notes: What is worth knowing of the AWS account.
        warnings: What file and settings are warned of together.
        unread: What could not be read -> why.
        tagged_stacks: Of each role that is taken in and whose stack was not among those
            read, the stack of eksctl's that its tags name.
    """

    entries: tuple[EntryAdoption, ...]
    settings: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict[str, str])
    tagged_stacks: tuple[str, ...] = ()
