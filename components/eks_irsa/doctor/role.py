"""Is there the role, and does it let these pods in?"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, cast

from eks_irsa.doctor.model import Facts, Finding
from eks_irsa.doctor.notes import SKIPPED, Gap, Notes, command, finding
from eks_irsa.doctor.route import asked_role_arn, asked_way, role_of_pods
from eks_irsa.doctor.trust import (
    Asking,
    nearest_failure,
    outcome,
    statement_name,
)
from eks_irsa.doctor.trust_asking import asking_of, own_statement
from eks_irsa.doctor.trust_failures import failure_findings
from eks_irsa.documents.arns import is_role_arn, role_name_of
from eks_irsa.documents.policy_statements import Grant, Statement, read_statements
from eks_irsa.documents.tags import OWN_TAG_PREFIX
from eks_irsa.documents.webhook import ROLE_ARN_ANNOTATION
from eks_irsa.errors import PolicyDocumentError
from eks_irsa.live.model import LiveRole, Unread

__all__ = ["role_notes"]

_STACK_TAG: Final = f"{OWN_TAG_PREFIX}stack"
_WEB_IDENTITY: Final = ("sts:AssumeRoleWithWebIdentity",)
_POD_IDENTITY: Final = ("sts:AssumeRole", "sts:TagSession")


def role_notes(facts: Facts) -> Notes:
    """Look at the role and at its trust policy.

    Args:
        facts: What was read.
    """
    role_arn = asked_role_arn(facts.service_account, facts.associations)
    if isinstance(facts.role, Unread):
        yield Gap("the role", facts.role)
        return
    if facts.role is not None:
        yield from _trust(facts, facts.role)
    elif role_arn and is_role_arn(role_arn):
        yield _absent(facts, role_arn)
    else:
        yield SKIPPED


def _absent(facts: Facts, role_arn: str) -> Finding:
    """Say so; pods that have another role still are not to lose it."""
    before = role_of_pods(facts)
    words = ""
    slip: tuple[str, ...] = ()
    if before and before != role_arn and asked_way(facts) == "irsa":
        words = (
            f". The pods still have {before!r}: if the annotation is a slip, the first "
            "command puts it right and is all there is to do"
        )
        change = f"{ROLE_ARN_ANNOTATION}={before}"
        place = ("--namespace", facts.namespace, "--overwrite")
        target = ("kubectl", "annotate", "serviceaccount", facts.name)
        slip = (command(*target, *place, change),)
    made = _made(facts, role_arn)
    return finding(
        "D-ROLE-ABSENT",
        f"IAM has no role {role_arn!r}; of a stack of eks-irsa 'pulumi up --refresh' "
        f"makes it anew{'; the command makes it without policies' if made else ''}"
        f"{words}",
        *slip,
        *made,
    )


def _made(facts: Facts, role_arn: str) -> tuple[str, ...]:
    """Write the command that makes the role, without policies."""
    statement = own_statement(facts, role_arn)
    if statement is None:
        return ()
    path = role_arn.partition(":role")[2].removesuffix(role_name_of(role_arn))
    place = () if path == "/" else ("--path", path)
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    words = ("aws", "iam", "create-role", "--role-name", role_name_of(role_arn), *place)
    return (command(*words, "--assume-role-policy-document", _text(policy)),)


def _text(policy: Mapping[str, object]) -> str:
    return json.dumps(policy, separators=(",", ":"))


def _trust(facts: Facts, role: LiveRole) -> Notes:
    asking = asking_of(facts, role.arn)
    if isinstance(asking, Unread):
        yield Gap("whom the role has to trust", asking)
        return
    try:
        statements = read_statements(role.trust_policy)
    except PolicyDocumentError as error:
        yield finding(
            "D-TRUST-UNREAD",
            f"the trust policy of {role.arn!r} cannot be read: {error}",
        )
        return
    by_pods = asked_way(facts) == "podIdentity"
    actions = _POD_IDENTITY if by_pods else _WEB_IDENTITY
    for action in actions[: 2 if _with_tags(facts) else 1]:
        found = [*_action_findings(facts, role, statements, asking, action)]
        yield from found
        if found:
            return  # what comes after has the same cause


def _with_tags(facts: Facts) -> bool:
    associations = facts.associations
    if isinstance(associations, Unread) or not associations:
        return False
    return not associations[0].disable_session_tags


def _action_findings(
    facts: Facts,
    role: LiveRole,
    statements: Sequence[Statement],
    asking: Asking,
    action: str,
) -> Iterator[Finding]:
    request = asking.request(action, statements)
    decision = outcome(statements, request)
    if decision.outcome == "allowed":
        return
    if decision.denied_by:
        yield from _denials(role, statements, decision.denied_by)
        return
    if decision.outcome == "conditional":
        unsure = (*decision.perhaps_allowed_by, *decision.perhaps_denied_by)
        yield _conditional(unsure, action)
        return
    note, remedy = _corrected(facts, role)
    failure = nearest_failure(statements, request)
    if failure is None:
        yield finding(
            "D-TRUST-NOBODY",
            f"the trust policy of {role.arn!r} has no statement that allows anything"
            f"{note}",
            *remedy,
        )
    elif action == _POD_IDENTITY[1] and failure.principal and not failure.clauses:
        yield finding(
            "D-TRUST-TAG-SESSION",
            f"{statement_name(failure.statement)} of the trust policy lets EKS Pod "
            "Identity assume the role, and not tag the session, which it does "
            f"too{note}",
            *remedy,
        )
    else:
        for one in failure_findings(failure, request, remedy=remedy):
            yield replace(one, message=f"{one.message}{note}")
            note = ""  # once is enough


def _denials(
    role: LiveRole, statements: Sequence[Statement], denied_by: Sequence[Grant]
) -> Iterator[Finding]:
    """Name the statements that deny it; whom else they keep out is not known here."""
    denying = [one for one in statements if one.grants & {*denied_by}]
    names = " and ".join(map(statement_name, denying))
    yield finding(
        "D-TRUST-DENY",
        f"{names} of the trust policy denies it to this service account, and a denial "
        "is stronger than whatever allows; it may keep others out on purpose, so "
        "except this service account from it and leave the rest",
        command("aws", "iam", "get-role", "--role-name", role.name),
    )


def _conditional(unsure: Sequence[Grant], action: str) -> Finding:
    keys = sorted(
        {
            f"{one.operator} on {one.key_as_written!r}"
            for grant in unsure
            for one in grant.condition.clauses
            if one.key.startswith(("aws:", "sts:"))
        }
    )
    said = ", ".join(keys) or "conditions that are not known here"
    return finding(
        "D-TRUST-CONDITIONAL",
        f"whether the trust policy allows {action!r} hangs on the request: {said}",
    )


def _given(role: LiveRole) -> list[object]:
    given = _policy(role).get("Statement", [])
    return cast("list[object]", given if isinstance(given, list) else [given])


def _policy(role: LiveRole) -> Mapping[str, object]:
    return cast("Mapping[str, object]", json.loads(role.trust_policy))


def _corrected(facts: Facts, role: LiveRole) -> tuple[str, tuple[str, ...]]:
    """Say how the role gets the statement which these pods need, and write it."""
    if owner := role.tags.get(_STACK_TAG) or facts.stack:
        note = (
            f". The stack {owner!r} makes the role, and undoes what is changed by "
            f"hand: see that it has {facts.key!r}, and run it"
        )
        return note, (command("pulumi", "up", "--refresh", "--stack", owner),)
    statement = own_statement(facts, role.arn)
    if statement is None:
        return "", ()
    words = ("aws", "iam", "update-assume-role-policy", "--role-name", role.name)
    policy = {**_policy(role), "Statement": [*_given(role), statement]}
    note = (
        f". The command adds a statement for {facts.key!r} and keeps those that are "
        "there; take out what nobody needs. If a program makes the role, change it "
        "there instead"
    )
    return note, (command(*words, "--policy-document", _text(policy)),)
