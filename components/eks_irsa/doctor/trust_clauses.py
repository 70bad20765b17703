"""Says which condition of a trust policy is not met, and why."""

import re
from difflib import get_close_matches
from typing import Final, NamedTuple

from eks_irsa.access.requests import Request
from eks_irsa.documents.conditions import Clause, operator_parts
from eks_irsa.documents.patterns import has_wildcard, matches

__all__ = ["ClauseFault", "clause_finding"]

# Claims of a token that IAM offers to conditions.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
_CLAIMS: Final = ("aud", "sub", "amr", "email", "oaud")
_OF_THE_REQUEST: Final = ("aws:", "sts:")
_SUBJECT: Final = re.compile(r"system:serviceaccount:([^:]*):(.*)")
_TAG: Final = "aws:requesttag/"


class ClauseFault(NamedTuple):
    """A condition that is not met.

    Attributes:
        code: Of the finding.
        words: What is, and what it should be.
        wanted: What the policy wants.
        given: What the token has.
    """

    code: str
    words: str
    wanted: str
    given: str


def clause_finding(
    clause: Clause, request: Request, *, issuer: str, named_issuer: str, name: str
) -> ClauseFault | None:
    """Say why a request does not meet a clause.

    Args:
        clause: Of the statement that comes nearest.
        request: Who asks for what.
        issuer: Of the token; empty where none asks.
        named_issuer: The one whose provider the statement names.
        name: Of the statement.

    Returns:
        None where it follows from the principal that the statement names.
    """
    key = clause.key_as_written
    beginning = f"{name} of the trust policy: {clause.operator} on {key!r}"
    if issuer and not clause.key.startswith(_OF_THE_REQUEST):
        prefix, claim = _parts(key, issuer, named_issuer)
        if prefix.lower() == named_issuer.lower() and named_issuer != issuer:
            given = request.context.get(f"{issuer}:{claim}".lower(), ())
            if any(matches(one, text) for one in clause.values for text in given):
                return None
        elif prefix.lower() != issuer.lower() or claim.lower() not in _CLAIMS:
            return _key_fault(key, prefix, claim, issuer, beginning)
        full = f"{issuer}:{claim}".lower()
        return _value_fault(clause, request.context.get(full, ()), claim, beginning)
    given = request.context.get(clause.key, ())
    return _value_fault(clause, given, clause.key, beginning)


def _parts(key: str, *issuers: str) -> tuple[str, str]:
    """Take a key apart into issuer and claim."""
    for issuer in issuers:
        if key.lower().startswith(f"{issuer}:".lower()):
            return key[: len(issuer)], key[len(issuer) + 1 :]
    prefix, _, claim = key.rpartition(":")
    return prefix, claim


def _key_fault(
    key: str, prefix: str, claim: str, issuer: str, beginning: str
) -> ClauseFault:
    """Say what is wrong with a key that no token of the issuer has."""
    near = get_close_matches(claim.strip().lower(), _CLAIMS, n=1)
    right = f"{issuer}:{near[0] if near else 'sub'}"
    plain = re.sub(r"\s", "", prefix).lower()
    if plain.startswith("https://"):
        why = "the key begins with 'https://', which IAM leaves out"
    elif plain.startswith("arn:"):
        why = "the key begins with the provider's ARN, and IAM's with the issuer"
    elif plain != prefix.lower() or claim != claim.strip():
        why = "the key has spaces"
    elif claim.startswith(":"):
        why = "the key has a colon too many"
    elif plain == issuer.lower():
        why = f"no token has the claim {claim!r}"
    elif plain.rstrip("/") == issuer.lower().rstrip("/"):
        why = "the key has a slash too many or too few"
    else:
        why = "the key is of another issuer"
    words = f"{beginning} is never met: {why}; expected {right!r}"
    return ClauseFault("D-TRUST-KEY", words, key, right)


def _value_fault(
    clause: Clause, given: tuple[str, ...], claim: str, beginning: str
) -> ClauseFault:
    by_request = claim.startswith(_OF_THE_REQUEST)
    asked = "the request" if by_request else "the token"
    if not given:
        what = "tag" if claim.startswith(_TAG) else "key" if by_request else "claim"
        words = f"{beginning} is not met, and {asked} has no such {what}"
        return ClauseFault("D-TRUST-CONDITION", words, clause.key_as_written, "")
    text = given[0]
    base = operator_parts(clause.operator)[1]
    if base == "Null":
        words = f"{beginning} wants none to be there, and {asked} has {text!r}"
        return ClauseFault("D-TRUST-CONDITION", words, "", text)
    wanted = next(iter(get_close_matches(text, clause.values, n=1, cutoff=0)), "")
    refuses = "Not" in base
    code, why = _cause(base, claim.lower(), wanted, text)
    why = "" if refuses else why
    several = len(clause.values) - 1
    more = f" (or {several:,} more)" if several else ""
    verb = "refuses" if refuses else "wants"
    words = f"{beginning} {verb} {wanted!r}{more}, and {asked} has {text!r}{why}"
    return ClauseFault(code, words, wanted, text)


def _cause(base: str, claim: str, wanted: str, given: str) -> tuple[str, str]:
    """Name the code, and the likeliest slip."""
    exact = base in {"StringEquals", "StringEqualsIgnoreCase"}
    if exact and has_wildcard(wanted) and matches(wanted, given):
        return "D-TRUST-WILDCARD", f"; {base} knows no wildcards, StringLike does"
    why = ""
    if wanted.strip() == given:
        why = "; there are spaces around it"
    elif wanted.lower() == given.lower():
        why = "; they differ in case"
    if claim == "sub":
        return "D-TRUST-SUBJECT", why or _subject_cause(wanted, given)
    if claim == "aud":
        regional = ".amazonaws.com" in wanted
        hint = "; EKS's webhook asks for 'sts.amazonaws.com' in every partition"
        return "D-TRUST-AUDIENCE", why or (hint if regional else "")
    return "D-TRUST-CONDITION", why


def _subject_cause(wanted: str, given: str) -> str:
    pinned, own = _SUBJECT.fullmatch(wanted), _SUBJECT.fullmatch(given)
    if own and not pinned:
        return "; expected 'system:serviceaccount:<namespace>:<name>'"
    if not own or not pinned:
        return ""
    if (pinned[1], pinned[2]) == (own[2], own[1]):
        return "; namespace and name are interchanged"
    differ = [
        word
        for word, index in (("namespace", 1), ("name", 2))
        if not matches(pinned[index], own[index])
    ]
    return f"; the {' and the '.join(differ)} differs" if len(differ) == 1 else ""
