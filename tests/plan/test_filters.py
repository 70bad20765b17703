"""Which entries belong to the stack, and settings that name none."""

import pytest
from plans import entry, planned, refused

from eks_irsa.plan.filters import belongs
from eks_irsa.settings.model import Settings

ENTRIES = (entry("a/one"), entry("a/two"), entry("b/one"))


def unknown(pattern: str) -> str:
    """Return the warning about a name the file does not have."""
    return f"{pattern!r} is no entry of the ClusterConfig; correct it, or take it out"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param({}, ["a/one", "a/two", "b/one"], id="no rules"),
        pytest.param({"include": ["a/*"]}, ["a/one", "a/two"], id="include"),
        pytest.param({"include": ["a/two", "b/*"]}, ["a/two", "b/one"], id="any of"),
        pytest.param({"exclude": ["*/one"]}, ["a/two"], id="exclude"),
        pytest.param(
            {"include": ["a/*"], "exclude": ["a/one"]}, ["a/two"], id="exclude wins"
        ),
        pytest.param({"exclude": ["*"]}, [], id="nothing is left"),
        pytest.param({"exclude": ["c/*"]}, ["a/one", "a/two", "b/one"], id="no match"),
    ],
)
def test_entries_belong_as_eksctl_filters_them(
    settings: dict[str, object], expected: list[str]
) -> None:
    """The entries that are planned, in file order."""
    plan = planned(*ENTRIES, settings=settings)

    assert [one.key for one in plan.service_accounts] == expected
    assert [
        key
        for key in ("a/one", "a/two", "b/one")
        if belongs(Settings.model_validate(settings), key=key)
    ] == expected


def test_filtered_entries_are_counted_in_a_warning() -> None:
    """What belonged before goes with the next `up`, so it is said."""
    plan = planned(*ENTRIES, settings={"include": ["a/*"], "exclude": ["a/one"]})

    (warning,) = plan.warnings
    assert (warning.source, warning.path, warning.code, warning.severity) == (
        "shop.yaml",
        "iam.serviceAccounts",
        "W-FILTERED",
        "warning",
    )
    assert warning.message == (
        "2 of 3 entries do not belong to this stack (settings include and exclude); "
        "what it made for them goes with the next up"
    )


def test_filtered_entry_leaves_nothing_behind() -> None:
    """Neither its namespace nor its limits nor its role's name count."""
    plan = planned(
        entry("a/one", roleName="same"),
        entry("b/one", roleName="same", tags={"a": "1", "b": "2"}),
        settings={"exclude": ["b/*"], "limits": {"tagsPerRole": 4}},
    )

    assert plan.namespaces == ("a",)
    assert [one.key for one in plan.service_accounts] == ["a/one"]


@pytest.mark.parametrize("entries", [ENTRIES, ()])
def test_include_must_match_an_entry(entries: tuple[dict[str, object], ...]) -> None:
    """An include that leaves nothing is refused, as eksctl does it."""
    problems = refused(*entries, settings={"include": ["c/*", "d/*"]})

    assert [one for one in problems if one[1].startswith("E-")] == [
        (
            "eks-irsa:include",
            "E-GLOB-NOMATCH",
            "matches no entry of the ClusterConfig; expected at least one",
        )
    ]


def test_name_of_no_entry_is_a_warning() -> None:
    """A glob may match nothing yet; a name that does is a slip."""
    plan = planned(
        *ENTRIES,
        settings={
            "include": ["*", "a/x", "c/*"],
            "exclude": ["b/x"],
            "patchExisting": ["c/x", "c/?"],
            "overrides": {"d/x": {}, "d/*": {}, "a/one": {}},
        },
    )

    assert [
        (one.path, one.code, one.severity, one.message) for one in plan.warnings
    ] == [
        ("eks-irsa:overrides.d/x", "W-NO-ENTRY", "warning", unknown("d/x")),
        ("eks-irsa:patchExisting[0]", "W-NO-ENTRY", "warning", unknown("c/x")),
        ("eks-irsa:include[1]", "W-NO-ENTRY", "warning", unknown("a/x")),
        ("eks-irsa:exclude[0]", "W-NO-ENTRY", "warning", unknown("b/x")),
    ]


def test_name_of_a_filtered_entry_is_known() -> None:
    """It is in the file, only not in this stack."""
    plan = planned(
        *ENTRIES, settings={"exclude": ["a/one"], "overrides": {"a/one": {}}}
    )

    assert [one.code for one in plan.warnings] == ["W-FILTERED"]
