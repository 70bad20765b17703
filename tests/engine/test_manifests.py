"""What `eks-irsa synth --output yaml` prints, applied to a real API server.

Each document is sent as `kubectl apply --server-side` sends it, its text untouched, so
that it is the YAML library of Kubernetes that reads it.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner

from eks_irsa.cli.commands import commands
from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

_CONFIG: Final = """\
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: manifests, region: us-west-2}
iam:
  withOIDC: true
  serviceAccounts:
  - metadata:
      name: "1e3"
      namespace: "0x10"
      labels: {"on": "yes", "1": "2030-01-01", "null": "null", octal: "0o17", empty: }
      annotations:
        folded: "a\\nb: c # d\\ttab \\u2028 é"
        quoted: "\\"'\\\\"
        number: "12_30"
    attachPolicyARNs: ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
  - metadata: {name: patched, namespace: manifests-b, annotations: {ours: added}}
    attachRoleARN: arn:aws:iam::111122223333:role/existing
  - metadata: {name: role-only, namespace: manifests-c}
    attachPolicyARNs: ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    roleOnly: true
"""
_ROLE_ARN: Final = "eks.amazonaws.com/role-arn"


def applied(sandbox: Sandbox, document: str) -> dict[str, Any]:
    """Apply one document; give the metadata of the object it became."""
    kind, name = (re.search(rf"{key}: (.*)", document) for key in ("kind", "  name"))
    assert kind
    assert name
    path = f"/api/v1/namespaces/{name[1].strip(chr(34))}"
    if kind[1] == "ServiceAccount":
        namespace = re.search(r"  namespace: (.*)", document)
        assert namespace
        folder = f"/api/v1/namespaces/{namespace[1].strip(chr(34))}/serviceaccounts"
        path = f"{folder}/{name[1].strip(chr(34))}"
    answer = sandbox.control_plane.request(
        method="PATCH",
        path=f"{path}?fieldManager=gitops&fieldValidation=Strict",
        body=document.encode(),
        content_type="application/apply-patch+yaml",
    )
    assert answer.status in {200, 201}, answer.text
    return answer.document["metadata"]


def made(sandbox: Sandbox, *, path: str, metadata: Mapping[str, object]) -> None:
    """Make an object that is there before."""
    answer = sandbox.control_plane.request(
        method="POST", path=path, body={"metadata": metadata}
    )
    assert answer.status == 201, answer.text


def test_manifests_are_what_the_plan_says_to_kubernetes_too(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Texts that look like numbers stay texts, and what others wrote stays as it is."""
    (tmp_path / "cluster.yaml").write_text(_CONFIG, encoding="utf-8")
    (tmp_path / "Pulumi.dev.yaml").write_text(
        "config: {'eks-irsa:patchExisting': [manifests-b/patched]}\n", "utf-8"
    )
    made(sandbox, path="/api/v1/namespaces", metadata={"name": "manifests-b"})
    made(
        sandbox,
        path="/api/v1/namespaces/manifests-b/serviceaccounts",
        metadata={"name": "patched", "labels": {"app": "x"}, "annotations": {"a": "b"}},
    )
    result = CliRunner().invoke(
        commands,
        [
            "synth",
            str(tmp_path / "cluster.yaml"),
            f"--settings={tmp_path / 'Pulumi.dev.yaml'}",
            "--account-id=111122223333",
            "--issuer-url=https://oidc.eks.us-west-2.amazonaws.com/id/0123",
            "--output=yaml",
        ],
        catch_exceptions=False,
    )
    assert result.exit_code == 0, result.output
    comment, *documents = result.stdout.split("---\n")

    objects = [applied(sandbox, document) for document in documents]

    names = [f"{one.get('namespace', '')}/{one['name']}" for one in objects]
    assert names == ["/0x10", "/manifests-b", "0x10/1e3", "manifests-b/patched"]
    assert all(line.startswith("# ") for line in comment.splitlines())
    *_, created, patched = objects
    assert created["labels"] == {
        "app.kubernetes.io/managed-by": "eks-irsa",
        "on": "yes",
        "1": "2030-01-01",
        "null": "null",
        "octal": "0o17",
        "empty": "",
    }
    role = created["annotations"].pop(_ROLE_ARN)
    assert role.startswith("arn:aws:iam::111122223333:role/manifests-0x10-1e3-")
    assert created["annotations"] == {
        "folded": "a\nb: c # d\ttab \u2028 é",
        "quoted": "\"'\\",
        "number": "12_30",
    }
    assert patched["labels"] == {"app": "x"}
    assert patched["annotations"] == {
        "a": "b",
        "ours": "added",
        _ROLE_ARN: "arn:aws:iam::111122223333:role/existing",
    }
