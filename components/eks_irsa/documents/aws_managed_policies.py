"""What AWS's own managed policies allow, as data with a named source and date.

Holds every one of the partition `aws`, compressed. AWS changes them without notice, so
the date goes with the content.
"""

import lzma
import pkgutil
from dataclasses import dataclass
from functools import cache
from typing import Final

from eks_irsa.documents.aws_managed_policy_names import aws_policy_index

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
        AWS's, is younger than that, or is in another partition than `aws`.
    """
    policies = aws_policy_index().policies
    name = arn.removeprefix(_PREFIX)
    if not arn.startswith(_PREFIX) or name not in policies:
        return None
    version, updated = policies[name]
    return AwsManagedPolicy(
        arn=arn,
        name=name,
        version=version,
        updated=updated,
        document=_documents()[name],
    )


def aws_managed_policies_source() -> str:
    """Say where the content comes from and how old it may be."""
    index = aws_policy_index()
    return f"{index.source}, which holds AWS's changes up to {index.newest}"


@cache
def _documents() -> dict[str, str]:
    """Return name -> policy as JSON; one line of the file holds one, in index order."""
    data = pkgutil.get_data("eks_irsa.documents", "aws_managed_policies.xz") or b""
    lines = lzma.decompress(data).decode().splitlines()
    return dict(zip(aws_policy_index().policies, lines, strict=True))
