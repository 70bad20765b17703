"""What a policy says, statement by statement, without how it is written.

The one reader of policies that exist: those of roles (who may assume them) and those of
permissions. What IAM would refuse of a policy that is to be written is
in `policy_grammar`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, cast

from eks_irsa.documents.condition_reading import conditions_of, pattern_of
from eks_irsa.documents.conditions import Condition
from eks_irsa.documents.json_text import parse_json
from eks_irsa.documents.patterns import Patterns, literal
from eks_irsa.documents.policy_grammar import JsonPath, items, kind_of
from eks_irsa.errors import PolicyDocumentError

__all__ = [
    "ANYONE",
    "ANY_CONDITION",
    "Grant",
    "Statement",
    "read_policy",
    "read_statements",
]

# The principal that is everybody: `"*"` and `{"AWS": "*"}` alike.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
ANYONE: Final = "*"
# The condition that every request meets.
ANY_CONDITION: Final = Condition()

_OF_A_POLICY: Final = frozenset({"Version", "Id", "Statement"})
_KNOWN_KEYS: Final = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)
_EVERYTHING: Final = Patterns(frozenset({"*"}))


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """The smallest thing a policy allows or denies: one of each, under a condition.

    Attributes:
        effect: `Allow` or `Deny`.
        principal: `<kind> <value>`, such as `Federated arn:aws:...` or `Service
            ec2.amazonaws.com`; everything in a permission policy.
        action: One pattern in small letters, for actions have no case; several if
            inverted.
        resource: One pattern; several if inverted; everything in a trust policy.
        condition: What a request must meet besides.
        actions_as_written: The action, or actions, in the policy's own spelling.
    """

    effect: Literal["Allow", "Deny"]
    principal: Patterns = _EVERYTHING
    action: Patterns
    resource: Patterns = _EVERYTHING
    condition: Condition = ANY_CONDITION
    actions_as_written: tuple[str, ...] = field(default=(), compare=False)

    def covers(self, other: "Grant") -> bool:
        """Tell whether this certainly holds for every request that *other* does."""
        return (
            self.effect == other.effect
            and self.action.covers(other.action)
            and self.resource.covers(other.resource)
            and self.principal.covers(other.principal)
            and self.condition.covers(other.condition)
        )

    @property
    def inverted(self) -> bool:
        """Tell whether it says what it is not about: NotAction and its kin."""
        return self.action.inverted or self.resource.inverted or self.principal.inverted

    @property
    def sort_key(self) -> tuple[object, ...]:
        """Give grants an order: what they are about first, then whether and when."""
        sets = (self.resource, self.action, self.principal)
        texts = [(one.inverted, sorted(one.texts)) for one in sets]
        return (self.effect, self.condition.clauses, *texts)


class Statement(NamedTuple):
    """One statement of a policy.

    Attributes:
        step: Steps to it from `Statement`; none if it stands there alone.
        sid: Its `Sid`; empty for none.
        grants: What it allows or denies.
    """

    step: JsonPath
    sid: str
    grants: frozenset[Grant]


def read_policy(document: object) -> frozenset[Grant]:
    """Take a policy apart into what it grants.

    Order, repetition, `Sid`, the case of actions, and one value or a list of one make
    no difference.

    Args:
        document: A policy as JSON values, or as JSON.

    Returns:
        What it allows and denies, at least one thing.

    Raises:
        PolicyDocumentError: It is no policy, or says something that is not known here.
    """
    grants = frozenset[Grant]().union(
        *(one.grants for one in read_statements(document))
    )
    if not grants:
        msg = "the policy has no statement"
        raise PolicyDocumentError(msg)
    return grants


def read_statements(document: object) -> tuple[Statement, ...]:
    """Take a policy apart statement by statement.

    Args:
        document: A policy as JSON values, or as JSON.

    Returns:
        Its statements in their order.

    Raises:
        PolicyDocumentError: It is no policy, or says something that is not known here.
    """
    if isinstance(document, str):
        try:
            document = parse_json(document)
        except ValueError as error:
            msg = f"the policy is not JSON: {error}"
            raise PolicyDocumentError(msg) from error
        except RecursionError as error:
            msg = "the policy is nested too deep to be read; no policy needs ten levels"
            raise PolicyDocumentError(msg) from error
    if not isinstance(document, Mapping):
        msg = f"expected a policy, got {kind_of(document)}"
        raise PolicyDocumentError(msg)
    pairs = cast("Mapping[str, object]", document)
    if unknown := sorted(pairs.keys() - _OF_A_POLICY):
        msg = f"{unknown[0]!r} of a policy is not known here"
        raise PolicyDocumentError(msg)
    # Only this version knows variables; in the older one they are plain text.
    variables = pairs.get("Version") == "2012-10-17"
    return tuple(
        Statement(
            step=step,
            sid=_sid(statement),
            grants=frozenset(_grants(statement, variables=variables)),
        )
        for step, statement in items(pairs.get("Statement", []))
    )


def _sid(statement: object) -> str:
    if not isinstance(statement, Mapping):
        return ""
    sid = cast("Mapping[str, object]", statement).get("Sid")
    return sid if isinstance(sid, str) else ""


def _grants(statement: object, *, variables: bool) -> Iterator[Grant]:
    if not isinstance(statement, Mapping):
        msg = f"expected a statement, got {kind_of(statement)}"
        raise PolicyDocumentError(msg)
    pairs = cast("Mapping[str, object]", statement)
    if unknown := sorted(pairs.keys() - _KNOWN_KEYS):
        msg = f"{unknown[0]!r} of a statement is not known here"
        raise PolicyDocumentError(msg)
    effect = pairs.get("Effect")
    if effect not in ("Allow", "Deny"):
        msg = f"the Effect is {kind_of(effect)}"
        raise PolicyDocumentError(msg)
    actions = _sets(pairs, "Action", variables=variables)
    if not actions:
        msg = "a statement has no Action"
        raise PolicyDocumentError(msg)
    conditions = list(conditions_of(pairs.get("Condition", {}), variables=variables))
    for principal in _principals(pairs) or [_EVERYTHING]:
        for action in actions:
            folded = Patterns(frozenset(map(str.lower, action.texts)), action.inverted)
            for resource in _sets(pairs, "Resource", variables=variables) or [
                _EVERYTHING
            ]:
                for condition in conditions:
                    yield Grant(
                        effect=effect,
                        principal=principal,
                        action=folded,
                        resource=resource,
                        condition=condition,
                        actions_as_written=tuple(sorted(action.texts)),
                    )


def _sets(
    statement: Mapping[str, object], key: str, *, variables: bool
) -> list[Patterns]:
    """Return one set for each pattern of `<key>`, or one set for `Not<key>`."""
    texts = [pattern_of(text, variables=variables) for text in _texts(statement, key)]
    inverted = _texts(statement, f"Not{key}")
    if not inverted:
        return [Patterns(frozenset({text})) for text in texts]
    if texts:
        msg = f"a statement has both {key} and Not{key}"
        raise PolicyDocumentError(msg)
    whole = frozenset(pattern_of(text, variables=variables) for text in inverted)
    return [Patterns(whole, inverted=True)]


def _texts(pairs: Mapping[str, object], key: str) -> list[str]:
    if key not in pairs:
        return []
    texts = [text for _, text in items(pairs[key])]
    for text in texts:
        if not isinstance(text, str):
            msg = f"expected text in {key}, got {kind_of(text)}"
            raise PolicyDocumentError(msg)
    return cast("list[str]", texts)


def _principals(statement: Mapping[str, object]) -> list[Patterns]:
    named = _principal_texts(statement, "Principal")
    inverted = _principal_texts(statement, "NotPrincipal")
    if inverted:
        return [Patterns(frozenset(inverted), inverted=True)]
    return [Patterns(frozenset({text})) for text in named]


def _principal_texts(statement: Mapping[str, object], key: str) -> list[str]:
    given = statement.get(key, {})
    if given == ANYONE:
        return [ANYONE]
    if not isinstance(given, Mapping):
        msg = f"expected a map in {key}, got {kind_of(given)}"
        raise PolicyDocumentError(msg)
    pairs = cast("Mapping[str, object]", given)
    return [
        ANYONE if (kind, text) == ("AWS", "*") else _principal(kind, text)
        for kind in pairs
        for text in _texts(pairs, kind)
    ]


def _principal(kind: str, text: str) -> str:
    parts = text.split(":")
    # An AWS account may be written as its id or as the ARN of its root.
    if kind == "AWS" and len(parts) == 6 and parts[2::3] == ["iam", "root"]:  # noqa: PLR2004 - the parts of an ARN
        text = parts[4]
    return literal(f"{kind} {text}")
