"""What becomes of a single request, decided as IAM does.

A denial that applies is stronger than whatever allows; where nothing allows, a request
is denied; a boundary and a session policy must allow it too. Policies of resources and
of organizations are not looked at.

Source:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from eks_irsa.access.authority import Authority
from eks_irsa.access.clauses import condition_met
from eks_irsa.access.requests import Request, resolved
from eks_irsa.access.verdicts import Verdict, both, either, opposite
from eks_irsa.documents.pattern_sets import pattern_set
from eks_irsa.documents.patterns import Patterns, matches
from eks_irsa.documents.policy_statements import Grant

__all__ = ["Decision", "Outcome", "applies", "decide"]

Outcome = Literal["allowed", "denied", "conditional"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What becomes of a request, and by what.

    Attributes:
        outcome: `conditional` where it hangs on values that are not known.
        allowed_by: Grants of the policies that allow it, sorted.
        perhaps_allowed_by: Those that may, if their conditions are met, sorted.
        denied_by: Grants of the policies, the boundary or the session policy that deny
            it, sorted.
        perhaps_denied_by: Those that may, sorted.
        let_through_by: Grants of boundary and session policy that allow it, sorted.
        perhaps_let_through_by: Those that may, of the one that none surely allows it
            of, sorted.
        bounded: None of the grants of the boundary, or of the session policy, allows
            the request, and one of the policies does or may.
        bounded_by_session: It is the session policy alone of which none does.
    """

    outcome: Outcome
    allowed_by: tuple[Grant, ...] = ()
    perhaps_allowed_by: tuple[Grant, ...] = ()
    denied_by: tuple[Grant, ...] = ()
    perhaps_denied_by: tuple[Grant, ...] = ()
    let_through_by: tuple[Grant, ...] = ()
    perhaps_let_through_by: tuple[Grant, ...] = ()
    bounded: bool = False
    bounded_by_session: bool = False


def decide(authority: Authority, request: Request) -> Decision:
    """Decide one request.

    Args:
        authority: What decides.
        request: Who asks for what, as far as it is known.

    Returns:
        The decision.
    """
    allowed, perhaps_allowed = _found(authority.grants, "Allow", request)
    through = [_found(one, "Allow", request) for one in authority.bounds]
    everything = chain(authority.grants, *authority.bounds)
    denied, perhaps_denied = _found(everything, "Deny", request)
    verdict = both(
        (
            _verdict(allowed, perhaps_allowed),
            *(_verdict(*one) for one in through),
            opposite(_verdict(denied, perhaps_denied)),
        )
    )
    outcomes: dict[Verdict, Outcome] = {
        True: "allowed",
        False: "denied",
        None: "conditional",
    }
    masked = [not (sure or perhaps) for sure, perhaps in through]
    bounded = any(masked) and bool(allowed or perhaps_allowed)
    by_session = bounded and authority.session is not None and masked[-1]
    return Decision(
        outcome=outcomes[verdict],
        allowed_by=allowed,
        perhaps_allowed_by=perhaps_allowed,
        denied_by=denied,
        perhaps_denied_by=perhaps_denied,
        let_through_by=_sorted(chain.from_iterable(sure for sure, _ in through)),
        perhaps_let_through_by=_sorted(
            chain.from_iterable(perhaps for sure, perhaps in through if not sure)
        ),
        bounded=bounded,
        bounded_by_session=by_session and sum(masked) == 1,
    )


def applies(grant: Grant, request: Request) -> Verdict:
    """Tell whether a grant is about a request, its condition included.

    Args:
        grant: Of any effect.
        request: As far as it is known.

    Returns:
        None where the answer hangs on a value that is not known.
    """
    if not _is_one(grant.action, request.action.lower()):
        return False
    return both(
        (
            _names_resource(grant.resource, request),
            _is_one(grant.principal, request.principal),
            condition_met(grant.condition, request),
        )
    )


def _found(
    grants: Iterable[Grant], effect: str, request: Request
) -> tuple[tuple[Grant, ...], tuple[Grant, ...]]:
    """Return the grants that apply and those that may."""
    sure: list[Grant] = []
    perhaps: list[Grant] = []
    for grant in grants:
        if grant.effect != effect:
            continue
        verdict = applies(grant, request)
        if verdict is not False:
            (sure if verdict else perhaps).append(grant)
    return _sorted(sure), _sorted(perhaps)


def _sorted(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    return tuple(sorted(grants, key=lambda grant: grant.sort_key))


def _verdict(sure: tuple[Grant, ...], perhaps: tuple[Grant, ...]) -> Verdict:
    return True if sure else None if perhaps else False


def _is_one(patterns: Patterns, text: str) -> bool:
    return patterns.inverted != pattern_set(patterns.texts).has(text)


def _names_resource(resource: Patterns, request: Request) -> Verdict:
    patterns = pattern_set(resource.texts)
    if not patterns.with_variables:
        return _is_one(resource, request.resource)
    verdicts: list[Verdict] = [patterns.has(request.resource)]
    for text in patterns.with_variables:
        found = resolved(text, request, wildcards=True)
        if found.text is None:
            if resource.inverted:
                # A statement that needs a value which is absent is about nothing.
                return False
            continue
        fits = matches(found.text, request.resource)
        verdicts.append(fits if found.known or not fits else None)
    return opposite(either(verdicts)) if resource.inverted else either(verdicts)
