"""Blocks of all pages: what is code can be read, and what is a command is one.

Most pages have a test of their own besides, which runs what they show.
"""

import json
import re
import shlex
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click
import pytest
import yaml

from eks_irsa.cli.commands import commands

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "examples").rglob("*.md"),
        *(ROOT / "components").glob("*.md"),
    ]
)
FENCE: Final = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
READERS: Final[dict[str, Callable[[str], object]]] = {
    "python": lambda text: compile(text, "page", "exec"),
    "yaml": lambda text: [*yaml.safe_load_all(text)],
    "json": json.loads,
}
MAKEFILE: Final = (ROOT / "Makefile").read_text(encoding="utf-8")


def blocks(page: Path) -> list[tuple[str, str]]:
    """Give language and text of each block of code."""
    found = FENCE.findall(page.read_text(encoding="utf-8"))
    return [(language, textwrap.dedent(text)) for _, language, text in found]


def typed(page: Path) -> list[list[str]]:
    """Give the words of each command of ours that a page tells to type."""
    lines = [
        line
        for language, text in blocks(page)
        if language in {"console", "bash", "sh"}
        for line in text.replace("\\\n", " ").splitlines()
    ]
    ours = [line for line in lines if line.startswith(("eks-irsa ", "make "))]
    return [shlex.split(line, comments=True) for line in ours]


def ends(words: list[str]) -> int:
    """Tell where the words of one command of a line end."""
    marks = [words.index(mark) for mark in ("|", ">", "&&", ";") if mark in words]
    return min(marks, default=len(words))


def faults(words: list[str]) -> list[str]:
    """Name what a command of ours does not know."""
    command: click.Command = commands
    context = click.Context(command)
    unknown: list[str] = []
    for word in words[1 : ends(words)]:
        if isinstance(command, click.Group) and not word.startswith("-"):
            found = command.get_command(context, word)
            if found is None:
                return [word]
            command = found
            continue
        known = {name for one in command.params for name in one.opts}
        if word.startswith("-") and word.partition("=")[0] not in {
            *known,
            "--help",
            "-h",
        }:
            unknown.append(word)
    return unknown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_can_be_read(page: Path) -> None:
    """No page shows broken Python, YAML or JSON."""
    broken: list[str] = []
    for language, text in blocks(page):
        try:
            READERS.get(language, str)(text)
        except (SyntaxError, ValueError, yaml.YAMLError) as error:
            broken.append(f"{language}: {error}: {text}")

    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_is_one(page: Path) -> None:
    """Its verb and its flags are those of `eks-irsa` and of the Makefile."""
    words = typed(page)

    ours = [one for one in words if one[0] == "eks-irsa"]
    assert [(one, faults(one)) for one in ours if faults(one)] == []
    verbs = {one[1] for one in words if one[0] == "make"}
    assert {verb for verb in verbs if f"\n{verb}:" not in MAKEFILE} == set()


@pytest.mark.parametrize(
    ("command", "unknown"),
    [
        ("eks-irsa check a.yaml --output=json | jq .", []),
        ("eks-irsa chekc a.yaml", ["chekc"]),
        ("eks-irsa check a.yaml --ouput json", ["--ouput"]),
    ],
)
def test_what_is_no_command_is_noticed(command: str, unknown: list[str]) -> None:
    """A misspelt verb, and a misspelt flag."""
    assert faults(shlex.split(command)) == unknown
