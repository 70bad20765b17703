"""What exists already and would stop `pulumi up` half-way, said before it begins.

IAM and the API server refuse to create what exists. The engine meets the refusal when
other resources are made already; the state and two look-ups tell beforehand.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from eks_irsa.cluster_config.entries import Entry
from eks_irsa.identity.model import Identity, Role
from eks_irsa.plan.model import Cluster, Plan
from eks_irsa.plan.provider_ownership import STACK_TAG, ProviderUse
from eks_irsa.plan.transitions import ExistingServiceAccount, Recorded
from eks_irsa.source.findings import Finding, Path

__all__ = [
    "Existing",
    "ExistingRole",
    "obstacle_findings",
    "provider_findings",
    "role_names_to_look_up",
    "service_accounts_to_look_up",
    "unread_findings",
]

_MADE: Final = frozenset({"created", "patched"})


@dataclass(frozen=True, kw_only=True, slots=True)
class ExistingRole:
    """What IAM answers about the name of a role.

    Attributes:
        tags: The tags of the role that has the name.
        unread: Why IAM did not tell whether there is a role; None if it did.
    """

    tags: Mapping[str, str]
    unread: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Existing:
    """What exists before a run.

    Attributes:
        service_accounts: What the cluster answered of `service_accounts_to_look_up`, by
            `<namespace>/<name>`.
        roles: What IAM answered of `role_names_to_look_up`, by name; names that no role
            has are left out.
        recorded_roles: Name of each role in the stack's state -> its entry's key.
    """

    service_accounts: Mapping[str, ExistingServiceAccount]
    roles: Mapping[str, ExistingRole]
    recorded_roles: Mapping[str, str]


def role_names_to_look_up(
    plan: Plan, recorded_roles: Mapping[str, str]
) -> tuple[str, ...]:
    """List the names of the roles that will be created.

    Args:
        plan: What the stack will make.
        recorded_roles: Name of each role in the stack's state -> its entry's key.
    """
    known = {name.lower() for name in recorded_roles}
    return tuple(
        entry.role.name
        for entry in plan.service_accounts
        if entry.role and entry.role.name.lower() not in known
    )


def service_accounts_to_look_up(
    plan: Plan, recorded: Mapping[str, Recorded]
) -> tuple[str, ...]:
    """List the service accounts that will be created, by `<namespace>/<name>`.

    Args:
        plan: What the stack will make.
        recorded: What the state holds, by `<namespace>/<name>`.
    """
    return tuple(
        entry.key
        for entry in plan.service_accounts
        if entry.mode == "created"
        and (entry.key not in recorded or recorded[entry.key].mode not in _MADE)
    )


def obstacle_findings(
    plan: Plan, existing: Existing, *, entries: Mapping[str, Entry], stack: str
) -> Iterator[Finding]:
    """Find what would stop `pulumi up`, entry by entry, and what could not be seen.

    Args:
        plan: What the stack will make.
        existing: What exists.
        entries: The entries of the file, by `<namespace>/<name>`.
        stack: `<organization>/<project>/<stack>`.
    """
    keys = {entry.key for entry in plan.service_accounts}
    recorded = {name.lower(): key for name, key in existing.recorded_roles.items()}
    for entry in plan.service_accounts:
        asked = entries[entry.key]
        account = existing.service_accounts.get(entry.key)
        adopted = entry.adopted
        is_there = account is not None and account.exists and not account.unread
        if account and is_there and "service_account" not in adopted:
            message = _existing_service_account(entry, account, asked)
            at = (*asked.path, *asked.place(("service_account_name",)))
            yield Finding(at, "E-SERVICE-ACCOUNT-EXISTS", message)
        if entry.role is None:
            continue
        name = asked.place(("role_name",)) if entry.role.name_given else ()
        at = (*asked.path, *name)
        owner = recorded.get(entry.role.name.lower())
        found = existing.roles.get(entry.role.name)
        if owner and owner not in {entry.key, *entry.former_keys, *keys}:
            yield Finding(at, "E-ROLE-EXISTS", _moved_role(entry, entry.role, owner))
        elif found and not found.unread and "role" not in adopted:
            message = _existing_role(
                entry, entry.role, found.tags, asked=asked, stack=stack
            )
            yield Finding(at, "E-ROLE-EXISTS", message)
    first = next(iter(entries.values()), None)
    at = first.path[:-1] if first else ()
    for what, answers in (
        ("service accounts", existing.service_accounts.values()),
        ("roles", existing.roles.values()),
    ):
        reasons = [one.unread for one in answers if one.unread]
        yield from unread_findings(what, reasons, at=at)


def provider_findings(
    use: ProviderUse, cluster: Cluster, *, exists: bool, in_state: bool
) -> Iterator[Finding]:
    """Find a provider that is the stack's by its tags and not in its state.

    Args:
        use: What the stack does with the provider.
        cluster: The cluster whose issuer it is for.
        exists: IAM has it.
        in_state: The state has it as made by the stack.
    """
    if use == "manage" and exists and not in_state:
        message = (
            f"the IAM OIDC provider {cluster.provider_arn} already exists with the "
            "tags of this stack, whose state does not have it; set oidcProvider to "
            "managed to take it in, or, after a run that was killed, bring it in with "
            f"'eks-irsa recover {cluster.name}-provider'"
        )
        yield Finding(("oidcProvider",), "E-PROVIDER-EXISTS", message)


def _existing_service_account(
    entry: Identity, account: ExistingServiceAccount, asked: Entry
) -> str:
    what = f"the service account {entry.key!r} already exists"
    if account.role_arn == entry.role_arn:
        return (
            f"{what} and has this entry's role; after a run that was killed, bring it "
            f"in with 'eks-irsa recover {entry.key}-service-account'; otherwise set "
            f"patchExisting: [{entry.key}] to annotate it in place"
        )
    alone = "roleOnly: true in the entry"
    if asked.identity == "podIdentity":
        alone = "take createServiceAccount out of the entry"
    if account.role_arn:
        return (
            f"{what} with the role {account.role_arn}, and this stack did not create "
            "it; 'eks-irsa adopt' writes the settings that keep that role; to give it "
            f"the entry's role instead, set patchExisting: [{entry.key}]; {alone} "
            "leaves it alone"
        )
    return (
        f"{what} and this stack did not create it; set patchExisting: [{entry.key}] to "
        f"annotate it in place, or {alone} to leave it alone; the setting adopt takes "
        "it in"
    )


def _existing_role(
    entry: Identity, role: Role, tags: Mapping[str, str], *, asked: Entry, stack: str
) -> str:
    what = f"an IAM role with the name {role.name!r} already exists"
    owner = tags.get(STACK_TAG)
    if owner == stack:
        return (
            f"{what}, with the tag of this stack, whose state does not have it; after "
            f"a run that was killed, bring it in with 'eks-irsa recover "
            f"{entry.key}-role'"
        )
    whose = f"the tag of the stack {owner!r}" if owner else "no tag of a stack"
    *_, key = asked.place(("role_arn",))
    rename = "set another roleName, or " if asked.place(("role_name",)) else ""
    take_in = "" if owner else "; 'eks-irsa adopt' writes the settings that take it in"
    return (
        f"{what}, with {whose}; {rename}write {key} to use the role as it is{take_in}"
    )


def _moved_role(entry: Identity, role: Role, owner: str) -> str:
    return (
        f"the role {role.name!r} already exists in this stack as the role of {owner!r},"
        f" which is not in the file any more; set renames: {{{owner}: {entry.key}}} to "
        "keep the role, or set another roleName"
    )


def unread_findings(
    what: str, reasons: Sequence[str], *, at: Path
) -> Iterator[Finding]:
    """Say once for all of a kind that they could not be looked up.

    Args:
        what: What they are, in the plural.
        reasons: Why each that was not seen was not; may be empty.
        at: Where the file asks for them.
    """
    if reasons:
        message = (
            f"{len(reasons)} of the {what} that will be created could not be looked up "
            f"({reasons[0]}); up is stopped by each that already exists"
        )
        yield Finding(at, "W-NOT-LOOKED-UP", message, "warning")
