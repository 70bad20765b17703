"""Defaults below the file, overrides above it, and a full name above a glob."""

import pytest
from plans import READ_ONLY, entry, planned, refused, roles

from eks_irsa.errors import SettingsError
from eks_irsa.plan.model import Cluster

KEY = "shop/orders"
NONE: dict[str, object] = {}
IAM = "arn:aws:iam::111122223333:policy"
OWN_TAGS = {
    "eks-irsa/cluster": "arn:aws:eks:us-west-2:111122223333:cluster/shop",
    "eks-irsa/namespace": "shop",
    "eks-irsa/service-account": "orders",
}


@pytest.mark.parametrize(
    ("default", "in_file", "override", "expected"),
    [
        pytest.param(None, None, None, None, id="none"),
        pytest.param("low", None, None, "low", id="default"),
        pytest.param("low", "file", None, "file", id="file over default"),
        pytest.param("low", "file", "high", "high", id="override over file"),
        pytest.param("low", None, "high", "high", id="override over default"),
        pytest.param(None, "file", None, "file", id="file alone"),
    ],
)
def test_boundary_comes_from_the_highest_layer(
    default: str | None, in_file: str | None, override: str | None, expected: str | None
) -> None:
    """Default, then the file, then the override."""
    layers = {
        "defaults": {"permissionsBoundary": default and f"{IAM}/{default}"},
        "overrides": {KEY: {"permissionsBoundary": override and f"{IAM}/{override}"}},
    }
    given = {"permissionsBoundary": f"{IAM}/{in_file}"} if in_file else {}

    (role,) = roles(planned(entry(KEY, **given), settings=layers))

    assert role.permissions_boundary == (expected and f"{IAM}/{expected}")


@pytest.mark.parametrize(
    ("default", "override", "expected"),
    [
        pytest.param({}, {}, ("/", 3600), id="neither"),
        pytest.param(
            {"rolePath": "/low/", "maxSessionDurationSeconds": 7200},
            {},
            ("/low/", 7200),
            id="defaults",
        ),
        pytest.param(
            {"rolePath": "/low/", "maxSessionDurationSeconds": 7200},
            {"rolePath": "/high/", "maxSessionDurationSeconds": 43_200},
            ("/high/", 43_200),
            id="overrides",
        ),
        pytest.param(
            {"rolePath": "/low/"},
            {"maxSessionDurationSeconds": 3601},
            ("/low/", 3601),
            id="one of each",
        ),
        pytest.param({"rolePath": "/low/"}, {"rolePath": "/"}, ("/", 3600), id="root"),
    ],
)
def test_path_and_session_come_from_the_highest_layer(
    default: dict[str, object], override: dict[str, object], expected: tuple[str, int]
) -> None:
    """The file has no word for either of them."""
    layers = {"defaults": default, "overrides": {KEY: override}}

    (role,) = roles(planned(entry(KEY, roleName="orders"), settings=layers))

    path, seconds = expected
    assert (role.path, role.max_session_duration_seconds) == (path, seconds)
    assert role.arn == f"arn:aws:iam::111122223333:role{path}orders"


@pytest.mark.parametrize(
    ("default", "override", "expected"),
    [
        pytest.param(None, None, "eks-irsa", id="neither"),
        pytest.param("team", None, "team", id="default"),
        pytest.param("team", "argo", "argo", id="override"),
        pytest.param("", None, None, id="none by default"),
        pytest.param("team", "", None, id="none by override"),
        pytest.param("", "argo", "argo", id="override of none"),
    ],
)
def test_label_comes_from_the_highest_layer(
    default: str | None, override: str | None, expected: str | None
) -> None:
    """An empty text takes the label away."""
    layers = {
        "defaults": {} if default is None else {"managedByLabel": default},
        "overrides": {} if override is None else {KEY: {"managedByLabel": override}},
    }

    (account,) = planned(entry(KEY), settings=layers).service_accounts

    label = {"app.kubernetes.io/managed-by": expected} if expected else {}
    assert dict(account.labels) == label


def test_tags_are_laid_over_one_another() -> None:
    """Defaults, the file's, the entry's, the override's, and ours on top."""
    plan = planned(
        entry(KEY, tags={"c": "entry", "d": "entry", "e": None}),
        tags={"b": "file", "c": "file", "d": "file", "null": None},
        settings={
            "defaults": {"tags": {"a": "low", "b": "low", "c": "low", "d": "low"}},
            "overrides": {KEY: {"tags": {"d": "high", "f": "high"}}},
        },
        stack="acme/eks-irsa/dev",
    )

    (role,) = roles(plan)
    assert dict(role.tags) == {
        "a": "low",
        "b": "file",
        "c": "entry",
        "d": "high",
        "e": "",
        "f": "high",
        "null": "",
        "eks-irsa/stack": "acme/eks-irsa/dev",
        **OWN_TAGS,
    }


def test_tag_of_a_higher_layer_replaces_one_that_differs_in_case() -> None:
    """IAM would refuse both on one role, and the layer above decides the case."""
    plan = planned(
        entry(KEY, tags={"TEAM": "entry"}),
        tags={"Team": "file", "Cost": "file"},
        settings={
            "defaults": {"tags": {"team": "low", "cost": "low"}},
            "overrides": {KEY: {"tags": {"COST": "high"}}},
        },
    )

    (role,) = roles(plan)
    assert dict(role.tags) == {"COST": "high", "TEAM": "entry", **OWN_TAGS}


def test_tags_are_in_one_order() -> None:
    """A preview shows no change where only the order of the file is another."""
    plan = planned(
        entry("a/b", tags={"z": "1", "a": "2"}),
        entry("a/c", tags={"a": "2", "z": "1"}),
    )

    first, second = (list(role.tags) for role in roles(plan))
    assert first == second == sorted(first)


def test_full_name_wins_over_globs_key_by_key() -> None:
    """What it does not say, the globs say, and what those do not, the defaults."""
    plan = planned(
        entry(KEY),
        entry("shop/carts"),
        settings={
            "defaults": {"permissionsBoundary": f"{IAM}/low"},
            "overrides": {
                "shop/*": {"rolePath": "/glob/", "maxSessionDurationSeconds": 7200},
                KEY: {"rolePath": "/exact/"},
                "*/orders": {"tags": {"from": "other glob"}},
            },
        },
    )

    found = [
        (
            one.path,
            one.max_session_duration_seconds,
            one.permissions_boundary,
            one.tags.get("from"),
        )
        for one in roles(plan)
    ]
    assert found == [
        ("/exact/", 7200, f"{IAM}/low", "other glob"),
        ("/glob/", 7200, f"{IAM}/low", None),
    ]


def test_full_name_takes_back_what_a_glob_says() -> None:
    """Null there means that the file and the defaults decide."""
    plan = planned(
        entry(KEY),
        settings={
            "defaults": {"rolePath": "/low/"},
            "overrides": {"*": {"rolePath": "/glob/"}, KEY: {"rolePath": None}},
        },
    )

    (role,) = roles(plan)
    assert role.path == "/low/"


def test_globs_that_differ_are_refused() -> None:
    """Their order in the file means nothing, so neither can win."""
    problems = refused(
        entry(KEY),
        entry("shop/carts"),
        settings={
            "overrides": {
                "shop/*": {"rolePath": "/a/", "tags": {"x": "y"}},
                "*/orders": {"rolePath": "/b/", "tags": {"x": "y"}},
                "s*": {"managedByLabel": "z"},
            }
        },
    )

    assert problems == [
        (
            "eks-irsa:overrides.shop/*.rolePath",
            "E-OVERRIDE-AMBIGUOUS",
            (
                "'shop/*' and '*/orders' both match 'shop/orders' and differ; name the "
                "entry in full to decide"
            ),
        )
    ]


@pytest.mark.parametrize(
    "overrides",
    [
        pytest.param(
            {"shop/*": {"rolePath": "/a/"}, "*/orders": {"rolePath": "/a/"}},
            id="they agree",
        ),
        pytest.param(
            {
                "shop/*": {"rolePath": "/b/"},
                "*/orders": {"rolePath": "/c/"},
                KEY: {"rolePath": "/a/"},
            },
            id="the full name decides",
        ),
        pytest.param(
            {"shop/*": {"rolePath": "/a/"}, "other/*": {"rolePath": "/b/"}},
            id="one does not match",
        ),
    ],
)
def test_globs_that_leave_no_doubt_are_taken(overrides: dict[str, object]) -> None:
    """They agree, or something decides."""
    (role,) = roles(planned(entry(KEY), settings={"overrides": overrides}))

    assert role.path == "/a/"


def test_boundary_must_be_in_the_clusters_partition() -> None:
    """Each setting that names another partition is told the ARN it may mean."""
    china = Cluster(
        name="shop",
        region="cn-north-1",
        partition="aws-cn",
        account_id="111122223333",
        issuer_url="https://oidc.eks.cn-north-1.amazonaws.com.cn/id/0123",
    )
    arn = "arn:aws-cn:iam::aws:policy/ReadOnlyAccess"
    problems = refused(
        entry("a/b", attachPolicyARNs=[arn]),
        cluster=china,
        settings={
            "defaults": {"permissionsBoundary": f"{IAM}/low"},
            "overrides": {
                "a/*": {"permissionsBoundary": arn},
                "b/*": {"permissionsBoundary": "arn:aws-us-gov:iam::aws:policy/x"},
            },
        },
    )

    assert problems == [
        (
            "eks-irsa:defaults.permissionsBoundary",
            "E-PARTITION",
            (
                f"'{IAM}/low' is in another partition than the cluster; expected "
                "'arn:aws-cn:iam::111122223333:policy/low'"
            ),
        ),
        (
            "eks-irsa:overrides.b/*.permissionsBoundary",
            "E-PARTITION",
            (
                "'arn:aws-us-gov:iam::aws:policy/x' is in another partition than the "
                "cluster; expected 'arn:aws-cn:iam::aws:policy/x'"
            ),
        ),
    ]


def test_boundary_that_aws_does_not_have_is_a_warning() -> None:
    """The role would be made, and its boundary refused."""
    plan = planned(
        entry(KEY),
        settings={
            "defaults": {"permissionsBoundary": "arn:aws:iam::aws:policy/PowerUser"},
            "overrides": {KEY: {"permissionsBoundary": READ_ONLY}},
        },
    )

    assert [(one.path, one.code, one.severity) for one in plan.warnings] == [
        (
            "eks-irsa:defaults.permissionsBoundary",
            "W-UNKNOWN-AWS-POLICY",
            "warning",
        )
    ]


def test_stack_file_order_of_overrides_means_nothing() -> None:
    """The same overrides in another order give the same plan."""
    overrides = {
        "shop/*": {"rolePath": "/a/"},
        "*/orders": {"tags": {"a": "b"}},
        KEY: {"maxSessionDurationSeconds": 7200},
    }
    backwards = dict(reversed(overrides.items()))

    one, other = (
        planned(entry(KEY), settings={"overrides": given})
        for given in (overrides, backwards)
    )

    assert one == other


def test_an_entry_is_taken_out_of_a_default_by_an_empty_override() -> None:
    """The exception to a default can be said, for one entry and by name."""
    plan = planned(
        entry("a/b"),
        entry("a/c"),
        settings={
            "defaults": {
                "permissionsBoundary": READ_ONLY,
                "imagePullSecrets": ["mirror", "registry", "mirror"],
            },
            "overrides": {"a/c": {"permissionsBoundary": "", "imagePullSecrets": []}},
        },
    )

    assert [one.permissions_boundary for one in roles(plan)] == [READ_ONLY, None]
    assert [one.image_pull_secrets for one in plan.service_accounts] == [
        ("mirror", "registry"),
        (),
    ]


def test_policies_by_name_come_beside_those_of_the_file() -> None:
    """The file stays one that eksctl accepts; a full name wins over a glob."""
    by_name: dict[str, object] = {
        KEY: {"namedPolicies": {"kedaSqs": {"queueArns": "*"}}},
        "shop/*": {"namedPolicies": {"adotTraces": NONE, "kedaCloudWatch": NONE}},
    }
    first, second = roles(
        planned(entry(KEY), entry("shop/other"), settings={"overrides": by_name})
    )

    assert first.managed_policy_arns == (READ_ONLY,)
    assert [one.name for one in first.inline_policies] == ["kedaSqs"]
    assert second.managed_policy_arns == (
        READ_ONLY,
        "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess",
    )
    assert [one.name for one in second.inline_policies] == ["kedaCloudWatch"]


def test_wrong_policies_by_name_are_refused_at_their_place() -> None:
    """As a component refuses them."""
    overrides = {
        "shop/*": {
            "namedPolicies": {
                "kedaSqs": {"queueArns": ["*", 5]},
                "velero": None,
                "adotTrace": NONE,
            }
        }
    }

    with pytest.raises(SettingsError) as caught:
        planned(entry(KEY), settings={"overrides": overrides})

    at = "eks-irsa:overrides.shop/*.namedPolicies"
    assert [(one.path, one.code, one.message) for one in caught.value.problems] == [
        (
            f"{at}.velero",
            "E-TYPE",
            "expected a map of parameters, {} for none, got nothing",
        ),
    ]


def test_policies_by_name_are_in_the_clusters_partition() -> None:
    """IAM would refuse the ARN."""
    queue = "arn:aws-cn:sqs:cn-north-1:111122223333:q"
    named = {"kedaSqs": {"queueArns": [queue]}}

    found = refused(entry(KEY), settings={"defaults": {"namedPolicies": named}})

    assert found == [
        (
            "eks-irsa:defaults.namedPolicies.kedaSqs.queueArns[0]",
            "E-PARTITION",
            (
                f"{queue!r} is in another partition than the cluster; expected "
                "'arn:aws:sqs:cn-north-1:111122223333:q'"
            ),
        )
    ]


def test_policies_by_name_beside_an_existing_role_are_refused() -> None:
    """The role is used as it is, so they would be lost."""
    settings = {"overrides": {KEY: {"namedPolicies": {"adotTraces": NONE}}}}
    role = "arn:aws:iam::111122223333:role/theirs"

    found = refused(entry(KEY, attachRoleARN=role), settings=settings)

    assert found == [
        (
            f"eks-irsa:overrides.{KEY}.namedPolicies",
            "E-ATTACH-ROLE",
            (
                "has no effect beside the role that the file names, which is used "
                "as it is; take one of the two out"
            ),
        )
    ]


def test_sizes_of_policies_by_name_count() -> None:
    """The place is the entry, as the file does not name them."""
    arns = [f"arn:aws:sqs:us-west-2:111122223333:{n:080}" for n in range(90)]
    named = {"kedaSqs": {"queueArns": arns}}

    found = refused(entry(KEY), settings={"overrides": {KEY: {"namedPolicies": named}}})

    assert [(path, code) for path, code, _ in found] == [
        ("iam.serviceAccounts[0]", "E-LIMIT-INLINE-POLICY")
    ]
