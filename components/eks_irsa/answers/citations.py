"""From the grants that decide to the statements they stand in, in words."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from eks_irsa.access.clauses import clause_met
from eks_irsa.access.requests import Request
from eks_irsa.answers.model import Cited, RolePolicy, RoleStatement
from eks_irsa.answers.questions import Question
from eks_irsa.documents.conditions import Clause
from eks_irsa.documents.policy_statements import Grant

__all__ = ["Piece", "Sources"]

_VARIABLE: Final = re.compile(r"\$\{(?![*?$]\})(?P<key>[^},]*)")
_PLAIN: Final = re.compile(r"\$\{([*?$])\}")
# What a statement says about a question.
Piece = frozenset[Grant]


class Sources:
    """Where the grants stand that are about a question.

    Args:
        policies: Of a role, and its boundary.
        question: What is asked.
    """

    def __init__(self, policies: Iterable[RolePolicy], question: Question) -> None:
        """Find the statements that are about some of what is asked."""
        self._policies = [*policies]
        self._question = question
        self._found = [
            (policy, statement, piece)
            for policy in self._policies
            for statement in policy.statements
            if (piece := _about(statement.grants, question.action, question.resource))
        ]

    def pieces_of(self, policies: Sequence[RolePolicy]) -> tuple[Piece, ...]:
        """Return what some of the policies say about what is asked, by statement."""
        return tuple(piece for policy, _, piece in self._found if policy in policies)

    def denials(self) -> Iterator[Grant]:
        """Give what denies some of what is asked."""
        for _, _, piece in self._found:
            yield from (grant for grant in piece if grant.effect == "Deny")

    def allows_some(self) -> bool:
        """Tell whether something allows some of what is asked."""
        return any(
            grant.effect == "Allow" for _, _, piece in self._found for grant in piece
        )

    def cited(self, grants: Iterable[Grant], request: Request) -> tuple[Cited, ...]:
        """Cite the statements that grants stand in, each once, in their order.

        Args:
            grants: Some of those that are about the question.
            request: What is known of each request.
        """
        wanted = _sorted(frozenset(grants))
        found: list[Cited] = []
        for policy, statement, piece in self._found if wanted else ():
            first = next((grant for grant in wanted if grant in piece), None)
            if first is not None:
                found.append(_cited(policy, statement, first, request))
        return tuple(found)

    def near(self, request: Request) -> tuple[Cited, ...]:
        """Cite what allows the action on other resources than those asked about."""
        found: list[Cited] = []
        for policy in self._policies:
            for statement in policy.statements:
                piece = _about(statement.grants, self._question.action, "*")
                allowing = [one for one in _sorted(piece) if one.effect == "Allow"]
                if allowing:
                    found.append(_cited(policy, statement, allowing[0], request))
        return tuple(found)


# Many roles have the same statements. The sets that come of it are the same objects
# then, so that they are told apart at no cost.
@lru_cache(maxsize=65_536)
def _about(grants: Piece, action: str, resource: str) -> Piece:
    """Return the grants that are about some of what is asked."""
    question = Question(action=action, resource=resource)
    actions, resources = question.action_set, question.resource_set
    return frozenset(
        grant
        for grant in grants
        if not grant.action.is_disjoint_from(actions)
        and not grant.resource.is_disjoint_from(resources)
    )


def _sorted(grants: Piece) -> list[Grant]:
    return sorted(grants, key=lambda grant: grant.sort_key)


def _cited(
    policy: RolePolicy, statement: RoleStatement, grant: Grant, request: Request
) -> Cited:
    return Cited(
        policy=policy,
        statement=statement,
        action=_words(grant.actions_as_written, inverted=grant.action.inverted),
        resource=_words(sorted(grant.resource.texts), inverted=grant.resource.inverted),
        conditions=tuple(_conditions(grant, request)),
    )


def _words(texts: Iterable[str], *, inverted: bool) -> str:
    joined = ", ".join(map(_shown, texts))
    return f"everything but {joined}" if inverted else joined


def _shown(text: str) -> str:
    return _PLAIN.sub(r"\1", text)


def _conditions(grant: Grant, request: Request) -> Iterator[str]:
    """Word what of a grant hangs on values that are not known."""
    keys = {
        found["key"]
        for text in grant.resource.texts
        for found in _VARIABLE.finditer(text)
        if request.values_of(found["key"].strip().lower()) is None
    }
    for key in sorted(keys):
        yield f"{key} makes the resource fit"
    for clause in grant.condition.clauses:
        if clause_met(clause, request) is None:
            yield _clause(clause)


def _clause(clause: Clause) -> str:
    values = " or ".join(map(_shown, clause.values))
    return f"{clause.key_as_written or clause.key} {clause.operator} {values}"
