"""Drift: what changed behind the stack's back is shown, and then put right.

What nobody touched is compared whole.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest
from config_texts import INLINE_POLICY, READ_ONLY, cluster_13
from hands import ROLE_ARN_ANNOTATION as ROLE_ARN
from hands import Hands
from pulumi.automation.errors import CommandError
from workbench import Step, Workbench

from sandbox.aws.clients import administrator
from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

Benches = Callable[..., Workbench]

BY_HAND: Final = "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"
ANNOTATION_PATH: Final = f'metadata.annotations["{ROLE_ARN}"]'


def config(*keys: str) -> str:
    """Word a ClusterConfig with these entries, whose roles are called as they are."""
    return cluster_13(
        *keys, more=f"roleName: NAMESPACE-NAME\nattachPolicy: {INLINE_POLICY}\n"
    )


def shown(steps: list[Step]) -> set[tuple[str, str, tuple[str, ...]]]:
    """Give operation, name and changed properties of each step."""
    return {(step.operation, step.name, step.changed) for step in steps}


def said(account: dict[str, Any] | None) -> dict[str, Any]:
    """Give a service account less who manages it, which a refused update renames."""
    assert account is not None
    hidden = {"managedFields", "resourceVersion"}
    return {
        key: value for key, value in account["metadata"].items() if key not in hidden
    }


def test_what_was_edited_is_shown_and_then_put_right(
    bench: Benches, hands: Hands, sandbox: Sandbox
) -> None:
    """An annotation, policies, the trust policy, tags, the length of a session."""
    cluster = bench(
        config=config(*[f"cluster-13-apps/{name}" for name in ("a", "b", "c", "kept")])
    )
    apps = f"{cluster.cluster}-apps"
    cluster.up()
    before = cluster.inventory()
    iam = administrator(sandbox.aws, "iam")
    hands.edit_service_account(f"{apps}/a", annotations={ROLE_ARN: None})
    hands.edit_service_account(f"{apps}/a", labels={"by-kubectl": "x"})
    hands.edit_service_account(f"{apps}/a", manager="helm", labels={"by-helm": "x"})
    iam.detach_role_policy(RoleName=f"{apps}-b", PolicyArn=READ_ONLY)
    iam.delete_role_policy(RoleName=f"{apps}-b", PolicyName="attachPolicy")
    iam.attach_role_policy(RoleName=f"{apps}-b", PolicyArn=BY_HAND)
    opened = dict(before.roles[f"{apps}-c"].trust_policy)
    opened["Statement"] = [{**opened["Statement"][0], "Condition": {}}]
    iam.update_assume_role_policy(
        RoleName=f"{apps}-c", PolicyDocument=json.dumps(opened)
    )
    iam.update_role(RoleName=f"{apps}-c", MaxSessionDuration=43200)
    iam.tag_role(RoleName=f"{apps}-c", Tags=[{"Key": "by-hand", "Value": "x"}])
    iam.untag_role(RoleName=f"{apps}-c", TagKeys=["eks-irsa/stack"])
    drifted = cluster.inventory()

    previewed = cluster.preview(refresh=True)
    untouched = cluster.inventory()
    repaired = cluster.up(refresh=True)
    cluster.preview(expect_no_changes=True)

    assert untouched == drifted
    assert (
        shown(previewed)
        == shown(repaired)
        == {
            ("update", f"{apps}/a-service-account", ("metadata.annotations",)),
            ("create", f"{apps}/b:aws:policy/AmazonS3ReadOnlyAccess", ()),
            ("create", f"{apps}/b:attachPolicy", ()),
            (
                "update",
                f"{apps}/c-role",
                (
                    "assumeRolePolicy",
                    "maxSessionDuration",
                    'tagsAll["by-hand"]',
                    'tagsAll["eks-irsa/stack"]',
                    'tags["by-hand"]',
                    'tags["eks-irsa/stack"]',
                ),
            ),
        }
    )
    after = cluster.inventory()
    # What somebody attached is not ours, and stays.
    b = before.roles[f"{apps}-b"]
    attached = (BY_HAND, *b.managed_policy_arns)
    assert after.roles == {
        **before.roles,
        f"{apps}-b": replace(b, managed_policy_arns=attached),
    }
    assert (after.providers, after.namespaces) == (before.providers, before.namespaces)
    accounts = dict(after.service_accounts)
    a, was = accounts.pop(f"{apps}/a"), before.service_accounts[f"{apps}/a"]
    assert a["metadata"]["uid"] == was["metadata"]["uid"]
    assert a["metadata"]["annotations"] == was["metadata"]["annotations"]
    # The Kubernetes plugin takes what kubectl owns for its own, and lets go of it.
    assert a["metadata"]["labels"] == {**was["metadata"]["labels"], "by-helm": "x"}
    assert accounts == {
        key: one for key, one in before.service_accounts.items() if key in accounts
    }


def test_what_was_deleted_is_shown_and_then_made_anew(
    bench: Benches, hands: Hands, sandbox: Sandbox
) -> None:
    """Provider, role, account, namespace with all in it; others are not touched."""
    cluster = bench(
        config=config(
            "cluster-13-apps/role-gone",
            "cluster-13-apps/account-gone",
            "cluster-13-apps/kept",
            "cluster-13-gone/x",
        )
    )
    apps, gone = f"{cluster.cluster}-apps", f"{cluster.cluster}-gone"
    cluster.up()
    before = cluster.inventory()
    iam = administrator(sandbox.aws, "iam")
    iam.detach_role_policy(RoleName=f"{apps}-role-gone", PolicyArn=READ_ONLY)
    iam.delete_role_policy(RoleName=f"{apps}-role-gone", PolicyName="attachPolicy")
    iam.delete_role(RoleName=f"{apps}-role-gone")
    hands.delete_service_account(f"{apps}/account-gone")
    hands.delete_namespace(gone)
    (provider,) = [
        arn for arn, one in before.providers.items() if one["Url"] in cluster.issuer_url
    ]
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=provider)

    blind = cluster.preview()
    said = "\n".join(cluster.output)
    previewed = cluster.preview(refresh=True)
    repaired = cluster.up(refresh=True)
    cluster.preview(expect_no_changes=True)

    assert (
        shown(previewed)
        == shown(repaired)
        == {
            ("create", f"{apps}/role-gone-role", ()),
            ("create", f"{apps}/role-gone:aws:policy/AmazonS3ReadOnlyAccess", ()),
            ("create", f"{apps}/role-gone:attachPolicy", ()),
            ("create", f"{apps}/account-gone-service-account", ()),
            ("create", gone, ()),
            ("create", f"{gone}/x-service-account", ()),
            ("create", f"{cluster.cluster}-provider", ()),
        }
    )
    # Without a look at the world the state is believed; what every pod needs is asked.
    assert blind == []
    assert f"the IAM OIDC provider {provider} is gone" in said
    after = cluster.inventory()
    again, was = dict(after.providers[provider]), before.providers[provider]
    assert again | {"CreateDate": was["CreateDate"]} == was
    assert {**after.providers, provider: was} == before.providers
    assert after.roles.keys() == before.roles.keys()
    role, lost = after.roles[f"{apps}-role-gone"], before.roles[f"{apps}-role-gone"]
    assert role.role["RoleId"] != lost.role["RoleId"]
    assert role.trust_policy == lost.trust_policy
    assert role.managed_policy_arns == lost.managed_policy_arns
    assert role.inline_policies == lost.inline_policies
    for name in after.roles.keys() - {f"{apps}-role-gone"}:
        assert after.roles[name] == before.roles[name]
    for key in (f"{apps}/role-gone", f"{apps}/kept"):
        assert after.service_accounts[key] == before.service_accounts[key]
    for key in (f"{apps}/account-gone", f"{gone}/x"):
        made = after.service_accounts[key]["metadata"]
        old = before.service_accounts[key]["metadata"]
        assert made["uid"] != old["uid"]
        assert made["annotations"] == old["annotations"]
        assert made["labels"] == old["labels"]
    assert after.namespaces[apps] == before.namespaces[apps]


def test_drift_by_another_owner_fails_and_names_it_unless_the_entry_is_overridden(
    bench: Benches, hands: Hands
) -> None:
    """Argo CD applied our annotation: two owners would fight for ever."""
    cluster = bench(config=config("cluster-13-apps/ours", "cluster-13-apps/theirs"))
    apps = f"{cluster.cluster}-apps"
    hands.make_namespace(apps)
    hands.make_service_account(f"{apps}/theirs")
    cluster.settings(patchExisting=[f"{apps}/theirs"])
    cluster.up()
    before = cluster.inventory()
    foreign = {ROLE_ARN: "arn:aws:iam::123456789012:role/argocd", "argocd/id": "7"}
    for key in (f"{apps}/ours", f"{apps}/theirs"):
        hands.apply_service_account(
            key, manager="argocd-controller", force=True, annotations=foreign
        )
    taken = hands.service_account(f"{apps}/ours")

    previewed = cluster.preview(refresh=True)
    with pytest.raises(CommandError) as failure:
        cluster.up(refresh=True)

    assert shown(previewed) == {
        ("update", f"{apps}/ours-service-account", (ANNOTATION_PATH,)),
        ("update", f"{apps}/theirs-service-account", (ANNOTATION_PATH,)),
    }
    assert 'conflict with "argocd-controller"' in str(failure.value)
    assert f"{apps}/ours-service-account" in str(failure.value)
    assert f".metadata.annotations.{ROLE_ARN}" in str(failure.value)
    assert said(hands.service_account(f"{apps}/ours")) == said(taken)
    assert hands.role_arn(f"{apps}/ours") == foreign[ROLE_ARN]
    theirs = hands.service_account(f"{apps}/theirs")
    assert theirs is not None
    role_arn = before.roles[f"{apps}-theirs"].role["Arn"]
    assert theirs["metadata"]["annotations"] == {ROLE_ARN: role_arn, "argocd/id": "7"}
    was = before.service_accounts[f"{apps}/theirs"]["metadata"]
    assert theirs["metadata"]["uid"] == was["uid"]
    assert cluster.inventory().roles == before.roles

    hands.apply_service_account(
        f"{apps}/ours", manager="argocd-controller", annotations={"argocd/id": "7"}
    )
    cluster.up(refresh=True)
    cluster.preview(expect_no_changes=True)

    assert hands.role_arn(f"{apps}/ours") == before.roles[f"{apps}-ours"].role["Arn"]
