"""Roles of a program: which are for service accounts, and what is known of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from eks_irsa.errors import PolicyDocumentError
from eks_irsa.house_rules.model import Given, RoleFacts
from eks_irsa.house_rules.trust_rules import trusted_service_accounts
from eks_irsa.identity.model import LATER, Later
from eks_irsa.policy_pack.properties import Properties

__all__ = ["ROLE", "ProgramRole", "program_role"]

ROLE: Final = "aws:iam/role:Role"


@dataclass(frozen=True, kw_only=True)
class ProgramRole:
    """A role that service accounts may have.

    Attributes:
        facts: What is known of it but for its policies.
        properties: What it was read from.
        whose: Whether it is known which service accounts it is for.
        certain: Whether it is known that it is for service accounts.
    """

    facts: RoleFacts
    properties: Properties
    whose: bool
    certain: bool

    def policies(self) -> tuple[Given, ...]:
        """Give the policies that are written in the role itself."""
        return _own_policies(self.properties)


def program_role(
    values: Mapping[str, Any],
    *,
    of_component: bool,
    provider: Mapping[str, Any] | None = None,
) -> ProgramRole | None:
    """Read a role of a program.

    Args:
        values: Its properties, as Pulumi hands them to a policy.
        of_component: It is one of `IrsaServiceAccount`, whatever it trusts.
        provider: Properties of its provider, whose default tags are its own too.
            Default: none.

    Returns:
        The role; None if it is certainly not for service accounts.
    """
    properties = Properties(values)
    trust = properties.text("assumeRolePolicy")
    accounts: tuple[str, ...] = ()
    if isinstance(trust, str):
        try:
            accounts = trusted_service_accounts(trust)
        except PolicyDocumentError:
            accounts = ("*/*",) if of_component else ()
    if not accounts and not (of_component or isinstance(trust, Later)):
        return None
    facts = RoleFacts(
        service_accounts=accounts,
        name=properties.text("name") or LATER,
        path=properties.text("path") or "/",
        permissions_boundary=properties.text("permissionsBoundary"),
        trust_policy=trust,
        tags=_tags(properties, provider),
    )
    return ProgramRole(
        facts=facts,
        properties=properties,
        whose=bool(accounts),
        certain=bool(accounts) or of_component,
    )


def _own_policies(properties: Properties) -> tuple[Given, ...]:
    managed = [
        Given((), repr(arn), arn)
        for arn in properties.texts("managedPolicyArns")
        if isinstance(arn, str)
    ]
    inline: list[Given] = []
    for one in properties.maps("inlinePolicies"):
        document = one.text("policy")
        if isinstance(document, str):
            called = f"the policy {one.text('name')!r}"
            inline.append(Given((), called, document=document))
    return (*managed, *inline)


def _tags(
    properties: Properties, provider: Mapping[str, Any] | None
) -> dict[str, object] | Later:
    """Lay the tags of a role over those that its provider gives everything."""
    default = Properties(provider or {}).map("defaultTags")
    found: dict[str, object] = {}
    for layer in (
        default if isinstance(default, Later) else Properties(default).map("tags"),
        properties.map("tagsAll"),
        properties.map("tags"),
    ):
        if isinstance(layer, Later):
            return LATER
        found |= layer
    return found
