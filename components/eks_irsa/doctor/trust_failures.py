"""Says of a trust policy what is wrong with the statement that comes nearest."""

from collections.abc import Iterator
from typing import Final

from eks_irsa.access.requests import Request
from eks_irsa.doctor.model import Finding
from eks_irsa.doctor.notes import finding
from eks_irsa.doctor.route import part_of_arn
from eks_irsa.doctor.trust import Failure, statement_name
from eks_irsa.doctor.trust_clauses import clause_finding
from eks_irsa.documents.pod_identity_trust import POD_IDENTITY

__all__ = ["failure_findings"]

_FEDERATED: Final = "Federated "
_PROVIDER: Final = ":oidc-provider/"


def failure_findings(
    failure: Failure, request: Request, *, remedy: tuple[str, ...]
) -> Iterator[Finding]:
    """Say what a statement lacks, each cause once.

    Args:
        failure: The statement that comes nearest.
        request: Who asks for what.
        remedy: Commands that give the role a statement that fits.
    """
    name = statement_name(failure.statement)
    issuer = request.principal.partition(_PROVIDER)[2]
    named = issuer
    if not failure.principal:
        named = _named_issuer(failure) or issuer
        yield _principal_finding(failure, name, request, remedy)
        kinds = {text.partition(" ")[0] for text in failure.grant.principal.texts}
        if request.principal.partition(" ")[0] not in kinds:
            return  # the statement is about something else
    if not failure.action:
        actions = ", ".join(map(repr, failure.grant.actions_as_written))
        yield finding(
            "D-TRUST-ACTION",
            f"{name} of the trust policy is about {actions}, and what is asked for is "
            f"{request.action!r}",
            *remedy,
            wanted=actions.strip("'"),
            given=request.action,
        )
    for clause in failure.clauses:
        found = clause_finding(
            clause, request, issuer=issuer, named_issuer=named, name=name
        )
        if found:
            code, words, wanted, given = found
            yield finding(code, words, *remedy, wanted=wanted, given=given)


def _named_issuer(failure: Failure) -> str | None:
    """Return the issuer whose provider the statement names instead."""
    texts = sorted(failure.grant.principal.texts)
    issuers = [text.partition(_PROVIDER)[2] for text in texts]
    return next((one for one in issuers if one), None)


def _principal_finding(
    failure: Failure, name: str, request: Request, remedy: tuple[str, ...]
) -> Finding:
    named = min(failure.grant.principal.texts)
    kind, _, text = named.partition(" ")
    wanted = request.principal.partition(" ")[2]
    code, words = "D-TRUST-PRINCIPAL", f"trusts {kind} {text!r}"
    if failure.grant.principal.inverted:
        words = f"trusts everybody but {text!r}"
    elif named == POD_IDENTITY:
        words = "trusts EKS Pod Identity"
    elif named.startswith(_FEDERATED) and _PROVIDER in text and _PROVIDER in wanted:
        if text.partition(_PROVIDER)[2] == wanted.partition(_PROVIDER)[2]:
            code = "D-TRUST-ACCOUNT"
            words = (
                "trusts the OIDC provider of the AWS account "
                f"{part_of_arn(text, 4)!r}; a role trusts those of its own alone"
            )
        else:
            code = "D-TRUST-ISSUER"
            words = (
                f"trusts another issuer, {text.partition(_PROVIDER)[2]!r}; a cluster "
                "that is made anew under its name has another one than before"
            )
    return finding(
        code,
        f"{name} of the trust policy {words}; what asks is {wanted!r}",
        *remedy,
        wanted=text,
        given=wanted,
    )
