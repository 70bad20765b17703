"""Why the pods of a service account must restart.

A pod keeps the role and the audience it was started with: the webhook writes them into
it when it is made.
"""

from typing import Final

from eks_irsa.documents.webhook import (
    ANNOTATIONS,
    AUDIENCE_ANNOTATION,
    ROLE_ARN_ANNOTATION,
)
from eks_irsa.review.finding.service_accounts import ServiceAccount
from eks_irsa.review.model import Sides, Value

__all__ = ["restart_reason"]

_WORDS: Final = {
    ROLE_ARN_ANNOTATION: "role's ARN",
    AUDIENCE_ANNOTATION: "audience of their tokens",
}


def restart_reason(account: ServiceAccount, role: Sides[Value]) -> str:
    """Say why pods must restart; empty if they need not.

    Args:
        account: The service account.
        role: The role of its pods, by name or ARN.
    """
    old, new = account.claim("before"), account.claim("after")
    if not account.is_there("after"):
        return ""  # nothing to restart for
    if old is None and new is None:
        is_other = account.is_there("before") and role.differ
        words = "the role's ARN changes, and the service account is not in this preview"
        return words if is_other and None not in (role.before, role.after) else ""
    if new is None:
        return ""
    if old is None:
        if account.is_patched:
            return "the service account exists already, and its pods have no role"
        return ""
    anew = all(one.operation == "replace" for one in account.objects)
    reasons = ["the service account is made anew"] if anew else []
    reasons += [
        f"the {_WORDS.get(key, key)} changes"
        for key in ANNOTATIONS
        if old.annotations.get(key) != new.annotations.get(key)
    ]
    return " and ".join(reasons)
