"""Which managed policies AWS has, and what a name that is none of them was to be.

Names, versions and dates alone, so that one ARN costs a millisecond; what the policies
allow is in `aws_managed_policies`. AWS adds some every week, so a name that is not
here is doubtful and never wrong.
"""

import difflib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

__all__ = ["AwsPolicyIndex", "aws_policy_index", "unknown_policy_fault"]

# Partition of the AWS accounts that the names were listed in.
_LISTED: Final = "aws"
_MARK: Final = ":iam::aws:policy/"
# Nearer than this a name is a slip, not another policy.
_CLOSE_ENOUGH: Final = 0.75
# Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html
# (PolicyNotAttachable): roles of AWS's services alone can have them.
_OF_SERVICES: Final = "aws-service-role/"


@dataclass(frozen=True, kw_only=True, slots=True)
class AwsPolicyIndex:
    """AWS's managed policies at one time.

    Attributes:
        source: What they were taken from, name and version.
        newest: Day of the latest change it holds, `<year>-<month>-<day>`.
        policies: Path and name, such as `service-role/AmazonEBSCSIDriverPolicy` ->
            AWS's own version of the content, `v<number>`, and the day on which AWS
            made that version; in the order of the contents.
    """

    source: str
    newest: str
    policies: Mapping[str, tuple[str, str]]


@cache
def aws_policy_index() -> AwsPolicyIndex:
    """Read the list of AWS's managed policies in the partition `aws`."""
    data = pkgutil.get_data("eks_irsa.documents", "aws_managed_policies.tsv") or b""
    first, *lines = data.decode().splitlines()
    source, newest = first.split("\t")
    rows = (line.split("\t") for line in lines)
    policies = {name: (version, updated) for name, version, updated in rows}
    return AwsPolicyIndex(source=source, newest=newest, policies=policies)


def unknown_policy_fault(arn: str) -> str | None:
    """Say that AWS has no managed policy of this name, as far as is known.

    Args:
        arn: ARN of a managed policy, AWS's or a customer's.

    Returns:
        What is doubtful, with the right ARN if one is near; None for a policy that AWS
        has, and for one of a customer. Of the other partitions than `aws` no list is
        known: there a name is doubtful if `aws` has one that is nearly the same.
    """
    head, mark, name = arn.partition(_MARK)
    index = aws_policy_index()
    if not mark or name in index.policies:
        return None
    near = _near(name)
    partition = head.removeprefix("arn:")
    if partition != _LISTED and near is None:
        return None
    where = "" if partition == _LISTED else f" in the partition {_LISTED}"
    remedy = (
        f"did you mean {head + mark + near!r}?"
        if near
        else "compare it with the output of 'aws iam list-policies --scope AWS'"
    )
    return (
        f"AWS had no managed policy {name!r}{where} on {index.newest}, the date of our "
        f"list; {remedy}"
    )


@cache
def _near(name: str) -> str | None:
    """Find the policy that *name* misspells or gives another path."""
    by_name = _by_last_part()
    folded = name.rpartition("/")[2].casefold()
    if folded in by_name:
        return by_name[folded]
    near = difflib.get_close_matches(folded, by_name, n=1, cutoff=_CLOSE_ENOUGH)
    return by_name[near[0]] if near else None


@cache
def _by_last_part() -> Mapping[str, str]:
    return {
        name.rpartition("/")[2].casefold(): name
        for name in aws_policy_index().policies
        if not name.startswith(_OF_SERVICES)
    }
