"""The words around the rows: what is too long, and whose text it is."""

import json
from typing import Any

import pytest
from previews import ACCOUNT_ID, document, preview, steps

from eks_irsa.review.markdown import markdown
from eks_irsa.review.preview_reading import read_preview
from eks_irsa.review.reviewing import review


def shown(*sides: tuple[Any, Any], **options: int) -> str:
    """Write the report on some service accounts before and after."""
    found = preview(*(steps(before, after) for before, after in sides))
    return markdown(review(read_preview(found)), **options)


def test_nothing_to_say_is_said() -> None:
    """An empty comment would look like a failure."""
    assert shown(({}, {})) == (
        "<!-- eks-irsa report: shop/dev -->\n"
        "### AWS permissions of service accounts, stack `dev`\n\n"
        "No service account gains or loses anything.\n"
    )


def test_text_of_others_stays_text() -> None:
    """A name or a value cannot begin a cell, a row, a tag or a mention."""
    evil = "a`|b\n| x | <img> @team"
    policy = document(
        {
            "Action": "s3:GetObject",
            "Resource": "*",
            "Condition": {"StringEquals": {"k": evil}},
        }
    )

    text = shown(({}, {"inline": {"app": policy}}))

    row = text.splitlines()[-1]
    assert "StringEquals `` a`\\|b\\n\\| x \\| <img> @team ``" in row
    assert len(text.splitlines()) == 10


def test_error_that_stopped_the_preview_comes_first() -> None:
    """What follows is not complete, and a reader must not take it for all."""
    whole = json.loads(preview(steps(None, {})))
    whole["diagnostics"] = [{"severity": "error", "message": "boom\n  at a.py\n"}]

    text = markdown(review(read_preview(json.dumps(whole))))

    assert text.splitlines()[3:7] == [
        "⚠ **The preview stopped; what follows is not complete.**",
        "",
        "- `boom`",
        "- `at a.py`",
    ]


def test_preview_that_stopped_early_does_not_say_that_nothing_changes() -> None:
    """Nobody knows what it would have shown."""
    text = '{"diagnostics": [{"severity": "error", "message": "boom"}]}'

    shown = markdown(review(read_preview(text)))

    assert "No service account" not in shown
    assert "It showed no change of a service account until then." in shown


def test_name_of_a_stack_does_not_end_the_hidden_line() -> None:
    """Whoever posts the text finds it by this line, whole."""
    text = preview(steps({}, {})).replace("urn:pulumi:dev::", "urn:pulumi:a---><b>::")

    first = markdown(review(read_preview(text))).splitlines()[0]

    assert first == "<!-- eks-irsa report: shop/a-\\-\\-><b> -->"


def test_long_lists_are_cut_in_the_row_and_whole_below() -> None:
    """A row stays readable, and nothing is lost."""
    actions = [f"s3:Action{index:02}" for index in range(20)]
    policy = document({"Action": actions, "Resource": "arn:aws:s3:::reports"})

    text = shown(({}, {"inline": {"app": policy}}))

    summary = "<details><summary><code>apps/reader</code> in full</summary>"
    row, details = text.split(summary)
    assert "`s3:Action04`, 15 more on" in row
    assert all(f"`{action}`" in details for action in actions)


@pytest.mark.parametrize("limit", [12_000, 5_000])
def test_report_that_is_too_long_says_what_it_leaves_out(limit: int) -> None:
    """GitHub refuses a longer comment as a whole; what is marked stays longest."""
    plain = document({"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::reports"})
    wild = document({"Action": "s3:*", "Resource": "*"})
    sides: list[tuple[Any, Any]] = [
        (None, {"account": f"apps/reader-{index:03}", "inline": {"app": plain}})
        for index in range(100)
    ]
    sides.append((None, {"account": "apps/zz-wild", "inline": {"app": wild}}))

    text = shown(*sides, max_characters=limit)

    rows = text.count("\n| new |")
    assert len(text) <= limit
    assert f"**{101 - rows} of 101 service accounts are left out**" in text
    assert "| new | `apps/zz-wild` |" in text
    assert text.splitlines()[3].startswith("101 new.")


def test_details_go_before_rows_do() -> None:
    """Every service account keeps its row as long as the rows fit."""
    actions = [f"s3:Action{index:03}" for index in range(100)]
    policy = document({"Action": actions, "Resource": "arn:aws:s3:::reports"})
    sides = [
        (None, {"account": f"apps/reader-{index}", "inline": {"app": policy}})
        for index in range(10)
    ]

    text = shown(*sides, max_characters=10_000)

    assert text.count("\n| new |") == 10
    assert "<details>" not in text
    assert "lists are cut; --output json has it all" in text


def test_source_of_aws_policies_is_named_where_they_matter() -> None:
    """And only those that are in a difference."""
    managed = "arn:aws:iam::aws:policy/"
    own = f"arn:aws:iam::{ACCOUNT_ID}:policy/own"
    before = {"managed": [f"{managed}AmazonSQSFullAccess"]}
    after = {
        "managed": [f"{managed}AmazonSQSFullAccess", f"{managed}AmazonS3FullAccess"]
    }

    text = shown((before, after))

    assert text.endswith(
        "\nContent of AWS's managed policies: `AmazonS3FullAccess` (v2 of 2021-09-27), "
        "from moto 5.2.5, moto/iam/aws_managed_policies.py, which holds AWS's changes "
        "up to 2026-09-30.\n"
    )
    assert "Content of" not in shown((before, {"managed": [own, *before["managed"]]}))
