"""The stacks of a project as a fleet: what several of them make, and must not share.

Stacks are compared where both say which AWS account they are in.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from eks_irsa.cluster_config.entries import Entry, entries_of
from eks_irsa.cluster_config.reading import ClusterConfigFile
from eks_irsa.errors import Problem
from eks_irsa.identity.model import Identity
from eks_irsa.plan.model import Plan
from eks_irsa.settings.reading import StackSettings
from eks_irsa.source.findings import Finding

__all__ = ["PlannedStack", "named", "overlaps", "unknown_accounts"]

_SHOWN: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedStack:
    """A stack, planned.

    Attributes:
        name: Its name, without organization and project.
        file: Its ClusterConfig.
        settings: Its settings.
        plan: What it makes.
    """

    name: str
    file: ClusterConfigFile
    settings: StackSettings
    plan: Plan

    @property
    def account_id(self) -> str:
        """Its AWS account; empty where the settings do not say."""
        return self.settings.settings.account_id or ""

    @property
    def cluster(self) -> tuple[str, str, str]:
        """AWS account, region and name of its EKS cluster."""
        cluster = self.plan.cluster
        return self.account_id, cluster.region, cluster.name


def named(names: Sequence[str]) -> str:
    """Write which stacks, the first ones by name.

    Args:
        names: Names of stacks, at least one.
    """
    shown, more = names[:_SHOWN], len(names) - _SHOWN
    text = ", ".join(map(repr, shown))
    return f"{text} and {more:,} more" if more > 0 else text


def unknown_accounts(stacks: Sequence[PlannedStack]) -> Iterator[Problem]:
    """Name the stacks that are left out of what is counted and compared.

    Args:
        stacks: All of the fleet.
    """
    unknown = [stack for stack in stacks if not stack.account_id]
    if not unknown:
        return
    message = (
        f"not set in {len(unknown):,} of {len(stacks):,} stacks "
        f"({named([stack.name for stack in unknown])}); without the AWS account no "
        "quota can be told for them, nor what another stack makes too"
    )
    found = Finding(("accountId",), "W-ACCOUNT-UNKNOWN", message, "warning")
    yield from unknown[0].settings.problems([found])


def overlaps(stacks: Iterable[PlannedStack]) -> list[Problem]:
    """Find what two stacks would both make.

    Args:
        stacks: All of the fleet.

    Returns:
        Each an error in a file of the later stack, in their order: service accounts and
        their roles, one problem for two stacks; roles of one name; an OIDC provider
        that both manage.
    """
    makers = _Makers()
    found: list[Problem] = []
    for stack in stacks:
        if stack.account_id:
            found += makers.entries(stack)
            found += makers.provider(stack)
    return found


class _Makers:
    """Who makes what, of the stacks looked at so far."""

    def __init__(self) -> None:
        self._service_accounts: dict[tuple[str, ...], PlannedStack] = {}
        # IAM does not look at the case of names.
        self._roles: dict[tuple[str, str], tuple[PlannedStack, Identity]] = {}
        self._providers: dict[tuple[str, ...], PlannedStack] = {}

    def entries(self, stack: PlannedStack) -> Iterator[Problem]:
        places = _places(stack)
        shared: dict[str, list[Identity]] = {}
        findings: list[Finding] = []
        makers: dict[str, PlannedStack] = {}
        for entry in stack.plan.service_accounts:
            maker, other = self._maker(stack, entry)
            if maker is None:
                continue
            here = (stack.cluster, entry.key)
            if other and (maker.cluster, other.key) != here:
                findings.append(_same_role(entry, maker, other, places))
            else:
                makers[maker.name] = maker
                shared.setdefault(maker.name, []).append(entry)
        for name, entries in shared.items():
            findings.append(_same_entries(entries, makers[name], places))
        yield from stack.file.problems(findings)

    def _maker(
        self, stack: PlannedStack, entry: Identity
    ) -> tuple[PlannedStack | None, Identity | None]:
        """Give the stack that makes an entry's service account or role already.

        Returns:
            The stack, None if there is none; and the entry whose role it is, None where
            it is the service account that both make.
        """
        maker: PlannedStack | None = None
        if entry.mode != "notManaged" or entry.association:
            account = (*stack.cluster, entry.key)
            first = self._service_accounts.setdefault(account, stack)
            maker = first if first is not stack else None
        if entry.role is None:
            return maker, None
        role = (stack.account_id, entry.role.name.lower())
        owner, other = self._roles.setdefault(role, (stack, entry))
        if maker or owner is stack:
            return maker, None
        return owner, other

    def provider(self, stack: PlannedStack) -> Iterator[Problem]:
        settings = stack.settings.settings
        if not stack.plan.with_provider or settings.oidc_provider != "managed":
            return
        first = self._providers.setdefault(stack.cluster, stack)
        if first is not stack:
            message = (
                f"the stack {first.name!r} manages the OIDC provider of the cluster "
                f"{stack.plan.cluster.name!r} too; set it to existing in one of them"
            )
            finding = Finding(("oidcProvider",), "E-PROVIDER-SHARED", message)
            yield from stack.settings.problems([finding])


def _places(stack: PlannedStack) -> Mapping[str, Entry]:
    return {entry.key: entry for entry in entries_of(stack.file.config)}


def _same_entries(
    entries: Sequence[Identity], maker: PlannedStack, places: Mapping[str, Entry]
) -> Finding:
    first, *more = entries
    others = f" and {len(more):,} more of this file" if more else ""
    message = (
        f"{first.key!r}{others} is made by the stack {maker.name!r} "
        f"({maker.file.source}) already, and cannot be made twice; take it out of one "
        "of the two stacks (settings include and exclude)"
    )
    return Finding(places[first.key].path, "E-ENTRY-SHARED", message)


def _same_role(
    entry: Identity,
    maker: PlannedStack,
    other: Identity,
    places: Mapping[str, Entry],
) -> Finding:
    name = entry.role.name if entry.role else ""
    message = (
        f"{name!r} is the name of the role of {other.key!r} in the stack "
        f"{maker.name!r} ({maker.file.source}), in the same AWS account; give one of "
        "the two entries another roleName"
    )
    asked = places[entry.key]
    path = (*asked.path, *asked.place(("role_name",)))
    return Finding(path, "E-ROLE-NAME-SHARED", message)
