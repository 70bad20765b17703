"""What IAM refuses in a role's trust policy, in CreateRole and UpdateAssumeRolePolicy.

moto takes `{}`. The texts were recorded from IAM: localstack/localstack
tests/aws/services/iam/test_iam_roles.snapshot.json (recorded 2026-02-11), and
versity/versitygw iamapi/policy/trust.go, which follows IAM's wording; where another
source has the text, it stands beside it.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from sandbox.aws.policy_documents import (
    Statement,
    check_sids,
    conditions,
    malformed,
    parse_object,
    size_without_white_space,
    texts,
)
from sandbox.aws.refusal import quota_exceeded

__all__ = ["MAX_TRUST_POLICY_CHARACTERS", "check_trust_policy"]

# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html,
# role trust policy length; the default, which AWS raises on request
MAX_TRUST_POLICY_CHARACTERS: Final = 2048

_VERSIONS: Final = frozenset({"2008-10-17", "2012-10-17"})
_PRINCIPAL_TYPES: Final = frozenset({"AWS", "Federated", "Service"})
_ELEMENTS: Final = frozenset(
    {
        "Action",
        "Condition",
        "Effect",
        "NotAction",
        "NotPrincipal",
        "NotResource",
        "Principal",
        "Resource",
        "Sid",
    }
)
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
_FEDERATED_ARN: Final = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):iam::\d{12}:"
    r"(?:oidc-provider/[^\s:/]+(?:/[^\s:]*)?|saml-provider/[\w._-]{1,128})",
    re.ASCII,
)
_DOMAIN: Final = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.ASCII)


def check_trust_policy(document: str, *, partition: str) -> None:
    """Refuse *document* as IAM of *partition* would.

    A missing `Version` is taken, as IAM takes it (it means 2008-10-17).

    Raises:
        Refusal: `MalformedPolicyDocument`, or `LimitExceeded` for its size.
    """
    policy = parse_object(document)
    if policy is None:
        raise malformed(text="This policy contains invalid Json")
    if policy.get("Version", "2008-10-17") not in _VERSIONS:
        raise malformed(text="The policy must contain a valid version string")
    statements = _statements(policy)
    for statement in statements:
        _check_statement(statement, partition=partition)
    check_sids(statements, not_unique="The Statement Ids in the policy are not unique")
    if size_without_white_space(document) > MAX_TRUST_POLICY_CHARACTERS:
        # Source: kubeflow/kubeflow#6687
        raise quota_exceeded(quota="ACLSizePerRole", limit=MAX_TRUST_POLICY_CHARACTERS)


def _statements(policy: Mapping[str, Any]) -> list[Statement]:
    if "Statement" not in policy:
        raise malformed(text="Missing required field Statement")
    found: object = policy["Statement"]
    items = cast("list[object]", found if isinstance(found, list) else [found])
    if not items:
        raise malformed(text="Could not parse the policy: Statement is empty!")
    for item in items:
        if not isinstance(item, dict) or not _ELEMENTS.issuperset(
            cast("dict[str, object]", item)
        ):
            raise malformed(text="Syntax errors in policy.")
    return cast("list[Statement]", items)


def _check_statement(statement: Statement, *, partition: str) -> None:
    _check_effect(statement)
    principals = _principals(statement)
    _check_actions(statement)
    # Source: kubernetes-sigs/external-dns#3085
    for element, text in (
        ("Resource", "Has prohibited field Resource"),
        ("NotResource", "AssumeRole policy must not contain resources."),
    ):
        if element in statement:
            raise malformed(text=text)
    for _, key in conditions(statement):
        _check_condition_key(key)
    for federated in principals.get("Federated", ()):
        _check_federated(federated, partition=partition)


def _check_effect(statement: Statement) -> None:
    if "Effect" not in statement:
        raise malformed(text="Missing required field Effect")
    if statement["Effect"] not in {"Allow", "Deny"}:
        raise malformed(text=f"Invalid effect: {statement['Effect']}")


def _principals(statement: Statement) -> Mapping[str, Iterable[str]]:
    """Read the principals by type, or refuse them."""
    if "NotPrincipal" in statement:
        raise malformed(text="Allow with NotPrincipal is not allowed.")
    principal: object = statement.get("Principal")
    if principal is None:
        raise malformed(text="Missing required field Principal")
    if principal == "*":
        # Source: aws/aws-cdk packages/@aws-cdk/aws-iam/test/role.test.ts
        raise malformed(
            text='AssumeRolepolicy contained an invalid principal: "STAR":"*".'
        )
    if not isinstance(principal, dict):
        raise malformed(text="Syntax errors in policy.")
    if not principal:
        raise malformed(text="Missing required field Principal cannot be empty!")
    found: dict[str, Iterable[str]] = {}
    for kind, value in cast("dict[str, object]", principal).items():
        names = texts(value)
        if kind not in _PRINCIPAL_TYPES or names is None:
            raise malformed(text=f'Invalid principal in policy: "{kind}"')
        found[kind] = names
    return found


def _check_actions(statement: Statement) -> None:
    actions = texts(statement.get("Action", statement.get("NotAction", [])))
    if not actions:
        raise malformed(text="Missing required field Action")
    if not all(action.lower().startswith("sts:") for action in actions):
        raise malformed(
            text="AssumeRole policy may only specify STS AssumeRole actions."
        )


def _check_condition_key(key: str) -> None:
    """Refuse a key that has a scheme or an ARN in it, or no vendor.

    Source:
        terraform-aws-modules/terraform-aws-eks#1084 (`https://...:sub`)
    """
    if key.count(":") > 1:
        raise malformed(text="Condition can contain only one colon.")
    if ":" not in key:
        raise malformed(
            text="Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
        )


def _check_federated(federated: str, *, partition: str) -> None:
    """Refuse what is no identity provider's name; whether it exists IAM does not ask.

    Source:
        terraform-aws-modules/terraform-aws-iam#202 (text), #161 (the partition)
    """
    arn = _FEDERATED_ARN.fullmatch(federated)
    if arn["partition"] != partition if arn else not _DOMAIN.fullmatch(federated):
        raise malformed(
            text="Federated principals must be valid domain names or SAML metadata ARNs"
        )
