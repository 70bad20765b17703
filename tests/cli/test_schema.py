"""`eks-irsa schema`: what an editor knows of a ClusterConfig."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError

from eks_irsa.cli.editor_schema import cluster_config_schema

Run = Callable[..., tuple[int, str, str]]

SEED_FILE = Path(__file__).parents[2] / "stacks" / "cluster-13.yaml"

_CORPUS = Path(__file__).parents[1] / "golden" / "cluster_configs"
# Valid files of associations and of add-ons.
SECTIONS = [
    file
    for prefix in ("add_on", "pod_identity")
    for file in sorted(_CORPUS.glob(f"{prefix}_*.yaml"))
    if file.read_text(encoding="utf-8").startswith("# Verdict: valid")
]


def faults(text: str) -> list[str]:
    """Return where and why a ClusterConfig does not meet the schema."""
    Draft202012Validator.check_schema(cluster_config_schema())
    validator = Draft202012Validator(cluster_config_schema())
    found = cast(
        "Iterator[ValidationError]",
        validator.iter_errors(yaml.safe_load(text)),  # pyright: ignore[reportUnknownMemberType] - its stubs leave the instance open
    )
    return [f"{error.json_path}: {error.message}" for error in found]


def test_schema_is_printed_as_it_is_made(run: Run) -> None:
    """The command prints the schema of the models and nothing else."""
    code, out, err = run("schema")

    assert (code, json.loads(out), err) == (0, cluster_config_schema(), "")


def test_schema_names_itself() -> None:
    """A tool can tell the dialect and which schema it is."""
    schema = cluster_config_schema()

    head = {key: schema[key] for key in ("$schema", "$id", "title", "required")}
    assert head == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:eks-irsa:cluster-config",
        "title": "ClusterConfig",
        "required": ["apiVersion", "kind", "metadata"],
    }


def test_seed_file_meets_the_schema() -> None:
    """The file people bring is accepted, the sections of other purpose included."""
    assert faults(SEED_FILE.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param(
            ("attachPolicyARNs", "attachPolicyARNS"),
            "$.iam.serviceAccounts[0]: Additional properties are not allowed "
            "('attachPolicyARNS' was unexpected)",
            id="entry",
        ),
        pytest.param(
            ("kind: ClusterConfig", "kind: Pod"),
            "$.kind: 'ClusterConfig' was expected",
            id="kind",
        ),
        pytest.param(
            ("eksctl.io/v1alpha5", ""),
            "$.apiVersion: 'eksctl.io/v1alpha5' was expected",
            id="null for the version",
        ),
        pytest.param(
            ("iam:", "serviceAccounts: []\niam:"),
            "$: Additional properties are not allowed ('serviceAccounts' was "
            "unexpected)",
            id="top",
        ),
        pytest.param(
            ("kind: ClusterConfig\n", ""),
            "$: 'kind' is a required property",
            id="missing",
        ),
        pytest.param(
            ("name: orders, ", ""),
            "$.iam.serviceAccounts[0].metadata: 'name' is a required property",
            id="name",
        ),
        pytest.param(
            ("serviceAccounts:\n", "serviceAccounts:\n  -\n"),
            "$.iam.serviceAccounts[0]: None is not of type 'object'",
            id="empty entry",
        ),
    ],
)
def test_what_check_refuses_in_structure_the_schema_refuses(
    good: str, change: tuple[str, str], fault: str
) -> None:
    """Unknown and missing keys are marked while people type."""
    assert faults(good.replace(*change)) == [fault]


@pytest.mark.parametrize("key", ["iam: null", "iam: {serviceAccounts: null}"])
def test_null_stands_for_an_absent_key(good: str, key: str) -> None:
    """What check takes for absent the schema does not mark."""
    assert faults(good.split("iam:", maxsplit=1)[0] + key) == []


@pytest.mark.parametrize(
    "entries",
    [
        "iam: {podIdentityAssociations: [~]}",
        "addons: [~]",
        "addons: [{name: a, podIdentityAssociations: [~]}]",
    ],
)
def test_null_is_no_entry(good: str, entries: str) -> None:
    """In each section it is marked as `check` does."""
    (fault,) = faults(good.split("iam:", maxsplit=1)[0] + entries)

    assert fault.endswith("[0]: None is not of type 'object'")


@pytest.mark.parametrize("file", SECTIONS, ids=lambda file: file.stem)
def test_what_check_takes_of_the_other_sections_is_not_marked(file: Path) -> None:
    """Valid files of associations and add-ons meet the schema."""
    assert faults(file.read_text(encoding="utf-8")) == []


def test_null_is_no_cluster_config() -> None:
    """An empty file is marked."""
    assert faults("") == ["$: None is not of type 'object'"]


def values(schema: object) -> Iterator[tuple[str, object]]:
    """Yield every key of a schema with its value, at any depth."""
    if isinstance(schema, dict):
        for key, value in cast("dict[str, object]", schema).items():
            yield key, value
            yield from values(value)
    elif isinstance(schema, list):
        for value in cast("list[object]", schema):
            yield from values(value)


def test_editors_are_not_told_noise() -> None:
    """Null is never shown as the default of a key."""
    assert ("default", None) not in list(values(cluster_config_schema()))


@pytest.mark.parametrize("statement", ["{%s}", "[{%s}]"])
def test_effect_and_version_are_choices(good: str, statement: str) -> None:
    """An editor offers them, in one statement as in a list of them."""
    header = good.split("iam:", maxsplit=1)[0]
    policy = "Version: %s, Statement: " + statement
    text = (
        header
        + "iam: {serviceAccounts: [{metadata: {name: a}, attachPolicy: {"
        + policy
        + "}}]}"
    )

    assert faults(text % ("'2012-10-17'", "Effect: Allow, Action: '*'")) == []
    assert [
        fault.partition(": ")[2]
        for fault in faults(text % ("'2020-10-17'", "Effect: allow"))
    ] == [
        "'2020-10-17' is not one of ['2012-10-17', '2008-10-17']",
        "'allow' is not one of ['Allow', 'Deny']",
    ]


def test_every_key_is_described() -> None:
    """What an editor shows beside a key says what it is for."""
    schema = cluster_config_schema()
    sections = [value for key, value in values(schema) if key == "properties"]

    assert sections
    assert [
        key
        for section in sections
        for key, value in cast("dict[str, dict[str, object]]", section).items()
        if not value.get("description")
    ] == []


@pytest.mark.parametrize("region", ["us-west-2", "nz-north-1", "cn-south-9"])
def test_a_region_that_is_new_is_not_marked(good: str, region: str) -> None:
    """The list of regions is a help, its shape the rule."""
    assert faults(good.replace("eu-west-1", region)) == []


def test_a_region_is_marked_where_it_has_not_the_shape_of_one(good: str) -> None:
    """As `check` refuses it."""
    (fault,) = faults(good.replace("eu-west-1", "us-west"))

    assert fault.startswith("$.metadata.region: 'us-west' does not match ")
