"""Many previews, one comment: what changes first, what does not as a number."""

import json
import re
from dataclasses import replace
from typing import Any, Final

import pytest
from previews import document, preview, steps

from eks_irsa.review.forms.html_page import html_page
from eks_irsa.review.forms.markdown import (
    MAX_COMMENT_CHARACTERS,
    markdown,
    markdown_of_stacks,
)
from eks_irsa.review.model import Review
from eks_irsa.review.preview_reading import read_preview
from eks_irsa.review.readings import Reading
from eks_irsa.review.reviewing import review

PLAIN: Final = document({"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::a"})
OPEN: Final = document({"Action": "sts:AssumeRole", "Principal": {"AWS": "*"}})
QUIET: Final[tuple[Any, Any]] = ({}, {})
ADDED: Final[tuple[Any, Any]] = ({}, {"inline": {"app": PLAIN}})
OPENED: Final[tuple[Any, Any]] = ({}, {"trust": OPEN})


def reading(stack: str, *sides: tuple[Any, Any], error: str = "") -> Reading:
    """Read the preview of one stack."""
    text = preview(*(steps(old, new) for old, new in sides))
    whole = json.loads(text.replace("urn:pulumi:dev::", f"urn:pulumi:{stack}::"))
    if error:
        whole["diagnostics"] = [{"severity": "error", "message": error}]
    found = review(read_preview(json.dumps(whole)))
    return Reading(file=f"{stack}.json", review=found)


def table(text: str) -> list[str]:
    """Give the lines of the stacks, without the head."""
    before, _, _ = text.partition("<details>")
    return [line for line in before.splitlines() if re.match(r"\| [^s-]", line)]


def test_stack_that_changes_is_a_line_the_gravest_first() -> None:
    """And what changes in it is folded below; the others are a number."""
    quiet = [reading(f"quiet-{index}", QUIET) for index in range(37)]

    text = markdown_of_stacks([reading("a", ADDED), *quiet, reading("z", OPENED)])

    assert table(text) == [
        (
            "| 🔴 critical | `z`<br>🔴 1 critical<br>🔴 critical: `apps/reader`: "
            "anyone, or everyone but a few, may assume the role |"
        ),
        "| ⚪ none | `a`<br>⚪ 1 none<br>⚪ none: `apps/reader` |",
    ]
    assert "\n37 stacks do not change.\n" in text
    assert re.findall(r"<summary>(.*)</summary>", text)[0] == (
        "🔴 critical <code>z</code>"
    )
    assert "quiet" not in text


def test_whole_report_on_a_stack_is_within_its_fold() -> None:
    """Nothing of it is lost because there are others."""
    one = reading("live", OPENED)
    assert one.review is not None
    alone = markdown(one.review).split("\n", 3)[3]

    text = markdown_of_stacks([one, reading("dev", QUIET)])

    assert f"<summary>🔴 critical <code>live</code></summary>\n\n{alone}" in text


def test_previews_that_failed_come_first() -> None:
    """With what stopped them; one that cannot be read by its file."""
    readings = [
        reading("a", OPENED),
        reading("b", QUIET, error="no cluster\nat line 3"),
        Reading(file="c.json", review=None, problem="not a preview; see @org"),
    ]

    text = markdown_of_stacks(readings)

    assert text.splitlines()[3:7] == [
        "⚠ 2 of 3 previews **failed:**",
        "",
        "- `b`: `no cluster`; `at line 3`",
        "- `c.json`: not a preview; see `@org`",
    ]
    assert "do not change" not in text
    assert "1 of 3 stacks changes." in text


@pytest.mark.parametrize(
    ("readings", "said"),
    [
        ([], "No stack was previewed."),
        ([reading("a", QUIET)], "1 stack does not change."),
        ([reading("a", QUIET), reading("b", QUIET)], "2 stacks do not change."),
    ],
    ids=["none", "one", "two"],
)
def test_nothing_to_say_is_said(readings: list[Reading], said: str) -> None:
    """The comment of an earlier push is replaced by it."""
    text = markdown_of_stacks(readings, project="shop")

    assert text == (
        "<!-- eks-irsa report: shop -->\n### AWS permissions of service accounts\n\n"
        f"{said}\n"
    )


def test_comment_is_named_after_the_project_however_many_stacks_there_are() -> None:
    """So that the next one replaces it; a name that is given wins."""
    one = markdown_of_stacks([reading("a", OPENED)])
    many = markdown_of_stacks([reading("a", QUIET), reading("b", OPENED)])
    named = markdown_of_stacks([reading("a", OPENED)], project="x")

    assert (
        one.splitlines()[0]
        == many.splitlines()[0]
        == ("<!-- eks-irsa report: shop -->")
    )
    assert named.splitlines()[0] == "<!-- eks-irsa report: x -->"


def large(stack: str) -> Reading:
    """Read a stack whose report alone would fill a comment."""
    sides = [
        ({"account": f"n/{index:03}"}, {"account": f"n/{index:03}", "trust": OPEN})
        for index in range(60)
    ]
    return reading(stack, *sides)


@pytest.mark.parametrize("limit", [2_000, 10_000, MAX_COMMENT_CHARACTERS])
def test_limit_holds_and_every_grave_stack_keeps_its_line(limit: int) -> None:
    """Each in a fair share; a small one is not cut for a large one."""
    readings = [large(f"large-{index}") for index in range(6)]
    small = reading("small", OPENED)

    text = markdown_of_stacks([*readings, small], max_characters=limit)

    assert len(text) <= limit
    assert "Too long for a comment" in text
    if limit > 2_000:
        assert len(table(text)) == 7
    if limit == MAX_COMMENT_CHARACTERS:
        assert text.count("</summary>\n\n🔴 60 critical") == 6
        assert "</summary>\n\n🔴 1 critical: 1 changed." in text


def test_hundreds_of_stacks_are_still_a_comment() -> None:
    """What has no line is a number."""
    one = reading("x", OPENED).review
    assert isinstance(one, Review)
    readings = [
        Reading(file="x", review=replace(one, stack=f"{'s' * 90}-{index}"))
        for index in range(400)
    ]

    text = markdown_of_stacks(readings)

    assert len(text) <= MAX_COMMENT_CHARACTERS
    assert "more stacks change." in text


def test_page_on_many_stacks_holds_each() -> None:
    """For a person at a desk: nothing is cut."""
    page = html_page([reading("a", OPENED), reading("b", QUIET), large("c")])

    assert page.count("<code>n/059</code>") >= 2
    assert "1 stack does not change." in page
    assert "Too long" not in page
