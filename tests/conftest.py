"""What every test may use."""

from pathlib import Path

import pytest
from golden_files import GoldenFiles
from hypothesis import settings

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
        choices=["double", "real"],
        default="double",
        dest="provider_plugins",  # pytest has a "plugins" of its own
        help="provider plugins of the engine tests: the sandbox's doubles (default), "
        "or the real ones that are installed in PULUMI_HOME or on PATH",
    )


@pytest.fixture(name="golden")
def _golden(request: pytest.FixtureRequest) -> GoldenFiles:
    """Compare a text with a file under tests/golden: `golden(name, text)`."""
    return GoldenFiles(
        folder=Path(__file__).parent / "golden",
        test=request.node.nodeid,
        update=bool(request.config.getoption("--update-golden")),
    )
