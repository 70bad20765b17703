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
from eks_irsa.review.parts import Parts
from eks_irsa.review.preview import Resource
from eks_irsa.review.sides import annotations_of, role_of

__all__ = ["restart_reason"]

_WORDS: Final = {
    ROLE_ARN_ANNOTATION: "role's ARN",
    AUDIENCE_ANNOTATION: "audience of their tokens",
}


def restart_reason(parts: Parts) -> str:
    """Say why pods must restart; empty if they need not."""
    account = parts.account
    if account is None:
        return _without_account(parts)
    if account.after is None:
        return ""  # nothing to restart for
    if account.before is None:
        if parts.account_is_patched:
            return "the service account exists already, and its pods have no role"
        return ""
    return _of_account(account, parts)


def _without_account(parts: Parts) -> str:
    role, sides = parts.role, role_of(parts)
    if role is None or role.operation != "replace" or not sides.differ:
        return ""
    return "the role's ARN changes, and the service account is not in this preview"


def _of_account(account: Resource, parts: Parts) -> str:
    reasons = (
        ["the service account is made anew"] if account.operation == "replace" else []
    )
    annotations = annotations_of(parts)
    if annotations is not None:
        old, new = annotations.before, annotations.after
        reasons += [
            f"the {_WORDS.get(key, key)} changes"
            for key in ANNOTATIONS
            if old.get(key) != new.get(key)
        ]
    return " and ".join(reasons)
