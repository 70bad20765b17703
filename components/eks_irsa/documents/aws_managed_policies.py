"""What AWS's own managed policies allow, as data with a named source and date.

Holds the few that roles of service accounts are given most; of every other one nothing
is known here. AWS changes them without notice, so the date goes with the content.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final, TypedDict, cast

__all__ = ["AwsManagedPolicy", "aws_managed_policies_source", "aws_managed_policy"]

# The content in other partitions is not the same, and is in no list that was found.
_PREFIX: Final = "arn:aws:iam::aws:policy/"


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsManagedPolicy:
    """One managed policy of AWS.

    Attributes:
        arn: Its ARN.
        name: Path and name, such as `service-role/AmazonEBSCSIDriverPolicy`.
        version: AWS's own version of the content, `v<number>`.
        updated: Day on which AWS made that version, `<year>-<month>-<day>`.
        document: The policy as JSON.
    """

    arn: str
    name: str
    version: str
    updated: str
    document: str


def aws_managed_policy(arn: str) -> AwsManagedPolicy | None:
    """Look up what a managed policy of AWS allows.

    Args:
        arn: ARN of a managed policy, AWS's or a customer's.

    Returns:
        Its content at the date of `aws_managed_policies_source`; None if it is not
        AWS's or not among those known here.
    """
    if not arn.startswith(_PREFIX):
        return None
    entry = _file()["policies"].get(arn.removeprefix(_PREFIX))
    if entry is None:
        return None
    return AwsManagedPolicy(
        arn=arn,
        name=arn.removeprefix(_PREFIX),
        version=entry["version"],
        updated=entry["updated"],
        document=json.dumps(entry["document"]),
    )


def aws_managed_policies_source() -> str:
    """Say where the content comes from and how old it may be."""
    file = _file()
    return f"{file['source']}, which holds AWS's changes up to {file['newest']}"


class _Entry(TypedDict):
    version: str
    updated: str
    document: dict[str, object]


class _File(TypedDict):
    source: str
    newest: str
    policies: dict[str, _Entry]


@cache
def _file() -> _File:
    file = resources.files("eks_irsa.documents").joinpath("aws_managed_policies.json")
    return cast("_File", json.loads(file.read_text(encoding="utf-8")))
