"""`eks-irsa report`: a file or standard input, two forms, three exit codes."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from previews import document, preview, steps

Run = Callable[..., tuple[int, str, str]]

GET = document({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"})
TEXT = preview(steps({}, {"inline": {"app": GET}}))


def test_report_is_markdown_on_standard_output(run: Run, folder: Path) -> None:
    """It can be posted as it is."""
    (folder / "preview.json").write_text(TEXT, encoding="utf-8")

    code, out, err = run("report", "preview.json")

    assert out.startswith("<!-- eks-irsa report: shop/dev -->\n### AWS permissions")
    assert "`s3:GetObject` on `arn:aws:s3:::reports/*`" in out
    assert (code, err) == (0, "")


def test_json_holds_the_same(run: Run) -> None:
    """Standard input, and the form for other tools."""
    code, out, err = run("report", "-", "--output", "json", stdin=TEXT)

    (account,) = json.loads(out)["serviceAccounts"]
    assert account["name"] == "apps/reader"
    assert [one["actions"] for one in account["permissions"]["gained"]] == [
        ["s3:GetObject"]
    ]
    assert (code, err) == (0, "")


def test_file_that_is_no_preview_is_one_line_and_exit_code_1(run: Run) -> None:
    """Nothing is printed that could be posted."""
    code, out, err = run("report", "-", stdin='{"version": 3, "deployment": {}}')

    assert err == (
        "<stdin>: not a preview; expected what 'pulumi preview --json --show-sames' "
        "prints, an object with 'steps'\n"
    )
    assert (code, out) == (1, "")


def test_file_that_cannot_be_read_is_one_line_and_exit_code_1(
    run: Run, folder: Path
) -> None:
    """A missing file, and one that is no text."""
    (folder / "utf-16.json").write_text(TEXT, encoding="utf-16")

    missing = run("report", "missing.json")
    encoded = run("report", "utf-16.json")

    assert missing == (
        1,
        "",
        "missing.json: cannot be read: No such file or directory\n",
    )
    assert encoded == (
        1,
        "",
        "utf-16.json: not UTF-8: invalid start byte at byte 0\n",
    )


def test_preview_that_stopped_is_reported_with_exit_code_1(run: Run) -> None:
    """The comment tells why, and the job fails."""
    text = json.dumps({"diagnostics": [{"severity": "error", "message": "no cluster"}]})

    code, out, err = run("report", "-", stdin=text)

    assert "⚠ **The preview stopped; what follows is not complete.**" in out
    assert (code, err) == (1, "")


def test_wrong_usage_is_exit_code_2(run: Run) -> None:
    """As with every command."""
    assert run("report")[0] == 2
    assert run("report", "-", "--max-characters", "10")[0] == 2


def test_folder_is_one_report_on_every_stack_in_it(run: Run, folder: Path) -> None:
    """Forty previews are forty files; what is no JSON beside them is left alone."""
    (folder / "previews").mkdir()
    for name in ("dev", "production"):
        text = TEXT.replace("urn:pulumi:dev::", f"urn:pulumi:{name}::")
        (folder / f"previews/{name}.json").write_text(text, encoding="utf-8")
    (folder / "previews/dev.log").write_text("no preview", encoding="utf-8")

    code, out, err = run("report", "previews")
    _, as_json, _ = run("report", "previews", "--output", "json")

    assert out.startswith("<!-- eks-irsa report: shop -->\n")
    assert [one["stack"] for one in json.loads(as_json)["stacks"]] == [
        "dev",
        "production",
    ]
    assert (code, err) == (0, "")


@pytest.mark.parametrize("form", ["markdown", "html", "json", "sarif"])
def test_folder_without_previews_is_an_error(run: Run, folder: Path, form: str) -> None:
    """A pipeline that lost its previews is red, and its comment says so."""
    (folder / "previews").mkdir()
    (folder / "previews/dev.log").write_text("no preview", encoding="utf-8")

    asked = ("report", "previews", "--output", form, "--fail-on", "unknown")
    code, out, err = run(*asked)

    message = "there is no preview in this folder; expected a file *.json"
    assert message.replace("*", "\\*") in out or message in re.sub(
        "</?code>|`", "", out
    )
    assert err.startswith(f"previews: {message}")
    assert code == 1


def test_files_that_cannot_be_read_are_named_beside_those_that_can(
    run: Run, folder: Path
) -> None:
    """One broken job of forty does not hide what the others change."""
    (folder / "dev.json").write_text(TEXT, encoding="utf-8")
    (folder / "live.json").write_text("", encoding="utf-8")

    code, out, err = run("report", "dev.json", "live.json", "--output", "json")

    found = json.loads(out)
    assert [one["stack"] for one in found["stacks"]] == ["dev"]
    assert [one["file"] for one in found["unreadable"]] == ["live.json"]
    assert err.startswith("live.json: ")
    assert code == 1


def test_stack_that_stopped_before_its_first_step_has_the_name_of_its_file(
    run: Run, folder: Path
) -> None:
    """The engine names none then, and the job calls the file after the stack."""
    text = json.dumps({"diagnostics": [{"severity": "error", "message": "no cluster"}]})
    (folder / "live.json").write_text(text, encoding="utf-8")

    _, out, _ = run("report", "live.json", "--output", "json")

    assert json.loads(out)["stack"] == "live"


def test_page_is_written_where_it_is_to_be_and_opened(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser is given the file; without one the name is told."""
    opened: list[str] = []

    def no_browser(url: str) -> bool:
        opened.append(url)
        return False

    monkeypatch.setattr("webbrowser.open", no_browser)
    (folder / "preview.json").write_text(TEXT, encoding="utf-8")

    code, out, err = run("report", "preview.json", "--open", "--file", "page.html")

    assert (folder / "page.html").read_text(encoding="utf-8").startswith("<!DOCTYPE")
    assert opened == [(folder / "page.html").as_uri()]
    assert err == (
        "the report is in page.html\n"
        "no browser could be opened; open the file by hand\n"
    )
    assert (code, out) == (0, "")


@pytest.mark.parametrize("form", ["markdown", "json", "sarif"])
def test_page_that_is_to_be_opened_is_no_other_form(run: Run, form: str) -> None:
    """One of the two would be ignored."""
    code, out, err = run("report", "-", "--open", "--output", form, stdin=TEXT)

    assert (code, out) == (2, "")
    assert f"--open opens a page; leave out --output {form}, or take html" in err


def test_page_is_in_a_temporary_file_unless_one_is_named(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stays there: the browser reads it after the command ends."""
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setattr("webbrowser.open", bool)

    code, out, err = run("report", "-", "--open", stdin=TEXT)

    (page,) = folder.glob("eks-irsa-*.html")
    assert "<code>apps/reader</code>" in page.read_text(encoding="utf-8")
    assert (code, out, err) == (0, "", f"the report is in {page}\n")


def test_file_that_cannot_be_written_is_one_line_and_exit_code_1(
    run: Run, folder: Path
) -> None:
    """A folder that is not there, say."""
    (folder / "preview.json").write_text(TEXT, encoding="utf-8")

    code, out, err = run("report", "preview.json", "--file", "no/report.md")

    assert err == "no/report.md: cannot be written: No such file or directory\n"
    assert (code, out) == (1, "")


def test_report_goes_to_a_file_as_it_goes_to_standard_output(
    run: Run, folder: Path
) -> None:
    """Whatever the form."""
    (folder / "preview.json").write_text(TEXT, encoding="utf-8")
    for form in ("markdown", "html", "json"):
        _, out, _ = run("report", "preview.json", "--output", form)
        code, nothing, _ = run(
            "report", "preview.json", "--output", form, "--file", "report"
        )

        assert (folder / "report").read_text(encoding="utf-8") == out
        assert (code, nothing) == (0, "")
