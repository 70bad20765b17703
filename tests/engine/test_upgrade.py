"""Stacks of the code before the first release go on with this one.

The states in `tests/golden/states` were exported on the sandbox of commit f54c686: of
the stack program with `ENTRIES`, and of `PROGRAM` with what was written there for a
mode. When and from which line a resource was registered was taken out, and what the
sandbox chooses stands between two `@`.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pulumi.automation as auto
import pytest
from hands import Hands
from own_programs import open_program
from workbench import READ_ONLY, Step, Workbench

from sandbox.aws.clients import administrator
from sandbox.inventory import Inventory
from sandbox.session import Sandbox, issuer_url_of

pytestmark = pytest.mark.engine

ROOT: Final = Path(__file__).parents[1]
REGION: Final = "us-west-2"
MAIL: Final[Mapping[str, Any]] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}],
}
QUEUES: Final[Mapping[str, Any]] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}],
}
ENTRIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "upgrade-apps/created": {
        "attachPolicyARNs": [READ_ONLY, "arn:aws:iam::123456789012:policy/mail"],
        "attachPolicy": QUEUES,
    },
    "upgrade-apps/patched": {},
    "upgrade-apps/role-only": {
        "roleOnly": True,
        "wellKnownPolicies": {"certManager": True},
    },
    "upgrade-apps/builder": {"wellKnownPolicies": {"imageBuilder": True}},
    "upgrade-apps/shared": {
        "attachRoleARN": "arn:aws:iam::123456789012:role/upgrade-shared"
    },
}
PROGRAM: Final = """
import pulumi
import pulumi_kubernetes as kubernetes
from eks_irsa import IrsaServiceAccount

READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
QUEUES = "arn:aws:iam::aws:policy/AmazonSQSFullAccess"
cluster = kubernetes.Provider("cluster", kubeconfig={kubeconfig!r})


def service_account(name, args, **options):
    made = IrsaServiceAccount(
        name,
        {{
            "namespace": "upgrade-own",
            "service_account_name": name,
            "role_name": f"upgrade-own-{{name}}",
            **args,
        }},
        pulumi.ResourceOptions(**options),
    )
    pulumi.export(name, made.role_arn)
    return made


{earlier}
first = service_account(
    "by-name",
    {{
        "cluster_name": "upgrade-own",
        "attach_policy_arns": [READ_ONLY],
        "inline_policies": {{
            "send": {{
                "Version": "2012-10-17",
                "Statement": [
                    {{"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}}
                ],
            }}
        }},
        "max_session_duration_seconds": 7200,
    }},
)
service_account(
    "by-arn",
    {{
        "oidc_provider_arn": first.oidc_provider_arn,
        "attach_policy_arns": [READ_ONLY],
        "attach_policies": {{
            "queues": QUEUES,
            "late": first.role_arn.apply(
                lambda _: "arn:aws:iam::aws:policy/AmazonSNSFullAccess"
            ),
        }},
    }},
    providers=[cluster],
)
service_account(
    "patched",
    {{
        "oidc_provider_arn": first.oidc_provider_arn,
        "attach_policy_arns": [READ_ONLY],
        # override_existing: True
        "service_account_mode": "patched",
    }},
    providers=[cluster],
)
service_account(
    "by-issuer",
    {{
        "issuer_url": "https://oidc.example.com/id/UPGRADE",
        "attach_policy_arns": [READ_ONLY],
        # create_service_account: False
        "service_account_mode": "notManaged",
    }},
)
service_account(
    "retained",
    {{
        "oidc_provider_arn": first.oidc_provider_arn,
        "attach_policy_arns": [READ_ONLY],
        # create_service_account: False, release_service_account: True
        "service_account_mode": "{retained}",
    }},
    providers=[cluster],
)
"""
# Another component of the cluster, in front of the one that had the provider.
EARLIER: Final = """
service_account(
    "earlier",
    {
        "cluster_name": "upgrade-own",
        "attach_policy_arns": [READ_ONLY],
        "service_account_mode": "notManaged",
    },
)
"""
# What holds nothing of AWS or of the cluster, and may therefore change.
IN_PROGRAM: Final = {
    "eks-irsa:index:EksOidcProvider": {"update"},
    "eks-irsa:index:IrsaServiceAccount": {"update"},
    "pulumi:providers:aws": {"update"},
    "pulumi:providers:kubernetes": {"update"},
    "pulumi:providers:pulumi": {"create", "delete"},
}


def take_in(bench: Workbench, name: str) -> None:
    """Put a state of the old code in the place of what the new code has recorded."""
    text = (ROOT / f"golden/states/{name}.json").read_text(encoding="utf-8")
    server, authority = way_to(bench)
    kubeconfig = str(bench.sandbox.control_plane.kubeconfig)
    text = text.replace("@SERVER@", server).replace("@AUTHORITY@", authority)
    state = bench.stack.export_stack()
    resources = json.loads(text.replace("@KUBECONFIG@", kubeconfig))
    deployment = {**(state.deployment or {}), "resources": resources}
    bench.stack.import_stack(auto.Deployment(state.version, deployment))


def way_to(bench: Workbench) -> tuple[str, str]:
    """Give address and certificate authority of the cluster, as a state has them."""
    for resource in bench.resources():
        text: str = resource.get("inputs", {}).get("kubeconfig", "")
        if text.startswith("{"):
            cluster = json.loads(text)["clusters"][0]["cluster"]
            return cluster["server"], cluster["certificate-authority-data"]
    raise AssertionError(bench.resources())


def in_aws_or_cluster(steps: list[Step]) -> set[tuple[str, str]]:
    """Give operation and name of what changes more than the state."""
    return {
        (step.operation, step.name)
        for step in steps
        if step.operation not in IN_PROGRAM.get(step.type, ())
    }


def test_stack_program_goes_on_with_all_that_an_older_one_made(
    sandbox: Sandbox, hands: Hands, tmp_path: Path
) -> None:
    """Created, patched and role-only entries, each kind of policy, and the provider."""
    iam = administrator(sandbox.aws, "iam")
    mail = iam.create_policy(PolicyName="mail", PolicyDocument=json.dumps(MAIL))
    hands.make_namespace("upgrade-apps")
    hands.make_service_account("upgrade-apps/patched")
    bench = Workbench.make(sandbox, folder=tmp_path / "p", number=90, cluster="upgrade")
    bench.entries(ENTRIES)
    bench.settings(patchExisting=["upgrade-apps/patched"])
    bench.up()
    made = bench.inventory()
    take_in(bench, "stack")

    previewed, done, again = bench.preview(), bench.up(), bench.preview()
    kept = bench.inventory()
    bench.destroy()

    assert in_aws_or_cluster(previewed) == set()
    assert in_aws_or_cluster(done) == set()
    assert again == []
    assert kept == made
    assert ours(bench) == set()
    iam.delete_policy(PolicyArn=mail["Policy"]["Arn"])


def test_a_program_of_ones_own_goes_on_with_all_that_older_components_made(
    sandbox: Sandbox, hands: Hands, tmp_path: Path
) -> None:
    """The provider leaves its component, also where another one comes before that."""
    hands.make_namespace("upgrade-own")
    hands.make_service_account("upgrade-own/patched")
    issuer = issuer_url_of(cluster="upgrade-own", region=REGION)
    sandbox.add_cluster(name="upgrade-own", region=REGION, issuer_url=issuer)
    kubeconfig = str(sandbox.control_plane.kubeconfig)
    created, retained, later = (
        PROGRAM.format(kubeconfig=kubeconfig, retained=mode, earlier=earlier)
        for mode, earlier in (("created", ""), ("retained", ""), ("retained", EARLIER))
    )
    bench = open_program(
        sandbox, folder=tmp_path / "upgrade-own", program=created, cluster="upgrade-own"
    )
    bench.up()
    rewrite(bench, retained)
    bench.up()
    made = bench.inventory()
    take_in(bench, "own")
    rewrite(bench, later)

    previewed, done, again = bench.preview(), bench.up(), bench.preview()
    kept, names = bench.inventory(), ours(bench)
    bench.destroy()

    policy = "earlier:aws:policy/AmazonS3ReadOnlyAccess"
    new = {("create", name) for name in ("earlier", "earlier-role", policy)}
    assert in_aws_or_cluster(previewed) == new
    assert in_aws_or_cluster(done) == new
    assert again == []
    assert names == {"upgrade-own-earlier", *ours_of(made)}
    assert {**kept.roles, **made.roles} == kept.roles
    assert (kept.providers, kept.namespaces) == (made.providers, made.namespaces)
    assert kept.service_accounts == made.service_accounts
    assert ours(bench) == set()


def rewrite(bench: Workbench, program: str) -> None:
    """Change a program."""
    (bench.project / "__main__.py").write_text(program, encoding="utf-8")


def ours(bench: Workbench) -> set[str]:
    """Give the names of the roles that are there of this file's tests."""
    return ours_of(bench.inventory())


def ours_of(inventory: Inventory) -> set[str]:
    """Give the names of the roles of this file's tests."""
    return {name for name in inventory.roles if name.startswith("upgrade-")}
