"""`eks-irsa report --fail-on`: exit codes, what is said, the file of exceptions."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
import yaml
from previews import document, preview, steps
from pydantic_sarif.model import (  # pyright: ignore[reportMissingTypeStubs] - it has none
    StaticAnalysisResultsFormatSarifVersion210JsonSchema,
)

from eks_irsa.review.forms.report_document import report_schema

Run = Callable[..., tuple[int, str, str]]

ADMIN: Final = document({"Action": "*", "Resource": "*"})
BY_EC2: Final = document(
    {"Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}
)
GET: Final = document({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"})
GRAVE: Final = preview(steps({}, {"inline": {"app": ADMIN}}))
TWO_CLUSTERS: Final = preview(
    *(
        [
            json.loads(
                json.dumps(step)
                .replace("89ABCDEF0123456789ABCDEF", issuer)
                .replace("::apps/reader", f"::{issuer}")
            )
            for step in steps(
                {"roleName": issuer}, {"inline": {"app": ADMIN}, "roleName": issuer}
            )
        ]
        for issuer in ("ofA", "ofB")
    )
)
PLAIN: Final = preview(steps({}, {"inline": {"app": GET}}))
STOPPED: Final = json.dumps(
    {"diagnostics": [{"severity": "error", "message": "no cluster"}]}
)
TODAY: Final = datetime.now(UTC).date()


def entry(**given: object) -> str:
    """Write a file of one exception, with keys changed or, by None, left out."""
    keys: dict[str, object] = {
        "row": "apps/reader",
        "rule": ["administrator", "escalation"],
        "reason": "It is the operator.",
        "until": str(TODAY),
    }
    keys = {key: value for key, value in (keys | given).items() if value is not None}
    return yaml.safe_dump({"exceptions": [keys]}, sort_keys=False)


@pytest.mark.parametrize(
    ("text", "rules", "code"),
    [
        (GRAVE, "critical", 3),
        (GRAVE, "new-administrator", 3),
        (GRAVE, "unknown,low", 3),
        (GRAVE, "unknown", 0),
        (PLAIN, "critical,high,medium", 0),
        (STOPPED, "critical", 1),
        ("{}", "critical", 1),
        (GRAVE, "criticle", 2),
    ],
)
def test_exit_code_of_the_process(text: str, rules: str, code: int) -> None:
    """As a job of a pipeline sees it."""
    ran = subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, "-m", "eks_irsa", "report", "-", "--fail-on", rules],
        input=text.encode(),
        capture_output=True,
        check=False,
    )

    assert ran.returncode == code
    assert (b"gate: " in ran.stderr) == (code == 3)


def test_stopped_preview_wins_over_the_gate(run: Run, folder: Path) -> None:
    """Both are told, and the code is that of what is not whole."""
    (folder / "a.json").write_text(GRAVE, encoding="utf-8")
    (folder / "b.json").write_text(STOPPED, encoding="utf-8")

    code, _, err = run("report", "a.json", "b.json", "--fail-on", "critical")

    assert code == 1
    assert "gate: dev: apps/reader: administrator (critical)" in err


def test_what_stops_is_named_with_the_entry_that_would_accept_it(
    run: Run, folder: Path
) -> None:
    """The entry is right but for the reason, which nobody can write for others."""
    code, out, err = run("report", "-", "--fail-on", "critical", stdin=GRAVE)

    assert code == 3
    assert out.startswith("<!-- eks-irsa report")
    assert err.startswith(
        "gate: dev: apps/reader: administrator (critical): may do everything, or may "
        "let itself do it [--fail-on critical]\n    * on *, by inline policy app\n"
        "gate: dev: apps/reader: escalation (critical): may take permissions that are "
        "not its own [--fail-on critical]\n    * on *, by inline policy app\n"
    )
    text = err[err.index("\nexceptions:") :]
    given = folder / "exceptions.yaml"
    arguments = ("report", "-", "--fail-on", "critical", "--exceptions", str(given))
    given.write_text(text, encoding="utf-8")
    refused = run(*arguments, stdin=GRAVE)
    given.write_text(text.replace('""', '"the operator"'), encoding="utf-8")
    passed = run(*arguments, stdin=GRAVE)
    assert refused[0] == 2
    assert "the reason is empty; write why this may be so [E-EXCEPTION]" in refused[2]
    assert (passed[0], passed[2]) == (0, "")


def test_what_stops_is_named_the_gravest_first(run: Run) -> None:
    """A reader of a log may stop after the first."""
    _, _, err = run("report", "-", "--fail-on", "high", stdin=GRAVE)

    found = [line for line in err.splitlines() if line.startswith("gate: ")]
    grave = ["(critical)" in line for line in found]
    assert grave == sorted(grave, reverse=True)
    assert not all(grave)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"reason": None}, "the key 'reason' is missing; an exception needs it"),
        ({"reason": " "}, "the reason is empty; write why this may be so"),
        ({"until": "soon"}, "expected a day as 2027-01-31, got 'soon'"),
        ({"until": "2026-02-30"}, "expected a day as 2027-01-31, got '2026-02-30'"),
        ({"until": str(TODAY + timedelta(days=367))}, "is more than a year away"),
        ({"rule": "administator"}, "did you mean 'administrator'?"),
        ({"rule": "critical"}, "there is no rule 'critical'; expected one of"),
        ({"rule": []}, "expected at least one rule, got an empty list"),
        ({"row": ""}, "expected the name of a row, or a pattern of it; got ''"),
        (
            {"rwo": "a/b"},
            "exceptions[0].rwo: unknown key; expected one of cluster",
        ),
        ({"row": 1}, "exceptions[0].row: expected text, got the integer 1"),
        ({"row": "a/[b"}, "'a/[b' opens '[' and has no set or range to close there"),
        ({"stack": ""}, "expected the name of a stack, or a pattern of it; got ''"),
        ({"cluster": "{a"}, "'{a' opens '{' and does not close it"),
    ],
)
def test_exception_that_is_wrong_is_named_with_its_place(
    run: Run, folder: Path, given: dict[str, object], message: str
) -> None:
    """The gate is not asked, and nothing passes."""
    (folder / "exceptions.yaml").write_text(entry(**given), encoding="utf-8")

    code, out, err = run(
        "report",
        "-",
        "--fail-on",
        "critical",
        "--exceptions",
        "exceptions.yaml",
        stdin=GRAVE,
    )

    assert (code, out) == (2, "")
    assert err.startswith("exceptions.yaml:")
    assert message in err


@pytest.mark.parametrize("text", ["[]", "a: [", "exceptions: 1", "x: 1"])
def test_file_that_is_none_of_exceptions_is_refused(
    run: Run, folder: Path, text: str
) -> None:
    """In one line, with the exit code of wrong usage."""
    (folder / "exceptions.yaml").write_text(text, encoding="utf-8")

    arguments = ("report", "-", "--fail-on", "low", "--exceptions")

    assert run(*arguments, "exceptions.yaml", stdin=GRAVE)[0] == 2
    assert run(*arguments, "missing.yaml", stdin=GRAVE)[0] == 2


def test_exception_that_ended_has_no_effect_and_is_told(run: Run, folder: Path) -> None:
    """Each once, however much it would have accepted."""
    day = TODAY - timedelta(days=1)
    (folder / "e.yaml").write_text(entry(until=str(day)), encoding="utf-8")

    code, _, err = run(
        "report", "-", "--fail-on", "critical", "--exceptions", "e.yaml", stdin=GRAVE
    )

    assert code == 3
    assert err.count(f"e.yaml:2: the exception ended on {day}; it has no effect\n") == 1


def test_exception_about_nothing_is_a_warning(run: Run, folder: Path) -> None:
    """Unless it is about a stack that this report is not about."""
    arguments = ("report", "-", "--fail-on", "critical", "--exceptions", "e.yaml")

    (folder / "e.yaml").write_text(entry(), encoding="utf-8")
    unused = run(*arguments, stdin=PLAIN)
    (folder / "e.yaml").write_text(entry(stack="other"), encoding="utf-8")
    elsewhere = run(*arguments, stdin=PLAIN)

    assert (unused[0], elsewhere[0], elsewhere[2]) == (0, 0, "")
    assert unused[2].startswith("e.yaml:2: warning: the exception is about nothing")


def test_exception_for_one_cluster_accepts_nothing_of_another(
    run: Run, folder: Path
) -> None:
    """Rows of one name on two clusters get an entry each, which says which it is."""
    arguments = ("report", "-", "--fail-on", "critical", "--exceptions", "e.yaml")
    (folder / "e.yaml").write_text("exceptions: []", encoding="utf-8")

    _, _, err = run(*arguments, stdin=TWO_CLUSTERS)
    entries = yaml.safe_load(err[err.index("\nexceptions:") :])["exceptions"]
    for one in entries:
        one["reason"] = "the operator"
    codes: list[int] = []
    for given in (entries, entries[:1], entries[1:]):
        (folder / "e.yaml").write_text(
            yaml.safe_dump({"exceptions": given}), encoding="utf-8"
        )
        codes.append(run(*arguments, stdin=TWO_CLUSTERS)[0])

    assert [one["cluster"][-1] for one in entries] == ["A", "B"]
    assert codes == [0, 3, 3]


def lone_role(name: str) -> str:
    """Write a preview of a role of no component that becomes an administrator."""
    side = {"trust": BY_EC2, "roleName": name}
    _, *found = steps(side, {"inline": {"app": ADMIN}, **side})
    text = json.dumps([one for one in found if "aws:iam/role" in one["urn"]])
    text = text.replace("eks-irsa:index:IrsaServiceAccount$aws", "aws")
    component = "eks-irsa:index:IrsaServiceAccount::apps/reader"
    text = text.replace(component, "pulumi:pulumi:Stack::shop-dev")
    text = text.replace("apps/reader-role", json.dumps(name)[1:-1])
    return preview(json.loads(text))


@pytest.mark.parametrize("name", ["*", "reade?", 'irsa["reader"]', "{reader,\\}"])
def test_entry_to_paste_accepts_its_row_alone(
    run: Run, folder: Path, name: str
) -> None:
    """A name may hold what a pattern reads as a mark."""
    arguments = ("report", "-", "--fail-on", "critical", "--exceptions", "e.yaml")
    (folder / "e.yaml").write_text("exceptions: []", encoding="utf-8")
    named = lone_role(name)

    _, _, err = run(*arguments, stdin=named)
    pasted = err[err.index("\nexceptions:") :].replace('""', '"the operator"')
    (folder / "e.yaml").write_text(pasted, encoding="utf-8")

    assert err.startswith(f"gate: dev: {name}: administrator (critical)")
    assert run(*arguments, stdin=named)[0] == 0
    assert run(*arguments, stdin=lone_role("reader"))[0] == 3


def test_row_of_no_known_cluster_gets_no_entry_beside_others(
    run: Run, folder: Path
) -> None:
    """An entry without a cluster would accept those of all clusters."""
    arguments = ("report", "-", "--fail-on", "critical", "--exceptions", "e.yaml")
    (folder / "e.yaml").write_text("exceptions: []", encoding="utf-8")
    one, other = (
        steps({"roleName": name}, {"inline": {"app": ADMIN}, "roleName": name, **more})
        for name, more in (("ofA", {}), ("other", {"trust": BY_EC2}))
    )
    text = preview(one, json.loads(json.dumps([*other]).replace("::apps/", "::b/")))

    _, _, err = run(*arguments, stdin=text)
    remedy = err[err.index("\nexceptions:") :]

    entries = yaml.safe_load(remedy)["exceptions"]
    assert [one["cluster"][:8] for one in entries] == ["oidc.eks"]
    assert (
        '# no entry for "apps/reader" of "dev" where no one cluster is known: it would '
        "accept the rows of that name in all clusters\n"
    ) in remedy


def test_exceptions_without_a_gate_are_wrong_usage(run: Run, folder: Path) -> None:
    """They would have no effect."""
    (folder / "e.yaml").write_text(entry(), encoding="utf-8")

    code, _, err = run("report", "-", "--exceptions", "e.yaml", stdin=PLAIN)

    assert code == 2
    assert "--exceptions has no effect without --fail-on" in err


def test_json_has_the_verdict(run: Run, folder: Path) -> None:
    """And nothing where nobody asked."""
    (folder / "e.yaml").write_text(entry(rule="escalation"), encoding="utf-8")
    asked = ("--fail-on", "critical", "--exceptions", "e.yaml")

    code, out, _ = run("report", "-", "--output", "json", *asked, stdin=GRAVE)
    plain = json.loads(run("report", "-", "--output", "json", stdin=GRAVE)[1])

    found = json.loads(out)["verdict"]
    assert (code, found["passed"], found["rules"]) == (3, False, ["critical"])
    assert [one["rule"] for one in found["failures"]] == ["administrator"]
    assert [one["exception"] for one in found["accepted"]] == ["e.yaml:2"]
    assert plain["verdict"] is None
    assert (plain["version"], plain["severity"]) == (1, "critical")


def test_sarif_holds_each_mark_with_its_row(run: Run, folder: Path) -> None:
    """By the models of the standard; what was accepted is suppressed."""
    (folder / "a.json").write_text(GRAVE, encoding="utf-8")
    (folder / "e.yaml").write_text(entry(rule="escalation"), encoding="utf-8")
    asked = ("--fail-on", "critical", "--exceptions", "e.yaml")

    code, out, _ = run("report", "a.json", "--output", "sarif", *asked)

    StaticAnalysisResultsFormatSarifVersion210JsonSchema.model_validate_json(out)
    (ran,) = json.loads(out)["runs"]
    results = {one["ruleId"]: one for one in ran["results"]}
    rules = ran["tool"]["driver"]["rules"]
    (place,) = results["administrator"]["locations"]
    assert code == 3
    assert place["physicalLocation"]["artifactLocation"] == {"uri": "a.json"}
    assert place["logicalLocations"][0]["fullyQualifiedName"].endswith("::apps/reader")
    assert results["administrator"]["level"] == "error"
    assert "suppressions" not in results["administrator"]
    assert results["escalation"]["suppressions"] == [
        {"kind": "external", "justification": "It is the operator."}
    ]
    for one in ran["results"]:
        assert rules[one["ruleIndex"]]["id"] == one["ruleId"]


def test_sarif_says_what_could_not_be_looked_at(run: Run, folder: Path) -> None:
    """What has no result then was not mended."""
    (folder / "a.json").write_text(GRAVE, encoding="utf-8")
    (folder / "b.json").write_text(STOPPED, encoding="utf-8")
    (folder / "c.json").write_text("{}", encoding="utf-8")

    _, whole, _ = run("report", "a.json", "--output", "sarif")
    _, out, _ = run("report", "a.json", "b.json", "c.json", "--output", "sarif")

    StaticAnalysisResultsFormatSarifVersion210JsonSchema.model_validate_json(out)
    (invocation,) = json.loads(out)["runs"][0]["invocations"]
    assert "invocations" not in json.loads(whole)["runs"][0]
    assert invocation["executionSuccessful"] is False
    assert [
        one["message"]["text"][:20] for one in invocation["toolExecutionNotifications"]
    ] == ["b.json: no cluster", "c.json: not a previe"]


def test_schema_of_reports_is_printed(run: Run) -> None:
    """As it is in the package."""
    code, out, err = run("schema", "--report")

    assert (code, json.loads(out), err) == (0, report_schema(), "")
