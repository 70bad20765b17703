"""The page on the gate says what the gate does."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from click.testing import CliRunner
from golden_files import GoldenFiles

from eks_irsa.cli.commands import commands
from eks_irsa.review.forms.markdown import markdown
from eks_irsa.review.forms.report_document import report_schema
from eks_irsa.review.forms.wording import MARKS
from eks_irsa.review.preview_reading import read_preview
from eks_irsa.review.reviewing import review
from eks_irsa.review.weighing.gate import CODES, NAMES, RULES, Acceptance, verdict
from eks_irsa.review.weighing.severity import SEVERITY

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs/gate.md"


@pytest.fixture(name="page")
def _page() -> str:
    return PAGE.read_text(encoding="utf-8")


def table(page: str, head: str) -> str:
    """Return the rows of the table with a head."""
    return page.partition(f"{head}\n")[2].partition("\n\n")[0]


def with_table(page: str, head: str, rows: str) -> str:
    """Put rows into the table with a head."""
    return page.replace(f"{head}\n{table(page, head)}", f"{head}\n{rows}")


def test_tables_are_those_of_the_code(page: str, golden: GoldenFiles) -> None:
    """Each mark with its severity and words, each key with what it holds."""
    marks = "| mark | severity | says |\n| --- | --- | --- |"
    keys = "| key | holds |\n| --- | --- |\n| `version` |"
    order = sorted(SEVERITY, key=lambda mark: (RULES.index(SEVERITY[mark]), mark))
    rows = [f"| `{mark}` | {SEVERITY[mark]} | {MARKS[mark]} |" for mark in order]
    made = with_table(page, marks, "\n".join(rows))
    start = made.index(keys)
    end = made.index("\n\n", start)
    told = [f"| `{key}` | {text} |" for key, text in keys_of("report")]
    head = "| key | holds |\n| --- | --- |\n"
    made = made[:start] + head + "\n".join(told) + made[end:]

    golden("../../docs/gate.md", made)


def keys_of(name: str) -> Iterator[tuple[str, str]]:
    """Give each key of a part of the schema, with what it holds."""
    parts: Any = report_schema()["$defs"]
    yield from _keys(parts, parts[name], "", seen=(name,))


def _keys(
    parts: Any,  # noqa: ANN401 - a JSON Schema
    part: Any,  # noqa: ANN401
    prefix: str,
    seen: tuple[str, ...],
) -> Iterator[tuple[str, str]]:
    for key, value in part.get("properties", {}).items():
        yield prefix + key, value.get("description", "")
        for inner in (value, value.get("items", {}), *value.get("anyOf", [])):
            name = inner.get("$ref", "").rpartition("/")[2]
            told = name in {"podRole", "row", "verdict"} and name not in seen
            if told and key != "roles":
                yield from _keys(parts, parts[name], f"{prefix}{key}.", (*seen, name))
            elif "properties" in inner:
                yield from _keys(parts, inner, f"{prefix}{key}.", seen)


def test_every_key_of_the_schema_is_described() -> None:
    """In words that stand in the page and in an editor."""
    missing = [key for key, text in keys_of("report") if not text]
    missing += [key for key, text in keys_of("change") if not text]

    assert missing == []


def test_example_is_what_the_gate_says(page: str) -> None:
    """Of the preview that docs/report.md shows."""
    preview = ROOT / "tests/golden/review/example.json"
    options = ["--fail-on", "critical,high"]

    done = CliRunner().invoke(commands, ["report", str(preview), *options])

    text = page.partition("gives\n\n```text\n")[2].partition("```")[0]
    assert without_days(text) == without_days(done.stderr)
    assert done.exit_code == 3


def test_example_of_the_comment_is_what_it_says(page: str) -> None:
    """Of the same preview, one of its two rows accepted."""
    text = (ROOT / "tests/golden/review/example.json").read_text(encoding="utf-8")
    found = review(read_preview(text))
    today = date(2026, 11, 30)
    accepted = Acceptance(
        row="backend-apps/s3-reader",
        stack="production",
        rules=("data-sharing", "permissions-management"),
        reason="The team's own backups.",
        until=today + timedelta(days=90),
        place="exceptions.yaml:2",
    )

    said = verdict(found, rules=["high"], acceptances=[accepted], today=today)

    start = "```text\n⛔"
    example = "⛔" + page.partition(start)[2].partition("```")[0]
    assert example in markdown(found, verdict=said)


def without_days(text: str) -> str:
    """Leave out the days that an entry proposes, which depend on today."""
    return re.sub(r"until: \d{4}-\d\d-\d\d", "until: ", text)


def test_example_names_rules_that_there_are(page: str) -> None:
    """And is a file of exceptions."""
    text = page.partition("```yaml\nexceptions:")[2].partition("```")[0]
    (entry,) = yaml.safe_load(f"exceptions:{text}")["exceptions"]

    assert {*entry["rule"]} <= {*CODES, *NAMES}
    assert {*entry} == {"row", "stack", "rule", "reason", "until"}


def test_every_name_of_a_rule_is_on_the_page(page: str) -> None:
    """Marks, facts and other names."""
    assert [rule for rule in RULES if f"`{rule}`" not in page] == []
