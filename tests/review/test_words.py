"""What comes in by which door, and how it is shown."""

import pytest

from eks_irsa.review.forms.markdown_form import markdown_row, markdown_words
from eks_irsa.review.forms.words import (
    Words,
    code,
    join,
    number,
    say,
    shortened,
    strong,
    told,
)


def as_markdown(words: Words) -> str:
    """Write words as Markdown."""
    return markdown_words(words, most=100)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a plain sentence, no more.", "a plain sentence, no more."),
        ("known only in `up`", "known only in `up`"),
        ("run `pulumi up --refresh`", "run `pulumi up --refresh`"),
        ("line 1 column 12", "line 1 column 12"),
        ("ask @org/team now", "ask `@org/team` now"),
        ("see #12 and GH-3", "see `#12` and `GH-3`"),
        ("in deadbeef", "in `deadbeef`"),
        ("at http://a.b or www.a.b", "at `http://a.b` or `www.a.b`"),
        ("![a](b) <img>", "`![a](b) <img>`"),
        ("an odd ` tick", "an odd ` tick`"),
        ("1. a list", "`1.` a list"),
        ("new\nline", "`new\\nline`"),
        ("", ""),
    ],
)
def test_sentence_keeps_its_words_and_shows_the_rest_as_code(
    text: str, shown: str
) -> None:
    """A reason may hold a name of the input; nothing of it may become a link."""
    assert as_markdown(told(text)) == shown


def test_long_sentence_is_cut_and_says_so() -> None:
    """An author of a policy does not decide how long a comment becomes."""
    shown = as_markdown(told("word " * 1_000))

    assert len(shown) < 350
    assert shown.endswith("(and 4,700 more characters)")


def test_codes_beside_each_other_do_not_share_their_backticks() -> None:
    """Two backticks would begin another code."""
    assert as_markdown(code("a") + code("b")) == "`a` `b`"


def test_own_words_are_escaped_as_well() -> None:
    """A star in them is a star."""
    assert as_markdown(say("a*b_c <d>") + strong("e`f")) == (
        "a\\*b\\_c \\<d\\>**e\\`f**"
    )


def test_pipe_stays_in_its_cell() -> None:
    """Also behind a backslash, where renderers differ."""
    row = markdown_row([[code("a|b"), code("c\\|d")], [say("e")]], most=100)

    assert row == "| `a\\|b`<br>`c\\\\x7cd` | e |\n"


def test_number_has_its_thousands_apart_and_a_list_its_own_separators() -> None:
    """As in `1,234 and 5`."""
    assert as_markdown(join(" and ", [number(1234), number(5)])) == "1,234 and 5"


def test_long_text_loses_its_middle_and_says_how_much() -> None:
    """Both ends of an ARN tell something; that a wildcard is hidden must be known."""
    text = f"arn:aws:s3:::{'a' * 500}"

    plain, wild = shortened(text, 60), shortened(f"{text}*{'b' * 100}", 60)

    assert plain == f"arn:aws:s3:::{'a' * 14}…(473 more)…{'a' * 13}"
    assert len(wild) <= 60
    assert "(574 more, with *)" in wild
    assert shortened("a" * 60, 60) == "a" * 60
