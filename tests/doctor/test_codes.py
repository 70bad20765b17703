"""Every code of the doctor is explained in one place, and used."""

import re
from pathlib import Path
from typing import Final

from eks_irsa.doctor.codes import CODES
from eks_irsa.doctor.model import LINKS

PACKAGE: Final = Path(__file__).parents[2] / "components/eks_irsa"
TESTS: Final = Path(__file__).parent
CODE: Final = re.compile(r'"(D-[A-Z0-9-]+)"')


def used_in(folder: Path, *, but: str) -> set[str]:
    """List the codes that the files of a folder name."""
    return {
        code
        for path in folder.rglob("*.py")
        if path.name != but
        for code in CODE.findall(path.read_text("utf-8"))
    }


def test_every_code_is_listed_and_used() -> None:
    """What is said of a code stands in one place."""
    assert used_in(PACKAGE, but="codes.py") == {*CODES}


def test_every_code_is_provoked() -> None:
    """By a test of this folder."""
    assert used_in(TESTS, but="test_codes.py") == {*CODES}


def test_codes_are_in_the_order_of_the_chain_and_fit_a_table() -> None:
    """The table of the page is made from them."""
    order = [LINKS.index(code.link) for code in CODES.values()]

    assert order == sorted(order)
    assert all("|" not in one.text and "\n" not in one.text for one in CODES.values())
