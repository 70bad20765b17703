"""EKS Pod Identity associations that exist, and what is in the way of those to come.

EKS takes one association for each service account of a cluster, so that an existing
one would stop `pulumi up` half-way.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from eks_irsa.cluster_config.entries import Entry
from eks_irsa.documents.limits import ASSOCIATIONS_PER_CLUSTER
from eks_irsa.identity.model import Association, Identity
from eks_irsa.plan.model import Plan
from eks_irsa.plan.obstacles import unread_findings
from eks_irsa.plan.provider_ownership import STACK_TAG
from eks_irsa.plan.transitions import Recorded
from eks_irsa.source.findings import Finding

__all__ = [
    "ExistingAssociation",
    "association_findings",
    "association_id_findings",
    "associations_to_look_up",
    "limit_findings",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class ExistingAssociation:
    """What EKS answers about the association of a service account.

    Attributes:
        id: `a-...`; empty if it is not known.
        owner: ARN of the EKS add-on that has it. Default: none has.
        tags: Its tags; None if they are not known. Default: they are not.
        unread: Why EKS did not tell whether there is one; None if it did.
    """

    id: str = ""
    owner: str | None = None
    tags: Mapping[str, str] | None = None
    unread: str | None = None


def associations_to_look_up(
    plan: Plan, recorded: Mapping[str, Recorded]
) -> tuple[str, ...]:
    """List the service accounts whose association is made or taken in by this run.

    Args:
        plan: What the stack will make.
        recorded: What the state holds, by `<namespace>/<name>`.

    Returns:
        `<namespace>/<name>` of each.
    """
    return tuple(entry.key for entry, _ in _to_come(plan, recorded))


def association_findings(
    plan: Plan,
    recorded: Mapping[str, Recorded],
    existing: Mapping[str, ExistingAssociation],
    *,
    entries: Mapping[str, Entry],
    stack: str,
) -> Iterator[Finding]:
    """Find what would stop `pulumi up` half-way, and what could not be seen.

    Args:
        plan: What the stack will make.
        recorded: What the state holds, by `<namespace>/<name>`.
        existing: All associations of the cluster, by `<namespace>/<name>`.
        entries: `<namespace>/<name>` -> the entry of the file.
        stack: `<organization>/<project>/<stack>`.
    """
    unread = [one.unread for one in existing.values() if one.unread]
    yield from unread_findings("associations", unread, at=("iam",))
    if unread or not existing:
        return
    yield from limit_findings(
        [entry.key for entry in plan.service_accounts if entry.association], existing
    )
    for entry, association in _to_come(plan, recorded):
        found = existing.get(entry.key)
        if association.id or found is None:
            continue
        message = _existing_association(entry, found, stack=stack)
        in_file = entries[entry.key]
        at = (*in_file.path, *in_file.place(("service_account_name",)))
        yield Finding(at, "E-ASSOCIATION-EXISTS", message)


def association_id_findings(
    plan: Plan,
    recorded: Mapping[str, Recorded],
    existing: Mapping[str, ExistingAssociation],
) -> Iterator[Finding]:
    """Find settings `associationId` that are not of their service account.

    The engine would replace another's association, that is delete it.

    Args:
        plan: What the stack will make.
        recorded: What the state holds, by `<namespace>/<name>`.
        existing: All associations of the cluster, by `<namespace>/<name>`.
    """
    if any(one.unread for one in existing.values()):
        return
    whose = {one.id: key for key, one in existing.items()}
    for entry, association in _to_come(plan, recorded):
        given = association.id
        if given is None or whose.get(given) == entry.key:
            continue
        own = existing.get(entry.key)
        what = (
            f"{given!r} is the association of {whose[given]!r}"
            if given in whose
            else f"there is no association {given!r} in the cluster {plan.cluster.name}"
        )
        message = f"{what}; " + (
            f"{entry.key!r} has {own.id!r}"
            if own
            else f"{entry.key!r} has none, so take associationId out to have one made"
        )
        at = ("overrides", entry.key, "associationId")
        yield Finding(at, "E-ASSOCIATION-ID", message)


def limit_findings(
    planned: Collection[str], existing: Mapping[str, ExistingAssociation]
) -> Iterator[Finding]:
    """Find more associations than EKS takes in a cluster.

    Args:
        planned: `<namespace>/<name>` of the service accounts that will have one.
        existing: All associations of the cluster, by `<namespace>/<name>`; empty where
            they are not known, so that those that are planned alone count.
    """
    others = {key for key, one in existing.items() if not one.unread} - {*planned}
    if len(planned) + len(others) <= ASSOCIATIONS_PER_CLUSTER:
        return
    message = (
        f"the entries have {len(planned):,} associations and the cluster "
        f"{len(others):,} others, and EKS takes {ASSOCIATIONS_PER_CLUSTER:,} in a "
        "cluster, a quota that AWS does not raise; set identity to irsa for some of "
        "the entries"
    )
    yield Finding(("iam",), "E-LIMIT-ASSOCIATIONS", message)


def _to_come(
    plan: Plan, recorded: Mapping[str, Recorded]
) -> Iterator[tuple[Identity, Association]]:
    """Give the entries whose association the state does not have, or has another of."""
    for entry in plan.service_accounts:
        if entry.association is None:
            continue
        # A renamed entry has another service account, and so another association.
        before = recorded.get(entry.key)
        is_here = before and before.association_cluster in {"", plan.cluster.name}
        had = before and is_here and before.association_id
        if not had or (entry.association.id and entry.association.id != had):
            yield entry, entry.association


def _existing_association(
    entry: Identity, found: ExistingAssociation, *, stack: str
) -> str:
    what = (
        f"the service account {entry.key!r} already has the EKS Pod Identity "
        f"association {found.id!r}"
    )
    if found.owner:
        return (
            f"{what}, which the EKS add-on {found.owner} manages; take the entry out, "
            "or the association out of the add-on"
        )
    take_in = f"set overrides: {{{entry.key}: {{associationId: {found.id}}}}}"
    if found.tags is None:
        return f"{what}, whose tags could not be read; {take_in} to take it in"
    owner = found.tags.get(STACK_TAG)
    if owner == stack:
        return (
            f"{what}, with the tag of this stack, whose state does not have it; after "
            f"a run that was killed, bring it in with 'eks-irsa recover "
            f"{entry.key}-association={found.id}'"
        )
    if owner:
        return (
            f"{what}, with the tag of the stack {owner!r}; take the entry out of one "
            f"of the two, or, if that stack is gone, {take_in} to take it in"
        )
    return (
        f"{what}, which this stack did not make; {take_in} to take it in, which gives "
        "it this entry's role"
    )
