"""The oldest engine that is promised, on the main job; the others run a current one.

What differs between engines is theirs: this holds what the stack program asks of them.
"""

from collections.abc import Callable
from pathlib import Path

import pulumi.automation as auto
import pytest
from workbench import Workbench

from sandbox.binaries import MissingProgramsError, find_or_build_program
from sandbox.binaries.programs import OLDEST_ENGINE

pytestmark = pytest.mark.engine


@pytest.fixture(name="oldest_engine")
def _oldest_engine(tmp_path: Path) -> auto.PulumiCommand:
    """Give the engine as the Automation API wants it, in a folder `bin`."""
    try:
        engine = find_or_build_program(OLDEST_ENGINE, report=print)
    except MissingProgramsError as missing:
        pytest.skip(str(missing))
    (tmp_path / "oldest" / "bin").mkdir(parents=True)
    (tmp_path / "oldest" / "bin" / "pulumi").symlink_to(engine)
    return auto.PulumiCommand(str(tmp_path / "oldest"))


def test_the_oldest_engine_makes_what_a_current_one_finds_nothing_to_change_in(
    bench: Callable[..., Workbench], oldest_engine: auto.PulumiCommand
) -> None:
    """A stack may change engines between two runs, and go back to destroy."""
    cluster_13 = bench()
    before = cluster_13.inventory()
    current_engine = cluster_13.stack.workspace.pulumi_command

    cluster_13.stack.workspace.pulumi_command = oldest_engine
    previewed = cluster_13.preview()
    made = cluster_13.up()
    again = cluster_13.preview(expect_no_changes=True)
    cluster_13.stack.workspace.pulumi_command = current_engine
    current = cluster_13.preview(expect_no_changes=True)
    cluster_13.stack.workspace.pulumi_command = oldest_engine
    cluster_13.destroy()

    operations = {(step.operation, step.type, step.name) for step in previewed}
    assert operations == {(step.operation, step.type, step.name) for step in made}
    assert again == current == []
    left = cluster_13.inventory()
    assert (left.providers, left.roles) == (before.providers, before.roles)
    assert left.service_accounts == before.service_accounts
