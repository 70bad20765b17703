"""What `--help` prints, kept whole: lists stay lists, and no markup shows through."""

import pytest
from click.testing import CliRunner
from golden_files import GoldenFiles

from eks_irsa.cli.commands import commands


@pytest.mark.parametrize(
    "command",
    [
        "",
        "adopt",
        "can",
        "check",
        "cloudformation",
        "cloudformation delete",
        "cloudformation retain",
        "doctor",
        "fleet",
        "fleet check",
        "fleet preview",
        "fleet report",
        "fleet status",
        "fleet up",
        "preview",
        "recover",
        "report",
        "schema",
        "stacks",
        "synth",
        "who",
    ],
)
def test_help_is_what_a_reader_expects(command: str, golden: GoldenFiles) -> None:
    """On a terminal of 80 columns."""
    arguments = [*command.split(), "--help"]

    ran = CliRunner().invoke(
        commands, arguments, prog_name="eks-irsa", terminal_width=80
    )

    assert (ran.exit_code, ran.stderr) == (0, "")
    assert "\\b" not in ran.stdout
    assert "\b" not in ran.stdout
    golden(f"help/{command.replace(' ', '-') or 'eks-irsa'}.txt", ran.stdout)


def test_unknown_command_is_wrong_usage() -> None:
    """A name that is none imports nothing."""
    ran = CliRunner().invoke(commands, ["chekc"], prog_name="eks-irsa")

    assert (ran.exit_code, ran.stderr.splitlines()[-1].split(".")[0]) == (
        2,
        "Error: No such command 'chekc'",
    )
