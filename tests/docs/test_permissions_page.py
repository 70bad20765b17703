"""docs/permissions.md: what its commands need has a row each.

That they need nothing else is held by the engine tests of each command.
"""

import pytest
from least_privilege import PERMISSIONS, actions, verbs


def rows(command: str) -> list[str]:
    """List what the table of a command names."""
    text = PERMISSIONS.with_suffix(".md").read_text(encoding="utf-8")
    _, _, table = text.partition(f"\n| {command} | for | without it |\n| --- |")
    lines = table.partition("\n\n")[0].splitlines()[1:]
    return [line.split("`")[1] for line in lines]


@pytest.mark.parametrize("command", ["doctor", "adopt"])
def test_table_of_a_command_is_what_its_files_grant(command: str) -> None:
    """One row for each."""
    named = rows(command)

    assert len(named) == len({*named})
    assert {*named} == actions(command) | verbs(command)
