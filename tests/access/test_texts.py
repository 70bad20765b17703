"""Texts that patterns stand for, held against every short text and Python's `re`."""

import re
from collections.abc import Iterable
from itertools import product
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from eks_irsa.access.texts import AN_ACTION, Texts, TextSet, like

SHORT: Final = [
    "".join(one) for length in range(5) for one in product("ab", repeat=length)
]
patterns = st.text("ab*?", max_size=4)
sets = st.frozensets(patterns, min_size=1, max_size=3)


def hit(some: Iterable[str], text: str) -> bool:
    """Match wildcards by a regular expression."""
    return any(
        re.fullmatch(one.replace("*", ".*").replace("?", "."), text) for one in some
    )


@given(
    wanted=st.lists(sets, min_size=1, max_size=2), unwanted=st.lists(sets, max_size=3)
)
def test_text_is_found_if_there_is_one(
    wanted: list[frozenset[str]], unwanted: list[frozenset[str]]
) -> None:
    """And what is found is one."""
    found = Texts().find(frozenset(map(like, wanted)), frozenset(map(like, unwanted)))

    assert found is not None
    if found is False:
        assert [
            text
            for text in SHORT
            if all(hit(one, text) for one in wanted)
            and not any(hit(one, text) for one in unwanted)
        ] == []
    else:
        assert all(hit(one, found) for one in wanted)
        assert not any(hit(one, found) for one in unwanted)


def test_several_patterns_together_hold_another() -> None:
    """None of them alone does."""
    wanted = frozenset({like(["a*"])})

    assert Texts().find(wanted, frozenset({like(["a", "a?*"])})) is False
    assert Texts().find(wanted, frozenset({like(["a", "a??*"])})) == "aq"
    assert Texts().find(wanted, frozenset({like(["a"]), like(["a?*"])})) is False


def test_patterns_that_only_meet_have_a_text_in_common() -> None:
    """Neither holds the other."""
    wanted = frozenset({like(["a*c"]), like(["*b*"])})

    found = Texts().find(wanted, frozenset())

    assert isinstance(found, str)
    assert re.fullmatch("a.*b.*c", found)
    assert Texts().find(frozenset({like(["a*"]), like(["b*"])}), frozenset()) is False


def test_arn_is_compared_part_by_part() -> None:
    """No wildcard reaches over a colon but in the last part."""
    every = TextSet("arn", frozenset({"arn:aws:*:::x"}))
    regional = like(["arn:aws:s3:r:::x"])

    assert Texts().find(frozenset({every, regional}), frozenset()) is False
    assert (
        Texts().find(
            frozenset({TextSet("arn", frozenset({"arn:aws:s3:::x*"})), like(["*:y"])}),
            frozenset(),
        )
        == "arn:aws:s3:::x:y"
    )


def test_text_without_case_is_found_in_any() -> None:
    """A small letter may be excluded, and the capital stays."""
    caseless = TextSet("caseless", frozenset({"team"}))

    found = Texts().find(frozenset({caseless}), frozenset({like(["team", "T*"])}))

    assert isinstance(found, str)
    assert found.lower() == "team"
    assert Texts().find(frozenset({caseless, like(["b*"])}), frozenset()) is False


def test_action_has_one_colon() -> None:
    """So that `*:*` holds every action, and a name has none."""
    action = frozenset({AN_ACTION})

    assert Texts().find(action, frozenset({like(["*:*"])})) is False
    assert (
        Texts().find(action | {like(["s3:*"])}, frozenset({like(["s3:?*"])})) is False
    )
    found = Texts().find(action | {like(["*"])}, frozenset({like(["s3:*"])}))
    assert isinstance(found, str)
    assert found.count(":") == 1


def test_variable_is_held_by_itself_and_by_a_wildcard() -> None:
    """It may be any text, so that nothing else certainly holds it."""
    own = frozenset({like(["a/${aws:username}/*"])})

    assert Texts().find(own, frozenset({like(["a/${aws:username}/*"])})) is False
    assert Texts().find(own, frozenset({like(["a/*"])})) is False
    assert Texts().find(own, frozenset({like(["b/*"])}))
    assert Texts().find(own, frozenset({like(["a/?*/x", "a/b/*"])}))
    assert Texts().find(own | {like(["b*"])}, frozenset()) is False


def test_what_takes_too_many_states_is_given_up() -> None:
    """In bounded time, and then it was not found out."""
    wanted = frozenset({like(["*a" + "?" * 20]), like(["*b" + "?" * 20])})
    texts = Texts()

    assert texts.find(wanted, frozenset()) is None
    assert texts.find(wanted, frozenset({like(["c*"])})) is None
    part = like(["${aws:username}", "*a" + "?" * 20])
    held = frozenset({like(["${aws:username}"])})
    assert texts.find(frozenset({part, like(["*b" + "?" * 20])}), held) is None
