"""Keys and types of a document, checked against models."""

import pytest
from pydantic import BaseModel, ConfigDict, Field

from eks_irsa.source.findings import Finding
from eks_irsa.source.structure import Structure, nearest
from eks_irsa.source.yaml_text import parse


class Inner(BaseModel):
    """A section inside."""

    model_config = ConfigDict(extra="forbid", strict=True)

    policy_arns: list[str | None] | None = Field(None, alias="policyARNs")
    size: int | None = Field(default=None, ge=1)


class Outer(BaseModel):
    """The whole."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str | None = None
    on: bool | None = None
    labels: dict[str, str | None] | None = None
    entries: list[Inner | None] | None = None


STRUCTURE = Structure(
    model=Outer,
    models={(): Outer, ("entries", -1): Inner},
    hints={("entries", "arn"): "write policyARNs"},
)


def wrong(text: str) -> list[Finding]:
    """Return what is wrong with a document."""
    return STRUCTURE.check(parse(text.encode()))[1]


def unknown(path: tuple[str | int, ...], remedy: str) -> list[Finding]:
    """Return the finding of an unknown key."""
    return [Finding(path, "E-KEY-UNKNOWN", f"unknown key; {remedy}", at_key=True)]


def test_right_document_is_a_model() -> None:
    """Keys and types are those of the model; null is none."""
    model, found = STRUCTURE.check(
        parse(b"{name: a, on: ~, labels: {x: }, entries: [{policyARNs: [b]}]}")
    )

    assert found == []
    assert model is not None
    assert model.model_dump(by_alias=True) == {
        "name": "a",
        "on": None,
        "labels": {"x": None},
        "entries": [{"policyARNs": ["b"], "size": None}],
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{Name: a}", unknown(("Name",), "did you mean 'name'?")),
        ("{nmae: a}", unknown(("nmae",), "did you mean 'name'?")),
        (
            "{entries: [{policyARNS: []}]}",
            unknown(("entries", 0, "policyARNS"), "did you mean 'policyARNs'?"),
        ),
        (
            "{entries: [{policy_arns: []}]}",
            unknown(("entries", 0, "policy_arns"), "did you mean 'policyARNs'?"),
        ),
        (
            "{entries: [{}, {arn: x}]}",
            unknown(("entries", 1, "arn"), "write policyARNs"),
        ),
        ("{policyARNs: []}", unknown(("policyARNs",), "it belongs under entries[]")),
        (
            "{entries: [{labels: {}}]}",
            unknown(("entries", 0, "labels"), "it belongs at the top of the file"),
        ),
        (
            "{x-anchors: {}}",
            unknown(
                ("x-anchors",),
                "there is no place for keys of your own; write an anchor (&name) where "
                "its value is used first, and *name after that",
            ),
        ),
        (
            "{zzz: a}",
            unknown(("zzz",), "expected one of entries, labels, name, on"),
        ),
    ],
)
def test_unknown_key_has_a_remedy(text: str, found: list[Finding]) -> None:
    """A likeness, a known slip, another place, or all that there is."""
    assert wrong(text) == found


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ("{name: 1}", ("name",), 'expected text, got the integer 1; quote it: "1"'),
        (
            "{name: 1_0}",
            ("name",),
            'expected text, got the integer 10; quote it: "1_0"',
        ),
        (
            "{name: n}",
            ("name",),
            'expected text, got the boolean false; quote it: "n"',
        ),
        (
            "{labels: {a: 1.50}}",
            ("labels", "a"),
            'expected text, got the number 1.5; quote it: "1.50"',
        ),
        ("{name: [a]}", ("name",), "expected text, got a list"),
        ("{name: {a: b}}", ("name",), "expected text, got a map"),
        ("{on: 'yes'}", ("on",), "expected true or false, got the text 'yes'"),
        ("{on: 1}", ("on",), "expected true or false, got the integer 1"),
        ("{labels: []}", ("labels",), "expected a map, got a list"),
        ("{entries: a}", ("entries",), "expected a list, got the text 'a'"),
        ("{entries: [a]}", ("entries", 0), "expected a map, got the text 'a'"),
        (
            "{entries: [{size: '1'}]}",
            ("entries", 0, "size"),
            "expected an integer, got the text '1'",
        ),
        (
            "{entries: [{size: 0}]}",
            ("entries", 0, "size"),
            "expected greater than or equal to 1, got the integer 0",
        ),
    ],
)
def test_value_of_a_wrong_type_says_what_is_expected(
    text: str, path: tuple[str | int, ...], message: str
) -> None:
    """And of a scalar how to write it, if text is expected."""
    assert wrong(text) == [Finding(path, "E-TYPE", message)]


def test_what_is_right_beside_something_wrong_is_still_read() -> None:
    """Indexes stay, so that later findings have the right place."""
    model, found = STRUCTURE.check(
        parse(b"{zzz: 1, name: [], on: true, entries: [7, {policyARNs: [1, b]}]}")
    )

    assert model is not None
    assert model.model_dump(by_alias=True) == {
        "name": None,
        "on": True,
        "labels": None,
        "entries": [None, {"policyARNs": [None, "b"], "size": None}],
    }
    assert sorted(finding.path for finding in found) == [
        ("entries", 0),
        ("entries", 1, "policyARNs", 0),
        ("name",),
        ("zzz",),
    ]


def test_too_much_wrong_gives_no_model() -> None:
    """A file made to have millions of problems stays cheap."""
    text = f"{{entries: [{'1, ' * 1500}]}}"

    model, found = STRUCTURE.check(parse(text.encode()))

    assert model is None
    assert len(found) == 1001
    assert found[0] == Finding(
        (), "E-TOO-MANY", "more than 1,000 problems; correct the ones shown first"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [("ROLE-ARN", "roleARN"), ("rolArn", "roleARN"), ("x", None), ("role", None)],
)
def test_nearest_looks_past_case_and_marks(text: str, expected: str | None) -> None:
    """Only a likely slip is taken for one."""
    assert nearest(text, ["roleARN", "tags"]) == expected
