"""A ClusterConfig written from what there is, and what it takes in."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from live_estates import ACCOUNT, READ_ONLY, Estate, trusting

from eks_irsa.adoption.adopting import adoption_of
from eks_irsa.adoption.drafting import drafted
from eks_irsa.cluster_config.reading import parse_cluster_config
from eks_irsa.documents.well_known_policies import well_known_policy
from eks_irsa.live.model import Unread
from eks_irsa.settings.reading import default_settings

Drafted = Callable[[], "tuple[list[dict[str, Any]], str]"]

OBJECTS: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}


@pytest.fixture(name="draft")
def _draft(estate: Estate, tmp_path: Path) -> Drafted:
    """Write the file, and hold that all of it is taken in or used as it is."""

    def draft() -> tuple[list[dict[str, Any]], str]:
        account = estate.account(tmp_path)
        written = drafted(account)
        adoption = adoption_of(
            parse_cluster_config(written.text.encode(), source="drafted"),
            settings=default_settings(),
            account=account,
        )
        verdicts = {one.verdict for one in adoption.entries}
        assert verdicts <= {"asItIs", "existing"}
        assert all(one.changes == () for one in adoption.entries)
        document = yaml.safe_load(written.text)
        return document["iam"]["serviceAccounts"], written.text

    return draft


def test_an_entry_says_what_the_role_has(estate: Estate, draft: Drafted) -> None:
    """Policies, boundary, labels, any tag; what eksctl writes itself is left out."""
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/bound"
    estate.made_by_eksctl(
        "apps/reader",
        inline={"Policy1": OBJECTS},
        labels={"tier": "gold"},
        tags={"n": "12345e7"},
        boundary=boundary,
    )

    entries, _ = draft()

    assert entries == [
        {
            "metadata": {
                "name": "reader",
                "namespace": "apps",
                "labels": {"tier": "gold"},
            },
            "attachPolicyARNs": [READ_ONLY],
            "attachPolicy": OBJECTS,
            "tags": {"n": "12345e7"},
            "permissionsBoundary": boundary,
        }
    ]


def test_well_known_policies_are_found_by_what_they_say(
    estate: Estate, draft: Drafted
) -> None:
    """Under any name, and in partition and order of eksctl's."""
    known = well_known_policy(name="externalDNS", partition="aws")
    estate.made_by_eksctl(
        "dns/external-dns",
        attached=(),
        inline={one.name: one.document for one in known.inline_policies},
    )

    entries, _ = draft()

    assert entries == [
        {
            "metadata": {"name": "external-dns", "namespace": "dns"},
            "wellKnownPolicies": {"externalDNS": True},
        }
    ]


def test_a_role_without_a_service_account_is_a_role_alone(
    estate: Estate, draft: Drafted
) -> None:
    """No service account is made that nobody had."""
    estate.role("reader", trusting("apps:reader"))

    entries, _ = draft()

    assert entries == [
        {
            "metadata": {"name": "reader", "namespace": "apps"},
            "roleOnly": True,
            "attachPolicyARNs": [READ_ONLY],
        }
    ]


def test_a_pattern_has_the_name_of_who_carries_the_role(
    estate: Estate, draft: Drafted
) -> None:
    """The others that carry it use the role as it is."""
    arn = estate.role("jobs", trusting("apps:job-*", operator="StringLike"))
    for name in ("job-1", "job-2"):
        estate.service_account(
            f"apps/{name}", annotations={"eks.amazonaws.com/role-arn": arn}
        )

    entries, _ = draft()

    assert entries == [
        {
            "metadata": {"name": "job-1", "namespace": "apps"},
            "attachPolicyARNs": [READ_ONLY],
            "subjectPattern": "job-*",
        },
        {"metadata": {"name": "job-2", "namespace": "apps"}, "attachRoleARN": arn},
    ]


def test_a_role_of_several_is_used_as_it_is(estate: Estate, draft: Drafted) -> None:
    """The comment says why; without a service account there is no entry."""
    arn = estate.role("shared", trusting("apps:a", "apps:b"))
    estate.service_account("apps/a", annotations={"eks.amazonaws.com/role-arn": arn})

    entries, text = draft()

    assert entries == [
        {"metadata": {"name": "a", "namespace": "apps"}, "attachRoleARN": arn}
    ]
    assert "# 'shared' is the role of apps/b too" in text
    assert "# apps/b is left out, for it has no service account" in text


def test_what_no_entry_can_say_is_a_comment(estate: Estate, draft: Drafted) -> None:
    """Patterns of namespaces, second inline policies, roles of other AWS accounts."""
    estate.role("every", trusting("*:reader", operator="StringLike"))
    estate.role("two", trusting("apps:two"), inline={"a": OBJECTS, "b": OBJECTS})
    estate.role("bare", trusting("apps:bare"), attached=())
    elsewhere = "arn:aws:iam::999999999999:role/elsewhere"
    estate.service_account(
        "apps/far", annotations={"eks.amazonaws.com/role-arn": elsewhere}
    )

    entries, text = draft()

    assert [one["metadata"]["name"] for one in entries] == ["far", "two"]
    assert entries[0]["attachRoleARN"] == elsewhere
    comments = [line.strip() for line in text.splitlines() if "#" in line]
    assert comments == [
        f"# {one}"
        for one in (
            (
                "the role every trusts 'system:serviceaccount:*:reader', for which an "
                "entry has no words"
            ),
            (
                "apps/bare is left out, for it has no service account: the role has no "
                "policy, and an entry has one at least"
            ),
            (
                "of its role nothing is known but the annotation; the role is used as "
                "it is"
            ),
            "its inline policy 'b' is left alone, for an entry has one",
        )
    ]


def test_what_no_entry_comes_from_is_said(estate: Estate, tmp_path: Path) -> None:
    """Associations, but for those of add-ons, and whatever was not read."""
    arn = f"arn:aws:iam::{ACCOUNT}:role/r"
    addon = f"arn:aws:eks:us-west-2:{ACCOUNT}:addon/shop/vpc-cni/1"
    estate.association("kube-system/aws-node", arn, ownerArn=addon)
    none = drafted(estate.account(tmp_path))
    for key in ("apps/writer", "apps/reader"):
        estate.association(key, arn)
    account = estate.account(tmp_path)
    unread = replace(account, associations=Unread("no"), service_accounts=Unread("no"))

    two, nothing = drafted(account), drafted(unread)

    assert none.warnings == ()
    assert two.warnings == (
        (
            "EKS Pod Identity associations of apps/reader, apps/writer are not in the "
            "file; write them under iam.podIdentityAssociations"
        ),
    )
    assert two.text.startswith(f"# {two.warnings[0]}\n")
    assert nothing.warnings == (
        "service accounts were not read: no",
        "EKS Pod Identity associations were not read: no",
    )


@pytest.mark.parametrize(
    ("annotated", "used"),
    [
        ("arn:aws:iam::999999999999:role/x", "arn:aws:iam::999999999999:role/x"),
        ("no ARN", f"arn:aws:iam::{ACCOUNT}:role/stale"),
    ],
)
def test_the_role_that_pods_have_is_used(
    estate: Estate, tmp_path: Path, annotated: str, used: str
) -> None:
    """Not the one that trusts them besides, unless the annotation is no role's."""
    estate.role("stale", trusting("apps:reader", "apps:other"))
    estate.service_account(
        "apps/reader", annotations={"eks.amazonaws.com/role-arn": annotated}
    )

    (entry,) = yaml.safe_load(drafted(estate.account(tmp_path)).text)["iam"][
        "serviceAccounts"
    ]

    assert entry["attachRoleARN"] == used


def test_a_cluster_without_roles_has_a_file_too(draft: Drafted) -> None:
    """It is a ClusterConfig without entries."""
    assert draft()[0] == []


def test_equal_estates_give_equal_files(estate: Estate, tmp_path: Path) -> None:
    """Whatever order AWS and Kubernetes list them in."""
    for key in ("apps/b", "apps/a", "infra/z"):
        estate.made_by_eksctl(key)
    first = drafted(estate.account(tmp_path)).text
    for listed in (estate.roles, estate.details, estate.stacks):
        listed.reverse()
    estate.service_accounts.reverse()

    assert drafted(estate.account(tmp_path)).text == first
