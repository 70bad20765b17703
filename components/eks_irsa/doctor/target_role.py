"""The target role of an association: is it there, and may the first role assume it?

EKS assumes the role of the association, and with it the target role, which pods get.

Source:
    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, cast

from eks_irsa.access.evaluation import decide
from eks_irsa.access.requests import Request
from eks_irsa.doctor.model import Facts, Finding
from eks_irsa.doctor.notes import Gap, Notes, command, finding
from eks_irsa.doctor.permissions import authority_of
from eks_irsa.doctor.role import with_statements
from eks_irsa.doctor.route import asked_association, part_of_arn
from eks_irsa.doctor.trust import Asking, nearest_failure, outcome
from eks_irsa.doctor.trust_asking import NO_CLUSTER, asking_of
from eks_irsa.doctor.trust_failures import failure_findings
from eks_irsa.documents.arns import role_name_of
from eks_irsa.documents.pod_identity import external_id, target_trust_policy
from eks_irsa.documents.policy_statements import Statement, read_statements
from eks_irsa.errors import PolicyDocumentError
from eks_irsa.live.model import LiveAssociation, LiveRole, Unread, known

__all__ = ["target_notes"]

_ACTIONS: Final = ("sts:AssumeRole", "sts:TagSession")
_REQUEST_TAG: Final = "aws:requesttag/"
_PRINCIPAL_TAG: Final = "aws:principaltag/"


def target_notes(facts: Facts) -> Notes:
    """Look at the target role, if the association has one.

    Args:
        facts: What was read.
    """
    association = asked_association(facts.associations)
    if association is None or not association.target_role_arn:
        return
    arn, target = association.target_role_arn, facts.target.role
    askings = _askings(facts, association)
    if isinstance(target, Unread):
        yield Gap(f"the target role {arn!r}", target)
    elif target is None:
        yield finding(
            "D-TARGET-ABSENT",
            f"there is no target role {arn!r}, which EKS assumes with "
            f"{association.role_arn!r}",
        )
    elif isinstance(askings, Unread):
        yield Gap("whom the target role has to trust", askings)
    else:
        yield from _trust(facts, association, target, askings)
    if isinstance(facts.role, LiveRole):
        yield from _permission(facts, association, facts.role, askings)


def _actions(association: LiveAssociation) -> Sequence[str]:
    return _ACTIONS[: 1 if association.disable_session_tags else 2]


def _askings(facts: Facts, association: LiveAssociation) -> Sequence[Asking] | Unread:
    """Say as whom the first role asks: as itself, and as its AWS account."""
    first = asking_of(facts, association.role_arn)
    cluster = known(facts.cluster)
    if isinstance(first, Unread) or cluster is None:
        return first if isinstance(first, Unread) else NO_CLUSTER
    account_id = part_of_arn(association.role_arn, 4)
    tags = {
        key.removeprefix(_REQUEST_TAG): values
        for key, values in first.context.items()
        if key.startswith(_REQUEST_TAG)
    }
    identity = external_id(
        cluster_arn=cluster.arn, namespace=facts.namespace, service_account=facts.name
    )
    context = {
        **{f"{_REQUEST_TAG}{key}": values for key, values in tags.items()},
        **{f"{_PRINCIPAL_TAG}{key}": values for key, values in tags.items()},
        "aws:principalarn": (association.role_arn,),
        "aws:principalaccount": (account_id,),
        "sts:externalid": (identity,) if association.disable_session_tags else (),
    }
    return [
        Asking(principal=f"AWS {name}", context=context, unknown=first.unknown)
        for name in (association.role_arn, account_id)
    ]


def _trust(
    facts: Facts,
    association: LiveAssociation,
    target: LiveRole,
    askings: Sequence[Asking],
) -> Iterator[Finding]:
    try:
        statements = read_statements(target.trust_policy)
    except PolicyDocumentError as error:
        yield finding(
            "D-TRUST-UNREAD",
            f"the trust policy of {target.arn!r} cannot be read: {error}",
        )
        return
    for action in _actions(association):
        found = [*_refusals(facts, association, target, statements, askings, action)]
        yield from found
        if found:
            return  # what comes after has the same cause


def _refusals(  # noqa: PLR0913, PLR0917 - what a decision needs
    facts: Facts,
    association: LiveAssociation,
    target: LiveRole,
    statements: Sequence[Statement],
    askings: Sequence[Asking],
    action: str,
) -> Iterator[Finding]:
    requests = [one.request(action, statements) for one in askings]
    decisions = [outcome(statements, one) for one in requests]
    name = f"the target role {target.arn!r}"
    if any(one.denied_by for one in decisions):
        yield finding(
            "D-TARGET-TRUST",
            f"{name}: its trust policy denies it to {association.role_arn!r}",
            command("aws", "iam", "get-role", "--role-name", target.name),
        )
        return
    outcomes = {one.outcome for one in decisions}
    if "allowed" in outcomes:
        return
    if "conditional" in outcomes:
        yield finding(
            "D-TARGET-TRUST",
            f"{name}: whether its trust policy allows {action!r} hangs on the request",
            severity="unknown",
        )
        return
    note, remedy = with_statements(facts, target, _statements(facts, association))
    for one in _nearest(statements, requests, remedy):
        yield replace(one, message=f"{name}: {one.message}{note}")
        note = ""  # once is enough


def _nearest(
    statements: Sequence[Statement],
    requests: Sequence[Request],
    remedy: tuple[str, ...],
) -> Iterator[Finding]:
    """Say what the statement that comes nearest lacks."""
    failures = [
        (failure, one)
        for one in requests
        if (failure := nearest_failure(statements, one))
    ]
    if not failures:
        words = "its trust policy has no statement that allows anything"
        yield finding("D-TARGET-TRUST", words, *remedy)
        return
    nearest = min(failures, key=lambda one: (not one[0].principal, len(one[0].clauses)))
    for one in failure_findings(*nearest, remedy=remedy):
        yield replace(one, code="D-TARGET-TRUST")


def _statements(facts: Facts, association: LiveAssociation) -> list[object]:
    cluster = known(facts.cluster)
    policy = target_trust_policy(
        role_arn=association.role_arn,
        cluster_arn=cluster.arn if cluster else "",
        namespace=facts.namespace,
        service_account=facts.name,
        with_session_tags=not association.disable_session_tags,
    )
    return cast("list[object]", policy["Statement"])


def _permission(
    facts: Facts,
    association: LiveAssociation,
    role: LiveRole,
    askings: Sequence[Asking] | Unread,
) -> Iterator[Finding]:
    """Find that the first role may not assume the target role."""
    arn = association.target_role_arn or ""
    # Within an AWS account a trust policy that names the first role is enough.
    alone = replace(association, policy=None, target_role_arn=None)
    authority = authority_of(replace(facts, associations=(alone,)))
    if authority is None or _is_trusted_itself(facts, association, askings):
        return
    for action in _actions(association):
        decision = decide(authority, Request(action=action, resource=arn))
        if decision.outcome == "allowed":
            continue
        asked = f"{action!r} on the target role {arn!r}"
        if decision.outcome == "conditional":
            yield finding(
                "D-TARGET-PERMISSION",
                f"whether {role.arn!r} may do {asked} hangs on the request",
                severity="unknown",
            )
            return
        stays = decision.denied_by or decision.bounded
        why = "a policy or its boundary forbids it" if stays else "no policy allows it"
        yield finding(
            "D-TARGET-PERMISSION",
            f"{role.arn!r} may not do {asked}: {why}",
            *(() if stays else (_granted(association, role),)),
        )
        return  # one statement is about both


def _is_trusted_itself(
    facts: Facts, association: LiveAssociation, askings: Sequence[Asking] | Unread
) -> bool:
    target = known(facts.target.role)
    same = part_of_arn(association.role_arn, 4) == part_of_arn(
        association.target_role_arn or "", 4
    )
    if target is None or isinstance(askings, Unread) or not same:
        return False
    try:
        statements = read_statements(target.trust_policy)
    except PolicyDocumentError:
        return False
    request = askings[0].request(_ACTIONS[0], statements)
    return outcome(statements, request).outcome != "denied"


def _granted(association: LiveAssociation, role: LiveRole) -> str:
    arn = association.target_role_arn or ""
    statement = {"Effect": "Allow", "Action": [*_ACTIONS], "Resource": arn}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    text = json.dumps(policy, separators=(",", ":"))
    words = ("aws", "iam", "put-role-policy", "--role-name", role.name)
    name = f"assume-{role_name_of(arn)}"
    return command(*words, "--policy-name", name, "--policy-document", text)
