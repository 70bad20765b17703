"""What is said of the way by which pods get a role, and why they must restart."""

from dataclasses import replace
from typing import Any, Final

import pytest
from finding_cases import annotated, own
from pod_identity_cases import ABROAD, POD_IDENTITY_CASES, PROVIDER, associated, entry
from previews import UNKNOWN
from programs import Made, program, role_arn, urn

from eks_irsa.review.forms.markdown import markdown
from eks_irsa.review.forms.markdown_form import markdown_words
from eks_irsa.review.forms.report_document import report_document
from eks_irsa.review.forms.way_words import way_lines
from eks_irsa.review.model import Row
from eks_irsa.review.preview_reading import read_preview
from eks_irsa.review.reviewing import review

ONE: Final = role_arn("one")
GOING_ON: Final = "until a restart they go on with the token they were started with"
STARTED_BEFORE: Final = "those that run were started before there was an association"
KEPT: Final = "they have the old credentials of the association for up to six hours"


def row_of(name: str) -> Row:
    """Return the one row of a case."""
    case = POD_IDENTITY_CASES[name]
    (row,) = review(read_preview(program(case.made, sames=case.sames))).rows
    return row


def said(row: Row, *, in_full: bool = False) -> list[str]:
    """Say the way of a row."""
    return [markdown_words(one, most=200) for one in way_lines(row, in_full=in_full)]


@pytest.mark.parametrize(
    ("name", "restart", "lines"),
    [
        (
            "irsa to both",
            GOING_ON,
            ["pods get it by IRSA → IRSA and EKS Pod Identity"],
        ),
        (
            "both to pod identity",
            "those from before the association have nothing but a token",
            ["pods get it by IRSA and EKS Pod Identity → EKS Pod Identity"],
        ),
        (
            "pod identity to both",
            "",
            ["pods get it by EKS Pod Identity → IRSA and EKS Pod Identity"],
        ),
        (
            "pod identity to irsa",
            "the association goes, and the credentials of those that run with it",
            ["pods get it by EKS Pod Identity → IRSA"],
        ),
        ("new with pod identity", "", ["pods get it by EKS Pod Identity"]),
        ("removed with pod identity", "", []),
        ("session tags disabled", KEPT, []),
        (
            "target role of another AWS account",
            STARTED_BEFORE,
            [
                "pods get it by EKS Pod Identity",
                f"EKS assumes `{ONE}`, and with that `{ABROAD}`",
            ],
        ),
        (
            "annotation of another role than the association's",
            "",
            [
                "pods get it by EKS Pod Identity → IRSA and EKS Pod Identity",
                (
                    f"the association gives them `{role_arn('api')}`, and the "
                    f"annotation with `{role_arn('two')}` does not count"
                ),
            ],
        ),
    ],
)
def test_way_and_restart_are_told(name: str, restart: str, lines: list[str]) -> None:
    """IRSA alone goes without saying; a pod knows what it was started with."""
    row = row_of(name)

    assert row.restart == restart
    assert said(row) == lines


def test_way_is_said_in_full_where_it_stays() -> None:
    """Below the table each row says it."""
    row = row_of("session tags disabled")

    assert said(row, in_full=True) == ["pods get it by EKS Pod Identity"]
    assert [(one.what, one.sides.before, one.sides.after) for one in row.others] == [
        ("session tags of the association", "sent", "disabled")
    ]


def test_document_has_both_roles_and_the_cluster() -> None:
    """So that a script need not read words."""
    case = POD_IDENTITY_CASES["association of another role than the annotation's"]
    found = review(read_preview(program(case.made)))

    rows: Any = report_document(found)["serviceAccounts"]

    assert rows[0]["identity"] == {
        "before": {
            "way": "irsa",
            "annotation": role_arn("api"),
            "association": None,
            "targetRole": None,
            "cluster": None,
        },
        "after": {
            "way": "both",
            "annotation": role_arn("api"),
            "association": role_arn("two"),
            "targetRole": None,
            "cluster": "shop",
        },
    }


def test_way_is_not_known_where_nothing_of_it_is_shown() -> None:
    """The component, the service account and the association stay as they are."""
    made = [
        replace(one, after={**(one.after or {}), "policy": UNKNOWN})
        if one.kind == "inline"
        else one
        for one in entry("both", "both")
    ]

    (row,) = review(read_preview(program(made, sames=False))).rows

    assert said(row) == []
    assert said(row, in_full=True) == [
        "pods get it by **unknown** (not in this preview)"
    ]


def test_restart_is_told_where_the_association_is_not_shown() -> None:
    """The component says that there is one."""
    case = POD_IDENTITY_CASES["both to pod identity"]

    brief = review(read_preview(program(case.made, sames=False))).rows

    assert [row.restart for row in brief] == [row_of("both to pod identity").restart]


def test_two_clusters_of_one_provider_tell_nothing() -> None:
    """A component's own two are one all the same, and no others are."""
    web = Made(
        kind="pod-identity",
        name="web-association",
        parent=urn("component", "web"),
        before=associated("web", role_arn("web"), clusterName="other"),
        after=associated("web", role_arn("web"), clusterName="other"),
    )
    accounts = [
        Made(
            kind="sa",
            name="hand",
            provider=PROVIDER,
            after=annotated("hand", ONE),
        ),
        Made(kind="pod-identity", name="hand", after=associated("hand", ONE)),
    ]
    others = [replace(one, provider=PROVIDER) for one in own("web")]

    own_two = review(read_preview(program([*entry("irsa", "both"), *others, web])))
    joined = review(read_preview(program([*entry("both", "both"), *accounts])))
    apart = review(
        read_preview(program([*entry("both", "both"), *others, web, *accounts]))
    )

    assert [(row.name, *said(row)) for row in own_two.rows] == [
        ("apps/api", "pods get it by IRSA → IRSA and EKS Pod Identity")
    ]
    assert [row.name for row in joined.rows] == ["apps/hand"]
    assert [row.name for row in apart.rows] == ["apps/hand", "apps/hand"]


def test_audience_of_tokens_is_none_of_an_association_s_pods() -> None:
    """It is shown, and nobody need restart."""
    arn = role_arn("api")
    after = annotated("api", arn)
    after["metadata"]["annotations"] = {
        "eks.amazonaws.com/role-arn": arn,
        "eks.amazonaws.com/audience": "vault",
    }
    made = [
        replace(one, after=after) if one.kind == "sa" else one
        for one in entry("both", "both")
    ]

    (row,) = review(read_preview(program(made))).rows

    assert row.restart == ""
    assert [one.what for one in row.others] == ["annotation eks.amazonaws.com/audience"]


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("cluster/shop", "cluster/shop", 0),
        ("cluster/shop", "cluster/other", 1),
        ("apps", "web", 1),
        ('"StringEquals": {', '"Bool": {"aws:x": "true"}, "StringEquals": {', 1),
    ],
)
def test_usual_trust_of_a_new_role_goes_without_saying(
    old: str, new: str, shown: int
) -> None:
    """Another cluster, namespace or condition does not."""
    made = entry("", "podIdentity")
    made = [
        replace(one, after={**one.after, "assumeRolePolicy": changed})
        if one.kind == "role"
        and one.after
        and (changed := one.after["assumeRolePolicy"].replace(old, new))
        else one
        for one in made
    ]

    text = markdown(review(read_preview(program(made))))

    assert text.count("+ may be assumed by EKS Pod Identity") == shown
