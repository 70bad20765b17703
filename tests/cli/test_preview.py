"""`eks-irsa preview` around an engine that answers as Pulumi's does.

tests/engine/test_report.py has the real one.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

Run = Callable[..., tuple[int, str, str]]
ENGINE: Final = """\
#!/usr/bin/env python3
import json, os, pathlib, sys
names = ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE")
call = {"arguments": sys.argv[1:], **{name: os.environ.get(name) for name in names}}
with open("calls", "a") as file:
    print(json.dumps(call), file=file)
here = os.environ["PULUMI_BACKEND_URL"] == "s3://ours"
stack = pathlib.Path("stacks/Pulumi.dev.yaml")
if sys.argv[1] == "stack":
    # What the engine does where the stack file names no provider of secrets.
    made = pathlib.Path(f"stacks/Pulumi.{sys.argv[3]}.yaml")
    kept = made.read_text() if made.exists() else ""
    made.write_text("encryptionsalt: made up\\n" + kept)
    sys.exit(int(os.environ.get("INIT", "0")))
if here and os.environ.get("THERE") is None:
    sys.exit(6)
print(json.dumps({"settings": stack.read_text()}))
sys.exit(int(os.environ.get("EXIT", "0")))
"""


@pytest.fixture(name="engine")
def _engine(stack: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the stand-in on PATH, with a backend that is to stay clean."""
    folder = stack.parents[1]
    (folder / "Pulumi.yaml").write_text("name: eks-irsa\nstackConfigDir: stacks\n")
    programs = folder / "bin"
    programs.mkdir()
    (programs / "pulumi").write_text(ENGINE, encoding="utf-8")
    (programs / "pulumi").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://ours")
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    return folder


def calls(folder: Path) -> list[dict[str, object]]:
    """List what the engine was asked."""
    return [json.loads(line) for line in (folder / "calls").read_text().splitlines()]


PREVIEW: Final = ["--non-interactive", "--json", "--show-sames"]


def test_stack_that_exists_is_previewed_where_it_is(
    run: Run, engine: Path, stack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Standard output is the engine's, and so is the exit code."""
    monkeypatch.setenv("THERE", "1")
    monkeypatch.setenv("EXIT", "7")

    code, out, err = run("preview", "dev", "--refresh", "--expect-no-changes")

    assert (code, err) == (7, "")
    assert json.loads(out) == {"settings": stack.read_text()}
    (call,) = calls(engine)
    assert call == {
        "arguments": [
            *("preview", "--stack", "dev", *PREVIEW),
            *("--refresh", "--expect-no-changes"),
        ],
        "PULUMI_BACKEND_URL": "s3://ours",
        "PULUMI_CONFIG_PASSPHRASE": None,
    }


def test_new_stack_is_previewed_elsewhere_and_leaves_nothing(
    run: Run, engine: Path, stack: Path
) -> None:
    """No state in the backend, no salt in the stack file, no file that was not there.

    The preview reads the stack file as it is in the repository: with the provider of
    secrets it names.
    """
    before = stack.read_text()

    code, out, err = run("preview", "acme/eks-irsa/dev")

    first, init, second = calls(engine)
    assert (code, json.loads(out)) == (0, {"settings": before})
    assert err == "eks-irsa: so it is previewed as a new one\n"
    assert first["arguments"] == ["preview", "--stack", "acme/eks-irsa/dev", *PREVIEW]
    assert init["arguments"] == [
        *("stack", "init", "dev", "--non-interactive", "--no-select")
    ]
    assert second["arguments"] == ["preview", "--stack", "dev", *PREVIEW]
    assert init["PULUMI_BACKEND_URL"] == second["PULUMI_BACKEND_URL"]
    assert str(init["PULUMI_BACKEND_URL"]).startswith("file:///")
    assert init["PULUMI_CONFIG_PASSPHRASE"]
    assert not Path(str(init["PULUMI_BACKEND_URL"]).removeprefix("file://")).exists()
    assert stack.read_text() == before


def test_file_that_a_new_stack_did_not_have_is_gone(
    run: Run, engine: Path, stack: Path
) -> None:
    """Those of other stacks, whose engines may run too, are left alone."""
    before = stack.read_text()

    code, _, _ = run("preview", "new")

    assert (code, stack.read_text()) == (0, before)
    assert not (engine / "stacks/Pulumi.new.yaml").exists()


def test_passphrase_of_the_environment_is_the_new_stacks_too(
    run: Run, engine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its stack file may hold secrets already."""
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "ours")

    run("preview", "dev")

    assert {call["PULUMI_CONFIG_PASSPHRASE"] for call in calls(engine)} == {"ours"}


def test_preview_that_printed_something_is_of_a_stack_that_is_there(
    run: Run, engine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stack that was not found is then one that the program asked for."""
    monkeypatch.setenv("THERE", "1")
    monkeypatch.setenv("EXIT", "6")

    code, out, err = run("preview", "dev")

    assert (code, err) == (6, "")
    assert out
    assert len(calls(engine)) == 1


def test_new_stack_that_cannot_be_made_is_the_engines_error(
    run: Run, engine: Path, stack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is previewed, and the files are put back all the same."""
    before = stack.read_text()
    monkeypatch.setenv("INIT", "255")

    code, out, _ = run("preview", "dev")

    assert (code, out) == (255, "")
    assert len(calls(engine)) == 2
    assert stack.read_text() == before


def test_without_an_engine_it_says_so(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the only command that needs one."""
    monkeypatch.setenv("PATH", str(folder))

    assert run("preview", "dev") == (
        2,
        "",
        "eks-irsa: there is no pulumi on PATH; install its CLI\n",
    )
