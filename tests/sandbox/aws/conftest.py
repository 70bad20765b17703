"""One AWS for all tests of this folder, so that moto is loaded once.

Its state is shared: every test works on names of its own, made from the test's name.
"""

import hashlib
from collections.abc import Iterator
from typing import Final

import pytest
from aws_client import AwsClient

from sandbox.aws.server import Aws, start_aws

ACCOUNT_ID: Final = "410987654321"


@pytest.fixture(scope="session")
def aws() -> Iterator[Aws]:
    """Serve an account in us-west-2, not the one that the engine tests' sandbox has."""
    with start_aws(region="us-west-2", account_id=ACCOUNT_ID) as started:
        yield started
        assert started.failures == ()


@pytest.fixture(scope="session")
def client(aws: Aws) -> AwsClient:
    """Call the account as its administrator."""
    return AwsClient(aws)


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """Name what this test makes, and no other."""
    test = str(request.node.nodeid)
    return f"t-{hashlib.sha256(test.encode()).hexdigest()[:16]}"


@pytest.fixture
def issuer_url(name: str) -> str:
    """Name an issuer no other test knows."""
    return f"https://oidc.eks.us-west-2.amazonaws.com/id/{name}"
