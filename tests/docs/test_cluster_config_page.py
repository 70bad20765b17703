"""docs/cluster-config.md names every problem there can be, and none that cannot."""

import re
from pathlib import Path
from typing import Final

import pytest

from eks_irsa.cluster_config.asked import ASKED_BY_ADD_ON
from eks_irsa.cluster_config.entry_models import PodIdentityAssociation, ServiceAccount
from eks_irsa.codes import CODES
from eks_irsa.documents.add_ons import ADD_ONS

ROOT: Final = Path(__file__).parents[2]
FILE: Final = ROOT / "docs/cluster-config.md"
PAGE: Final = FILE.read_text(encoding="utf-8")
TABLES: Final = re.compile(
    r"(<!-- begin of codes -->)\n.*(<!-- end of codes -->)", re.DOTALL
)


def table_of(severity: str, heading: str) -> str:
    """Write the codes of one severity as a table."""
    rows = [
        f"| `{code}` | {text} |"
        for code, text in CODES.items()
        if code.startswith(severity)
    ]
    return "\n".join([f"| {heading} | what is wrong |", "| --- | --- |", *rows])


def test_the_tables_of_codes_are_those_of_the_code(
    request: pytest.FixtureRequest,
) -> None:
    """Whoever meets a code can look it up; `--update-golden` writes the tables."""
    tables = "\n\n".join([table_of("E-", "error"), table_of("W-", "warning")])
    page = TABLES.sub(lambda found: f"{found[1]}\n{tables}\n{found[2]}", PAGE)
    if request.config.getoption("--update-golden"):
        FILE.write_text(page, encoding="utf-8")
        return

    assert page == PAGE


def test_every_code_is_listed_once_and_used() -> None:
    """What is said of a code stands in one place, in order."""
    sources = (ROOT / "components/eks_irsa").rglob("*.py")
    in_code = {
        code
        for source in sources
        if source.parent.name != "codes"
        for code in re.findall(r'"([EW]-[A-Z0-9-]+)"', source.read_text("utf-8"))
    }

    assert list(CODES) == sorted(in_code)
    assert all(text and "\n" not in text and "|" not in text for text in CODES.values())


def test_every_key_of_an_entry_is_on_the_page() -> None:
    """What can be written in an entry is explained."""
    keys = {
        field.alias or name
        for model in (ServiceAccount, PodIdentityAssociation)
        for name, field in model.model_fields.items()
    } - {"metadata"}
    keys |= {".".join(map(str, path)) for path in ASKED_BY_ADD_ON.values()} - {"name"}

    assert [key for key in sorted(keys) if f"`{key}`" not in PAGE] == []


def test_every_known_add_on_is_on_the_page() -> None:
    """Whoever gives one a role by IRSA sees whom the role trusts."""
    rows = [
        f"| `{name}` | `{known.namespace}` | "
        + ", ".join(f"`{one}`" for one in (known.service_account, *known.others))
        + " |"
        for name, known in ADD_ONS.items()
    ]

    head = "| add-on | namespace | service accounts |\n| --- | --- | --- |\n"
    assert f"{head}{chr(10).join(rows)}\n\n" in PAGE
