"""What a request to a REST service asks for, held to botocore's models of them."""

import importlib
import re
from typing import Any

import pytest

from sandbox.aws.call import WireRequest, read_call

COVERED = {
    "AssumeRoleForPodIdentity",
    "CreateCluster",
    "CreatePodIdentityAssociation",
    "DeleteCluster",
    "DeletePodIdentityAssociation",
    "DescribeAddon",
    "DescribeCluster",
    "DescribePodIdentityAssociation",
    "ListAddons",
    "ListClusters",
    "ListPodIdentityAssociations",
    "TagResource",
    "UntagResource",
    "UpdatePodIdentityAssociation",
}


def _operations() -> dict[str, tuple[str, str, str]]:
    """Name of every operation -> service, method and path."""
    session: Any = importlib.import_module("botocore.session").get_session()
    found: dict[str, tuple[str, str, str]] = {}
    for service in ("eks", "eks-auth"):
        model = session.get_service_model(service)
        for name in model.operation_names:
            http = model.operation_model(name).http
            found[name] = (service, http["method"], http["requestUri"])
    return found


OPERATIONS = _operations()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_operation_is_known_by_its_method_and_path(operation: str) -> None:
    """No other operation is taken for one that the sandbox covers."""
    service, method, path = OPERATIONS[operation]
    authorization = (
        f"AWS4-HMAC-SHA256 Credential=A/20260101/us-west-2/{service}/aws4_request, "
        f"SignedHeaders=host, Signature={'0' * 64}"
    )
    request = WireRequest(
        method=method,
        path=re.sub(r"\{[^}]+\}", "a%3Ab%2Fc", path),
        query="",
        headers={"authorization": authorization},
        body=b"",
    )

    call = read_call(request)

    assert (call.action in COVERED) is (operation in COVERED)
    assert operation not in COVERED or call.action == operation
    assert operation not in COVERED or set(request.names) <= {"a:b/c"}
