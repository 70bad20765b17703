"""The components as the engine sees them: the executable, and the schema it answers."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import grpc
import pytest
from golden_files import GoldenFiles
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

import eks_irsa
from eks_irsa import EksOidcProvider, IrsaServiceAccount, ServiceAccountMode
from eks_irsa.component_host import ComponentHost
from eks_irsa.testing import deploy
from eks_irsa.testing.mock_aws import ISSUER_URL

ROOT: Final = Path(__file__).parents[2]
COMPONENTS: Final = ROOT / "components"
SCHEMA: Final[dict[str, Any]] = ComponentHost().package_schema
EXECUTABLE: Final = Path(sys.executable).with_name("pulumi-resource-eks-irsa")
# Types the host of the SDK hands over as they were sent, secret, unknown or not.
SAFE_LEAVES: Final = ("string", "boolean", "number", "pulumi.json#/Any")


def properties() -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every input and output of the schema with its place."""
    for token, resource in SCHEMA["resources"].items():
        for kind in ("inputProperties", "properties"):
            for name, one in resource[kind].items():
                yield f"{token} {kind} {name}", one


def test_the_committed_schema_is_that_of_the_code(
    request: pytest.FixtureRequest,
) -> None:
    """Whoever generates an SDK from the file gets what the executable hosts."""
    files = GoldenFiles(
        folder=COMPONENTS,
        test=request.node.nodeid,
        update=bool(request.config.getoption("--update-golden")),
    )

    files("schema.json", json.dumps(SCHEMA))


def test_component_comes_with_a_program_in_every_language() -> None:
    """Those of the registry page, in the form that Pulumi's generators pick from."""
    page = (COMPONENTS / "README.md").read_text(encoding="utf-8")
    described = SCHEMA["resources"]["eks-irsa:index:IrsaServiceAccount"]["description"]

    _, _, examples = described.partition("\n\n{{% examples %}}\n")
    programs = re.findall(r"```(\w+)\n.*?```", examples, re.DOTALL)

    assert programs == ["python", "typescript", "go", "csharp", "java", "yaml"]
    assert all(
        one in page for one in re.findall(r"```\w+\n.*?```", examples, re.DOTALL)
    )
    assert examples.startswith("## Example Usage\n{{% example %}}\n\n```python\n")
    assert examples.endswith("```\n\n{{% /example %}}\n{{% /examples %}}")


def test_tree_does_not_say_whose_release_it_is() -> None:
    """Nobody can put a plugin where the tree would have it downloaded from."""
    told = {"homepage", "repository", "publisher", "logoUrl", "pluginDownloadURL"}

    assert not told & SCHEMA.keys()


def test_every_input_and_output_has_a_description() -> None:
    """Neither is left to be guessed, in any language."""
    assert [place for place, one in properties() if not one.get("description")] == []
    assert all(one["description"] for one in SCHEMA["resources"].values())


def test_descriptions_use_the_schemas_names() -> None:
    """`oidc_provider_arn` is no input of a TypeScript program; `oidcProviderArn` is."""
    python_names = {
        *IrsaServiceAccount.__annotations__,
        *eks_irsa.IrsaServiceAccountArgs.__annotations__,
        *EksOidcProvider.__annotations__,
        *eks_irsa.EksOidcProviderArgs.__annotations__,
    }

    left = [
        (place, name)
        for place, one in properties()
        for name in python_names
        if "_" in name and f"`{name}`" in one["description"]
    ]

    assert left == []


def test_every_token_begins_with_the_packages_name() -> None:
    """The engine would take another one without a word, and it lands in the state."""

    def program() -> None:
        provider = EksOidcProvider("cluster", {"issuer_url": ISSUER_URL})
        IrsaServiceAccount(
            "reader",
            {
                "oidc_provider_arn": provider.provider_arn,
                "service_account_name": "reader",
                "service_account_mode": ServiceAccountMode.NOT_MANAGED,
            },
        )

    registered = {
        one.type for one in deploy(program).registrations if one.type.count(":") == 2
    }

    ours = {token for token in registered if not token.startswith(("aws:", "kube"))}
    assert ours == set(SCHEMA["resources"])
    assert all(token.startswith("eks-irsa:") for token in (*ours, *SCHEMA["types"]))


def test_no_input_is_of_a_kind_that_the_host_damages() -> None:
    """Structs, enums and whole numbers keep keys, values and secrets only if plain."""
    for place, one in properties():
        inner = one.get("items") or one.get("additionalProperties") or one
        kind = inner.get("$ref") or inner["type"]

        assert kind in SAFE_LEAVES or (inner is one and one.get("plain")), place
    for name, named in SCHEMA["types"].items():
        leaves = {
            one["type"]
            for one in named.get("properties", {}).values()
            if not one.get("plain")
        }
        assert leaves <= {"string"}, name


def test_the_schema_refers_to_no_other_package() -> None:
    """So that no provider plugin is needed to read it."""
    references = {
        one["$ref"]
        for _, one in properties()
        if not one.get("$ref", "#/types/").startswith("#/types/")
    }

    assert references <= {"pulumi.json#/Any"}
    assert SCHEMA["dependencies"] == []


def test_the_version_comes_from_one_place() -> None:
    """The module, the distribution and the schema say the same."""
    assert SCHEMA["version"] == eks_irsa.__version__ == version("eks-irsa")


@pytest.mark.parametrize(
    "command",
    [[EXECUTABLE], [sys.executable, COMPONENTS]],
    ids=["executable", "plugin folder"],
)
def test_the_engine_gets_the_schema_from_either_form(
    command: list[str | Path], tmp_path: Path
) -> None:
    """Started as the engine does it: an address and flags in, a port out."""
    with subprocess.Popen(  # noqa: S603 - our own executable
        [*command, "127.0.0.1:1", "-logtostderr", "-v=9"],
        stdout=subprocess.PIPE,
        cwd=tmp_path,
    ) as plugin:
        assert plugin.stdout is not None
        try:
            port = int(plugin.stdout.readline())
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                # The generated stubs leave the types of their calls open.
                stub: Any = provider_pb2_grpc.ResourceProviderStub(channel)
                answer = stub.GetSchema(provider_pb2.GetSchemaRequest())
                told = stub.GetPluginInfo(Empty()).version
        finally:
            plugin.terminate()

    assert json.loads(answer.schema) == SCHEMA
    assert told == eks_irsa.__version__
