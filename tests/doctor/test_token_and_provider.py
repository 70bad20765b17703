"""Tokens and the IAM OIDC provider that has to take them."""

from dataclasses import replace

import pytest
from doctor.facts import (
    CLAIMS,
    CLUSTER,
    HEALTHY,
    ISSUER,
    ISSUER_URL,
    PROVIDER,
    PROVIDER_ARN,
    annotated,
    codes,
    found,
    only,
)

from eks_irsa.doctor.diagnosis import diagnose
from eks_irsa.live.model import NOT_LOOKED_UP, Unread

CREATE = (
    f"aws iam create-open-id-connect-provider --url {ISSUER_URL} "
    "--client-id-list sts.amazonaws.com"
)


def test_token_of_another_cluster_is_seen() -> None:
    """The kubeconfig and --cluster are of two clusters."""
    cluster = replace(CLUSTER, issuer_url=f"{ISSUER_URL}2")

    one = next(one for one in found(replace(HEALTHY, cluster=cluster)))

    assert (one.code, one.wanted, one.given) == (
        "D-TOKEN-ISSUER",
        f"{ISSUER_URL}2",
        ISSUER_URL,
    )


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"aud": ["vault"]}, "D-TOKEN-AUDIENCE"),
        ({"aud": None}, "D-TOKEN-AUDIENCE"),
        ({"sub": "system:serviceaccount:apps:other"}, "D-TOKEN-SUBJECT"),
    ],
)
def test_token_that_is_not_what_was_asked_for_is_seen(
    claims: dict[str, object], code: str
) -> None:
    """And that the role does not take it either."""
    several = codes(replace(HEALTHY, token_claims={**CLAIMS, **claims}))

    assert several[0] == code


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, []),
        (300, []),
        (-300, []),
        (-301, ["D-TOKEN-CLOCK"]),
        (301, ["D-TOKEN-CLOCK"]),
    ],
)
def test_clocks_that_differ_are_a_warning(seconds: int, expected: list[str]) -> None:
    """AWS refuses what is too old, by its own clock."""
    facts = replace(HEALTHY, clock_seconds=CLAIMS["iat"] - seconds)

    assert codes(facts) == expected


def test_absent_provider_is_made() -> None:
    """For the audience that the annotation asks for."""
    facts = replace(HEALTHY, provider=None, providers=())

    one = only(facts)

    assert one.code == "D-PROVIDER-ABSENT"
    assert one.remedy == (CREATE,)


def test_providers_of_other_clusters_are_named() -> None:
    """A cluster that was made anew has another issuer."""
    other = PROVIDER_ARN.replace("EXAMPLED5", "FORMER")
    github = "arn:aws:iam::123456789012:oidc-provider/token.actions.example"

    one = only(replace(HEALTHY, provider=None, providers=(other, github)))

    assert "FORMER" in one.message
    assert "token.actions" not in one.message
    assert (
        "a cluster that is made anew under its name has another issuer" in one.message
    )


@pytest.mark.parametrize("other", [f"{ISSUER}/", ISSUER.upper()])
def test_provider_of_nearly_the_issuer_is_not_it(other: str) -> None:
    """IAM compares every letter, a slash at the end too."""
    arn = f"arn:aws:iam::123456789012:oidc-provider/{other}"

    one = only(replace(HEALTHY, provider=None, providers=(arn,)))

    assert (one.code, one.wanted, one.given) == ("D-PROVIDER-NEAR", ISSUER, other)
    assert one.remedy == (CREATE,)


@pytest.mark.parametrize("client_ids", [(), ("vault", "other")])
def test_audience_is_added_to_the_client_ids(client_ids: tuple[str, ...]) -> None:
    """STS calls it an incorrect token audience."""
    facts = replace(HEALTHY, provider=replace(PROVIDER, client_ids=client_ids))

    one = only(facts)

    assert one.code == "D-PROVIDER-AUDIENCE"
    assert one.remedy == (
        (
            "aws iam add-client-id-to-open-id-connect-provider "
            f"--open-id-connect-provider-arn {PROVIDER_ARN} "
            "--client-id sts.amazonaws.com"
        ),
    )


def test_other_audience_is_the_annotations() -> None:
    """Provider and trust policy have to take it both."""
    facts = replace(
        HEALTHY,
        service_account=annotated(audience="vault"),
        token_claims={**CLAIMS, "aud": ["vault"]},
        pods=(),
    )

    assert codes(facts) == ["D-PROVIDER-AUDIENCE", "D-TRUST-AUDIENCE"]


def test_cluster_without_an_issuer_has_no_irsa() -> None:
    """Such as one on an Outpost."""
    facts = replace(
        HEALTHY,
        cluster=replace(CLUSTER, issuer_url=None),
        token_claims=NOT_LOOKED_UP,
        provider=NOT_LOOKED_UP,
    )

    assert codes(facts)[0] == "D-CLUSTER-ISSUER"


def test_cluster_that_is_not_eks_is_known_by_its_tokens() -> None:
    """Nothing of it has to be read from EKS."""
    assert codes(replace(HEALTHY, cluster=None)) == []


def test_what_is_not_known_of_the_issuer_is_said_once() -> None:
    """Provider and role both hang on it."""
    denied = Unread("AccessDeniedException: eks:DescribeCluster")
    facts = replace(
        HEALTHY, cluster=denied, token_claims=denied, provider=NOT_LOOKED_UP
    )

    one = only(facts)

    assert one.message == (
        "a token of the service account and whom the role has to trust could not be "
        "read: AccessDeniedException: eks:DescribeCluster"
    )
    assert diagnose(facts).links["role"] == "unknown"
    assert diagnose(facts).links["provider"] == "skipped"
