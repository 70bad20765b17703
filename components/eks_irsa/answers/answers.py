"""The answer for one service account: what becomes of what is asked, and by what."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain
from typing import Final

from eks_irsa.access.evaluation import Decision
from eks_irsa.access.requests import Request
from eks_irsa.answers.action_judgements import judgements_of
from eks_irsa.answers.citations import Piece, Sources
from eks_irsa.answers.judgements import Judgement
from eks_irsa.answers.model import (
    Answer,
    Cited,
    EntryPermissions,
    Outcome,
    RolePolicy,
    Scope,
)
from eks_irsa.answers.questions import Question
from eks_irsa.documents.patterns import Patterns
from eks_irsa.documents.policy_statements import Grant

__all__ = ["answer"]

# What a policy of unknown content allows at most.
_ANYTHING: Final = frozenset({Grant(effect="Allow", action=Patterns(frozenset({"*"})))})
_ROLE: Final = "an existing role, whose policies are not in the file"
# From what gives most.
_WORDS: Final[dict[Outcome, str]] = {
    "allowed": "allowed",
    "allowedIf": "allowed on conditions",
    "unknown": "unknown",
    "denied": "denied",
}
_TOO_MANY: Final = "its statements overlap in too many ways to tell; ask about less"


def answer(entry: EntryPermissions, question: Question) -> Answer:
    """Answer a question about the role of one entry.

    Args:
        entry: What the role may do.
        question: What is asked, without a fault.

    Returns:
        The answer; equal arguments give equal answers. Where pods have less or more by
        EKS Pod Identity than with a token, that by which they have more.
    """
    by_token = _answer(entry, question)
    if entry.by_association is None:
        return by_token
    by_association = _answer(entry.by_association, question)
    ways = (("IRSA", by_token), ("EKS Pod Identity", by_association))
    (way, more), (other, less) = sorted(ways, key=lambda one: _rank(one[1]))
    if more.outcome == less.outcome:
        return more
    reason = f"that is by {way}; by {other} it is {_WORDS[less.outcome]}"
    return replace(more, reasons=(*more.reasons, reason))


def _rank(answer: Answer) -> tuple[int, bool]:
    return [*_WORDS].index(answer.outcome), answer.scope == "part"


def _answer(entry: EntryPermissions, question: Question) -> Answer:
    if entry.existing_role:
        role = RolePolicy(
            label=f"role {entry.existing_role}",
            arn=entry.existing_role,
            origin=entry.origin,
            unknown=_ROLE,
        )
        return Answer(outcome="unknown", unknown=(role,))
    return _Role(entry, question).answer()


class _Role:
    """A role, with what of its policies is about the question."""

    def __init__(self, entry: EntryPermissions, question: Question) -> None:
        self._question = question
        self._boundary, self._session = entry.boundary, entry.session
        self._unknown = tuple(one for one in entry.policies if one.unknown)
        bounds = [one for one in (entry.boundary, entry.session) if one]
        self._unknown_bounds = tuple(one for one in bounds if one.unknown)
        self._sources = Sources([*entry.policies, *bounds], question)
        self._grants = self._sources.pieces_of(entry.policies)
        self._bounds = (self._pieces(entry.boundary), self._pieces(entry.session))
        # What the user says of the request wins over what follows from the role.
        self._request = Request(
            action="", context={**entry.context, **question.context}
        )

    def _pieces(self, bound: RolePolicy | None) -> tuple[Piece, ...] | None:
        if bound is None or bound.unknown:
            return None
        return self._sources.pieces_of([bound])

    def answer(self) -> Answer:
        judgements = self._judgements(self._grants)
        best = max(judgements.values(), key=lambda one: one.rank)
        alike = [one for one in judgements.values() if one.rank == best.rank]
        decisions = [decision for one in alike for decision in one.decisions]
        known = (
            self._denied(decisions) if not best.rank else self._allowed(best, decisions)
        )
        scope, actions = _scope(judgements, best)
        known = replace(known, scope=scope, actions=actions)
        if scope == "part":
            known = replace(known, denied_by=self._cited(self._sources.denials()))
        if best.outcome != "allowed" and any(one.unsure for one in judgements.values()):
            return replace(known, outcome="unknown", reasons=(_TOO_MANY,))
        return self._with_unknown(known)

    def _judgements(self, grants: tuple[Piece, ...]) -> Mapping[str, Judgement]:
        return judgements_of(
            grants, self._bounds, question=self._question, request=self._request
        )

    def _allowed(self, best: Judgement, decisions: list[Decision]) -> Answer:
        """Answer from decisions that allow, all of them surely or none."""
        allowing = self._cited(
            chain.from_iterable(
                one.allowed_by or one.perhaps_allowed_by for one in decisions
            )
        )
        if best.outcome == "allowed":
            return Answer(outcome="allowed", allowed_by=allowing)
        denials = chain.from_iterable(one.perhaps_denied_by for one in decisions)
        letting = chain.from_iterable(one.perhaps_let_through_by for one in decisions)
        return Answer(
            outcome="allowedIf",
            allowed_by=allowing,
            denied_by=self._cited(denials),
            let_through_by=self._cited(letting),
        )

    def _denied(self, decisions: list[Decision]) -> Answer:
        allowing = chain.from_iterable(
            one.allowed_by or one.perhaps_allowed_by for one in decisions
        )
        denied_by = self._cited(chain.from_iterable(one.denied_by for one in decisions))
        bounded = [one for one in decisions if one.bounded]
        by_session = all(one.bounded_by_session for one in bounded)
        explained = bounded or denied_by or self._sources.allows_some()
        return Answer(
            outcome="denied",
            allowed_by=self._cited(allowing),
            denied_by=denied_by,
            masked_by=(self._session if by_session else self._boundary)
            if bounded
            else None,
            near=() if explained else self._sources.near(self._request),
        )

    def _with_unknown(self, known: Answer) -> Answer:
        """Say what the contents that are not known leave open."""
        bounds = self._unknown_bounds
        if known.outcome != "denied":
            if bounds:
                return replace(known, outcome="unknown", unknown=bounds)
            if self._unknown:
                return replace(known, outcome="allowedIf", unknown=self._unknown)
            return known
        if not self._unknown:
            return known
        most = self._judgements((*self._grants, _ANYTHING))
        if not any(one.rank for one in most.values()):
            return known
        return replace(known, outcome="unknown", unknown=(*self._unknown, *bounds))

    def _cited(self, grants: Iterable[Grant]) -> tuple[Cited, ...]:
        return self._sources.cited(grants, self._request)


def _scope(
    judgements: Mapping[str, Judgement], best: Judgement
) -> tuple[Scope, tuple[str, ...]]:
    """Tell whether all has the best outcome, and which actions if only some have."""
    alike = [action for action, one in judgements.items() if one.rank == best.rank]
    if not best.rank:
        return "all", ()
    whole = all(judgements[action].scope == "all" for action in alike)
    if len(alike) == len(judgements):
        return ("all" if whole else "part"), ()
    return "part", tuple(alike)
