"""docs/reliability.md gives the commands that the engine tests run."""

from pathlib import Path
from typing import Final

from reliability.command_line import IMPORT

PAGE: Final = (Path(__file__).parents[2] / "docs/reliability.md").read_text("utf-8")


def test_the_commands_are_those_that_were_tried() -> None:
    """The harness pipes the same three commands."""
    last = " ".join(("pulumi", *IMPORT))

    assert f"pulumi stack export | eks-irsa recover | {last}\n" in PAGE
    assert (
        f"pulumi preview --json | eks-irsa recover apps/reader-role | {last}\n" in PAGE
    )
