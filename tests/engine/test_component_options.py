"""Options of the engine do for `IrsaServiceAccount` what they do for any component."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from own_programs import open_program
from pulumi.automation.errors import CommandError
from workbench import Step, Workbench

from sandbox.aws.clients import administrator
from sandbox.inventory import LiveRole
from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
HEAD = """
import json

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
from eks_irsa import IrsaServiceAccount

cluster = kubernetes.Provider("cluster", kubeconfig={kubeconfig!r})


def role(name, *, of, **options):
    statement = {{
        "Effect": "Allow",
        "Principal": {{"Service": of + ".amazonaws.com"}},
        "Action": "sts:AssumeRole",
    }}
    return aws.iam.Role(
        name,
        assume_role_policy=json.dumps(
            {{"Version": "2012-10-17", "Statement": [statement]}}
        ),
        opts=pulumi.ResourceOptions(**options),
    )


def account(name, **options):
    return IrsaServiceAccount(
        name,
        {{
            "oidc_provider_arn": "{provider_arn}",
            "namespace": "default",
            "service_account_name": "{name}",
            "attach_policy_arns": ["{policy}"],
        }},
        pulumi.ResourceOptions(**{{"providers": [cluster]}} | options),
    )

"""
Programs = Callable[[str], Workbench]


@pytest.fixture(name="name")
def _name(numbers: Iterator[int]) -> str:
    return f"options-{next(numbers)}"


@pytest.fixture(name="opened")
def _opened(sandbox: Sandbox, tmp_path: Path, name: str) -> Generator[Programs]:
    """Open a program by what follows `HEAD`, and destroy its stack at the end."""
    benches: list[Workbench] = []

    def program(body: str) -> Workbench:
        text = whole(sandbox, name, body)
        bench = open_program(
            sandbox, folder=tmp_path / name, program=text, cluster=name
        )
        benches.append(bench)
        return bench

    yield program
    for bench in benches:
        bench.stack.destroy()


def whole(sandbox: Sandbox, name: str, body: str) -> str:
    """Put a program's head before its body."""
    head = HEAD.format(
        kubeconfig=str(sandbox.control_plane.kubeconfig),
        provider_arn=f"arn:aws:iam::{sandbox.aws.account_id}:oidc-provider/i.example.com",
        name=name,
        policy=READ_ONLY,
    )
    return head + body


def rewrite(bench: Workbench, body: str) -> None:
    """Change a program."""
    text = whole(bench.sandbox, bench.stack.name, body)
    (bench.project / "__main__.py").write_text(text, encoding="utf-8")


def only_role(bench: Workbench) -> LiveRole:
    """Give the one role whose subject is the test's account."""
    subject = f"system:serviceaccount:default:{bench.stack.name}"
    (role,) = [
        one for one in bench.inventory().roles.values() if subject in one.subjects
    ]
    return role


def account_of(bench: Workbench) -> dict[str, object]:
    """Give the live service account."""
    return dict(bench.inventory().service_accounts[f"default/{bench.stack.name}"])


def test_protect_keeps_every_part_until_it_is_taken_off(opened: Programs) -> None:
    """Children inherit it; a destroy is refused and takes nothing."""
    bench = opened('account("own", protect=True)')
    bench.up()
    before = (only_role(bench), account_of(bench))

    with pytest.raises(CommandError, match="protected"):
        bench.destroy()
    after = (only_role(bench), account_of(bench))
    rewrite(bench, 'account("own")')
    unprotected = bench.up()

    assert after == before
    # The refused destroy had taken what asks for the state, and that alone.
    assert {step.type for step in unprotected} <= {"pulumi:providers:pulumi"}
    assert {step.operation for step in bench.destroy()} == {"delete"}


def test_retain_on_delete_leaves_every_part_in_place(
    sandbox: Sandbox, opened: Programs, name: str
) -> None:
    """Role, attachment and account are forgotten, and are as they were."""
    bench = opened('account("own", retain_on_delete=True)')
    bench.up()
    before = (only_role(bench), account_of(bench))

    bench.destroy()

    role = only_role(bench)
    assert (role, account_of(bench)) == before
    assert bench.resources() == []
    iam = administrator(sandbox.aws, "iam")
    role_name = role.role["RoleName"]
    iam.detach_role_policy(RoleName=role_name, PolicyArn=READ_ONLY)
    iam.delete_role(RoleName=role_name)
    path = f"/api/v1/namespaces/default/serviceaccounts/{name}"
    sandbox.control_plane.request(method="DELETE", path=path)


def test_an_alias_renames_the_component_and_replaces_nothing(opened: Programs) -> None:
    """The names of its parts begin with its own, so they follow it."""
    bench = opened('account("old")')
    bench.up()
    before = (only_role(bench), account_of(bench))

    rewrite(bench, 'account("new", aliases=[pulumi.Alias(name="old")])')
    renamed = bench.up()

    names = {one["urn"].rpartition("::")[2] for one in bench.resources()}
    assert renamed == []
    assert (only_role(bench), account_of(bench)) == before
    assert not any(one.startswith("old") for one in names)
    assert {"new", "new-role", "new-service-account"} <= names


def test_a_transform_reaches_every_part(opened: Programs) -> None:
    """A tag that a company wants on all roles needs no input of ours."""
    bench = opened(
        """
def tagged(args):
    if args.type_ == "aws:iam/role:Role":
        tags = {**(args.props.get("tags") or {}), "cost-centre": "42"}
        return pulumi.ResourceTransformResult({**args.props, "tags": tags}, args.opts)


account("own", transforms=[tagged])
"""
    )

    bench.up()

    assert only_role(bench).role["Tags"] == [{"Key": "cost-centre", "Value": "42"}]
    assert bench.preview() == []


def test_depends_on_goes_both_ways(opened: Programs) -> None:
    """Its parts wait for what it depends on, and what depends on it for its parts."""
    bench = opened(
        """
first = role("first", of="ec2")
own = account("own", depends_on=[first])
role("last", of="ec2", depends_on=[own])
"""
    )

    made, gone = order(bench.up()), order(bench.destroy())

    parts = [
        "own-role",
        "own:aws:policy/AmazonS3ReadOnlyAccess",
        "own-service-account",
    ]
    assert made == ["first", *parts, "last"]
    assert gone == [*reversed(made)]


def order(steps: list[Step]) -> list[str]:
    """Give the names of what was made or removed, in that order."""
    kinds = ("aws:iam", "kubernetes:core")
    return [step.name for step in steps if step.type.startswith(kinds)]


def test_every_part_uses_the_providers_of_the_options(
    opened: Programs, name: str
) -> None:
    """An AWS provider travels as the Kubernetes one does, to lookups too."""
    bench = opened(
        f"""
elsewhere = aws.Provider("elsewhere", region="eu-central-1")
IrsaServiceAccount(
    "own",
    {{
        "cluster_name": "{name}",
        "namespace": "default",
        "service_account_name": "{name}",
    }},
    pulumi.ResourceOptions(providers=[elsewhere, cluster]),
)
"""
    )
    bench.sandbox.add_cluster(
        name=name, region="eu-central-1", issuer_url=f"https://i.example.com/{name}"
    )

    bench.up()

    providers = {
        one["type"]: one["provider"].split("::")[3]
        for one in bench.resources()
        if one["type"].startswith(("aws:", "kubernetes:"))
    }
    assert providers == {
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "elsewhere",
        "aws:iam/role:Role": "elsewhere",
        "kubernetes:core/v1:ServiceAccount": "cluster",
    }


def test_a_clusters_name_is_looked_up_when_the_cluster_is_there(
    opened: Programs, name: str
) -> None:
    """The name is known in the first preview, when there is nothing to look up yet."""
    bench = opened(
        f"""
made = aws.eks.Cluster(
    "made",
    name="{name}",
    role_arn=role("control-plane", of="eks").arn,
    vpc_config={{"subnet_ids": ["subnet-1", "subnet-2"]}},
)
own = IrsaServiceAccount(
    "own",
    {{
        "cluster_name": made.name,
        "namespace": "default",
        "service_account_name": "{name}",
    }},
)
pulumi.export("provider", own.oidc_provider_arn)
"""
    )

    first = {step.operation for step in bench.preview()}
    bench.up()
    again = bench.preview()

    account = bench.sandbox.aws.account_id
    issuer = bench.issuer_url.removeprefix("https://")
    assert (first, again) == ({"create"}, [])
    assert bench.outputs()["provider"] == (
        f"arn:aws:iam::{account}:oidc-provider/{issuer}"
    )
