"""Everything that a house has against a role."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any, Final

from eks_irsa.documents.arns import is_role_arn, role_name_of
from eks_irsa.errors import PolicyDocumentError
from eks_irsa.house_rules.model import RULES, Breach, HouseRules, RoleFacts
from eks_irsa.house_rules.policy_rules import policy_breaches
from eks_irsa.house_rules.role_rules import (
    boundary_breaches,
    name_breaches,
    namespace_breaches,
    path_breaches,
    tag_breaches,
)
from eks_irsa.house_rules.trust_rules import trust_breaches

__all__ = ["breaches", "less"]

_CHECKS: Final[tuple[Callable[[HouseRules, RoleFacts], Iterator[Breach]], ...]] = (
    namespace_breaches,
    name_breaches,
    path_breaches,
    boundary_breaches,
    tag_breaches,
    policy_breaches,
)
# What can be told of a role by its ARN, and by the service account.
_OF_ARNS: Final = ("namespaces", "role_names", "role_paths")


def breaches(rules: HouseRules, facts: RoleFacts) -> Iterator[Breach]:
    """Find every rule that a role breaks.

    Args:
        rules: What the house asks.
        facts: What is known of the role; of what is LATER nothing is said.

    Yields:
        Each breach; `E-RULE-UNKNOWN` where a rule asks for what cannot be known.
    """
    if rules == HouseRules():
        return
    if facts.target_arn is not None:
        yield from _existing_breaches(rules, "target_role_arn", facts.target_arn)
    if facts.existing_arn is not None:
        yield from namespace_breaches(rules, facts)
        yield from _existing_breaches(rules, "role_arn", facts.existing_arn)
        return
    for check in _CHECKS:
        yield from check(rules, facts)
    try:
        yield from trust_breaches(rules, facts)
    except PolicyDocumentError as error:
        yield Breach(
            path=(),
            code="E-RULE-UNKNOWN",
            found=f"whom the role trusts cannot be told ({error})",
            rule=(),
            demand="ask for it",
            remedy="write the trust policy in a way that can be read",
        )


def less(rules: HouseRules, excepted: Collection[str]) -> HouseRules:
    """Take rules away.

    Args:
        rules: What the house asks.
        excepted: Rules in the spelling of the settings.
    """
    none = HouseRules()
    taken: dict[str, Any] = {
        field: getattr(none, field) for field, name in RULES.items() if name in excepted
    }
    return replace(rules, **taken)


def _existing_breaches(rules: HouseRules, field: str, arn: str) -> Iterator[Breach]:
    """Ask what the ARN of a role tells, and name what it does not."""
    if not is_role_arn(arn):
        return  # which is an error of its own
    *path, _ = arn.partition(":role")[2].split("/")
    known = RoleFacts(name=role_name_of(arn), path="/".join([*path, ""]))
    for check in (name_breaches, path_breaches):
        for breach in check(rules, known):
            yield replace(
                breach, path=(field,), remedy="use a role that the house takes"
            )
    none = HouseRules()
    asked = [
        f"rules.{name}"
        for key, name in RULES.items()
        if key not in _OF_ARNS and getattr(rules, key) != getattr(none, key)
    ]
    if asked:
        yield Breach(
            path=(field,),
            code="E-RULE-UNKNOWN",
            found=f"{arn!r} exists already, and is not known here but for its ARN",
            rule=(),
            demand=f"ask for more ({', '.join(asked)})",
            remedy="let the role be made here, or except the entry under rules.except",
        )
