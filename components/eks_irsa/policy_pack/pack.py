"""The two policies of the pack, and the server that the engine asks."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from eks_irsa.documents.resource_types import COMPONENT
from eks_irsa.errors import InvalidInputError, SettingsError
from eks_irsa.house_rules.model import RULES, Given
from eks_irsa.policy_pack.roles import ROLE, program_role
from eks_irsa.policy_pack.rule_book import RuleBook
from eks_irsa.policy_pack.stack_roles import StackRoles
from eks_irsa.settings.house_rules import HouseRuleSettings
from eks_irsa.settings.reading import default_settings
from eks_irsa.settings.stack_file import read_stack_file
from eks_irsa.source.findings import Finding

__all__ = ["policies", "serve"]

_OF_POLICIES: Final = frozenset(
    {"managedPolicies", "forbiddenManagedPolicies", "forbiddenActions"}
)
_OF_ROLES: Final = frozenset(RULES.values()) - _OF_POLICIES
_EXCEPT: Final = "except"
_STACK: Final = "pulumi:pulumi:Stack"
# Of a property of JSON Schema: the engine would set a default as if somebody had.
_LEFT_OUT: Final = frozenset({"default", "title"})
# Property of a role -> the rules that ask for it.
_ASKED_FOR: Final[Mapping[str, tuple[str, ...]]] = {
    "assumeRolePolicy": ("wildcardSubjects", "audiences", "namespaces"),
    "name": ("roleNames",),
    "path": ("rolePaths",),
    "permissionsBoundary": ("permissionsBoundaries",),
    "tags": ("tags",),
    "tagsAll": ("tags",),
}


def serve(rules: str | Path | None = None) -> None:
    """Answer the engine until it is done; the whole program of a policy pack.

    Args:
        rules: A file with the setting `eks-irsa:rules` under `config`, such as a stack
            file of eks-irsa; the engine runs a pack in the project's folder. Default:
            none, so that the rules are those of the pack's configuration in Pulumi.
    """
    try:
        found = policies(rules)
    except InvalidInputError as error:
        sys.exit(str(error))
    PolicyPack("eks-irsa", found, enforcement_level=EnforcementLevel.MANDATORY)


def policies(rules: str | Path | None = None) -> list[Policy]:
    """Make the policies of the pack, for a pack that has others too.

    Args:
        rules: As for `serve`.

    Raises:
        SettingsError: Something is wrong in the file, or it has no rules; holds every
            problem.
    """
    settings = read_stack_file(Path(rules)) if rules else default_settings()
    if rules and "rules" not in settings.settings.model_fields_set:
        message = "missing; write the rules that every role must keep"
        missing = Finding(("rules",), "E-KEY-MISSING", message)
        raise SettingsError(settings.problems([missing]))
    book = RuleBook(settings)
    return [
        ResourceValidationPolicy(
            name="irsa-roles",
            description="Roles of service accounts keep the rules of the house.",
            validate=_role_validation(book),
            config_schema=_schema(_OF_ROLES),
        ),
        StackValidationPolicy(
            name="irsa-permissions",
            description=(
                "Roles of service accounts may do what the rules of the house allow."
            ),
            validate=_stack_validation(book),
            config_schema=_schema(_OF_POLICIES),
        ),
    ]


def _role_validation(
    book: RuleBook,
) -> Callable[[ResourceValidationArgs, ReportViolation], None]:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        """Ask what a role is, before it is registered."""
        try:
            configured = book.configured(args.get_config())
        except InvalidInputError as error:
            if args.resource_type == _STACK:  # once, not for each resource
                report(str(error), None)
            return
        if args.resource_type == ROLE:
            _validate_role(configured, args, report)

    return validate


def _stack_validation(
    book: RuleBook,
) -> Callable[[StackValidationArgs, ReportViolation], None]:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        """Ask what the roles of a stack may do, whatever resource says it."""
        try:
            configured = book.configured(args.get_config())
        except InvalidInputError as error:
            report(str(error), None)
            return
        _validate_stack(configured, StackRoles(args.resources), report)

    return validate


def _validate_role(
    book: RuleBook, args: ResourceValidationArgs, report: ReportViolation
) -> None:
    role = program_role(
        args.props,
        of_component=_type_of(args.opts.parent) == COMPONENT,
        provider=args.provider.props if args.provider else None,
    )
    if role is None:
        return
    if role.certain:
        for message in book.messages(role.facts, rules=_OF_ROLES, whose=role.whose):
            report(message, None)
    for error in role.properties.unknown:
        asked = _ASKED_FOR.get(error.props[0], ())
        if book.asks(*asked) or (asked and book.has_exceptions):
            raise error  # Pulumi says that a preview does not tell it


def _validate_stack(book: RuleBook, stack: StackRoles, report: ReportViolation) -> None:
    for urn, facts in stack.existing():
        for message in book.messages(facts, rules=_OF_ROLES | _OF_POLICIES):
            report(message, urn)
    if not book.asks(*_OF_POLICIES):
        return
    given: dict[str, list[Given]] = {}
    for urn, policy in stack.policies():
        given.setdefault(urn, []).append(policy)
    for urn, role in stack.roles.items():
        facts = replace(role.facts, policies=tuple(given.get(urn, ())))
        for message in book.messages(facts, rules=_OF_POLICIES, whose=role.whose):
            report(message, urn)
    for error in stack.unknown:
        raise error  # Pulumi says that a preview does not tell it


def _type_of(urn: str | None) -> str:
    """Give the type of the resource a URN names."""
    parts = (urn or "").split("::")
    return parts[2].rpartition("$")[2] if len(parts) > 3 else ""  # noqa: PLR2004 - of a URN


def _schema(rules: frozenset[str]) -> PolicyConfigSchema:
    """Describe rules as Pulumi wants the configuration of a policy described."""
    properties = HouseRuleSettings.model_json_schema()["properties"]
    return PolicyConfigSchema(
        properties={
            name: {key: one for key, one in schema.items() if key not in _LEFT_OUT}
            for name, schema in properties.items()
            if name in rules | {_EXCEPT}
        }
    )
