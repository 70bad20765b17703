"""The stack of ten entries under test, and everything a run of it can do."""

import json
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi.automation as auto
import yaml
from pulumi.automation.errors import CommandError

from reliability.command_line import CommandLine
from sandbox.control_plane.front import serve_front
from sandbox.engine import copy_project, open_stack
from sandbox.interception import Failure, Interceptor, Request
from sandbox.inventory import Inventory, take_inventory
from sandbox.session import Sandbox, issuer_url_of

__all__ = ["Rig", "Run", "open_rig"]

REGION: Final = "us-west-2"
_FILES: Final = Path(__file__).with_name("stack")
_NAME_IN_FILES: Final = "reliability"
_CONFIG: Final = "stacks/reliability.yaml"
# Source: https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
ROLE_ARN_KEY: Final = "eks.amazonaws.com/role-arn"
_NO_CHANGE: Final = frozenset({"same", "read", "refresh"})
# The account that entry data/legacy overrides.
_LEGACY: Final = {
    "metadata": {
        "name": "legacy",
        "annotations": {"owner": "somebody", ROLE_ARN_KEY: "theirs"},
    }
}
_EXISTS_ALREADY: Final = 409


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of the engine.

    Attributes:
        steps: What it began to do: operation and name of the resource, in order.
        output: What it showed.
        failed: Whether it ended badly, or not by itself.
    """

    steps: tuple[tuple[str, str], ...]
    output: str
    failed: bool

    @property
    def replaced(self) -> tuple[str, ...]:
        """Names of what it meant to replace."""
        return tuple(name for operation, name in self.steps if "replace" in operation)


@dataclass(kw_only=True)
class Rig:
    """The stack, its files and its sandbox.

    Attributes:
        cluster: Name of its EKS cluster.
        command_line: The Pulumi CLI, where people would use it.
        parallel: How many resources the engine works on at once.
    """

    sandbox: Sandbox
    stack: auto.Stack
    project: Path
    cluster: str
    command_line: CommandLine
    parallel: int
    _switch: "_Switch"

    def choose(self, config: str) -> None:
        """Let the next run read `before.yaml` or `after.yaml`, named without suffix."""
        text = (_FILES / f"{config}.yaml").read_text(encoding="utf-8")
        text = text.replace(_NAME_IN_FILES, self.cluster)
        (self.project / _CONFIG).write_text(text, encoding="utf-8")

    @contextmanager
    def through(self, interceptor: Interceptor) -> Generator[None]:
        """Show every call to an interceptor, for as long as this lasts."""
        self._switch.interceptor = interceptor
        try:
            yield
        finally:
            self._switch.interceptor = None

    def up(self, *, target: Sequence[str] | None = None) -> Run:
        """Bring the stack up; a run that fails is a result too.

        Args:
            target: URNs of the only resources to work on. Default: all.
        """
        return self._run(self.stack.up, target=target)

    def destroy(self) -> Run:
        """Destroy the stack."""
        return self._run(self.stack.destroy)

    def preview(self) -> Run:
        """Preview the stack."""
        return self._run(self.stack.preview)

    def preview_document(self) -> str:
        """Preview the stack as JSON, `pulumi preview --json`, also if it fails."""
        try:
            return self.stack.preview(json=True).stdout
        except CommandError as error:
            _, _, printed = str(error).partition(" stdout: ")
            return printed.rpartition("\n stderr:")[0]

    def preview_refreshed(self) -> Run:
        """Preview the stack, everything read anew before."""
        return self._run(self.stack.preview, refresh=True)

    def refresh(self) -> Run:
        """Read everything anew into the state."""
        return self._run(self.stack.refresh)

    def take_keys_away(self) -> bool:
        """Take our annotation off the overridden account by hand, if it is there.

        It is what `kubectl annotate serviceaccount legacy -n data <key>-` does.

        Returns:
            Whether it was there.
        """
        path = "/api/v1/namespaces/data/serviceaccounts/legacy"
        plane = self.sandbox.control_plane
        live = plane.request(method="GET", path=path).document["metadata"]
        if ROLE_ARN_KEY not in live.get("annotations", {}):
            return False
        plane.request(
            method="PATCH",
            path=f"{path}?fieldManager=kubectl-annotate",
            body={"metadata": {"annotations": {ROLE_ARN_KEY: None}}},
            content_type="application/merge-patch+json",
        )
        return True

    def inventory(self) -> Inventory:
        """Read what IAM and the API server hold."""
        return take_inventory(self.sandbox, region=REGION)

    def _run(self, run: Callable[..., object], **options: object) -> Run:
        steps: list[tuple[str, str]] = []
        lines: list[str] = []

        def seen(event: auto.EngineEvent) -> None:
            if event.resource_pre_event:
                step = event.resource_pre_event.metadata
                if step.op.value not in _NO_CHANGE:
                    steps.append((step.op.value, step.urn.split("::", 3)[3]))

        failed = False
        try:
            run(
                on_event=seen,
                on_output=lines.append,
                parallel=self.parallel,
                **options,
            )
        except CommandError as error:
            failed = True
            lines.append(str(error))
        return Run(steps=tuple(steps), output="\n".join(lines), failed=failed)


@contextmanager
def open_rig(
    sandbox: Sandbox, *, folder: Path, cluster: str, parallel: int = 1
) -> Generator[Rig]:
    """Set the stack up.

    Args:
        sandbox: Where it runs; one rig at a time.
        folder: Of the project; it is made.
        cluster: Name of its EKS cluster and of the stack.
        parallel: How many resources the engine works on at once. Default: one, so that
            one call is under way when it is killed.

    Yields:
        The stack, not brought up yet, and with what was there before.
    """
    switch = _Switch()
    with (
        serve_front(sandbox.control_plane, switch) as endpoint,
        sandbox.aws.intercepted(switch),
    ):
        sandbox.add_cluster(
            name=cluster,
            region=REGION,
            issuer_url=issuer_url_of(cluster=cluster, region=REGION),
            endpoint=endpoint,
        )
        project = copy_project(folder)
        settings = {
            "aws:region": REGION,
            "eks-irsa:clusterConfig": _CONFIG,
            "eks-irsa:patchExisting": ["data/legacy"],
        }
        file = project / "stacks" / f"Pulumi.{cluster}.yaml"
        file.write_text(yaml.safe_dump({"config": settings}), encoding="utf-8")
        _make_what_was_there(sandbox)
        home = sandbox.engine_home()
        yield Rig(
            sandbox=sandbox,
            stack=open_stack(home, project=project, stack=cluster),
            project=project,
            cluster=cluster,
            command_line=CommandLine(home=home, project=project, stack=cluster),
            parallel=parallel,
            _switch=switch,
        )


class _Switch:
    """An interceptor that asks the one of the moment."""

    def __init__(self) -> None:
        self.interceptor: Interceptor | None = None

    def before(self, request: Request) -> Failure | None:
        asked = self.interceptor
        return asked.before(request) if asked else None

    def after(self, request: Request) -> Failure | None:
        asked = self.interceptor
        return asked.after(request) if asked else None


def _make_what_was_there(sandbox: Sandbox) -> None:
    """Make the account that is overridden, and the namespaces, which always stay."""
    plane = sandbox.control_plane
    accounts = "/api/v1/namespaces/data/serviceaccounts"
    for path, body in (
        ("/api/v1/namespaces", {"metadata": {"name": "data"}}),
        (accounts, _LEGACY),
    ):
        answer = plane.request(
            method="POST", path=f"{path}?fieldManager=somebody", body=body
        )
        if answer.status >= 300 and answer.status != _EXISTS_ALREADY:
            message = f"POST {path}: {answer.status} {json.dumps(answer.text)}"
            raise RuntimeError(message)
