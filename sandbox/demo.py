"""The main job, start to end: what a newcomer watches once, a reviewer again."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from rich.console import Console

from sandbox.engine import cluster_of, copy_project
from sandbox.engine_run import run_engine
from sandbox.inventory import Inventory, LiveRole, take_inventory
from sandbox.pod_identity_proof import agent_identity, prove_association
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


@dataclass(frozen=True, kw_only=True)
class _Proof:
    """What the proof gave for one way to a role.

    Attributes:
        way: Name of the way; empty if it is the only one, IRSA.
        role_arn: Whose session the AWS SDK should have.
        attempts: The tokens that were tried.
        sdk: ARN as which the AWS SDK calls.
    """

    way: str
    role_arn: str
    attempts: list[Attempt]
    sdk: str


@dataclass(frozen=True, kw_only=True)
class _Account:
    """A service account that was made, its role, and what the proof gave."""

    key: str
    role_arn: str
    role: LiveRole
    proofs: list[_Proof]


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
        accounts = _prove(demo, outputs, made)
    with demo.step("destroy", "6. destroy"):
        demo.engine("destroy", "--yes", "--skip-preview")
    with demo.step("look again", "7. what is left"):
        left = take_inventory(sandbox)
        _show(demo, left)
    console.rule("[bold]Result", align="left")
    for account in accounts:
        _show_account(demo, account)
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


def _prove(demo: _Demo, outputs: Mapping[str, Any], made: Inventory) -> list[_Account]:
    accounts: list[_Account] = []
    made_by_us: Mapping[str, Mapping[str, Any]] = outputs["serviceAccounts"]
    for key, account in made_by_us.items():
        role = made.roles[account["roleName"]]
        found = (
            one for name, one in made.associations.items() if name.endswith(f"/{key}")
        )
        association = next(found, None)
        proofs: list[_Proof] = []
        if role.subjects:
            proofs.append(_prove_irsa(demo, account, way="IRSA" if association else ""))
        if association:
            proofs.append(_prove_association(demo, association))
        role_arn = account["roleArn"]
        accounts.append(_Account(key=key, role_arn=role_arn, role=role, proofs=proofs))
        demo.line(f"{key}")
        for proof in proofs:
            _show_proof(demo, proof)
    return accounts


def _prove_irsa(demo: _Demo, account: Mapping[str, Any], *, way: str) -> _Proof:
    namespace, name = account["namespace"], account["name"]
    role_arn = account["roleArn"]
    sandbox = demo.sandbox
    attempts = prove(
        sandbox, namespace=namespace, service_account=name, role_arn=role_arn
    )
    token = sandbox.control_plane.request_token(
        namespace=namespace, service_account=name, audience=AUDIENCE
    )
    sdk = sdk_identity(
        sandbox, role_arn=role_arn, token=token, folder=sandbox.directory
    )
    return _Proof(way=way, role_arn=role_arn, attempts=attempts, sdk=sdk)


def _prove_association(demo: _Demo, association: Mapping[str, Any]) -> _Proof:
    folder = demo.sandbox.directory
    return _Proof(
        way="EKS Pod Identity",
        role_arn=association.get("targetRoleArn") or association["roleArn"],
        attempts=prove_association(demo.sandbox, association),
        sdk=agent_identity(demo.sandbox, association, folder=folder),
    )


def _show_proof(demo: _Demo, proof: _Proof) -> None:
    if proof.way:
        demo.line(f"  by {proof.way}")
    for attempt in proof.attempts:
        verdict = "credentials" if attempt.admitted else attempt.code
        demo.line(f"  {attempt.token:20} {verdict}: {attempt.answer}")
    demo.line(f"  {'the AWS SDK itself':20} calls as {proof.sdk}")


def _show_account(demo: _Demo, account: _Account) -> None:
    """Show a service account in lines of its own, each ARN whole on one of them."""
    demo.console.print(f"[bold]{account.key}", highlight=False)
    demo.line(f"  {account.role_arn}")
    for arn in account.role.managed_policy_arns:
        demo.line(f"  may do what {arn} allows")
    for name in account.role.inline_policies:
        demo.line(f"  may do what its inline policy {name} allows")
    for subject in account.role.subjects:
        demo.line(f"  is assumed by {subject}")
    for proof in account.proofs:
        admitted = sum(attempt.admitted for attempt in proof.attempts)
        refused = len(proof.attempts) - admitted
        colour = "green" if admitted == 1 else "red"
        by = f"by {proof.way}: " if proof.way else ""
        text = f"{by}{admitted} admitted, {refused} refused; {_of_the_sdk(proof)}"
        demo.console.print(f"  [{colour}]{text}", highlight=False, soft_wrap=True)


def _show_report(demo: _Demo, previewed: Path) -> None:
    """Show what `eks-irsa report` says of the first preview."""
    demo.console.file.flush()
    command = [sys.executable, "-m", "eks_irsa", "report", str(previewed)]
    if subprocess.run(command, check=False).returncode:  # noqa: S603 - our own program
        msg = "eks-irsa report failed; its output above says why"
        raise DemoError(msg)


def _of_the_sdk(proof: _Proof) -> str:
    name = proof.role_arn.rpartition("/")[2]
    calls_as_role = f":assumed-role/{name}/" in proof.sdk
    return "the AWS SDK too" if calls_as_role else f"the AWS SDK is {proof.sdk}"


def _show_times(demo: _Demo) -> None:
    times = demo.times
    text = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in times.items())
    total = f"together {sum(times.values()):.1f} s on {os.cpu_count()} cores"
    demo.line(f"times: {text}; {total}")


def _judge(before: Inventory, left: Inventory, accounts: list[_Account]) -> None:
    """Raise what must not be, so that the command fails."""
    proofs = [(account.key, one) for account in accounts for one in account.proofs]
    wrong = [
        f"{account.key}: nobody may assume the role"
        for account in accounts
        if not account.proofs
    ]
    wrong += [
        f"{key}: {attempt.token}: {attempt.answer}"
        for key, proof in proofs
        for attempt in proof.attempts
        if attempt.admitted != (attempt.token == OWN_TOKEN)
    ]
    wrong += [
        f"{key}: the AWS SDK calls as {proof.sdk}"
        for key, proof in proofs
        if not _of_the_sdk(proof).endswith("too")
    ]
    # Namespaces stay, and whoever uses them by now loses nothing.
    if replace(left, namespaces=before.namespaces) != before:
        wrong.append("something is left of what the stack made")
    if wrong:
        raise DemoError("\n".join(wrong))
