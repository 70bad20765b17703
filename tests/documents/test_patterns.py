"""Which set of texts holds another: decided on patterns, held against the texts."""

import itertools
import re
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_irsa.documents.patterns import Patterns, has_wildcard, literal

# Every text of up to four characters over a small alphabet.
TEXTS: Final = [
    "".join(characters)
    for length in range(5)
    for characters in itertools.product("ab", repeat=length)
]
patterns = st.lists(st.sampled_from("ab*?"), max_size=4).map("".join)
sets = st.builds(
    Patterns, st.frozensets(patterns, min_size=1, max_size=3), st.booleans()
)


def matches(one: Patterns, text: str) -> bool:
    """Match by a regular expression, which knows nothing of covering."""
    hit = any(
        re.fullmatch(re.escape(each).replace(r"\*", ".*").replace(r"\?", "."), text)
        for each in one.texts
    )
    return hit != one.inverted


@given(wide=sets, narrow=sets)
def test_what_covers_holds_every_text(wide: Patterns, narrow: Patterns) -> None:
    """A set that is said to cover another has each of its texts."""
    if wide.covers(narrow):
        assert [
            text for text in TEXTS if matches(narrow, text) and not matches(wide, text)
        ] == []


@given(one=sets, two=sets)
def test_what_is_disjoint_shares_no_text(one: Patterns, two: Patterns) -> None:
    """Two sets that are said to have nothing in common have nothing in common."""
    if one.is_disjoint_from(two):
        assert [
            text for text in TEXTS if matches(one, text) and matches(two, text)
        ] == []
    assert one.is_disjoint_from(two) == two.is_disjoint_from(one)


@given(one=patterns, two=patterns)
def test_overlap_of_two_patterns_is_decided_both_ways(one: str, two: str) -> None:
    """For single patterns the answer is exact; eight characters hold every witness."""
    first, second = Patterns(frozenset({one})), Patterns(frozenset({two}))
    texts = (
        "".join(characters)
        for length in range(9)
        for characters in itertools.product("ab", repeat=length)
    )

    meet = any(matches(first, text) and matches(second, text) for text in texts)

    assert first.is_disjoint_from(second) is not meet


@given(one=sets)
def test_every_set_covers_itself(one: Patterns) -> None:
    """Nothing is gained where nothing changes."""
    assert one.covers(one)


@pytest.mark.parametrize(
    ("wide", "narrow", "covers"),
    [
        pytest.param("s3:*", "s3:get*", True, id="prefix"),
        pytest.param("s3:get*", "s3:*", False, id="other way"),
        pytest.param("a*?", "a?*", True, id="order of wildcards"),
        pytest.param("a**b", "a*b", True, id="doubled wildcard"),
        pytest.param("a*c", "abc*", False, id="open end"),
        pytest.param("?", "*", False, id="one is not many"),
        pytest.param("x/*", "x/${aws:username}/y", True, id="many takes a variable"),
        pytest.param("x/?", "x/${aws:username}", False, id="one takes no variable"),
        pytest.param("${aws:userid}", "${aws:username}", False, id="two variables"),
        pytest.param("x/${a:b}", "x/${a:b}", True, id="same variable"),
        pytest.param("*ser}", "${a:user}", False, id="a variable is one thing"),
        pytest.param("a*", "a${*}", True, id="escaped wildcard is a character"),
        pytest.param("a${*}", "a*", False, id="a character is no wildcard"),
        pytest.param("${$}{a}", "${a}", False, id="escaped variable"),
    ],
)
def test_one_pattern_covers_another(wide: str, narrow: str, *, covers: bool) -> None:
    """Wildcards, variables and escapes, case by case."""
    one, two = Patterns(frozenset({wide})), Patterns(frozenset({narrow}))

    assert one.covers(two) is covers


def test_hostile_pattern_is_judged_in_bounded_time() -> None:
    """Many wildcards cost the product of the lengths, no more."""
    wide, narrow = Patterns(frozenset({"a*" * 500 + "b"})), "a" * 2_000

    assert not wide.covers(Patterns(frozenset({narrow})))
    assert wide.is_disjoint_from(Patterns(frozenset({narrow})))


@given(text=st.text("ab*?${}", max_size=8))
def test_literal_is_the_pattern_of_one_text(text: str) -> None:
    """Nothing in a plain text is read as a wildcard or a variable."""
    assert not has_wildcard(literal(text))
    assert Patterns(frozenset({"*"})).covers(Patterns(frozenset({literal(text)})))


def test_literal_may_keep_its_variables() -> None:
    """StringEquals knows variables and no wildcards."""
    shown = literal("a*/${aws:username}?", variables=True)

    assert shown == "a${*}/${aws:username}${?}"
