"""What a line of a policy says, in words."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, LiteralString

from eks_irsa.documents.conditions import Clause, Condition
from eks_irsa.documents.pod_identity_trust import (
    POD_IDENTITY,
    Part,
    PodIdentityTrust,
    pod_identity_trust,
)
from eks_irsa.documents.policy_statements import ANYONE
from eks_irsa.documents.trust_policy import DEFAULT_AUDIENCE
from eks_irsa.review.forms.lines import Line
from eks_irsa.review.forms.words import Words, code, join, number, say, strong, told
from eks_irsa.review.model import Mark, Row, Value
from eks_irsa.review.preview import Unknown

__all__ = [
    "IN_A_ROW",
    "IN_FULL",
    "IN_SHORT",
    "MARKS",
    "Measure",
    "folded",
    "is_pod_identity",
    "is_usual",
    "issuers_of",
    "policy_words",
    "row_name",
    "statement",
    "trusted",
    "value_words",
]

MARKS: Final[dict[Mark, LiteralString]] = {
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
    "no-cluster": "associations of every cluster may assume the role",
    "no-subject": (
        "every identity of the issuer, or every association, may assume the role"
    ),
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

_OIDC: Final = ":oidc-provider/"
_ESCAPED: Final = re.compile(r"\$\{([*?$])\}")
_CLAIMS: Final = frozenset({"aud", "sub"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure:
    """How much of each list is shown; the rest is a number.

    Attributes:
        lines: Statements, or other lines of a kind.
        items: Actions, resources, principals, clauses or values of one line.
    """

    lines: int
    items: int


IN_SHORT: Final = Measure(lines=2, items=2)
IN_A_ROW: Final = Measure(lines=6, items=5)
IN_FULL: Final = Measure(lines=400, items=100)


def folded(found: Sequence[Words], most: int) -> list[Words]:
    """Leave out the last of some things if they are many, and say how many."""
    if len(found) <= most:
        return [*found]
    left = say("and ") + number(len(found) - most + 1) + say(" more")
    return [*found[: most - 1], left]


def value_words(value: Value) -> Words:
    """Word one value: as it is, as unknown, or as none."""
    if isinstance(value, Unknown):
        return strong("unknown") + say(" (") + told(value.reason) + say(")")
    return say("none") if value is None else code(value)


def row_name(row: Row) -> Words:
    """Name a row."""
    name = code(row.name)
    return say("role ") + name if row.subject == "role" else name


def policy_words(policy: str) -> Words:
    """Word a policy, `<managed or inline> policy <name>`, or `the role`."""
    kind, policy_of, name = policy.partition(" policy ")
    return told(kind) + say(" policy ") + code(name) if policy_of else told(kind)


def statement(line: Line, measure: Measure, *, other_side: Words) -> Words:
    """Word what a line allows or denies.

    Args:
        line: Of a permission policy.
        measure: How much of each list is shown.
        other_side: How what stands on the other side instead is called.
    """
    most = measure.items
    words = _set(line.actions, but=line.all_actions_but, most=most) + say(" on ")
    words += _set(line.resources, but=line.all_resources_but, most=most)
    words += _conditions(line.condition, most)
    if line.instead_of:
        instead = folded(_instead_of(line, most), most)
        words += say(" (") + other_side + say(": ") + join("; ", instead) + say(")")
    if line.policies:
        by = folded([policy_words(one) for one in line.policies], most)
        words += say(", by ") + join(" and ", by)
    return words


def issuers_of(line: Line) -> tuple[str, ...]:
    """Return the issuers whose identities a line of a trust policy is about."""
    return tuple(text.rpartition(_OIDC)[2] for text in line.principals if _OIDC in text)


def trusted(line: Line, measure: Measure, *, home: str) -> Words:
    """Word who may assume a role by one line of its trust policy.

    Args:
        line: Of a trust policy.
        measure: How much of each list is shown.
        home: The issuer that goes without saying; empty for none.
    """
    most = measure.items
    words, clauses = _principals(line, most), list(line.condition.clauses)
    if is_pod_identity(line):
        words, clauses = _pods(pod_identity_trust(line.condition), most)
    elif issuers_of(line) and not line.all_principals_but:
        words, clauses = _identities(line, most, home=home)
    words += _conditions(Condition(tuple(clauses)), most)
    if not is_usual(line):
        words += say(", ") + _set(line.actions, but=line.all_actions_but, most=most)
    return strong("denied") + say(" to ") + words if line.effect == "Deny" else words


def is_pod_identity(line: Line) -> bool:
    """Tell whether a line of a trust policy is about EKS Pod Identity."""
    return line.principals == (POD_IDENTITY,) and not line.all_principals_but


def is_usual(line: Line) -> bool:
    """Tell whether a line is about the actions that go without saying."""
    actions = {text.lower() for text in line.actions}
    if line.all_actions_but:
        return False
    if is_pod_identity(line):
        return actions == {"sts:assumerole", "sts:tagsession"}
    usual = {"sts:assumerole", "sts:assumerolewithwebidentity"}
    return len(actions) == 1 and actions <= usual


def _pods(trust: PodIdentityTrust, most: int) -> tuple[Words, list[Clause]]:
    """Word the pods of EKS Pod Identity, and leave the other conditions."""

    def part(of: Part, any_one: LiteralString) -> Words:
        clause = trust.clauses.get(of)
        return _values(clause, most) if clause else strong(any_one)

    values = [
        one.values
        for of in ("namespace", "service account")
        if (one := trust.clauses.get(of))
    ]
    if [len(one) for one in values] == [1, 1]:
        who = code("/".join(one[0] for one in values))
    else:
        who = part("service account", "every service account") + say(" of ")
        who += part("namespace", "every namespace")
    words = say("EKS Pod Identity for ") + who + say(" in ")
    where = part("cluster", "every cluster")
    words += say("cluster ") + where if "cluster" in trust.clauses else where
    return words, [*trust.rest]


def _identities(line: Line, most: int, *, home: str) -> tuple[Words, list[Clause]]:
    """Word the identities of an OIDC provider, and leave the other conditions."""
    issuers = issuers_of(line)
    claims: dict[str, Clause] = {}
    rest: list[Clause] = []
    for clause in line.condition.clauses:
        issuer, _, claim = clause.key.rpartition(":")
        plain = clause.operator in {"StringEquals", "StringLike"}
        own = {issuer} == {one.lower() for one in issuers}
        if plain and own and claim in _CLAIMS and claim not in claims:
            claims[claim] = clause
        else:
            rest.append(clause)
    subject, audience = claims.get("sub"), claims.get("aud")
    words = _values(subject, most) if subject else strong("every identity")
    if issuers != (home,):
        words += say(" of ") + _codes(issuers, most)
    if audience is None:
        words += say(" for ") + strong("any audience")
    elif audience.values != (DEFAULT_AUDIENCE,):
        words += say(" for ") + _values(audience, most)
    return words, rest


def _principals(line: Line, most: int) -> Words:
    shown = join(", ", folded([_principal(one) for one in line.principals], most))
    return (
        strong("everyone but") + say(" ") + shown if line.all_principals_but else shown
    )


def _principal(text: str) -> Words:
    if text == ANYONE:
        return strong("anyone")
    kind, _, name = text.partition(" ")
    # No pattern: every character stands for itself.
    name = _ESCAPED.sub(r"\1", name)
    return code(name) if kind == "AWS" else told(kind) + say(" ") + code(name)


def _instead_of(line: Line, most: int) -> list[Words]:
    """Word what the other side has instead, without what is the same."""
    parts: list[Words] = []
    for old in line.instead_of:
        same = (old.actions, old.resources) == (line.actions, line.resources)
        if same and old.condition.clauses:
            parts.append(_demands(old.condition, most))
            continue
        if same:
            parts.append(say("the same"))
            continue
        words = _set(old.actions, but=old.all_actions_but, most=most)
        if old.resources != line.resources:
            on = _set(old.resources, but=old.all_resources_but, most=most)
            words += say(" on ") + on
        if old.condition != line.condition:
            words += _conditions(old.condition, most)
        parts.append(words)
    return parts


def _set(texts: Sequence[str], *, but: bool, most: int) -> Words:
    shown = _codes(texts, most)
    return strong("everything but") + say(" ") + shown if but else shown


def _codes(texts: Iterable[str], most: int) -> Words:
    return join(", ", folded([code(text) for text in texts], most))


def _conditions(condition: Condition, most: int) -> Words:
    return say(" ") + _demands(condition, most) if condition.clauses else Words()


def _demands(condition: Condition, most: int) -> Words:
    clauses = [_clause(clause, most) for clause in condition.clauses]
    return say("if ") + join(" and ", folded(clauses, most))


def _clause(clause: Clause, most: int) -> Words:
    key = clause.key_as_written or clause.key
    words = code(key) + say(" ") + told(clause.operator) + say(" ")
    return words + _values(clause, most)


def _values(clause: Clause, most: int) -> Words:
    return _codes(clause.values, most)
