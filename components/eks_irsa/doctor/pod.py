"""Have the pods what gives them the role?

Source:
    https://github.com/aws/amazon-eks-pod-identity-webhook (pkg/handler)
"""

import csv
import io
from collections.abc import Iterator
from typing import Final, NamedTuple

from eks_irsa.doctor.model import Facts, Finding
from eks_irsa.doctor.notes import SKIPPED, Gap, Notes, command, finding
from eks_irsa.doctor.pod_environment import (
    Fault,
    added_later,
    association_fault,
    has_role,
    irsa_fault,
)
from eks_irsa.doctor.pods import (
    Json,
    account_name,
    annotations_of,
    containers_of,
    pod_name,
    pods_of,
    variables_of,
)
from eks_irsa.doctor.route import URI_VARIABLE, asked_way
from eks_irsa.doctor.webhook import webhook_reaches
from eks_irsa.doctor.workloads import (
    annotate_pods,
    named,
    owner_of,
    restarts,
    workload_of,
)
from eks_irsa.live.model import Unread

__all__ = ["pod_notes"]

_SKIPPED_CONTAINERS: Final = "eks.amazonaws.com/skip-containers"
_NOT_INJECTED: Final = "D-POD-NOT-INJECTED"
_BARE: Final = "; nothing makes it anew, so apply its manifest again afterwards"


class _Case(NamedTuple):
    """A fault of one container."""

    pod: Json
    container: str
    fault: Fault


def pod_notes(facts: Facts) -> Notes:
    """Look at what the pods were given when they were made.

    Args:
        facts: What was read.
    """
    if isinstance(facts.pods, Unread):
        yield Gap("the pods", facts.pods)
        return
    if facts.pods is None:
        yield finding(
            "D-POD-ABSENT",
            f"the namespace {facts.namespace!r} has no pod {facts.pod_name!r}",
        )
        return
    pods = pods_of(facts)
    others = [pod for pod in pods if account_name(pod) != facts.name]
    for pod in others:
        yield _another(facts, pod)
    mine = [pod for pod in pods if pod not in others]
    if asked_way(facts) == "none" or not mine:
        if not others:
            yield SKIPPED
        return
    cases = [case for pod in mine for case in _cases(facts, pod)]
    yield from _findings(cases)
    for pod in mine:
        yield from _skipping(pod)


def _another(facts: Facts, pod: Json) -> Finding:
    made_by = workload_of(pod)
    words = ("kubectl", "set", "serviceaccount", made_by.target, facts.name)
    remedy = (command(*words, "--namespace", made_by.namespace),)
    return finding(
        "D-POD-SERVICE-ACCOUNT",
        f"the pod {pod_name(pod)!r} runs as the service account "
        f"{account_name(pod)!r}, not as {facts.name!r}",
        *(remedy if made_by.kind != "Pod" else ()),
        wanted=facts.name,
        given=account_name(pod),
    )


def _cases(facts: Facts, pod: Json) -> Iterator[_Case]:
    skipped = _skipped_containers(pod)
    judge = irsa_fault if asked_way(facts) == "irsa" else association_fault
    # By an association, if nobody may read those.
    hidden = isinstance(facts.associations, Unread)
    for container in containers_of(pod):
        by_eks = hidden and URI_VARIABLE in variables_of(container)
        if container["name"] in skipped or by_eks:
            continue
        fault = judge(facts, pod, container)
        if fault and fault.code == _NOT_INJECTED and has_role(pod):
            fault = added_later()
        # What the webhook leaves out is said of the webhook.
        if fault and (fault.code != _NOT_INJECTED or webhook_reaches(facts, pod)):
            yield _Case(pod, container["name"], fault)


def _findings(cases: list[_Case]) -> Iterator[Finding]:
    """Say each fault once, of all pods that have it."""
    by_fault: dict[Fault, list[_Case]] = {}
    for case in cases:
        by_fault.setdefault(case.fault, []).append(case)
    for fault, several in by_fault.items():
        pods = list({pod_name(case.pod): case.pod for case in several}.values())
        whole = all(
            {case.container for case in several if case.pod is pod}
            == {one["name"] for one in containers_of(pod)} - _skipped_containers(pod)
            for pod in pods
        )
        where = "" if whole else f", container {_names(several)}"
        yield finding(
            fault.code,
            f"{named(pods)}{where}: {fault.words}{_again(pods)}",
            *(line for case in several for line in fault.commands(case.pod)),
            wanted=fault.wanted,
            given=fault.given,
        )


def _again(pods: list[Json]) -> str:
    """Say what has to make pods anew where no command does."""
    owners = sorted({owner for pod in pods if (owner := owner_of(pod))})
    if owners:
        return f"; have it made anew by {', '.join(owners)}"
    return _BARE if any(workload_of(pod).kind == "Pod" for pod in pods) else ""


def _names(cases: list[_Case]) -> str:
    return ", ".join(repr(name) for name in sorted({case.container for case in cases}))


def _skipped_containers(pod: Json) -> frozenset[str]:
    """Read the first line as CSV; a space before a name is part of it.

    Source: pkg/annotations/parser.go of the webhook
    """
    text = annotations_of(pod).get(_SKIPPED_CONTAINERS, "")
    return frozenset(next(csv.reader(io.StringIO(text)), ()))


def _skipping(pod: Json) -> Iterator[Finding]:
    skipped = _skipped_containers(pod)
    own = {one["name"] for one in pod["spec"]["containers"]}
    left_out = sorted({one["name"] for one in containers_of(pod)} & skipped)
    if left_out:
        yield finding(
            "D-POD-SKIPPED" if own <= skipped else "D-POD-SKIPPED-CONTAINER",
            f"the annotation {_SKIPPED_CONTAINERS!r} of {named([pod])} leaves "
            f"{', '.join(map(repr, left_out))} without a role",
            *_unskip(pod),
        )


def _unskip(pod: Json) -> tuple[str, ...]:
    return annotate_pods(pod, _SKIPPED_CONTAINERS, None) or restarts([pod])
