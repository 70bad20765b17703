"""From what a check found to problems people can act on."""

import pytest

from eks_irsa.errors import Problem
from eks_irsa.source.document import Document
from eks_irsa.source.findings import (
    Finding,
    Path,
    at_most,
    dotted,
    faults_as_problems,
    in_file_order,
    non_text_key_findings,
    problems,
)
from eks_irsa.source.yaml_text import parse


def problem(line: int, column: int, message: str = "m") -> Problem:
    """Return a problem at a place."""
    return Problem(
        source="a.yaml",
        line=line,
        column=column,
        path="p",
        code="E-X",
        severity="error",
        message=message,
    )


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("iam", "serviceAccounts", 1, "metadata"), "iam.serviceAccounts[1].metadata"),
        (("config", "eks-irsa:include", 0), "config.eks-irsa:include[0]"),
        (("overrides", "a/*"), "overrides.a/*"),
        (("tags", "k8s.io/x"), 'tags["k8s.io/x"]'),
        (("tags", ""), 'tags[""]'),
        (("tags", "a b"), 'tags["a b"]'),
        (("tags", 'a"b\\'), 'tags["a\\"b\\\\"]'),
        (("tags", "a\nb"), "tags.a\nb"),
        (("tags", "é.b"), 'tags["é.b"]'),
        ((0, "a"), "[0].a"),
    ],
)
def test_path_is_written_as_people_do(path: Path, text: str) -> None:
    """Keys that would be misread stand in brackets."""
    assert dotted(path) == text


def test_finding_is_placed_at_its_value_or_its_key() -> None:
    """The place is that of what the finding is about."""
    document = parse(b"a:\n  b: c\n")
    findings = [
        Finding(("a", "b"), "E-ONE", "value"),
        Finding(("a", "b"), "W-TWO", "key", "warning", at_key=True),
        Finding(("a", "missing"), "E-THREE", "parent"),
    ]

    placed = problems(findings, source="x.yaml", document=document)

    assert [str(one) for one in placed] == [
        "x.yaml:2:6: a.b: value",
        "x.yaml:2:3: warning: a.b: key",
        "x.yaml:2:3: a.missing: parent",
    ]


def test_finding_without_lines_names_the_source_alone() -> None:
    """Values from no file have no line."""
    findings = [Finding(("a",), "E-ONE", "wrong"), Finding((), "E-TWO", "wrong")]

    placed = problems(findings, source="stack settings", document=Document())

    assert [str(one) for one in placed] == [
        "stack settings: a: wrong",
        "stack settings: wrong",
    ]


def test_fault_of_a_text_is_a_problem_at_its_own_place() -> None:
    """A key given twice is named where it stands the second time."""
    document = parse(b"a: 1\na: 2\n")

    assert faults_as_problems(document, source="x.yaml") == [
        Problem(
            source="x.yaml",
            line=2,
            column=1,
            path="a",
            code="E-YAML-DUPLICATE-KEY",
            severity="error",
            message="the key 'a' is here already, on line 1; keep one",
        )
    ]


def test_message_that_quotes_something_very_long_is_shortened() -> None:
    """A line stays a line, whatever somebody wrote."""
    finding = Finding(("k" * 5000,), "E-ONE", f"'{'v' * 4_000_000}' is wrong")

    (placed,) = problems([finding], source="x", document=Document())

    assert placed.message == f"'{'v' * 499} ... {'v' * 490}' is wrong"
    assert placed.path == f"{'k' * 500} ... {'k' * 500}"


def test_problems_are_in_the_order_of_the_file_and_each_once() -> None:
    """Whatever order the checks ran in; at one place their order stays."""
    found = [problem(3, 1), problem(1, 9), problem(1, 2, "b"), problem(1, 2, "a")]

    assert in_file_order([*found, problem(1, 9)]) == [
        problem(1, 2, "b"),
        problem(1, 2, "a"),
        problem(1, 9),
        problem(3, 1),
    ]


def test_first_findings_are_taken_and_the_rest_is_counted_on() -> None:
    """Beyond the count only its being exceeded is said."""
    findings = [Finding((index,), "E-ONE", "m") for index in range(3)]

    assert at_most(iter(findings), 3) == findings
    assert at_most(iter(findings), 2) == [
        Finding(
            (),
            "E-TOO-MANY",
            "more than 1,000 problems; correct the ones shown first",
        ),
        *findings[:2],
    ]


def test_keys_that_are_no_text_are_named_however_deep() -> None:
    """A number that stays as it is written is no matter."""
    root = parse(b"{1: a, on: [{~: b, x: {1.50: c}}], 010: d}").root

    assert list(non_text_key_findings(root, ("at",))) == [
        Finding(
            path, "E-TYPE", f'the key {key} is not text in YAML; quote it: "{key}"',
            at_key=True,
        )
        for path, key in (
            (("at", "on"), "on"),
            (("at", "on", 0, "~"), "~"),
            (("at", "on", 0, "x", "1.50"), "1.50"),
            (("at", "010"), "010"),
        )
    ]  # fmt: skip
