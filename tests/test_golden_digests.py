"""Digests of many texts: what a test is told when some of them change."""

from pathlib import Path

import pytest
from golden_digests import difference
from golden_files import GoldenFiles

ROLE = "Role a\n  path: /\n  tags: none\n"
TEXTS = {"one": ROLE, "two": ROLE.replace("a", "b", 1)}


def golden(folder: Path, *, update: bool = False) -> GoldenFiles:
    """Compare with the files of a folder."""
    return GoldenFiles(folder=folder, test="tests/test_roles.py", update=update)


def test_equal_texts_pass(tmp_path: Path) -> None:
    """What was written is accepted, and a review sees one line a text."""
    golden(tmp_path, update=True).digests("roles", TEXTS)

    golden(tmp_path).digests("roles", TEXTS)

    assert (tmp_path / "roles.txt").read_text(encoding="utf-8") == (
        "2729b764d6f962cf13baa580c48001e2  one\nf379893877d2378630ff512417ae2515  two\n"
    )


def test_another_text_fails_with_the_lines_that_changed(tmp_path: Path) -> None:
    """The whole message: which lines, where, and how to accept them."""
    golden(tmp_path, update=True).digests("roles", TEXTS)
    changed = {name: text.replace("none", "team") for name, text in TEXTS.items()}

    with pytest.raises(pytest.fail.Exception) as failed:
        golden(tmp_path).digests("roles", changed)

    assert failed.value.msg == (
        f"{tmp_path.name}/roles.txt holds other digests:\n"
        "+ Role tags: team\n"
        "      2 times in 2 texts, such as 'one' a\n"
        "- Role tags: none\n"
        "      2 times in 2 texts, such as 'one' a\n"
        "If the change is meant, accept it and review the diff:\n"
        "    pytest --update-golden tests/test_roles.py"
    )


def test_texts_that_came_and_went_are_named() -> None:
    """A run more or less is no change of a line."""
    assert [*difference({"one": ROLE}, {"two": ROLE})] == [
        "- the whole of 'one'",
        "+ the whole of 'two'",
    ]


def test_another_order_of_lines_is_a_difference() -> None:
    """The order of keys in a policy is part of its text."""
    other = "Role a\n  tags: none\n  path: /\n"

    assert [*difference({"one": ROLE}, {"one": other})] == [
        "the same lines in another order in 'one'"
    ]


def test_a_list_that_was_edited_by_hand_fails(tmp_path: Path) -> None:
    """Digests that are not those of the kept texts prove nothing."""
    golden(tmp_path, update=True).digests("roles", TEXTS)
    (tmp_path / "roles.txt").write_text("0  one\n", encoding="utf-8")

    with pytest.raises(pytest.fail.Exception):
        golden(tmp_path).digests("roles", TEXTS)
