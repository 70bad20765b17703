"""What the stacks of a project need of IAM's quotas, counted for each AWS account.

Quotas of one role, such as the size of its trust policy, are `identity`'s.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from eks_irsa.documents.limits import Limits
from eks_irsa.errors import Problem
from eks_irsa.plan.fleet import PlannedStack, named
from eks_irsa.source.findings import Finding

__all__ = [
    "QUOTA_CODES",
    "WORDS",
    "Inventory",
    "Quota",
    "Subject",
    "quota_problems",
    "quotas",
]

Subject: TypeAlias = Literal["roles", "oidcProviders"]
"""What is counted. Stacks make no managed policies, so these are not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kind:
    """One quota.

    Attributes:
        words: What it counts.
        quota_code: Its code in AWS's Service Quotas.
        setting: The setting below `limits` that raises it.
        field: The same in the model.
        problem_code: Of the problem that it is exceeded.
        needs: What a stack needs, each by a text of its own in the AWS account.
    """

    words: str
    quota_code: str
    setting: str
    field: str
    problem_code: str
    needs: Callable[[PlannedStack], set[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Inventory:
    """What is known of an AWS account as it is now.

    Attributes:
        roles: Names of its roles in lower case; None if they are not known.
        oidc_providers: How many it has; None if that is not known.
        limits: Quotas as AWS gives them; none that it does not give.
    """

    roles: frozenset[str] | None = None
    oidc_providers: int | None = None
    limits: Mapping[Subject, int] = field(default_factory=dict[Subject, int])


@dataclass(frozen=True, kw_only=True, slots=True)
class Quota:
    """A quota of an AWS account beside what the fleet needs of it.

    Attributes:
        account_id: The AWS account; empty for the stacks that do not say theirs.
        subject: What is counted.
        stacks: How many stacks are counted.
        needed: How many they need together, those that exist included.
        to_make: How many of these do not exist yet; None if that is not known.
        used: How many the AWS account has now; None if that is not known.
        limit: How many it takes; None where the AWS account is not known.
    """

    account_id: str
    subject: Subject
    stacks: int
    needed: int
    to_make: int | None
    used: int | None
    limit: int | None

    @property
    def exceeded(self) -> bool:
        """Whether AWS would refuse some of what is needed, as far as is known."""
        if self.limit is None:
            return False
        if self.used is None or self.to_make is None:
            return self.needed > self.limit
        return self.to_make > 0 and self.used + self.to_make > self.limit

    @property
    def full(self) -> bool:
        """Whether there is no room, and nobody knows whether some is needed."""
        if self.limit is None or self.used is None or self.to_make is not None:
            return False
        return self.needed > 0 and self.used >= self.limit


def quotas(
    stacks: Iterable[PlannedStack], inventory: Mapping[str, Inventory]
) -> list[Quota]:
    """Count what the stacks need.

    Args:
        stacks: All of the fleet.
        inventory: AWS account -> what it has now, where that is known.

    Returns:
        Two for each AWS account, by its id; those of stacks that do not say theirs
        last.
    """
    return [
        _quota(account_id, subject, members, inventory.get(account_id, Inventory()))
        for account_id, members in _by_account(stacks).items()
        for subject in _KINDS
    ]


def quota_problems(
    counted: Iterable[Quota], stacks: Iterable[PlannedStack]
) -> Iterator[Problem]:
    """Word each quota that is exceeded as an error, one that is full as a warning.

    Args:
        counted: The quotas.
        stacks: The stacks they were counted over.

    Returns:
        Each at the setting `accountId` of the stack that needs most.
    """
    members = _by_account(stacks)
    for quota in counted:
        if not (quota.exceeded or quota.full):
            continue
        kind = _KINDS[quota.subject]
        ranked = sorted(
            members[quota.account_id], key=lambda stack: -len(kind.needs(stack))
        )
        if not quota.exceeded:
            finding = _full(quota, kind)
            yield from ranked[0].settings.problems([finding])
            continue
        there = "" if quota.used is None else f" and has {quota.used:,}"
        new = "" if quota.to_make is None else f", {quota.to_make:,} of them new"
        message = (
            f"the AWS account {quota.account_id} takes {quota.limit:,} {kind.words}"
            f"{there}, and the stacks {named([stack.name for stack in ranked])} need "
            f"{quota.needed:,}{new}; have AWS raise the quota {kind.quota_code} and "
            f"set limits.{kind.setting}, or move entries to another AWS account"
        )
        finding = Finding(("accountId",), kind.problem_code, message)
        yield from ranked[0].settings.problems([finding])


def _full(quota: Quota, kind: _Kind) -> Finding:
    message = (
        f"the AWS account {quota.account_id} takes {quota.limit:,} {kind.words} and "
        f"has {quota.used:,}, so a cluster that has none there gets none; have AWS "
        f"raise the quota {kind.quota_code} and set limits.{kind.setting} before a "
        "cluster is added"
    )
    return Finding(("accountId",), "W-LIMIT-OIDC-PROVIDERS", message, "warning")


def _by_account(stacks: Iterable[PlannedStack]) -> dict[str, list[PlannedStack]]:
    found: dict[str, list[PlannedStack]] = {}
    for stack in stacks:
        found.setdefault(stack.account_id, []).append(stack)
    return {
        account_id: found[account_id]
        for account_id in sorted(found, key=lambda one: (not one, one))
    }


def _quota(
    account_id: str,
    subject: Subject,
    stacks: Sequence[PlannedStack],
    inventory: Inventory,
) -> Quota:
    # Without the AWS account a name says nothing about that of another stack.
    needed = {
        (one, "" if account_id else stack.name)
        for stack in stacks
        for one in _KINDS[subject].needs(stack)
    }
    used, to_make = inventory.oidc_providers, None
    if subject == "roles" and inventory.roles is not None:
        used = len(inventory.roles)
        to_make = sum(one not in inventory.roles for one, _ in needed)
    elif subject == "roles":
        used = None
    return Quota(
        account_id=account_id,
        subject=subject,
        stacks=len(stacks),
        needed=len(needed),
        to_make=to_make,
        used=used,
        limit=_limit(subject, stacks, inventory) if account_id else None,
    )


def _limit(
    subject: Subject, stacks: Sequence[PlannedStack], inventory: Inventory
) -> int:
    """Return what AWS says, else the lowest that a stack says, else AWS's default."""
    if subject in inventory.limits:
        return inventory.limits[subject]
    name = _KINDS[subject].field
    limits = [stack.settings.settings.limits for stack in stacks]
    said = [int(getattr(one, name)) for one in limits if name in one.model_fields_set]
    return min(said, default=int(getattr(Limits(), name)))


def _roles(stack: PlannedStack) -> set[str]:
    # IAM does not look at the case of names.
    entries = stack.plan.service_accounts
    return {entry.role.name.lower() for entry in entries if entry.role}


def _oidc_providers(stack: PlannedStack) -> set[str]:
    """Return the cluster: its provider counts once, whoever made it."""
    cluster = stack.plan.cluster
    return {f"{cluster.region}/{cluster.name}"} if stack.plan.with_provider else set()


# Source: https://docs.aws.amazon.com/eks/latest/best-practices/known_limits_and_service_quotas.html
_KINDS: Final[Mapping[Subject, _Kind]] = {
    "roles": _Kind(
        words="roles",
        quota_code="L-FE177D64",
        setting="rolesPerAccount",
        field="roles_per_account",
        problem_code="E-LIMIT-ROLES",
        needs=_roles,
    ),
    "oidcProviders": _Kind(
        words="OIDC providers",
        quota_code="L-858F3967",
        setting="oidcProvidersPerAccount",
        field="oidc_providers_per_account",
        problem_code="E-LIMIT-OIDC-PROVIDERS",
        needs=_oidc_providers,
    ),
}
QUOTA_CODES: Final[Mapping[str, Subject]] = {
    kind.quota_code: subject for subject, kind in _KINDS.items()
}
WORDS: Final[Mapping[Subject, str]] = {
    subject: kind.words for subject, kind in _KINDS.items()
}
