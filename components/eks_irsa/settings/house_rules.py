"""The setting `rules`: its model, and what it must mean to be used.

What the rules ask of a role is in the room `house_rules`.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Annotated, Any, Final, cast

from pydantic import BeforeValidator, Field

from eks_irsa.aws_names.policy_names import name_faults
from eks_irsa.documents import names
from eks_irsa.documents.globs import glob_fault, matches_any
from eks_irsa.documents.patterns import Patterns, has_wildcard
from eks_irsa.documents.tags import tag_faults
from eks_irsa.house_rules.model import RULES, HouseRules
from eks_irsa.settings.sections import Pattern, Section
from eks_irsa.source.findings import Finding, Path
from eks_irsa.source.structure import nearest

__all__ = ["HouseRuleSettings", "house_rule_findings"]

_EXCEPT: Final = "except"
_NOTHING: Final = "is empty and matches nothing; write a text or a pattern"
# As far as a pattern goes; IAM itself refuses a wildcard in a service.
_ACTION: Final = re.compile(r"\*|[A-Za-z0-9-]+:[\w*?-]+", re.ASCII)
_POLICIES: Final = Patterns(frozenset({"arn:*:iam::*:policy/*"}))
_PATHS: Final = Patterns(frozenset({"/", "/*/"}))


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class HouseRuleSettings(Section):
    """What every role must be. In patterns `*` is any text, `?` one character."""

    permissions_boundaries: list[Pattern] = Field(
        [],
        alias="permissionsBoundaries",
        description="ARNs or patterns; each role has one of them as boundary.",
    )
    managed_policies: list[Pattern] = Field(
        [],
        alias="managedPolicies",
        description="ARNs or patterns; no other managed policy is attached.",
    )
    forbidden_managed_policies: list[Pattern] = Field(
        [],
        alias="forbiddenManagedPolicies",
        description="ARNs or patterns of managed policies that are never attached.",
    )
    forbidden_actions: list[Pattern] = Field(
        [],
        alias="forbiddenActions",
        description="Actions or patterns that no policy of a role ever allows.",
    )
    wildcard_subjects: bool = Field(
        True,  # noqa: FBT003 - the default of a field
        alias="wildcardSubjects",
        description="false: no role trusts a pattern of service accounts.",
    )
    tags: dict[str, Annotated[list[Pattern], BeforeValidator(_listed)]] = Field(
        {},
        description=(
            "Key -> value, pattern or list of them; each role has the tag. '*' for any "
            "value."
        ),
    )
    role_names: list[Pattern] = Field(
        [], alias="roleNames", description="Patterns that names of roles match."
    )
    role_paths: list[Pattern] = Field(
        [], alias="rolePaths", description="Patterns that paths of roles match."
    )
    namespaces: list[Pattern] = Field(
        [],
        description="Names or patterns; service accounts elsewhere get no role.",
    )
    audiences: list[Pattern] = Field(
        [], description="Audiences of tokens that roles trust; no others."
    )
    exceptions: dict[str, list[Pattern]] = Field(
        {},
        alias=_EXCEPT,
        description=(
            "'<namespace>/<name>' or glob -> names of rules that do not count there."
        ),
    )

    def rules(self) -> HouseRules:
        """Return the rules these settings set, exceptions left aside."""
        given: dict[str, Any] = {
            field: _frozen(getattr(self, field)) for field in RULES
        }
        return HouseRules(**given)

    def excepted(self, service_accounts: Collection[str]) -> frozenset[str]:
        """Tell which rules do not count for a role.

        Args:
            service_accounts: `<namespace>/<name>` of all it is for.

        Returns:
            Rules in the spelling of the settings, each excepted for every one of them.
        """
        return frozenset(
            rule
            for rule in RULES.values()
            if service_accounts
            and all(self._excepts(rule, key) for key in service_accounts)
        )

    def _excepts(self, rule: str, key: str) -> bool:
        patterns = [one for one, rules in self.exceptions.items() if rule in rules]
        return matches_any(patterns, key)


def house_rule_findings(rules: HouseRuleSettings, path: Path) -> Iterator[Finding]:
    """Find rules that could never be kept, or never be broken.

    Args:
        rules: The rules, of the right structure.
        path: Where they stand.
    """
    for field, fault in _FAULTS.items():
        name = HouseRuleSettings.model_fields[field].alias or field
        given = cast("list[str]", getattr(rules, field))
        if field in rules.model_fields_set and not given:
            empty = "is empty, so it asks for nothing; name one, or take the rule out"
            yield Finding((*path, name), "E-RULE", empty)
        for index, text in enumerate(given):
            message = fault(text) if text else _NOTHING
            if message:
                yield Finding((*path, name, index), "E-RULE", message)
    yield from _action_findings(rules.forbidden_actions, (*path, "forbiddenActions"))
    yield from _tag_findings(rules.tags, (*path, "tags"))
    yield from _exception_findings(rules, (*path, _EXCEPT))


def _frozen(value: object) -> object:
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, list[str]]", value)
        return {key: tuple(one) for key, one in pairs.items()}
    return tuple(cast("list[str]", value)) if isinstance(value, list) else value


def _policy_fault(text: str) -> str | None:
    if not Patterns(frozenset({text})).is_disjoint_from(_POLICIES):
        return None
    return (
        f"{text!r} matches no ARN of a policy; expected arn:<partition>:iam::<12 "
        "digits or 'aws'>:policy/<name>, parts of which may be '*'"
    )


def _action_fault(text: str) -> str | None:
    if _ACTION.fullmatch(text):
        return None
    return (
        f"{text!r} is no action; expected '<service>:<name>', such as 'iam:PassRole' "
        "or 'iam:*', or '*'"
    )


def _path_fault(text: str) -> str | None:
    if not Patterns(frozenset({text})).is_disjoint_from(_PATHS):
        return None
    return (
        f"{text!r} matches no path of a role; a path begins and ends with '/', such as "
        "'/eks/' or '/eks/*'"
    )


def _plain(fault: Callable[[str], str | None]) -> Callable[[str], str | None]:
    """Hold a text without wildcards to the rule of names."""
    return lambda text: None if has_wildcard(text) else fault(text)


def _action_findings(actions: Iterable[str], path: Path) -> Iterator[Finding]:
    """Warn of actions that AWS does not have: forbidding them forbids nothing."""
    for index, action in enumerate(actions):
        document = {"Statement": [{"Action": action}]}
        for fault in name_faults(document):
            yield Finding((*path, index), fault.code, fault.message, "warning")


def _tag_findings(tags: Mapping[str, list[str]], path: Path) -> Iterator[Finding]:
    for key, patterns in tags.items():
        for _, message in tag_faults({key: ""}):
            yield Finding((*path, key), "E-RULE", message, at_key=True)
        if not patterns:
            message = "is empty, so no value is right; write '*' for any value"
            yield Finding((*path, key), "E-RULE", message)


def _exception_findings(rules: HouseRuleSettings, path: Path) -> Iterator[Finding]:
    known = [*RULES.values()]
    for pattern, names_ in rules.exceptions.items():
        at = (*path, pattern)
        if fault := glob_fault(pattern):
            yield Finding(at, "E-GLOB", fault, at_key=True)
        for index, name in enumerate(names_):
            if name in known:
                continue
            near = nearest(name, known)
            remedy = (
                f"did you mean {near!r}?"
                if near
                else f"expected one of {', '.join(known)}"
            )
            yield Finding((*at, index), "E-RULE", f"{name!r} is no rule; {remedy}")


_FAULTS: Final[Mapping[str, Callable[[str], str | None]]] = {
    "permissions_boundaries": _policy_fault,
    "managed_policies": _policy_fault,
    "forbidden_managed_policies": _policy_fault,
    "forbidden_actions": _action_fault,
    "role_names": _plain(names.role_name_fault),
    "role_paths": _path_fault,
    "namespaces": _plain(names.namespace_fault),
    "audiences": _plain(names.audience_fault),
}
