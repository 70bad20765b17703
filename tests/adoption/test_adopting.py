"""Each entry, held against what there is: the verdict, what changes, the settings."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from adoption_entries import EKS, Adopt, adopted, as_it_is, entry, only
from live_estates import ACCOUNT, ISSUER, PROVIDER, READ_ONLY, Estate, trusting

from eks_irsa.adoption.model import Change, EntryAdoption
from eks_irsa.live.model import LiveAssociation

OBJECTS: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}
OTHER_CLUSTER = PROVIDER[:-4] + "0000"


def marks(key: str, label: str | None = None) -> tuple[Change, ...]:
    """Say which marks of ours are written."""
    namespace, _, name = key.partition("/")
    found = [
        Change(
            "tag eks-irsa/cluster",
            None,
            f"arn:aws:eks:us-west-2:{ACCOUNT}:cluster/shop",
        ),
        Change("tag eks-irsa/namespace", None, namespace),
        Change("tag eks-irsa/service-account", None, name),
    ]
    if label:
        found.append(Change("label app.kubernetes.io/managed-by", label, "eks-irsa"))
    return tuple(found)


def test_what_eksctl_made_is_taken_in_as_it_is(estate: Estate, adopt: Adopt) -> None:
    """Role, policies and service account stay; names and tags come from settings."""
    arn = estate.made_by_eksctl("apps/reader", inline={"Policy1": OBJECTS})
    name = arn.rpartition("/")[2]

    adoption = adopt(entry("apps/reader", attachPolicy=OBJECTS))

    one = only(adoption)
    assert one.stack is not None
    assert one == EntryAdoption(
        key="apps/reader",
        verdict="asItIs",
        role_arn=arn,
        service_account="imported",
        stack=one.stack,
        marks=marks("apps/reader", "eksctl"),
    )
    assert adoption.settings == {
        "adopt": {
            "apps/reader": {
                "role": name,
                "attachedPolicies": [READ_ONLY],
                "inlinePolicies": [
                    "eksctl-shop-addon-iamserviceaccount-apps-reader-Policy1"
                ],
                "serviceAccount": True,
            }
        },
        "overrides": {
            "apps/reader": {
                "roleName": name,
                "roleDescription": "",
                "inlinePolicyNames": {
                    "attachPolicy": (
                        "eksctl-shop-addon-iamserviceaccount-apps-reader-Policy1"
                    )
                },
                "tags": {
                    "alpha.eksctl.io/cluster-name": "shop",
                    "alpha.eksctl.io/eksctl-version": "0.230.0",
                    "alpha.eksctl.io/iamserviceaccount-name": "apps/reader",
                    "eksctl.cluster.k8s.io/v1alpha1/cluster-name": "shop",
                },
            }
        },
    }


def test_drift_is_a_change_or_is_left_alone(estate: Estate, adopt: Adopt) -> None:
    """What the file asks for wins; what it does not mention stays as it is."""
    by_hand = "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"
    estate.made_by_eksctl(
        "apps/reader",
        attached=(by_hand,),
        tags={"team": "old"},
        inline={"Policy1": OBJECTS | {"Id": "x"}},
        labels={"tier": "gold"},
    )

    one = only(
        adopt(
            {
                **entry("apps/reader", tags={"team": "new"}, attachPolicy=OBJECTS),
                "metadata": {
                    "namespace": "apps",
                    "name": "reader",
                    "labels": {"tier": "silver"},
                },
            }
        )
    )

    assert (one.verdict, one.left) == ("changes", (f"managed policy {by_hand}",))
    assert [change.field for change in one.changes] == [
        "managed policy",
        "inline policy eksctl-shop-addon-iamserviceaccount-apps-reader-Policy1",
        "tag team",
        "label tier",
    ]
    assert one.changes[2:] == (
        Change("tag team", "old", "new"),
        Change("label tier", "gold", "silver"),
    )


def test_facts_that_a_file_has_no_word_for_are_kept(
    estate: Estate, adopt: Adopt
) -> None:
    """Path, description, session, boundary and foreign tags become settings."""
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/bound"
    estate.role(
        "apps-reader-20240501100000000000000001",
        trusting("apps:reader"),
        path="/irsa/",
        description="by Terraform",
        seconds=7200,
        boundary=boundary,
        tags={"Terraform": "true", "aws:servicecatalog:x": "y"},
    )

    adoption = adopt(entry("apps/reader"))

    assert only(adoption).verdict == "asItIs"
    assert adoption.settings["overrides"] == {
        "apps/reader": {
            "roleName": "apps-reader-20240501100000000000000001",
            "rolePath": "/irsa/",
            "roleDescription": "by Terraform",
            "maxSessionDurationSeconds": 7200,
            "permissionsBoundary": boundary,
            "tags": {"Terraform": "true"},
        }
    }


@pytest.mark.parametrize(
    ("labels", "step", "patched"),
    [
        pytest.param({}, "patched", ["apps/reader"], id="nobodys"),
        pytest.param(
            {"app.kubernetes.io/managed-by": "Helm"},
            "patched",
            ["apps/reader"],
            id="helms",
        ),
        pytest.param(
            {"app.kubernetes.io/managed-by": "eksctl"}, "imported", None, id="eksctls"
        ),
    ],
)
def test_a_service_account_of_somebody_else_is_patched(
    estate: Estate,
    adopt: Adopt,
    labels: dict[str, str],
    step: str,
    patched: list[str] | None,
) -> None:
    """One that eksctl made is imported; any other stays its owner's."""
    arn = estate.role("reader", trusting("apps:reader"))
    estate.service_account(
        "apps/reader", labels=labels, annotations={"eks.amazonaws.com/role-arn": arn}
    )

    adoption = adopt(entry("apps/reader"))

    assert (only(adoption).verdict, only(adoption).service_account) == ("asItIs", step)
    assert adoption.settings.get("patchExisting") == patched


def test_an_entry_without_a_role_gets_one(estate: Estate, adopt: Adopt) -> None:
    """Nothing exists, and nothing is suggested."""
    estate.role("other", trusting("apps:other"))

    adoption = adopt(entry("apps/new"))

    assert adoption.settings == {}
    assert only(adoption) == EntryAdoption(
        key="apps/new", verdict="absent", role_arn=None, service_account="created"
    )


def test_a_role_that_the_file_names_is_used(estate: Estate, adopt: Adopt) -> None:
    """Of its role nothing is taken in; its service account is."""
    arn = estate.role("shared", trusting("apps:a", "apps:reader"))
    estate.service_account(
        "apps/reader",
        labels={"app.kubernetes.io/managed-by": "eksctl"},
        annotations={"eks.amazonaws.com/role-arn": arn},
    )

    adoption = adopt(entry("apps/reader", attachRoleARN=arn, bare=True))

    assert (only(adoption).verdict, only(adoption).role_arn) == ("existing", arn)
    assert adoption.settings == {"adopt": {"apps/reader": {"serviceAccount": True}}}


def test_a_role_of_several_service_accounts_cannot_be_taken_in(
    estate: Estate, adopt: Adopt
) -> None:
    """One entry would shut the others out; nothing is suggested for it."""
    estate.role("shared", trusting("apps:a", "apps:b"))

    adoption = adopt(entry("apps/a"), entry("apps/new"))

    assert [one.verdict for one in adoption.entries] == ["cannot", "absent"]
    assert adoption.entries[0].reasons == (
        (
            "the role trusts apps:b too, which the entry would shut out; to use the "
            "role as it is, replace the policies of the entry by attachRoleARN: "
            f"arn:aws:iam::{ACCOUNT}:role/shared, or name the entry in exclude"
        ),
    )
    assert adoption.settings == {}


def test_a_role_of_two_entries_is_neither_ones(estate: Estate, adopt: Adopt) -> None:
    """Both are told, with the other's name."""
    estate.role("shared", trusting("apps:a", "apps:b"))

    adoption = adopt(entry("apps/a"), entry("apps/b"))

    assert [one.reasons for one in adoption.entries] == [
        (
            (
                f"'shared' is the role of {other} too, and a role is one entry's; to "
                "use the role as it is, replace the policies of all of them by "
                f"attachRoleARN: arn:aws:iam::{ACCOUNT}:role/shared; or name them in "
                "exclude"
            ),
        )
        for other in ("apps/b", "apps/a")
    ]


def test_a_principal_that_would_be_shut_out_stands_in_the_way(
    estate: Estate, adopt: Adopt
) -> None:
    """Also one that comes from elsewhere than the cluster."""
    trust = trusting("apps:reader")
    trust["Statement"].append(
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/ci"},
            "Action": "sts:AssumeRole",
        }
    )
    estate.role("reader", trust)

    assert only(adopt(entry("apps/reader"))).reasons == (
        (
            f"the role trusts AWS arn:aws:iam::{ACCOUNT}:role/ci too, which the entry "
            f"would shut out; {as_it_is('reader')}"
        ),
    )


def test_a_trust_policy_without_audience_becomes_narrower(
    estate: Estate, adopt: Adopt
) -> None:
    """The service account goes on; the change is announced."""
    estate.role("reader", trusting("apps:reader", audience=None))

    one = only(adopt(entry("apps/reader")))

    assert (one.verdict, [it.field for it in one.changes]) == (
        "changes",
        ["trust policy, lets in less than before"],
    )


def test_a_trust_policy_written_otherwise_is_announced(
    estate: Estate, adopt: Adopt
) -> None:
    """It lets in the same, and IAM will hold another text."""
    estate.role("reader", trusting("apps:reader", operator="StringLike"))

    one = only(adopt(entry("apps/reader")))

    assert [it.field for it in one.changes] == [
        "trust policy, written otherwise, lets in the same"
    ]


def test_the_same_service_account_of_another_cluster_goes_on(
    estate: Estate, adopt: Adopt
) -> None:
    """Its provider becomes a trusted cluster, so that nobody is shut out."""
    trust = trusting("apps:reader")
    trust["Statement"] += trusting("apps:reader", provider=OTHER_CLUSTER)["Statement"]
    estate.role("reader", trust)

    adoption = adopt(entry("apps/reader"))

    assert only(adoption).verdict == "asItIs"
    assert adoption.settings["overrides"]["apps/reader"]["trustedClusters"] == [
        {"oidcProvider": OTHER_CLUSTER}
    ]


def test_a_pattern_is_matched_as_a_pattern(estate: Estate, adopt: Adopt) -> None:
    """`subjectPattern` finds the role that trusts it."""
    arn = estate.role("jobs", trusting("apps:job-*", operator="StringLike"))

    one = only(adopt(entry("apps/job-1", subjectPattern="job-*", roleOnly=True)))

    assert (one.verdict, one.role_arn, one.service_account) == (
        "asItIs",
        arn,
        "notManaged",
    )


def test_the_annotation_tells_which_of_two_roles_it_is(
    estate: Estate, adopt: Adopt
) -> None:
    """Without it nobody guesses."""
    arn = estate.role("one", trusting("apps:reader"))
    estate.role("two", trusting("apps:reader"))

    without = only(adopt(entry("apps/reader")))
    estate.service_account(
        "apps/reader", annotations={"eks.amazonaws.com/role-arn": arn}
    )
    told = only(adopt(entry("apps/reader")))

    assert without.reasons == (
        (
            "several roles trust 'system:serviceaccount:apps:reader': one, two; say "
            "which one it is, by roleName in overrides of 'apps/reader'"
        ),
    )
    assert (told.verdict, told.role_arn) == ("asItIs", arn)


def test_the_stack_tells_which_of_two_roles_it_is(estate: Estate, adopt: Adopt) -> None:
    """Where no annotation does, eksctl's stack does."""
    arn = estate.made_by_eksctl("apps/reader")
    estate.role("two", trusting("apps:reader"))
    estate.service_accounts.clear()

    assert only(adopt(entry("apps/reader"))).role_arn == arn


def test_a_role_of_another_stack_is_not_taken(estate: Estate, adopt: Adopt) -> None:
    """Of this stack, it is there already, and needs no lines."""
    name = "reader"
    estate.role(name, trusting("apps:reader"), tags={"eks-irsa/stack": "org/shop/prod"})
    settings = {"overrides": {"apps/reader": {"roleName": name}}}

    other = adopt(entry("apps/reader"), settings=settings, stack="shop/dev")
    own = adopt(entry("apps/reader"), settings=settings, stack="shop/prod")

    assert only(other).reasons == (
        (
            "the role has the tag of the stack 'org/shop/prod'; hand the entry over "
            "from there, or, if that stack is gone, aws iam untag-role --role-name "
            f"{name} --tag-keys eks-irsa/stack"
        ),
    )
    assert (only(own).verdict, only(own).service_account) == ("ours", "unchanged")
    assert own.settings == settings


def test_settings_that_are_there_win_and_stay(estate: Estate, adopt: Adopt) -> None:
    """Suggestions are laid under them; other entries' stay as they are."""
    estate.role("reader", trusting("apps:reader"), tags={"a": "1", "b": "2"})
    settings = {
        "overrides": {
            "apps/reader": {"tags": {"a": "3"}, "maxSessionDurationSeconds": 7200},
            "apps/*": {"tags": {"c": "4"}},
        },
        "patchExisting": ["apps/other*"],
    }

    adoption = adopt(entry("apps/reader"), settings=settings)

    assert adoption.settings["overrides"] == {
        "apps/reader": {
            "roleName": "reader",
            "roleDescription": "",
            "tags": {"a": "3", "b": "2"},
            "maxSessionDurationSeconds": 7200,
        },
        "apps/*": {"tags": {"c": "4"}},
    }
    assert adoption.settings["patchExisting"] == ["apps/other*"]
    assert only(adoption).changes == (
        Change("longest session in seconds", "3600", "7200"),
        Change("tag a", "1", "3"),
    )


@pytest.mark.parametrize("written", ["apps/reader", "apps/*"])
def test_what_is_patched_already_is_not_named_again(
    estate: Estate, adopt: Adopt, written: str
) -> None:
    """Neither beside its own name nor beside a glob."""
    arn = estate.role("reader", trusting("apps:reader"))
    for key in ("apps/reader", "shop/new"):
        estate.service_account(key, annotations={"eks.amazonaws.com/role-arn": arn})
    estate.service_accounts[1]["metadata"]["annotations"] = {}

    adoption = adopt(
        entry("apps/reader"),
        entry("shop/new"),
        settings={"patchExisting": [written]},
    )

    assert adoption.settings["patchExisting"] == [written, "shop/new"]


def test_another_path_in_the_settings_stands_in_the_way(
    estate: Estate, adopt: Adopt
) -> None:
    """A role cannot move, so that the settings have to."""
    arn = estate.role("reader", trusting("apps:reader"))
    settings = {"overrides": {"apps/reader": {"rolePath": "/irsa/"}}}

    assert only(adopt(entry("apps/reader"), settings=settings)).reasons == (
        (
            f"the role is {arn}, and file and settings ask for arn:aws:iam::{ACCOUNT}:"
            "role/irsa/reader; a role keeps its name, path and AWS account, so take "
            "these settings out"
        ),
    )


def test_a_rule_of_the_house_stands_in_the_way_of_its_entry_alone(
    estate: Estate, adopt: Adopt
) -> None:
    """The other entry is taken in all the same."""
    estate.role("irsa-a", trusting("apps:a"))
    estate.role("odd", trusting("apps:b"))
    settings = {"rules": {"roleNames": ["irsa-*", "shop-*"]}}

    adoption = adopt(entry("apps/a"), entry("apps/b"), settings=settings)

    assert [one.verdict for one in adoption.entries] == ["asItIs", "cannot"]
    assert "'odd'" in adoption.entries[1].reasons[0]
    assert list(adoption.settings["adopt"]) == ["apps/a"]


def test_an_annotation_that_leads_nowhere_is_said(estate: Estate, adopt: Adopt) -> None:
    """A role of another AWS account is never taken for none."""
    arn = "arn:aws:iam::999999999999:role/elsewhere"
    estate.service_account(
        "apps/reader", annotations={"eks.amazonaws.com/role-arn": arn}
    )

    assert only(adopt(entry("apps/reader"))).reasons == (
        (
            f"the service account names the role {arn}, which does not trust it with "
            "tokens of this cluster; to use the role as it is, replace the policies of "
            f"the entry by attachRoleARN: {arn}, or name the entry in exclude; to have "
            "a role made, take the annotation off"
        ),
    )


def test_the_issuer_has_to_be_the_clusters_own(estate: Estate, adopt: Adopt) -> None:
    """A role of another cluster's service account of that name is not its role."""
    estate.role("theirs", trusting("apps:reader", provider=OTHER_CLUSTER))

    assert only(adopt(entry("apps/reader"))).verdict == "absent"
    assert ISSUER not in OTHER_CLUSTER


@pytest.mark.parametrize(
    ("manager", "changes"),
    [
        pytest.param("eksctl", (), id="eksctls"),
        pytest.param("helm", (), id="helms"),
        pytest.param(
            "kubectl-label", (Change("label by", "hand", None),), id="kubectls"
        ),
    ],
)
def test_what_kubectl_put_on_a_service_account_is_announced(
    estate: Estate, adopt: Adopt, manager: str, changes: tuple[Change, ...]
) -> None:
    """The plugin takes it for its own when it imports; what others put there stays."""
    arn = estate.role("reader", trusting("apps:reader"))
    estate.service_account(
        "apps/reader",
        labels={"app.kubernetes.io/managed-by": "eksctl", "by": "hand"},
        annotations={"eks.amazonaws.com/role-arn": arn},
        manager=manager,
    )

    one = only(adopt(entry("apps/reader")))

    assert (one.service_account, one.changes) == ("imported", changes)


def test_who_put_what_there_may_be_unknown(estate: Estate, adopt: Adopt) -> None:
    """Kubectl tells it only if it is asked for."""
    estate.made_by_eksctl("apps/reader")
    del estate.service_accounts[0]["metadata"]["managedFields"]

    assert adopt(entry("apps/reader")).notes == (
        (
            "who put what on the service accounts is not known; labels and annotations "
            "of kubectl's go unless the entry has them"
        ),
    )


def test_a_role_of_another_cloudformation_stack_has_to_be_retained_there(
    estate: Estate, adopt: Adopt
) -> None:
    """CDK's are: the stack would delete it with itself."""
    estate.role(
        "Infra-Role",
        trusting("apps:reader"),
        tags={"aws:cloudformation:stack-name": "Infra"},
    )

    one = only(adopt(entry("apps/reader")))

    assert (one.verdict, one.notes) == (
        "asItIs",
        (
            (
                "by its tag the role is of the CloudFormation stack Infra; unless that "
                "is gone, give it DeletionPolicy: Retain there (CDK: "
                "RemovalPolicy.RETAIN) before it leaves the template"
            ),
        ),
    )


def test_a_trust_policy_that_cannot_be_read_is_said(
    estate: Estate, adopt: Adopt
) -> None:
    """It is not taken for one that trusts nobody."""
    trust = trusting("apps:reader")
    trust["Statement"][0]["Sometimes"] = "yes"
    estate.role("odd", trust)

    adoption = adopt(entry("apps/reader"))

    assert adoption.notes == (
        (
            "the role odd names the OIDC provider in a trust policy that cannot be "
            "read here, and is no entry's"
        ),
    )


def test_the_role_of_an_association_is_taken_in_with_it(
    estate: Estate, tmp_path: Path
) -> None:
    """EKS goes on to be let in, for this service account alone."""
    arn = estate.role("reader", {"Version": "2012-10-17", "Statement": [EKS]})
    pods = LiveAssociation(
        id="a-0123456789abcdef0",
        namespace="apps",
        service_account="reader",
        role_arn=arn,
        tags={"team": "x"},
    )
    asked = {**entry("apps/reader"), "tags": {"team": "x"}}
    settings = {"overrides": {"apps/reader": {"identity": "podIdentity"}}}

    alone = adopted(estate.account(tmp_path), (pods,), asked, settings)
    shared = replace(pods, id="a-0123456789abcdef1", service_account="other")
    both = adopted(estate.account(tmp_path), (pods, shared), asked, settings)

    assert only(alone).verdict == "changes"
    assert [one.field for one in only(alone).changes] == [
        "trust policy, lets in less than before",
        "tag team",
    ]
    assert only(alone).notes == (
        (
            "the role trusts EKS Pod Identity for every cluster, and will for this one "
            "alone; associations of other clusters with it would get no credentials"
        ),
    )
    assert alone.settings["overrides"]["apps/reader"]["associationId"] == pods.id
    assert only(both).reasons == (
        (
            "the role trusts apps/other by EKS Pod Identity too, which the entry would "
            "shut out; to use the role as it is, replace the policies of the entry by "
            f"roleARN: {arn}, or name the entry in exclude"
        ),
    )
