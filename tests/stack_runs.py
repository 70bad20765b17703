"""Runs of the repository's own stack program on the mock engine."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from eks_irsa.testing import Deployment, ExistingAssociation, deploy
from eks_irsa.testing.mock_aws import READ_STATE, Invokes

__all__ = ["KUBECONFIG", "Project", "cluster_config"]

KUBECONFIG: Final = "kubeconfig.json"
_ROOT: Final = Path(__file__).parents[1]
_CONFIG_FILE: Final = "cluster.yaml"


class Project:
    """A folder with the stack program.

    Args:
        folder: An empty folder.
        kubeconfig: What a setting `kubeconfig` finds under the path `KUBECONFIG`.

    Attributes:
        states: What runs left that others begin with; the caller's to fill.
    """

    def __init__(self, folder: Path, *, kubeconfig: str) -> None:
        """Write program and kubeconfig into the folder."""
        self._program = Path(shutil.copy(_ROOT / "__main__.py", folder))
        self.states: dict[str, Mapping[str, object]] = {}
        (folder / KUBECONFIG).write_text(kubeconfig, encoding="utf-8")

    def run(  # noqa: PLR0913 - each is one thing a run may find
        self,
        content: str | bytes,
        *,
        config: Mapping[str, str] | None = None,
        answers: Invokes | None = None,
        state: Mapping[str, object] | None = None,
        associations: Mapping[str, str] | None = None,
        preview: bool = False,
    ) -> Deployment:
        """Run the stack program.

        Args:
            content: Content of the ClusterConfig.
            config: Pulumi's configuration, `<namespace>:<key>` -> text.
            answers: Token of an invoke -> its answer.
            state: What the stack's state holds, as a `Deployment` gives it.
                Default: nothing, it never ran.
            associations: What EKS has, `<namespace>/<name>` -> id. Default: none.
            preview: Preview instead of `up`.
        """
        folder = self._program.parent
        raw = content.encode() if isinstance(content, str) else content
        (folder / _CONFIG_FILE).write_bytes(raw)
        whole = {"eks-irsa:clusterConfig": _CONFIG_FILE, **(config or {})}
        recorded: Invokes = {READ_STATE: {"outputs": state or {}}}
        return deploy(
            folder,
            config=whole,
            answers={**recorded, **(answers or {})},
            preview=preview,
            service_accounts=None,
            associations={
                key: ExistingAssociation(id=one)
                for key, one in (associations or {}).items()
            },
            check=False,
        )


def cluster_config(entries: Mapping[str, Mapping[str, object]]) -> str:
    """Write the ClusterConfig of cluster-13.

    Args:
        entries: `<namespace>/<name>` -> the other keys of the entry; `metadata` is
            added to.
    """
    accounts: list[dict[str, object]] = []
    for key, given in entries.items():
        namespace, _, name = key.partition("/")
        metadata: object = given.get("metadata", {})
        assert isinstance(metadata, dict)
        place = {"name": name, "namespace": namespace}
        accounts.append({**given, "metadata": place | metadata})
    return json.dumps(
        {
            "apiVersion": "eksctl.io/v1alpha5",
            "kind": "ClusterConfig",
            "metadata": {"name": "cluster-13", "region": "us-west-2"},
            "iam": {"withOIDC": True, "serviceAccounts": accounts},
        }
    )
