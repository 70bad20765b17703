"""What becomes of everything that is asked about, for one set of actions.

`access` decides single requests, and finds them. Here a question about many is put as
a few of them: one that is allowed, and one that is not.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final, NamedTuple

from eks_irsa.access.authority import Authority
from eks_irsa.access.clauses import condition_met
from eks_irsa.access.evaluation import Decision, decide
from eks_irsa.access.requests import Request, resolved
from eks_irsa.access.search import Search
from eks_irsa.answers.model import Scope
from eks_irsa.documents.patterns import Patterns
from eks_irsa.documents.policy_statements import ANY_CONDITION, Grant

__all__ = ["Judgement", "judged"]

_RANKS: Final = {"denied": 0, "conditional": 1, "allowed": 2}
_EVERYTHING: Final = Patterns(frozenset({"*"}))
# So many grants of one outcome are enough to tell what it comes from.
_ENOUGH: Final = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """What becomes of some actions.

    Attributes:
        outcome: `allowed`, `conditional` or `denied`, the best that any part has.
        scope: Whether all of it has that outcome.
        decisions: Some decisions of this outcome; none where no grant is about it.
        unsure: A better outcome of a part was neither found nor excluded.
    """

    outcome: str
    scope: Scope = "all"
    decisions: tuple[Decision, ...] = ()
    unsure: bool = False

    @property
    def rank(self) -> int:
        """The higher, the more is allowed."""
        return _RANKS[self.outcome]


class _Side(NamedTuple):
    """What holds for certain, or what may hold, with no condition left.

    Attributes:
        allows: What the policies allow.
        bounds: What boundary and session policy allow, as far as they are there.
        denies: What policies and bounds deny: what they may where the rest is certain,
            what they certainly do where the rest may hold.
    """

    allows: list[Grant]
    bounds: list[list[Grant]]
    denies: list[Grant]


def judged(
    authority: Authority, *, action: Patterns, resource: Patterns, request: Request
) -> Judgement:
    """Judge everything that is asked about.

    Args:
        authority: What decides; only grants that are about some of it.
        action: Patterns of actions in small letters; not inverted.
        resource: Patterns of resources; not inverted.
        request: What is known of each request.

    Returns:
        The judgement.
    """
    asked = Grant(effect="Allow", action=action, resource=resource)
    least, most = _sides(authority, request)
    question = _Question(authority, asked, request)
    for outcome, side in (("allowed", least), ("conditional", most)):
        decisions = question.allowed_by(side)
        if decisions:
            return Judgement(
                outcome=outcome,
                scope="all" if question.is_whole(side) else "part",
                decisions=tuple(decisions),
                unsure=question.unsure and outcome != "allowed",
            )
    return Judgement(
        outcome="denied",
        decisions=tuple(question.examples([*most.allows, *most.denies])),
        unsure=question.unsure,
    )


class _Question:
    """Finds requests among those asked about.

    Attributes:
        unsure: Some request was neither found nor excluded.
    """

    def __init__(self, authority: Authority, asked: Grant, request: Request) -> None:
        self._authority = authority
        self._asked = asked
        self._request = request
        self._search = Search()
        self.unsure = False

    def allowed_by(self, side: _Side) -> list[Decision]:
        """Decide a request for each grant that lets one through."""
        decisions: list[Decision] = []
        for allow in side.allows:
            for bound in product(*(_near(allow, one) for one in side.bounds)):
                found = self._search.find([self._asked, allow, *bound], side.denies)
                self.unsure = self.unsure or found is None
                if found:
                    decisions.append(self._decided(found))
                    break
            if len(decisions) == _ENOUGH:
                break
        return decisions

    def is_whole(self, side: _Side) -> bool:
        """Tell whether all that is asked about is let through, as far as is found."""
        find, asked = self._search.find, [self._asked]
        return (
            find(asked, side.allows) is False
            and all(find(asked, bound) is False for bound in side.bounds)
            and all(find([*asked, one], []) is False for one in side.denies)
        )

    def examples(self, grants: Iterable[Grant]) -> Iterator[Decision]:
        """Decide a request for some grants, whatever else is about it."""
        for grant in list(grants)[:_ENOUGH]:
            if found := self._search.find([self._asked, grant], []):
                yield self._decided(found)

    def _decided(self, found: Request) -> Decision:
        request = replace(self._request, action=found.action, resource=found.resource)
        return decide(self._authority, request)


def _near(grant: Grant, bounds: Sequence[Grant]) -> list[Grant]:
    return [
        one
        for one in bounds
        if not one.action.is_disjoint_from(grant.action)
        and not one.resource.is_disjoint_from(grant.resource)
    ]


def _sides(authority: Authority, request: Request) -> tuple[_Side, _Side]:
    """Give what certainly holds, and what may hold."""
    own = _by_effect(authority.grants, request)
    bounds = [_by_effect(one, request) for one in authority.bounds]
    sides = [
        _Side(
            allows=own["Allow"][index],
            bounds=[one["Allow"][index] for one in bounds],
            denies=[one for each in (own, *bounds) for one in each["Deny"][1 - index]],
        )
        for index in (0, 1)
    ]
    return sides[0], sides[1]


def _by_effect(
    grants: Iterable[Grant], request: Request
) -> dict[str, tuple[list[Grant], list[Grant]]]:
    """Give, for each effect, what certainly holds and what may hold."""
    found: dict[str, tuple[list[Grant], list[Grant]]] = {
        "Allow": ([], []),
        "Deny": ([], []),
    }
    for grant in sorted(grants, key=lambda grant: grant.sort_key):
        met = condition_met(grant.condition, request)
        least, most = _resources(grant.resource, request)
        plain = replace(grant, condition=ANY_CONDITION)
        if met and least is not None:
            found[grant.effect][0].append(replace(plain, resource=least))
        if met is not False and most is not None:
            found[grant.effect][1].append(replace(plain, resource=most))
    return found


def _resources(
    resource: Patterns, request: Request
) -> tuple[Patterns | None, Patterns | None]:
    """Give resources without variables: those it certainly has, those it may have."""
    known: set[str] = set()
    loose: set[str] = set()
    for text in resource.texts:
        one = resolved(text, request, wildcards=True)
        if one.text is None:
            if resource.inverted:
                return None, None  # about nothing
        else:
            loose.add(one.text)
            if one.known:
                known.add(one.text)
    if resource.inverted:
        most = Patterns(frozenset(known), inverted=True) if known else _EVERYTHING
        return Patterns(frozenset(loose), inverted=True), most
    least = Patterns(frozenset(known)) if known else None
    return least, Patterns(frozenset(loose)) if loose else None
