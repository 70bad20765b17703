"""Several previews, each read or not, as one report takes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eks_irsa.review.model import Review
from eks_irsa.review.weighing.gate import Verdict

__all__ = ["Reading", "reviews", "verdicts_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What came of one file.

    Attributes:
        file: Its name as messages give it.
        review: None if it cannot be read.
        problem: Why it cannot be read; empty if it can.
        verdict: What a gate says of the review; None where nobody asks.
    """

    file: str
    review: Review | None
    problem: str = ""
    verdict: Verdict | None = None

    @property
    def failed(self) -> bool:
        """Tell whether it cannot be read, or the preview stopped."""
        return self.review is None or bool(self.review.errors)


def reviews(readings: Sequence[Reading]) -> tuple[Review, ...]:
    """Return the reviews of what can be read, in the order of the files."""
    return tuple(one.review for one in readings if one.review is not None)


def verdicts_of(readings: Iterable[Reading]) -> list[Verdict]:
    """Return what a gate says of each; nothing of those it was not asked about."""
    return [one.verdict for one in readings if one.verdict is not None]
