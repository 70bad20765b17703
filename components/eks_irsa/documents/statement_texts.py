"""What IAM refuses of an action and of a resource, text by text.

Checks the shape alone: whether an action or a resource exists is not looked at. A
policy variable such as `${aws:username}` is one piece, whatever it holds.

Source:
    IAM's answers as moto 5.2.5 records them, moto/iam/policy_validation.py and its
    tests/test_iam/test_iam_policies.py; where they are known to be older than IAM, the
    other source stands beside the rule.
"""

import re
from typing import Final

from eks_irsa.documents.arns import PARTITIONS
from eks_irsa.documents.patterns import has_wildcard

__all__ = ["ACTIONS", "RESOURCES", "action_fault", "resource_fault"]

ACTIONS: Final = "'<service>:<action>' or '*'"
RESOURCES: Final = "an ARN or '*'"

# Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
# for the characters of an action's name, IAM's answers for those of a service.
_ACTION: Final = re.compile(r"\*|(?:\*|[A-Za-z0-9.-]+):[\w*?-]+", re.ASCII)
_SERVICE_WILDCARD: Final = re.compile(r"([A-Za-z0-9.*?-]+):[\w*?-]+", re.ASCII)
_VARIABLE: Final = re.compile(r"\$\{[^{}]*\}")
_ARN: Final = "arn:<partition>:<service>:<region>:<AWS account>:<resource>"
_ARN_PARTS: Final = 6
# What a resource of IAM begins with.
# Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html;
# AWS's managed policies name `root` and, in AWSCloudWatchOmniServiceRolePolicy,
# `role-template/`
_IAM_KINDS: Final = (
    "access-report/",
    "delegation-request/",
    "federated-user/",
    "group/",
    "instance-profile/",
    "mfa/",
    "oidc-provider/",
    "policy/",
    "report/",
    "role/",
    "role-template/",
    "saml-provider/",
    "server-certificate/",
    "sms-mfa/",
    "user/",
)
# The resources of S3 that lie in a region; a bucket has none.
# Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
_S3_REGIONAL_KINDS: Final = (
    "access-grants/",
    "accesspoint/",
    "async-request/",
    "job/",
    "storage-lens/",
    "storage-lens-group/",
)


def action_fault(action: str) -> str | None:
    """Tell what IAM refuses of an action, or of an entry of NotAction.

    Args:
        action: Should be `<service>:<action>` or `*`; wildcards belong into the
            action's name, or are all of the service, as in `*:*`.
    """
    if _ACTION.fullmatch(action):
        return None
    if wild := _SERVICE_WILDCARD.fullmatch(action):
        return (
            f"{action!r} has a wildcard in the service {wild[1]!r}; expected "
            f"{ACTIONS}, an entry for each service"
        )
    return f"{action!r} is no Action; expected {ACTIONS}"


def resource_fault(resource: str) -> str | None:
    """Tell what IAM refuses of a resource, or of an entry of NotResource.

    Args:
        resource: Should be `*` or an ARN. Parts missing from its end stand for `*`,
            but not in an ARN that has an empty part.
    """
    if resource == "*":
        return None
    parts = _parts(resource)
    if parts[0] != "arn" or len(parts) == 1:
        return f"{resource!r} is no Resource; expected {RESOURCES}"
    return (
        _partition_fault(resource, parts[1])
        or _service_fault(resource, parts)
        or _region_fault(resource, parts)
        or _iam_fault(resource, parts)
    )


def _parts(arn: str) -> list[str]:
    """Split at the colons that are not within a variable, into six parts at most."""
    masked = _VARIABLE.sub(lambda found: found[0].replace(":", "\0"), arn)
    parts = masked.split(":", _ARN_PARTS - 1)
    return [part.replace("\0", ":") for part in parts]


def _partition_fault(resource: str, partition: str) -> str | None:
    if partition == "*" or partition in PARTITIONS:
        return None
    remedy = (
        "write {'Fn::Sub': '...'} around it, or '*'"
        if partition == "${AWS::Partition}"
        else f"expected '*' or one of {', '.join(PARTITIONS)}"
    )
    return f"{resource!r} has no partition of AWS in {partition!r}; {remedy}"


def _service_fault(resource: str, parts: list[str]) -> str | None:
    service = parts[2] if len(parts) > 2 else ""  # noqa: PLR2004 - the parts of an ARN
    if not service:
        return f"{resource!r} names no service; expected {_ARN}"
    # Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html,
    # "Resource vendor must be fully qualified and cannot contain regexes."
    if has_wildcard(service):
        return (
            f"{resource!r} has a wildcard in the service {service!r}; expected an "
            "entry for each service, or '*' for all there is"
        )
    if len(parts) < _ARN_PARTS and "" in parts[3:-1]:
        return (
            f"{resource!r} has {len(parts)} parts of an ARN's six; expected {_ARN}, "
            "where region and AWS account may be empty"
        )
    return None


def _region_fault(resource: str, parts: list[str]) -> str | None:
    service, region = parts[2], "".join(parts[3:4])
    whole = len(parts) == _ARN_PARTS
    if service not in {"iam", "s3"} or (whole and not region):
        return None
    if not whole:
        return (
            f"{resource!r} has {len(parts)} parts of an ARN's six; expected "
            f"arn:<partition>:{service}::<AWS account or nothing>:<resource>"
        )
    kind = parts[5].partition("/")[0]
    if service == "s3" and (
        parts[5].startswith(_S3_REGIONAL_KINDS) or has_wildcard(kind)
    ):
        return None
    without = ":".join([*parts[:3], "", *parts[4:]])
    return (
        f"{resource!r} has the region {region!r}, and such a resource has none; "
        f"expected {without!r}"
    )


def _iam_fault(resource: str, parts: list[str]) -> str | None:
    # Source for what follows: `*/*` was refused, duo-labs/parliament#177
    if parts[2] != "iam" or parts[5] in {"*", "root"}:
        return None
    if parts[5].startswith(_IAM_KINDS):
        return None
    return (
        f"{resource!r} has the resource {parts[5]!r}, which is no kind of IAM's; "
        f"expected '*' or one of {', '.join(_IAM_KINDS)} before the name"
    )
