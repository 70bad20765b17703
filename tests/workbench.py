# ruff: noqa: ANN401 - options go to the Automation API as they are
"""A stack under test: its project folder, its cluster, and what the engine did."""

import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import pulumi.automation as auto
import yaml
from typing_extensions import override

from sandbox.engine import PROJECT_ROOT, copy_project, open_stack
from sandbox.inventory import Inventory, take_inventory
from sandbox.session import Sandbox, issuer_url_of

__all__ = ["READ_ONLY", "Step", "Workbench", "preview_text"]

# What the engine does without changing anything: `up --refresh` reads all it has, and
# what was only read is discarded when nobody asks for it.
_NO_CHANGE: Final = frozenset({"same", "read", "discard", "refresh"})
READ_ONLY: Final = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
CLUSTER_CONFIG: Final = "stacks/under-test.yaml"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One resource the engine meant to do something to.

    Attributes:
        operation: `create`, `update`, `delete`, `replace`, `same`, `read` ...
        type: Type token.
        name: Name of the resource.
        inputs: Its new inputs; empty for a deletion.
        changed: Paths of the properties that differ.
    """

    operation: str
    type: str
    name: str
    inputs: Mapping[str, Any]
    changed: tuple[str, ...]


@dataclass(kw_only=True)
class Workbench:
    """One stack with a cluster of its own."""

    sandbox: Sandbox
    project: Path
    stack: auto.Stack
    cluster: str
    region: str
    issuer_url: str
    output: list[str] = field(default_factory=list[str])

    @classmethod
    def make(  # noqa: PLR0913 - each is one thing a test may choose
        cls,
        sandbox: Sandbox,
        *,
        folder: Path,
        number: int,
        cluster: str | None = None,
        region: str = "us-west-2",
        config: str | None = None,
        beside: "Workbench | None" = None,
        issuing: bool = False,
        **settings: object,
    ) -> Self:
        """Set a project up around cluster-13's ClusterConfig, or around *config*.

        Args:
            sandbox: Where it runs.
            folder: Of the project.
            number: Makes names unique.
            cluster: Name of the cluster. Default: a new one with an issuer of its own.
            region: Of the cluster.
            config: Text of the ClusterConfig, `cluster-13` standing for the name.
            issuing: The tokens of the sandbox's control plane are the cluster's.
            beside: Another stack on the cluster of this one.
            settings: Settings of the stack besides its ClusterConfig.
        """
        name = beside.cluster if beside else cluster or f"test-{number}"
        issuer = issuer_url_of(cluster=name, region=region)
        if issuing:
            issuer = sandbox.control_plane.issuer_url
        if not beside:
            sandbox.add_cluster(name=name, region=region, issuer_url=issuer)
        copy_project(folder)
        text = config or (PROJECT_ROOT / "stacks/cluster-13.yaml").read_text()
        stack = f"test-{number}"
        bench = cls(
            sandbox=sandbox,
            project=folder,
            stack=None,  # type: ignore[arg-type] # set below, once its files are there
            cluster=name,
            region=region,
            issuer_url=issuer,
        )
        bench.write(text)
        bench.settings(stack, **settings)
        bench.stack = open_stack(sandbox.engine_home(), project=folder, stack=stack)
        return bench

    def write(self, text: str) -> None:
        """Write the ClusterConfig of the stack, its cluster in place of cluster-13."""
        own = text.replace("cluster-13", self.cluster)
        (self.project / CLUSTER_CONFIG).write_text(own, encoding="utf-8")

    def entries(self, entries: Mapping[str, Mapping[str, Any]]) -> None:
        """Write a ClusterConfig of the stack's cluster.

        Args:
            entries: `<namespace>/<name>` -> the entry's other keys; one that grants
                nothing else may read S3.
        """
        config = {
            "apiVersion": "eksctl.io/v1alpha5",
            "kind": "ClusterConfig",
            "metadata": {"name": self.cluster, "region": self.region},
            "iam": {
                "withOIDC": True,
                "serviceAccounts": [_entry(key, one) for key, one in entries.items()],
            },
        }
        self.write(json.dumps(config))  # JSON is YAML

    def settings(self, stack: str | None = None, **settings: object) -> None:
        """Write the settings of the stack, those the engine put there kept."""
        path = self.project / f"stacks/Pulumi.{stack or self.stack.name}.yaml"
        file: dict[str, Any] = (
            yaml.safe_load(path.read_text()) if path.exists() else {"config": {}}
        )
        # IAM is one in each partition, so the region counts there too.
        file["config"] = {
            "aws:region": self.region,
            "eks-irsa:clusterConfig": CLUSTER_CONFIG,
        } | {f"eks-irsa:{key}": value for key, value in settings.items()}
        path.write_text(yaml.safe_dump(file), encoding="utf-8")

    def preview(self, **options: Any) -> list[Step]:
        """Preview, and give what the engine means to do, in its order."""
        return self._steps(self.stack.preview, **options)

    def up(self, **options: Any) -> list[Step]:
        """Bring up, and give what the engine did."""
        return self._steps(self.stack.up, **options)

    def refresh(self) -> list[Step]:
        """Refresh, and give what the engine found."""
        return self._steps(self.stack.refresh)

    def destroy(self, **options: Any) -> list[Step]:
        """Destroy, and give what the engine did."""
        return self._steps(self.stack.destroy, **options)

    def pulumi(self, *arguments: str) -> str:
        """Run a command of the engine's on the stack, and give what it prints."""
        home = self.sandbox.engine_home()
        done = subprocess.run(  # noqa: S603 - the engine, with a test's words
            [home.command_root / "bin" / "pulumi", *arguments],
            cwd=self.project,
            env={**os.environ, **home.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def inventory(self) -> Inventory:
        """Read what IAM and the API server hold now."""
        return take_inventory(self.sandbox, region=self.region)

    def outputs(self) -> dict[str, Any]:
        """Return the outputs of the stack."""
        return {key: one.value for key, one in self.stack.outputs().items()}

    def resources(self) -> list[dict[str, Any]]:
        """Return the resources of the stack's state."""
        deployment = self.stack.export_stack().deployment
        return list((deployment or {}).get("resources", []))

    def _steps(self, run: Callable[..., object], **options: Any) -> list[Step]:
        steps: list[Step] = []
        self.output = []

        def seen(event: auto.EngineEvent) -> None:
            # A refresh tells what it found only afterwards.
            for one in (event.resource_pre_event, event.res_outputs_event):
                if one is None or one.metadata.op.value in _NO_CHANGE:
                    continue
                if one is event.res_outputs_event and run != self.stack.refresh:
                    continue
                if one is event.resource_pre_event and run == self.stack.refresh:
                    continue
                steps.append(_step(one.metadata))

        run(on_event=seen, on_output=self.output.append, **options)
        return steps


def preview_text(stack: auto.Stack, *arguments: str, streamed: bool = False) -> str:
    """Give what `pulumi preview --json` prints.

    Args:
        stack: Any stack.
        arguments: Flags that the Automation API does not know, put behind.
        streamed: In the other form, an event a line.
    """
    workspace = stack.workspace
    plain, variables = workspace.pulumi_command, workspace.env_vars
    workspace.pulumi_command = _WithArguments(Path(plain.command), arguments)
    form = {"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": str(streamed).lower()}
    workspace.env_vars = {**variables, **form}
    try:
        return stack.preview(json=True).stdout
    finally:
        workspace.pulumi_command, workspace.env_vars = plain, variables


class _WithArguments(auto.PulumiCommand):
    """The engine's command, with more arguments behind those of a preview."""

    def __init__(self, command: Path, arguments: Sequence[str]) -> None:
        super().__init__(str(command.parent.parent))
        self._arguments = arguments

    @override
    def run(self, args: list[str], *rest: Any, **options: Any) -> auto.CommandResult:
        if args[0] == "preview":
            args = [*args, *self._arguments]
        return super().run(args, *rest, **options)


def _entry(key: str, given: Mapping[str, Any]) -> dict[str, Any]:
    namespace, _, name = key.partition("/")
    metadata = {"name": name, "namespace": namespace, **given.get("metadata", {})}
    sources = {"attachPolicyARNs", "attachPolicy", "wellKnownPolicies", "attachRoleARN"}
    grants = {} if sources & given.keys() else {"attachPolicyARNs": [READ_ONLY]}
    return {**grants, **given, "metadata": metadata}


def _step(metadata: auto.StepEventMetadata) -> Step:
    state = metadata.new or metadata.old
    inputs: Mapping[str, Any] = (metadata.new and metadata.new.inputs) or {}
    return Step(
        operation=str(metadata.op.value),
        type=metadata.type,
        name=metadata.urn.rpartition("::")[2] if state is None else _name(metadata.urn),
        inputs=json.loads(json.dumps(inputs)),
        changed=tuple(sorted(metadata.detailed_diff or {})),
    )


def _name(urn: str) -> str:
    # urn:pulumi:<stack>::<project>::<types>::<name>, and a name may hold `::`.
    return urn.split("::", 3)[3]
