"""The registry page: its tables are the schema's, its examples use what there is."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from golden_files import GoldenFiles

from eks_irsa.component_host import ComponentHost
from eks_irsa.testing import deploy

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "components/README.md").read_text(encoding="utf-8")
SCHEMA: Final[dict[str, Any]] = ComponentHost().package_schema
EXAMPLES: Final = (ROOT / "components/eks_irsa/examples.md").read_text(encoding="utf-8")
MARK: Final = "<!-- From here on made from schema.json: `make golden`. -->\n"
KINDS: Final = {
    "string": "string",
    "integer": "whole number",
    "boolean": "boolean",
}
COMPONENT: Final = SCHEMA["resources"]["eks-irsa:index:IrsaServiceAccount"]


def example(language: str) -> str:
    """Give the page's program in a language."""
    return examples(language)[0]


def examples(language: str) -> list[str]:
    """Give all the page's programs in a language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


def kind(one: dict[str, Any]) -> str:
    """Word the type of an input or output."""
    plain = ", plain" if one.get("plain") else ""
    match one:
        case {"$ref": str(reference)} if reference.startswith("#/types/"):
            return named_kind(SCHEMA["types"][reference.removeprefix("#/types/")])
        case {"$ref": _}:
            return f"JSON{plain}"
        case {"items": inner}:
            return f"list of {kind(inner)}".replace("string", "strings", 1)
        case {"additionalProperties": inner}:
            return f"map of {kind(inner)}s".replace("JSON, plains", "JSON")
        case _:
            return f"{KINDS[one['type']]}{plain}"


def named_kind(of: dict[str, Any]) -> str:
    """Word a type that has a name: an enum by its values, a struct by its fields."""
    values = [value["value"] for value in of.get("enum", ())]
    names = ", ".join(f"`{name}`" for name in values or of["properties"])
    return f"{'one of ' if values else 'fields '}{names}, plain"


def table(properties: dict[str, Any], required: list[str]) -> str:
    """Write inputs or outputs as a Markdown table."""
    rows = [
        f"| `{name}`{' (required)' if name in required else ''} | {kind(one)} | "
        f"{one['description'].replace('|', chr(92) + '|')} |"
        for name, one in properties.items()
    ]
    return "\n".join(["| name | type | meaning |", "| --- | --- | --- |", *rows])


def page() -> str:
    """Write the whole page: what stands above the mark, and the tables."""
    head, _, _ = PAGE.partition(MARK)
    before, _, rest = head.partition("### Python\n")
    after = rest.partition("### What of this was shown\n")[2]
    programs = f"{EXAMPLES}\n### What of this was shown\n"
    parts = [before + programs + after + MARK]
    for token, resource in SCHEMA["resources"].items():
        inputs = table(resource["inputProperties"], resource["requiredInputs"])
        outputs = table(resource["properties"], [])
        description = resource["description"].partition("\n\n{{% examples %}}")[0]
        parts.append(f"### {token.rpartition(':')[2]}\n\n{description}\n")
        parts.append(f"#### Inputs\n\n{inputs}\n\n#### Outputs\n\n{outputs}\n")
    return "\n".join(parts)


def test_the_page_says_what_the_schema_says(request: pytest.FixtureRequest) -> None:
    """Its tables are made from the strings under the fields, its programs are those."""
    files = GoldenFiles(
        folder=ROOT / "components",
        test=request.node.nodeid,
        update=bool(request.config.getoption("--update-golden")),
    )

    files("README.md", page())


def test_the_python_example_makes_what_the_page_says() -> None:
    """Role, policy, namespace and account."""
    program = compile(example("python"), "components/README.md", "exec")

    made = deploy(lambda: exec(program, {}))  # noqa: S102 - the page's own example

    assert made.outputs["roleArn"].startswith("arn:aws:iam::")
    assert len(made.of_type(":ServiceAccount")) == 1


def test_the_further_python_example_attaches_each_policy_once() -> None:
    """A policy by name, and one whose ARN is only known later; no service account."""
    _, text = examples("python")
    program = compile(text, "components/README.md", "exec")

    made = deploy(lambda: exec(program, {}))  # noqa: S102 - the page's own example

    assert {one.name for one in made.of_type(":RolePolicyAttachment")} == {
        "external-dns:zones"
    }
    assert made.of_type(":ServiceAccount") == []
    assert made.outputs["roleArn"].endswith(":role/cluster-13-external-dns")


@pytest.mark.parametrize(
    ("language", "inputs"),
    [
        ("typescript", r"^    (\w+):"),
        ("go", r"^\t\t\t(\w+): "),
        ("csharp", r"^        (\w+) ="),
        ("java", r"^ +\.(\w+)\((?!\))"),
    ],
)
def test_every_example_uses_inputs_and_outputs_of_the_schema(
    language: str, inputs: str
) -> None:
    """Those that no test compiles are held to the names at least."""
    text = example(language)

    used = {
        name[0].lower() + name[1:]
        for name in re.findall(inputs, text, flags=re.MULTILINE)
    }
    given = {name[0].lower() + name[1:] for name in re.findall(r"reader\.(\w+)", text)}

    assert used == {
        "attachPolicyArns",
        "clusterName",
        "namespace",
        "serviceAccountName",
    }
    assert used <= COMPONENT["inputProperties"].keys()
    assert given == {"roleArn"} <= COMPONENT["properties"].keys()


def test_the_yaml_example_uses_inputs_and_outputs_of_the_schema() -> None:
    """It is a whole program."""
    program = yaml.safe_load(example("yaml"))

    (resource,) = program["resources"].values()
    assert resource["type"] in SCHEMA["resources"]
    assert resource["properties"].keys() <= COMPONENT["inputProperties"].keys()
    assert program["outputs"] == {"roleArn": "${s3-reader.roleArn}"}
