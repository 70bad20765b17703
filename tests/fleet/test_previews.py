"""A preview that failed says so, whatever the engine printed of it."""

import json

import pytest

from eks_irsa.fleet.previews import with_error

OWN = {"severity": "error", "message": "no credentials"}
GIVEN = {"severity": "error", "message": "lost"}
WARNING = {"severity": "warning", "message": "old"}


@pytest.mark.parametrize("text", ["", '{"steps": [', "[]"])
def test_what_is_no_preview_is_one_of_nothing(text: str) -> None:
    """The report reads it."""
    assert json.loads(with_error(text, "lost")) == {"steps": [], "diagnostics": [GIVEN]}


def test_error_of_the_engine_stays_the_only_one() -> None:
    """It tells more."""
    text = json.dumps({"steps": [], "diagnostics": [WARNING, OWN]})

    assert with_error(text, "lost") == text


def test_preview_without_an_error_gets_one() -> None:
    """All else of it stays."""
    text = json.dumps({"steps": [{"op": "same"}], "diagnostics": [WARNING]})

    assert json.loads(with_error(text, "lost")) == {
        "steps": [{"op": "same"}],
        "diagnostics": [WARNING, GIVEN],
    }
