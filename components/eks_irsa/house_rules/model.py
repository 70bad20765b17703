"""The rules, what they are asked of, and a breach of one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from eks_irsa.identity.model import LATER, Later

__all__ = ["RULES", "Breach", "Given", "HouseRules", "RoleFacts"]

Path = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class HouseRules:
    """What every role must be. A rule that is empty, or true, asks nothing.

    In patterns `*` stands for any text and `?` for one character, as in policies.

    Attributes:
        permissions_boundaries: Patterns of ARNs; the boundary matches one of them.
        managed_policies: Patterns of ARNs; each managed policy matches one of them.
        forbidden_managed_policies: Patterns of ARNs; no managed policy matches one.
        forbidden_actions: Patterns of actions, whatever their case; no policy allows
            an action that matches one.
        wildcard_subjects: Whether a role may trust a pattern of service accounts.
        tags: Key -> patterns; each tag is there and its value matches one of them.
        role_names: Patterns; the name matches one of them.
        role_paths: Likewise.
        namespaces: Patterns; the namespace of the service account matches one.
        audiences: Patterns; each audience that the role trusts matches one.
    """

    permissions_boundaries: tuple[str, ...] = ()
    managed_policies: tuple[str, ...] = ()
    forbidden_managed_policies: tuple[str, ...] = ()
    forbidden_actions: tuple[str, ...] = ()
    wildcard_subjects: bool = True
    tags: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict[str, tuple[str, ...]]
    )
    role_names: tuple[str, ...] = ()
    role_paths: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()


RULES: Final[Mapping[str, str]] = {
    "permissions_boundaries": "permissionsBoundaries",
    "managed_policies": "managedPolicies",
    "forbidden_managed_policies": "forbiddenManagedPolicies",
    "forbidden_actions": "forbiddenActions",
    "wildcard_subjects": "wildcardSubjects",
    "tags": "tags",
    "role_names": "roleNames",
    "role_paths": "rolePaths",
    "namespaces": "namespaces",
    "audiences": "audiences",
}
"""Field of `HouseRules` -> the rule in the spelling of the settings."""


class Given(NamedTuple):
    """A policy of a role, and which field gives it.

    Attributes:
        path: Name of the field of `identity` and steps into its value.
        called: What a message calls it.
        arn: ARN of a managed policy; None for an inline policy.
        document: What it says, as JSON or JSON values. Default: for a managed policy of
            AWS what is known of it.
        by_statement: A breach names the statement, with its steps behind *path*.
    """

    path: Path
    called: str
    arn: str | Later | None = None
    document: object = None
    by_statement: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleFacts:
    """What is known of a role; LATER for what only becomes known.

    Attributes:
        service_accounts: `<namespace>/<name>` of those it is for; either part may be a
            pattern.
        existing_arn: ARN of a role that is used as it is, of which the ARN alone is
            known; None for a role that is made.
        target_arn: ARN of the role that pods end with, by an association; None for
            none.
        name: Its name.
        path: Its path.
        permissions_boundary: ARN of its boundary; None for none.
        policies: What is attached to it, and what lives in it.
        trust_policy: Who may assume it, as JSON; None where nothing is to be said of
            it.
        tags: Its tags.
    """

    service_accounts: tuple[str, ...] = ()
    existing_arn: str | None = None
    target_arn: str | None = None
    name: str | Later = LATER
    path: str | Later = LATER
    permissions_boundary: str | Later | None = LATER
    policies: tuple[Given, ...] = ()
    trust_policy: str | Later | None = None
    tags: Mapping[str, object] | Later = LATER


@dataclass(frozen=True, kw_only=True, slots=True)
class Breach:
    """A rule that is broken.

    Attributes:
        path: Name of the field of `identity` that breaks it and steps into its value;
            empty for the role as a whole.
        code: Name of the breach, `E-RULE-...`.
        found: What was found.
        rule: The rule in the spelling of the settings, and steps into its value.
        demand: What the rule asks, read behind its name.
        remedy: What to do.
    """

    path: Path
    code: str
    found: str
    rule: Path
    demand: str
    remedy: str

    def message(self, *, where: str = "") -> str:
        """Word the breach on one line.

        Args:
            where: File and line of the rule. Default: not told.
        """
        place = f" ({where})" if where else ""
        return f"{self.found}; {_named(self.rule)}{place} {self.demand}; {self.remedy}"


def _named(rule: Path) -> str:
    """Write the name of a rule, `rules.tags["cost centre"]`."""
    text = "rules"
    for step in rule:
        if isinstance(step, str) and step.isidentifier():
            text += f".{step}"
        else:
            text += f"[{json.dumps(step)}]"
    return text
