"""Which actions a role may take in the end: denials and a boundary taken off."""

from collections.abc import Iterable, Sequence

from eks_irsa.access.gains import Side
from eks_irsa.access.search import Search
from eks_irsa.documents.patterns import Patterns
from eks_irsa.documents.policy_statements import Grant

__all__ = ["allowed_by"]


def allowed_by(
    grants: Iterable[Grant], actions: Sequence[str], role: Side
) -> list[tuple[str, int, Grant]]:
    """Tell which actions some grants allow, and by which of them.

    Args:
        grants: What a policy, or a part of it, says.
        actions: Patterns, whatever their case.
        role: All that its policies and its boundary say.

    Returns:
        The pattern, its index and the first grant that lets a request for an action of
        it through, whatever conditions the request must meet; one that may is among
        them.
    """
    allowing = sorted(
        (grant for grant in grants if grant.effect == "Allow"),
        key=lambda grant: grant.sort_key,
    )
    search = Search()
    found: list[tuple[str, int, Grant]] = []
    for index, pattern in enumerate(actions):
        wanted = Grant(effect="Allow", action=Patterns(frozenset({pattern.lower()})))
        for grant in allowing:
            if not grant.action.is_disjoint_from(wanted.action) and any(
                search.find((wanted, grant, *bound), role.denies) is not False
                for bound in role.bounds
            ):
                found.append((pattern, index, grant))
                break
    return found
