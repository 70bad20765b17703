"""What of an authority reaches the actions and resources that two patterns stand for.

For questions about more than one request: who may do something somewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from eks_irsa.access.authority import Authority
from eks_irsa.documents.patterns import Patterns
from eks_irsa.documents.policy_statements import Grant

__all__ = ["Reach", "reaches"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """An `Allow` that is about some of what was asked.

    Attributes:
        grant: It, with the condition a request must meet.
        whole: It is about every action and resource that was asked for.
        let_through_by: Grants of the boundary that allow some of it, sorted; empty
            without a boundary.
        bounded: There is a boundary, and nothing in it allows any of it.
        denied_by: Denials, the boundary's too, that certainly take all of it, sorted.
        perhaps_denied_by: Denials that take some of it, or all under a condition,
            sorted.
    """

    grant: Grant
    whole: bool
    let_through_by: tuple[Grant, ...] = ()
    bounded: bool = False
    denied_by: tuple[Grant, ...] = ()
    perhaps_denied_by: tuple[Grant, ...] = ()

    @property
    def masked(self) -> bool:
        """Tell whether nothing is left of it."""
        return self.bounded or bool(self.denied_by)


def reaches(authority: Authority, *, action: str, resource: str) -> tuple[Reach, ...]:
    """Find every `Allow` that is about some of the actions on some of the resources.

    Args:
        authority: What decides.
        action: A pattern such as `s3:Get*`, in any case.
        resource: A pattern of ARNs; its case counts.

    Returns:
        One for each, sorted by grant, those included of which nothing is left.
    """
    actions = Patterns(frozenset({action.lower()}))
    resources = Patterns(frozenset({resource}))
    near = [one for one in authority.grants if _meets(one, actions, resources)]
    bounding = [
        one for one in authority.boundary or () if _meets(one, actions, resources)
    ]
    denials = [one for one in (*near, *bounding) if one.effect == "Deny"]
    return tuple(
        _reach(
            one,
            actions,
            resources,
            bounding=None if authority.boundary is None else bounding,
            denials=denials,
        )
        for one in _sorted(near)
        if one.effect == "Allow"
    )


def _reach(
    grant: Grant,
    actions: Patterns,
    resources: Patterns,
    *,
    bounding: list[Grant] | None,
    denials: list[Grant],
) -> Reach:
    through = [
        one
        for one in bounding or ()
        if one.effect == "Allow"
        and _meets(one, grant.action, grant.resource)
        and not one.condition.is_disjoint_from(grant.condition)
    ]
    whole, some = list[Grant](), list[Grant]()
    for one in denials:
        if one.condition.is_disjoint_from(grant.condition):
            continue
        if (
            _holds(one.action, grant.action, actions)
            and _holds(one.resource, grant.resource, resources)
            and one.condition.covers(grant.condition)
        ):
            whole.append(one)
        elif _meets(one, grant.action, grant.resource):
            some.append(one)
    return Reach(
        grant=grant,
        whole=grant.action.covers(actions) and grant.resource.covers(resources),
        let_through_by=_sorted(through),
        bounded=bounding is not None and not through,
        denied_by=_sorted(whole),
        perhaps_denied_by=_sorted(some),
    )


def _meets(grant: Grant, actions: Patterns, resources: Patterns) -> bool:
    """Tell whether a grant may be about some of the actions and resources."""
    return not (
        grant.action.is_disjoint_from(actions)
        or grant.resource.is_disjoint_from(resources)
    )


def _holds(wide: Patterns, *narrow: Patterns) -> bool:
    """Tell whether a set certainly holds what some sets have in common."""
    return any(map(wide.covers, narrow))


def _sorted(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    return tuple(sorted(grants, key=lambda grant: grant.sort_key))
