"""Finds a request that some grants are about and others are not, or that there is none.

What is wanted is narrowed step by step: a request is made up; if something unwanted is
about it, it must escape by its action, its resource, its principal or a condition, and
each way is tried. Every way out closed is a proof that there is no such request.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from eks_irsa.access.assignments import (
    assignments,
    grant_variables,
    is_voidable,
    pinned,
    with_values,
)
from eks_irsa.access.evaluation import applies
from eks_irsa.access.requests import Request, stand_in
from eks_irsa.access.texts import AN_ACTION, Sets, Texts, like
from eks_irsa.access.values import Values
from eks_irsa.documents.conditions import Clause
from eks_irsa.documents.patterns import Patterns
from eks_irsa.documents.policy_statements import Grant

__all__ = ["FoundRequest", "Search"]

# None where it was not found out.
FoundRequest = Request | Literal[False] | None
_Part = Literal["action", "resource", "principal"]
_Literal = tuple[_Part, Patterns] | Clause

_NONE: Final[Sets] = frozenset()
_ANYTHING: Final[tuple[Sets, Sets]] = (frozenset({like(["*"])}), _NONE)
_ANY_ACTION: Final[tuple[Sets, Sets]] = (frozenset({AN_ACTION}), _NONE)
_EVERYTHING: Final = Patterns(frozenset({"*"}))
# So many steps are made for one answer, and for all of a search.
_STEPS: Final = 400
_ALL_STEPS: Final = 20_000


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a request must be like: in some sets and not in others, part by part."""

    texts: Mapping[_Part, tuple[Sets, Sets]]
    keys: Mapping[str, tuple[frozenset[Clause], frozenset[Clause]]]

    def narrowed(self, part: _Literal, *, met: bool) -> "_Wanted":
        """Demand one thing more, or its opposite."""
        if isinstance(part, Clause):
            held, escaped = self.keys.get(part.key, (frozenset(), frozenset()))
            both = (held | {part}, escaped) if met else (held, escaped | {part})
            return replace(self, keys={**self.keys, part.key: both})
        name, patterns = part
        wanted, unwanted = self.texts[name]
        texts = {like(patterns.texts)}
        if patterns.inverted is met:
            sets = (wanted, unwanted | texts)
        else:
            sets = (wanted | texts, unwanted)
        return replace(self, texts={**self.texts, name: sets})


_ANY_REQUEST: Final = _Wanted(
    texts={"action": _ANY_ACTION, "resource": _ANYTHING, "principal": _ANYTHING},
    keys={},
)


class Search:
    """Finds requests, each question about a part of one answered once."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self._texts = Texts()
        self._values = Values(self._texts)
        self._steps_left = _ALL_STEPS

    def find(self, wanted: Sequence[Grant], unwanted: Sequence[Grant]) -> FoundRequest:
        """Find a request that each of some grants is about, and none of others.

        Args:
            wanted: At least one.
            unwanted: The others; effects do not count.

        Returns:
            The request; False if there certainly is none, None if it was not found
            out.
        """
        found = self._within_limits(wanted, unwanted)
        if found or not any(map(grant_variables, (*wanted, *unwanted))):
            return found
        # A grant that is about nothing without a value does not always apply.
        rest = [one for one in unwanted if not is_voidable(one)]
        if found is False and len(rest) < len(unwanted):
            found = None if self._within_limits(wanted, rest) is not False else False
        if found is False or any(
            bad.covers(good) for bad in unwanted for good in wanted
        ):
            return False
        return self._by_assignment(wanted, unwanted)

    def _by_assignment(
        self, wanted: Sequence[Grant], unwanted: Sequence[Grant]
    ) -> FoundRequest:
        """Try values for variables that are not as good as any other."""
        for values in assignments((*wanted, *unwanted)):
            some = with_values(wanted, values)
            if len(some) < len(wanted):
                continue
            found = self._within_limits(
                (*some, pinned(values)), with_values(unwanted, values)
            )
            if found and _shows(found, wanted, unwanted):
                return found
        return None

    def _within_limits(
        self, wanted: Sequence[Grant], unwanted: Sequence[Grant]
    ) -> FoundRequest:
        like_this = _ANY_REQUEST
        for grant in wanted:
            for part in _parts(grant):
                like_this = like_this.narrowed(part, met=True)
        keys = {key for one in (*wanted, *unwanted) for key in grant_variables(one)}
        steps = _Steps(
            left=min(_STEPS, self._steps_left),
            stand_ins={key: (stand_in(key),) for key in keys},
        )
        self._steps_left -= steps.left
        found = self._find(like_this, unwanted, steps)
        if found and not _shows(found, wanted, unwanted):
            found = None  # for a variable has another value in it
        self._steps_left += steps.left
        return found

    def _find(
        self, like_this: _Wanted, unwanted: Sequence[Grant], steps: "_Steps"
    ) -> FoundRequest:
        if steps.left <= 0:
            return None
        steps.left -= 1
        request = self._made_up(like_this, steps.stand_ins)
        if not request:
            return request
        hit = next(
            (one for one in unwanted if applies(one, request) is not False), None
        )
        if hit is None:
            return request
        rest = [one for one in unwanted if one is not hit]
        unsure = False
        for part in _parts(hit):
            other = like_this.narrowed(part, met=False)
            found = self._find(other, rest, steps)
            if found:
                return found
            unsure = unsure or found is None
            like_this = like_this.narrowed(part, met=True)
        return None if unsure else False

    def _made_up(
        self, like_this: _Wanted, stand_ins: Mapping[str, tuple[str, ...]]
    ) -> FoundRequest:
        """Make a request that is like this, stand-ins for the values of variables."""
        texts = {
            name: self._texts.find(*sets) for name, sets in like_this.texts.items()
        }
        values = {
            key: self._values.find(*clauses) for key, clauses in like_this.keys.items()
        }
        found = {key: text for key, text in texts.items() if isinstance(text, str)}
        context = {key: one for key, one in values.items() if isinstance(one, tuple)}
        if len(found) == len(texts) and len(context) == len(values):
            return Request(
                action=found["action"],
                resource=found["resource"],
                principal=found["principal"],
                context={**stand_ins, **context},
                open=False,
            )
        given = (*texts.values(), *values.values())
        return False if any(one is False for one in given) else None


@dataclass(slots=True)
class _Steps:
    """How many are left to answer one question.

    Attributes:
        left: The number.
        stand_ins: Values of the variables that are in question.
    """

    left: int
    stand_ins: Mapping[str, tuple[str, ...]]


def _parts(grant: Grant) -> Iterator[_Literal]:
    """Give what a request must meet one by one, so that a grant is about it."""
    sets: tuple[tuple[_Part, Patterns], ...] = (
        ("action", grant.action),
        ("resource", grant.resource),
        ("principal", grant.principal),
    )
    yield from (one for one in sets if one[1] != _EVERYTHING)
    yield from grant.condition.clauses


def _shows(
    request: Request, wanted: Sequence[Grant], unwanted: Sequence[Grant]
) -> bool:
    return all(applies(one, request) for one in wanted) and not any(
        applies(one, request) is not False for one in unwanted
    )
