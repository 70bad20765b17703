"""What EKS checks before it makes a cluster, where moto does not."""

import json
from typing import Any, Final, cast

from sandbox.aws.moto_account import MotoIam
from sandbox.aws.policy_documents import texts
from sandbox.aws.refusal import Refusal

__all__ = ["check_cluster_role"]

_SERVICE: Final = "eks.amazonaws.com"


def check_cluster_role(role_arn: str, iam: MotoIam) -> None:
    """Refuse a role that EKS could not assume.

    Raises:
        Refusal: `InvalidParameterException`; its words are from memory of the real one.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html
    """
    found = [role for role in iam.roles() if role.arn == role_arn]
    if not any(_trusts_eks(role.trust_policy) for role in found):
        raise Refusal(
            code="InvalidParameterException",
            message=(
                f"Role with arn: {role_arn}, could not be assumed because it does not "
                "exist or the trusted entity is not correct"
            ),
        )


def _trusts_eks(trust_policy: str) -> bool:
    statements: Any = json.loads(trust_policy)["Statement"]
    listed = cast(
        "list[Any]", statements if isinstance(statements, list) else [statements]
    )
    return any(
        _SERVICE in (texts(one["Principal"].get("Service", [])) or ()) for one in listed
    )
