"""What is worth knowing beside the verdicts: of the AWS account, and of an entry."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from eks_irsa.adoption.deciding import Held
from eks_irsa.adoption.model import EntryAdoption
from eks_irsa.adoption.trust import is_readable
from eks_irsa.documents.tags import EKSCTL_STACK, STACK_NAME_TAG
from eks_irsa.live.account import LiveAccount
from eks_irsa.live.model import Unread, known

__all__ = ["account_notes", "draft_notes", "eksctl_stacks", "with_label_note"]

_MANAGED_BY: Final = "app.kubernetes.io/managed-by"


def account_notes(
    account: LiveAccount,
    held: Sequence[Held],
    entries: Sequence[EntryAdoption],
) -> Iterator[str]:
    """Say what is worth knowing of the AWS account and the cluster.

    Args:
        account: What there is.
        held: The entries, and what there is of each.
        entries: What becomes of each, in the same order.
    """
    if any(
        adoption.service_account == "imported"
        and one.live is not None
        and one.live.managers is None
        for one, adoption in zip(held, entries, strict=True)
    ):
        yield (
            "who put what on the service accounts is not known; labels and annotations "
            "of kubectl's go unless the entry has them"
        )
    if tagged := eksctl_stacks(held, entries):
        some = (
            "1 role belongs to a stack"
            if len(tagged) == 1
            else f"{len(tagged)} roles belong to stacks"
        )
        unread = isinstance(account.stacks, Unread)
        why = "were not read" if unread else "that were read lack eksctl's"
        yield f"CloudFormation stacks {why}; by their tags {some} of eksctl's"
    if account.provider is None:
        yield (
            "IAM has no OIDC provider for the issuer of the cluster, so that no token "
            "of it gets a role; the stack makes it (withOIDC)"
        )
    for role in (known(account.roles) or {}).values():
        names_it = account.provider_arn in role.trust_policy
        if names_it and not is_readable(role.trust_policy):
            yield (
                f"the role {role.name} names the OIDC provider in a trust policy that "
                "cannot be read here, and is no entry's"
            )


def draft_notes(account: LiveAccount) -> Iterator[str]:
    """Say what no entry of a ClusterConfig that is written comes from.

    Args:
        account: What there is.
    """
    if isinstance(account.service_accounts, Unread):
        yield f"service accounts were not read: {account.service_accounts.reason}"
    if isinstance(account.associations, Unread):
        reason = account.associations.reason
        yield f"EKS Pod Identity associations were not read: {reason}"
    elif keys := sorted(one.key for one in account.associations if not one.owner):
        yield (
            f"EKS Pod Identity associations of {', '.join(keys)} are not in the file; "
            "write them under iam.podIdentityAssociations"
        )


def eksctl_stacks(
    held: Sequence[Held], entries: Sequence[EntryAdoption]
) -> tuple[str, ...]:
    """Name the stacks of eksctl's that only the tags of roles tell.

    Args:
        held: The entries, and what there is of each.
        entries: What becomes of each, in the same order.

    Returns:
        A name for each role that is taken in and whose stack was not among those read.
    """
    names = (
        one.match.role.tags.get(STACK_NAME_TAG, "")
        for one, adoption in zip(held, entries, strict=True)
        if one.match.role
        and one.stack is None
        and adoption.verdict in {"asItIs", "changes"}
    )
    return tuple(one for one in names if one.startswith(EKSCTL_STACK))


def with_label_note(held: Held, adoption: EntryAdoption) -> EntryAdoption:
    """Add what to do about a label by which eksctl deletes a service account.

    Args:
        held: The entry and what there is of it.
        adoption: What becomes of it.
    """
    patched = adoption.service_account == "patched"
    if not (patched and held.live and held.live.labels.get(_MANAGED_BY) == "eksctl"):
        return adoption
    namespace, _, name = held.entry.key.partition("/")
    note = (
        "it keeps eksctl's label, by which eksctl deletes it; take it off: kubectl "
        f"label serviceaccount {name} --namespace {namespace} {_MANAGED_BY}-"
    )
    return replace(adoption, notes=(*adoption.notes, note))
