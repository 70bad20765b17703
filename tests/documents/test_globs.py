"""Globs mean what they mean to eksctl, whose library is gobwas/glob.

The expected answers were given by gobwas/glob v0.2.3 itself, compiled without
separators as eksctl does it.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_irsa.documents.globs import (
    glob_fault,
    is_literal,
    literal,
    matches,
    matches_any,
)

NAMES = (
    "a/b",
    "aa/bb",
    "ab/a",
    "ab/b",
    "a/b/c",
    "-/a",
    "!/a",
    "^/a",
    "a,b",
    "a]/b",
    "{a}/b",
    "*/b",
    r"a\/b",
)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("a/b", ["a/b"], id="name"),
        pytest.param("*", list(NAMES), id="all"),
        pytest.param(
            "a*b",
            ["a/b", "aa/bb", "ab/b", "a,b", "a]/b", r"a\/b"],
            id="star crosses the slash",
        ),
        pytest.param("a**c", ["a/b/c"], id="two stars are one"),
        pytest.param("*/?", [n for n in NAMES if n[-2] == "/"], id="star and one"),
        pytest.param("a?b", ["a/b", "a,b"], id="one character, the slash too"),
        pytest.param(
            "[a^-]/?", ["a/b", "-/a", "^/a"], id="set with a caret and a dash"
        ),
        pytest.param("[!a]/*", ["-/a", "!/a", "^/a", "*/b"], id="any but one of a set"),
        pytest.param("[^a]/*", ["a/b", "a/b/c", "^/a"], id="a caret does not negate"),
        pytest.param("a[+-0]b", ["a/b", "a,b"], id="range"),
        pytest.param("[!b-z]/b", ["a/b", "*/b"], id="any but a range"),
        pytest.param(r"[a\-]/a", ["-/a"], id="escape in a set"),
        pytest.param("{a,ab}/b", ["a/b", "ab/b"], id="alternatives"),
        pytest.param(
            "{a/{b,b/c},{-,!}/*}",
            ["a/b", "a/b/c", "-/a", "!/a"],
            id="alternatives in alternatives",
        ),
        pytest.param("a{,a}/b*", ["a/b", "aa/bb", "a/b/c"], id="empty alternative"),
        pytest.param("a,b", ["a,b"], id="comma outside of alternatives"),
        pytest.param("a]/b", ["a]/b"], id="closing bracket alone"),
        pytest.param(r"\{a}/b", ["{a}/b"], id="closing brace alone"),
        pytest.param(r"\*/b", ["*/b"], id="escaped star"),
        pytest.param(r"\a/\b", ["a/b"], id="escaped letters"),
        pytest.param(r"a\\/b", [r"a\/b"], id="escaped backslash"),
        pytest.param("^/a", ["^/a"], id="nothing of regular expressions"),
        pytest.param("a.b", [], id="a dot is a dot"),
        pytest.param("A/B", [], id="case counts"),
        pytest.param("a", [], id="part of a name"),
    ],
)
def test_glob_matches_as_in_eksctl(pattern: str, expected: list[str]) -> None:
    """A pattern stands for whole names, and the slash is a character like others."""
    matched = [name for name in NAMES if matches(pattern, name)]

    assert matched == expected


@given(name=st.text(alphabet="ab/.-*?[]{},!^\\", max_size=12))
def test_escaped_text_matches_itself_alone(name: str) -> None:
    """Every character can be taken literally with a backslash."""
    escaped = "".join(f"\\{character}" for character in name)

    assert matches(escaped, name)
    assert not matches(escaped, name + "a")


@given(
    name=st.text(alphabet="ab/.-*?[]{},!^\\") | st.text(),
    other=st.text(alphabet="ab/.-*?[]{},!^\\") | st.text(),
)
def test_literal_pattern_matches_its_text_alone(name: str, other: str) -> None:
    """Whatever marks are in a text, its pattern stands for nothing else."""
    assert matches(literal(name), name)
    assert matches(literal(name), other) == (name == other)


@pytest.mark.parametrize(
    ("name", "pattern", "others"),
    [
        ("*", r"\*", ["a", "**", r"\*"]),
        ("a?", r"a\?", ["ab"]),
        ('irsa["a/b"]', r'irsa\["a/b"\]', ["irsaa", 'irsa"']),
        ("{a,b}", r"\{a\,b\}", ["a", "b"]),
        ("a\\", r"a\\", ["a", "a/b"]),
        ("apps/reader", "apps/reader", ["apps/readers"]),
    ],
)
def test_marks_of_a_text_are_taken_literally(
    name: str, pattern: str, others: list[str]
) -> None:
    """And a text without any is its own pattern."""
    assert literal(name) == pattern
    assert [one for one in (name, *others) if matches(pattern, one)] == [name]


@given(
    namespace=st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True),
    name=st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?", fullmatch=True),
)
def test_entry_is_its_own_pattern(namespace: str, name: str) -> None:
    """No name of an entry holds a mark, so that it can be written as it is."""
    key = f"{namespace}/{name}"

    assert is_literal(key)
    assert glob_fault(key) is None
    assert matches(key, key)


def test_one_of_several_is_enough() -> None:
    """A list of patterns matches what one of them matches; an empty list nothing."""
    patterns = ["kube-system/*", "default/a"]

    matched = [key for key in ("default/a", "default/b") if matches_any(patterns, key)]

    assert matched == ["default/a"]
    assert not matches_any([], "default/a")


@pytest.mark.parametrize("pattern", ["*", "a/*", "a/?", "[ab]/c", "{a,b}/c", r"a/\b"])
def test_pattern_is_no_literal(pattern: str) -> None:
    """What holds a mark may match several names, or another one than it reads."""
    assert not is_literal(pattern)


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        pytest.param(
            "a/[b",
            "'a/[b' opens '[' and has no set or range to close there; write ']' "
            "behind it, or '\\[' for the character",
            id="unclosed set",
        ),
        pytest.param(
            "a/[]",
            "'a/[]' opens '[' and has no set or range to close there; write ']' "
            "behind it, or '\\[' for the character",
            id="empty set",
        ),
        pytest.param(
            "a/[!]",
            "'a/[!]' opens '[' and has no set or range to close there; write ']' "
            "behind it, or '\\[' for the character",
            id="empty negated set",
        ),
        pytest.param(
            "a/[a-bc]",
            "'a/[a-bc]' opens '[' and has no set or range to close there; write ']' "
            "behind it, or '\\[' for the character",
            id="range and set in one",
        ),
        pytest.param(
            "a/[b-a]",
            "'a/[b-a]' is not a pattern: bad character range b-a at position 3",
            id="range backwards",
        ),
        pytest.param(
            "a/{b,c",
            "'a/{b,c' opens '{' and does not close it; write '}' behind it",
            id="unclosed alternatives",
        ),
        pytest.param(
            "{" * 51 + "a/b" + "}" * 51,
            f"'{'{' * 51}a/b{'}' * 51}' nests '{{' more than 50 deep; write several "
            "patterns",
            id="deep nesting",
        ),
        pytest.param(
            "backend",
            (
                "'backend' matches no entry; expected '<namespace>/<name>', parts of "
                "which may be '*'"
            ),
            id="no slash",
        ),
        pytest.param(
            "",
            (
                "'' matches no entry; expected '<namespace>/<name>', parts of which "
                "may be '*'"
            ),
            id="empty",
        ),
    ],
)
def test_pattern_is_refused(pattern: str, fault: str) -> None:
    """What eksctl refuses, leaves open without a word, or could never match."""
    assert glob_fault(pattern) == fault


@pytest.mark.parametrize(
    "pattern", ["*", "?*", "[ab]*", "a/b", "{a,b}/c", "{" * 50 + "a/b" + "}" * 50]
)
def test_pattern_is_taken(pattern: str) -> None:
    """A slash is in it, or something that can stand for one."""
    assert glob_fault(pattern) is None


def test_many_stars_take_no_longer_than_a_few() -> None:
    """What was found between two stars is never looked for again."""
    assert not matches("*a" * 40 + "b", "a" * 317)
    assert matches("*{ab,a}b*b", "abb")


def test_alternatives_are_bounded() -> None:
    """They are written out, so there must be an end."""
    pattern = "{a,b}" * 12 + "/c"

    assert (
        glob_fault(pattern)
        == f"{pattern!r} has more than 1000 alternatives; write several patterns"
    )
