"""What a statement of a trust policy opens that it should not."""

import re
from collections.abc import Iterator
from typing import Final

from eks_irsa.documents.conditions import Clause
from eks_irsa.documents.patterns import covers, has_wildcard
from eks_irsa.documents.pins import is_pattern, pinned_values, pins
from eks_irsa.documents.pod_identity_trust import (
    POD_IDENTITY,
    assumes,
    pod_identity_trust,
)
from eks_irsa.documents.policy_statements import ANYONE, Grant
from eks_irsa.review.model import Mark

__all__ = ["aws_account_in", "trust_risks"]

_OIDC: Final = ":oidc-provider/"
_SAML: Final = ":saml-provider/"
# Identity providers that everybody can have an identity of.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html
_PUBLIC: Final = frozenset(
    {
        "accounts.google.com",
        "cognito-identity.amazonaws.com",
        "graph.facebook.com",
        "www.amazon.com",
    }
)
# Keys that say who of `*` is meant.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
_OF_PRINCIPALS: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:userid",
    }
)
_WILDCARDS: Final = "*?"
# Subjects of which only the kind is said: of Kubernetes, GitHub, GitLab and Terraform.
_EVERY_SUBJECT: Final = (
    "system:serviceaccount:*:*",
    "repo:*",
    "project_path:*",
    "organization:*",
)
# A subject of Kubernetes in which nothing is left open but the service account.
_SUBJECT_PARTS: Final = 4
_ACCOUNT_DIGITS: Final = 12


def trust_risks(grant: Grant, *, aws_account: str = "") -> Iterator[Mark]:
    """Mark what a statement of a trust policy opens.

    Args:
        grant: Of a trust policy; one that denies opens nothing.
        aws_account: The AWS account of the role, 12 digits; empty where it is not
            known, and then every AWS account may be another.
    """
    if grant.effect == "Deny":
        return
    if grant.principal.inverted:
        yield "anyone"
        return
    for principal in grant.principal.texts:
        kind, _, name = principal.partition(" ")
        if principal == ANYONE or (kind == "AWS" and not name.strip(_WILDCARDS)):
            yield from _everyone(grant)
        elif kind == "AWS":
            account = aws_account_in(name)
            if not account or account != aws_account:
                yield "another-aws-account"
        elif kind == "Federated":
            yield from _federated(name, grant)
        elif principal == POD_IDENTITY:
            yield from _pod_identity(grant)
        elif kind not in {"Service", "CanonicalUser"}:
            yield "anyone"


def aws_account_in(text: str) -> str:
    """Return the AWS account in an ARN, or in the name of a principal; else nothing."""
    parts = text.split(":")
    account = parts[4] if parts[0] == "arn" and len(parts) > _SUBJECT_PARTS else text
    digits = len(account) == _ACCOUNT_DIGITS and account.isascii() and account.isdigit()
    return account if digits else ""


def _everyone(grant: Grant) -> Iterator[Mark]:
    pinned = any(
        clause.key in _OF_PRINCIPALS
        and pins(clause)
        and all(_names_somebody(clause.key, one) for one in pinned_values(clause))
        for clause in grant.condition.clauses
    )
    yield "another-aws-account" if pinned else "anyone"


def _federated(name: str, grant: Grant) -> Iterator[Mark]:
    clauses = [one for one in grant.condition.clauses if pins(one)]
    if _SAML in name:
        if not any(one.key.startswith("saml:") for one in clauses):
            yield "no-subject"
            yield "no-audience"
        return
    issuer = (name.partition(_OIDC)[2] or name).lower()
    subjects = [one for one in clauses if one.key == f"{issuer}:sub"]
    has_audience = any(one.key == f"{issuer}:aud" for one in clauses)
    if not has_audience:
        yield "no-audience"
    if not subjects and issuer in _PUBLIC:
        if not has_audience:
            yield "anyone"
            yield "no-subject"
    elif all(_holds_every_subject(one) for one in subjects):
        yield "no-subject"
    if any(any(map(has_wildcard, one.values)) for one in subjects if is_pattern(one)):
        yield "wildcard-subject"


def _pod_identity(grant: Grant) -> Iterator[Mark]:
    if not assumes(grant.action):
        return
    trust = pod_identity_trust(grant.condition)
    if "cluster" not in trust.clauses:
        yield "no-cluster"
    if not trust.clauses.keys() & {"namespace", "service account"}:
        yield "no-subject"
    elif not (trust.is_plain("namespace") and trust.is_plain("service account")):
        yield "wildcard-subject"
    if "cluster" in trust.clauses and not trust.is_plain("cluster"):
        yield "wildcard-subject"


def _names_somebody(key: str, pattern: str) -> bool:
    """Tell whether a pattern leaves no choice of AWS account, organisation or user."""
    if key == "aws:principalarn":
        return bool(aws_account_in(pattern))
    first = re.split("[:/]", pattern)[0]
    return not has_wildcard(first)


def _holds_every_subject(clause: Clause) -> bool:
    """Tell whether nothing of a subject is demanded, or only that it is one."""
    for value in pinned_values(clause):
        if any(covers(value, one) for one in _EVERY_SUBJECT):
            return True
        if not is_pattern(clause):
            continue
        parts = value.split(":", _SUBJECT_PARTS - 1)
        words = {"system", "serviceaccount"}
        if not any(part.strip(_WILDCARDS) not in {"", *words} for part in parts):
            return True
    return False
