"""docs/handing-over.md: what is to be copied is right, and its loops do what they say.

tests/engine/test_handing_over.py runs that of Pulumi Deployments with the real CLI.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
import yaml
from pipelines import ROOT, two_stacks

from eks_irsa.cluster_config.entries import entries_of
from eks_irsa.cluster_config.reading import parse_cluster_config
from eks_irsa.documents.policy_statements import read_policy

PAGE: Final = (ROOT / "docs/handing-over.md").read_text(encoding="utf-8")
TEXT: Final = {"type": "string"}
SECRET: Final = {
    "type": "object",
    "properties": {"name": TEXT, "key": TEXT},
    "required": ["name", "key"],
    "additionalProperties": False,
}
# The operator's definitions are in no registry. What they say of a Stack's fields: of
# version 2, deploy/helm/pulumi-operator/crds/pulumi.com_stacks.yaml at commit 0d34c847.
STACK: Final = {
    "stack": TEXT,
    "projectRepo": TEXT,
    "branch": TEXT,
    "repoDir": TEXT,
    "backend": TEXT,
    "serviceAccountName": TEXT,
    "refresh": {"type": "boolean"},
    "destroyOnFinalize": {"type": "boolean"},
    "resyncFrequencySeconds": {"type": "integer", "minimum": 60},
    "envRefs": {
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "properties": {
                "type": {"enum": ["Env", "FS", "Secret", "Literal"]},
                "secret": SECRET,
            },
            "required": ["type"],
            "additionalProperties": False,
        },
    },
    "workspaceTemplate": {
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": {"image": TEXT}}},
        "additionalProperties": False,
    },
}


def block(language: str, mark: str) -> str:
    """Give the only block of a language that holds a text."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    (text,) = [one for one in found if mark in one]
    return text


def check(objects: list[dict[str, Any]]) -> dict[str, Any]:
    """Hold the Stack among the objects to the operator's fields; give its spec."""
    (stack,) = [one for one in objects if one["kind"] == "Stack"]
    assert stack["apiVersion"] == "pulumi.com/v1"
    schema = {"type": "object", "properties": STACK, "additionalProperties": False}
    jsonschema.validate(stack["spec"], schema)
    return dict(stack["spec"])


def test_manifest_has_the_operators_fields_and_one_service_account() -> None:
    """The one with the role runs the stack, and may check who calls it."""
    binding, stack = yaml.safe_load_all(block("yaml", "kind: Stack"))
    (subject,) = binding["subjects"]
    config = parse_cluster_config(
        b"apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\n"
        b"metadata: {name: hub, region: eu-west-1}\n"
        + block("yaml", "roleName")
        .replace("iam:", "iam:\n  withOIDC: true", 1)
        .encode(),
        source="page",
    )
    (entry,) = entries_of(config.config)

    spec = check([stack])

    assert binding["roleRef"]["name"] == "system:auth-delegator"
    assert entry.key == f"{subject['namespace']}/{subject['name']}"
    assert spec["serviceAccountName"] == subject["name"]
    assert stack["metadata"]["namespace"] == subject["namespace"]


def test_unknown_field_of_the_operator_is_noticed() -> None:
    """The check above can fail."""
    text = block("yaml", "kind: Stack").replace("branch:", "ref:")

    with pytest.raises(jsonschema.ValidationError, match="'ref' was unexpected"):
        check([*yaml.safe_load_all(text)])


def run_loop(folder: Path, tool: str, script: str) -> str:
    """Run the page's loop that calls a tool, for which a script stands in.

    Returns:
        What the loop says on standard error.
    """
    tools = folder / "bin"
    tools.mkdir()
    (tools / tool).write_text(f"#!/bin/sh\n{script}\n")
    (tools / tool).chmod(0o755)
    (tools / "eks-irsa").symlink_to(Path(sys.executable).with_name("eks-irsa"))
    done = subprocess.run(  # noqa: S603 - the page's own text
        [shutil.which("sh") or "sh", "-eu", "-c", block("sh", tool)],
        cwd=folder,
        env={**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stderr


def test_loop_makes_a_stack_object_for_each_stack(tmp_path: Path) -> None:
    """Up to kubectl; each object has a name that Kubernetes takes."""
    two_stacks(tmp_path)
    settings = tmp_path / "stacks/Pulumi.green.yaml"
    settings.rename(settings.with_name("Pulumi.prod_EU.1.yaml"))
    manifest = block("yaml", "kind: Stack")
    (tmp_path / "stack.yaml").write_text(manifest, encoding="utf-8")

    run_loop(tmp_path, "kubectl", 'echo "$@" > called\ncat > applied.yaml')

    applied = yaml.safe_load_all((tmp_path / "applied.yaml").read_text())
    stacks = [one for one in applied if one and one["kind"] == "Stack"]
    assert (tmp_path / "called").read_text() == "apply -f -\n"
    assert [one["metadata"]["name"] for one in stacks] == [
        "eks-irsa-blue",
        "eks-irsa-prod-eu-1",
    ]
    assert [check([one])["stack"] for one in stacks] == [
        "ORGANIZATION/eks-irsa/blue",
        "ORGANIZATION/eks-irsa/prod_EU.1",
    ]


def test_loop_for_deployments_leaves_out_what_has_no_role(tmp_path: Path) -> None:
    """A stack is told and gets no settings, rather than a role named `-`."""
    two_stacks(tmp_path)
    settings = tmp_path / "stacks/Pulumi.green.yaml"
    text = settings.read_text(encoding="utf-8").replace("111122223333", "444455556666")
    settings.write_text(text, encoding="utf-8")
    role = "arn:aws:iam::444455556666:role/deploy"
    with (tmp_path / "stacks/accounts.yaml").open("a", encoding="utf-8") as file:
        file.write(f'- id: "444455556666"\n  deploy: {role}\n')

    said = run_loop(tmp_path, "pulumi", 'echo "$@" >> called')

    (call,) = (tmp_path / "called").read_text().splitlines()
    assert "blue: no role to deploy as\n" in said
    assert "--stack ORGANIZATION/eks-irsa/green " in call
    assert f"--oidc-aws-role-arn {role} " in call


def test_role_for_deployments_trusts_one_project_of_one_organization() -> None:
    """Both claims are pinned, and the subject up to the project."""
    text = block("json", "api.pulumi.com")
    read_policy(text)

    (statement,) = json.loads(text)["Statement"]

    assert statement["Condition"] == {
        "StringEquals": {"api.pulumi.com/oidc:aud": "ORGANIZATION"},
        "StringLike": {
            "api.pulumi.com/oidc:sub": (
                "pulumi:deploy:org:ORGANIZATION:project:eks-irsa:*"
            )
        },
    }
