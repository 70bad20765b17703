"""A review in the form other tools read: JSON."""

from collections.abc import Iterable

from eks_irsa.access.differences import Difference
from eks_irsa.documents.aws_managed_policies import aws_managed_policies_source
from eks_irsa.documents.conditions import Condition
from eks_irsa.review.lines import Line, lines, lines_of_changes
from eks_irsa.review.model import (
    Boundary,
    Content,
    Permissions,
    Review,
    Row,
    Trust,
    Value,
)
from eks_irsa.review.preview import Unknown

__all__ = ["report_document"]


def report_document(review: Review) -> dict[str, object]:
    """Put a review into values that JSON has.

    Args:
        review: The review of a preview.

    Returns:
        `stack`, `project`; `errors`, texts of what stopped the preview; `complete`,
        false if there are errors, the preview leaves out what stays as it is, or an
        earlier run failed while it changed something;
        `serviceAccounts`; `oidcProviders` [{`urn`, `change`, `issuer`, `audiences`
        {`before`, `after`}}]; `managedPolicies` {`source`, `policies` [{`name`,
        `version`, `updated`}]}, the content taken from data; `elsewhere`
        [{`urn`, `type`, `operation`}], the resources nothing is said about.

        A service account is {`name`, `urn`, `change` (`new`, `imported`, `changed`,
        `replaced`, `removed`), `marks` [code], `role` {`before`, `after`, `foreign`,
        `shown`}, `trust` {`before`, `after`, `gained`, `lost`, `notComparable`
        {`before`, `after`}}, `permissions` {`gained`, `lost`, `notComparable`,
        `unknown` [{`change`, `what`, `reason`}]}, `boundary` {`before`, `after`,
        `known`, `gained`, `lost`, `notComparable`} or null, `others` [{`what`,
        `before`, `after`}], `restartPods`, the reason or null}.

        Statements are {`effect`, `actions`, `notActions`, `resources`,
        `notResources`, `principals` (`<kind> <value>`), `notPrincipals`, `condition`
        {operator: {key: [value]}}, `policies`, `insteadOf` [statement], `marks`}; of a
        pair with `not...` one is empty. A value that is not known is {`unknown`: the
        reason}; one that is not there is null.
    """
    return {
        "stack": review.stack,
        "project": review.project,
        "errors": list(review.errors),
        "complete": review.is_complete,
        "serviceAccounts": [_account(account) for account in review.rows],
        "oidcProviders": [
            {
                "urn": provider.urn,
                "change": provider.kind,
                "issuer": _value(provider.issuer),
                "audiences": {
                    "before": list(provider.audiences.before),
                    "after": list(provider.audiences.after),
                },
            }
            for provider in review.providers
        ],
        "managedPolicies": {
            "source": aws_managed_policies_source(),
            "policies": [
                {"name": one.name, "version": one.version, "updated": one.updated}
                for one in review.managed_policies
            ],
        },
        "elsewhere": [
            {"urn": one.urn, "type": one.type, "operation": one.operation}
            for one in review.elsewhere
        ],
    }


def _account(account: Row) -> dict[str, object]:
    return {
        "name": account.name,
        "urn": account.urn,
        "change": account.kind,
        "marks": list(account.marks),
        "role": {
            "before": _value(account.role.before),
            "after": _value(account.role.after),
            "foreign": account.foreign_role,
            "shown": account.role_shown,
        },
        "trust": _trust(account.trust),
        "permissions": _permissions(account.permissions),
        "boundary": _boundary(account.boundary) if account.boundary else None,
        "others": [
            {"what": one.what, "before": one.sides.before, "after": one.sides.after}
            for one in account.others
        ],
        "restartPods": account.restart or None,
    }


def _value(value: Value) -> object:
    return {"unknown": value.reason} if isinstance(value, Unknown) else value


def _trust(trust: Trust) -> dict[str, object]:
    return {
        "before": _content(trust.sides.before),
        "after": _content(trust.sides.after),
        **_difference(trust.difference),
    }


def _content(content: Content | None) -> object:
    if content is None:
        return None
    if isinstance(content, Unknown):
        return _value(content)
    return _statements(lines(sorted(content, key=lambda grant: grant.sort_key)))


def _permissions(permissions: Permissions) -> dict[str, object]:
    found, policies = permissions.difference, permissions.policies
    gained = lines_of_changes(found.gained, policies=policies, marked=True)
    return {
        **_difference(found),
        "gained": _statements(gained),
        "lost": _statements(lines_of_changes(found.lost, policies=policies)),
        "unknown": [
            {"change": one.change, "what": one.what, "reason": one.reason}
            for one in permissions.unknown
        ],
    }


def _boundary(boundary: Boundary) -> dict[str, object]:
    return {
        "before": _value(boundary.sides.before),
        "after": _value(boundary.sides.after),
        "known": boundary.difference is not None,
        **_difference(boundary.difference or Difference()),
    }


def _difference(found: Difference) -> dict[str, object]:
    return {
        "gained": _statements(lines_of_changes(found.gained, policies={})),
        "lost": _statements(lines_of_changes(found.lost, policies={})),
        "notComparable": {
            "before": _statements(lines(found.undecided_before)),
            "after": _statements(lines(found.undecided_after)),
        },
    }


def _statements(found: Iterable[Line]) -> list[object]:
    return [_statement(line) for line in found]


def _statement(line: Line) -> dict[str, object]:
    actions, resources = list(line.actions), list(line.resources)
    principals = list(line.principals)
    return {
        "effect": line.effect,
        "actions": [] if line.all_actions_but else actions,
        "notActions": actions if line.all_actions_but else [],
        "resources": [] if line.all_resources_but else resources,
        "notResources": resources if line.all_resources_but else [],
        "principals": [] if line.all_principals_but else principals,
        "notPrincipals": principals if line.all_principals_but else [],
        "condition": _condition(line.condition),
        "policies": list(line.policies),
        "insteadOf": _statements(line.instead_of),
        "marks": list(line.marks),
    }


def _condition(condition: Condition) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for clause in condition.clauses:
        key = clause.key_as_written or clause.key
        found.setdefault(clause.operator, {})[key] = list(clause.values)
    return found
