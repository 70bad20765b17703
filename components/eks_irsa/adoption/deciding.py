"""What becomes of one entry: held against its role, its service account, its stack."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from eks_irsa.adoption.comparison import (
    association_changes,
    is_mark,
    left_alone,
    role_changes,
    service_account_changes,
    taken_off,
    trust_changes,
)
from eks_irsa.adoption.letting_go import updatable
from eks_irsa.adoption.matching import Match, as_it_is
from eks_irsa.adoption.model import (
    Change,
    EntryAdoption,
    ServiceAccountStep,
    Verdict,
)
from eks_irsa.adoption.suggestions import inline_pairs
from eks_irsa.adoption.trust import TrustChange, trust_change
from eks_irsa.documents.pod_identity import POD_IDENTITY_SERVICE
from eks_irsa.documents.tags import EKSCTL_STACK, STACK_NAME_TAG
from eks_irsa.identity.model import Identity
from eks_irsa.live.account import LiveAccount
from eks_irsa.live.model import (
    LiveAssociation,
    LiveServiceAccount,
    LiveStack,
    Unread,
    known,
)
from eks_irsa.plan.provider_ownership import STACK_TAG

__all__ = ["Held", "entry_adoption", "service_account_setting"]

_MANAGED_BY: Final = "app.kubernetes.io/managed-by"


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """An entry as it is planned, and what there is of it.

    Attributes:
        entry: What is planned, with the settings that are suggested.
        match: Its role as it is.
        account: Everything there is.
        stack: eksctl's stack of the service account, or None.
        owner: `<project>/<stack>` that takes it in, or None.
    """

    entry: Identity
    match: Match
    account: LiveAccount
    stack: LiveStack | None
    owner: str | None

    @property
    def live(self) -> LiveServiceAccount | None:
        """The service account as it is; None if there is none, or it was not read."""
        return (known(self.account.service_accounts) or {}).get(self.entry.key)

    @property
    def association(self) -> LiveAssociation | None:
        """Its EKS Pod Identity association; None if there is none, or not read."""
        found = known(self.account.associations) or ()
        return next((one for one in found if one.key == self.entry.key), None)

    @property
    def others_associated(self) -> tuple[str, ...] | None:
        """Who gets the role by an association not of the entry; None if not known."""
        if isinstance(self.account.associations, Unread):
            return None
        arn = self.match.role.arn if self.match.role else ""
        keys = {one.key for one in self.account.associations if one.role_arn == arn}
        own = {self.entry.key} if self.entry.identity != "irsa" else set[str]()
        return tuple(f"{one} by EKS Pod Identity" for one in sorted(keys - own))

    @property
    def is_owners(self) -> bool:
        """Whether the role is the stack's already."""
        tag = self.match.role.tags.get(STACK_TAG, "") if self.match.role else ""
        return self.owner is not None and tag.endswith(f"/{self.owner}")

    def adopted(self, adoption: EntryAdoption) -> dict[str, Any]:
        """Give what the setting `adopt` has to say of the entry.

        Args:
            adoption: What becomes of it.
        """
        found: dict[str, Any] = {}
        role, planned = self.match.role, self.entry.role
        if role and planned and adoption.verdict in {"asItIs", "changes"}:
            found["role"] = role.name
            attached = [
                arn
                for arn in planned.managed_policy_arns
                if arn in role.managed_policy_arns
            ]
            inline = [*inline_pairs(planned, role)]
            found |= {"attachedPolicies": attached} if attached else {}
            found |= {"inlinePolicies": inline} if inline else {}
        if adoption.service_account == "imported":
            found["serviceAccount"] = True
        return found


def service_account_setting(
    entry: Identity, account: LiveAccount
) -> ServiceAccountStep:
    """Tell what becomes of a service account.

    One that eksctl made is taken over; any other stays somebody else's.

    Args:
        entry: What is planned for it.
        account: What there is.
    """
    if entry.mode not in {"created", "patched"}:
        return "notManaged"
    if isinstance(account.service_accounts, Unread):
        return "unknown"
    found = account.service_accounts.get(entry.key)
    if entry.mode == "patched":
        return "patched"
    if found is None:
        return "created"
    return "imported" if found.labels.get(_MANAGED_BY) == "eksctl" else "patched"


def entry_adoption(held: Held) -> EntryAdoption:
    """Decide what becomes of one entry.

    Args:
        held: The entry and what there is of it.
    """
    entry, role = held.entry, held.match.role
    trust = _trust(held)
    reasons = tuple(_reasons(held, trust))
    owners = held.is_owners and not reasons
    changes = [*_changes(held, trust)] if not (reasons or owners) else []
    telling = tuple(one for one in changes if not is_mark(one))
    return EntryAdoption(
        key=entry.key,
        verdict=_verdict(held, reasons, telling),
        role_arn=role.arn if role else entry.attach_role_arn,
        service_account="unchanged"
        if reasons or owners
        else service_account_setting(entry, held.account),
        stack=held.stack,
        changes=telling,
        marks=tuple(one for one in changes if is_mark(one)),
        reasons=reasons,
        left=tuple(left_alone(entry.role, role)) if entry.role and role else (),
        notes=tuple(_notes(held, trust)),
    )


def _verdict(
    held: Held, reasons: tuple[str, ...], changes: tuple[Change, ...]
) -> Verdict:
    if reasons:
        return "cannot"
    if held.entry.role is None:
        return "existing"
    if held.match.role is None:
        return "absent"
    if held.is_owners:
        return "ours"
    return "changes" if changes else "asItIs"


def _trust(held: Held) -> TrustChange:
    planned, role = held.entry.role, held.match.role
    if planned is None or role is None:
        return TrustChange()
    return trust_change(
        role.trust_policy,
        planned.assume_role_policy,
        provider_arn=held.account.provider_arn,
        cluster_arn=held.account.cluster.arn,
        subject=held.entry.subject,
        associated=held.others_associated,
    )


def _changes(held: Held, trust: TrustChange) -> Iterator[Change]:
    entry, role = held.entry, held.match.role
    if entry.role and role:
        yield from trust_changes(entry.role, role, trust)
        yield from role_changes(entry.role, role)
    if entry.association and held.association:
        yield from association_changes(
            entry.association, held.association, entry.role_arn
        )
    if held.live:
        yield from service_account_changes(entry, held.live)
        if service_account_setting(entry, held.account) == "imported":
            yield from taken_off(entry, held.live)


def _reasons(held: Held, trust: TrustChange) -> Iterator[str]:
    """Say why an entry cannot be taken in; nothing where it can."""
    planned, role = held.entry.role, held.match.role
    if held.match.fault:
        yield held.match.fault
        return
    if planned is None or role is None:
        return
    owner = role.tags.get(STACK_TAG)
    if owner and not held.is_owners:
        yield (
            f"the role has the tag of the stack {owner!r}; hand the entry over from "
            "there, or, if that stack is gone, aws iam untag-role --role-name "
            f"{role.name} --tag-keys {STACK_TAG}"
        )
        return
    if planned.arn != role.arn:
        yield _asked_otherwise(held, planned.arn, role.arn)
    shut_out = [*trust.shut_out]
    if trust.other_clusters and held.entry.identity == "irsa":
        shut_out.append("associations of EKS Pod Identity in other clusters")
    of_eks = POD_IDENTITY_SERVICE in role.trust_policy
    if trust.undecided and of_eks and held.others_associated is None:
        yield (
            "the role trusts EKS Pod Identity, and who gets it so was not read; "
            f"{as_it_is(held.entry, role.arn)}"
        )
    elif shut_out:
        yield (
            f"the role trusts {', '.join(shut_out)} too, which the entry would shut "
            f"out; {as_it_is(held.entry, role.arn)}"
        )
    elif trust.undecided:
        yield (
            "it cannot be told whom the entry's trust policy would shut out of the "
            f"role; {as_it_is(held.entry, role.arn)}"
        )


def _asked_otherwise(held: Held, asked: str, arn: str) -> str:
    what = f"the role is {arn}, and file and settings ask for {asked}; a role keeps its"
    if held.is_owners:
        return (
            f"{what} name, path and AWS account, so that up would make another; say "
            f"roleName and rolePath of it in overrides of {held.entry.key!r}"
        )
    return f"{what} name, path and AWS account, so take these settings out"


def _notes(held: Held, trust: TrustChange) -> Iterator[str]:
    if held.match.note:
        yield held.match.note
    if trust.other_clusters and held.entry.identity != "irsa":
        yield (
            "the role trusts EKS Pod Identity for every cluster, and will for this one "
            "alone; associations of other clusters with it would get no credentials"
        )
    if held.association and held.entry.identity == "irsa":
        yield (
            "its EKS Pod Identity association stays as it is, and its pods have the "
            f"role {held.association.role_arn} by it"
        )
    stack = held.stack
    if stack and not updatable(stack):
        yield f"eksctl's stack {stack.name} is {stack.status}; mend it before all else"
    role = held.match.role
    other = role.tags.get(STACK_NAME_TAG, "") if role and stack is None else ""
    # Of eksctl's the steps tell; the tag outlives the stack.
    if other and not other.startswith(EKSCTL_STACK):
        yield (
            f"by its tag the role is of the CloudFormation stack {other}; unless that "
            "is gone, give it DeletionPolicy: Retain there (CDK: RemovalPolicy.RETAIN) "
            "before it leaves the template"
        )
    if role and role.description is None and held.entry.role:
        yield (
            "description and longest session of the role are not known, and become the "
            "planned ones"
        )
