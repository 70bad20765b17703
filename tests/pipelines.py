"""Workflows and components as data, and their scripts as a runner runs them."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

__all__ = [
    "EXAMPLE",
    "ROOT",
    "WORKFLOWS",
    "Ran",
    "all_steps",
    "component",
    "put_program",
    "read",
    "run_script",
    "schema",
    "script_of",
    "two_stacks",
]

ROOT: Final = Path(__file__).parents[1]
WORKFLOWS: Final = ROOT / ".github/workflows"
# What the engine printed of the stack `production`.
EXAMPLE: Final = ROOT / "tests/golden/review/example.json"


class Ran(NamedTuple):
    """How a script ended.

    Attributes:
        code: Its exit code.
        out: Standard output.
        err: Standard error.
        calls: What it called of the programs that were put in its way, in order.
    """

    code: int
    out: str
    err: str
    calls: list[str]


def schema(name: str) -> dict[str, Any]:
    """Give a schema of the forges' files, as check-jsonschema keeps it."""
    kept = files("check_jsonschema") / f"builtin_schemas/vendor/{name}.json"
    return json.loads(kept.read_text(encoding="utf-8"))


def read(file: Path) -> dict[str, Any]:
    """Read a workflow or an action."""
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def all_steps(workflow: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """List the steps of all jobs; one that calls another workflow has none."""
    for job in workflow["jobs"].values():
        yield from job.get("steps", [])


def script_of(workflow: str, job: str, step: str) -> str:
    """Return the script of a step that has an id."""
    found = read(WORKFLOWS / f"{workflow}.yml")["jobs"][job]["steps"]
    (script,) = [one["run"] for one in found if one.get("id") == step]
    return script


def component(**inputs: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give GitLab's component: what it takes, and its jobs with the inputs in place."""
    text = (ROOT / "templates/preview.yml").read_text(encoding="utf-8")
    head, _, body = text.partition("\n---\n")
    taken = yaml.safe_load(head)["spec"]["inputs"]
    values = {name: one["default"] for name, one in taken.items()}
    values |= {name.replace("_", "-"): value for name, value in inputs.items()}
    assert values.keys() == taken.keys()
    filled = re.sub(
        r"\$\[\[ inputs\.([a-z-]+) \]\]", lambda match: values[match[1]], body
    )
    return taken, yaml.safe_load(filled)


def put_program(folder: Path, name: str, script: str = "") -> None:
    """Put a program in the way of others; it notes its call in the file `calls`."""
    folder.mkdir(exist_ok=True)
    note = f'echo "{name} $*" >> "{folder.parent}/calls"\n'
    (folder / name).write_text(f"#!/bin/bash\n{note}{script}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


def run_script(
    script: str, folder: Path, *, shell: str = "bash", **environment: str
) -> Ran:
    """Run a script as a runner does, the programs of `bin` in *folder* before others.

    Args:
        script: Its text.
        folder: Where it runs; `output` and `summary` in it are GitHub's files.
        shell: What runs it.
        environment: What the step or job sets.
    """
    own = ROOT / os.environ.get("VENV", ".venv") / "bin"
    ended = subprocess.run(  # noqa: S603 - of our own pages
        [shell, "-e", "-c", script],
        cwd=folder,
        env={
            **{key: text for key, text in os.environ.items() if key[:4] != "GIT_"},
            "PATH": f"{folder / 'bin'}:{own}:{os.environ['PATH']}",
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    calls = folder / "calls"
    noted = calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []
    return Ran(ended.returncode, ended.stdout, ended.stderr, noted)


def two_stacks(folder: Path) -> None:
    """Write a project of two stacks, `blue` and `green`, and the file of accounts."""
    (folder / "stacks").mkdir(parents=True)
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    for name in ("blue", "green"):
        shutil.copy(ROOT / "stacks/cluster-13.yaml", folder / f"stacks/{name}.yaml")
        (folder / f"stacks/Pulumi.{name}.yaml").write_text(
            f"config:\n  eks-irsa:clusterConfig: stacks/{name}.yaml\n"
            '  eks-irsa:accountId: "111122223333"\n',
            encoding="utf-8",
        )
    (folder / "stacks/accounts.yaml").write_text(
        'accounts:\n- id: "111122223333"\n'
        "  preview: arn:aws:iam::111122223333:role/preview\n",
        encoding="utf-8",
    )
