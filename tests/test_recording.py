"""The recordings of the real plugins: what is compared, and that all of it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from recording import Deviation, deviations, differences, recorded, step, unexpected

HERE = Path(__file__).parent
SCENARIOS = sorted(path.stem for path in (HERE / "recordings/aws").glob("*.json"))


def test_every_recording_is_replayed() -> None:
    """One that no test names would hold nobody to anything."""
    tests = "".join(
        path.read_text(encoding="utf-8")
        for path in (HERE / "engine").glob("test_aws_record*.py")
    )

    replayed = [name for name in SCENARIOS if f'"{name}"' in tests]

    assert replayed == SCENARIOS


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_line_of_the_list_fits_what_was_recorded(scenario: str) -> None:
    """One that speaks of no place of its scenarios could never be needed."""
    lines = deviations("aws", scenario)

    _, needless = unexpected(_places(recorded("aws", scenario)), lines)

    assert needless == []


def test_difference_that_no_line_foresees_is_told_with_its_place() -> None:
    """And so is a line that foresees nothing."""
    before = {"1 up": {"calls": ["a"], "state": {"x": 1, "y": 2}}}
    after = {"1 up": {"calls": ["b"], "state": {"x": 1, "y": 3}}}
    needed = Deviation(scenarios=["s"], where="*/y", reason="so it is")
    needless = Deviation(scenarios=["s"], where="*/z", reason="so it was")

    found = unexpected(differences(before, after), [needed, needless])

    assert found == (['1 up/calls: ["a"] is now ["b"]'], [needless])


def test_what_differs_from_run_to_run_has_one_name() -> None:
    """Clusters, issuers, digests, requests and the place in a program."""
    text = (
        "Diagnostics:\n"
        "  aws:iam:Role (apps/a-role):\n"
        "    error: updating urn:pulumi:test-7::p::x:Z$aws:iam/role:Role::apps/a-role:"
        " RequestID: 01234567-89ab-cdef-0123-456789abcdef, role test-7-a-0a1b2c3d\n\n"
        "  pulumi:pulumi:Stack (test-7):\n"
        "    error: update failed\n\n"
        "Resources:\n"
    )

    seen = step(
        calls=["iam:B 200", "sts:GetCallerIdentity 200", "iam:A 200"], error=text
    )

    assert seen == {
        "calls": ["sts:GetCallerIdentity 200", "iam:A 200", "iam:B 200"],
        "said": [
            (
                "aws:iam:Role (apps/a-role):\n    error: updating "
                "urn:<stack>::aws:iam/role:Role::apps/a-role: RequestID: <request>, "
                "role <cluster>-a-<hash>"
            )
        ],
    }


def _places(value: object, path: str = "") -> Iterator[str]:
    """Give every place of a recording as a difference at it reads."""
    yield f"{path}: "
    if isinstance(value, dict):
        for key, inner in cast("dict[str, object]", value).items():
            yield from _places(inner, f"{path}/{key}" if path else key)
