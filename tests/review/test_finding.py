"""Who gains and loses what, whoever says it and wherever it stands in the program."""

import random
from collections.abc import Iterable
from typing import Final

import pytest
from finding_cases import CASES as OF_ROLES
from finding_cases import Judged
from pod_identity_cases import POD_IDENTITY_CASES
from programs import program

from eks_irsa.review.model import Row
from eks_irsa.review.preview import Unknown
from eks_irsa.review.preview_reading import read_preview
from eks_irsa.review.reviewing import review

NOT_SHOWN: Final = Unknown("not in this preview")
CASES: Final = {**OF_ROLES, **POD_IDENTITY_CASES}
# The marks that are about finding; what a permission weighs is judged elsewhere.
MARKS: Final = frozenset(
    {
        "anyone",
        "boundary-removed",
        "boundary-widened",
        "kept-in-aws",
        "no-cluster",
        "no-subject",
        "restart-pods",
        "trust-widened",
        "unknown",
    }
)


def judged(row: Row) -> Judged:
    """Say of a row what a case says."""
    found = row.permissions.difference
    trusts = [
        text
        for one in row.trust.difference.gained
        for text in one.grant.principal.texts
    ]
    return Judged(
        gains=_actions(one.grant.actions_as_written for one in found.gained),
        loses=_actions(one.grant.actions_as_written for one in found.lost),
        unknown=tuple(sorted(one.what for one in row.permissions.unknown)),
        trusts=tuple(sorted({*trusts})),
        marks=" ".join(one for one in row.marks if one in MARKS),
        subject=row.subject,
        way=_way(row),
    )


def _way(row: Row) -> str:
    sides = (row.pod_role.before, row.pod_role.after)
    ways = [str(one.way) if one else "none" for one in sides]
    told = " -> ".join(dict.fromkeys(ways))
    return "" if {*ways} <= {"irsa", "none", str(NOT_SHOWN)} else told


def _actions(texts: Iterable[Iterable[str]]) -> str:
    return " ".join(sorted({text for some in texts for text in some}))


@pytest.mark.parametrize("name", CASES)
def test_report_says_what_was_judged(name: str) -> None:
    """Every row, and no other."""
    case = CASES[name]

    found = review(read_preview(program(case.made, sames=case.sames)))

    assert {row.name: judged(row) for row in found.rows} == case.rows
    assert found.is_complete == case.complete
    assert len(found.rows) == len(case.rows)


@pytest.mark.parametrize("name", CASES)
def test_order_of_the_resources_makes_no_difference(name: str) -> None:
    """Engines print them as they come."""
    case = CASES[name]
    made = [*case.made]
    random.Random(name).shuffle(made)  # noqa: S311 - no secret

    found = review(read_preview(program(made, sames=case.sames)))

    assert found == review(read_preview(program(case.made, sames=case.sames)))
