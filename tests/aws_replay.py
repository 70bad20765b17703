"""Replay a recorded scenario on whatever plugin the sandbox has, step by step."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pulumi.automation as auto
from aws_program import Wanted
from recording import Step, step
from reliability.command_line import IMPORT, CommandLine

from sandbox.aws.clients import administrator
from sandbox.interception import Interceptor
from sandbox.session import Sandbox, issuer_url_of

__all__ = ["REGION", "Replay"]

REGION: Final = "us-west-2"


@dataclass(kw_only=True)
class Replay:
    """A stack on a cluster of its own, and what was seen of each step.

    Attributes:
        cluster: Name of cluster and stack.
        wanted: What the next run is to bring about; or another program.
        seen: Name of a step -> the step as it is recorded.
    """

    sandbox: Sandbox
    cluster: str
    folder: Path
    wanted: Wanted | Callable[[], None] = field(default_factory=Wanted)
    seen: dict[str, Step] = field(default_factory=dict[str, Step])

    def __post_init__(self) -> None:
        """Make cluster and stack."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.issuer_url = issuer_url_of(cluster=self.cluster, region=REGION)
        self.sandbox.add_cluster(
            name=self.cluster, region=REGION, issuer_url=self.issuer_url
        )
        home = self.sandbox.engine_home()
        self.stack = auto.create_or_select_stack(
            self.cluster,
            project_name="replay",
            program=self._program,
            opts=auto.LocalWorkspaceOptions(
                work_dir=str(self.folder),
                pulumi_home=str(home.pulumi_home),
                pulumi_command=auto.PulumiCommand(str(home.command_root)),
                env_vars=dict(home.environment),
            ),
        )
        self.configure("region", REGION)

    @property
    def iam(self) -> Any:  # noqa: ANN401 - boto3 makes its classes as it runs
        """IAM, as somebody else's hands reach it."""
        return administrator(self.sandbox.aws, "iam")

    @property
    def provider_arn(self) -> str:
        """ARN of the cluster's OIDC provider."""
        issuer = self.issuer_url.removeprefix("https://")
        return f"arn:aws:iam::{self.sandbox.aws.account_id}:oidc-provider/{issuer}"

    def configure(self, key: str, value: str) -> None:
        """Set a value of the AWS provider's configuration."""
        self.stack.set_config(f"aws:{key}", auto.ConfigValue(value))

    def make_provider(self, *, clients: tuple[str, ...] = (), **tags: str) -> None:
        """Make the OIDC provider by hand; with the tags of the stack by default."""
        cluster = f"arn:aws:eks:{REGION}:{self.sandbox.aws.account_id}:cluster/"
        ours = {
            "eks-irsa/cluster": cluster + self.cluster,
            "eks-irsa/stack": f"organization/eks-irsa/{self.cluster}",
        }
        thumbprint = {"ThumbprintList": ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"]}
        self.iam.create_open_id_connect_provider(
            Url=self.issuer_url,
            ClientIDList=["sts.amazonaws.com", *clients],
            Tags=[{"Key": key, "Value": one} for key, one in (tags or ours).items()],
            **(thumbprint if tags else {}),
        )

    def remove_role(self, name: str) -> None:
        """Delete a role by hand, with all it has."""
        iam, role = self.iam, {"RoleName": name}
        for one in iam.list_attached_role_policies(**role)["AttachedPolicies"]:
            iam.detach_role_policy(PolicyArn=one["PolicyArn"], **role)
        for one in iam.list_role_policies(**role)["PolicyNames"]:
            iam.delete_role_policy(PolicyName=one, **role)
        iam.delete_role(**role)

    def preview(self, name: str, **options: Any) -> None:  # noqa: ANN401 - as the Automation API takes them
        """Preview, as the step *name*."""
        self._run(name, self.stack.preview, **options)

    def up(
        self,
        name: str,
        *,
        fault: Interceptor | None = None,
        **options: Any,  # noqa: ANN401 - as the Automation API takes them
    ) -> None:
        """Bring up, as the step *name*, perhaps with a fault on the way."""
        self._run(name, self.stack.up, fault=fault, **options)

    def refresh(self, name: str) -> None:
        """Read everything anew, as the step *name*."""
        self._run(name, self.stack.refresh)

    def destroy(self, name: str, *, fault: Interceptor | None = None) -> None:
        """Remove everything, as the step *name*, perhaps with a fault on the way."""
        self._run(name, self.stack.destroy, fault=fault)

    def recover(self, name: str, *, kind: str, resource: str, identifier: str) -> None:
        """Import one resource after a preview, as `eks-irsa recover` has it done."""
        before = len(self.sandbox.aws.calls)
        self.stack.preview()
        rows = {"resources": [{"type": kind, "name": resource, "id": identifier}]}
        project = self.folder.with_name(resource.replace("/", "-"))
        shutil.copytree(self.folder, project)
        home = self.sandbox.engine_home()
        line = CommandLine(home=home, project=project, stack=self.cluster)
        line.pulumi(*IMPORT, text=json.dumps(rows), check=False)
        self.seen[name] = step(calls=self._calls(before))

    def forget(self, resource: str) -> None:
        """Take a resource, and what depends on it, out of the state."""
        (urn,) = [
            one["urn"]
            for one in self._resources()
            if one["urn"].endswith(f"::{resource}")
        ]
        home = self.sandbox.engine_home()
        subprocess.run(  # noqa: S603 - the engine, with a test's words
            [
                home.command_root / "bin" / "pulumi",
                *("state", "delete", urn, "--yes", "--force", "--target-dependents"),
                *("--stack", self.cluster),
            ],
            cwd=self.folder,
            env={**os.environ, **home.environment},
            capture_output=True,
            check=True,
        )

    def state(self, name: str, *, of: str = "") -> None:
        """Note what the engine has on record of some types, as the step *name*."""
        found = [one for one in self._resources() if one["type"].startswith(of)]
        self.seen[name] = step(state=dict(map(_recorded, found)))

    def note(self, name: str, live: Mapping[str, Any]) -> None:
        """Note what AWS holds, as the step *name*."""
        self.seen[name] = step(live=live)

    def put_away(self) -> None:
        """Destroy what a scenario left."""
        if self._resources():
            self.stack.destroy()

    def _program(self) -> None:
        if isinstance(self.wanted, Wanted):
            self.wanted.register(cluster=self.cluster, region=REGION)
        else:
            self.wanted()

    def _run(
        self,
        name: str,
        run: Callable[..., object],
        *,
        fault: Interceptor | None = None,
        inputs: bool = False,
        **options: Any,  # noqa: ANN401 - as the Automation API takes them
    ) -> None:
        aws, before = self.sandbox.aws, len(self.sandbox.aws.calls)
        done: list[auto.StepEventMetadata] = []
        refreshing = run == self.stack.refresh

        def seen(event: auto.EngineEvent) -> None:
            # A refresh tells what it found only afterwards.
            one = event.res_outputs_event if refreshing else event.resource_pre_event
            if one is not None:
                done.append(one.metadata)

        faulty: AbstractContextManager[None] = (
            aws.intercepted(fault) if fault else nullcontext()
        )
        error = ""
        with faulty:
            try:
                run(on_event=seen, **options)
            except auto.CommandError as failure:
                error = str(failure)
        self.seen[name] = step(
            done=[] if error else [_done(one) for one in done],
            calls=self._calls(before),
            error=error,
            refreshed=refreshing or bool(options.get("refresh")),
            **({"inputs": dict(_inputs(done))} if inputs else {}),
        )

    def _calls(self, before: int) -> list[str]:
        calls = self.sandbox.aws.calls[before:]
        return [
            f"{one.service}:{one.action} {one.status} {one.code}".strip()
            for one in calls
        ]

    def _resources(self) -> list[dict[str, Any]]:
        deployment = self.stack.export_stack().deployment or {}
        return [
            one
            for one in deployment.get("resources", [])
            if one["type"].startswith(("aws:", "pulumi:providers:aws"))
        ]


def _done(one: auto.StepEventMetadata) -> tuple[str, str, str, list[str]]:
    name = one.urn.split("::", 3)[3]
    return (str(one.op.value), one.type, name, [*(one.detailed_diff or {})])


def _inputs(done: list[auto.StepEventMetadata]) -> list[tuple[str, Any]]:
    return [
        (f"{one.type} {one.urn.split('::', 3)[3]}", one.new.inputs if one.new else None)
        for one in done
        if one.type.startswith("aws:")
    ]


def _recorded(resource: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    found = {
        "inputs": resource.get("inputs"),
        "outputs": resource.get("outputs", {}),
        "external": bool(resource.get("external")),
    }
    if not resource["type"].startswith("pulumi:"):
        found["id"] = resource["id"]
    name = resource["urn"].split("::", 3)[3]
    return f"{resource['type']} {name}", json.loads(json.dumps(found))
