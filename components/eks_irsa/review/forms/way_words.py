"""By which way pods get their role, in words."""

from collections.abc import Iterator, Mapping
from typing import Final

from eks_irsa.review.forms.wording import value_words
from eks_irsa.review.forms.words import Words, say
from eks_irsa.review.model import Row
from eks_irsa.review.pod_role import PodRole
from eks_irsa.review.preview import Unknown

__all__ = ["way_lines"]

_WAYS: Final[Mapping[str, Words]] = {
    "irsa": say("IRSA"),
    "podIdentity": say("EKS Pod Identity"),
    "both": say("IRSA and EKS Pod Identity"),
}
_TO: Final = say(" → ")


def way_lines(row: Row, *, in_full: bool) -> Iterator[Words]:
    """Say by which way pods get the role, and where the two are not of one role.

    Args:
        row: Of a service account; there is nothing to say of a role.
        in_full: Say it whether it changes or not. Else IRSA goes without saying.
    """
    before, after = row.pod_role.before, row.pod_role.after
    last = after or before
    if last is None:
        return
    was = before.way if before else "irsa"
    if in_full or (after and after.way != was):
        yield say("pods get it by ") + _ways(before, last)
    if not in_full and before == after:
        return
    if last.differ:
        words = say("the association gives them ") + value_words(last.association)
        words += say(", and the annotation with ") + value_words(last.annotation)
        yield words + say(" does not count")
    if last.target is not None:
        words = say("EKS assumes ") + value_words(last.association)
        yield words + say(", and with that ") + value_words(last.target)


def _ways(before: PodRole | None, last: PodRole) -> Words:
    if before is None or before.way == last.way:
        return _way(last)
    return _way(before) + _TO + _way(last)


def _way(pod_role: PodRole) -> Words:
    way = pod_role.way
    return value_words(way) if isinstance(way, Unknown) else _WAYS[way]
