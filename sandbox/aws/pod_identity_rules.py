"""What EKS checks of a Pod Identity association before it makes or changes one.

The words are EKS's where a report of them was found, with the report beside them; the
others are the sandbox's own, as AWS documents the rule and not the text.

Source:
    https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html
    and .../API_UpdatePodIdentityAssociation.html
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from sandbox.aws.moto_account import ClusterState, MotoIam
from sandbox.aws.policy_documents import Statement, parse_object, texts
from sandbox.aws.refusal import Refusal
from sandbox.aws.shapes import MAX_TAGS
from sandbox.aws.trust_conditions import wildcard_match

__all__ = [
    "MAX_ASSOCIATIONS",
    "SERVICE",
    "check_association",
    "check_is_new",
    "check_tags",
]

# Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html; the same
# in every partition
SERVICE: Final = "pods.eks.amazonaws.com"
# Source: https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html
MAX_ASSOCIATIONS: Final = 5_000
# Source: botocore's model of EKS (TagKey, TagValue)
_MAX_TAG_KEY: Final = 128
_MAX_TAG_VALUE: Final = 256
# Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_MAX_POLICY_CHARACTERS: Final = 2048
_REQUIRED: Final = ("namespace", "serviceAccount", "roleArn")
_ROLE_ARN: Final = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):iam::(?P<account>\d{12}):role/.+", re.ASCII
)


def check_is_new(wanted: Mapping[str, Any], cluster: ClusterState) -> None:
    """Refuse a second association of a service account, and one too many.

    Args:
        wanted: `namespace` and `serviceAccount`.
        cluster: The cluster, with the associations it has.
    """
    for identifier, held in cluster.associations.items():
        if all(held[key] == wanted[key] for key in ("namespace", "serviceAccount")):
            # Source: eksctl-io/eksctl#7753
            message = f"Association already exists: {identifier}"
            raise Refusal(code="ResourceInUseException", message=message)
    if len(cluster.associations) >= MAX_ASSOCIATIONS:
        message = f"The cluster has {MAX_ASSOCIATIONS} associations, the most there are"
        raise Refusal(code="ResourceLimitExceededException", message=message)


def check_association(wanted: Mapping[str, Any], *, iam: MotoIam) -> None:
    """Refuse what EKS would not hold.

    Args:
        wanted: The association as it would be, in the words of the API.
        iam: IAM of the cluster's account and partition.
    """
    for name in _REQUIRED:
        if not wanted.get(name):
            raise _invalid(text=f"{name} is required")
    check_tags(wanted.get("tags", {}))
    disabled = wanted.get("disableSessionTags", False)
    if policy := wanted.get("policy"):
        if not disabled:
            raise _invalid(text="a policy requires disableSessionTags to be true")
        if parse_object(policy) is None or len(policy) > _MAX_POLICY_CHARACTERS:
            most = _MAX_POLICY_CHARACTERS
            raise _invalid(
                text=f"the policy is no JSON object of at most {most} characters"
            )
    target = wanted.get("targetRoleArn")
    if target and not _ROLE_ARN.fullmatch(target):
        raise _invalid(text=f"{target} is not the ARN of a role")
    actions = ["sts:assumerole", *([] if disabled else ["sts:tagsession"])]
    _check_role(wanted["roleArn"], actions, iam=iam)


def check_tags(tags: Mapping[str, str]) -> None:
    """Refuse tags that EKS would not hold together.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html
    """
    if len(tags) > MAX_TAGS:
        raise _invalid(text=f"a resource has at most {MAX_TAGS} tags")
    for key, value in tags.items():
        if not 1 <= len(key) <= _MAX_TAG_KEY or len(value) > _MAX_TAG_VALUE:
            raise _invalid(text=f"the tag {key!r} is too long, or has no key")
        if key.lower().startswith("aws:"):
            raise _invalid(text=f"the tag {key!r} has a prefix of AWS's own")


def _check_role(arn: str, actions: Iterable[str], *, iam: MotoIam) -> None:
    """Refuse a role that Pod Identity could not assume, whatever its conditions say."""
    parts = _ROLE_ARN.fullmatch(arn)
    if parts is None:
        raise _invalid(text=f"{arn} is not the ARN of a role")
    if parts["account"] != iam.account_id:
        # As EKS says of its other roles; the code was not seen for this call.
        raise _invalid(text="Cross-account pass role is not allowed.")
    found = next((role for role in iam.roles() if role.arn == arn), None)
    if found is None:
        # Source: hashicorp/terraform-provider-aws#34711
        raise _invalid(text="Role provided in the request does not exist.")
    if not all(_lets_pods(found.trust_policy, action) for action in actions):
        # Source: as above
        raise _invalid(text="Trust policy of role provided in the request is invalid.")


def _lets_pods(trust_policy: str, action: str) -> bool:
    """Tell whether a statement allows the service an action; conditions are not seen.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
    """
    found: object = (parse_object(trust_policy) or {}).get("Statement", [])
    items = cast("list[Statement]", found if isinstance(found, list) else [found])
    for statement in items:
        principal: object = statement.get("Principal")
        named = cast("Statement", principal if isinstance(principal, dict) else {})
        services = texts(named.get("Service")) or ()
        patterns = texts(statement.get("Action")) or ()
        if (
            statement["Effect"] == "Allow"
            and SERVICE in services
            and any(wildcard_match(one.lower(), text=action) for one in patterns)
        ):
            return True
    return False


def _invalid(*, text: str) -> Refusal:
    return Refusal(code="InvalidParameterException", message=text)
