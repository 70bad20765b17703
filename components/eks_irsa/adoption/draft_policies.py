"""The policies of a role in the words of a ClusterConfig, as far as it has them."""

import json
from typing import Any, Final

from eks_irsa.adoption.policy_texts import written_alike
from eks_irsa.documents.tags import OWN_TAG_PREFIX
from eks_irsa.documents.well_known_policies import (
    WELL_KNOWN_POLICY_NAMES,
    well_known_policy,
)
from eks_irsa.live.model import LiveRole

__all__ = ["policies_of"]

# Tags that eksctl and AWS write themselves.
_NOT_OF_FILES: Final = (
    "aws:",
    "alpha.eksctl.io/",
    "eksctl.cluster.k8s.io/",
    OWN_TAG_PREFIX,
)


def policies_of(role: LiveRole, partition: str) -> tuple[dict[str, Any], list[str]]:
    """Say the policies and tags of a role as an entry does.

    Args:
        role: The role.
        partition: Of the cluster.

    Returns:
        Keys of an entry, `attachPolicyARNs`, `wellKnownPolicies`, `attachPolicy` and
        `tags` where there are any; and what an entry has no words for.
    """
    managed, inline = [*role.managed_policy_arns], {**role.inline_policies}
    flags: dict[str, bool] = {}
    for name in WELL_KNOWN_POLICY_NAMES:
        known = well_known_policy(name=name, partition=partition)
        found = [
            next(
                (at for at, text in inline.items() if written_alike(text, document)),
                None,
            )
            for document in (json.dumps(one.document) for one in known.inline_policies)
        ]
        if found and None not in found and {*known.managed_policy_arns} <= {*managed}:
            flags[name] = True
            inline = {at: text for at, text in inline.items() if at not in found}
            managed = [one for one in managed if one not in known.managed_policy_arns]
    first = min(inline, key=lambda at: (not at.endswith("-Policy1"), at), default=None)
    tags = {
        key: value
        for key, value in sorted(role.tags.items())
        if not key.lower().startswith(_NOT_OF_FILES)
    }
    fields = {
        "attachPolicyARNs": managed,
        "wellKnownPolicies": flags,
        "attachPolicy": json.loads(inline[first]) if first is not None else None,
        "tags": tags,
    }
    left = [
        f"its inline policy {at!r} is left alone, for an entry has one"
        for at in inline
        if at != first
    ]
    return {key: value for key, value in fields.items() if value}, left
