"""Previewing a stack that its backend does not have, so that nothing is left of it.

Knows no Pulumi SDK: `eks-irsa preview` uses it too.
"""

import os
import secrets
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from eks_irsa.documents.printable import printable
from eks_irsa.settings.project import stack_files_of
from eks_irsa.settings.stack_file import project_file_of
from eks_irsa.source.document import Pairs
from eks_irsa.source.yaml_text import parse

__all__ = ["stack_file_kept", "temporary_backend"]

# Source: https://github.com/pulumi/pulumi/blob/v3.230.0/sdk/go/common/workspace/project.go
_OF_ENGINE: Final = frozenset({"secretsprovider", "encryptedkey", "encryptionsalt"})
_EDITED: Final = (
    "was edited during the preview, and is left so: see whether its secretsprovider, "
    "encryptedkey and encryptionsalt are yours"
)
_PASSPHRASES: Final = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")


@contextmanager
def temporary_backend() -> Generator[dict[str, str]]:
    """Make a backend that is gone afterwards.

    Yields:
        The variables under which the engine uses it.
    """
    with TemporaryDirectory() as backend:
        variables = {"PULUMI_BACKEND_URL": Path(backend).as_uri()}
        if not any(name in os.environ for name in _PASSPHRASES):
            # Nothing is encrypted with it that anybody reads.
            variables[_PASSPHRASES[0]] = secrets.token_hex()
        yield variables


@contextmanager
def stack_file_kept(
    stack: str, *, project: Path, told: Callable[[str], None]
) -> Generator[None]:
    """Put the file of a stack back to what it was, or take it away again.

    The engine writes into it, and takes another provider of secrets out. A file that
    somebody edits meanwhile is left as it is.

    Args:
        stack: Its name, without organization and project.
        project: A folder in the project, such as that of Pulumi.yaml.
        told: Is told of a file that is left.
    """
    file = project_file_of(project / "Pulumi.yaml")
    before = {} if file is None else _files(stack, file)
    try:
        yield
    finally:
        for path, text in ({} if file is None else _files(stack, file)).items():
            former = before.get(path)
            if text == former:
                continue
            if _without_engine(text) != _without_engine(former or b""):
                told(f"{printable(str(path))} {_EDITED}")
            elif former is None:
                path.unlink()
            else:
                path.write_bytes(former)


def _without_engine(text: bytes) -> object:
    """Read a stack file without what the engine writes; what is no map, as it is."""
    document = parse(text)
    root = Pairs() if document.root is None else document.root
    if document.faults or not isinstance(root, Pairs):
        return text
    return {key: one for key, one in root.items() if one and key not in _OF_ENGINE}


def _files(stack: str, project: Path) -> dict[Path, bytes]:
    """Read the files of a stack; of another one none, whose engine may run too."""
    return {
        file: file.read_bytes()
        for file in stack_files_of(project)
        if file.name == f"Pulumi.{stack}{project.suffix}"
    }
