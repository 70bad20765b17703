"""The Pulumi CLI as people use it: the commands that the Automation API lacks.

`pulumi import` asks the project's language host which plugins the project needs. The
sandbox has no host for Python, so the project names one that says: none.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import grpc
import yaml
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2, plugin_pb2
from pulumi.runtime.proto.language_pb2_grpc import (
    LanguageRuntimeServicer,
    add_LanguageRuntimeServicer_to_server,
)
from typing_extensions import override

from sandbox.session import EngineHome

__all__ = ["CommandLine"]

# What docs/reliability.md gives as the one command, part by part.
RECOVER: Final = (sys.executable, "-m", "eks_irsa", "recover")
IMPORT: Final = (
    "import",
    "--file",
    "/dev/stdin",
    "--skip-preview",
    "--yes",
    "--protect=false",
    "--generate-code=false",
)


class CommandLine:
    """One stack, in a folder of its own that holds a copy of the project."""

    def __init__(self, *, home: EngineHome, project: Path, stack: str) -> None:
        """Copy the project.

        Args:
            home: Where the engine runs.
            project: Folder of Pulumi.yaml.
            stack: Name of the stack; it need not be there yet.
        """
        self._home = home
        self._stack = stack
        self._folder = project.with_name(f"{project.name}-command-line")
        shutil.copytree(project, self._folder)
        self._server = grpc.server(ThreadPoolExecutor(max_workers=4))
        add_LanguageRuntimeServicer_to_server(_NoLanguage(), self._server)
        port = self._server.add_insecure_port("127.0.0.1:0")
        file = self._folder / "Pulumi.yaml"
        settings: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        address = {"address": f"127.0.0.1:{port}"}
        settings["runtime"] = {"name": "client", "options": address}
        file.write_text(yaml.safe_dump(settings), encoding="utf-8")

    def __enter__(self) -> Self:
        """Serve the language host."""
        self._server.start()
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop it."""
        self._server.stop(grace=None)

    def cancel(self) -> None:
        """Take away the lock that a killed run leaves: `pulumi cancel`."""
        self.pulumi("cancel", "--yes")

    def export(self) -> dict[str, Any]:
        """Read the state: `pulumi stack export`."""
        return json.loads(self.pulumi("stack", "export"))

    def under_way(self) -> list[str]:
        """List the URNs whose creation the state says is under way, and no more."""
        deployment = self.export()["deployment"]
        known = {one["urn"] for one in deployment["resources"]}
        pending: list[dict[str, Any]] = deployment.get("pending_operations") or []
        urns: list[str] = [
            one["resource"]["urn"] for one in pending if one["type"] == "creating"
        ]
        return [urn for urn in dict.fromkeys(urns) if urn not in known]

    def recover(self) -> str:
        """Bring in what a killed run lost sight of, by the documented command.

        Returns:
            What `pulumi import` showed; some of it may have failed.
        """
        rows = _recover(self.pulumi("stack", "export"))
        return self.pulumi(*IMPORT, text=rows, check=False)

    def recover_planned(self, preview: str, names: Sequence[str]) -> None:
        """Bring in what a run was refused for, by the documented command.

        Args:
            preview: What `pulumi preview --json` prints.
            names: Names of the resources, as the engine shows them.

        Raises:
            RuntimeError: Something of it could not be imported.
        """
        self.pulumi(*IMPORT, text=_recover(preview, *names))

    def forget_pending(self) -> None:
        """Take the notes of creations under way out of the state."""
        self.pulumi("refresh", "--clear-pending-creates", "--yes")

    def pulumi(self, *arguments: str, text: str = "", check: bool = True) -> str:
        """Run one command and give what it printed.

        Args:
            arguments: Of the command; the stack is added.
            text: Standard input. Default: none.
            check: Whether to raise when it fails. Default: yes.

        Raises:
            RuntimeError: It failed.
        """
        done = subprocess.run(  # noqa: S603 - the sandbox's own engine
            [
                str(self._home.command_root / "bin" / "pulumi"),
                *arguments,
                "--non-interactive",
                "--stack",
                self._stack,
            ],
            cwd=self._folder,
            env={**os.environ, **self._home.environment},
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode:
            message = f"pulumi {' '.join(arguments)}: {done.stderr}{done.stdout}"
            raise RuntimeError(message)
        return done.stdout


def _recover(text: str, *names: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own program
        [*RECOVER, *names], input=text, capture_output=True, text=True, check=False
    )
    if done.returncode:
        message = f"eks-irsa recover: {done.returncode} {done.stderr}"
        raise RuntimeError(message)
    return done.stdout


class _NoLanguage(LanguageRuntimeServicer):
    """A language host of a project that needs nothing and is never run."""

    @override
    def GetPluginInfo(
        self, request: Empty, context: grpc.ServicerContext
    ) -> plugin_pb2.PluginInfo:
        del request, context
        return plugin_pb2.PluginInfo(version="0.0.0")

    @override
    def GetRequiredPackages(
        self,
        request: language_pb2.GetRequiredPackagesRequest,
        context: grpc.ServicerContext,
    ) -> language_pb2.GetRequiredPackagesResponse:
        del request, context
        return language_pb2.GetRequiredPackagesResponse()
