"""Nobody becomes an administrator without a word that stops the pull request."""

from datetime import date
from typing import Final

import pytest
from hidden_administrators import BY_RESOURCE, BY_TEXT, TRUSTS, Attempt
from hidden_operations import CLUSTERS, DENIALS, OPERATIONS, PODS
from programs import program

from eks_irsa.review.forms.comment import body
from eks_irsa.review.model import Review
from eks_irsa.review.preview_reading import read_preview
from eks_irsa.review.reviewing import review
from eks_irsa.review.weighing.findings import THE_PREVIEW
from eks_irsa.review.weighing.gate import verdict

TODAY: Final = date(2026, 11, 30)
ATTEMPTS: Final = {
    name: one
    for group in (BY_RESOURCE, BY_TEXT, TRUSTS, PODS, DENIALS, CLUSTERS, OPERATIONS)
    for name, one in group.items()
}


def reviewed(attempt: Attempt) -> Review:
    """Review the program of an attempt."""
    return review(read_preview(program(attempt.made)))


@pytest.mark.parametrize("name", ATTEMPTS)
def test_gate_stops_an_administrator_however_it_is_hidden(name: str) -> None:
    """A high gate stops it by the mark that the gain has, on the row that has it."""
    attempt = ATTEMPTS[name]

    found = verdict(reviewed(attempt), rules=["high"], today=TODAY)

    assert attempt.found in {
        f"{one.finding.row}: {one.finding.code}" for one in found.failures
    }


@pytest.mark.parametrize("name", ATTEMPTS)
def test_report_is_not_complete_where_something_is_unknown(name: str) -> None:
    """What cannot be told is never passed over."""
    attempt = ATTEMPTS[name]

    found = reviewed(attempt)

    assert not (attempt.found.endswith(": unknown") and found.is_complete)


@pytest.mark.parametrize("name", ATTEMPTS)
def test_comment_names_who_gains(name: str) -> None:
    """The row stands in the table; what is unknown of none stands above it."""
    attempt = ATTEMPTS[name]
    row = attempt.found.partition(": ")[0]

    comment = body(reviewed(attempt), room=65_536)

    told = "Not everything could be told" if row == THE_PREVIEW else f"`{row}`"
    assert told in comment
