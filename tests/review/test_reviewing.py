# ruff: noqa: ANN401 - a preview is JSON
"""What belongs to a service account, and what of it is not known."""

import json
from collections.abc import Iterable
from typing import Any, Final

from previews import ACCOUNT_ID, PROVIDER_ARN, UNKNOWN, document, preview, steps

from eks_irsa.review.forms.markdown import markdown
from eks_irsa.review.forms.report_document import report_document
from eks_irsa.review.model import Review, Row, UnknownPolicy
from eks_irsa.review.preview_reading import read_preview
from eks_irsa.review.reviewing import review

GET: Final = document({"Action": "s3:GetObject", "Resource": "*"})
PUT: Final = document({"Action": "s3:PutObject", "Resource": "*"})
STACK: Final = "urn:pulumi:dev::shop::"
OWN: Final = f"arn:aws:iam::{ACCOUNT_ID}:policy/own"
ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"


def reviewed(*found: Iterable[dict[str, Any]], sames: bool = True) -> Review:
    """Review a preview of some steps."""
    return review(read_preview(preview(*found, sames=sames)))


def only(found: Review) -> Row:
    """Return the one account a review is about."""
    (account,) = found.rows
    return account


def gained(account: Row) -> list[str]:
    """Name the actions that are gained."""
    return [
        text
        for change in account.permissions.difference.gained
        for text in change.grant.actions_as_written
    ]


def created(token: str, name: str, **state: Any) -> dict[str, Any]:
    """Make a resource of the program's own."""
    return {"op": "create", "urn": f"{STACK}{token}::{name}", "newState": state}


def test_component_within_other_components_is_found() -> None:
    """A URN holds the types of all parents; the parent tells which one it is."""
    outer = "shop:index:App$eks-irsa:index:IrsaServiceAccount"
    text = preview(steps({"inline": {"app": GET}}, {"inline": {"app": PUT}})).replace(
        f"{STACK}eks-irsa:index:IrsaServiceAccount", f"{STACK}{outer}"
    )

    account = only(review(read_preview(text)))

    assert account.urn == f"{STACK}{outer}::apps/reader"
    assert (account.name, gained(account)) == ("apps/reader", ["s3:PutObject"])


def test_what_stays_may_be_left_out_and_that_is_said() -> None:
    """Without `--show-sames` the role itself is not there, nor its other policies."""
    sides = {"inline": {"app": GET}}, {"inline": {"app": PUT}}

    found = reviewed(steps(*sides), sames=False)

    account = only(found)
    assert (found.partial, account.role_shown, account.kind) == (True, False, "changed")
    assert gained(account) == ["s3:PutObject"]
    shown = markdown(found)
    assert "`shop-apps-reader`" in shown
    assert "<br>+ `s3:PutObject` on `*`" in shown
    assert "make it with `--show-sames`" in shown
    assert not reviewed(steps(*sides)).partial


def test_policy_alone_makes_no_new_account() -> None:
    """Its account and role stay, and are not shown."""
    found = reviewed(steps({}, {"inline": {"app": PUT}}), sames=False)

    assert only(found).kind == "changed"
    assert gained(only(found)) == ["s3:PutObject"]


def test_new_account_is_whole_without_what_stays() -> None:
    """All of it is created, so nothing is left out."""
    found = reviewed(steps(None, {"inline": {"app": GET}}), sames=False)

    assert (found.partial, only(found).kind) == (False, "new")


def test_policy_that_the_program_attaches_to_the_role_counts() -> None:
    """It is no child of the component, but its role is the component's."""
    by_name = created(
        ATTACHMENT,
        "more",
        inputs={
            "role": "shop-apps-reader",
            "policyArn": "arn:aws:iam::aws:policy/AmazonSQSFullAccess",
        },
    )
    role = f"{STACK}eks-irsa:index:IrsaServiceAccount$aws:iam/role:Role"
    by_urn = created(
        "aws:iam/rolePolicy:RolePolicy",
        "inline",
        inputs={"role": UNKNOWN, "name": "x", "policy": json.dumps(PUT)},
        propertyDependencies={"role": [f"{role}::apps/reader-role"]},
    )
    other = created(
        ATTACHMENT,
        "other",
        inputs={"role": "other", "policyArn": "arn:aws:iam::aws:policy/IAMFullAccess"},
    )

    found = reviewed(steps({}, {}), [by_name, by_urn, other])

    role, account = found.rows
    assert gained(account) == ["s3:PutObject", "sqs:*"]
    assert (role.subject, role.name, role.role_shown) == ("role", "other", False)
    assert found.elsewhere == ()


def test_managed_policy_of_the_program_is_known_by_its_arn() -> None:
    """Its new content is in the same preview."""
    policy = {
        "op": "update",
        "urn": f"{STACK}aws:iam/policy:Policy::own",
        "oldState": {"inputs": {"policy": json.dumps(GET)}, "outputs": {"arn": OWN}},
        "newState": {"inputs": {"policy": json.dumps(PUT)}, "outputs": {"arn": OWN}},
    }

    found = reviewed([policy], steps({"managed": [OWN]}, {"managed": [OWN]}))

    account = only(found)
    assert gained(account) == ["s3:PutObject"]
    assert account.permissions.unknown == ()


def attached_later(*makers: str) -> dict[str, Any]:
    """Attach a policy whose ARN is known only in `up`."""
    component = f"{STACK}eks-irsa:index:IrsaServiceAccount"
    return {
        "op": "create",
        "urn": f"{component}${ATTACHMENT}::apps/reader:later",
        "newState": {
            "inputs": {"role": "shop-apps-reader", "policyArn": UNKNOWN},
            "parent": f"{component}::apps/reader",
            "propertyDependencies": {"policyArn": [*makers]},
        },
    }


def test_managed_policy_that_the_program_makes_is_known_before_its_arn() -> None:
    """The attachment depends on it and on nothing else."""
    urn = f"{STACK}aws:iam/policy:Policy::own"
    policy = created("aws:iam/policy:Policy", "own", inputs={"policy": json.dumps(PUT)})

    account = only(reviewed([policy], [*steps({}, {}), attached_later(urn)]))

    assert gained(account) == ["s3:PutObject"]


def test_managed_policy_with_an_unknown_arn_is_unknown() -> None:
    """Any policy may come out of it."""
    account = only(reviewed([*steps({}, {}), attached_later()]))

    (unknown,) = account.permissions.unknown
    assert (unknown.change, unknown.what, unknown.reason) == (
        "gained",
        "managed policy apps/reader:later",
        "known only in `up`",
    )
    assert "unknown" in account.marks


def test_policies_that_a_transform_puts_into_the_role_count() -> None:
    """The role lists them itself; no resource is theirs."""
    found = [*steps({}, {})]
    found[1] |= {"op": "update", "diffReasons": ["inlinePolicies"]}
    found[1]["newState"]["inputs"] |= {
        "inlinePolicies": [{"name": "x", "policy": json.dumps(PUT)}],
        "managedPolicyArns": ["arn:aws:iam::aws:policy/AmazonSQSFullAccess", OWN],
    }

    account = only(reviewed(found))

    (unknown,) = account.permissions.unknown
    assert gained(account) == ["s3:PutObject", "sqs:*"]
    assert (unknown.change, unknown.what) == ("gained", f"managed policy {OWN}")


def test_secret_policy_is_unknown_when_it_changes_and_nothing_when_it_does_not() -> (
    None
):
    """The engine prints the same mark for either."""
    same = steps({"inline": {"app": "[secret]"}}, {"inline": {"app": "[secret]"}})
    other = [*steps({"inline": {"app": "[secret]"}}, {"inline": {"app": "[secret]"}})]
    other[-1] |= {"op": "update", "diffReasons": ["policy"]}

    assert reviewed(same).rows == ()
    (unknown,) = only(reviewed(other)).permissions.unknown
    assert (unknown.change, unknown.what, unknown.reason) == (
        "changed",
        "inline policy app",
        "a secret",
    )


def test_name_that_pulumi_makes_up_is_unknown() -> None:
    """The next run makes up another one."""
    found = [*steps(None, {})]
    found[1]["newState"]["inputs"] |= {
        "name": "reader-role-1a2b3c4",
        "__defaults": ["name"],
    }

    shown = markdown(reviewed(found))

    assert "**unknown** (named by Pulumi in `up`)" in shown


def test_name_that_pulumi_made_up_stays_known() -> None:
    """Once the role is there, its name stays what it is."""
    found = [*steps({}, {})]
    for state in ("oldState", "newState"):
        found[1][state]["inputs"]["__defaults"] = ["name"]

    assert reviewed(found).rows == ()


def imported(*, update: bool) -> list[dict[str, Any]]:
    """Make the steps of an import, the role of which is updated in the same run."""
    found = [*steps(None, {"inline": {"app": GET}})]
    for step in found[1:]:
        step["op"] = "import"
    if update:
        role = found[1]
        inputs = role["newState"]["inputs"]
        held = [{"name": "app", "policy": document(GET)}]
        live: dict[str, Any] = {
            **inputs,
            "inlinePolicies": held,
            "managedPolicyArns": [],
            "tags": {},
        }
        old: dict[str, Any] = {**role["newState"], "inputs": inputs, "outputs": live}
        changed: dict[str, Any] = {"diffReasons": ["tags"], "oldState": old}
        found.append({**role, "op": "update", **changed})
    return found


def test_role_that_is_imported_is_no_new_one() -> None:
    """It exists, and what it may do besides is not in the preview."""
    account = only(reviewed(imported(update=False)))

    assert account.kind == "imported"
    assert account.permissions.difference.gained == ()
    assert "unknown" in account.marks


def test_role_that_is_imported_and_updated_is_known() -> None:
    """The engine read it, and shows in the update what it has."""
    account = only(reviewed(imported(update=True)))

    assert account.kind == "imported"
    assert account.permissions.difference.gained == ()
    assert "unknown" not in account.marks


def test_what_others_put_on_a_service_account_that_is_imported_stays() -> None:
    """The engine shows it as removed, as the program does not have it."""
    found = imported(update=True)
    own = {"labels": {"app.kubernetes.io/managed-by": "eks-irsa"}}
    theirs = {"app.kubernetes.io/managed-by": "eksctl", "team": "shop"}
    account = next(one for one in found if ":ServiceAccount::" in one["urn"])
    new = account["newState"]
    metadata = {**new["inputs"]["metadata"], **own}
    inputs = {**new["inputs"], "metadata": metadata}
    live = {**inputs, "metadata": {**metadata, "labels": theirs}}
    account["newState"] = {**new, "inputs": inputs}
    old = {**new, "inputs": live, "outputs": live}
    found.append({**account, "op": "update", "oldState": old})

    (row,) = reviewed(found).rows

    assert [(one.what, one.sides.before, one.sides.after) for one in row.others] == [
        ("label app.kubernetes.io/managed-by", "eksctl", "eks-irsa")
    ]


def test_account_without_a_role_of_ours_in_an_unchanged_stack_is_left_out() -> None:
    """Nothing changes, so there is nothing to say, foreign role or not."""
    side = {"roleArn": "arn:aws:iam::999999999999:role/a"}

    assert reviewed(steps(side, side)).rows == ()


def provider(operation: str, **sides: Any) -> list[dict[str, Any]]:
    """Make the step of a cluster's OIDC provider."""
    parent = f"{STACK}eks-irsa:index:EksOidcProvider"
    token = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"  # noqa: S105
    issuer = PROVIDER_ARN.partition("oidc-provider/")[2]
    return [
        {
            "op": operation,
            "urn": f"{parent}${token}::shop-provider",
            **{
                key: {
                    "inputs": {"url": f"https://{issuer}", "clientIdLists": audiences},
                    "parent": f"{parent}::shop",
                }
                for key, audiences in sides.items()
            },
        }
    ]


def test_change_of_an_oidc_provider_is_told() -> None:
    """Every role of the cluster hangs on it."""
    sts, other = "sts.amazonaws.com", "sts.example"
    changed = provider("update", oldState=[sts], newState=[other, sts])
    removed = provider("delete", oldState=[sts])
    released = provider("read", oldState=[sts], newState=[])

    head = "**OIDC providers**\n\n"
    shown = [
        markdown(reviewed(found)).partition(head)[2].splitlines()[0]
        for found in (changed, removed, released)
    ]

    issuer = PROVIDER_ARN.partition("oidc-provider/")[2]
    gone = "\N{MINUS SIGN} `sts.amazonaws.com`"
    look = "⚠ No role that trusts it can be assumed any more."
    assert shown == [
        f"- `{issuer}` **changed**, audiences: `sts.amazonaws.com`, + `sts.example`",
        f"- `{issuer}` **removed**, audiences: {gone}. {look}",
        f"- `{issuer}` **released**, audiences: {gone}",
    ]


def test_oidc_provider_that_stays_is_left_out() -> None:
    """Also one that is only read."""
    sts = ["sts.amazonaws.com"]

    assert reviewed(provider("same", oldState=sts, newState=sts)).providers == ()
    assert reviewed(provider("read", newState=[])).providers == ()


def unfinished(*found: Iterable[dict[str, Any]]) -> Review:
    """Review a preview that updates every role without a changed property.

    The steps are those of the real AWS plugin after a role update that AWS refused.
    """
    text = json.loads(preview(*found))
    for step in text["steps"]:
        if "aws:iam/role:Role" in step["urn"]:
            step |= {"op": "update", "diffReasons": None, "detailedDiff": None}
    return review(read_preview(json.dumps(text)))


def test_an_update_without_a_changed_property_is_unknown() -> None:
    """The state holds what the failed run asked for, and IAM what was there before."""
    found = unfinished(steps({"boundary": OWN}, {"boundary": OWN}))

    account = only(found)
    assert account.marks == ("unknown",)
    assert account.permissions.unknown == (
        UnknownPolicy(
            change="changed",
            what="the role",
            reason="an earlier run failed here; run `pulumi up --refresh`",
        ),
    )
    assert not report_document(found)["complete"]
    assert (
        "**unknown**: the new content of the role (an earlier run failed here; run "
        "`pulumi up --refresh`)" in markdown(found)
    )


def test_a_role_that_stays_as_it_is_has_nothing_to_show() -> None:
    """An ordinary preview is complete."""
    found = reviewed(steps({"boundary": OWN}, {"boundary": OWN}))

    assert (found.rows, report_document(found)["complete"]) == ((), True)
