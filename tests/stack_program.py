"""The stack program on the engine that only records."""

import json
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from eks_irsa.plan.associations import ExistingAssociation
from eks_irsa.plan.transitions import ExistingServiceAccount
from eks_irsa.testing import Deployment, Secret, deploy
from eks_irsa.testing.mock_aws import Invokes

__all__ = ["ROOT", "entry", "program"]

ROOT: Final = Path(__file__).parents[1]


def program(  # noqa: PLR0913 - each is one thing a test may choose
    folder: Path,
    *,
    text: str | None = None,
    answers: Invokes | None = None,
    preview: bool = False,
    aws: Mapping[str, str] | None = None,
    secrets: Collection[str] = (),
    service_accounts: Mapping[str, ExistingServiceAccount] = MappingProxyType({}),
    associations: Mapping[str, ExistingAssociation] | None = MappingProxyType({}),
    **settings: object,
) -> Deployment:
    """Run the stack program on cluster-13's file, or on *text*.

    Args:
        folder: Of the project; it is filled.
        text: A ClusterConfig in place of cluster-13's.
        answers: As for `eks_irsa.testing.deploy`.
        preview: As for `eks_irsa.testing.deploy`.
        aws: Settings of the AWS provider, without `aws:`.
        secrets: Settings whose values are secret, `<namespace>:<key>`.
        service_accounts: What the API server has, by `<namespace>/<name>`.
        associations: As for `eks_irsa.testing.deploy`.
        settings: Settings of the stack; what is no text is written as JSON.
    """
    shutil.copy(ROOT / "__main__.py", folder)
    shutil.copytree(ROOT / "stacks", folder / "stacks", dirs_exist_ok=True)
    file = "stacks/cluster-13.yaml"
    if text is not None:
        (folder / file).write_text(text, encoding="utf-8")
    config = {"eks-irsa:clusterConfig": file}
    config |= {
        f"eks-irsa:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in settings.items()
    }
    config |= {f"aws:{key}": value for key, value in (aws or {}).items()}
    return deploy(
        folder,
        config={
            key: Secret(value) if key in secrets else value
            for key, value in config.items()
        },
        answers=answers,
        preview=preview,
        service_accounts=service_accounts,
        associations=associations,
    )


def entry(name: str, extra: str = "") -> str:
    """Word a ClusterConfig of cluster-13 with one entry apps/<name>."""
    return (
        "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\n"
        "metadata: {name: cluster-13, region: us-west-2}\n"
        "iam:\n  withOIDC: true\n  serviceAccounts:\n"
        f"  - metadata: {{name: {name}, namespace: apps}}\n"
        "    attachPolicyARNs: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]\n"
        f"{extra}"
    )
