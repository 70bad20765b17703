"""What another tool made is imported as it is, and stays what it was.

Roles and service accounts are made here by hand as eksctl makes them: a generated name,
one inline policy, tags of its own, and a service account with its label.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from hands import ROLE_ARN_ANNOTATION, Hands
from own_program import Program
from pulumi.automation.errors import CommandError
from workbench import READ_ONLY, Step, Workbench

from eks_irsa.documents.trust_policy import trust_policy
from sandbox.aws.clients import administrator

pytestmark = pytest.mark.engine

Benches = Callable[..., Workbench]

GET: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}
SEND: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}],
}
ACCOUNT: Final = "123456789012"
CLUSTER_ARN: Final = f"arn:aws:eks:us-west-2:{ACCOUNT}:cluster/{{}}"
BY_HAND: Final = "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"
THEIR_LABEL: Final = {"app.kubernetes.io/managed-by": "eksctl"}
OUR_LABEL: Final = {"app.kubernetes.io/managed-by": "eks-irsa"}


class Estate:
    """A role and a service account that another tool made."""

    def __init__(self, bench: Workbench, hands: Hands, name: str) -> None:
        """Name them; nothing is made yet."""
        self.bench, self._hands = bench, hands
        self.key = f"{bench.cluster}-apps/{name}"
        self.role = f"eksctl-{bench.cluster}-addon-{name}-Role1-1ABC"
        self.policy = f"eksctl-{bench.cluster}-addon-{name}-Policy1"
        self.tags = {"alpha.eksctl.io/cluster-name": bench.cluster}
        self._iam = administrator(bench.sandbox.aws, "iam", region=bench.region)

    def make(self) -> None:
        """Make them as eksctl does, and what people do afterwards."""
        namespace, _, name = self.key.partition("/")
        issuer = self.bench.issuer_url.removeprefix("https://")
        made = self._iam.create_role(
            RoleName=self.role,
            AssumeRolePolicyDocument=trust_policy(
                provider_arn=f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}",
                namespace=namespace,
                service_account=name,
            ),
            Tags=[{"Key": key, "Value": value} for key, value in self.tags.items()],
        )["Role"]
        self._iam.attach_role_policy(RoleName=self.role, PolicyArn=READ_ONLY)
        self._iam.attach_role_policy(RoleName=self.role, PolicyArn=BY_HAND)
        for policy, document in ((self.policy, GET), ("by-hand", SEND)):
            self._iam.put_role_policy(
                RoleName=self.role,
                PolicyName=policy,
                PolicyDocument=json.dumps(document),
            )
        if self._hands.namespace(namespace) is None:
            self._hands.make_namespace(namespace)
        self._hands.make_service_account(
            self.key,
            manager="eksctl",
            labels={**THEIR_LABEL, "team": "shop"},
            annotations={ROLE_ARN_ANNOTATION: made["Arn"], "note": "kept"},
        )

    @property
    def asked(self) -> dict[str, Any]:
        """The entry of the file."""
        return {"attachPolicyARNs": [READ_ONLY], "attachPolicy": GET}

    @property
    def override(self) -> dict[str, Any]:
        """What stays said of it."""
        return {
            "roleName": self.role,
            "roleDescription": "",
            "inlinePolicyNames": {"attachPolicy": self.policy},
            "tags": self.tags,
        }

    @property
    def adopt(self) -> dict[str, Any]:
        """What the next run imports."""
        return {
            "role": self.role,
            "attachedPolicies": [READ_ONLY],
            "inlinePolicies": [self.policy],
            "serviceAccount": True,
        }

    def service_account(self) -> dict[str, Any]:
        """Give the live service account without the bookkeeping of the API server."""
        found = dict(self._hands.service_account(self.key) or {})
        metadata = dict(found["metadata"])
        for key in ("managedFields", "resourceVersion"):
            metadata.pop(key)
        return {**found, "metadata": metadata}

    def role_now(self) -> dict[str, Any]:
        """Give the role as IAM holds it, with everything that is on it."""
        role = dict(self._iam.get_role(RoleName=self.role)["Role"])
        role.pop("RoleLastUsed", None)
        attached = self._iam.list_attached_role_policies(RoleName=self.role)
        names = self._iam.list_role_policies(RoleName=self.role)["PolicyNames"]
        return {
            **role,
            "Tags": {one["Key"]: one["Value"] for one in role["Tags"]},
            "attached": sorted(
                one["PolicyArn"] for one in attached["AttachedPolicies"]
            ),
            "inline": {
                name: self._iam.get_role_policy(RoleName=self.role, PolicyName=name)[
                    "PolicyDocument"
                ]
                for name in names
            },
        }


def operations(steps: list[Step]) -> Mapping[str, list[str]]:
    """Give what is done to each resource that is not just made for the stack."""
    found: dict[str, list[str]] = {}
    for step in steps:
        if not step.type.startswith(("pulumi:", "eks-irsa:")):
            found.setdefault(step.name, []).append(step.operation)
    return found


def imported(bench: Workbench, *estates: Estate, patched: Sequence[str] = ()) -> None:
    """Have the next run import them, those that are patched as far as they can be."""
    bench.entries({one.key: one.asked for one in estates})
    adopt = {one.key: dict(one.adopt) for one in estates}
    for key in patched:
        del adopt[key]["serviceAccount"]
    more: dict[str, Any] = {"patchExisting": patched} if patched else {}
    bench.settings(None, overrides=_said(*estates), adopt=adopt, **more)


def _said(*estates: Estate) -> dict[str, Any]:
    return {one.key: one.override for one in estates}


def test_what_eksctl_made_is_imported_and_stays_what_it_was(
    bench: Benches, hands: Hands
) -> None:
    """One service account becomes the stack's, and the other stays its owner's."""
    stack = bench()
    ours, theirs = Estate(stack, hands, "ours"), Estate(stack, hands, "theirs")
    for estate in (ours, theirs):
        estate.make()
    hands.edit_service_account(ours.key, annotations={"by-kubectl": "gone"})
    before = {one: (one.role_now(), one.service_account()) for one in (ours, theirs)}
    patched = [theirs.key]
    imported(stack, ours, theirs, patched=patched)

    previewed = stack.preview()
    said = "".join(stack.output)
    done = stack.up()
    again = stack.preview(expect_no_changes=True)
    stack.settings(None, overrides=_said(ours, theirs), patchExisting=patched)
    without = stack.preview(expect_no_changes=True)
    stack.up()

    taken = {
        f"{estate.key}{suffix}": ["import"]
        for estate in (ours, theirs)
        for suffix in (":attachPolicy", ":aws:policy/AmazonS3ReadOnlyAccess")
    }
    assert (
        operations(previewed)
        == operations(done)
        == {
            **taken,
            f"{ours.key}-role": ["import", "update"],
            f"{theirs.key}-role": ["import", "update"],
            f"{ours.key}-service-account": ["import", "update"],
            f"{theirs.key}-service-account": ["create"],
            f"{stack.cluster}-apps": ["create"],
            f"{stack.cluster}-provider": ["create"],
        }
    )
    assert again == without == []
    for estate, (role, account) in before.items():
        tags = role["Tags"] | {
            "eks-irsa/cluster": CLUSTER_ARN.format(stack.cluster),
            "eks-irsa/namespace": f"{stack.cluster}-apps",
            "eks-irsa/service-account": estate.key.rpartition("/")[2],
            "eks-irsa/stack": f"organization/eks-irsa/{stack.stack.name}",
        }
        assert estate.role_now() == {**role, "Tags": tags}
        if estate is ours:
            account["metadata"]["labels"] |= OUR_LABEL
            del account["metadata"]["annotations"]["by-kubectl"]
        assert estate.service_account() == account
    assert (
        f"adopt.{ours.key}.serviceAccount: annotations.note, labels.team of the "
        "service account stay, as other tools put them there, although the preview of "
        "the import shows them as removed"
    ) in said
    assert (
        f"adopt.{ours.key}.serviceAccount: annotations.by-kubectl of the service "
        "account go: what kubectl put there becomes the stack's; write them into the "
        "entry to keep them"
    ) in said
    other = {"metadata": {"labels": {"team": "other"}}}
    stack.entries({ours.key: {**ours.asked, **other}, theirs.key: theirs.asked})
    later = operations(stack.up())
    assert later == {f"{ours.key}-service-account": ["update"]}
    labels = ours.service_account()["metadata"]["labels"]
    assert labels == OUR_LABEL | {"team": "other"}
    stack.preview(expect_no_changes=True)
    stack.destroy()
    assert hands.service_account(ours.key) is None
    assert hands.service_account(theirs.key) is not None


def test_what_is_not_there_is_refused_before_anything_is_made(
    bench: Benches, hands: Hands
) -> None:
    """By us where a look-up tells, and by the engine where it does not."""
    stack = bench()
    gone, there = Estate(stack, hands, "gone"), Estate(stack, hands, "there")
    there.make()
    imported(stack, gone, there)

    with pytest.raises(CommandError) as refused:
        stack.up()

    assert f"there is no role {gone.role!r}" in str(refused.value)
    assert f"there is no service account {gone.key!r}" in str(refused.value)
    before = there.role_now()
    there.policy = "another"
    imported(stack, there)
    with pytest.raises(CommandError) as unknown:
        stack.preview()
    assert "another" in str(unknown.value)
    assert there.role_now() == before


def test_a_program_imports_what_exists(
    bench: Benches, hands: Hands, tmp_path: Path
) -> None:
    """With the Kubernetes provider that the component builds, and without a change."""
    stack = bench()
    estate = Estate(stack, hands, "own")
    estate.make()
    role, account = estate.role_now(), estate.service_account()
    namespace, _, name = estate.key.partition("/")
    asked = {
        "cluster_name": stack.cluster,
        "namespace": namespace,
        "service_account_name": name,
        "attach_policy_arns": [READ_ONLY],
        "inline_policies": {"get": GET},
        "inline_policy_names": {"get": estate.policy},
        "role_name": estate.role,
        "role_description": "",
        "tags": estate.tags,
    }
    adopt = {
        "role": estate.role,
        "attached_policies": [READ_ONLY],
        "inline_policies": [estate.policy],
        "service_account": True,
    }
    program = "from eks_irsa import IrsaServiceAccount\nIrsaServiceAccount('own', {})\n"
    folder = tmp_path / f"own-{stack.cluster}"
    own = Program(stack.sandbox, folder, program.format({**asked, "adopt": adopt}))

    done = own.stack.up().summary.resource_changes or {}
    own.stack.preview(expect_no_changes=True)
    (folder / "__main__.py").write_text(program.format(asked), encoding="utf-8")
    own.stack.preview(expect_no_changes=True)

    counts = {str(key): count for key, count in done.items()}
    assert (counts["import"], counts["update"]) == (4, 2)
    assert (estate.role_now(), estate.service_account()) == (role, account)
    own.stack.destroy()
    assert hands.service_account(estate.key) is None
