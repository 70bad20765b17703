"""Does the AWS account of the role trust the cluster's issuer?"""

from collections.abc import Iterator
from typing import Final

from eks_irsa.doctor.model import Facts, Finding
from eks_irsa.doctor.notes import SKIPPED, Gap, Notes, command, finding
from eks_irsa.doctor.route import (
    asked_audience,
    asked_issuer_url,
    asked_way,
)
from eks_irsa.live.model import LiveProvider, Unread, known

__all__ = ["provider_notes"]

_EKS: Final = "oidc.eks."


def provider_notes(facts: Facts) -> Notes:
    """Look at the IAM OIDC provider.

    Args:
        facts: What was read.
    """
    if asked_way(facts) == "podIdentity":
        yield SKIPPED
        return
    cluster = known(facts.cluster)
    url = asked_issuer_url(facts)
    if cluster and url is None:
        yield finding(
            "D-CLUSTER-ISSUER",
            f"EKS knows no OIDC issuer of the cluster {cluster.arn!r}, and without one "
            "there is no IRSA; use EKS Pod Identity",
        )
        return
    if isinstance(facts.provider, Unread):
        yield Gap("the OIDC provider", facts.provider)
        return
    if url is None:
        yield Gap("the issuer", _reason(facts))
        return
    if facts.provider is None:
        yield _absent(facts, url)
        if isinstance(facts.providers, Unread):
            yield Gap("the OIDC providers of other issuers", facts.providers)
    else:
        yield from _audience(facts, facts.provider)


def _reason(facts: Facts) -> Unread:
    for read in (facts.cluster, facts.token_claims):
        if isinstance(read, Unread):
            return read
    return Unread("it is not known which EKS cluster it is; give --cluster")


def _absent(facts: Facts, url: str) -> Finding:
    audience = asked_audience(facts.service_account)
    create = command(
        *("aws", "iam", "create-open-id-connect-provider", "--url", url),
        *("--client-id-list", audience),
    )
    issuer = url.removeprefix("https://")
    providers = known(facts.providers) or ()
    issuers = sorted(arn.partition(":oidc-provider/")[2] for arn in providers)
    for other in issuers:
        if other.strip("/").lower() == issuer.strip("/").lower():
            return finding(
                "D-PROVIDER-NEAR",
                f"the issuer is {issuer!r}, and IAM has an OIDC provider for {other!r} "
                "alone; IAM compares every letter",
                create,
                wanted=issuer,
                given=other,
            )
    others = [one for one in issuers if one.startswith(_EKS)]
    hint = (
        f"; it has those of other clusters ({', '.join(others)}), and a cluster that "
        "is made anew under its name has another issuer"
        if others
        else ""
    )
    return finding(
        "D-PROVIDER-ABSENT",
        f"IAM has no OIDC provider for the issuer of the cluster, {issuer!r}{hint}",
        create,
    )


def _audience(facts: Facts, provider: LiveProvider) -> Iterator[Finding]:
    audience = asked_audience(facts.service_account)
    if audience in provider.client_ids:
        return
    ids = ", ".join(map(repr, provider.client_ids)) or "none"
    yield finding(
        "D-PROVIDER-AUDIENCE",
        f"the tokens are for {audience!r}, which is no client id of the OIDC provider "
        f"({ids})",
        command(
            *("aws", "iam", "add-client-id-to-open-id-connect-provider"),
            *("--open-id-connect-provider-arn", provider.arn),
            *("--client-id", audience),
        ),
    )
