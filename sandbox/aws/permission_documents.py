"""What IAM refuses in a permission policy and moto takes.

moto's own validator refuses wrong syntax, version, effect, actions, resources that are
no ARN, and Sids that are there twice, in IAM's words; it is not repeated here.

Source:
    moto 5.2.5, moto/iam/policy_validation.py
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, cast

from sandbox.aws.policy_documents import (
    Statement,
    check_sids,
    conditions,
    malformed,
    parse_object,
    size_without_white_space,
    texts,
)
from sandbox.aws.refusal import Refusal, quota_exceeded

__all__ = [
    "MAX_INLINE_POLICY_CHARACTERS",
    "MAX_MANAGED_POLICY_CHARACTERS",
    "check_inline_total",
    "check_managed_size",
    "check_permission_policy",
]

# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html,
# both fixed: all inline policies of a role together, and one managed policy
MAX_INLINE_POLICY_CHARACTERS: Final = 10_240
MAX_MANAGED_POLICY_CHARACTERS: Final = 6_144

_RESOURCE: Final = re.compile(r"arn:(?P<partition>aws[a-z-]*):.+", re.DOTALL)


def check_permission_policy(document: str, *, partition: str) -> None:
    """Refuse what moto would take of *document* and IAM of *partition* would not.

    Raises:
        Refusal: `MalformedPolicyDocument`.
    """
    policy = parse_object(document)
    if policy is None:
        return
    found: object = policy.get("Statement")
    items = cast("list[object]", found if isinstance(found, list) else [found])
    statements = [
        cast("Statement", item) for item in items if isinstance(item, dict) and item
    ]
    for statement in statements:
        if "Principal" in statement or "NotPrincipal" in statement:
            # Source: hashicorp/terraform-provider-aws#10419
            raise malformed(text="Policy document should not specify a principal.")
        for _, key in conditions(statement):
            # Keys of AWS's own have several, such as those of an encryption context.
            if "://" in key:
                # Source: terraform-aws-modules/terraform-aws-eks#1084
                raise malformed(text="Condition can contain only one colon.")
        _check_partition(statement, partition=partition)
    check_sids(
        statements,
        not_unique="Statement IDs (SID) in a single policy must be unique.",
    )


def check_inline_total(documents: Iterable[str], *, role_name: str) -> None:
    """Refuse inline policies of one role that are too large together.

    Source:
        Text: aws/aws-cdk#12403
    """
    total = sum(size_without_white_space(document) for document in documents)
    if total > MAX_INLINE_POLICY_CHARACTERS:
        raise Refusal(
            code="LimitExceeded",
            message=(
                f"Maximum policy size of {MAX_INLINE_POLICY_CHARACTERS} bytes "
                f"exceeded for role {role_name}"
            ),
        )


def check_managed_size(document: str) -> None:
    """Refuse a managed policy that is too large.

    Source:
        Text: ministryofjustice/cloud-platform-environments#14473
    """
    if size_without_white_space(document) > MAX_MANAGED_POLICY_CHARACTERS:
        raise quota_exceeded(quota="PolicySize", limit=MAX_MANAGED_POLICY_CHARACTERS)


def _check_partition(statement: Statement, *, partition: str) -> None:
    """Refuse a resource of another partition.

    Source:
        aws/chalice#777, aws/copilot-cli#2563
    """
    elements: Mapping[str, object] = statement
    for element in ("Resource", "NotResource"):
        for resource in texts(elements.get(element, [])) or ():
            arn = _RESOURCE.fullmatch(resource)
            if arn and arn["partition"] != partition:
                raise malformed(
                    text=(
                        f'Partition "{arn["partition"]}" is not valid for resource '
                        f'"{resource}".'
                    )
                )
