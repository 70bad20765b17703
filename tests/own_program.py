"""A Pulumi program of one's own, with its stack."""

from pathlib import Path

from sandbox.engine import open_stack
from sandbox.session import Sandbox

__all__ = ["Program"]


class Program:
    """A Pulumi program in a folder of its own, with its stack."""

    def __init__(self, sandbox: Sandbox, folder: Path, text: str) -> None:
        """Write the program and open its stack."""
        folder.mkdir()
        (folder / "Pulumi.yaml").write_text("name: own\nruntime: python\n")
        (folder / "__main__.py").write_text(text, encoding="utf-8")
        self.stack = open_stack(
            sandbox.engine_home(), project=folder, stack=folder.name
        )
