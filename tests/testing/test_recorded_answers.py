"""What programs get without a cloud is what the real AWS plugin gave.

Held to tests/recordings: each role and OIDC provider that the plugin had in its state
after a step.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest

from eks_irsa.testing import ACCOUNT_ID, MockAws

RECORDINGS: Final = Path(__file__).parents[1] / "recordings/aws"
# Of the AWS account and the clusters of the recordings.
RECORDED_ACCOUNT_ID: Final = "123456789012"
ADDED: Final = {
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": ("id", "arn"),
    "aws:iam/role:Role": ("id", "arn", "name"),
}


def recorded(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give name and recorded state of each resource of a type that was made."""
    for path in sorted(RECORDINGS.glob("*.json")):
        for step in json.loads(path.read_text(encoding="utf-8")).values():
            for place, state in step.get("state", {}).items():
                of, _, name = place.partition(" ")
                if of == kind and state["inputs"]:
                    yield name, state


@pytest.mark.parametrize("kind", ADDED)
def test_resources_get_what_the_plugin_gave(kind: str) -> None:
    """Id, ARN and name, from the inputs alone."""
    seen = [*recorded(kind)]

    assert len(seen) > 10
    for name, state in seen:
        inputs = {key: value for key, value in state["inputs"].items() if key[0] != "_"}
        text = json.dumps(inputs).replace(RECORDED_ACCOUNT_ID, ACCOUNT_ID)
        args = SimpleNamespace(
            typ=kind, name=name, inputs=json.loads(text), resource_id=""
        )
        identity, made = MockAws().new_resource(args)

        given = {"id": identity, **made}
        expected = {key: state["outputs"][key] for key in ADDED[kind]}
        expected = json.loads(
            json.dumps(expected).replace(RECORDED_ACCOUNT_ID, ACCOUNT_ID)
        )
        assert {key: given[key] for key in ADDED[kind]} == expected
