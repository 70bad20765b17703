"""Lines of a review in words, as Markdown."""

import re
from collections.abc import Sequence
from typing import Final

from eks_irsa.documents.conditions import Clause, Condition
from eks_irsa.documents.policy_statements import ANYONE
from eks_irsa.documents.printable import printable
from eks_irsa.documents.trust_policy import DEFAULT_AUDIENCE
from eks_irsa.review.lines import Line
from eks_irsa.review.model import Mark, Value
from eks_irsa.review.preview import Unknown

__all__ = [
    "MARKS",
    "code",
    "issuers_of",
    "policy_words",
    "statement",
    "trusted",
    "value_words",
]

MARKS: Final[dict[Mark, str]] = {
    "administrator": "may do everything, or may let itself do it",
    "another-aws-account": "another AWS account may assume the role",
    "anyone": "anyone, or everyone but a few, may assume the role",
    "boundary-removed": "nothing bounds the role any more",
    "boundary-widened": "the boundary lets more through",
    "data-deletion": "may delete stores of data, keys or backups",
    "data-read": "may read data",
    "data-sharing": "may let others have data",
    "denial-removed": "something is no longer denied",
    "escalation": "may take permissions that are not its own",
    "escalation-limited": "may take permissions of others, by named resources",
    "every-data-store": "may read all data of a kind",
    "every-secret": "may read all secrets of a kind",
    "kept-in-aws": "the role stays in AWS and is forgotten here",
    "no-audience": "tokens for any audience are taken",
    "no-subject": "every identity of the issuer may assume the role",
    "not-comparable": "something cannot be compared",
    "pass-any-role": "may hand any role to a service",
    "pass-role": "may hand a role to a service",
    "permissions-management": "may change who is allowed what",
    "restart-pods": "pods must restart",
    "role-replaced": "pods get another role than before",
    "secrets": "may read secrets",
    "trust-widened": "more than before, or others, may assume the role",
    "unknown": "something is not known here",
    "widened-condition": "a condition is wider than before",
    "wildcard-action": "new wildcard in an action",
    "wildcard-resource": "new wildcard in a resource",
    "wildcard-subject": "new wildcard in who may assume the role",
    "write-wildcard-action": "new wildcard in an action that writes",
    "write-wildcard-resource": "may write to every resource of a kind",
}

_FEW_ACTIONS: Final = 6
_OIDC: Final = ":oidc-provider/"
_CLAIMS: Final = frozenset({"aud", "sub"})
_BACKTICKS: Final = re.compile(r"`+")


def code(text: str) -> str:
    """Put a text of somebody else into Markdown so that it is nothing but text."""
    shown = printable(text) or " "
    runs = [len(run) for run in _BACKTICKS.findall(shown)]
    fence = "`" * (max(runs, default=0) + 1)
    space = " " if "`" in shown else ""
    return f"{fence}{space}{shown}{space}{fence}"


def value_words(value: Value) -> str:
    """Word one value: as it is, as unknown, or as none."""
    if isinstance(value, Unknown):
        return f"**unknown** ({value.reason})"
    return "none" if value is None else code(value)


def policy_words(policy: str) -> str:
    """Word a policy, `<managed or inline> policy <name>`, or `the role`."""
    kind, policy_of, name = policy.partition(" policy ")
    return f"{kind} policy {code(name)}" if policy_of else kind


def statement(line: Line, *, whole: bool, other_side: str = "before") -> str:
    """Word what a line allows or denies.

    Args:
        line: Of a permission policy.
        whole: Name every action and resource, not only the first few.
        other_side: How what stands on the other side instead is called.
    """
    words = _set(line.actions, but=line.all_actions_but, whole=whole)
    words += " on " + _set(line.resources, but=line.all_resources_but, whole=whole)
    words += _conditions(line.condition)
    if line.instead_of:
        words += f" ({other_side}: {_instead_of(line, whole=whole)})"
    if line.policies:
        words += ", by " + " and ".join(map(policy_words, line.policies))
    return words


def issuers_of(line: Line) -> tuple[str, ...]:
    """Return the issuers whose identities a line of a trust policy is about."""
    return tuple(text.rpartition(_OIDC)[2] for text in line.principals if _OIDC in text)


def trusted(line: Line, *, home: str) -> str:
    """Word who may assume a role by one line of its trust policy.

    Args:
        line: Of a trust policy.
        home: The issuer that goes without saying; empty for none.
    """
    words = _principals(line)
    clauses = list(line.condition.clauses)
    if issuers_of(line) and not line.all_principals_but:
        words, clauses = _identities(line, home=home)
    words += _conditions(Condition(tuple(clauses)))
    actions = {text.lower() for text in line.actions}
    usual = {"sts:assumerole", "sts:assumerolewithwebidentity"}
    if len(actions) != 1 or line.all_actions_but or not actions <= usual:
        words += f", {_set(line.actions, but=line.all_actions_but)}"
    return f"**denied** to {words}" if line.effect == "Deny" else words


def _identities(line: Line, *, home: str) -> tuple[str, list[Clause]]:
    """Word the identities of an OIDC provider, and leave the other conditions."""
    claims: dict[str, Clause] = {}
    rest: list[Clause] = []
    for clause in line.condition.clauses:
        claim = clause.key.rpartition(":")[2]
        plain = clause.operator in {"StringEquals", "StringLike"}
        if plain and claim in _CLAIMS and claim not in claims:
            claims[claim] = clause
        else:
            rest.append(clause)
    subject, audience = claims.get("sub"), claims.get("aud")
    words = "**every identity**"
    if subject is not None:
        words = ", ".join(map(code, subject.values))
    if issuers_of(line) != (home,):
        words += " of " + ", ".join(map(code, issuers_of(line)))
    if audience is None:
        words += " for **any audience**"
    elif audience.values != (DEFAULT_AUDIENCE,):
        words += " for " + ", ".join(map(code, audience.values))
    return words, rest


def _principals(line: Line) -> str:
    if line.all_principals_but:
        return "**everyone but** " + ", ".join(map(_principal, line.principals))
    return ", ".join(map(_principal, line.principals))


def _principal(text: str) -> str:
    if text == ANYONE:
        return "**anyone**"
    kind, _, name = text.partition(" ")
    return (
        code(_unescaped(name)) if kind == "AWS" else f"{kind} {code(_unescaped(name))}"
    )


def _unescaped(text: str) -> str:
    return re.sub(r"\$\{([*?])\}", r"\1", text)


def _instead_of(line: Line, *, whole: bool) -> str:
    """Word what the other side has instead, without what is the same."""
    parts: list[str] = []
    for old in line.instead_of:
        same = (old.actions, old.resources) == (line.actions, line.resources)
        if same:
            parts.append(_conditions(old.condition).strip() or "the same")
            continue
        words = _set(old.actions, but=old.all_actions_but, whole=whole)
        if old.resources != line.resources:
            on = _set(old.resources, but=old.all_resources_but, whole=whole)
            words += f" on {on}"
        if old.condition != line.condition:
            words += _conditions(old.condition)
        parts.append(words)
    return "; ".join(parts)


def _set(texts: Sequence[str], *, but: bool, whole: bool = True) -> str:
    shown = [code(_unescaped(text)) for text in texts]
    if not whole and len(shown) > _FEW_ACTIONS:
        left = len(shown) - _FEW_ACTIONS + 1
        shown = [*shown[: _FEW_ACTIONS - 1], f"{left} more"]
    joined = ", ".join(shown)
    return f"**everything but** {joined}" if but else joined


def _conditions(condition: Condition) -> str:
    if not condition.clauses:
        return ""
    return " if " + " and ".join(map(_clause, condition.clauses))


def _clause(clause: Clause) -> str:
    values = ", ".join(code(_unescaped(value)) for value in clause.values)
    return f"{code(clause.key_as_written or clause.key)} {clause.operator} {values}"
