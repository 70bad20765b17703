"""The two ways settings come in: Pulumi's configuration and the stack file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from eks_irsa.settings.reading import StackSettings
from eks_irsa.settings.stack_file import read_stack_file


@pytest.fixture(name="read_stack")
def _read_stack(tmp_path: Path) -> Callable[[str], StackSettings]:
    """Read the text of a stack file: `read_stack(text)`."""
    file = tmp_path / "Pulumi.dev.yaml"

    def read(text: str) -> StackSettings:
        file.write_text(text, encoding="utf-8")
        return read_stack_file(file)

    return read
