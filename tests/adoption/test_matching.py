"""Which role is an entry's where several come into question, and who loses one."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from adoption_entries import EKS, Adopt, adopted, as_it_is, entry, only
from live_estates import ACCOUNT, ARN, Estate, trusting

from eks_irsa.adoption.model import Change, EntryAdoption
from eks_irsa.live.model import LiveAssociation, Unread
from eks_irsa.plan.model import Trusted

ROLES: Final = f"arn:aws:iam::{ACCOUNT}:role"
ROLE_ARN: Final = "eks.amazonaws.com/role-arn"


def also_eks(**condition: str) -> dict[str, Any]:
    """Trust the entry's tokens, and EKS Pod Identity."""
    trust = trusting("apps:reader")
    bound = {"Condition": {"StringEquals": condition}} if condition else {}
    trust["Statement"].append({**EKS, **bound})
    return trust


def associated(
    estate: Estate, folder: Path, *pods: tuple[str, str], **settings: str
) -> EntryAdoption:
    """Adopt an entry where service accounts have roles by associations."""
    found = tuple(
        LiveAssociation(
            id=f"a-0123456789abcdef{number}",
            namespace="apps",
            service_account=name,
            role_arn=arn,
        )
        for number, (name, arn) in enumerate(pods)
    )
    own = {"overrides": {"apps/reader": settings}} if settings else {}
    return only(adopted(estate.account(folder), found, entry("apps/reader"), own))


def test_the_role_that_the_stack_made_comes_first(estate: Estate, adopt: Adopt) -> None:
    """Eksctl's, which is still there and annotated, would be the end of it."""
    theirs = estate.made_by_eksctl("apps/reader").rpartition("/")[2]
    own = {
        "eks-irsa/stack": "organization/p/prod",
        "eks-irsa/namespace": "apps",
        "eks-irsa/service-account": "reader",
    }
    arn = estate.role("shop-apps-reader-26f8dbb3", trusting("apps:reader"), tags=own)

    one = only(adopt(entry("apps/reader"), stack="p/prod"))
    named = only(adopt(entry("apps/reader", roleName=theirs), stack="p/prod"))
    elsewhere = only(adopt(entry("apps/reader"), stack="p/dev"))

    assert (one.verdict, one.role_arn) == ("ours", arn)
    assert named.reasons == (
        (
            "the stack has made the role 'shop-apps-reader-26f8dbb3' for it, which "
            f"would be deleted for {theirs!r}; take roleName out of overrides of "
            "'apps/reader'"
        ),
    )
    assert elsewhere.role_arn == f"{ROLES}/{theirs}"


def test_a_role_of_the_stack_that_is_asked_otherwise_is_said(
    estate: Estate, adopt: Adopt
) -> None:
    """There are no settings to take out, but some to write."""
    tags = {"eks-irsa/stack": "organization/p/prod"}
    arn = estate.role("r", trusting("apps:reader"), tags=tags)

    assert only(adopt(entry("apps/reader"), stack="p/prod")).reasons == (
        (
            f"the role is {arn}, and file and settings ask for {ROLES}/shop-apps-"
            "reader-26f8dbb3; a role keeps its name, path and AWS account, so that up "
            "would make another; say roleName and rolePath of it in overrides of "
            "'apps/reader'"
        ),
    )


@pytest.mark.parametrize("named", [False, True])
def test_the_role_of_an_association_is_no_irsa_entrys(
    estate: Estate, tmp_path: Path, *, named: bool
) -> None:
    """Without EKS in its trust policy its pods would get nothing."""
    arn = estate.role("pods", {"Version": "2012-10-17", "Statement": [EKS]})
    irsa = estate.role("irsa", trusting("apps:reader"))
    settings = {"roleName": "pods"} if named else {}

    one = associated(estate, tmp_path, ("reader", arn), **settings)

    if named:
        assert one.verdict == "cannot"
        assert "does not trust" in one.reasons[0]
    else:
        assert (one.verdict, one.role_arn) == ("asItIs", irsa)
    assert one.notes == (
        (
            "its EKS Pod Identity association stays as it is, and its pods have the "
            f"role {arn} by it"
        ),
    )


def test_an_irsa_entry_shuts_out_its_own_association(
    estate: Estate, tmp_path: Path
) -> None:
    """Its pods have the role by it, since eksctl moved them."""
    arn = estate.role("both", also_eks())

    assert associated(estate, tmp_path, ("reader", arn)).reasons == (
        (
            "the role trusts apps/reader by EKS Pod Identity, associations of EKS Pod "
            "Identity in other clusters too, which the entry would shut out; "
            f"{as_it_is('both')}"
        ),
    )


def test_associations_of_other_clusters_are_not_shut_out(
    estate: Estate, tmp_path: Path
) -> None:
    """No association of this cluster tells of them; a condition can rule them out."""
    estate.role("both", also_eks())
    open_to_all = associated(estate, tmp_path)
    estate.roles.clear()
    estate.role("both", also_eks(**{"aws:RequestTag/eks-cluster-arn": ARN}))
    held_to_this = associated(estate, tmp_path)
    estate.roles.clear()
    estate.role("both", also_eks(**{"aws:RequestTag/eks-cluster-arn": f"{ARN}2"}))
    held_to_another = associated(estate, tmp_path)

    assert open_to_all.reasons == (
        (
            "the role trusts associations of EKS Pod Identity in other clusters too, "
            f"which the entry would shut out; {as_it_is('both')}"
        ),
    )
    assert held_to_this.verdict == "changes"
    assert held_to_another.reasons == open_to_all.reasons


def test_associations_that_were_not_read_are_not_taken_for_none(
    estate: Estate, tmp_path: Path
) -> None:
    """Others may have the role by them."""
    estate.role("both", also_eks(**{"aws:RequestTag/eks-cluster-arn": ARN}))
    account = estate.account(tmp_path)

    one = only(adopted(account, Unread("no"), entry("apps/reader"), {}))

    assert one.reasons == (
        (
            "the role trusts EKS Pod Identity, and who gets it so was not read; "
            f"{as_it_is('both')}"
        ),
    )


@pytest.mark.parametrize("identity", ["podIdentity", "both"])
@pytest.mark.parametrize("own", [True, False])
def test_no_role_is_made_where_the_association_was_not_read(
    estate: Estate, tmp_path: Path, *, identity: str, own: bool
) -> None:
    """It may have one, and EKS takes no second association."""
    estate.role("reader", trusting("apps:reader"))
    settings = {"overrides": {"apps/reader": {"identity": identity}}}
    asked = entry("apps/reader", bare=not own)
    if not own:
        asked["attachRoleARN"] = f"{ROLES}/other"

    one = only(adopted(estate.account(tmp_path), Unread("no"), asked, settings))

    assert (one.verdict, one.reasons) == (
        "cannot",
        (
            (
                "which role its pods have was not read, for EKS Pod Identity "
                "associations were not: no; give --associations or let the identity "
                "list and describe them"
            ),
        ),
    )


def test_the_association_of_an_entry_that_uses_a_role_is_taken_in(
    estate: Estate, tmp_path: Path
) -> None:
    """EKS takes no second one; another role than it has is a change."""
    arn = estate.role("used", {"Version": "2012-10-17", "Statement": [EKS]})
    found = LiveAssociation(
        id="a-0123456789abcdef0",
        namespace="apps",
        service_account="reader",
        role_arn=f"{ROLES}/before",
    )
    asked = entry("apps/reader", bare=True, attachRoleARN=arn)
    settings = {"overrides": {"apps/reader": {"identity": "podIdentity"}}}

    adoption = adopted(estate.account(tmp_path), (found,), asked, settings)

    assert only(adoption).verdict == "existing"
    assert only(adoption).changes == (
        Change("association's role", f"{ROLES}/before", arn),
    )
    assert adoption.settings["overrides"]["apps/reader"] == {
        "identity": "podIdentity",
        "associationId": found.id,
    }


@pytest.mark.parametrize("identity", ["irsa", "podIdentity"])
def test_the_stack_is_the_one_that_made_the_role(
    estate: Estate, adopt: Adopt, identity: str
) -> None:
    """Eksctl makes one for IRSA and one for EKS Pod Identity."""
    estate.made_by_eksctl("apps/reader")
    arn = estate.role("pods", {"Version": "2012-10-17", "Statement": [EKS]})
    estate.association("apps/reader", arn)
    name = "eksctl-shop-podidentityrole-apps-reader"
    tags = {
        "alpha.eksctl.io/cluster-name": "shop",
        "alpha.eksctl.io/podidentityassociation-name": "apps/reader",
    }
    estate.stacks.append(
        {
            **estate.stacks[0],
            "StackName": name,
            "Outputs": [{"OutputKey": "Role1", "OutputValue": arn}],
            "Tags": [{"Key": key, "Value": text} for key, text in tags.items()],
        }
    )
    settings = {"overrides": {"apps/reader": {"identity": identity}}}

    one = only(adopt(entry("apps/reader"), settings=settings))

    assert one.stack
    assert (one.stack.name == name, one.role_arn == arn) == (
        (identity == "podIdentity",) * 2
    )


@pytest.mark.parametrize("stack", ["p/prod", "p/dev"])
def test_a_role_of_the_stack_needs_no_issuer_of_another_cluster(
    estate: Estate, adopt: Adopt, stack: str
) -> None:
    """It is there already; any other may trust another cluster than the settings."""
    tags = {"eks-irsa/stack": "organization/p/prod"}
    estate.role("r", trusting("apps:reader"), tags=tags)
    settings = {
        "defaults": {"trustedClusters": [{"name": "green"}]},
        "overrides": {"apps/reader": {"roleName": "r"}},
    }
    green = Trusted(name="green", region="us-west-2", provider_arn="")
    unread = {green: Unread("no file tells it")}

    one = only(
        adopt(entry("apps/reader"), settings=settings, stack=stack, issuers=unread)
    )
    none = only(adopt(entry("apps/new"), settings=settings, issuers=unread))

    assert none.verdict == "absent"
    if stack == "p/prod":
        assert (one.verdict, one.reasons) == ("ours", ())
    else:
        assert one.reasons == (
            (
                "whom the role trusts cannot be held against trustedClusters, for the "
                "issuer of the EKS cluster 'green' in us-west-2 is not known: no file "
                "tells it; give its oidcProvider in place of its name"
            ),
        )


@pytest.mark.parametrize(
    "annotated",
    [
        pytest.param(f"{ROLES}/wild", id="one that trusts more"),
        pytest.param("arn:aws:iam::999988887777:role/x", id="another AWS account's"),
    ],
)
def test_a_role_that_pods_do_not_have_is_not_taken(
    estate: Estate, adopt: Adopt, annotated: str
) -> None:
    """The annotation tells which they have; the other may be a left-over."""
    estate.role("wild", trusting("apps:*", operator="StringLike"))
    estate.role("stale", trusting("apps:reader"))
    estate.service_account("apps/reader", annotations={ROLE_ARN: annotated})

    assert only(adopt(entry("apps/reader"))).reasons == (
        (
            f"the service account names the role {annotated}, and its token is trusted "
            "by stale; to use the role as it is, replace the policies of the entry by "
            f"attachRoleARN: {annotated}, or name the entry in exclude; to have "
            "another, say by roleName in overrides of 'apps/reader' which"
        ),
    )


def test_a_role_that_is_gone_keeps_nobody_from_the_one_there_is(
    estate: Estate, adopt: Adopt
) -> None:
    """Pods of such a service account have no credentials."""
    arn = estate.role("reader", trusting("apps:reader"))
    estate.service_account("apps/reader", annotations={ROLE_ARN: f"{ROLES}/gone"})

    one = only(adopt(entry("apps/reader")))

    assert (one.verdict, one.role_arn) == ("changes", arn)
    assert one.notes == (
        (f"the service account names {ROLES}/gone, and {arn} is the one it can use"),
    )


def test_a_role_that_is_named_may_trust_by_a_pattern(
    estate: Estate, adopt: Adopt
) -> None:
    """It trusts the entry, and others with it."""
    estate.role("wild", trusting("apps:*", operator="StringLike"))
    estate.role("wild2", trusting("apps:*", operator="StringLike"))

    assert only(adopt(entry("apps/reader", roleName="wild"))).reasons == (
        (
            "the role trusts apps:* too, which the entry would shut out; "
            f"{as_it_is('wild')}"
        ),
    )


DENIAL: Final = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


@pytest.mark.parametrize(
    ("condition", "statements", "said"),
    [
        ({"aws:SourceVpc": "vpc-1"}, [], "lets in more than before"),
        ({}, [DENIAL], "lets in more than before"),
    ],
)
def test_a_trust_policy_that_becomes_wider_is_called_so(
    estate: Estate,
    adopt: Adopt,
    condition: dict[str, str],
    statements: list[dict[str, object]],
    said: str,
) -> None:
    """What somebody added to it by hand goes."""
    trust = trusting("apps:reader")
    trust["Statement"][0]["Condition"]["StringEquals"] |= condition
    trust["Statement"] += statements
    estate.role("reader", trust)

    (change,) = only(adopt(entry("apps/reader"))).changes

    assert change.field == f"trust policy, {said}"


def test_a_trust_policy_may_become_wider_and_narrower(
    estate: Estate, adopt: Adopt
) -> None:
    """Of an audience it said nothing, and of a network much."""
    trust = trusting("apps:reader", audience=None)
    trust["Statement"][0]["Condition"]["StringEquals"]["aws:SourceVpc"] = "vpc-1"
    estate.role("reader", trust)

    (change,) = only(adopt(entry("apps/reader"))).changes

    assert change.field == (
        "trust policy, lets in more than before, and some no longer"
    )


def test_a_tag_whose_key_is_written_otherwise_is_changed(
    estate: Estate, adopt: Adopt
) -> None:
    """IAM takes the two for one key."""
    estate.role("reader", trusting("apps:reader"), tags={"owner": "a"})

    assert only(adopt(entry("apps/reader", tags={"OWNER": "b"}))).changes == (
        Change("tag OWNER, so far owner", "a", "b"),
    )


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "UPDATE_IN_PROGRESS"])
def test_a_stack_that_cannot_be_updated_is_named(
    estate: Estate, adopt: Adopt, status: str
) -> None:
    """As `eks-irsa cloudformation` will say."""
    estate.made_by_eksctl("apps/reader")
    estate.stacks[0]["StackStatus"] = status
    name = "eksctl-shop-addon-iamserviceaccount-apps-reader"

    assert only(adopt(entry("apps/reader"))).notes == (
        f"eksctl's stack {name} is {status}; mend it before all else",
    )


def test_a_stack_that_was_not_read_is_not_taken_for_the_cdks(
    estate: Estate, tmp_path: Path
) -> None:
    """The role's tag names it."""
    estate.made_by_eksctl("apps/reader")
    account = replace(estate.account(tmp_path), stacks=Unread("AccessDenied"))

    assert only(adopted(account, (), entry("apps/reader"), {})).notes == ()
