"""Tags of roles: what IAM takes, and those we write ourselves."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

__all__ = ["EKSCTL_STACK", "OWN_TAG_PREFIX", "STACK_NAME_TAG", "tag_faults"]

# Tags we put on what we make begin with this.
OWN_TAG_PREFIX: Final = "eks-irsa/"
# AWS puts it on whatever a CloudFormation stack made.
# Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
STACK_NAME_TAG: Final = "aws:cloudformation:stack-name"
# Begins the names of eksctl's stacks.
# Source: eksctl, pkg/cfn/manager (eksctl-<cluster>-addon-iamserviceaccount-...)
EKSCTL_STACK: Final = "eksctl-"
# Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html, whose
# classes are Unicode's: letters and digits of any script, and separators (category Z),
# among which is neither tab nor line feed.
_MAX_KEY: Final = 128
_MAX_VALUE: Final = 256
_TEXT: Final = re.compile(
    r"[\w \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000.:/=+\-@]*"
)


def tag_faults(tags: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    """Find the tags of a role that IAM would refuse, or that are ours to write.

    Args:
        tags: Key -> value; None stands for the empty text.

    Yields:
        The key, and what is wrong with it or with its value.
    """
    first: dict[str, str] = {}
    for key, value in tags.items():
        if fault := _key_fault(key) or _value_fault(key, value or ""):
            yield key, fault
        # Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
        earlier = first.setdefault(key.lower(), key)
        if earlier != key:
            message = f"IAM takes {key!r} and {earlier!r} for one key; keep one of them"
            yield key, message


def _key_fault(key: str) -> str | None:
    if key.lower().startswith("aws:"):
        return f"the tag {key!r} begins with 'aws:', which AWS keeps to itself"
    if key.lower().startswith(OWN_TAG_PREFIX):
        return f"tags that begin with {OWN_TAG_PREFIX!r} are written by eks-irsa"
    if 1 <= len(key) <= _MAX_KEY and _TEXT.fullmatch(key):
        return None
    return (
        f"{key!r} cannot be the key of a tag; expected 1 to 128 letters, digits, "
        "spaces and '_.:/=+-@'"
    )


def _value_fault(key: str, value: str) -> str | None:
    if len(value) <= _MAX_VALUE and _TEXT.fullmatch(value):
        return None
    return (
        f"{value!r} cannot be the value of the tag {key!r}; expected at most 256 "
        "letters, digits, spaces and '_.:/=+-@'"
    )
