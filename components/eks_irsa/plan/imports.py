"""What the settings import, held against what is there before the run."""

from collections.abc import Collection, Iterator
from typing import TypeAlias

from eks_irsa.documents.tags import EKSCTL_STACK, STACK_NAME_TAG
from eks_irsa.errors import Severity
from eks_irsa.identity.adoption_rules import role_lost_by_import
from eks_irsa.identity.model import Identity
from eks_irsa.plan.model import Plan
from eks_irsa.plan.obstacles import Existing, ExistingRole
from eks_irsa.plan.provider_ownership import STACK_TAG
from eks_irsa.plan.transitions import ExistingServiceAccount
from eks_irsa.source.findings import Finding

__all__ = ["import_findings", "is_taken_over"]

_Said: TypeAlias = tuple[str, str, Severity]


def import_findings(
    plan: Plan, existing: Existing, *, stack: str, file: str
) -> Iterator[Finding]:
    """Find what is imported and is not there, or is another's.

    Args:
        plan: What the stack will make.
        existing: What exists of what the state does not have.
        stack: `<organization>/<project>/<stack>`.
        file: Path of the ClusterConfig, for commands.

    Yields:
        Findings about the settings.
    """
    recorded = existing.recorded_roles
    known = {name.lower() for name in recorded}
    keys = {entry.key for entry in plan.service_accounts}
    for entry in plan.service_accounts:
        adopted, at = entry.adopted, ("adopt", entry.key)
        role: str | None = adopted.get("role")
        own = {entry.key, *entry.former_keys}
        lost = role and role_lost_by_import(role, own=own, recorded=recorded)
        # A role whose entry has gone from the file is an obstacle, import or not.
        if role and lost and lost[1] in {*own, *keys}:
            yield Finding((*at, "role"), "E-ADOPT", _lost(entry.key, role, *lost, own))
        elif role and role.lower() not in known:
            found = existing.roles.get(role)
            for code, message, severity in _role(role, found, stack=stack, file=file):
                yield Finding((*at, "role"), code, message, severity)
        account = existing.service_accounts.get(entry.key)
        if account and "service_account" in adopted:
            for code, message, severity in _service_account(entry, account):
                yield Finding((*at, "serviceAccount"), code, message, severity)


def _lost(key: str, role: str, name: str, owner: str, own: Collection[str]) -> str:
    if owner in own:
        return (
            f"the stack has the role {name!r} for this entry, and up would delete it "
            f"for {role!r}; take that out here, and out of overrides of {key!r}"
        )
    return (
        f"the role {role!r} is in this stack as the role of {owner!r}, and up would "
        f"delete it; take it out here, and out of overrides of {key!r}"
    )


def _role(
    name: str, found: ExistingRole | None, *, stack: str, file: str
) -> Iterator[_Said]:
    if found is None:
        message = f"there is no role {name!r}; take it out here to have it made"
        yield "E-ADOPT", message, "error"
    elif not found.unread:
        owner = found.tags.get(STACK_TAG, stack)
        if owner != stack:
            message = (
                f"the role {name!r} has the tag of the stack {owner!r}; take the entry "
                "out of one of the two, or, if that stack is gone, remove the tag"
            )
            yield "E-ADOPT", message, "error"
        if made_by := found.tags.get(STACK_NAME_TAG):
            way = (
                f"run 'eks-irsa cloudformation retain {file}'"
                if made_by.startswith(EKSCTL_STACK)
                else "give it DeletionPolicy: Retain there (CDK: RemovalPolicy.RETAIN)"
            )
            message = (
                f"the role {name!r} is of the CloudFormation stack {made_by!r}, which "
                f"deletes it with itself; before up {way}"
            )
            yield "W-CLOUDFORMATION", message, "warning"


def _service_account(
    entry: Identity, account: ExistingServiceAccount
) -> Iterator[_Said]:
    if account.unread:
        return
    if not account.exists:
        message = (
            f"there is no service account {entry.key!r}; take it out here to have it "
            "made"
        )
        yield "E-ADOPT", message, "error"
    asked = {
        *(f"labels.{key}" for key in entry.labels),
        *(f"annotations.{key}" for key in entry.annotations),
        *(["imagePullSecrets"] if entry.image_pull_secrets else ()),
    }
    others = {key: who for key, who in account.managers.items() if key not in asked}
    lost = sorted(key for key, who in others.items() if all(map(is_taken_over, who)))
    if kept := sorted(others.keys() - {*lost}):
        message = (
            f"{', '.join(kept)} of the service account stay, as other tools put them "
            "there, although the preview of the import shows them as removed"
        )
        yield "W-ADOPT", message, "warning"
    if lost:
        message = (
            f"{', '.join(lost)} of the service account go: what kubectl put there "
            "becomes the stack's; write them into the entry to keep them"
        )
        yield "W-ADOPT", message, "warning"


def is_taken_over(manager: str) -> bool:
    """Tell whether the Kubernetes plugin takes for its own what a manager owns.

    Args:
        manager: Name of the field manager.

    Source: `fixCSAFieldManagers` in provider/pkg/await/await.go of
    pulumi/pulumi-kubernetes
    """
    return manager.startswith("kubectl")
