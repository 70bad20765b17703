"""A review as a comment on a pull request: Markdown, one row per service account."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from eks_irsa.documents.aws_managed_policies import aws_managed_policies_source
from eks_irsa.documents.printable import printable
from eks_irsa.review.model import ProviderReview, Review
from eks_irsa.review.readings import Reading, reviews
from eks_irsa.review.rows import cell, details, issuers, row
from eks_irsa.review.wording import MARKS, code, value_words

__all__ = ["MAX_COMMENT_CHARACTERS", "markdown", "markdown_of_stacks"]

# Source: GitHub's API answers "body is too long (maximum is 65536 characters)".
MAX_COMMENT_CHARACTERS: Final = 65_536
_MOST_ERROR_LINES: Final = 20
_MOST_ERROR_CHARACTERS: Final = 500
_HEAD: Final = (
    "| | service account | role | who may assume it | gains | loses | look at |\n"
    "| --- | --- | --- | --- | --- | --- | --- |\n"
)
_OPERATIONS: Final = {
    "create": "created",
    "delete": "deleted",
    "import": "imported",
    "replace": "replaced",
    "update": "updated",
}


def markdown(review: Review, *, max_characters: int = MAX_COMMENT_CHARACTERS) -> str:
    """Write a review as GitHub and GitLab show it.

    Args:
        review: The review of a preview.
        max_characters: As many the text has at most. Default: what GitHub takes. What
            does not fit is left out, details first, then rows without a mark, and the
            text says so.

    Returns:
        Markdown that begins with a comment nobody sees, which names project and stack,
        so that the one who posts it finds it again.
    """
    home = _home(review)
    tables = [row(account, home=home) for account in review.rows]
    text = _text(review, rows=tables, in_full=[*details(review.rows)])
    if len(text) <= max_characters:
        return text
    left_out = "\n*Too long for a comment: lists are cut; --output json has it all.*\n"
    text = _text(review, rows=tables, note=left_out)
    by_weight = sorted(review.rows, key=lambda one: (not one.marks, one.name))
    shown: int = len(by_weight)
    while len(text) > max_characters and shown:
        shown = min(shown - 1, shown * max_characters // len(text))
        kept = {one.urn for one in by_weight[:shown]}
        rows = [
            table
            for table, one in zip(tables, review.rows, strict=True)
            if one.urn in kept
        ]
        note = (
            f"\n**{len(tables) - shown:,} of {len(tables):,} service accounts are left "
            "out**: too long for a comment; --output json has them all.\n"
        )
        text = _text(review, rows=rows, note=note)
    return text


def markdown_of_stacks(
    readings: Sequence[Reading],
    *,
    project: str = "",
    max_characters: int = MAX_COMMENT_CHARACTERS,
) -> str:
    """Write the reviews of several stacks as one comment.

    Args:
        readings: One for each file.
        project: What names the comment; the project that the reviews name if empty.
        max_characters: As many the text has at most. Default: what GitHub takes.
    """
    found = reviews(readings)
    names = project or ", ".join(sorted({one.project for one in found if one.project}))
    texts = [markdown(one).partition("\n")[2] for one in found]
    hidden = f"<!-- eks-irsa report: {names} -->\n"
    return "\n".join([hidden, *texts])[:max_characters]


def _text(
    review: Review,
    *,
    rows: Sequence[str],
    in_full: Sequence[str] = (),
    note: str = "",
) -> str:
    parts = [
        f"<!-- eks-irsa report: {_hidden(review)} -->\n",
        f"### AWS permissions of service accounts, stack {code(review.stack)}\n\n",
        *_errors(review),
        _summary(review),
    ]
    if rows:
        parts += ["\n", _HEAD, *rows]
    parts.append(note)
    parts += _providers(review.providers)
    parts += in_full
    parts += _notes(review)
    return "".join(parts)


def _hidden(review: Review) -> str:
    # `--` would end the comment.
    return re.sub("-(?=-)", r"-\\", printable(f"{review.project}/{review.stack}"))


def _errors(review: Review) -> Iterator[str]:
    if review.errors:
        yield "⚠ **The preview stopped; what follows is not complete.**\n\n"
        told = [line.strip() for error in review.errors for line in error.splitlines()]
        for line in [one for one in told if one][:_MOST_ERROR_LINES]:
            yield f"- {code(line[:_MOST_ERROR_CHARACTERS])}\n"
        yield "\n"


def _summary(review: Review) -> str:
    if not review.rows and review.errors:
        return "It showed no change of a service account until then.\n"
    if not review.rows:
        return "No service account gains or loses anything.\n"
    kinds = Counter(account.kind for account in review.rows)
    counted = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
    marks = Counter(mark for account in review.rows for mark in account.marks)
    looks = "; ".join(
        f"{MARKS[mark]} ({marks[mark]:,})" for mark in MARKS if mark in marks
    )
    home = _home(review)
    return f"{counted}.{f' ⚠ {looks}.' if looks else ''}\n" + (
        f"\nThe service accounts are those of {code(home)}.\n" if home else ""
    )


def _home(review: Review) -> str:
    """Return the issuer that all roles trust, and only that; else nothing."""
    found = issuers(review.rows)
    return next(iter(found)) if len(found) == 1 else ""


def _providers(providers: Sequence[ProviderReview]) -> Iterator[str]:
    if not providers:
        return
    yield "\n| | OIDC provider | audiences | look at |\n| --- | --- | --- | --- |\n"
    for one in providers:
        before, after = one.audiences.before, one.audiences.after
        shown = [code(text) if text in before else f"+ {code(text)}" for text in after]
        if one.kind in {"new", "imported"}:
            shown = [code(text) for text in after]
        shown += [
            f"\N{MINUS SIGN} {code(text)}" for text in before if text not in after
        ]
        look = ""
        if one.kind in {"removed", "replaced"}:
            look = "⚠ no role that trusts it can be assumed any more"
        cells: list[Sequence[str]] = [
            [one.kind],
            [value_words(one.issuer)],
            shown,
            [look],
        ]
        yield "| " + " | ".join([cell(one) for one in cells]) + " |\n"


def _notes(review: Review) -> Iterator[str]:
    if review.partial:
        yield (
            "\nThe preview leaves out what stays as it is, so a permission that is "
            "gained here may be there already by another policy of the role, and one "
            "that is lost may stay; make it with `--show-sames`.\n"
        )
    if review.managed_policies:
        names = ", ".join(
            f"{code(one.name)} ({one.version} of {one.updated})"
            for one in review.managed_policies
        )
        yield (
            f"\nContent of AWS's managed policies: {names}, from "
            f"{aws_managed_policies_source()}.\n"
        )
    if review.elsewhere:
        operations = Counter(one.operation for one in review.elsewhere)
        counted = ", ".join(
            f"{count:,} {_OPERATIONS.get(operation, operation)}"
            for operation, count in sorted(operations.items())
        )
        yield f"\nOther resources, of which this says nothing: {counted}.\n"
