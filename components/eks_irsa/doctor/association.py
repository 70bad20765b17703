"""Is there an EKS Pod Identity association, and does it reach the pods?

Source:
    https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html, the
    considerations
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from eks_irsa.doctor.model import Facts, Finding
from eks_irsa.doctor.notes import Gap, Notes, command, finding
from eks_irsa.doctor.pods import Json, is_on_fargate, is_on_windows, pods_of
from eks_irsa.doctor.role import role_notes
from eks_irsa.doctor.route import asked_association, asked_audience
from eks_irsa.doctor.workloads import named, restarts
from eks_irsa.documents.pod_identity import AGENT_ADD_ON
from eks_irsa.documents.webhook import ROLE_ARN_ANNOTATION
from eks_irsa.live.model import LiveAssociation, Unread, known

__all__ = ["association_notes"]

_CLUSTER: Final = "CLUSTER"


def association_notes(facts: Facts) -> Notes:
    """Look at the association of the service account, if it has one.

    Args:
        facts: What was read.
    """
    if isinstance(facts.associations, Unread):
        yield Gap("EKS Pod Identity associations", facts.associations)
        return
    association = asked_association(facts.associations)
    if association is None:
        return
    yield from _precedence(facts, association)
    yield from _out_of_reach(facts, association)
    if isinstance(facts.agent, Unread):
        yield Gap("the EKS Pod Identity agent", facts.agent)
    elif not facts.agent:
        yield finding(
            "D-AGENT-ABSENT",
            f"the cluster does not have the add-on {AGENT_ADD_ON!r}, whose pods hand "
            "out the credentials; where the agent is installed in another way, or the "
            "node has it, this is nothing",
            _eks(facts, "create-addon", "--addon-name", AGENT_ADD_ON),
        )
    if association.target_role_arn:
        yield finding(
            "D-ASSOCIATION-TARGET",
            f"pods get the target role {association.target_role_arn!r} by way of "
            f"{association.role_arn!r}; only the latter is looked at",
        )


def _precedence(facts: Facts, association: LiveAssociation) -> Iterator[Finding]:
    account = known(facts.service_account)
    other = account.annotations.get(ROLE_ARN_ANNOTATION) if account else None
    if other is None or other == association.role_arn:
        return
    words = ("kubectl", "annotate", "serviceaccount", facts.name)
    yield finding(
        "D-ASSOCIATION-PRECEDES",
        f"the EKS Pod Identity association {association.id!r} takes precedence: new "
        f"pods get {association.role_arn!r}, not {other!r} of the annotation",
        command(*words, "--namespace", facts.namespace, f"{ROLE_ARN_ANNOTATION}-"),
        wanted=other,
        given=association.role_arn,
    )


def _out_of_reach(facts: Facts, association: LiveAssociation) -> Iterator[Finding]:
    """Find pods where there is no agent, and say how they get the role by IRSA."""
    every = pods_of(facts)
    for code, where, is_there in (
        ("D-ASSOCIATION-FARGATE", "Fargate", is_on_fargate),
        ("D-ASSOCIATION-WINDOWS", "Windows", is_on_windows),
    ):
        pods = [pod for pod in every if is_there(pod)]
        others = [pod for pod in every if pod not in pods]
        if pods:
            verb = "is" if len(pods) == 1 else "are"
            yield finding(
                code,
                f"{named(pods)} {verb} on {where}, where EKS Pod Identity gives out no "
                "credentials; use IRSA, for which the role has to trust the cluster's "
                f"OIDC provider{_use_of(others)}",
                *(() if others else _by_irsa(facts, association, pods)),
            )


def _use_of(others: Sequence[Json]) -> str:
    if not others:
        return ""
    return (
        f". The association has to stay for {named(others)}, so give the former a "
        "service account of their own"
    )


def _by_irsa(
    facts: Facts, association: LiveAssociation, pods: Sequence[Json]
) -> tuple[str, ...]:
    """Write the commands that move all pods to IRSA: trust, annotation, association.

    Returns:
        None where it cannot be told whether the role would let them in then.
    """
    account = known(facts.service_account)
    if account is None:
        return ()
    audience = asked_audience(account)
    annotations = {**account.annotations, ROLE_ARN_ANNOTATION: association.role_arn}
    claims = facts.token_claims
    then = replace(
        facts,
        service_account=replace(account, annotations=annotations),
        associations=(),
        token_claims=claims
        if isinstance(claims, Unread)
        else {**claims, "aud": [audience]},
    )
    notes = [*role_notes(then)]
    trust = [one.remedy for one in notes if isinstance(one, Finding)]
    if len(notes) != len(trust) or not all(trust):
        return ()
    delete = "delete-pod-identity-association"
    return (
        *(line for lines in trust for line in lines),
        command(
            *("kubectl", "annotate", "serviceaccount", facts.name),
            *("--namespace", facts.namespace, "--overwrite"),
            f"{ROLE_ARN_ANNOTATION}={association.role_arn}",
        ),
        _eks(facts, delete, "--association-id", association.id),
        *restarts(pods),
    )


def _eks(facts: Facts, verb: str, *words: str) -> str:
    cluster = known(facts.cluster)
    name = cluster.arn.rpartition("/")[2] if cluster else facts.cluster_name
    place = ("--cluster-name", name or _CLUSTER)
    return command("aws", "eks", verb, *place, *words)
