"""docs/reliability.md is what `make reliability` writes, and gives what it runs."""

import re
from pathlib import Path
from typing import Final

from sandbox.reliability.command_line import IMPORT

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs/reliability.md").read_text(encoding="utf-8")


def test_the_page_holds_its_whole_text_and_every_table() -> None:
    """Neither was changed without the other."""
    text = (ROOT / "sandbox/reliability/page.md").read_text(encoding="utf-8")
    parts = re.split(r"<!-- \w+ -->", text)

    written = re.fullmatch("(.+)".join(map(re.escape, parts)), PAGE, re.DOTALL)

    assert written is not None
    assert all(table.startswith("| ") for table in written.groups())


def test_the_commands_are_those_that_were_tried() -> None:
    """The harness pipes the same three commands."""
    last = " ".join(("pulumi", *IMPORT))

    assert f"pulumi stack export | eks-irsa recover | {last}\n" in PAGE
    assert (
        f"pulumi preview --json | eks-irsa recover apps/reader-role | {last}\n" in PAGE
    )
