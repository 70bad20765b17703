"""Whose the cluster's IAM OIDC provider is, for each setting and each thing found."""

import pytest

from eks_irsa.errors import ClusterError
from eks_irsa.plan.model import Cluster
from eks_irsa.plan.provider_ownership import (
    FoundProvider,
    ProviderUse,
    ownership_tags,
    provider_use,
    provider_warnings,
)

CLUSTER = Cluster(
    name="shop",
    region="cn-north-1",
    partition="aws-cn",
    account_id="111122223333",
    issuer_url="https://oidc.eks.cn-north-1.amazonaws.com.cn/id/0123",
)
CLUSTER_ARN = "arn:aws-cn:eks:cn-north-1:111122223333:cluster/shop"
PROVIDER_ARN = (
    "arn:aws-cn:iam::111122223333:oidc-provider/"
    "oidc.eks.cn-north-1.amazonaws.com.cn/id/0123"
)
STACK = "acme/eks-irsa/dev"
AUDIENCE = "sts.amazonaws.com"
OURS = {"eks-irsa/cluster": CLUSTER_ARN, "eks-irsa/stack": STACK}


def decide(
    setting: str,
    *,
    tags: dict[str, str] | None,
    client_ids: tuple[str, ...] = (AUDIENCE,),
) -> str:
    """Decide over a provider with these tags, None for no provider."""
    found = None if tags is None else FoundProvider(client_ids=client_ids, tags=tags)
    try:
        return provider_use(
            found, setting=setting, cluster=CLUSTER, stack=STACK, audience=AUDIENCE
        )
    except ClusterError as error:
        return str(error)


def test_tags_mark_stack_and_cluster() -> None:
    """Both are needed: one stack name may be used for another cluster later."""
    assert ownership_tags(CLUSTER, stack=STACK) == OURS


@pytest.mark.parametrize("setting", ["auto", "managed"])
def test_provider_that_is_not_there_is_made(setting: str) -> None:
    """`withOIDC: true` means that there is one afterwards."""
    assert decide(setting, tags=None) == "manage"


def test_existing_provider_must_be_there() -> None:
    """Somebody else was to make it."""
    assert decide("existing", tags=None) == (
        f"there is no IAM OIDC provider {PROVIDER_ARN}; make it, or set oidcProvider "
        "to auto or managed"
    )


@pytest.mark.parametrize(("setting", "use"), [("auto", "manage"), ("managed", "adopt")])
@pytest.mark.parametrize("tags", [OURS, OURS | {"team": "shop"}])
@pytest.mark.parametrize("client_ids", [(AUDIENCE,), ("vault",), ()])
def test_own_provider_stays_managed(
    setting: str, use: str, tags: dict[str, str], client_ids: tuple[str, ...]
) -> None:
    """More tags change nothing; `managed` takes it in where the state lost it."""
    assert decide(setting, tags=tags, client_ids=client_ids) == use


@pytest.mark.parametrize(
    "tags",
    [
        pytest.param({}, id="no tags"),
        pytest.param({"eks-irsa/stack": STACK}, id="no cluster"),
        pytest.param({"eks-irsa/cluster": CLUSTER_ARN}, id="no stack"),
        pytest.param(OURS | {"eks-irsa/stack": "acme/eks-irsa/prod"}, id="stack"),
        pytest.param(OURS | {"eks-irsa/cluster": "other"}, id="cluster"),
    ],
)
def test_provider_of_others_is_used_as_it_is(tags: dict[str, str]) -> None:
    """Ownership that was lost, such as by a renamed stack, is released too."""
    assert decide("auto", tags=tags) == "read"
    assert decide("existing", tags=tags) == "read"


def test_own_provider_can_be_given_up() -> None:
    """`existing` only reads, whatever the tags say."""
    assert decide("existing", tags=OURS) == "read"


def test_provider_of_others_is_not_taken_over() -> None:
    """The refusal names both ways out."""
    assert decide("managed", tags={"eks-irsa/stack": STACK}) == (
        f"the IAM OIDC provider {PROVIDER_ARN} exists and is not this stack's; set "
        "oidcProvider to existing to use it as it is, or put the tags "
        f"eks-irsa/cluster={CLUSTER_ARN}, eks-irsa/stack={STACK} on it to have this "
        "stack manage it"
    )


@pytest.mark.parametrize(
    ("setting", "tags"), [("auto", {}), ("existing", {}), ("existing", OURS)]
)
@pytest.mark.parametrize(
    ("client_ids", "accepted"), [((), "none"), (("vault", "x"), "vault, x")]
)
def test_provider_that_is_only_used_must_accept_the_audience(
    setting: str, tags: dict[str, str], client_ids: tuple[str, ...], accepted: str
) -> None:
    """Otherwise no pod would get credentials."""
    assert decide(setting, tags=tags, client_ids=client_ids) == (
        f"the IAM OIDC provider {PROVIDER_ARN} accepts the audiences {accepted}, not "
        f"{AUDIENCE}; every pod would get 'Incorrect token audience'; add the client "
        "id to it"
    )


@pytest.mark.parametrize(
    ("use", "exists", "expected"),
    [
        pytest.param("manage", True, [], id="managed as before"),
        pytest.param("adopt", True, [], id="with the setting that takes it in"),
        pytest.param(
            "manage",
            False,
            [
                "W-PROVIDER-GONE",
                (
                    f"the IAM OIDC provider {PROVIDER_ARN} is gone, and with it the "
                    "credentials of every pod; pulumi up --refresh makes it again"
                ),
            ],
            id="gone",
        ),
        pytest.param(
            "read",
            True,
            [
                "W-PROVIDER-RELEASED",
                (
                    f"the IAM OIDC provider {PROVIDER_ARN} is not this stack's any "
                    "more, by its tags or the setting; it is only read from now on, "
                    "and stays when the stack goes"
                ),
            ],
            id="released",
        ),
    ],
)
def test_what_becomes_of_a_provider_that_was_managed_is_said(
    use: ProviderUse, expected: list[str], *, exists: bool
) -> None:
    """The engine's own preview shows neither."""
    found = provider_warnings(
        use, exists=exists, provider_arn=PROVIDER_ARN, stack=STACK
    )

    said = [text for problem in found for text in (problem.code, problem.message)]
    assert said == expected
