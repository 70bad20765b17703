"""What a stack will make: modes, namespaces, accounts, and the cluster meant."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import CLUSTER, entry, planned, refused

from eks_irsa.cluster_config.reading import parse_cluster_config
from eks_irsa.identity.model import Identity
from eks_irsa.plan.model import Cluster, Plan, name_and_region

ROLE = "arn:aws:iam::111122223333:role/legacy"
MANAGED_BY = {"app.kubernetes.io/managed-by": "eks-irsa"}
ROLE_ARN = "eks.amazonaws.com/role-arn"
AUDIENCE = "eks.amazonaws.com/audience"


def modes(plan: Plan) -> dict[str, str]:
    """Return the mode of each entry."""
    return {one.key: one.mode for one in plan.service_accounts}


def test_one_entry_becomes_one_account_and_role() -> None:
    """Everything of the account's plan, the role beside it."""
    plan = planned(
        entry(
            "shop/orders",
            roleName="orders",
            metadata={
                "labels": {"tier": "1", "empty": None},
                "annotations": {"a": "b"},
            },
        )
    )

    (account,) = plan.service_accounts
    assert account.role is not None
    assert dataclasses.replace(account, role=None) == Identity(
        namespace="shop",
        name="orders",
        mode="created",
        subject="system:serviceaccount:shop:orders",
        labels={**MANAGED_BY, "tier": "1", "empty": ""},
        annotations={"a": "b", ROLE_ARN: "arn:aws:iam::111122223333:role/orders"},
        role_arn="arn:aws:iam::111122223333:role/orders",
        attach_role_arn=None,
        role=None,
    )
    assert dataclasses.replace(plan, service_accounts=()) == Plan(
        cluster=CLUSTER,
        audience="sts.amazonaws.com",
        with_provider=True,
        namespaces=("shop",),
        service_accounts=(),
        warnings=(),
    )


def test_file_without_entries_has_a_plan() -> None:
    """The provider alone may be wanted."""
    plan = planned()

    assert plan == Plan(
        cluster=CLUSTER,
        audience="sts.amazonaws.com",
        with_provider=True,
        namespaces=(),
        service_accounts=(),
        warnings=(),
    )


def test_mode_follows_file_and_settings() -> None:
    """What exists is patched if its entry is listed; `roleOnly` is never touched."""
    plan = planned(
        entry("a/new"),
        entry("a/old"),
        entry("kube-system/aws-node"),
        entry("a/alone", roleOnly=True),
        entry("kube-system/alone", roleOnly=True),
        entry("a/explicit", roleOnly=False),
        settings={"patchExisting": ["a/old", "kube-system/*"]},
    )

    assert modes(plan) == {
        "a/new": "created",
        "a/old": "patched",
        "kube-system/aws-node": "patched",
        "a/alone": "notManaged",
        "kube-system/alone": "notManaged",
        "a/explicit": "created",
    }


def test_without_kubernetes_every_entry_is_its_role_alone() -> None:
    """IAM is made and the cluster left alone, whatever else is set."""
    plan = planned(
        entry("a/new"),
        entry("a/old", metadata={"labels": {"x": "y"}, "annotations": {"x": "y"}}),
        entry("a/legacy", attachRoleARN=ROLE),
        settings={"kubernetes": "off", "patchExisting": ["a/old"]},
    )

    assert modes(plan) == {
        "a/new": "notManaged",
        "a/old": "notManaged",
        "a/legacy": "notManaged",
    }
    assert plan.namespaces == ()
    assert [
        (dict(one.labels), dict(one.annotations)) for one in plan.service_accounts
    ] == [
        ({}, {}),
        ({}, {}),
        ({}, {}),
    ]


def test_namespaces_come_once_and_in_file_order() -> None:
    """The built-in ones exist, and nobody needs the one of a role alone."""
    plan = planned(
        entry("zebra/a"),
        entry("kube-system/a"),
        entry("ant/a"),
        entry("default/a"),
        entry("zebra/b"),
        entry("kube-public/a"),
        entry("kube-node-lease/a"),
        entry("alone/a", roleOnly=True),
        entry("patched/a"),
        entry("attached/a", attachRoleARN=ROLE),
        settings={"patchExisting": ["patched/*"]},
    )

    assert plan.namespaces == ("zebra", "ant", "patched", "attached")


def test_namespaces_of_others_are_not_made() -> None:
    """Another tool owns them."""
    plan = planned(entry("a/b"), settings={"createNamespaces": False})

    assert plan.namespaces == ()
    assert modes(plan) == {"a/b": "created"}


def test_an_override_of_the_label_wins_over_the_file() -> None:
    """As every override does; an empty one takes the label away."""
    own = {"app.kubernetes.io/managed-by": "helm"}
    plan = planned(
        entry("a/other", metadata={"labels": own}),
        entry("a/none", metadata={"labels": own}),
        settings={
            "overrides": {
                "a/other": {"managedByLabel": "team"},
                "a/none": {"managedByLabel": ""},
            }
        },
    )

    labels = {one.key: dict(one.labels) for one in plan.service_accounts}
    assert labels == {
        "a/other": {"app.kubernetes.io/managed-by": "team"},
        "a/none": {},
    }


def test_label_is_for_accounts_we_own() -> None:
    """On a patched account it says whose it is; the entry's own wins over ours."""
    own = {"app.kubernetes.io/managed-by": "helm"}
    plan = planned(
        entry("a/new"),
        entry("a/own", metadata={"labels": own}),
        entry("a/old"),
        entry("a/old-own", metadata={"labels": own}),
        settings={"patchExisting": ["a/old*"]},
    )

    labels = {one.key: dict(one.labels) for one in plan.service_accounts}
    assert labels == {
        "a/new": MANAGED_BY,
        "a/own": own,
        "a/old": {},
        "a/old-own": {},
    }
    assert [(one.code, one.path, one.message) for one in plan.warnings] == [
        (
            "W-OWNERSHIP-KEY",
            'iam.serviceAccounts[3].metadata.labels["app.kubernetes.io/managed-by"]',
            (
                "'app.kubernetes.io/managed-by' says whose the service account is, and "
                "is left as it is on one that is patched; take it out"
            ),
        )
    ]


def test_existing_role_is_used_as_it_is() -> None:
    """Its account gets the annotation and no role is made."""
    plan = planned(
        entry("a/legacy", attachRoleARN=ROLE),
        settings={"defaults": {"permissionsBoundary": f"{ROLE[:25]}:policy/x"}},
    )

    assert plan.service_accounts == (
        Identity(
            namespace="a",
            name="legacy",
            mode="created",
            subject="system:serviceaccount:a:legacy",
            labels=MANAGED_BY,
            annotations={ROLE_ARN: ROLE},
            role_arn=ROLE,
            attach_role_arn=ROLE,
            role=None,
        ),
    )


def test_audience_is_annotated_where_it_differs() -> None:
    """The webhook has the default itself; an existing role is its owner's."""
    entries = (
        entry("a/new", roleName="n"),
        entry("a/old", roleName="o"),
        entry("a/legacy", attachRoleARN=ROLE),
        entry("a/alone", roleOnly=True),
    )
    arn = "arn:aws:iam::111122223333:role"
    by_default = planned(*entries, settings={"patchExisting": ["a/old"]})
    by_setting = planned(
        *entries, settings={"patchExisting": ["a/old"], "audience": "vault"}
    )

    assert {one.key: dict(one.annotations) for one in by_default.service_accounts} == {
        "a/new": {ROLE_ARN: f"{arn}/n"},
        "a/old": {ROLE_ARN: f"{arn}/o"},
        "a/legacy": {ROLE_ARN: ROLE},
        "a/alone": {},
    }
    assert {one.key: dict(one.annotations) for one in by_setting.service_accounts} == {
        "a/new": {ROLE_ARN: f"{arn}/n", AUDIENCE: "vault"},
        "a/old": {ROLE_ARN: f"{arn}/o", AUDIENCE: "vault"},
        "a/legacy": {ROLE_ARN: ROLE},
        "a/alone": {},
    }
    assert by_setting.audience == "vault"
    assert by_setting.warnings == ()


def test_audience_of_an_entry_that_its_role_refuses_is_a_warning() -> None:
    """The entry's own annotation stays; where an existing role is used, it may fit."""
    own = {"annotations": {AUDIENCE: "vault"}}
    plan = planned(
        entry("a/new", metadata=own),
        entry("a/legacy", metadata=own, attachRoleARN=ROLE),
        entry("a/alone", roleOnly=True),
    )

    assert plan.service_accounts[0].annotations[AUDIENCE] == "vault"
    assert [
        (one.path, one.code, one.severity, one.message) for one in plan.warnings
    ] == [
        (
            'iam.serviceAccounts[0].metadata.annotations["eks.amazonaws.com/audience"]',
            "W-AUDIENCE",
            "warning",
            (
                "pods get tokens for 'vault', which the role refuses, as it trusts "
                "'sts.amazonaws.com'; set the audience of the stack instead"
            ),
        )
    ]


def test_audience_of_an_entry_may_be_the_stacks() -> None:
    """They agree, so there is nothing to warn of."""
    own = {"annotations": {AUDIENCE: "vault"}}
    plan = planned(entry("a/b", metadata=own), settings={"audience": "vault"})

    assert plan.warnings == ()


def test_cluster_must_be_in_the_account_that_is_meant() -> None:
    """Credentials of another account would change another cluster."""
    problems = refused(entry("a/b"), settings={"accountId": "999999999999"})

    assert problems == [
        (
            "eks-irsa:accountId",
            "E-ACCOUNT",
            (
                "the cluster arn:aws:eks:us-west-2:111122223333:cluster/shop is not in "
                "the AWS account '999999999999'; use credentials of that AWS "
                "account, or correct the setting"
            ),
        )
    ]


@pytest.mark.parametrize("account", ["", "111122223333"])
def test_account_that_is_meant_or_none_is_taken(account: str) -> None:
    """An empty text is what Pulumi.yaml gives by default."""
    plan = planned(entry("a/b"), settings={"accountId": account})

    assert modes(plan) == {"a/b": "created"}


def test_account_of_a_cluster_nobody_asked_is_not_compared() -> None:
    """The placeholder is no account."""
    assumed = dataclasses.replace(CLUSTER, account_id="0" * 12, assumed=True)

    plan = planned(entry("a/b"), cluster=assumed, settings={"accountId": "1" * 12})

    assert modes(plan) == {"a/b": "created"}


def test_two_roles_of_one_name_are_refused() -> None:
    """IAM looks neither at the case of a name nor at its path."""
    problems = refused(
        entry("a/one", roleName="Orders"),
        entry("a/two", roleName="other"),
        entry("b/three", roleName="orders"),
        entry("b/four", roleName="ORDERS"),
        settings={"overrides": {"b/four": {"rolePath": "/elsewhere/"}}},
    )

    assert problems == [
        (
            "iam.serviceAccounts[2].roleName",
            "E-ROLE-NAME-DUP",
            (
                "'orders' is the name of the role of 'a/one' already; "
                "give one of the two entries another roleName"
            ),
        ),
        (
            "iam.serviceAccounts[3].roleName",
            "E-ROLE-NAME-DUP",
            (
                "'ORDERS' is the name of the role of 'a/one' already; "
                "give one of the two entries another roleName"
            ),
        ),
    ]


def test_name_that_is_derived_elsewhere_is_refused() -> None:
    """Somebody may copy the name of a role that another entry gets."""
    (role,) = [one.role for one in planned(entry("a/one")).service_accounts]
    assert role is not None

    problems = refused(entry("a/one"), entry("a/two", roleName=role.name.upper()))

    assert problems == [
        (
            "iam.serviceAccounts[1].roleName",
            "E-ROLE-NAME-DUP",
            (
                f"{role.name.upper()!r} is the name of the role of 'a/one' already; "
                "give one of the two entries another roleName"
            ),
        )
    ]


def test_problems_of_the_file_come_before_those_of_the_settings() -> None:
    """Each in its own order, warnings among them."""
    problems = refused(
        entry("a/one", attachRoleARN=ROLE),
        entry("a/two", subjectPattern="*", tags={"a": "b"}),
        settings={
            "accountId": "999999999999",
            "limits": {"tagsPerRole": 3},
            "include": ["x/y", "a/two"],
        },
    )

    assert [(path, code) for path, code, _ in problems] == [
        ("iam.serviceAccounts", "W-FILTERED"),
        ("iam.serviceAccounts[1].subjectPattern", "W-SUBJECT-PATTERN"),
        ("iam.serviceAccounts[1].tags", "E-LIMIT-TAGS"),
        ("eks-irsa:accountId", "E-ACCOUNT"),
        ("eks-irsa:include[0]", "W-NO-ENTRY"),
    ]


def test_warnings_of_the_file_stay_with_the_plan() -> None:
    """They stop nothing and are not lost."""
    plan = planned(entry("a/two", subjectPattern="*"))

    assert [one.code for one in plan.warnings] == ["W-SUBJECT-PATTERN"]


ENTRIES = (
    entry("a/one", tags={"x": "y"}),
    entry("a/two", attachRoleARN=ROLE),
    entry("b/three", roleOnly=True),
    entry("kube-system/four", wellKnownPolicies={"externalDNS": True}),
    entry("b/five", roleName="five", subjectPattern="five-*"),
)
SETTINGS = {
    "patchExisting": ["kube-system/*"],
    "overrides": {"b/*": {"rolePath": "/b/"}, "a/one": {"tags": {"z": "1"}}},
}


@given(order=st.permutations(range(len(ENTRIES))), kept=st.integers(1, len(ENTRIES)))
@settings(max_examples=30)
def test_neighbours_change_no_entrys_plan(order: list[int], kept: int) -> None:
    """Entries moved, added or removed leave the others as they are."""
    whole = {
        one.key: one for one in planned(*ENTRIES, settings=SETTINGS).service_accounts
    }

    some = planned(*(ENTRIES[index] for index in order[:kept]), settings=SETTINGS)

    assert [whole[one.key] for one in some.service_accounts] == list(
        some.service_accounts
    )


def test_equal_input_gives_an_equal_plan() -> None:
    """Neither clock nor chance has a part in it."""
    plans = [
        planned(*ENTRIES, tags={"t": "1"}, settings=SETTINGS, stack="acme/eks-irsa/dev")
        for _ in range(2)
    ]

    assert plans[0] == plans[1]


def test_plan_cannot_be_changed() -> None:
    """Whoever reads it may keep it."""
    (account,) = planned(entry("a/b")).service_accounts
    assert account.role is not None

    for mapping in (account.labels, account.annotations, account.role.tags):
        with pytest.raises(TypeError, match="does not support item assignment"):
            mapping["x"] = "y"  # type: ignore[index] # that is what is tried


@pytest.mark.parametrize(
    ("region", "partition", "domain"),
    [
        ("us-west-2", "aws", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
        ("us-isob-east-1", "aws-iso-b", "amazonaws.com"),
        ("eu-isoe-west-1", "aws-iso-e", "cloud.adc-e.uk"),
        ("us-isof-east-1", "aws-iso-f", "csp.hci.ic.gov"),
    ],
)
def test_cluster_nobody_asked_has_placeholders(
    region: str, partition: str, domain: str
) -> None:
    """They are as long as account and issuer can be, so that sizes are bounded."""
    text = (
        "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\n"
        f"metadata: {{name: shop, region: {region}}}\n"
    )
    file = parse_cluster_config(text.encode(), source="shop.yaml")

    cluster = Cluster.assumed_for(file.config)

    assert cluster == Cluster(
        name="shop",
        region=region,
        partition=partition,
        account_id="000000000000",
        issuer_url=f"https://oidc.eks.{region}.{domain}/id/{'0' * 32}",
        assumed=True,
    )
    assert cluster.arn == f"arn:{partition}:eks:{region}:000000000000:cluster/shop"
    assert cluster.provider_arn == (
        f"arn:{partition}:iam::000000000000:oidc-provider/"
        f"oidc.eks.{region}.{domain}/id/{'0' * 32}"
    )


def test_name_and_region_need_a_checked_file() -> None:
    """A programmer who passes another model is told so."""
    text = (
        "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\n"
        "metadata: {name: a, region: us-west-2}\n"
    )
    config = parse_cluster_config(text.encode(), source="shop.yaml").config

    assert name_and_region(config) == ("a", "us-west-2")
    with pytest.raises(ValueError, match=r"^the ClusterConfig was not checked$"):
        name_and_region(config.model_copy(update={"metadata": None}))
