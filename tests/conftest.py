"""What every test may use."""

from pathlib import Path

import pytest
from golden_files import GoldenFiles
from hypothesis import settings

from sandbox.plugins.installation import real_plugins_in

# A machine that is busy is no failure.
settings.register_profile("project", deadline=None)
settings.load_profile("project")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that accepts what the code gives now."""
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="rewrite the files of tests/golden that the selected tests compare with",
    )
    parser.addoption(
        "--plugins",
        type=real_plugins_in,
        default=frozenset[str](),
        dest="real_plugins",
        help="provider plugins of the engine tests: the sandbox's doubles (double, "
        "default), or those that are installed in PULUMI_HOME or on PATH (real, "
        "aws=real, kubernetes=real)",
    )


@pytest.fixture(name="golden")
def _golden(request: pytest.FixtureRequest) -> GoldenFiles:
    """Compare a text with a file under tests/golden: `golden(name, text)`."""
    return GoldenFiles(
        folder=Path(__file__).parent / "golden",
        test=request.node.nodeid,
        update=bool(request.config.getoption("--update-golden")),
    )
