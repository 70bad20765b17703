"""Which claims are about one service account of one cluster.

A service account is known by the Kubernetes provider that makes it, an association by
the name of its EKS cluster. A component's own two are about one service account, which
tells which provider is which cluster.
"""

from collections.abc import Iterable

from eks_irsa.review.finding.claims import Claim
from eks_irsa.review.preview import SIDES, Side

__all__ = ["Key", "Said", "keys_of"]

Key = tuple[str, ...]
Said = tuple[str, Side, Claim]


def keys_of(said: Iterable[Said]) -> list[Key]:
    """Give each claim the key of its service account.

    Args:
        said: Claims, each with the component whose own it is about, or none, and its
            side.
    """
    listed = [*said]
    own = _associations(listed)
    names = _names(listed, own)
    return [_key(one, own, names) for one in listed]


_Own = dict[tuple[str, Side], Claim]


def _associations(said: Iterable[Said]) -> _Own:
    return {
        (component, side): claim
        for component, side, claim in said
        if component and claim.association
    }


def _names(said: Iterable[Said], own: _Own) -> dict[str, str]:
    """Tell of a provider which EKS cluster it is, where all components say one."""
    found: dict[str, set[str]] = {}
    for component, side, claim in said:
        beside = _beside(component, side, claim, own)
        if beside is not None:
            found.setdefault(claim.cluster, set()).add(beside.cluster)
    return {one: next(iter(two)) for one, two in found.items() if len(two) == 1}


def _beside(component: str, side: Side, claim: Claim, own: _Own) -> Claim | None:
    """Return the association of the service account a component's claim is about."""
    if not component or claim.association:
        return None
    for one in (side, *SIDES):
        found = own.get((component, one))
        if found and (not claim.title or found.title == claim.title):
            return found
    return None


def _key(one: Said, own: _Own, names: dict[str, str]) -> Key:
    component, side, claim = one
    beside = _beside(component, side, claim, own)
    if beside is not None:
        return beside.identity
    first, *rest = claim.identity
    return (names.get(first, first), *rest) if rest else claim.identity
