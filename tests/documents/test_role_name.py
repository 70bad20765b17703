"""A role's derived name: short enough, stable, and each account's own."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_irsa.documents.names import role_name_fault
from eks_irsa.documents.role_name import role_name

ARN = "arn:aws:eks:us-west-2:111122223333:cluster/cluster-13"
LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True)
SUBDOMAIN = st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,200}[a-z0-9])?", fullmatch=True)
CLUSTER = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", fullmatch=True)


@pytest.mark.parametrize(
    ("namespace", "name", "expected"),
    [
        pytest.param(
            "backend-apps",
            "s3-reader",
            "cluster-13-backend-apps-s3-reader-61058025",
            id="short",
        ),
        pytest.param("a", "b", "cluster-13-a-b-a16f711b", id="one letter"),
        pytest.param(
            "kube-system",
            "app.v1",
            "cluster-13-kube-system-app.v1-2cdda5e7",
            id="dotted",
        ),
        pytest.param(
            "n" * 63, "s" * 253, f"cluster-13-{'n' * 44}-28ed5468", id="longest"
        ),
        pytest.param(
            "team",
            "a" * 38 + "-" + "b" * 20,
            f"cluster-13-team-{'a' * 38}-817c25c6",
            id="cut at a dash",
        ),
    ],
)
def test_name_never_changes(namespace: str, name: str, expected: str) -> None:
    """A role renamed is a role replaced, so these names stay for good."""
    derived = role_name(
        cluster_arn=ARN, cluster="cluster-13", namespace=namespace, name=name
    )

    assert derived == expected


@given(cluster=CLUSTER, namespace=LABEL, name=SUBDOMAIN)
def test_name_is_one_iam_takes(cluster: str, namespace: str, name: str) -> None:
    """At most 64 characters, all allowed, the last eight hex digits."""
    derived = role_name(
        cluster_arn=ARN, cluster=cluster, namespace=namespace, name=name
    )

    assert role_name_fault(derived) is None
    assert re.fullmatch(r".+-[0-9a-f]{8}", derived)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(("a-b", "c"), ("a", "b-c"), id="dash at another place"),
        pytest.param(("n", "x" * 60 + "a"), ("n", "x" * 60 + "b"), id="cut tails"),
    ],
)
def test_accounts_that_read_alike_get_two_names(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    """Cutting and joining never let two accounts meet in one role."""
    names = {
        role_name(cluster_arn=ARN, cluster="c", namespace=namespace, name=name)
        for namespace, name in (one, other)
    }

    assert len(names) == 2


def test_clusters_of_one_name_get_two_names() -> None:
    """Roles are global in an account, clusters are not."""
    names = {
        role_name(
            cluster_arn=f"arn:aws:eks:{region}:111122223333:cluster/c",
            cluster="c",
            namespace="n",
            name="a",
        )
        for region in ("us-west-2", "us-east-1")
    }

    assert len(names) == 2
