"""The main job, start to end: what a newcomer watches once, a reviewer again."""

import os
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pulumi.automation as auto
from rich.console import Console
from rich.table import Table

from sandbox.engine import cluster_of, copy_project, open_stack
from sandbox.inventory import Inventory, LiveRole, take_inventory
from sandbox.proof import AUDIENCE, OWN_TOKEN, Attempt, prove, sdk_identity
from sandbox.session import Sandbox

__all__ = ["DemoError", "run_demo"]


class DemoError(RuntimeError):
    """The demo saw something that must not be."""


@dataclass(kw_only=True)
class _Demo:
    """One run of the demo."""

    sandbox: Sandbox
    console: Console
    times: dict[str, float] = field(default_factory=dict[str, float])

    @contextmanager
    def step(self, name: str, title: str) -> Generator[None]:
        """Head a step and take its time."""
        self.console.rule(f"[bold]{title}", align="left")
        started = time.monotonic()
        yield
        self.times[name] = time.monotonic() - started

    def line(self, text: str) -> None:
        """Show a line of the engine's own output."""
        if text.strip():
            self.console.out(text.rstrip(), highlight=False)


@dataclass(frozen=True, kw_only=True)
class _Account:
    """A service account that was made, its role, and what the proof gave."""

    key: str
    role_arn: str
    role: LiveRole
    attempts: list[Attempt]
    sdk: str


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
    demo = _Demo(sandbox=sandbox, console=console)
    name, region = cluster_of(project, stack=stack)
    sandbox.add_cluster(name=name, region=region)
    copy = copy_project(sandbox.directory / "project", root=project)
    opened = open_stack(sandbox.engine_home(), project=copy, stack=stack)
    before = take_inventory(sandbox)
    with demo.step("preview", "1. preview: what would be made"):
        opened.preview(on_output=demo.line)
    with demo.step("up", "2. up: make it"):
        outputs = opened.up(on_output=demo.line).outputs
    with demo.step("second preview", "3. a second preview shows no change"):
        opened.preview(on_output=demo.line, expect_no_changes=True)
    with demo.step("look", "4. what IAM and the API server hold now"):
        made = take_inventory(sandbox)
        _show(console, made)
    with demo.step("proof", "5. the proof: who gets credentials, and who is refused"):
        accounts = _prove(demo, outputs, made)
    with demo.step("destroy", "6. destroy"):
        opened.destroy(on_output=demo.line)
    with demo.step("look again", "7. what is left"):
        left = take_inventory(sandbox)
        _show(console, left)
    console.rule("[bold]Result", align="left")
    console.print(_table(accounts))
    _print_times(console, demo.times)
    _judge(before, left, accounts)


def _show(console: Console, inventory: Inventory) -> None:
    for title, names in (
        ("OIDC providers", inventory.providers),
        ("roles", inventory.roles),
        ("namespaces", inventory.namespaces),
        ("service accounts", inventory.service_accounts),
    ):
        console.out(f"{title}: {', '.join(names) or 'none'}", highlight=False)


def _prove(
    demo: _Demo, outputs: Mapping[str, auto.OutputValue], made: Inventory
) -> list[_Account]:
    accounts: list[_Account] = []
    made_by_us: Mapping[str, Mapping[str, Any]] = outputs["serviceAccounts"].value
    for key, account in made_by_us.items():
        namespace, name = account["namespace"], account["name"]
        role_arn = account["roleArn"]
        attempts = prove(
            demo.sandbox, namespace=namespace, service_account=name, role_arn=role_arn
        )
        token = demo.sandbox.control_plane.request_token(
            namespace=namespace, service_account=name, audience=AUDIENCE
        )
        sdk = sdk_identity(
            demo.sandbox,
            role_arn=role_arn,
            token=token,
            folder=demo.sandbox.directory,
        )
        role = made.roles[account["roleName"]]
        accounts.append(
            _Account(key=key, role_arn=role_arn, role=role, attempts=attempts, sdk=sdk)
        )
        demo.line(f"{key}")
        for attempt in attempts:
            verdict = "credentials" if attempt.admitted else attempt.code
            demo.line(f"  {attempt.token:20} {verdict}: {attempt.answer}")
        demo.line(f"  {'the AWS SDK itself':20} calls as {sdk}")
    return accounts


def _table(accounts: list[_Account]) -> Table:
    table = Table(show_lines=True)
    for column in ("service account", "role ARN", "policies", "who may assume it"):
        table.add_column(column, overflow="fold")
    table.add_column("proof", no_wrap=True)
    for account in accounts:
        admitted = sum(attempt.admitted for attempt in account.attempts)
        refused = len(account.attempts) - admitted
        policies = [arn.rpartition("/")[2] for arn in account.role.managed_policy_arns]
        policies += [f"{name} (inline)" for name in account.role.inline_policies]
        table.add_row(
            account.key,
            account.role_arn,
            "\n".join(policies),
            "\n".join(account.role.subjects),
            f"{admitted} admitted, {refused} refused\n{_of_the_sdk(account)}",
        )
    return table


def _of_the_sdk(account: _Account) -> str:
    name = account.role_arn.rpartition("/")[2]
    calls_as_role = f":assumed-role/{name}/" in account.sdk
    return "the AWS SDK too" if calls_as_role else f"the AWS SDK is {account.sdk}"


def _print_times(console: Console, times: Mapping[str, float]) -> None:
    text = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in times.items())
    total = f"together {sum(times.values()):.1f} s on {os.cpu_count()} cores"
    console.out(f"times: {text}; {total}", highlight=False)


def _judge(before: Inventory, left: Inventory, accounts: list[_Account]) -> None:
    """Raise what must not be, so that the command fails."""
    wrong = [
        f"{account.key}: {attempt.token}: {attempt.answer}"
        for account in accounts
        for attempt in account.attempts
        if attempt.admitted != (attempt.token == OWN_TOKEN)
    ]
    # Namespaces stay, and whoever uses them by now loses nothing.
    wrong += [
        f"{account.key}: the AWS SDK calls as {account.sdk}"
        for account in accounts
        if not _of_the_sdk(account).endswith("too")
    ]
    if replace(left, namespaces=before.namespaces) != before:
        wrong.append("something is left of what the stack made")
    if wrong:
        raise DemoError("\n".join(wrong))
