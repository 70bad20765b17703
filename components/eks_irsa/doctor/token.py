"""Are the tokens of the cluster what AWS expects?"""

from collections.abc import Mapping
from typing import Any, Final

from eks_irsa.doctor.model import Facts
from eks_irsa.doctor.notes import SKIPPED, Gap, Notes, command, finding
from eks_irsa.doctor.route import asked_audience, asked_way
from eks_irsa.live.model import Unread, known

__all__ = ["audiences_of", "token_notes"]

# A token's own times are only off by what the clocks are.
_MOST_SECONDS: Final = 300


def token_notes(facts: Facts) -> Notes:
    """Look at the claims of a token.

    Args:
        facts: What was read.
    """
    if asked_way(facts) != "irsa":
        yield SKIPPED
        return
    claims = facts.token_claims
    if isinstance(claims, Unread):
        yield Gap("a token of the service account", claims)
        return
    cluster = known(facts.cluster)
    if cluster and cluster.issuer_url and claims.get("iss") != cluster.issuer_url:
        yield finding(
            "D-TOKEN-ISSUER",
            f"the API server issues tokens of {claims.get('iss')!r}, and EKS says "
            f"that the issuer of the cluster is {cluster.issuer_url!r}; is the "
            "kubeconfig of another cluster?",
            wanted=cluster.issuer_url,
            given=str(claims.get("iss")),
        )
    yield from _pinned(facts, claims)
    yield from _clock(facts, claims)


def audiences_of(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the audiences of a token, of which Kubernetes writes a list.

    Args:
        claims: Of the token.
    """
    found = claims.get("aud") or ()
    return (found,) if isinstance(found, str) else tuple(found)


def _pinned(facts: Facts, claims: Mapping[str, Any]) -> Notes:
    audience = asked_audience(facts.service_account)
    if audience not in audiences_of(claims):
        given = ", ".join(audiences_of(claims))
        yield finding(
            "D-TOKEN-AUDIENCE",
            f"a token for the audience {audience!r} was asked for, and the API server "
            f"issued one for {given!r}",
            wanted=audience,
            given=given,
        )
    subject = f"system:serviceaccount:{facts.namespace}:{facts.name}"
    if claims.get("sub") != subject:
        yield finding(
            "D-TOKEN-SUBJECT",
            f"the token is for {claims.get('sub')!r}, not for {subject!r}",
            wanted=subject,
            given=str(claims.get("sub")),
        )


def _clock(facts: Facts, claims: Mapping[str, Any]) -> Notes:
    issued = claims.get("iat")
    if facts.clock_seconds is None or not isinstance(issued, int | float):
        return
    ahead = round(issued - facts.clock_seconds)
    if abs(ahead) > _MOST_SECONDS:
        yield finding(
            "D-TOKEN-CLOCK",
            f"by the clock of this machine the API server issued the token {ahead:+,} "
            "seconds from now; where one of the two is wrong, AWS takes tokens for "
            "expired, or signatures for too old",
            command("date", "--utc"),
        )
