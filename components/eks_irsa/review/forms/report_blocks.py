"""What is said of one preview, around its rows."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from eks_irsa.documents.aws_managed_policies import aws_managed_policies_source
from eks_irsa.review.forms.blocks import Block, Bullets, Paragraph
from eks_irsa.review.forms.row_lines import issuers
from eks_irsa.review.forms.rows import severity_counts
from eks_irsa.review.forms.wording import folded, value_words
from eks_irsa.review.forms.words import Words, code, join, number, say, strong, told
from eks_irsa.review.model import Kind, ProviderReview, Review, Row

__all__ = ["MOST_LISTED", "error_lines", "foot", "head", "home_of", "summary"]

MOST_LISTED: Final = 8
# What becomes of a provider that lets nobody in any more.
_GRAVE: Final = frozenset({"removed", "replaced"})
_KINDS: Final[tuple[Kind, ...]] = ("changed", "imported", "new", "removed", "replaced")
_LEFT_OUT: Final = (
    say(
        "The preview leaves out what stays as it is, so a permission that is gained "
        "here may be there already by another policy of the role, and one that is lost "
        "may stay; make it with "
    )
    + code("--show-sames")
    + say(".")
)
_OPERATIONS: Final = {
    "create": say(" created"),
    "delete": say(" deleted"),
    "import": say(" imported"),
    "read": say(" read"),
    "replace": say(" replaced"),
    "same": say(" unchanged"),
    "update": say(" updated"),
}


def head(review: Review, *, most: int = MOST_LISTED) -> Iterator[Block]:
    """Say what stopped the preview, what changes in numbers, and what is not known.

    Args:
        review: The review of a preview.
        most: As many items of a list are shown. Default: what a reader takes in.
    """
    if review.errors:
        stopped = strong("The preview stopped; what follows is not complete.")
        yield Paragraph(words=say("⚠ ") + stopped)
        yield Bullets(items=folded(error_lines(review.errors), most))
    yield Paragraph(words=summary(review))
    if review.unknowns:
        found = [told(one) for one in review.unknowns]
        yield Paragraph(words=say("⚠ ") + strong("Not everything could be told:"))
        yield Bullets(items=folded(found, most))


def error_lines(errors: Iterable[str]) -> list[Words]:
    """Return the lines of what stopped a preview, or one for none that says a thing."""
    lines = [line.strip() for error in errors for line in error.splitlines()]
    return [code(line) for line in lines if line] or [say("it does not say why")]


def summary(review: Review) -> Words:
    """Say in numbers what changes."""
    if not review.rows:
        if review.errors:
            return say("It showed no change of a service account until then.")
        if review.unknowns:
            return say("No change of a service account or role could be told.")
        return say("No service account gains or loses anything.")
    kinds = Counter(row.kind for row in review.rows)
    counted = [
        number(kinds[kind]) + say(" ") + say(kind) for kind in _KINDS if kinds[kind]
    ]
    words = severity_counts(review.rows) + say(": ") + join(", ", counted)
    if review.unchanged:
        words += say("; ") + number(review.unchanged) + say(" unchanged")
    return words + say(".")


def home_of(rows: Sequence[Row]) -> str:
    """Return the issuer that all roles trust, and only that; else nothing."""
    found = issuers(rows)
    return next(iter(found)) if len(found) == 1 else ""


def foot(review: Review, *, most: int = MOST_LISTED) -> Iterator[Block]:
    """Say what is known from where, and of what nothing is said.

    Args:
        review: The review of a preview.
        most: As many items of a list are shown. Default: what a reader takes in.
    """
    if review.providers:
        yield from _providers(review.providers, most)
    home = home_of(review.rows)
    if home:
        yield Paragraph(
            words=say("The service accounts are those of ") + code(home) + say(".")
        )
    if review.partial:
        yield Paragraph(words=_LEFT_OUT)
    if review.managed_policies:
        names = [
            code(one.name)
            + say(" (")
            + code(f"{one.version} of {one.updated}")
            + say(")")
            for one in review.managed_policies
        ]
        shown = join(", ", folded(names, most))
        words = say("Content of AWS's managed policies: ") + shown + say(", from ")
        yield Paragraph(words=words + code(aws_managed_policies_source()) + say("."))
    if review.elsewhere:
        operations = Counter(one.operation for one in review.elsewhere)
        counted = [
            number(operations[one]) + _OPERATIONS[one] for one in sorted(operations)
        ]
        words = say("Other resources, of which this says nothing: ")
        yield Paragraph(words=words + join(", ", counted) + say("."))


def _providers(providers: Sequence[ProviderReview], most: int) -> Iterator[Block]:
    ordered = sorted(providers, key=lambda one: one.kind not in _GRAVE)
    yield Paragraph(words=strong("OIDC providers"))
    yield Bullets(items=folded([_provider(one, most) for one in ordered], most))


def _provider(one: ProviderReview, most: int) -> Words:
    before, after = one.audiences.before, one.audiences.after
    is_new = one.kind in {"new", "imported"}
    shown = [
        code(text) if is_new or text in before else say("+ ") + code(text)
        for text in after
    ]
    shown += [
        say("\N{MINUS SIGN} ") + code(text) for text in before if text not in after
    ]
    words = value_words(one.issuer) + say(" ") + strong(one.kind)
    if shown:
        words += say(", audiences: ") + join(", ", folded(shown, most))
    if one.kind in _GRAVE:
        words += say(". ⚠ No role that trusts it can be assumed any more.")
    return words
