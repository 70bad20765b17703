"""The Pulumi CLI as people use it: the commands that the Automation API lacks."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

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
    """One stack of a project."""

    def __init__(self, *, home: EngineHome, project: Path, stack: str) -> None:
        """Remember what the commands are about.

        Args:
            home: Where the engine runs.
            project: Folder of Pulumi.yaml.
            stack: Name of the stack; it need not be there yet.
        """
        self._home = home
        self._project = project
        self._stack = stack

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
            cwd=self._project,
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
