"""Reviews as a comment on a pull request: Markdown, within what a forge takes."""

from collections.abc import Sequence
from typing import Final

from eks_irsa.review.forms.blocks import Heading
from eks_irsa.review.forms.comment import MOST_IN_DETAILS, MOST_IN_SHORT, body, hidden
from eks_irsa.review.forms.markdown_form import MOST_IN_A_ROW, markdown_of
from eks_irsa.review.forms.stacks import changed, folded_stacks, overview
from eks_irsa.review.forms.words import code, say
from eks_irsa.review.model import Review
from eks_irsa.review.readings import Reading, reviews
from eks_irsa.review.weighing.gate import Acceptance, Verdict

__all__ = ["MAX_COMMENT_CHARACTERS", "markdown", "markdown_of_stacks"]

# GitHub answers "body is too long (maximum is 65536 characters)". Those who measured it
# found 65,536 code points of a pull request and 262,144 bytes of a comment, which as
# many code points never exceed. GitLab takes 1,000,000 characters.
# Source: https://github.com/dead-claudia/github-limits/pull/13,
# https://docs.gitlab.com/administration/instance_limits/
MAX_COMMENT_CHARACTERS: Final = 65_536
_TITLE: Final = say("AWS permissions of service accounts")


def markdown(
    review: Review,
    *,
    max_characters: int = MAX_COMMENT_CHARACTERS,
    verdict: Verdict | None = None,
    unused: Sequence[Acceptance] = (),
) -> str:
    """Write a review as GitHub and GitLab show it.

    Args:
        review: The review of a preview.
        max_characters: As many the text has at most. Default: what GitHub takes. What
            does not fit is left out, details first, then words, then rows of the least
            severity, and the text says so.
        verdict: What a gate says of it. Default: nobody asked.
        unused: Exceptions that are about nothing here. Default: none.

    Returns:
        Markdown that begins with a comment nobody sees, which names project and stack,
        so that the one who posts it finds it again.
    """
    title = _TITLE + say(", stack ") + code(review.stack)
    start = hidden(f"{review.project}/{review.stack}")
    start += markdown_of([Heading(words=title)], most=MOST_IN_A_ROW).lstrip("\n")
    start += "\n"
    room = max_characters - len(start)
    return start + body(review, room=room, verdict=verdict, unused=unused)


def markdown_of_stacks(
    readings: Sequence[Reading],
    *,
    project: str = "",
    max_characters: int = MAX_COMMENT_CHARACTERS,
    unused: Sequence[Acceptance] = (),
) -> str:
    """Write the reviews of several stacks as one comment.

    Args:
        readings: One for each file; none is a comment that says so.
        project: What names the comment; the project that the reviews name if empty.
        max_characters: As many the text has at most. Default: what GitHub takes.
        unused: Exceptions that are about nothing here. Default: none.

    Returns:
        Markdown that begins with a comment nobody sees, which names the project. A line
        for each stack that changes, the gravest first, and what changes in it folded.
    """
    names = {one.project for one in reviews(readings) if one.project}
    start = hidden(project or ", ".join(sorted(names)))
    start += markdown_of([Heading(words=_TITLE)], most=MOST_IN_A_ROW).lstrip("\n")
    shown = ""
    for most in (max(len(readings), 100), 30, 10, 3, 1):
        blocks = overview(readings, most=most, unused=unused)
        longest = MOST_IN_SHORT if most == 1 else MOST_IN_DETAILS
        shown = markdown_of(blocks, most=longest)
        if len(shown) <= max_characters // 2:
            break
    left = max_characters - len(start) - len(shown)
    return start + shown + "".join(folded_stacks(changed(readings), left))
