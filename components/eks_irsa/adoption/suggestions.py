"""The settings under which an entry's role stays the one that exists.

Each is a fact of the role for which a ClusterConfig has no word, or of which the file
says nothing. What file and settings say wins, and is a change then.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from eks_irsa.adoption.policy_texts import written_alike
from eks_irsa.adoption.trust import other_providers
from eks_irsa.documents.tags import EKSCTL_STACK, OWN_TAG_PREFIX
from eks_irsa.identity.model import Identity, InlinePolicy, Role
from eks_irsa.live.account import LiveAccount
from eks_irsa.live.model import LiveRole, known

__all__ = ["inline_pairs", "suggested", "together"]

_OF_AWS: Final = "aws:"
# Logical ids by which eksctl ends the names of inline policies -> our names of them.
# Source: eksctl, pkg/cfn/builder/iam_helper.go (AttachPolicy, Policy1).
_LOGICAL_IDS: Final = {"Policy1": frozenset({"attachPolicy", "permissionPolicy"})}


def suggested(
    entry: Identity, role: LiveRole | None, account: LiveAccount
) -> dict[str, Any]:
    """Give what `overrides` has to say of an entry.

    Args:
        entry: What is planned for it without these.
        role: Its role as it is; None where none is taken in.
        account: What else there is.

    Returns:
        Key of the setting -> value; empty where the plan has all of it already.
    """
    found: dict[str, Any] = {}
    if entry.role and role:
        found = _of_the_role(entry, entry.role, role, account)
    association = _association_id(entry, account)
    return {**found, **({"associationId": association} if association else {})}


def _of_the_role(
    entry: Identity, planned: Role, role: LiveRole, account: LiveAccount
) -> dict[str, Any]:
    found = dict(_of_role(planned, role))
    names = {
        policy.key: name
        for name, policy in inline_pairs(planned, role).items()
        if policy.name != name
    }
    tags = _foreign_tags(planned, role)
    others = other_providers(
        role.trust_policy, provider_arn=account.provider_arn, subject=entry.subject
    )
    if others and not entry.asked.get("trusted_provider_arns"):
        found["trustedClusters"] = [{"oidcProvider": arn} for arn in others]
    return {
        **found,
        **({"inlinePolicyNames": names} if names else {}),
        **({"tags": tags} if tags else {}),
    }


def together(
    suggestions: Mapping[str, Any], written: Mapping[str, Any]
) -> dict[str, Any]:
    """Lay what the settings say of an entry over what is suggested.

    Args:
        suggestions: Of `suggested`.
        written: What `overrides` says under the full name of the entry.
    """
    merged = {**suggestions, **written}
    for key in ("inlinePolicyNames", "tags"):
        if key in suggestions and isinstance(given := written.get(key), Mapping):
            merged[key] = {**suggestions[key], **given}
    return merged


def inline_pairs(planned: Role, role: LiveRole) -> dict[str, InlinePolicy]:
    """Tell which inline policy of a role is which of the plan.

    Args:
        planned: The role as it would be.
        role: The role as it is.

    Returns:
        Name in IAM -> policy of the plan: by its name, by eksctl's name for it, or by
        what it says. What has none is left alone.
    """
    pairs: dict[str, InlinePolicy] = {}
    for is_one in (_has_name, _says_the_same, _has_eksctls_name):
        for name, document in role.inline_policies.items():
            taken = {policy.key for policy in pairs.values()}
            left = [it for it in planned.inline_policies if it.key not in taken]
            one = next((it for it in left if is_one(it, name, document)), None)
            if one and name not in pairs:
                pairs[name] = one
    return dict(sorted(pairs.items()))


def _has_name(policy: InlinePolicy, name: str, document: str) -> bool:
    del document
    return policy.name == name


def _says_the_same(policy: InlinePolicy, name: str, document: str) -> bool:
    del name
    return written_alike(policy.document, document)


def _has_eksctls_name(policy: InlinePolicy, name: str, document: str) -> bool:
    del document
    return policy.key in _keys_in_eksctls_name(name)


def _keys_in_eksctls_name(name: str) -> frozenset[str]:
    """Return our names of a policy whose name in IAM is `<stack>-<logical id>`."""
    stack, _, logical_id = name.rpartition("-")
    if not stack.startswith(EKSCTL_STACK):
        return frozenset()
    return _LOGICAL_IDS.get(logical_id, frozenset({logical_id}))


def _of_role(planned: Role, role: LiveRole) -> Iterator[tuple[str, Any]]:
    if planned.name != role.name:
        yield "roleName", role.name
    if planned.path != role.path:
        yield "rolePath", role.path
    if role.description is not None and planned.description != role.description:
        yield "roleDescription", role.description
    seconds = role.max_session_duration_seconds
    if seconds is not None and planned.max_session_duration_seconds != seconds:
        yield "maxSessionDurationSeconds", seconds
    if role.permissions_boundary and planned.permissions_boundary is None:
        yield "permissionsBoundary", role.permissions_boundary


def _foreign_tags(planned: Role, role: LiveRole) -> dict[str, str]:
    """Give the tags that only the role has, and that may be written."""
    known_keys = {key.lower() for key in planned.tags}
    return {
        key: value
        for key, value in sorted(role.tags.items())
        if key.lower() not in known_keys
        and not key.lower().startswith((_OF_AWS, OWN_TAG_PREFIX))
    }


def _association_id(entry: Identity, account: LiveAccount) -> str | None:
    if entry.association is None or entry.association.id:
        return None
    found = known(account.associations) or ()
    return next(
        (one.id for one in found if one.key == entry.key and not one.owner), None
    )
