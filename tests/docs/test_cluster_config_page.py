"""docs/cluster-config.md names every problem there can be, and none that cannot."""

import re
from pathlib import Path
from typing import Final

from eks_irsa.cluster_config.model import ServiceAccount

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs/cluster-config.md").read_text(encoding="utf-8")
CODE: Final = re.compile(r"(?<![\w-])[EW]-[A-Z0-9]+(?:-[A-Z0-9]+)*(?![\w-])")


def test_every_code_is_on_the_page_once() -> None:
    """Whoever meets a code can look it up."""
    sources = (ROOT / "components/eks_irsa").rglob("*.py")
    in_code = {
        code
        for source in sources
        for code in re.findall(r'"([EW]-[A-Z0-9-]+)"', source.read_text("utf-8"))
    }

    assert sorted(CODE.findall(PAGE)) == sorted(in_code)


def test_every_key_of_an_entry_is_on_the_page() -> None:
    """What can be written in an entry is explained."""
    keys = {
        field.alias or name for name, field in ServiceAccount.model_fields.items()
    } - {"metadata"}

    assert [key for key in sorted(keys) if f"`{key}`" not in PAGE] == []
