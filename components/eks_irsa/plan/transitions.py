"""What changes for an entry that the stack made before, and what is said beforehand.

A service account that is created, one that is patched and one that is not managed are
three things to the engine; moving an entry between them must not take the live service
account away.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from eks_irsa.errors import Problem
from eks_irsa.identity.model import Identity, IdentityMode, Mode
from eks_irsa.plan.model import Plan

__all__ = [
    "ExistingServiceAccount",
    "Recorded",
    "cluster_warnings",
    "is_let_go",
    "recorded_of",
    "taken_over",
    "transition_warnings",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """An entry as the stack's state holds it.

    Attributes:
        mode: What was done with its service account.
        role_arn: The role that was made for it; None if none was.
        identity: By which way its pods get the role. Default: irsa, which was the only
            way before there was a choice.
        association_id: `a-...` of its association. Default: it has none.
        association_cluster: The EKS cluster that has it; empty if not known.
        of_eksctl: eksctl is a manager of its service account, which was imported.
    """

    mode: Mode
    role_arn: str | None
    identity: IdentityMode = "irsa"
    association_id: str | None = None
    association_cluster: str = ""
    of_eksctl: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ExistingServiceAccount:
    """A service account as the cluster has it before the stack creates or patches it.

    Attributes:
        exists: It is there.
        role_arn: What its role annotation says; None if it has none.
        unread: Why it could not be read; None if it was.
        managers: `labels.<key>`, `annotations.<key>` and names of further fields ->
            the field managers that own it.
    """

    exists: bool = True
    role_arn: str | None = None
    unread: str | None = None
    managers: Mapping[str, frozenset[str]] = field(
        default_factory=dict[str, frozenset[str]]
    )


def recorded_of(entry: Identity, recorded: Mapping[str, Recorded]) -> Recorded | None:
    """Find what the state holds of an entry, under whichever of its names.

    Args:
        entry: The entry as it is planned now.
        recorded: What the state holds, by `<namespace>/<name>`.
    """
    keys = (entry.key, *entry.former_keys)
    return next((recorded[key] for key in keys if key in recorded), None)


def is_let_go(entry: Identity, before: Recorded | None) -> bool:
    """Tell whether a created service account is to be retained.

    Args:
        entry: The entry as it is planned now.
        before: What the state holds of it; None for nothing.
    """
    return (
        entry.mode == "notManaged" and before is not None and before.mode == "created"
    )


def taken_over(plan: Plan, recorded: Mapping[str, Recorded]) -> tuple[str, ...]:
    """List the entries whose existing service account is annotated for the first time.

    Args:
        plan: What is asked for now.
        recorded: What the state holds, by `<namespace>/<name>`.
    """
    return tuple(
        entry.key
        for entry in plan.service_accounts
        if entry.mode == "patched"
        and (
            (before := recorded_of(entry, recorded)) is None
            or before.mode == "notManaged"
        )
    )


def transition_warnings(
    plan: Plan,
    recorded: Mapping[str, Recorded],
    live: Mapping[str, ExistingServiceAccount],
    *,
    stack: str,
) -> Iterator[Problem]:
    """Say what a reviewer would not see in the engine's own preview.

    Args:
        plan: What is asked for now.
        recorded: What the state holds, by `<namespace>/<name>`.
        live: What the cluster has of the entries that `taken_over` lists.
        stack: `<organization>/<project>/<stack>`, the source of the warnings.
    """
    for entry in plan.service_accounts:
        before = recorded_of(entry, recorded)
        found = [*_changes(entry, before)] if before else []
        if entry.key in live:
            found += _taking_over(entry, live[entry.key])
        for code, message in found:
            yield Problem(
                source=stack,
                path=entry.key,
                code=code,
                severity="warning",
                message=message,
            )


def cluster_warnings(
    plan: Plan,
    recorded: Mapping[str, Recorded],
    trusted: Collection[str],
    *,
    stack: str,
) -> Iterator[Problem]:
    """Warn of a cluster that was deleted and made again under its name.

    Its ARN is the same, so that to the engine nothing in it has changed.

    Args:
        plan: What the stack will make.
        recorded: What the state holds, by `<namespace>/<name>`.
        trusted: ARNs of the OIDC providers that the recorded roles for this cluster's
            ARN trust; empty if there are none.
        stack: `<organization>/<project>/<stack>`, the source of the warning.
    """
    in_cluster = [key for key, one in recorded.items() if one.mode != "notManaged"]
    if trusted and plan.cluster.provider_arn not in trusted and in_cluster:
        message = (
            f"the cluster {plan.cluster.arn} has another OIDC issuer than before, as "
            "after it was deleted and made again; without a refresh nothing is made in "
            "the new cluster, because the state has it already; run "
            "PULUMI_K8S_DELETE_UNREACHABLE=true pulumi up --refresh"
        )
        yield Problem(
            source=stack,
            path="metadata.name",
            code="W-CLUSTER-REPLACED",
            severity="warning",
            message=message,
        )


def _changes(entry: Identity, before: Recorded) -> Iterator[tuple[str, str]]:
    arn = before.role_arn
    if entry.role and arn and arn != entry.role_arn:
        message = (
            f"the role {arn} is replaced by {entry.role_arn}, as a role's name and "
            "path cannot change; restart the pods of this service account, and correct "
            "whatever names the old role"
        )
        yield "W-ROLE-REPLACED", message
    if is_let_go(entry, before):
        message = (
            "the service account is retained: it stays as it is, annotation and labels "
            "included, and is not managed from now on"
        )
        yield "W-RETAINED", message
    if entry.mode == "created" and before.mode == "patched":
        message = (
            "the service account was patched, and counts as created from now on: it is "
            "deleted with its entry"
        )
        yield "W-CREATED", message


def _taking_over(
    entry: Identity, account: ExistingServiceAccount
) -> Iterator[tuple[str, str]]:
    if account.unread:
        message = (
            "the service account is patched, and the role it has until now could not "
            f"be read: {account.unread}"
        )
        yield "W-PATCHED", message
    elif not account.exists:
        message = (
            "there is no such service account to patch; it is made, and stays when its "
            "entry is removed; take the entry out of patchExisting to have it created, "
            "and deleted with its entry"
        )
        yield "W-NOTHING-TO-PATCH", message
    elif account.role_arn and account.role_arn != entry.role_arn:
        message = (
            f"the service account is patched; until now it has the role "
            f"{account.role_arn}, which is not put back when its entry is removed"
        )
        yield "W-PATCHED", message
