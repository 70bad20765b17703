# ruff: noqa: ANN401, S311 - a preview is JSON; nothing here is a secret
"""A broken preview is reported on or refused, and never gives a traceback."""

import json
import random
from pathlib import Path
from typing import Any, Final, cast

from finding_cases import CASES
from hypothesis import given
from hypothesis import strategies as st
from pod_identity_cases import POD_IDENTITY_CASES
from previews import UNKNOWN, document, preview, steps
from programs import program, role_arn

from eks_irsa.errors import PreviewError
from eks_irsa.review.forms.markdown import markdown
from eks_irsa.review.forms.report_document import report_document
from eks_irsa.review.preview_reading import read_preview
from eks_irsa.review.reviewing import review

EXAMPLE: Final = Path(__file__).parents[1] / "golden/review/example.json"
SIDE: Final = {
    "inline": {"app": document({"Action": "a:b", "Resource": "*"})},
    "managed": ["arn:aws:iam::aws:policy/PowerUserAccess"],
    "boundary": "arn:aws:iam::aws:policy/AdministratorAccess",
    "tags": {"a": "b"},
}
TEXTS: Final = (
    EXAMPLE.read_text(encoding="utf-8"),
    preview(steps(None, SIDE), steps(SIDE, {"account": "a/b"}), steps(SIDE, None)),
    *(
        program(case.made, sames=case.sames)
        for case in (*CASES.values(), *POD_IDENTITY_CASES.values())
    ),
)
VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    0,
    "",
    "x",
    UNKNOWN,
    "[secret]",
    [],
    [None, {}],
    {},
    {"a": []},
    "urn:pulumi:a::b::c::d",
    "urn:pulumi:dev::shop::aws:iam/role:Role::one",
    "urn:pulumi:dev::shop::eks-irsa:index:IrsaServiceAccount::api",
    role_arn("one"),
    "one",
    "replace",
    "delete",
    ["one", UNKNOWN],
    [{"name": "x", "policy": UNKNOWN}, 3],
    {"eks.amazonaws.com/role-arn": 1},
    {"role": ["urn:pulumi:dev::shop::aws:iam/role:Role::one"]},
    10**400,
    '{"Statement": {"Effect": "Allow", "NotAction": "*"}}',
)


def damaged(value: Any, chance: random.Random, odds: float) -> Any:
    """Leave something out, or put something else in its place, now and then."""
    if chance.random() < odds:
        return chance.choice(VALUES)
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value)
        return {
            key: damaged(inner, chance, odds)
            for key, inner in pairs.items()
            if chance.random() > odds
        }
    if isinstance(value, list):
        return [damaged(one, chance, odds) for one in cast("list[Any]", value)]
    return value


@given(
    which=st.integers(0, len(TEXTS) - 1),
    seed=st.integers(0, 10_000),
    odds=st.sampled_from([0.01, 0.05, 0.2]),
)
def test_damaged_preview_is_reported_on_or_refused(
    which: int, seed: int, odds: float
) -> None:
    """Whatever is missing or of another kind, the words are ours."""
    broken = damaged(json.loads(TEXTS[which]), random.Random(seed), odds)

    try:
        found = review(read_preview(json.dumps(broken)))
    except PreviewError:
        return
    assert markdown(found).startswith("<!-- eks-irsa report: ")
    assert json.dumps(report_document(found))
