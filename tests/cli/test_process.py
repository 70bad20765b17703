"""What only a process shows: what it imports, and how it ends when something breaks."""

import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import pytest

from eks_irsa.cli import main, targets

RUN = "import sys; from eks_irsa.cli import main; sys.exit(main(sys.argv[1:]))"


def process(
    *arguments: str, code: str = RUN, stdin: str = "", **environment: str
) -> tuple[int, str, str]:
    """Run `eks-irsa` in a process of its own."""
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", code, *arguments],
        input=stdin,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout, ended.stderr


def test_pulumi_is_never_imported(tmp_path: Path, good: str) -> None:
    """All commands run without Pulumi, whose import takes seconds."""
    file = tmp_path / "a.yaml"
    file.write_text(good, encoding="utf-8")
    code = f"""
import contextlib, io, sys
from eks_irsa.cli import main

cluster = ["--account-id", "123456789012", "--issuer-url", "https://example.com"]
with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
    codes = [
        main(["check", {str(file)!r}]),
        main(["synth", {str(file)!r}, *cluster]),
        main(["synth", {str(file)!r}, *cluster, "--output", "yaml"]),
        main(["schema"]),
        main(["report", {str(file)!r}]),
    ]
pulumi = [name for name in sys.modules if name.startswith(("pulumi", "grpc"))]
print(codes, pulumi)
"""

    ran = process(code=code)

    no_preview = f"{file}: not JSON: Expecting value: line 1 column 1 (char 0)\n"
    assert ran == (
        0,
        "[0, 0, 0, 0, 1] []\n",
        f"1 file checked: no problems\n{no_preview}",
    )


def test_module_runs_like_the_script() -> None:
    """`python -m eks_irsa` is the command line."""
    ran = subprocess.run(
        [sys.executable, "-m", "eks_irsa", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert (ran.stdout, ran.stderr) == (f"eks-irsa {version('eks-irsa')}\n", "")


def test_missing_click_is_said_with_the_remedy() -> None:
    """The library installs without the command line's own requirement."""
    code = f"import sys; sys.modules['click'] = None; {RUN}"

    ran = process("check", "a.yaml", code=code)

    assert ran == (
        2,
        "",
        "eks-irsa: the command line needs click; pip install 'eks-irsa[cli]'\n",
    )


def test_reader_that_goes_away_is_no_traceback() -> None:
    """`eks-irsa schema | head` ends without a word."""
    reading, writing = os.pipe()
    os.close(reading)

    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", RUN, "schema"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)

    assert (ended.returncode, ended.stderr) == (1, "")


def test_full_disk_is_said() -> None:
    """Output that cannot be written is an exit code, not a silent loss."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ended = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", RUN, "schema"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert (ended.returncode, ended.stderr) == (
        2,
        "eks-irsa: cannot write: No space left on device\n",
    )


def test_closed_standard_input_is_an_empty_file() -> None:
    """A shell that closes standard input is no traceback."""
    code = f"import os, sys; sys.stdin = None; {RUN}"

    ran = process("check", "-", code=code)

    assert ran == (
        1,
        "<stdin>:1:1: the file is empty; expected a ClusterConfig [E-YAML-EMPTY]\n",
        "1 file checked: 1 error\n",
    )


def test_value_the_terminal_cannot_show_is_escaped(good: str) -> None:
    """A report does not fail on the encoding it is printed in."""
    text = good.replace("kind: ClusterConfig", "kind: Clλster")

    ran = process("check", "-", stdin=text, PYTHONIOENCODING="latin-1")

    assert ran[:2] == (
        1,
        "<stdin>:2:7: kind: expected 'ClusterConfig', got 'Cl\\u03bbster' [E-KIND]\n",
    )


def test_interrupt_ends_quietly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C is exit code 130, as of any program, and no traceback."""

    def interrupted(*_: Sequence[object], **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(targets, "planned", interrupted)

    code = main(["check", "a.yaml"])

    assert (code, capsys.readouterr().out) == (130, "")
