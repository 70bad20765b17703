"""Components that name one cluster share its OIDC provider, found or made."""

import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Final

import pytest
from hosted import install_components
from own_programs import open_program
from workbench import Workbench

from sandbox.aws.clients import administrator
from sandbox.session import Sandbox, issuer_url_of

pytestmark = pytest.mark.engine

REGION: Final = "us-west-2"
README: Final = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
IMPORTED: Final = """
import pulumi
from eks_irsa import IrsaServiceAccount
"""
# As every SDK registers a component of another language.
HOSTED: Final = """
import pulumi
import eks_irsa


class IrsaServiceAccount(pulumi.ComponentResource):
    def __init__(self, name, args, opts=None):
        inputs = {camel(key): value for key, value in args.items()}
        version = pulumi.ResourceOptions(version=eks_irsa.__version__)
        super().__init__(
            "eks-irsa:index:IrsaServiceAccount", name, inputs,
            pulumi.ResourceOptions.merge(opts, version), remote=True,
        )


def camel(key):
    head, *rest = key.split("_")
    return head + "".join(map(str.capitalize, rest))
"""
COMPONENT: Final = """
IrsaServiceAccount(
    "{name}",
    {{
        "cluster_name": "{cluster}",
        "namespace": "{cluster}-apps",
        "service_account_name": "{name}",
        "attach_policy_arns": ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"],
    }},
)
"""
FORMS: Final = pytest.mark.parametrize("form", [IMPORTED, HOSTED], ids=["own", "host"])
Programs = Callable[[str], Workbench]


@pytest.fixture(name="cluster")
def _cluster(sandbox: Sandbox, numbers: Iterator[int]) -> str:
    """Give a cluster of its own, by name."""
    name = f"shared-{next(numbers)}"
    issuer = issuer_url_of(cluster=name, region=REGION)
    sandbox.add_cluster(name=name, region=REGION, issuer_url=issuer)
    install_components(sandbox.engine_home())
    return name


@pytest.fixture(name="opened")
def _opened(sandbox: Sandbox, tmp_path: Path, cluster: str) -> Generator[Programs]:
    """Open one program on the cluster, and destroy its stack at the end."""
    benches: list[Workbench] = []

    def program(text: str) -> Workbench:
        bench = open_program(
            sandbox, folder=tmp_path / cluster, program=text, cluster=cluster
        )
        benches.append(bench)
        return bench

    yield program
    for bench in benches:
        bench.stack.destroy()


def program(form: str, cluster: str, *names: str) -> str:
    """Write a program with components of one cluster."""
    components = (COMPONENT.format(name=name, cluster=cluster) for name in names)
    return form + "".join(components)


def provider_arn(bench: Workbench) -> str:
    """Derive the ARN of the cluster's provider."""
    host = bench.issuer_url.removeprefix("https://")
    return f"arn:aws:iam::{bench.sandbox.aws.account_id}:oidc-provider/{host}"


def in_aws_or_cluster(bench: Workbench, text: str) -> set[tuple[str, str]]:
    """Bring a program up; give operation and type of what it did, the state aside."""
    (bench.project / "__main__.py").write_text(text, encoding="utf-8")
    return {
        (step.operation, step.type)
        for step in bench.up()
        if step.type.startswith(("aws:", "kubernetes:"))
    }


@FORMS
def test_two_components_of_one_cluster_make_one_provider(
    opened: Programs, cluster: str, form: str
) -> None:
    """It stays while one of them needs it, and goes with the last."""
    bench = opened(program(form, cluster, "one", "two"))
    before = bench.inventory().providers.keys()

    bench.up()
    made = bench.inventory()
    unchanged = bench.preview()
    taken_out = in_aws_or_cluster(bench, program(form, cluster, "two"))
    kept = bench.inventory()
    again = bench.preview()
    bench.destroy()

    arn = provider_arn(bench)
    two = next(name for name in made.roles if name.startswith("two-role"))
    assert made.providers.keys() - before == {arn}
    assert unchanged == again == []
    assert taken_out == {
        ("delete", "aws:iam/role:Role"),
        ("delete", "aws:iam/rolePolicyAttachment:RolePolicyAttachment"),
        ("delete", "kubernetes:core/v1:NamespacePatch"),
        ("delete", "kubernetes:core/v1:ServiceAccount"),
    }
    assert kept.providers[arn] == made.providers[arn]
    assert kept.roles[two] == made.roles[two]
    assert bench.inventory().providers.keys() == before


@FORMS
def test_a_provider_of_somebody_else_is_read_and_never_deleted(
    sandbox: Sandbox, opened: Programs, cluster: str, form: str
) -> None:
    """A component is taken out, and then the whole stack."""
    iam = administrator(sandbox.aws, "iam")
    arn = iam.create_open_id_connect_provider(
        Url=issuer_url_of(cluster=cluster, region=REGION),
        ClientIDList=["sts.amazonaws.com"],
        Tags=[{"Key": "of", "Value": "somebody"}],
    )["OpenIDConnectProviderArn"]
    bench = opened(program(form, cluster, "one", "two"))
    before = bench.inventory().providers[arn]

    bench.up()
    unchanged = bench.preview()
    taken_out = in_aws_or_cluster(bench, program(form, cluster, "two"))
    again = bench.preview()
    bench.destroy()

    kept = bench.inventory().providers[arn]
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert unchanged == again == []
    assert {operation for operation, _ in taken_out} == {"delete"}
    assert not any("openIdConnect" in kind for _, kind in taken_out)
    assert kept == before


def test_the_readmes_first_program_works_twice_in_one(
    opened: Programs, cluster: str
) -> None:
    """Copied, with the name changed that has to be."""
    text = next(
        block
        for block in re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
        if "IrsaServiceAccount" in block
    )
    assert '"s3-reader"' in text
    both = text + text.replace("s3-reader", "s3-writer").replace(
        '"role_arn"', '"other"'
    )
    bench = opened(
        both.replace("cluster-13", cluster).replace("backend-apps", f"{cluster}-apps")
    )

    bench.up()
    unchanged = bench.preview()
    made = bench.inventory()

    assert unchanged == []
    assert {f"{cluster}-apps/s3-reader", f"{cluster}-apps/s3-writer"} <= {
        *made.service_accounts
    }
