"""Every valid file of the corpus on a real engine, beside what `eks-irsa synth` says.

What IAM and the API server return to their own clients is compared with the JSON that a
user gets, field by field; neither the plan nor the resources are asked.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from click.testing import CliRunner
from pulumi.automation.errors import CommandError
from workbench import CLUSTER_CONFIG, Workbench

from eks_irsa.cli.commands import commands
from sandbox.aws.clients import ClientError, administrator
from sandbox.inventory import Inventory, LiveRole
from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

Benches = Callable[..., Workbench]

_CORPUS: Final = Path(__file__).parents[1] / "golden" / "cluster_configs"
# Of those of associations and of add-ons these few: each costs an engine, and
# test_pod_identity.py has both.
_OF_SECTIONS: Final = ("add_on_", "pod_identity_")
_CHOSEN: Final = frozenset(
    {
        "add_on_every_known",
        "add_on_pod_identity",
        "pod_identity_every_field",
        "pod_identity_policy_sources",
    }
)
VALID_FILES: Final = sorted(
    file.with_name(f"{stem}.yaml")
    for file in _CORPUS.glob("*.plan.json")
    if (stem := file.name.removesuffix(".plan.json")) in _CHOSEN
    or not stem.startswith(_OF_SECTIONS)
)
# moto refuses for a role what IAM refuses for managed policies alone, and takes no
# number for the value of a condition: two of the differences in `policy_differences`,
# and a test holds these files to them.
_REFUSED_BY_MOTO: Final = frozenset({"condition_values", "inline_policy_legacy"})
# AWS has neither this region nor these policies, which a warning says of each.
_NOT_IN_AWS: Final = frozenset({"region_unlisted", "policy_of_aws_unknown"})
# The account that the files name; the sandbox's takes its place.
_ACCOUNT_ID: Final = "111122223333"
_POLICY: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
)


def synthesized(bench: Workbench) -> dict[str, Any]:
    """Give what `eks-irsa synth` prints for the file of a stack."""
    result = CliRunner().invoke(
        commands,
        [
            "synth",
            str(bench.project / CLUSTER_CONFIG),
            f"--account-id={bench.sandbox.aws.account_id}",
            f"--issuer-url={bench.issuer_url}",
        ],
        catch_exceptions=False,
    )
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def make_policies(sandbox: Sandbox, synth: Mapping[str, Any]) -> None:
    """Make the account's own policies that roles attach or are bounded by."""
    iam = administrator(sandbox.aws, "iam", region=synth["cluster"]["region"])
    own = re.compile(rf"arn:[^:]+:iam::{sandbox.aws.account_id}:policy(/.*/|/)([^/]+)")
    for role in roles_of(synth).values():
        for arn in {*role["managedPolicyArns"], role["permissionsBoundary"] or ""}:
            if not (match := own.fullmatch(arn)):
                continue
            try:
                iam.create_policy(
                    PolicyName=match[2], Path=match[1], PolicyDocument=_POLICY
                )
            except ClientError as error:
                # Made for another file.
                assert "EntityAlreadyExists" in str(error)  # noqa: PT017 - anything else is wrong


def roles_of(synth: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Give the roles that are made, by name."""
    accounts = synth["serviceAccounts"]
    return {one["role"]["name"]: one["role"] for one in accounts if one["role"]}


def accounts_of(synth: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Give the entries that have a service account, by `<namespace>/<name>`."""
    return {
        f"{one['namespace']}/{one['name']}": one
        for one in synth["serviceAccounts"]
        if one["mode"] != "notManaged"
    }


def as_synthesized(
    live: LiveRole, role: Mapping[str, Any], *, stack: str
) -> dict[str, Any]:
    """Put what IAM holds into the form that `synth` has."""
    tags = {tag["Key"]: tag["Value"] for tag in live.role["Tags"]}
    # A stack puts its own name on what it makes; `synth` knows none.
    assert tags.pop("eks-irsa/stack") == f"organization/eks-irsa/{stack}"
    # IAM keeps no order of what is attached.
    ordered = [
        one for one in role["managedPolicyArns"] if one in live.managed_policy_arns
    ]
    return {
        "name": live.role["RoleName"],
        "nameGiven": role["nameGiven"],
        "path": live.role["Path"],
        "arn": live.role["Arn"],
        "permissionsBoundary": live.role.get("PermissionsBoundary", {}).get(
            "PermissionsBoundaryArn"
        ),
        "managedPolicyArns": [
            *ordered,
            *(one for one in live.managed_policy_arns if one not in ordered),
        ],
        "inlinePolicies": [
            {"name": name, "document": live.inline_policies[name]}
            for name in sorted(live.inline_policies)
        ],
        "assumeRolePolicy": live.trust_policy,
        "tags": tags,
        "maxSessionDurationSeconds": live.role["MaxSessionDuration"],
    }


def service_accounts(sandbox: Sandbox) -> dict[str, Mapping[str, Any]]:
    """Read every service account but those Kubernetes makes for itself."""
    answer = sandbox.control_plane.request(method="GET", path="/api/v1/serviceaccounts")
    found = {
        f"{item['metadata']['namespace']}/{item['metadata']['name']}": item["metadata"]
        for item in answer.document["items"]
    }
    return {key: one for key, one in found.items() if one["name"] != "default"}


def with_sorted_policies(role: Mapping[str, Any]) -> dict[str, Any]:
    """Put the inline policies in the order of their names; IAM has no other."""
    policies = sorted(role["inlinePolicies"], key=lambda policy: policy["name"])
    return {**role, "inlinePolicies": policies}


def files(*, refused: bool) -> pytest.MarkDecorator:
    """Give the valid files of the corpus that moto refuses, or the others."""
    in_aws = [one for one in VALID_FILES if one.stem not in _NOT_IN_AWS]
    chosen = [one for one in in_aws if (one.stem in _REFUSED_BY_MOTO) is refused]
    ids = [one.stem for one in chosen]
    return pytest.mark.parametrize("corpus_bench", chosen, indirect=True, ids=ids)


@pytest.fixture(name="corpus_bench")
def _corpus_bench(
    request: pytest.FixtureRequest, bench: Benches, sandbox: Sandbox
) -> Workbench:
    """Give a stack of a file's own, in front of the cluster that the file names."""
    text = request.param.read_bytes().decode()
    text = text.replace(_ACCOUNT_ID, sandbox.aws.account_id)
    metadata = next(iter(yaml.safe_load_all(text)))["metadata"]
    return bench(cluster=metadata["name"], region=metadata["region"], config=text)


@files(refused=True)
def test_a_role_that_moto_alone_refuses_stops_the_run(
    corpus_bench: Workbench, sandbox: Sandbox
) -> None:
    """Here the sandbox is stricter than IAM; docs/sandbox.md says so."""
    make_policies(sandbox, synthesized(corpus_bench))

    with pytest.raises(CommandError, match="MalformedPolicyDocument"):
        corpus_bench.up()


@files(refused=False)
def test_what_was_made_is_what_synth_says(
    corpus_bench: Workbench, sandbox: Sandbox
) -> None:
    """IAM and the API server hold what the JSON holds, no less and no more."""
    bench = corpus_bench
    synth = synthesized(bench)
    make_policies(sandbox, synth)
    before, accounts_before = bench.inventory(), service_accounts(sandbox)

    bench.up()

    after, accounts_after = bench.inventory(), service_accounts(sandbox)
    made_roles = {
        name: after.roles[name] for name in after.roles.keys() - before.roles.keys()
    }
    expected_roles = roles_of(synth)
    assert made_roles.keys() == expected_roles.keys()
    for name, role in expected_roles.items():
        live = as_synthesized(made_roles[name], role, stack=bench.stack.name)
        assert live == with_sorted_policies(role)
    made_accounts = {
        key: accounts_after[key]
        for key in accounts_after.keys() - accounts_before.keys()
    }
    expected_accounts = accounts_of(synth)
    assert made_accounts.keys() == expected_accounts.keys()
    for key, account in expected_accounts.items():
        assert made_accounts[key]["labels"] == account["labels"]
        assert made_accounts[key].get("annotations", {}) == account["annotations"]
        by_token = account["identity"] != "podIdentity"
        assert account["annotations"].get("eks.amazonaws.com/role-arn") == (
            account["roleArn"] if by_token else None
        )
    assert_provider(before, after, synth)
    assert_associations(before, after, synth)
    assert after.namespaces.keys() >= set(synth["namespaces"])
    assert after.namespaces.keys() - before.namespaces.keys() <= set(
        synth["namespaces"]
    )
    assert bench.preview(expect_no_changes=True) == []


def assert_associations(
    before: Inventory, after: Inventory, synth: Mapping[str, Any]
) -> None:
    """Compare the associations that are new with those that are meant."""
    place = f"{synth['cluster']['region']}/{synth['cluster']['name']}"
    made = {
        where: (
            after.associations[where]["roleArn"],
            after.associations[where].get("targetRoleArn"),
            after.associations[where]["disableSessionTags"],
        )
        for where in after.associations.keys() - before.associations.keys()
    }
    assert made == {
        f"{place}/{one['namespace']}/{one['name']}": (
            one["roleArn"],
            one["association"]["targetRoleArn"],
            one["association"]["disableSessionTags"],
        )
        for one in synth["serviceAccounts"]
        if one["association"]
    }


def assert_provider(
    before: Inventory, after: Inventory, synth: Mapping[str, Any]
) -> None:
    """Compare the OIDC providers that are new with the one that is meant."""
    made = {
        arn: after.providers[arn]
        for arn in after.providers.keys() - before.providers.keys()
    }
    expected = synth["oidcProvider"]
    if expected is None:
        assert made == {}
        return
    assert made.keys() == {expected["arn"]}
    provider = made[expected["arn"]]
    assert f"https://{provider['Url']}" == expected["url"]
    assert provider["ClientIDList"] == expected["clientIds"]
