"""What is read of AWS and of clusters, without an engine and without a network."""

import pytest
from live_estates import Estate


@pytest.fixture(name="estate")
def _estate() -> Estate:
    """Return an AWS account without anything."""
    return Estate()
