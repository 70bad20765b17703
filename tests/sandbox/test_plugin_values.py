"""Property values on the wire."""

import pytest

from sandbox.plugins.values import (
    UNKNOWN,
    Properties,
    Secret,
    from_struct,
    has_secret,
    has_unknown,
    to_struct,
    without_secrets,
)

NESTED: Properties = {
    "flag": True,
    "list": ["a", UNKNOWN, {"deep": Secret({"x": 1})}],
    "number": 1.5,
    "whole": 3600,
    "text": "",
}


def test_values_survive_the_way_over_the_wire() -> None:
    """Unknowns, secrets and whole numbers come out as they went in."""
    assert from_struct(to_struct(NESTED)) == NESTED


def test_nulls_are_left_out() -> None:
    """A property that is null is a property that is not given."""
    struct = to_struct({"kept": "x"})
    struct.update({"null": None})

    assert from_struct(struct) == {"kept": "x"}


def test_unknowns_and_secrets_are_found_at_any_depth() -> None:
    """Both hide in lists, in mappings and in each other."""
    held: Properties = {"a": [{"b": Secret([UNKNOWN])}]}

    assert (has_unknown(held), has_secret(held)) == (True, True)
    assert (has_unknown({"a": []}), has_secret({"a": "x"})) == (False, False)
    assert without_secrets(held) == {"a": [{"b": [UNKNOWN]}]}


def test_other_signatures_are_refused_by_name() -> None:
    """An asset is nothing these plugins know."""
    asset = "c44067f5952c0a294b673a41bacd8c17"
    struct = to_struct({"file": {"4dabf18193072939515e22adb298388d": asset}})

    with pytest.raises(ValueError, match=f"signature '{asset}' are not covered"):
        from_struct(struct)
