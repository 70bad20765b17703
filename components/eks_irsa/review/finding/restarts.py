"""Why the pods of a service account must restart.

A pod keeps the way, the role and the audience it was started with: the webhook writes
them into it when it is made. Credentials of an association are renewed by EKS.
"""

from collections.abc import Iterator
from typing import Final

from eks_irsa.documents.webhook import (
    ANNOTATIONS,
    AUDIENCE_ANNOTATION,
    ROLE_ARN_ANNOTATION,
)
from eks_irsa.review.finding.service_account import ServiceAccount
from eks_irsa.review.model import Sides, Value
from eks_irsa.review.pod_role import PodRole

__all__ = ["restart_reason"]

_WORDS: Final = {
    ROLE_ARN_ANNOTATION: "role's ARN",
    AUDIENCE_ANNOTATION: "audience of their tokens",
}
# What of an association decides about the credentials of pods.
_DECIDING: Final = frozenset(
    {"disableSessionTags", "policy", "roleArn", "targetRoleArn"}
)


def restart_reason(
    account: ServiceAccount, role: Sides[Value], pod_role: Sides[PodRole | None]
) -> str:
    """Say why pods must restart; empty if they need not.

    Args:
        account: The service account.
        role: The role of its pods, by name or ARN.
        pod_role: By which way they have it.
    """
    if not account.is_there("after"):
        return ""  # nothing to restart for
    reasons = [*_of_association(account, pod_role)]
    reasons += _of_annotations(account, pod_role)
    if reasons or account.claims["before"] or account.claims["after"]:
        return " and ".join(reasons)
    is_other = account.is_there("before") and role.differ
    words = "the role's ARN changes, and the service account is not in this preview"
    return words if is_other and None not in (role.before, role.after) else ""


def _of_association(
    account: ServiceAccount, pod_role: Sides[PodRole | None]
) -> Iterator[str]:
    """Say what becomes of pods by their association.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
    """
    before, after = pod_role.before, pod_role.after
    had, has = _is_associated(before), _is_associated(after)
    if has and not had:
        if before is not None:
            yield "until a restart they go on with the token they were started with"
        elif not _is_made(account):
            yield "those that run were started before there was an association"
    elif had and not has and after is not None:
        yield "the association goes, and the credentials of those that run with it"
    elif had and has:
        if before and after and before.annotation and not after.annotation:
            yield "those from before the association have nothing but a token"
        if any(_DECIDING & one.changed for one in account.associated_by):
            yield "they have the old credentials of the association for up to six hours"


def _is_made(account: ServiceAccount) -> bool:
    """Tell whether the service account is made in this run, so that no pod runs."""
    made = account.objects
    return bool(made) and all(one.operation == "create" for one in made)


def _is_associated(pod_role: PodRole | None) -> bool:
    return pod_role is not None and pod_role.way in {"podIdentity", "both"}


def _of_annotations(
    account: ServiceAccount, pod_role: Sides[PodRole | None]
) -> Iterator[str]:
    old, new = account.claim("before"), account.claim("after")
    if new is None:
        return
    had, has = map(_is_associated, (pod_role.before, pod_role.after))
    if old is None:
        if account.is_patched and not has:
            # A patch shows nothing of what the service account has until then.
            yield (
                "the service account exists already, and those that run have this "
                "role only if it was annotated with it before"
            )
        return
    if all(one.operation == "replace" for one in account.objects):
        yield "the service account is made anew"
    told = {ROLE_ARN_ANNOTATION} if had or has else set[str]()
    told |= {AUDIENCE_ANNOTATION} if has else set()
    for key in ANNOTATIONS:
        if key not in told and old.annotations.get(key) != new.annotations.get(key):
            yield f"the {_WORDS.get(key, key)} changes"
