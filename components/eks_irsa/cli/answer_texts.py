"""Answers as people read them: lines of text."""

from collections.abc import Iterator, Sequence
from typing import Final

from eks_irsa.answers.model import Answer, Cited, EntryPermissions, Outcome, RolePolicy

__all__ = ["OUTCOMES", "answer_lines", "in_words", "reason_of", "role_line"]

OUTCOMES: Final[dict[Outcome, str]] = {
    "allowed": "allowed",
    "allowedIf": "allowed on conditions",
    "unknown": "unknown",
    "denied": "denied",
}
_FEW: Final = 5


def in_words(answer: Answer) -> str:
    """Word the outcome alone, such as `allowed in part`."""
    words = OUTCOMES[answer.outcome]
    in_part = answer.scope == "part" and answer.outcome != "unknown"
    return f"{words}, in part" if in_part else words


def answer_lines(answer: Answer) -> Iterator[str]:
    """Word what an answer is made of, a line for each."""
    if answer.actions:
        yield f"actions: {_few(answer.actions)}"
    yield from _allowing(answer)
    yield from _denying(answer)
    for policy in answer.unknown:
        words = "unless denied by" if answer.outcome == "allowedIf" else "not known:"
        yield f"{words} {_policy(policy)}: {policy.unknown}"
    if answer.outcome == "denied" and not (answer.allowed_by or answer.denied_by):
        yield from _nothing(answer)
    yield from answer.reasons


def _allowing(answer: Answer) -> Iterator[str]:
    masked = answer.outcome == "denied"
    for cited in answer.allowed_by:
        yield f"{'allowed ' if masked else ''}by {_cited(cited)}"
    for cited in answer.let_through_by:
        yield f"let through by the {_bound(cited.policy)}, {_cited(cited)}"
    if answer.masked_by is not None:
        bound = answer.masked_by
        yield f"but not let through by the {_bound(bound)}, {_policy(bound)}"


def _denying(answer: Answer) -> Iterator[str]:
    words = "denied" if answer.outcome == "denied" else "unless denied"
    if answer.scope == "part":
        words = "but denied"
    for cited in answer.denied_by:
        yield f"{words} by {_cited(cited)}"


def _nothing(answer: Answer) -> Iterator[str]:
    if not answer.near:
        yield "no statement allows it"
        return
    yield "no statement allows it there; elsewhere it is allowed"
    for cited in answer.near[:_FEW]:
        yield f"  by {_cited(cited)}"
    if len(answer.near) > _FEW:
        yield f"  by {len(answer.near) - _FEW} more statements"


def reason_of(answer: Answer) -> str:
    """Word the first of `answer_lines`, and how many more there are."""
    lines = [line for line in answer_lines(answer) if line[:1] != " "]
    shown = 2 if answer.actions else 1  # the actions alone are no reason
    left = len(lines) - shown
    return "; ".join(lines[:shown]) + (f" (and {left} more)" if left > 0 else "")


def role_line(entry: EntryPermissions) -> str:
    """Word which role it is, and how pods get it."""
    role = entry.role_arn or entry.role_name
    name = role or "its own, whose name depends on the AWS account (setting accountId)"
    return f"role: {name}; pods get it {entry.trust}"


def _cited(cited: Cited) -> str:
    statement = cited.statement
    sid = f" {statement.sid!r}" if statement.sid else ""
    condition = " and ".join(cited.conditions)
    return (
        f"{cited.policy.label} {statement.name}{sid}, {cited.action} on "
        f"{cited.resource}{f' if {condition}' if condition else ''} "
        f"({statement.origin})"
    )


def _bound(policy: RolePolicy) -> str:
    return "permissions boundary" if policy.arn else "session policy"


def _policy(policy: RolePolicy) -> str:
    return f"{policy.label} ({policy.origin})"


def _few(texts: Sequence[str]) -> str:
    shown = ", ".join(texts[:_FEW])
    left = len(texts) - _FEW
    return f"{shown} and {left} more" if left > 0 else shown
