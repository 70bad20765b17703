"""The statements of policies, each with what it says and where it stands."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Final

from eks_irsa.answers.model import Origin, RolePolicy, RoleStatement
from eks_irsa.documents.aws_managed_policies import aws_managed_policy
from eks_irsa.documents.aws_managed_policy_names import aws_policy_index
from eks_irsa.documents.conditions import Clause, Condition
from eks_irsa.documents.patterns import Patterns
from eks_irsa.documents.policy_grammar import JsonPath
from eks_irsa.documents.policy_statements import Grant, read_statements
from eks_irsa.errors import PolicyDocumentError

__all__ = ["inline_policy", "managed_policy"]

_AWS_OWNED: Final = ":iam::aws:policy/"


def inline_policy(
    *,
    label: str,
    document: str,
    origin: Origin,
    place: Callable[[JsonPath], Origin] | None = None,
    unknown_account: str | None = None,
) -> RolePolicy:
    """Take a policy that lives in a role apart.

    Args:
        label: How a reader knows it.
        document: The policy as JSON.
        origin: What brings it.
        place: Gives the place of a statement from the steps to it. Default: *origin*,
            for a policy that stands in no file of the user's.
        unknown_account: What stands in the policy for the id of an AWS account that is
            not known; it is read as the one the role is in. Default: it is known.
    """
    try:
        read = _read(document)
    except PolicyDocumentError as error:
        reason = f"cannot be read: {error}"
        return RolePolicy(label=label, arn=None, origin=origin, unknown=reason)
    return RolePolicy(
        label=label,
        arn=None,
        origin=origin,
        statements=tuple(
            RoleStatement(
                name=_name(one.step),
                sid=one.sid,
                grants=_in_own_account(one.grants, unknown_account),
                origin=place(("Statement", *one.step)) if place else origin,
            )
            for one in read
        ),
    )


def managed_policy(arn: str, *, origin: Origin) -> RolePolicy:
    """Take a managed policy apart, if its content is known.

    Args:
        arn: Its ARN.
        origin: What brings it.
    """
    known = aws_managed_policy(arn)
    if known is None:
        return RolePolicy(
            label=f"managed policy {arn}",
            arn=arn,
            origin=origin,
            unknown=_unknown_content(arn),
        )
    policy = inline_policy(
        label=f"AWS managed policy {known.name} {known.version}",
        document=known.document,
        origin=origin,
    )
    return replace(policy, arn=arn)


def _unknown_content(arn: str) -> str:
    if _AWS_OWNED not in arn:
        return "a customer's policy, whose content is not in the file"
    if not arn.startswith("arn:aws:"):
        return "AWS's policies are known here as they are in the partition aws"
    return (
        f"AWS had no such policy on {aws_policy_index().newest}, the date of our list"
    )


# Many roles have the same policies.
_read = lru_cache(maxsize=1_024)(read_statements)


def _name(step: JsonPath) -> str:
    return "Statement" + "".join(f"[{index}]" for index in step)


def _in_own_account(
    grants: frozenset[Grant], placeholder: str | None
) -> frozenset[Grant]:
    """Let the id of an unknown AWS account be the one that the role is in."""
    if placeholder is None:
        return grants
    # The role is made in the AWS account of its cluster.
    variable = "${aws:PrincipalAccount}"

    def put(texts: Iterable[str]) -> list[str]:
        return [text.replace(placeholder, variable) for text in texts]

    def clause_of(clause: Clause) -> Clause:
        return replace(clause, values=tuple(sorted(put(clause.values))))

    return frozenset(
        replace(
            grant,
            resource=Patterns(
                frozenset(put(grant.resource.texts)), grant.resource.inverted
            ),
            condition=Condition(tuple(map(clause_of, grant.condition.clauses))),
        )
        for grant in grants
    )
