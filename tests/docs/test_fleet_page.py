"""docs/fleet.md: there are its commands, and its keys are those of the code."""

import dataclasses
import json
import re
import shlex
from pathlib import Path
from typing import Final, get_args

import click
import pytest

from eks_irsa.cli.commands import commands
from eks_irsa.fleet.model import Result, State
from eks_irsa.fleet.record import FOLDER
from eks_irsa.fleet.status import Status
from eks_irsa.fleet.summary import run_document

PAGE: Final = (Path(__file__).parents[2] / "docs/fleet.md").read_text(encoding="utf-8")
LINES: Final = [
    line
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
]


@pytest.mark.parametrize("line", LINES)
def test_command_can_be_given_as_it_stands(line: str) -> None:
    """Click takes every option; nothing is run."""
    program, *words = shlex.split(line)
    # Click keeps what the help of a command is called the first time it is asked.
    names = ["-h", "--help"]
    context = click.Context(commands, info_name=program, help_option_names=names)
    command: click.Command = commands

    while isinstance(command, click.Group):
        name, *words = words
        found = command.get_command(context, name)
        assert found is not None
        command = found
    parsed = command.make_context(command.name, words, parent=context)

    assert parsed.params


def test_keys_and_states_are_those_of_the_code() -> None:
    """None is missing, and none is another."""
    document = json.loads(run_document([], "up", 0.0, interrupted=False))
    section = PAGE.partition("## For programs")[2]

    table = re.findall(r"^\| `(\w+)`", section, re.MULTILINE)
    named = set(re.findall(r"`([^`]+)`", section))

    assert table == list(document)
    assert {one.name for one in dataclasses.fields(Result)} <= named
    assert {one.name for one in dataclasses.fields(Status)} <= named
    assert set(get_args(State)) <= named
    assert f"`{FOLDER}/logs/<stack>.log`" in PAGE
