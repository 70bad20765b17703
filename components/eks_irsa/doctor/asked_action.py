"""May the role do what the pods want to do?"""

from collections.abc import Iterator, Sequence
from typing import Final

from eks_irsa.access.authority import Authority
from eks_irsa.access.evaluation import Decision, decide
from eks_irsa.access.requests import Request
from eks_irsa.doctor.model import Finding
from eks_irsa.doctor.notes import finding
from eks_irsa.documents.patterns import Patterns
from eks_irsa.documents.policy_statements import Grant

__all__ = ["action_findings"]

_ANY: Final = "*"
_MOST: Final = 3


def action_findings(
    authority: Authority, *, action: str, resource: str
) -> Iterator[Finding]:
    """Decide an action that is asked about.

    Args:
        authority: The policies of the role, and its boundary.
        action: Such as `s3:GetObject`.
        resource: ARN that it is done to; empty to ask whether there is anything that
            the role may do it to.
    """
    if resource:
        yield from _on(authority, action, resource)
        return
    grants = [
        one
        for one in {*authority.grants, *(authority.boundary or ())}
        if one.effect == "Allow" and _names(one, action)
    ]
    texts = {text for one in grants for text in one.resource.texts} | {_ANY}
    decisions = {text: _decided(authority, action, text) for text in sorted(texts)}
    allowed = [key for key, one in decisions.items() if one.outcome == "allowed"]
    if _ANY in allowed:
        return
    if allowed:
        more = len(allowed) - _MOST
        others = f" and {more:,} more" if more > 0 else ""
        yield finding(
            "D-ACTION-CONDITIONAL",
            f"the role may do {action!r} on {', '.join(allowed[:_MOST])}{others} only; "
            "say on what by --resource ARN",
        )
    elif _unsure(authority, grants, [*decisions.values()]):
        yield finding(
            "D-ACTION-CONDITIONAL",
            f"whether the role may do {action!r} on anything hangs on what only the "
            "request tells; say on what by --resource ARN",
        )
    else:
        yield _denied(f"{action!r} on anything", [*decisions.values()])


def _on(authority: Authority, action: str, resource: str) -> Iterator[Finding]:
    decision = _decided(authority, action, resource)
    asked = f"{action!r} on {resource!r}"
    if decision.outcome == "conditional":
        yield finding(
            "D-ACTION-CONDITIONAL",
            f"whether the role may do {asked} hangs on what only the request tells",
        )
    if decision.outcome == "denied":
        yield _denied(asked, [decision])


def _decided(authority: Authority, action: str, resource: str) -> Decision:
    return decide(authority, Request(action=action, resource=resource))


def _names(grant: Grant, action: str) -> bool:
    return not grant.action.is_disjoint_from(Patterns(frozenset({action.lower()})))


def _unsure(
    authority: Authority, grants: Sequence[Grant], decisions: Sequence[Decision]
) -> bool:
    """Tell whether there may be something, though no policy's own text is it."""
    if any(one.outcome == "conditional" for one in decisions):
        return True
    if all(one.denied_by for one in decisions):
        return False
    own = [one for one in grants if one in authority.grants]
    if any("${" in text for one in own for text in one.resource.texts):
        return True
    return any(
        not one.resource.is_disjoint_from(two.resource)
        for one in own
        for two in grants
        if two in (authority.boundary or ())
    )


def _denied(asked: str, decisions: Sequence[Decision]) -> Finding:
    why = (
        "none of its policies allows it; add one where the role is made (attachPolicy "
        "or attachPolicyARNs of its entry)"
    )
    if any(one.denied_by for one in decisions):
        why = "a policy denies it"
    elif any(one.bounded for one in decisions):
        why = "its permissions boundary does not let it through"
    return finding("D-ACTION-DENIED", f"the role may not do {asked}: {why}")
