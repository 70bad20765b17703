"""Entries whose way to their role the settings choose, whatever their section."""

import json
from collections.abc import Mapping
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plans import CLUSTER, READ_ONLY, entry

from eks_irsa.cluster_config.reading import parse_cluster_config
from eks_irsa.errors import InvalidInputError
from eks_irsa.plan.model import Plan
from eks_irsa.plan.planning import plan
from eks_irsa.settings.reading import settings_of_config

KEY: Final = "apps/x"
ASSOCIATION: Final = {
    "namespace": "apps",
    "serviceAccountName": "x",
    "permissionPolicyARNs": [READ_ONLY],
    "createServiceAccount": True,
}
CNI: Final = {"name": "vpc-cni", "attachPolicyARNs": [READ_ONLY]}
OF_CNI: Final = {
    "name": "vpc-cni",
    "podIdentityAssociations": [
        {
            "namespace": "kube-system",
            "serviceAccountName": "aws-node",
            "permissionPolicyARNs": [READ_ONLY],
        }
    ],
}
STATEMENT: Final = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
# What an entry of iam.serviceAccounts may say of its role, and what it is elsewhere.
GIVEN: Final[dict[str, st.SearchStrategy[object]]] = {
    "attachPolicyARNs": st.lists(
        st.sampled_from([READ_ONLY, "arn:aws:iam::111122223333:policy/own"]),
        min_size=1,
        unique=True,
    ),
    "attachPolicy": st.just({"Version": "2012-10-17", "Statement": [STATEMENT]}),
    "wellKnownPolicies": st.sampled_from(
        [{"autoScaler": True}, {"imageBuilder": True, "certManager": True}]
    ),
    "permissionsBoundary": st.just("arn:aws:iam::aws:policy/PowerUserAccess"),
    "roleName": st.just("x"),
    "tags": st.dictionaries(st.sampled_from("abc"), st.text("xyz"), min_size=1),
}
AS_ASSOCIATION: Final = {
    "attachPolicyARNs": "permissionPolicyARNs",
    "attachPolicy": "permissionPolicy",
    "permissionsBoundary": "permissionsBoundaryARN",
}
WAYS: Final = ("irsa", "podIdentity", "both")


def planned(
    *entries: Mapping[str, object],
    settings: Mapping[str, object] | None = None,
    with_oidc: bool = True,
    **sections: object,
) -> Plan:
    """Plan entries of `iam.serviceAccounts`, `associations` and `addons`."""
    config = {
        "apiVersion": "eksctl.io/v1alpha5",
        "kind": "ClusterConfig",
        "metadata": {"name": CLUSTER.name, "region": CLUSTER.region},
        "iam": {
            "withOIDC": with_oidc,
            "serviceAccounts": entries,
            "podIdentityAssociations": sections.get("associations"),
        },
        "addons": sections.get("addons"),
    }
    file = parse_cluster_config(json.dumps(config).encode(), source="shop.yaml")
    texts = {
        f"eks-irsa:{key}": json.dumps(value) for key, value in (settings or {}).items()
    }
    return plan(file, stack_settings=settings_of_config(texts), cluster=CLUSTER)


def refused(
    *entries: Mapping[str, object],
    settings: Mapping[str, object] | None = None,
    with_oidc: bool = True,
    **sections: object,
) -> list[tuple[str, str, str]]:
    """Plan what cannot be planned; give path, code and message of each problem."""
    with pytest.raises(InvalidInputError) as caught:
        planned(*entries, settings=settings, with_oidc=with_oidc, **sections)
    return [(one.path, one.code, one.message) for one in caught.value.problems]


def override(key: str, **given: object) -> dict[str, object]:
    """Write settings that say something of one entry."""
    return {"overrides": {key: given}}


@given(st.fixed_dictionaries({}, optional=GIVEN), st.sampled_from(WAYS))
def test_an_entry_of_either_section_is_the_same_by_each_way(
    more: dict[str, object], way: str
) -> None:
    """What differs is what eksctl does with the service account: made, or not."""
    settings = {"defaults": {"identity": way}}
    sources = {"attachPolicyARNs": [READ_ONLY], **more}
    made = {AS_ASSOCIATION.get(key, key): value for key, value in sources.items()}
    named = {"permissionPolicyName": "attachPolicy"} if "attachPolicy" in more else {}
    whole = planned(entry(KEY, **sources), settings=settings)

    plan = planned(
        associations=[
            {
                "namespace": "apps",
                "serviceAccountName": "x",
                "createServiceAccount": True,
                **made,
                **named,
            }
        ],
        settings=settings,
    )

    assert plan.service_accounts == whole.service_accounts
    assert [one.identity for one in plan.service_accounts] == [way]
    assert (plan.service_accounts[0].association is None) is (way == "irsa")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("addon", [CNI, OF_CNI], ids=["IRSA", "EKS Pod Identity"])
def test_an_add_on_has_a_role_and_never_an_association(
    addon: dict[str, object], way: str
) -> None:
    """EKS makes the association with the add-on, and would refuse a second one."""
    settings = override("kube-system/aws-node", identity=way)
    whole = planned(entry("kube-system/aws-node"), settings=settings)

    (made,) = planned(addons=[addon], settings=settings).service_accounts

    assert made.association is None
    assert made.mode == "notManaged"
    assert made.role == whole.service_accounts[0].role


def test_an_add_on_is_not_patched() -> None:
    """EKS annotates its service account, whatever the settings name."""
    settings = {"patchExisting": ["kube-system/*"]}

    (made,) = planned(addons=[OF_CNI], settings=settings).service_accounts

    assert made.mode == "notManaged"
    assert made.annotations == {}


def test_an_association_whose_service_account_exists_is_patched_where_it_is_named() -> (
    None
):
    """As an entry of the other section is."""
    settings = {"patchExisting": [KEY]}

    (made,) = planned(associations=[ASSOCIATION], settings=settings).service_accounts

    assert made.mode == "patched"


def test_a_move_of_the_way_spares_the_oidc_provider() -> None:
    """No role trusts it then."""
    settings = {"defaults": {"identity": "podIdentity"}}

    plan = planned(entry(KEY), with_oidc=False, settings=settings)

    assert not plan.with_provider
    assert plan.service_accounts[0].identity == "podIdentity"


@pytest.mark.parametrize("way", ["irsa", "both"])
def test_an_association_that_is_moved_to_irsa_needs_an_oidc_provider(way: str) -> None:
    """Its role trusts the provider, which nobody would make."""
    settings = override(KEY, identity=way)

    assert refused(associations=[ASSOCIATION], with_oidc=False, settings=settings) == [
        (
            "iam.withOIDC",
            "E-OIDC-REQUIRED",
            (
                "iam.podIdentityAssociations are listed, and their roles trust the "
                "cluster's OIDC provider; write withOIDC: true under iam, or set "
                "identity to podIdentity"
            ),
        )
    ]


def test_an_entry_that_is_left_out_needs_the_oidc_provider_too() -> None:
    """The file is right or wrong for all of its stacks."""
    settings = {"exclude": [KEY]}

    assert [
        code for _, code, _ in refused(entry(KEY), with_oidc=False, settings=settings)
    ] == ["E-OIDC-REQUIRED", "W-FILTERED"]


def test_an_add_on_without_oidc_provider_is_made_by_the_other_way() -> None:
    """By IRSA it is left out with a warning, as eksctl does."""
    left_out = planned(addons=[CNI], with_oidc=False)
    settings = override("kube-system/aws-node", identity="podIdentity")

    moved = planned(addons=[CNI], with_oidc=False, settings=settings)

    assert left_out.service_accounts == ()
    assert [warning.code for warning in left_out.warnings] == ["W-NOT-MADE"]
    assert [one.key for one in moved.service_accounts] == ["kube-system/aws-node"]
    assert [warning.code for warning in moved.warnings] == ["W-ADD-ON"]


@pytest.mark.parametrize("addon", [CNI, OF_CNI], ids=["IRSA", "EKS Pod Identity"])
@pytest.mark.parametrize(
    "settings",
    [
        {"defaults": {"identity": "both"}},
        {"overrides": {"kube-system/*": {"identity": "both"}}},
    ],
)
def test_add_on_is_moved_by_its_full_name_alone(
    addon: dict[str, object], settings: dict[str, object]
) -> None:
    """EKS has to be told too, which no default and no glob does."""
    (plain,) = planned(addons=[addon]).service_accounts

    made = planned(addons=[addon], settings=settings)
    named = planned(
        addons=[addon], settings=override("kube-system/aws-node", identity="both")
    )

    assert made.service_accounts == (plain,)
    assert made.warnings == ()
    assert [one.identity for one in named.service_accounts] == ["both"]
    (warning,) = named.warnings
    assert (warning.code, warning.severity) == ("W-ADD-ON", "warning")
    assert "as the add-on vpc-cni itself is told; run aws eks update-addon" in str(
        warning.message
    )


@pytest.mark.parametrize("way", WAYS)
def test_existing_role_that_is_moved_has_an_owner_who_must_know(way: str) -> None:
    """EKS refuses the association of a role that does not trust it."""
    role = "arn:aws:iam::111122223333:role/theirs"
    used = {"metadata": {"name": "x", "namespace": "apps"}, "attachRoleARN": role}
    said = {**ASSOCIATION, "roleARN": role}
    del said["permissionPolicyARNs"]
    settings = override(KEY, identity=way)

    moved = planned(used, settings=settings).warnings
    in_file = planned(associations=[said], settings=settings).warnings

    assert [(one.path, one.code) for one in moved] == (
        []
        if way == "irsa"
        else [("iam.serviceAccounts[0].attachRoleARN", "W-EXISTING-ROLE")]
    )
    assert [one.code for one in in_file] == []


def test_id_of_an_association_has_no_effect_by_irsa() -> None:
    """Nothing that is given is dropped in silence."""
    ((path, code, _),) = refused(
        entry(KEY), settings=override(KEY, associationId="a-1")
    )

    assert path == "eks-irsa:overrides.apps/x.associationId"
    assert code == "E-POD-IDENTITY"


@pytest.mark.parametrize(
    ("fields", "way", "place", "code"),
    [
        pytest.param(
            {
                "policy": '{"Version": "2012-10-17", "Statement": []}'.replace(
                    "[]",
                    '[{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]',
                ),
                "disableSessionTags": True,
            },
            "irsa",
            ("policy", "disableSessionTags"),
            "E-POD-IDENTITY",
            id="fields of an association",
        ),
        pytest.param(
            {"targetRoleARN": "arn:aws:iam::444455556666:role/x"},
            "irsa",
            ("targetRoleARN",),
            "E-POD-IDENTITY",
            id="target role",
        ),
    ],
)
def test_what_only_an_association_can_have_is_refused_without_one(
    fields: dict[str, object], way: str, place: tuple[str, ...], code: str
) -> None:
    """The settings cannot make it mean less than it says."""
    found = refused(
        associations=[{**ASSOCIATION, **fields}], settings=override(KEY, identity=way)
    )

    at = [f"iam.podIdentityAssociations[0].{key}" for key in place]
    errors = [one for one in found if one[1].startswith("E-")]
    assert sorted((path, kind) for path, kind, _ in errors) == sorted(
        (path, code) for path in at
    )


def test_a_pattern_of_names_is_refused_by_association_alone() -> None:
    """EKS gives a role to one service account by its name."""
    ((path, code, _),) = refused(
        entry(KEY, subjectPattern="x-*"), settings=override(KEY, identity="podIdentity")
    )

    assert (path, code) == ("iam.serviceAccounts[0].subjectPattern", "E-POD-IDENTITY")


def test_an_association_with_a_role_is_nothing_by_irsa() -> None:
    """Neither a role nor a service account nor an association would be made."""
    used = {
        "namespace": "apps",
        "serviceAccountName": "x",
        "roleARN": "arn:aws:iam::111122223333:role/x",
    }

    ((path, code, _),) = refused(
        associations=[used], settings=override(KEY, identity="irsa")
    )

    assert path == "iam.podIdentityAssociations[0].createServiceAccount"
    assert code == "E-ATTACH-ROLE"


def test_the_second_service_account_of_an_add_on_has_no_association() -> None:
    """The role of the EFS driver is for two, and an association is of one."""
    addon = {"name": "aws-efs-csi-driver", "attachPolicyARNs": [READ_ONLY]}

    found = refused(
        addons=[addon],
        settings=override("kube-system/efs-csi-controller-sa", identity="podIdentity"),
    )

    assert [(path, code) for path, code, _ in found] == [
        ("addons[0]", "W-ADD-ON"),
        ("addons[0].name", "E-POD-IDENTITY"),
    ]


def test_the_id_of_an_association_of_an_add_on_has_no_effect() -> None:
    """It is EKS's to make and to delete."""
    settings = override("kube-system/aws-node", associationId="a-0123456789abcdef0")

    ((path, code, message),) = refused(addons=[OF_CNI], settings=settings)

    assert path == "eks-irsa:overrides.kube-system/aws-node.associationId"
    assert code == "E-POD-IDENTITY"
    assert message == (
        "has no effect on the association of an add-on, which EKS makes; take it out"
    )


@pytest.mark.parametrize("section", ["associations", "addons"])
def test_entries_of_every_section_are_filtered(section: str) -> None:
    """They belong to a stack or not, and are counted."""
    sections: dict[str, Any] = {"associations": [ASSOCIATION], "addons": [OF_CNI]}
    settings = {"include": ["a/*"]}

    found = refused(settings=settings, **{section: sections[section]})

    assert [code for _, code, _ in found] == ["W-FILTERED", "E-GLOB-NOMATCH"]


@pytest.mark.parametrize(
    ("settings", "codes"),
    [
        ({}, ["E-OIDC-REQUIRED", "E-SA-NAME"]),
        ({"defaults": {"identity": "podIdentity"}}, ["E-SA-NAME"]),
    ],
)
def test_an_entry_without_a_name_needs_the_oidc_provider_too(
    settings: dict[str, object], codes: list[str]
) -> None:
    """Whoever gives it a name is not told of the provider only then."""
    text = """\
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: shop, region: us-west-2}
iam: {serviceAccounts: [{attachPolicyARNs: [READ]}]}
""".replace("READ", READ_ONLY)
    file = parse_cluster_config(text.encode(), source="shop.yaml", partly=True)
    texts = {f"eks-irsa:{key}": json.dumps(value) for key, value in settings.items()}

    with pytest.raises(InvalidInputError) as caught:
        plan(file, stack_settings=settings_of_config(texts), cluster=CLUSTER)

    assert [problem.code for problem in caught.value.problems] == codes


def test_what_is_said_of_the_file_is_said_once() -> None:
    """The same breach by both ways is one problem."""
    fields = {"permissionPolicyARNs": [READ_ONLY, READ_ONLY]}

    made = planned(
        associations=[{**ASSOCIATION, **fields}],
        settings=override(KEY, identity="both"),
    )

    assert [one.code for one in made.warnings] == ["W-POLICY-ARN-TWICE"]


def test_association_with_a_role_may_have_too_many_tags() -> None:
    """EKS takes fifty, as IAM does."""
    used = {
        "namespace": "apps",
        "serviceAccountName": "x",
        "roleARN": "arn:aws:iam::111122223333:role/x",
        "tags": {f"key-{number}": "x" for number in range(60)},
    }

    ((path, code, _),) = refused(associations=[used])

    assert (path, code) == ("iam.podIdentityAssociations[0].tags", "E-LIMIT-TAGS")
