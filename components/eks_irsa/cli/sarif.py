"""Problems as a SARIF 2.1.0 log, which code scanning services and editors read.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote

import eks_irsa
from eks_irsa.errors import Problem

__all__ = ["file_uri", "sarif_log", "sarif_text"]

_VERSION: Final = "2.1.0"
_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
    "sarif-schema-2.1.0.json"
)


def sarif_log(problems: Sequence[Problem]) -> str:
    """Write problems as a log of one run.

    Args:
        problems: In the order they are written; a rule is named once, where it is
            first met.

    Returns:
        JSON in ASCII, which ends with a newline. Columns count characters, from 1. A
        file is named by a relative URI if the user named it so.
    """
    rules = list(dict.fromkeys(problem.code for problem in problems))
    return sarif_text(
        rules=[{"id": code} for code in rules],
        results=[_result(problem, rules) for problem in problems],
    )


def sarif_text(
    *,
    rules: Sequence[object],
    results: Sequence[object],
    failures: Sequence[str] = (),
) -> str:
    """Write the log of one run.

    Args:
        rules: As SARIF's `reportingDescriptor`.
        results: As SARIF's `result`.
        failures: What could not be looked at, and why; whoever takes the log must not
            take what has no result now for mended. Default: nothing.

    Returns:
        JSON in ASCII, which ends with a newline.
    """
    driver: dict[str, object] = {
        "name": "eks-irsa",
        "version": eks_irsa.__version__,
        "semanticVersion": eks_irsa.__version__,
        "rules": rules,
    }
    run: dict[str, object] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    if failures:
        notes = [{"level": "error", "message": {"text": one}} for one in failures]
        run["invocations"] = [
            {"executionSuccessful": False, "toolExecutionNotifications": notes}
        ]
    log = {"$schema": _SCHEMA, "version": _VERSION, "runs": [run]}
    return f"{json.dumps(log, indent=2)}\n"


def _result(problem: Problem, rules: Sequence[str]) -> dict[str, object]:
    where = f"{problem.path}: " if problem.path else ""
    physical: dict[str, object] = {
        "artifactLocation": {"uri": file_uri(problem.source)}
    }
    if problem.line:
        region = {"startLine": problem.line, "startColumn": problem.column}
        physical["region"] = region
    location: dict[str, object] = {"physicalLocation": physical}
    if problem.path:
        location["logicalLocations"] = [{"fullyQualifiedName": problem.path}]
    return {
        "ruleId": problem.code,
        "ruleIndex": rules.index(problem.code),
        "level": problem.severity,
        "message": {"text": f"{where}{problem.message}"},
        "locations": [location],
    }


def file_uri(source: str) -> str:
    """Return a file as the user named it as a URI, relative if the name is."""
    path = Path(source)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
