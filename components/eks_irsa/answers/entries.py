"""The entries of a checked ClusterConfig: what the role of each may do, and why."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from eks_irsa.answers.model import EntryPermissions, Origin, RolePolicy
from eks_irsa.answers.pods import known_of, way_of
from eks_irsa.answers.statements import inline_policy, managed_policy
from eks_irsa.cluster_config.entries import Entry, entries_of
from eks_irsa.cluster_config.reading import ClusterConfigFile
from eks_irsa.documents.named_policies import named_managed_policy_arns
from eks_irsa.documents.policy_grammar import JsonPath
from eks_irsa.documents.well_known_policies import well_known_policy
from eks_irsa.errors import Problem
from eks_irsa.identity.model import Association, Identity, Role
from eks_irsa.plan.entry_settings import setting_path
from eks_irsa.plan.model import UNKNOWN_ACCOUNT, Cluster, Plan
from eks_irsa.settings.model import RoleSettings
from eks_irsa.settings.reading import StackSettings
from eks_irsa.source.findings import Finding, Path

__all__ = ["permissions_of"]


def permissions_of(
    plan: Plan, *, file: ClusterConfigFile, settings: StackSettings
) -> Iterator[EntryPermissions]:
    """Give what the role of each entry may do, in file order.

    Args:
        plan: The plan of the file with the settings.
        file: The file, for places.
        settings: The settings, for places.
    """
    entries = {entry.key: entry for entry in entries_of(file.config)}
    found = [
        _Permissions(identity, entries[identity.key], plan, file, settings)
        for identity in plan.service_accounts
    ]
    made = {one.role_arn: one for one in found if one.role_arn}
    for one in found:
        yield one.permissions(made)


class _Permissions:
    """One entry, and where to look for what brings its policies."""

    def __init__(
        self,
        identity: Identity,
        entry: Entry,
        plan: Plan,
        file: ClusterConfigFile,
        settings: StackSettings,
    ) -> None:
        self._identity = identity
        self._entry = entry
        self._plan = plan
        self._file = file
        self._settings = settings

    @property
    def role_arn(self) -> str | None:
        """ARN of the role that the entry makes, as far as it is known."""
        known = self._identity.role and self._plan.cluster.knows_account
        return self._identity.role_arn if known else None

    def permissions(self, made: Mapping[str, "_Permissions"]) -> EntryPermissions:
        """Give what pods have.

        Args:
            made: ARN -> the entry that makes the role.
        """
        identity, role = self._identity, self._identity.role
        cluster = self._plan.cluster
        found = EntryPermissions(
            key=identity.key,
            origin=self._in_file(()),
            subject=identity.subject,
            trust=way_of(identity, self._plan),
            role_arn=identity.role_arn
            if role is None or cluster.knows_account
            else None,
            role_name=_role_name(role, cluster) if role else None,
            existing_role=identity.attach_role_arn,
            identity=identity.identity,
            **self.of_role(identity),
        )
        association = identity.association
        if association is None:
            return found
        by_association = self._by_association(found, association, made)
        if identity.identity == "podIdentity":
            return by_association
        differs = by_association != found
        return replace(found, by_association=by_association if differs else None)

    def of_role(self, identity: Identity) -> dict[str, Any]:
        """Give what the role may do.

        Args:
            identity: The entry whose pods have it.
        """
        role = self._identity.role
        if role is None:
            return {"policies": (), "boundary": None, "context": {}}
        return {
            "policies": tuple(self._policies(role)),
            "boundary": self._boundary(role),
            "context": known_of(role, self._plan.cluster, identity),
        }

    def _by_association(
        self,
        found: EntryPermissions,
        association: Association,
        made: Mapping[str, "_Permissions"],
    ) -> EntryPermissions:
        """Give what pods have by the association, of its target role too."""
        target, policy = association.target_role_arn, association.session_policy
        if target:
            # Of both nothing says which of the two roles the policy bounds.
            last = None if policy else made.get(target)
            if last is None:
                nothing: dict[str, Any] = {"policies": (), "boundary": None}
                return replace(found, existing_role=target, **nothing)
            return replace(found, existing_role=None, **last.of_role(self._identity))
        if not policy:
            return found
        session = inline_policy(
            label="policy of the association",
            document=policy,
            origin=self._in_file(self._entry.place(("session_policy",))),
            unknown_account=self._placeholder,
        )
        return replace(found, session=session)

    @property
    def _placeholder(self) -> str | None:
        return None if self._plan.cluster.knows_account else UNKNOWN_ACCOUNT

    def _policies(self, role: Role) -> Iterator[RolePolicy]:
        for arn in role.managed_policy_arns:
            yield managed_policy(arn, origin=self._origin_of_arn(arn))
        for policy in role.inline_policies:
            if policy.key in self._entry.fields.get("inline_policies", ()):
                yield inline_policy(
                    label=policy.key,
                    document=policy.document,
                    origin=self._in_file(self._entry.place(("inline_policies",))),
                    place=self._statement_place,
                    unknown_account=self._placeholder,
                )
            else:
                label, origin = self._origin_of_inline(policy.key)
                yield inline_policy(
                    label=label, document=policy.document, origin=origin
                )

    def _statement_place(self, step: JsonPath) -> Origin:
        place = self._entry.place(("inline_policies",))
        return self._in_file((*place, *step))

    def _origin_of_arn(self, arn: str) -> Origin:
        """Find what attaches a managed policy; the first of several, as the plan."""
        asked = self._identity.asked
        for index, one in enumerate(asked.get("attach_policy_arns", ())):
            if one == arn:
                return self._in_file(self._entry.place(("attach_policy_arns", index)))
        partition = self._plan.cluster.partition
        for flag in asked.get("well_known_policies", ()):
            known = well_known_policy(name=flag, partition=partition)
            if arn in known.managed_policy_arns:
                return self._of_flag(flag)
        for name in asked.get("named_policies", ()):
            if arn in named_managed_policy_arns(name, partition=partition):
                return self._of_named(name)
        return self._in_file(())

    def _origin_of_inline(self, name: str) -> tuple[str, Origin]:
        asked = self._identity.asked
        if name in asked.get("named_policies", ()):
            return f"named policy {name}", self._of_named(name)
        for flag in asked.get("well_known_policies", ()):
            known = well_known_policy(name=flag, partition="aws")
            if any(policy.name == name for policy in known.inline_policies):
                return f"{name} of the well-known policy {flag}", self._of_flag(flag)
        return f"inline policy {name}", self._in_file(())

    def _boundary(self, role: Role) -> RolePolicy | None:
        arn = role.permissions_boundary
        if arn is None:
            return None
        return managed_policy(arn, origin=self._of_field("permissions_boundary"))

    def _of_flag(self, flag: str) -> Origin:
        return self._in_file((*self._entry.place(("well_known_policies",)), flag))

    def _of_named(self, name: str) -> Origin:
        return self._of_field("named_policies", name)

    def _of_field(self, field: str, *steps: str) -> Origin:
        """Find what decides a field that settings may lay under or over the file."""
        settings = self._settings.settings
        path = setting_path(settings, key=self._identity.key, field=field)
        in_file = self._entry.place((field,))
        if path is None and self._file_says(in_file):
            return self._in_file(in_file)
        at = path or ("defaults", RoleSettings.alias_of(field))
        (problem,) = self._settings.problems([Finding((*at, *steps), "", "")])
        return _origin(problem)

    def _file_says(self, steps: Path) -> bool:
        value: object = self._file.document.root
        for step in (*self._entry.path, *steps):
            if isinstance(value, list) and isinstance(step, int):
                value = cast("list[object]", value)[step]
            elif isinstance(value, dict):
                value = cast("dict[object, object]", value).get(step)
        return bool(steps) and value is not None

    def _in_file(self, steps: Path) -> Origin:
        (problem,) = self._file.problems([Finding((*self._entry.path, *steps), "", "")])
        return _origin(problem)


def _origin(problem: Problem) -> Origin:
    return Origin(
        file=problem.source,
        line=problem.line,
        column=problem.column,
        path=problem.path,
    )


def _role_name(role: Role, cluster: Cluster) -> str | None:
    # A name that is derived has a hash over the cluster's ARN in it.
    return role.name if role.name_given or cluster.knows_account else None
