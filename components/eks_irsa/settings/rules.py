"""What settings must mean to be used; their structure holds already."""

from collections.abc import Iterator
from typing import Final, cast

from eks_irsa.documents import arns, names
from eks_irsa.documents.globs import glob_fault, is_literal
from eks_irsa.identity.rules import FIELDS, value_faults
from eks_irsa.settings.house_rules import house_rule_findings
from eks_irsa.settings.model import RoleSettings, Settings
from eks_irsa.settings.trusted_clusters import trusted_cluster_findings
from eks_irsa.source.findings import Finding, Path

__all__ = ["findings"]

# Of one service account -> the code of whoever gives it to many.
_OF_ONE: Final = {
    "association_id": "E-ASSOCIATION-ID",
    "inline_policy_names": "E-POLICY-NAME",
    "role_description": "E-ROLE-DESCRIPTION",
    "role_name": "E-ROLE-NAME",
}


def findings(settings: Settings) -> Iterator[Finding]:
    """Find every breach of a rule."""
    if "\0" in (settings.cluster_config or ""):
        message = "holds a null character, which no path may; write the path of a file"
        yield Finding(("clusterConfig",), "E-FILE", message)
    # An empty text is what a default in Pulumi.yaml says for none.
    if settings.account_id and not arns.is_account_id(settings.account_id):
        message = (
            f"{settings.account_id!r} is not an AWS account id; expected 12 digits"
        )
        yield Finding(("accountId",), "E-ACCOUNT-ID", message)
    if fault := names.audience_fault(settings.audience):
        yield Finding(("audience",), "E-AUDIENCE", fault)
    yield from _role_findings(settings.defaults, ("defaults",))
    for pattern, override in settings.overrides.items():
        path = ("overrides", pattern)
        if fault := glob_fault(pattern):
            yield Finding(path, "E-GLOB", fault, at_key=True)
        yield from _role_findings(override, path)
    yield from _rename_findings(settings)
    yield from _adoption_findings(settings)
    yield from house_rule_findings(settings.rules, ("rules",))
    for key, patterns in (
        ("patchExisting", settings.patch_existing),
        ("include", settings.include),
        ("exclude", settings.exclude),
    ):
        for index, pattern in enumerate(patterns):
            if fault := glob_fault(pattern):
                yield Finding((key, index), "E-GLOB", fault)


def _rename_findings(settings: Settings) -> Iterator[Finding]:
    for old, new in settings.renames.items():
        for at_key, name in ((True, old), (False, new)):
            if fault := _entry_name_fault(name):
                yield Finding(("renames", old), "E-RENAME", fault, at_key=at_key)


def _adoption_findings(settings: Settings) -> Iterator[Finding]:
    """Find what cannot name an entry, and one of which nothing is imported."""
    for key, adoption in settings.adopt.items():
        path = ("adopt", key)
        if fault := _entry_name_fault(key):
            yield Finding(path, "E-ADOPT", fault, at_key=True)
        if not adoption.asked():
            message = (
                "names nothing that exists; write role, attachedPolicies, "
                "inlinePolicies or serviceAccount, or take the entry out"
            )
            yield Finding(path, "E-ADOPT", message, at_key=True)
        for wrong in value_faults("adopt", adoption.asked()):
            at = (*path, *adoption.spelled(wrong.path[1:]))
            yield Finding(at, wrong.code, wrong.message, wrong.severity)


def _entry_name_fault(name: str) -> str | None:
    namespace, slash, account = name.partition("/")
    if not slash:
        return f"{name!r} is no name of an entry; expected '<namespace>/<name>'"
    return names.namespace_fault(namespace) or names.service_account_name_fault(account)


def _role_findings(role: RoleSettings, path: Path) -> Iterator[Finding]:
    for field in sorted(role.model_fields_set & FIELDS.keys()):
        value = cast("object", getattr(role, field))
        if value is None or (field == "permissions_boundary" and value == ""):
            continue  # empty is no boundary
        alias = RoleSettings.alias_of(field)
        if field in _OF_ONE and not (path[1:] and is_literal(str(path[1]))):
            message = (
                "is of one service account; write it under its name, "
                f"overrides: {{<namespace>/<name>: {{{alias}: ...}}}}"
            )
            yield Finding((*path, alias), _OF_ONE[field], message, at_key=True)
        for fault in value_faults(field, value):
            at = (*path, alias, *fault.path[1:])
            yield Finding(
                at, fault.code, fault.message, fault.severity, at_key=fault.at_key
            )
    for index, trusted in enumerate(role.trusted_clusters or ()):
        yield from trusted_cluster_findings(trusted, (*path, "trustedClusters", index))
    label = role.managed_by_label
    if label is not None and (wrong := names.label_value_fault(label)):
        yield Finding((*path, "managedByLabel"), "E-LABEL", wrong)
