"""The parts of a decision that say which policies the role has."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar, cast

from eks_irsa.documents.named_policies import (
    grants_inline,
    named_document,
    named_managed_policy_arns,
)
from eks_irsa.documents.well_known_policies import well_known_policy
from eks_irsa.identity import parts
from eks_irsa.identity.kinds import holds_later
from eks_irsa.identity.model import LATER

__all__ = ["attached", "attachments", "inline_policies", "names_in_iam"]

V = TypeVar("V")

_ANY_PARTITION: Final = "aws"


def _attachment_key(arn: str) -> str:
    """Name the attachment of a managed policy, `<AWS account id>:policy/<name>`.

    It is the same in every partition, and holds no `::`, the delimiter of URNs.
    """
    return ":".join(arn.split(":")[4:])


def attachments(
    *,
    attach_policy_arns: Sequence[str] = (),
    attach_policies: Mapping[str, V] | None = None,
    well_known_policies: Sequence[str] = (),
    named_policies: Mapping[str, object] | None = None,
    partition: str = _ANY_PARTITION,
) -> dict[str, "str | V"]:
    """Return the managed policies of the role, name of the attachment -> ARN.

    An ARN in plain text names its attachment itself, wherever it is given, so that
    moving it between the fields or renaming its key is no other attachment. What is
    known later has the name of its key.
    """
    attached: dict[str, str | V] = {
        _attachment_key(arn): arn for arn in attach_policy_arns if arn
    }
    for key, policy in (attach_policies or {}).items():
        attached[_attachment_key(policy) if isinstance(policy, str) else key] = policy
    by_name = [
        *(
            well_known_policy(name=name, partition=partition).managed_policy_arns
            for name in well_known_policies
        ),
        *(
            named_managed_policy_arns(name, partition=partition)
            for name in named_policies or ()
        ),
    ]
    for arn in itertools.chain.from_iterable(by_name):
        attached.setdefault(_attachment_key(arn), arn)
    return attached


def inline_policies(
    *,
    inline_policies: Mapping[str, object] | None = None,
    well_known_policies: Sequence[str] = (),
    named_policies: Mapping[str, Mapping[str, object]] | None = None,
    partition: str = _ANY_PARTITION,
) -> dict[str, object]:
    """Return the policies that live in the role, name -> policy.

    One by name whose parameters are only known later is LATER.
    """
    documents = {**(inline_policies or {})}
    for name in well_known_policies:
        for policy in well_known_policy(name=name, partition=partition).inline_policies:
            documents[policy.name] = policy.document
    for name, parameters in (named_policies or {}).items():
        if grants_inline(name, parameters):
            documents[name] = (
                LATER
                if holds_later(parameters)
                else named_document(name, parameters, partition=partition)
            )
    return documents


def attached(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return `attachments` of what is asked for one service account."""
    return parts.part_of(attachments, asked)


def names_in_iam(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the names that the inline policies have in IAM.

    Args:
        asked: Fields of what is asked for; a value may be LATER.

    Returns:
        Name under which it is asked for -> name in IAM, the same unless
        `inline_policy_names` says otherwise.
    """
    given = cast("Mapping[str, object]", asked.get("inline_policy_names") or {})
    return {key: given.get(key, key) for key in parts.part_of(inline_policies, asked)}
