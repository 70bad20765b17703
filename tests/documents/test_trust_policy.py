"""Who may assume a role, held by golden files per case and partition."""

import json
from typing import Any, NotRequired, TypedDict, cast

import pytest
from golden_files import GoldenFiles
from hypothesis import given
from hypothesis import strategies as st

from eks_irsa.documents.arns import provider_arn
from eks_irsa.documents.trust_policy import subject, trust_policy

ISSUERS = {
    "aws": "https://oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF",
    "aws-cn": (
        "https://oidc.eks.cn-north-1.amazonaws.com.cn/id/"
        "0123456789ABCDEF0123456789ABCDEF"
    ),
    "aws-us-gov": (
        "https://oidc.eks.us-gov-west-1.amazonaws.com/id/"
        "0123456789ABCDEF0123456789ABCDEF"
    ),
}


class Who(TypedDict):
    """Whom a trust policy lets in."""

    namespace: str
    service_account: str
    audience: NotRequired[str]


CASES: dict[str, Who] = {
    "plain": {"namespace": "backend-apps", "service_account": "s3-reader"},
    "pattern": {"namespace": "backend-apps", "service_account": "worker-*"},
    "single_character_pattern": {"namespace": "team", "service_account": "shard-?"},
    "pattern_without_wildcard": {"namespace": "team", "service_account": "other"},
    "other_audience": {
        "namespace": "backend-apps",
        "service_account": "s3-reader",
        "audience": "sts.amazonaws.com.cn",
    },
    "pattern_and_other_audience": {
        "namespace": "backend-apps",
        "service_account": "*",
        "audience": "vault",
    },
    "one_letter_names": {"namespace": "a", "service_account": "b"},
    "dotted_name": {"namespace": "kube-system", "service_account": "app.v1.reader"},
}
ISSUER_URLS = st.from_regex(
    r"https://[a-z0-9.-]{1,30}(:443)?(/[A-Za-z0-9./-]{0,20})?", fullmatch=True
)
NAMES = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True)
PATTERNS = st.from_regex(r"[a-z0-9.*?-]{0,20}[*?][a-z0-9.*?-]{0,20}", fullmatch=True)


class Statement(TypedDict):
    """A statement of a trust policy."""

    Effect: str
    Principal: dict[str, str]
    Action: list[str]
    Condition: dict[str, dict[str, str]]


def provider(partition: str, issuer_url: str | None = None) -> str:
    """Return the ARN of the provider of a cluster in *partition*."""
    return provider_arn(
        partition=partition,
        account_id="111122223333",
        issuer_url=issuer_url or ISSUERS[partition],
    )


def further_provider(partition: str, number: int) -> str:
    """Return the ARN of the provider of another cluster of the same account."""
    return provider(partition, f"{ISSUERS[partition][:-32]}{number:032X}")


@pytest.mark.parametrize("partition", ISSUERS)
@pytest.mark.parametrize("case", CASES)
def test_document_is_exactly_the_golden_file(
    case: str, partition: str, golden: GoldenFiles
) -> None:
    """Each case has one document in each partition, and every change is reviewed."""
    document = trust_policy(provider_arn=provider(partition), **CASES[case])

    golden(f"trust_policy/{partition}/{case}.json", document)


@pytest.mark.parametrize(
    ("name", "issuer_url"),
    [
        ("issuer_without_path", "https://issuer.example.com"),
        ("issuer_with_trailing_slash", "https://issuer.example.com/clusters/a/"),
        ("issuer_with_port", "https://issuer.example.com:443/clusters/a"),
    ],
)
def test_issuer_of_another_shape_is_kept_but_for_scheme_and_port(
    name: str, issuer_url: str, golden: GoldenFiles
) -> None:
    """IAM compares texts, so path and trailing slash stay as the tokens have them."""
    arn = provider("aws", issuer_url)

    document = trust_policy(
        provider_arn=arn, namespace="default", service_account="app"
    )

    golden(f"trust_policy/aws/{name}.json", document)


def test_text_is_compact_json_in_a_fixed_order() -> None:
    """Equal arguments give equal text, so an unchanged stack previews no change."""
    document = trust_policy(
        provider_arn=provider("aws", "https://issuer.example.com"),
        namespace="default",
        service_account="app",
    )

    assert document == (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":'
        '{"Federated":'
        '"arn:aws:iam::111122223333:oidc-provider/issuer.example.com"},'
        '"Action":["sts:AssumeRoleWithWebIdentity"],"Condition":{"StringEquals":'
        '{"issuer.example.com:aud":"sts.amazonaws.com","issuer.example.com:sub":'
        '"system:serviceaccount:default:app"}}}]}'
    )


@given(
    partition=st.sampled_from(["aws", "aws-cn", "aws-us-gov", "aws-iso-b"]),
    issuer_url=ISSUER_URLS,
    namespace=NAMES,
    service_account=NAMES | PATTERNS,
)
def test_both_claims_are_pinned_whatever_the_arguments(
    partition: str, issuer_url: str, namespace: str, service_account: str
) -> None:
    """`sub` and `aud` are both there, without scheme, port or ARN in their keys."""
    arn = provider(partition, issuer_url)
    issuer = issuer_url.removeprefix("https://").replace(":443", "")

    document = json.loads(
        trust_policy(
            provider_arn=arn, namespace=namespace, service_account=service_account
        )
    )

    (statement,) = cast("list[Statement]", document["Statement"])
    sub = {f"{issuer}:sub": f"system:serviceaccount:{namespace}:{service_account}"}
    aud = {f"{issuer}:aud": "sts.amazonaws.com"}
    assert statement["Effect"] == "Allow"
    assert statement["Principal"] == {"Federated": arn}
    assert statement["Condition"] == (
        {"StringEquals": aud, "StringLike": sub}
        if set("*?") & set(service_account)
        else {"StringEquals": aud | sub}
    )


@pytest.mark.parametrize("partition", ISSUERS)
@pytest.mark.parametrize("case", ["plain", "pattern"])
def test_each_further_cluster_has_a_statement_of_its_own(
    case: str, partition: str, golden: GoldenFiles
) -> None:
    """The same service account of three clusters, and both claims pinned in each."""
    document = trust_policy(
        provider_arn=provider(partition),
        trusted_providers=[further_provider(partition, n) for n in (2, 1)],
        **CASES[case],
    )

    golden(f"trust_policy/{partition}/three_clusters_{case}.json", document)


@given(
    own=st.integers(0, 9),
    further=st.lists(st.integers(0, 9)),
    service_account=NAMES | PATTERNS,
)
def test_further_clusters_count_as_a_set_and_pin_both_claims(
    own: int, further: list[int], service_account: str
) -> None:
    """Order and repetition say nothing, and no statement lets anybody else in."""
    arns = [further_provider("aws", number) for number in further]

    def of(trusted_providers: list[str]) -> str:
        return trust_policy(
            provider_arn=further_provider("aws", own),
            namespace="apps",
            service_account=service_account,
            trusted_providers=trusted_providers,
        )

    document = of(arns)

    statements = cast("list[Statement]", json.loads(document)["Statement"])
    assert document == of([*reversed(arns), *arns])
    assert [one["Principal"]["Federated"] for one in statements] == sorted(
        further_provider("aws", number) for number in {own, *further}
    )
    for one in statements:
        issuer = one["Principal"]["Federated"].partition("/")[2]
        claims = {
            key: value
            for operator in one["Condition"].values()
            for key, value in operator.items()
        }
        assert claims == {
            f"{issuer}:aud": "sts.amazonaws.com",
            f"{issuer}:sub": f"system:serviceaccount:apps:{service_account}",
        }


@pytest.mark.parametrize(
    ("trusted", "message"),
    [
        pytest.param(
            "arn:aws:iam::444455556666:oidc-provider/issuer.example.com",
            "'arn:aws:iam::444455556666:oidc-provider/issuer.example.com' is not of "
            "the role's AWS account (arn:aws:iam::111122223333); a role trusts the "
            "providers of its own AWS account only, so make one for the other "
            "cluster's issuer there",
            id="another account",
        ),
        pytest.param(
            "https://issuer.example.com",
            "'https://issuer.example.com' is not the ARN of an OIDC provider; "
            "expected arn:<partition>:iam::<12 digits>:oidc-provider/<issuer>",
            id="issuer URL",
        ),
    ],
)
def test_a_further_cluster_that_would_never_match_is_refused(
    trusted: str, message: str
) -> None:
    """STS looks for the issuer in the role's AWS account, and nowhere else."""
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - compared whole below
        trust_policy(
            provider_arn=provider("aws"), trusted_providers=[trusted], **CASES["plain"]
        )

    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            {"provider_arn": "arn:aws:iam::111122223333:role/x"},
            "'arn:aws:iam::111122223333:role/x' is not the ARN of an OIDC provider; "
            "expected arn:<partition>:iam::<12 digits>:oidc-provider/<issuer>",
            id="ARN of a role",
        ),
        pytest.param(
            {"provider_arn": "https://issuer.example.com"},
            "'https://issuer.example.com' is not the ARN of an OIDC provider; "
            "expected arn:<partition>:iam::<12 digits>:oidc-provider/<issuer>",
            id="issuer URL",
        ),
        pytest.param(
            {"namespace": "*"},
            "'*' cannot name a namespace; a name has 1 to 63 lower-case letters, "
            "digits and '-', and begins and ends with a letter or digit (RFC 1123)",
            id="wildcard in the namespace",
        ),
        pytest.param(
            {"service_account": "a:b"},
            "'a:b' is not a pattern of service account names; use lower-case letters, "
            "digits, '-', '.', '*' for any text and '?' for one character; the "
            "namespace is always the entry's own",
            id="colon in the name",
        ),
        pytest.param(
            {"service_account": "${aws:username}*"},
            "'${aws:username}*' is not a pattern of service account names; use "
            "lower-case letters, digits, '-', '.', '*' for any text and '?' for one "
            "character; the namespace is always the entry's own",
            id="policy variable",
        ),
        pytest.param(
            {"service_account": "-a"},
            "'-a' cannot name a service account; a name has 1 to 253 lower-case "
            "letters, digits, '-' and '.', and each part between dots begins and ends "
            "with a letter or digit (RFC 1123)",
            id="name Kubernetes refuses",
        ),
        pytest.param(
            {"audience": "${aws:username}"},
            "'${aws:username}' is no audience; expected 1 to 255 printable ASCII "
            "characters without space and '${', such as 'sts.amazonaws.com'",
            id="policy variable as audience",
        ),
        pytest.param(
            {"audience": ""},
            "'' is no audience; expected 1 to 255 printable ASCII characters without "
            "space and '${', such as 'sts.amazonaws.com'",
            id="no audience",
        ),
    ],
)
def test_wrong_argument_is_refused(arguments: dict[str, Any], message: str) -> None:
    """Nothing that could widen the policy or never match gets into it."""
    right: dict[str, Any] = {
        "provider_arn": provider("aws"),
        "namespace": "default",
        "service_account": "app",
    }

    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - compared whole below
        trust_policy(**(right | arguments))

    assert str(refusal.value) == message


def test_subject_is_what_the_tokens_say() -> None:
    """A token names its account by namespace and name."""
    assert (
        subject(namespace="backend-apps", service_account="s3-reader")
        == "system:serviceaccount:backend-apps:s3-reader"
    )
