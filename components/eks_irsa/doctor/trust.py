"""A trust policy, evaluated for who asks; and where it fails.

Source:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain
from typing import Final, NamedTuple

from eks_irsa.access.authority import Authority
from eks_irsa.access.clauses import clause_met
from eks_irsa.access.evaluation import Decision, decide
from eks_irsa.access.requests import Request
from eks_irsa.documents.conditions import Clause
from eks_irsa.documents.pattern_sets import pattern_set
from eks_irsa.documents.patterns import Patterns
from eks_irsa.documents.policy_statements import Grant, Statement

__all__ = ["Asking", "Failure", "nearest_failure", "outcome", "statement_name"]

# Keys of the request, of which nobody but AWS knows all; but the tags are known.
_OF_THE_REQUEST: Final = ("aws:", "sts:")
_TAG: Final = "aws:requesttag/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """Who asks for a role.

    Attributes:
        principal: As `Grant` has it, such as `Federated <ARN of the OIDC provider>`.
        context: Key in small letters -> values that AWS has for conditions.
        unknown: Tags of the session whose values nobody knows, as keys.
    """

    principal: str
    context: Mapping[str, tuple[str, ...]]
    unknown: frozenset[str] = frozenset()

    def request(self, action: str, statements: Sequence[Statement]) -> Request:
        """Make the request.

        Args:
            action: Such as `sts:AssumeRoleWithWebIdentity`.
            statements: Of the trust policy; keys of theirs that are neither AWS's own
                nor in the context are claims that the token does not have, or tags
                that the session does not.
        """
        keys = {
            clause.key
            for statement in statements
            for grant in statement.grants
            for clause in grant.condition.clauses
        }
        absent = {
            key: ()
            for key in keys - self.unknown
            if key.startswith(_TAG) or not key.startswith(_OF_THE_REQUEST)
        }
        return Request(
            action=action,
            principal=self.principal,
            context={**absent, **self.context},
        )


class Failure(NamedTuple):
    """Why the statement that comes nearest does not let somebody in.

    Attributes:
        statement: The statement.
        grant: The part of it that comes nearest.
        principal: Whether it names the principal.
        action: Whether it names the action.
        clauses: Those of its conditions that are not met.
    """

    statement: Statement
    grant: Grant
    principal: bool
    action: bool
    clauses: tuple[Clause, ...]


def outcome(statements: Sequence[Statement], request: Request) -> Decision:
    """Decide whether a trust policy lets a request in.

    Args:
        statements: Of the trust policy.
        request: Who asks for what.
    """
    grants = frozenset(chain.from_iterable(one.grants for one in statements))
    return decide(Authority(grants), request)


def nearest_failure(
    statements: Iterable[Statement], request: Request
) -> Failure | None:
    """Find the statement that was probably meant for a request it does not allow.

    Args:
        statements: Of the trust policy.
        request: Who asks for what.

    Returns:
        The one with the fewest failing parts, of those the one whose texts are the most
        like; None if no statement allows anything.
    """
    failures = [
        _failure(statement, grant, request)
        for statement in statements
        for grant in sorted(statement.grants, key=lambda one: one.sort_key)
        if grant.effect == "Allow"
    ]
    return min(failures, key=lambda one: _distance(one, request), default=None)


def _failure(statement: Statement, grant: Grant, request: Request) -> Failure:
    return Failure(
        statement=statement,
        grant=grant,
        principal=_names(grant.principal, request.principal),
        action=_names(grant.action, request.action.lower()),
        clauses=tuple(
            one for one in grant.condition.clauses if clause_met(one, request) is False
        ),
    )


def _names(patterns: Patterns, text: str) -> bool:
    return patterns.inverted != pattern_set(patterns.texts).has(text)


def _distance(failure: Failure, request: Request) -> tuple[int, float]:
    parts = [failure.principal, failure.action, *(False for _ in failure.clauses)]
    pairs = [(text, request.principal) for text in failure.grant.principal.texts]
    pairs += [
        (value, given)
        for clause in failure.clauses
        for value in clause.values
        for given in request.context.get(clause.key) or ("",)
    ]
    unlike = sum(1 - SequenceMatcher(None, *pair).ratio() for pair in pairs)
    return parts.count(False), unlike


def statement_name(statement: Statement) -> str:
    """Name a statement, `statement 2` or `statement 2 ('Sid')`.

    Args:
        statement: Of a policy.
    """
    number = next((step for step in statement.step if isinstance(step, int)), 0) + 1
    return f"statement {number}" + (f" ({statement.sid!r})" if statement.sid else "")
