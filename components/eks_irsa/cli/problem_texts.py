"""Problems as people and programs read them: lines, GitHub's annotations, JSON."""

import json
from collections.abc import Sequence
from typing import Final

import click

from eks_irsa.documents.printable import printable
from eks_irsa.errors import Problem
from eks_irsa.synthesis import problem_document

__all__ = [
    "JSON_VERSION",
    "annotations",
    "counted",
    "errors_in",
    "json_document",
    "json_text",
    "lines",
]

# Grows when a key changes its meaning or goes; a new key leaves it as it is.
JSON_VERSION: Final = 1
_COLOURS: Final = {"error": "red", "warning": "yellow"}


def lines(problems: Sequence[Problem], *, colour: bool = False) -> str:
    """Write problems for people, each on a line that ends with its code.

    Args:
        problems: In the order they are printed.
        colour: With the escapes of a terminal. Default: false.
    """
    write = _coloured if colour else _plain
    return "".join(f"{write(problem)}\n" for problem in problems)


def _plain(problem: Problem) -> str:
    return printable(f"{problem} [{problem.code}]")


def _coloured(problem: Problem) -> str:
    """Write the same characters as `_plain`, with colours."""
    place, rest = _place(problem), _plain(problem)
    shown = printable(place)
    code = f"[{problem.code}]"
    middle = rest.removeprefix(shown).removesuffix(code)
    kind = ": warning:" if problem.severity == "warning" else ":"
    tint = _COLOURS[problem.severity]
    return "".join(
        [
            click.style(shown, bold=True),
            click.style(kind, fg=tint),
            middle.removeprefix(kind),
            click.style(code, fg=tint),
        ]
    )


def _place(problem: Problem) -> str:
    if not problem.line:
        return problem.source
    return f"{problem.source}:{problem.line}:{problem.column}"


def annotations(problems: Sequence[Problem]) -> str:
    """Write problems as GitHub Actions takes them, a command to a line.

    GitHub shows ten errors and ten warnings of a step beside the lines they are about;
    the log has all.

    Args:
        problems: In the order they are printed.

    Source:
        https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
        and https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
        (what is escaped, and how)
    """
    return "".join(f"{_annotation(problem)}\n" for problem in problems)


def _annotation(problem: Problem) -> str:
    properties = {"file": printable(problem.source)}
    if problem.line:
        properties |= {"line": str(problem.line), "col": str(problem.column)}
    properties["title"] = problem.code
    written = ",".join(f"{key}={_property(text)}" for key, text in properties.items())
    where = f"{problem.path}: " if problem.path else ""
    message = _escaped(printable(f"{where}{problem.message}"))
    return f"::{problem.severity} {written}::{message}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def json_text(problems: Sequence[Problem]) -> str:
    """Write problems for programs.

    Args:
        problems: In the order they are written.

    Returns:
        {`version`: 1, `valid`: no problem is an error, `problems`: each as
        `problem_document`}, indented, in ASCII; ends with a newline.
    """
    return f"{json.dumps(json_document(problems), indent=2)}\n"


def json_document(problems: Sequence[Problem]) -> dict[str, object]:
    """Put problems into what `json_text` writes.

    Args:
        problems: In the order they are written.
    """
    return {
        "version": JSON_VERSION,
        "valid": not errors_in(problems),
        "problems": [problem_document(problem) for problem in problems],
    }


def errors_in(problems: Sequence[Problem]) -> int:
    """Count the problems that are errors."""
    return sum(problem.severity == "error" for problem in problems)


def counted(count: int, what: str) -> str:
    """Write a number and its noun, `1 file` or `1,000 files`."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
