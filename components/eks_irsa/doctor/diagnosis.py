"""From facts to a diagnosis: every link, in the order of the chain."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from eks_irsa.doctor.annotation import annotation_notes
from eks_irsa.doctor.association import association_notes
from eks_irsa.doctor.codes import ALWAYS
from eks_irsa.doctor.exchange import exchange_notes, in_the_light_of
from eks_irsa.doctor.model import (
    LINKS,
    Diagnosis,
    Facts,
    Finding,
    Link,
    LinkState,
    Severity,
)
from eks_irsa.doctor.notes import Examination, Gap, addressed, finding
from eks_irsa.doctor.permissions import permissions_notes
from eks_irsa.doctor.pod import pod_notes
from eks_irsa.doctor.provider import provider_notes
from eks_irsa.doctor.role import role_notes
from eks_irsa.doctor.route import asked_role_arn, asked_way
from eks_irsa.doctor.sdk import sdk_notes
from eks_irsa.doctor.service_account import service_account_notes
from eks_irsa.doctor.token import token_notes
from eks_irsa.doctor.webhook import webhook_notes
from eks_irsa.live.model import NOT_LOOKED_UP

__all__ = ["diagnose", "undiagnosed"]

_EXAMINATIONS: Final[Mapping[Link, Examination]] = {
    "serviceAccount": service_account_notes,
    "annotation": annotation_notes,
    "webhook": webhook_notes,
    "pod": pod_notes,
    "token": token_notes,
    "association": association_notes,
    "provider": provider_notes,
    "role": role_notes,
    "permissions": permissions_notes,
    "sdk": sdk_notes,
}
_ORDER: Final[Sequence[Severity]] = ("error", "warning", "unknown")
_STATES: Final[Mapping[Severity, LinkState]] = {
    "error": "broken",
    "warning": "warning",
    "unknown": "unknown",
}


def diagnose(facts: Facts) -> Diagnosis:
    """Walk the chain from a pod to AWS, and say where it breaks.

    Args:
        facts: What was read for one service account.

    Returns:
        Every link with what becomes of it. What could not be read is said once for
        each reason, at the first link that needs it.
    """
    findings: list[Finding] = []
    gaps: dict[Link, list[Gap]] = {}
    for link, examine in _EXAMINATIONS.items():
        notes = [*examine(facts)]
        findings += [one for one in notes if isinstance(one, Finding)]
        gaps[link] = [one for one in notes if isinstance(one, Gap)]
    answer = [*exchange_notes(facts, findings)]
    findings += [one for one in answer if isinstance(one, Finding)]
    gaps["exchange"] = [one for one in answer if isinstance(one, Gap)]
    whole = [
        replace(
            one, remedy=tuple(addressed(line, facts.options) for line in one.remedy)
        )
        for one in [*in_the_light_of(facts.attempt, findings), *_unread(gaps)]
    ]
    return Diagnosis(
        key=facts.key,
        pod=facts.pod_name,
        way=asked_way(facts),
        role_arn=asked_role_arn(facts.service_account, facts.associations),
        links={link: _state(link, whole, gaps[link]) for link in LINKS},
        findings=tuple(
            sorted(
                whole,
                key=lambda one: (LINKS.index(one.link), _ORDER.index(one.severity)),
            )
        ),
    )


def undiagnosed(namespace: str, name: str, reason: str) -> Diagnosis:
    """Say of a service account that it could not be looked at.

    Args:
        namespace: Namespace of the service account.
        name: Its name.
        reason: Why.
    """
    return Diagnosis(
        key=f"{namespace}/{name}",
        pod=None,
        way="none",
        role_arn=None,
        links=dict.fromkeys(LINKS, "unknown"),
        findings=(finding("D-UNREAD", f"it could not be looked at: {reason}"),),
    )


def _unread(gaps: Mapping[Link, Sequence[Gap]]) -> list[Finding]:
    """Say once for each reason what could not be read."""
    first: dict[str, Link] = {}
    whats: dict[str, dict[str, None]] = {}
    for link in LINKS:
        for gap in gaps[link]:
            reason = gap.unread.reason
            if reason != NOT_LOOKED_UP.reason:
                first.setdefault(reason, link)
                whats.setdefault(reason, {})[gap.what] = None
    return [
        Finding(
            link=link,
            code="D-UNREAD",
            severity="unknown",
            message=f"{_joined([*whats[reason]])} could not be read: {reason}",
        )
        for reason, link in first.items()
    ]


def _joined(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _state(link: Link, findings: Sequence[Finding], gaps: Sequence[Gap]) -> LinkState:
    own = {
        one.severity
        for one in findings
        if one.link == link and one.code not in {*ALWAYS, "D-UNREAD"}
    }
    for severity in _ORDER:
        if severity in own:
            return _STATES[severity]
    if any(gap.unread.reason != NOT_LOOKED_UP.reason for gap in gaps):
        return "unknown"
    return "skipped" if gaps else "ok"
