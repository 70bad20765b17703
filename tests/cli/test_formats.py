"""The formats of `eks-irsa check`: for terminals, GitHub, code scanning, programs."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from click import unstyle
from pydantic import ValidationError
from pydantic_sarif.model import (  # pyright: ignore[reportMissingTypeStubs] - it has none
    StaticAnalysisResultsFormatSarifVersion210JsonSchema,
)

from eks_irsa.cli.problem_texts import annotations, lines
from eks_irsa.cli.sarif import sarif_log
from eks_irsa.errors import Problem

Run = Callable[..., tuple[int, str, str]]

ERROR: Final = Problem(
    source="clusters/prod eu,1:2.yaml",
    line=8,
    column=5,
    path="iam.serviceAccounts[0].a",
    code="E-KEY-UNKNOWN",
    severity="error",
    message="unknown key;\n100% 'x'",
)
WARNING: Final = Problem(
    source="/srv/a.yaml",
    line=0,
    column=0,
    path="",
    code="W-NOT-MADE",
    severity="warning",
    message="not made yet",
)


def test_annotation_is_escaped_as_github_reads_it() -> None:
    """A value can neither end its property nor begin a command of its own."""
    assert annotations([ERROR, WARNING]) == (
        "::error file=clusters/prod eu%2C1%3A2.yaml,line=8,col=5,title=E-KEY-UNKNOWN::"
        "iam.serviceAccounts[0].a: unknown key;\\n100%25 'x'\n"
        "::warning file=/srv/a.yaml,title=W-NOT-MADE::not made yet\n"
    )


def test_annotations_come_with_the_summary(run: Run, good: str) -> None:
    """Nothing but commands on standard output, and the exit code of any format."""
    text = good.replace("true", "yep")

    ran = run("check", "-", "--output", "github", stdin=text)

    assert ran == (
        1,
        (
            "::error file=<stdin>,line=5,col=13,title=E-TYPE::iam.withOIDC: expected "
            "true or false, got the text 'yep'\n"
        ),
        "1 file checked: 1 error\n",
    )


def test_sarif_holds_each_problem_with_its_rule_and_place() -> None:
    """The whole log, whose paths are URIs; a rule stands once."""
    log = json.loads(sarif_log([ERROR, WARNING, ERROR]))

    (ran,) = log["runs"]
    first, second, third = ran["results"]
    assert [one["id"] for one in ran["tool"]["driver"]["rules"]] == [
        "E-KEY-UNKNOWN",
        "W-NOT-MADE",
    ]
    assert first == third
    assert first == {
        "ruleId": "E-KEY-UNKNOWN",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "iam.serviceAccounts[0].a: unknown key;\n100% 'x'"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "clusters/prod%20eu%2C1%3A2.yaml"},
                    "region": {"startLine": 8, "startColumn": 5},
                },
                "logicalLocations": [
                    {"fullyQualifiedName": "iam.serviceAccounts[0].a"}
                ],
            }
        ],
    }
    assert second["ruleIndex"] == 1
    assert second["locations"] == [
        {"physicalLocation": {"artifactLocation": {"uri": "file:///srv/a.yaml"}}}
    ]


def test_sarif_is_what_its_schema_asks_for(run: Run, good: str) -> None:
    """Judged by models that others made from the schema of OASIS."""
    text = good.replace("true", "yep").replace("attachPolicyARNs", "roleARN")

    code, out, err = run("check", "-", "--output", "sarif", stdin=text)
    empty = run("check", "-", "--output", "sarif", stdin=good)

    judge = StaticAnalysisResultsFormatSarifVersion210JsonSchema.model_validate_json
    for log in (out, empty[1], sarif_log([ERROR, WARNING])):
        judge(log)
    for right, wrong in (('"error"', '"fatal"'), ("startLine", "line"), (": 5", ": 0")):
        with pytest.raises(ValidationError):
            judge(out.replace(right, wrong))
    assert (code, err, len(json.loads(out)["runs"][0]["results"])) == (1, "", 2)
    assert (empty[0], json.loads(empty[1])["runs"][0]["results"]) == (0, [])


def test_colours_change_no_character() -> None:
    """A line is the same for a terminal and for a file."""
    coloured = lines([ERROR, WARNING], colour=True)

    assert coloured != unstyle(coloured)
    assert unstyle(coloured) == lines([ERROR, WARNING])


@pytest.mark.skipif(sys.platform == "win32", reason="has no pseudo-terminals")
@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        pytest.param({}, True, id="a terminal"),
        pytest.param({"NO_COLOR": "1"}, False, id="a user who wants none"),
        pytest.param({"TERM": "dumb"}, False, id="a terminal that has none"),
    ],
)
def test_terminal_gets_colours_unless_it_wants_none(
    tmp_path: Path, good: str, environment: dict[str, str], *, coloured: bool
) -> None:
    """Held on a real terminal device."""
    file = tmp_path / "a.yaml"
    file.write_text(good.replace("true", "yep"), encoding="utf-8")
    ours, theirs = pty.openpty()
    asked = {key: os.environ[key] for key in os.environ.keys() - {"NO_COLOR"}}

    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "eks_irsa", "check", str(file)],
        stdout=theirs,
        stderr=subprocess.PIPE,
        env=asked | {"TERM": "xterm"} | environment,
        check=False,
    )
    os.close(theirs)
    printed = os.read(ours, 10_000).decode()
    os.close(ours)

    assert ended.returncode == 1
    assert printed.startswith("\x1b[1m" if coloured else str(file))
    assert ("\x1b[31m[E-TYPE]\x1b[0m" in printed) is coloured
