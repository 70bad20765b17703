"""The comment as a whole: what comes first, what is too long, and who is told of it."""

import json
from dataclasses import replace
from typing import Any, Final

import pytest
from previews import ACCOUNT_ID, document, preview, steps

from eks_irsa.review.forms.markdown import MAX_COMMENT_CHARACTERS, markdown
from eks_irsa.review.model import ProviderReview, Review, Sides
from eks_irsa.review.preview import Unknown
from eks_irsa.review.preview_reading import read_preview
from eks_irsa.review.reviewing import review

PLAIN: Final = document({"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::a"})
OPEN: Final = document(
    {"Action": "sts:AssumeRole", "Principal": {"AWS": "*"}, "Effect": "Allow"}
)


def reviewed(*sides: tuple[Any, Any]) -> Review:
    """Review some service accounts before and after."""
    return review(read_preview(preview(*(steps(old, new) for old, new in sides))))


def shown(*sides: tuple[Any, Any], max_characters: int = MAX_COMMENT_CHARACTERS) -> str:
    """Write the report on some service accounts before and after."""
    return markdown(reviewed(*sides), max_characters=max_characters)


def rows(text: str) -> list[str]:
    """Give the lines of the table of service accounts, without its head."""
    return [
        line
        for line in text.splitlines()
        if line[:2] == "| " and line[2] in "🔴🟠🟡🔵⚪"
    ]


def test_nothing_to_say_is_said() -> None:
    """An empty comment would look like a failure."""
    assert shown(({}, {})) == (
        "<!-- eks-irsa report: shop/dev -->\n"
        "### AWS permissions of service accounts, stack `dev`\n\n"
        "No service account gains or loses anything.\n"
    )


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


def test_what_could_not_be_told_is_told_before_the_rows() -> None:
    """Whoever reads that nothing changes must know what was not looked at."""
    quiet = replace(reviewed(({}, {})), unknowns=("the role of `x` is not known",))
    loud = replace(reviewed((None, {})), unknowns=quiet.unknowns)

    for found in (quiet, loud):
        text = markdown(found)
        assert "⚠ **Not everything could be told:**\n\n- the role of `x` is" in text
        assert "No service account gains or loses anything" not in text


def test_name_of_a_stack_does_not_end_the_hidden_line() -> None:
    """Whoever posts the text finds it by this line, whole."""
    text = preview(steps({}, {})).replace("urn:pulumi:dev::", "urn:pulumi:a---><b>::")

    first = markdown(review(read_preview(text))).splitlines()[0]

    assert first == "<!-- eks-irsa report: shop/a-\\-\\-\\x3e<b\\x3e -->"


def test_long_names_have_hidden_lines_of_their_own() -> None:
    """Two stacks never share a comment."""
    found = reviewed(({}, {}))

    lines = {
        markdown(replace(found, stack="a" * 300 + end)).splitlines()[0]
        for end in ("b", "c")
    }

    assert len(lines) == 2
    assert max(map(len, lines)) < 300


def test_gravest_row_is_the_first_whatever_its_name() -> None:
    """A reader may stop after the first."""
    policy = {"inline": {"app": PLAIN}}
    text = shown(
        (None, {"account": "apps/a", **policy}),
        ({"account": "apps/b"}, {"account": "apps/b", "tags": {"a": "b"}}),
        ({"account": "apps/z"}, {"account": "apps/z", "trust": OPEN}),
    )

    assert [line.split("`")[1] for line in rows(text)] == ["apps/z", "apps/a", "apps/b"]


def test_long_lists_are_cut_in_the_row_and_whole_below() -> None:
    """A row stays readable, and nothing is lost."""
    actions = [f"s3:Action{index:02}" for index in range(20)]
    policy = document({"Action": actions, "Resource": "arn:aws:s3:::reports"})

    text = shown(({}, {"inline": {"app": policy}}))

    row, details = text.split("<code>apps/reader</code></summary>")
    assert "`s3:Action03`, and 16 more on" in row
    assert all(f"`{action}`" in details for action in actions)


def test_what_is_folded_away_is_what_weighs_least() -> None:
    """Names that come first do not push a wildcard out of a row."""
    statements = [
        {"Action": f"a{index:02}:Get", "Resource": f"arn:aws:a:::{index}"}
        for index in range(30)
    ]
    policy = document(*statements, {"Action": "z:*", "Resource": "arn:aws:z:::zz"})

    (row,) = rows(shown(({}, {"inline": {"app": policy}})))

    assert "<br>+ `z:*` on `arn:aws:z:::zz`" in row
    assert "<br>+ and 26 more |" in row


def test_what_an_administrator_may_do_besides_is_a_number_in_the_row() -> None:
    """It would bury what is news of its own; below, all of it is named."""
    policy = document({"Action": "*", "Resource": "*"})
    moved = {"inline": {"app": policy}, "roleName": "other"}

    text = shown(({"roleName": "web"}, moved))

    (row,) = rows(text)
    _, _, details = text.partition("**look at**")
    assert row.split("<br>")[1] == (
        "⚠ may do everything, or may let itself do it (which implies 11 more marks); "
        "pods get another role than before; pods must restart: the role's ARN changes"
    )
    assert "- may read all secrets of a kind\n" in details
    assert "- may let others have data\n" in details


def test_literal_star_is_not_shown_as_a_wildcard() -> None:
    """`pay/${*}` is one name, `pay/*` is all of them."""
    allow = {"Action": "s3:*", "Resource": "arn:aws:s3:::*"}
    deny = {**allow, "Effect": "Deny", "Resource": "arn:aws:s3:::pay/${*}"}

    (row,) = rows(
        shown(
            (
                {"inline": {"app": document(allow)}},
                {"inline": {"app": document(allow, deny)}},
            )
        )
    )

    assert "denied: `s3:*` on `arn:aws:s3:::pay/${*}`" in row


def many() -> list[tuple[Any, Any]]:
    """Give a hundred plain service accounts, and one that anyone may be."""
    sides: list[tuple[Any, Any]] = [
        (None, {"account": f"apps/reader-{index:03}", "inline": {"app": PLAIN}})
        for index in range(100)
    ]
    wild = document({"Action": f"s3:{'a' * 2_000}*", "Resource": "*" + "b" * 2_000})
    grave = {"account": "apps/zz", "trust": OPEN, "inline": {"p" * 128: wild}}
    return [*sides, ({"account": "apps/zz"}, grave)]


@pytest.mark.parametrize("limit", [40_000, 20_000, 8_000, 2_000])
def test_report_that_is_too_long_leaves_out_what_weighs_least(limit: int) -> None:
    """GitHub refuses a longer comment as a whole; the gravest row stays whole."""
    (whole,) = [row for row in rows(shown(*many())) if "apps/zz" in row]

    text = shown(*many(), max_characters=limit)

    assert len(text) <= limit
    assert rows(text)[0] == whole or limit == 2_000
    assert "`apps/zz` **changed**" in rows(text)[0]
    assert "Too long for a comment" in text
    assert "🔴 1 critical" in text.splitlines()[3]


def test_rows_that_are_left_out_are_told_by_severity() -> None:
    """A number says whether one must look for them."""
    text = shown(*many(), max_characters=3_000)

    (note,) = [line for line in text.splitlines() if "are left out" in line]
    assert note.startswith("**Too long for a comment:** ")
    assert " of 101 are left out (🔵 " in note or "(⚪ " in note
    assert "critical" not in note
    assert note.endswith(": `--output html` or `json`).")


def test_details_go_before_rows_do() -> None:
    """Every service account keeps its row as long as the rows fit."""
    actions = [f"s3:Action{index:03}" for index in range(100)]
    policy = document({"Action": actions, "Resource": "arn:aws:s3:::reports"})
    sides = [
        (None, {"account": f"apps/reader-{index}", "inline": {"app": policy}})
        for index in range(10)
    ]

    text = shown(*sides, max_characters=10_000)

    assert len(rows(text)) == 10
    assert text.count("</details>") < 10
    assert "of 10 are told in full below (all of them: `--output html`" in text


def test_four_hundred_critical_rows_each_have_a_line_or_their_name() -> None:
    """None of them is only a number, whatever their names."""
    sides = [
        ({"account": f"{'n' * 63}/{'a' * 200}{index:03}"},) * 2 for index in range(400)
    ]
    changed = [
        (old, {**new, "trust": OPEN, "tags": {"t" * 128: "v" * 256}})
        for old, new in sides
    ]

    text = shown(*changed)

    assert len(text) <= MAX_COMMENT_CHARACTERS
    assert "left out" not in text
    assert all(f"a{index:03}`" in text for index in range(400))


@pytest.mark.parametrize("limit", [2_000, 10_000, MAX_COMMENT_CHARACTERS])
def test_limit_holds_for_every_part(limit: int) -> None:
    """Errors, what is not known, providers and sources are counted as well."""
    long = "x y " * 5_000
    found = reviewed(*many())
    provider = ProviderReview(
        urn="u",
        kind="removed",
        issuer=Unknown(long),
        audiences=Sides(
            before=tuple(f"{index}{long}" for index in range(50)), after=()
        ),
    )

    text = markdown(
        replace(
            found,
            stack=long,
            project=long,
            errors=("\n".join([long] * 500),),
            unknowns=(long,) * 500,
            providers=(provider,) * 500,
            partial=True,
        ),
        max_characters=limit,
    )

    assert len(text) <= limit
    assert "`apps/zz`" in text
    assert "The preview stopped" in text


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
        "\nContent of AWS's managed policies: `AmazonS3FullAccess` "
        "(`v2 of 2021-09-27`), from `moto 5.2.5, moto/iam/aws_managed_policies.py, "
        "which holds AWS's changes up to 2026-09-30`.\n"
    )
    assert "Content of" not in shown((before, {"managed": [own, *before["managed"]]}))
