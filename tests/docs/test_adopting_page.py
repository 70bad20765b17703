"""docs/adopting.md: its commands are in the order that loses nothing, and are commands.

tests/engine/test_adoption.py goes the way, tests/cli/test_cloudformation.py its steps.
"""

import importlib
import re
import shlex
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs/adopting.md").read_text(encoding="utf-8")
WAY: Final = (
    "eks-irsa adopt cluster.yaml",
    "eks-irsa cloudformation retain",
    "eks-irsa cloudformation retain",
    "pulumi stack select",
    "pulumi preview",
    "pulumi up",
    "pulumi preview",
    "eks-irsa cloudformation delete",
    "eks-irsa cloudformation delete",
    "pulumi config rm adopt",
    "pulumi preview",
)


def typed(beginning: str) -> list[str]:
    """Give the commands of the way from eksctl that begin so, in its order."""
    _, _, rest = PAGE.partition("\n## From eksctl\n")
    way, _, _ = rest.partition("\n## ")
    return re.findall(rf"^ *({beginning} .*|{beginning})$", way, re.MULTILINE)


def test_the_way_is_in_the_order_that_loses_nothing() -> None:
    """Retain, take in, delete; each command of ours is said before it is done."""
    found = typed("(?:eks-irsa|pulumi)(?: [a-z]+)*")

    assert [one.partition(" --")[0] for one in found] == [*WAY]
    for command in ("retain", "delete"):
        said, done = (one for one in found if f" {command} " in one)
        assert done == f"{said} --approve"


@pytest.mark.parametrize("line", typed("aws cloudformation"))
def test_commands_of_the_aws_cli_are_ones(line: str) -> None:
    """Each names an operation and members of its input; a wait is one of botocore's."""
    client = importlib.import_module("boto3").client(
        "cloudformation", region_name="us-west-2"
    )
    words = shlex.split(line.partition(" > ")[0])[2:]
    name, *flags = words if words[0] != "wait" else words[1:]
    if words[0] == "wait":
        assert name.replace("-", "_") in client.waiter_names
        return
    operation = next(
        value
        for key, value in client.meta.method_to_api_mapping.items()
        if key == name.replace("-", "_")
    )
    shape: Any = client.meta.service_model.operation_model(operation).input_shape
    members = {_dashed(one) for one in shape.members} | {"query"}
    given = {
        one.removeprefix("--").removeprefix("no-") for one in flags if one[:2] == "--"
    }
    assert given <= members


def _dashed(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def test_the_picture_says_who_owns_what() -> None:
    """A step for each command that changes an owner."""
    text = (ROOT / "docs/images/adopting.svg").read_text(encoding="utf-8")
    words = re.findall(r"<text[^>]*>([^<]+)</text>", text)

    steps = ["cloudformation retain", "pulumi up", "cloudformation delete"]
    assert [one for one in words if one in steps] == steps
    assert (words.count("eksctl"), words.count("Pulumi"), words.count("gone")) == (
        7,
        4,
        1,
    )
