"""The main job, start to end: what a newcomer watches once, a reviewer again."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from rich.console import Console

from sandbox.demo_accounts import Account, proved, role_lines, wrong_proofs
from sandbox.engine import cluster_of, copy_project
from sandbox.engine_run import run_engine
from sandbox.inventory import Inventory, take_inventory
from sandbox.session import Sandbox

__all__ = ["DemoError", "run_demo"]


class DemoError(RuntimeError):
    """The demo saw something that must not be."""


@dataclass(kw_only=True)
class _Demo:
    """One run of the demo."""

    sandbox: Sandbox
    console: Console
    project: Path
    stack: str
    times: dict[str, float] = field(default_factory=dict[str, float])

    @contextmanager
    def step(self, name: str, title: str) -> Generator[None]:
        """Head a step and take its time."""
        self.console.rule(f"[bold]{title}", align="left")
        started = time.monotonic()
        yield
        self.times[name] = time.monotonic() - started

    def line(self, text: str) -> None:
        """Show a line as it is, however long."""
        self.console.out(text, highlight=False)

    def engine(self, *arguments: str, output: IO[bytes] | None = None) -> None:
        """Run one command of the engine, which has the terminal meanwhile.

        Raises:
            KeyboardInterrupt: It was interrupted, and has ended.
            DemoError: It failed.
        """
        self.console.file.flush()
        home = self.sandbox.engine_home()
        command = (*arguments, "--stack", self.stack)
        ran = run_engine(home, *command, project=self.project, output=output)
        if ran.interrupts:
            raise KeyboardInterrupt
        if ran.status:
            msg = f"pulumi {' '.join(arguments)} failed; its output above says why"
            raise DemoError(msg)

    def engine_json(self, *arguments: str) -> Path:
        """Run one command of the engine that prints JSON, into a file."""
        path = self.sandbox.directory / f"{arguments[0]}.json"
        with path.open("wb") as file:
            self.engine(*arguments, "--json", output=file)
        return path


def run_demo(sandbox: Sandbox, *, project: Path, stack: str, console: Console) -> None:
    """Run the main job on a sandbox and print what happens.

    Args:
        sandbox: A running sandbox without clusters.
        project: Folder of Pulumi.yaml; it is copied and not changed.
        stack: Stack to run, one of `stacks/`.
        console: Where to print.

    Raises:
        DemoError: A second preview shows changes, a token was judged wrongly, or
            something is left that should not be.
    """
    name, region = cluster_of(project, stack=stack)
    sandbox.add_cluster(name=name, region=region)
    copy = copy_project(sandbox.directory / "project", root=project)
    demo = _Demo(sandbox=sandbox, console=console, project=copy, stack=stack)
    before = take_inventory(sandbox)
    with demo.step("preview", "1. preview: what would be made"):
        demo.engine("stack", "init", "--non-interactive")
        demo.engine("preview")
        previewed = demo.engine_json("preview", "--show-sames")
    with demo.step("up", "2. up: make it"):
        demo.engine("up", "--yes", "--skip-preview")
        outputs = json.loads(demo.engine_json("stack", "output").read_text())
    with demo.step("second preview", "3. a second preview shows no change"):
        demo.engine("preview", "--expect-no-changes")
    with demo.step("look", "4. what IAM and the API server hold now"):
        made = take_inventory(sandbox)
        _show(demo, made)
    with demo.step("proof", "5. the proof: who gets credentials, and who is refused"):
        accounts = proved(sandbox, outputs, made, line=demo.line)
    with demo.step("move", "6. the same roles by EKS Pod Identity, in two steps"):
        accounts = [*accounts, *_moved(demo, made)]
    with demo.step("destroy", "7. destroy"):
        demo.engine("destroy", "--yes", "--skip-preview")
    with demo.step("look again", "8. what is left"):
        left = take_inventory(sandbox)
        _show(demo, left)
    console.rule("[bold]Result", align="left")
    _show_accounts(demo, accounts)
    console.rule("[bold]The access report, as a pull request shows it", align="left")
    _show_report(demo, previewed)
    _show_times(demo)
    _judge(before, left, accounts)


def _show(demo: _Demo, inventory: Inventory) -> None:
    for title, names in (
        ("OIDC providers", inventory.providers),
        ("roles", inventory.roles),
        ("namespaces", inventory.namespaces),
        ("service accounts", inventory.service_accounts),
    ):
        demo.line(f"{title}: {', '.join(names) or 'none'}")


def _moved(demo: _Demo, made: Inventory) -> list[Account]:
    """Move every service account to EKS Pod Identity, and prove each step.

    Raises:
        DemoError: A role is another one afterwards.
    """
    accounts: list[Account] = []
    for identity in ("both", "podIdentity"):
        demo.line(f"identity: {identity}")
        path = ("--path", "eks-irsa:defaults.identity", identity)
        demo.engine("config", "set", *path)
        demo.engine("up", "--yes", "--skip-preview")
        demo.engine("preview", "--expect-no-changes")
        outputs = json.loads(demo.engine_json("stack", "output").read_text())
        now = take_inventory(demo.sandbox)
        ids = [
            {name: role.role["RoleId"] for name, role in one.roles.items()}
            for one in (made, now)
        ]
        if ids[0] != ids[1]:
            msg = "the roles are others than before"
            raise DemoError(msg)
        accounts += proved(demo.sandbox, outputs, now, line=demo.line)
    return accounts


def _show_accounts(demo: _Demo, accounts: list[Account]) -> None:
    """Show each service account once, and every proof of it."""
    for key in dict.fromkeys(account.key for account in accounts):
        same = [account for account in accounts if account.key == key]
        demo.console.print(f"[bold]{key}", highlight=False)
        for text in role_lines(same[0]):
            demo.line(text)
        for proof in (proof for account in same for proof in account.proofs):
            colour = "green" if proof.is_right else "red"
            text = f"  [{colour}]{proof.summary}"
            demo.console.print(text, highlight=False, soft_wrap=True)


def _show_report(demo: _Demo, previewed: Path) -> None:
    """Show what `eks-irsa report` says of the first preview."""
    demo.console.file.flush()
    command = [sys.executable, "-m", "eks_irsa", "report", str(previewed)]
    if subprocess.run(command, check=False).returncode:  # noqa: S603 - our own program
        msg = "eks-irsa report failed; its output above says why"
        raise DemoError(msg)


def _show_times(demo: _Demo) -> None:
    times = demo.times
    text = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in times.items())
    total = f"together {sum(times.values()):.1f} s on {os.cpu_count()} cores"
    demo.line(f"times: {text}; {total}")


def _judge(before: Inventory, left: Inventory, accounts: list[Account]) -> None:
    """Raise what must not be, so that the command fails."""
    wrong = [*wrong_proofs(accounts)]
    # Namespaces stay, and whoever uses them by now loses nothing.
    if replace(left, namespaces=before.namespaces) != before:
        wrong.append("something is left of what the stack made")
    if wrong:
        raise DemoError("\n".join(wrong))
