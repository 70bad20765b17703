"""The gate: what it is asked for, what it stops, what was accepted."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final, cast

import pytest
from jsonschema import Draft202012Validator, ValidationError
from previews import document, preview, steps

from eks_irsa.review.forms.report_document import (
    report_document,
    report_schema,
    stacks_document,
)
from eks_irsa.review.model import Review
from eks_irsa.review.preview_reading import read_preview
from eks_irsa.review.readings import Reading, verdicts_of
from eks_irsa.review.reviewing import review
from eks_irsa.review.weighing.findings import FACTS, THE_PREVIEW
from eks_irsa.review.weighing.gate import NAMES, RULES, Acceptance, Verdict, verdict

TODAY: Final = date(2026, 11, 30)
PAIRS: Final = sorted((Path(__file__).parents[1] / "golden/review/pairs").glob("*"))
ADMIN: Final = document({"Action": "*", "Resource": "*"})
GET: Final = document({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"})
BOUND: Final = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def reviewed(before: Any, after: Any, *, sames: bool = True) -> Review:  # noqa: ANN401 - a side of a pair
    """Review one service account before and after."""
    return review(read_preview(preview(steps(before, after), sames=sames)))


def judged(
    found: Review, *rules: str, accepted: tuple[Acceptance, ...] = ()
) -> Verdict:
    """Ask the gate."""
    return verdict(found, rules=rules, acceptances=accepted, today=TODAY)


def stopped(found: Review, *rules: str) -> list[str]:
    """Name what the gate stops."""
    return [one.finding.code for one in judged(found, *rules).failures]


def acceptance(**given: Any) -> Acceptance:  # noqa: ANN401 - any field
    """Accept an administrator, with fields changed."""
    fields: dict[str, Any] = {
        "row": "apps/reader",
        "stack": "*",
        "rules": ("administrator",),
        "reason": "a test",
        "until": TODAY,
        "place": "exceptions.yaml:2",
    }
    return Acceptance(**fields | given)


def test_severity_stops_what_is_as_grave_or_graver() -> None:
    """And nothing that weighs less."""
    found = reviewed({}, {"inline": {"app": ADMIN}})

    critical, low = stopped(found, "critical"), stopped(found, "low")

    assert critical == ["administrator", "escalation"]
    assert {*critical, "pass-any-role", "wildcard-action"} < {*low}
    assert stopped(reviewed({}, {"inline": {"app": GET}}), "critical", "medium") == []
    assert stopped(reviewed({}, {"inline": {"app": GET}}), "low") == [
        "data-read",
        "wildcard-resource",
    ]


@pytest.mark.parametrize("rule", RULES[4:])
def test_every_rule_stops_something_and_only_its_own(rule: str) -> None:
    """Over all pairs that were judged by hand, and one without a boundary."""
    code = NAMES.get(rule, rule)
    found = list(every_review())

    codes = {one for each in found for one in stopped(each, rule)}

    assert codes == {code}
    assert any(judged(each, rule).passed for each in found)


def every_review() -> Iterator[Review]:
    """Give the review of every pair, and of what no pair is about."""
    for file in PAIRS:
        pair = json.loads(file.read_text(encoding="utf-8"))
        yield reviewed(pair["before"], pair["after"])
    yield reviewed({}, {"inline": {"app": GET}}, sames=False)


def test_what_is_not_known_is_named_whatever_it_is() -> None:
    """A job that stops for nothing that is named cannot be put right."""
    imported = json.loads(preview(steps(None, {})))
    for step in imported["steps"]:
        if step["op"] == "create":
            step["op"] = "import"
    found = [*every_review(), review(read_preview(json.dumps(imported)))]
    unknown = [
        failure.finding.lines()
        for one in found
        for failure in judged(one, "unknown").failures
    ]

    assert ("who may assume the role after: known only in `up`",) in unknown
    assert ("what the role has in AWS, where it is imported from",) in unknown
    assert all(unknown)


def test_role_that_is_made_without_a_boundary_is_missing_one() -> None:
    """One that has one is not, nor one that was there before."""
    assert stopped(reviewed(None, {}), "boundary-missing") == ["boundary-missing"]
    assert stopped(reviewed(None, {"boundary": BOUND}), "boundary-missing") == []
    assert stopped(reviewed({}, {"tags": {"a": "b"}}), "boundary-missing") == []
    assert stopped(reviewed({"boundary": BOUND}, {}), "boundary-removed") == [
        "boundary-removed"
    ]


def test_what_is_left_out_is_about_the_preview() -> None:
    """No row can be named for it."""
    found = reviewed({}, {"inline": {"app": GET}}, sames=False)

    (failure,) = judged(found, "incomplete").failures

    assert (failure.finding.row, failure.finding.words) == (
        THE_PREVIEW,
        FACTS["incomplete"][1],
    )


def test_failure_names_row_rules_and_statements() -> None:
    """In words that a terminal shows."""
    found = reviewed({}, {"inline": {"app": ADMIN}})

    one = judged(found, "high", "new-administrator").failures[0]

    assert (one.finding.row, one.finding.stack) == ("apps/reader", "dev")
    assert (one.finding.code, one.rules) == (
        "administrator",
        ("high", "new-administrator"),
    )
    assert one.finding.lines() == ("* on *, by inline policy app",)


@pytest.mark.parametrize(
    ("given", "passes"),
    [
        ({}, True),
        ({"rules": ("new-administrator",)}, True),
        ({"row": "apps/*", "stack": "d?v"}, True),
        ({"row": "other/reader"}, False),
        ({"stack": "production"}, False),
        ({"rules": ("escalation",)}, False),
        ({"until": date(2026, 11, 29)}, False),
    ],
)
def test_acceptance_lets_pass_what_it_names(
    given: dict[str, Any], *, passes: bool
) -> None:
    """On its last day too, and never after it."""
    found = reviewed({}, {"inline": {"app": ADMIN}})

    said = judged(found, "administrator", accepted=(acceptance(**given),))

    assert said.passed == passes
    assert len(said.accepted) == passes
    assert len(said.expired) == ("until" in given)


def faults(value: Any) -> list[str]:  # noqa: ANN401 - JSON
    """Say where a report does not meet its schema."""
    validator = Draft202012Validator(report_schema())
    found = cast(
        "Iterator[ValidationError]",
        validator.iter_errors(value),  # pyright: ignore[reportUnknownMemberType] - its stubs leave the instance open
    )
    return [f"{one.json_path}: {one.message[:200]}" for one in found]


def test_schema_is_one() -> None:
    """By its own dialect."""
    Draft202012Validator.check_schema(report_schema())


def test_report_of_every_pair_meets_the_schema() -> None:
    """With a verdict and without, of one stack and of several."""
    accepted = (
        acceptance(),
        acceptance(rules=("escalation",), until=date(2026, 1, 1)),
    )
    readings: list[Reading] = [Reading(file="a", review=None, problem="no")]
    for found in every_review():
        given = judged(found, "low", accepted=accepted)
        readings.append(Reading(file="a", review=found, verdict=given))

        assert faults(report_document(found)) == []
        assert faults(report_document(found, verdict=given)) == []
    said = verdicts_of(readings)
    assert any(one.expired for one in said)
    assert any(one.accepted for one in said)
    assert faults(stacks_document(readings)) == []


@pytest.mark.parametrize("key", ["version", "verdict", "serviceAccounts", "unknowns"])
def test_report_without_a_key_does_not_meet_the_schema(key: str) -> None:
    """The schema demands what the page promises."""
    value = report_document(reviewed({}, {"inline": {"app": ADMIN}}))

    del value[key]

    assert faults(value) != []


def test_gained_is_more_access_and_lost_is_less() -> None:
    """A denial that goes is gained, and one that comes is lost."""
    denied = document(
        {"Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"},
    )
    free = document({"Action": "s3:*", "Resource": "*"})
    sides = {"inline": {"app": denied}}, {"inline": {"app": free}}

    goes, comes = [
        cast("Any", report_document(reviewed(*pair)))["serviceAccounts"][0]
        for pair in (sides, sides[::-1])
    ]

    (gained,), (lost,) = goes["permissions"]["gained"], comes["permissions"]["lost"]
    assert (gained["effect"], gained["because"]) == ("Deny", "denial")
    assert (lost["effect"], lost["because"]) == ("Deny", "denial")
    assert goes["permissions"]["lost"] == comes["permissions"]["gained"] == []
    assert "denial-removed" in gained["marks"]
