"""Templates of CloudFormation: what is put in, and that nothing else changes."""

import json
from typing import Any, Final

import pytest
import yaml

from eks_irsa.adoption.retention import retaining, template_text, unretained

ROLE: Final = {"Type": "AWS::IAM::Role", "Properties": {"Path": "/"}}
KEPT: Final = {"DeletionPolicy": "Retain", "Metadata": {"eks-irsa": "retained"}}


def template(**resources: Any) -> str:  # noqa: ANN401 - parts of JSON
    """Write a template in JSON."""
    return template_text({"Resources": resources, "Outputs": {"A": {"Value": "b"}}})


@pytest.mark.parametrize(
    ("given", "added"),
    [
        pytest.param({}, KEPT, id="neither"),
        pytest.param({"DeletionPolicy": "Delete"}, KEPT, id="deleted"),
        pytest.param({"DeletionPolicy": "RetainExceptOnCreate"}, KEPT, id="except"),
        pytest.param({"DeletionPolicy": "Retain"}, KEPT, id="without the mark"),
        pytest.param(
            {"Metadata": {"a": {"b": 1}}},
            {**KEPT, "Metadata": {"a": {"b": 1}, "eks-irsa": "retained"}},
            id="with metadata",
        ),
        pytest.param({"Metadata": {}}, KEPT, id="with empty metadata"),
        pytest.param({"Metadata": None}, KEPT, id="with metadata that is null"),
    ],
)
def test_a_resource_is_kept_with_all_else_it_has(
    given: dict[str, Any], added: dict[str, Any]
) -> None:
    """Whatever it said before of its end; JSON stays JSON."""
    before = template(Role1={**ROLE, **given}, Policy1=ROLE)

    after = retaining(before)

    assert unretained(before) == ("Role1", "Policy1")
    assert json.loads(after) == {
        "Resources": {"Role1": {**ROLE, **given, **added}, "Policy1": {**ROLE, **KEPT}},
        "Outputs": {"A": {"Value": "b"}},
    }
    assert unretained(after) == ()
    assert retaining(after) == after


def test_a_template_in_yaml_keeps_its_lines() -> None:
    """Comments, short forms and indentation stay; the new keys are lines of theirs."""
    before = """\
# ours
Resources:
    Role1:
        Type: AWS::IAM::Role  # a role
        Metadata:
          a: !Sub "${b}"
        DeletionPolicy: Delete
    Policy1: {Type: "AWS::IAM::Policy", Properties: {Roles: [!Ref Role1]}}
Outputs: {A: {Value: !GetAtt Role1.Arn}}
"""

    after = retaining(before)

    assert (
        after
        == """\
# ours
Resources:
    Role1:
        Type: AWS::IAM::Role  # a role
        Metadata:
          "eks-irsa": "retained"
          a: !Sub "${b}"
        DeletionPolicy: "Retain"
    Policy1: {"DeletionPolicy": "Retain", "Metadata": {"eks-irsa": "retained"}, \
Type: "AWS::IAM::Policy", Properties: {Roles: [!Ref Role1]}}
Outputs: {A: {Value: !GetAtt Role1.Arn}}
"""
    )
    assert unretained(after) == ()
    assert yaml.compose(after, Loader=yaml.SafeLoader)


@pytest.mark.parametrize("null", ["", " ~", " null  # none"])
def test_metadata_of_yaml_that_is_null_becomes_a_map(null: str) -> None:
    """A second key of that name would be refused."""
    before = f"Resources:\n  A:\n    Metadata:{null}\n    Type: B\n"

    after = retaining(before)

    assert after.count("Metadata") == 1
    assert yaml.safe_load(after)["Resources"]["A"] == {"Type": "B", **KEPT}


def test_json_as_a_text_may_be_indented_by_tabs() -> None:
    """YAML, which reads all other JSON, may not."""
    text = json.dumps({"Resources": {"Role1": ROLE}}, indent="\t")

    assert unretained(template_text(text)) == ("Role1",)


def test_json_with_a_key_twice_is_refused() -> None:
    """Nobody knows which one counts."""
    with pytest.raises(ValueError, match="has the key 'A' twice"):
        template_text('{"Resources": {"A": {}, "A": {}}}')


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(
            "Resources: {}\nResources: {}\n", "the key 'Resources' twice", id="top"
        ),
        pytest.param("Resources: {A: {}, A: {}}", "the key 'A' twice", id="resource"),
        pytest.param(
            "Resources: {A: {DeletionPolicy: Retain, DeletionPolicy: Delete}}",
            "the resource 'A' of the template has the key 'DeletionPolicy' twice",
            id="policy",
        ),
        pytest.param(
            "Resources: {A: {Metadata: b}}", "Metadata of a resource", id="metadata"
        ),
        pytest.param("[]", "the template has no Resources", id="list"),
        pytest.param("Resources: [", "the template cannot be read: ", id="no YAML"),
        pytest.param(
            "Resources: {A: b}", "the resource 'A' of the template is none", id="text"
        ),
    ],
)
def test_what_is_no_template_is_said(text: str, reason: str) -> None:
    """Nothing is guessed of it."""
    with pytest.raises(ValueError, match=reason):
        unretained(text)
