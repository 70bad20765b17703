"""The errors people meet, provoked and cured as docs/troubleshooting.md says."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest
from hands import Hands
from pulumi.automation.errors import CommandError
from workbench import Workbench, preview_text

from eks_irsa.cli.recovery import planned_by_name
from sandbox.aws.clients import ClientError, administrator, anonymous
from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

Benches = Callable[..., Workbench]

TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def assume(
    sandbox: Sandbox, account: Mapping[str, Any], *, audience: str = "sts.amazonaws.com"
) -> str:
    """Take the account's own token to STS; give what STS says of it."""
    token = sandbox.control_plane.request_token(
        namespace=account["namespace"],
        service_account=account["name"],
        audience=audience,
    )
    try:
        answer = anonymous(sandbox.aws, "sts").assume_role_with_web_identity(
            RoleArn=account["roleArn"], RoleSessionName="test", WebIdentityToken=token
        )
    except ClientError as error:
        answered: Any = error
        refusal = answered.response["Error"]
        return f"{refusal['Code']}: {refusal['Message']}"
    return str(answer["AssumedRoleUser"]["Arn"])


@pytest.fixture(name="issuing")
def _issuing(bench: Benches) -> Workbench:
    """Give the stack whose cluster the control plane's tokens are of."""
    issuing = bench(issuing=True)
    issuing.entries({f"{issuing.stack.name}-apps/reader": {}})
    issuing.up()
    return issuing


def test_access_denied(issuing: Workbench, sandbox: Sandbox) -> None:
    """Somebody edited the trust policy; a refresh shows it, and `up` cures it."""
    (account,) = issuing.outputs()["serviceAccounts"].values()
    before = assume(sandbox, account)
    administrator(sandbox.aws, "iam").update_assume_role_policy(
        RoleName=account["roleName"], PolicyDocument=json.dumps(TRUST)
    )

    provoked = assume(sandbox, account)
    changed = issuing.up(refresh=True)

    assert provoked == (
        "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity"
    )
    assert [step.type for step in changed] == ["aws:iam/role:Role"]
    assert assume(sandbox, account) == before


def test_incorrect_token_audience(issuing: Workbench, sandbox: Sandbox) -> None:
    """The token is for somebody else; the one the webhook mounts is right."""
    (account,) = issuing.outputs()["serviceAccounts"].values()

    provoked = assume(sandbox, account, audience="vault.example.com")

    assert provoked == "InvalidIdentityToken: Incorrect token audience"
    assert f":assumed-role/{account['roleName']}/" in assume(sandbox, account)


def test_entity_already_exists(bench: Benches, sandbox: Sandbox) -> None:
    """A role of that name is somebody's; another name, and theirs is not touched."""
    it = bench()
    name = f"{it.cluster}-role"
    iam = administrator(sandbox.aws, "iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    theirs = it.inventory().roles[name]
    it.entries({f"{it.cluster}-apps/x": {"roleName": name}})

    with pytest.raises(
        CommandError, match=r"an IAM role with the name .* already exists"
    ):
        it.up()
    it.entries({f"{it.cluster}-apps/x": {"roleName": f"{name}-2"}})
    it.up()

    it.preview(expect_no_changes=True)
    assert it.inventory().roles[name] == theirs
    iam.delete_role(RoleName=name)


def test_already_exists(bench: Benches, hands: Hands) -> None:
    """The account is somebody's; `roleOnly` leaves it alone."""
    it = bench()
    key = f"{it.cluster}-apps/theirs"
    hands.make_namespace(f"{it.cluster}-apps")
    theirs = hands.make_service_account(key)
    it.entries({key: {}})

    with pytest.raises(
        CommandError, match=r"service account '.*/theirs' already exists"
    ):
        it.up()
    it.entries({key: {"roleOnly": True}})
    it.up()

    it.preview(expect_no_changes=True)
    assert hands.service_account(key) == theirs


def test_a_preview_names_everything_that_exists_and_can_be_recovered(
    bench: Benches, hands: Hands, sandbox: Sandbox
) -> None:
    """It fails with all of it and shows the plan, which `eks-irsa recover` reads."""
    it = bench()
    name, key = f"{it.cluster}-role", f"{it.cluster}-apps/x"
    iam = administrator(sandbox.aws, "iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    hands.make_namespace(f"{it.cluster}-apps")
    hands.make_service_account(key)
    it.entries({key: {"roleName": name}})

    with pytest.raises(CommandError) as caught:
        preview_text(it.stack)

    _, _, printed = str(caught.value).partition(" stdout: ")
    preview = printed.rpartition("\n stderr:")[0]
    role = planned_by_name(preview, names=[f"{key}-role"])
    said = [one["message"] for one in json.loads(preview)["diagnostics"]]
    assert role.found == (("aws:iam/role:Role", f"{key}-role"),)
    assert [text in "".join(said) for text in (f"{key!r} already", f"{name!r} already")]
    assert it.resources() == []
    iam.delete_role(RoleName=name)
    hands.delete_service_account(key)
