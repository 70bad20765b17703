"""Which EKS cluster a kubeconfig means, as the usual tools write it."""

import json
from pathlib import Path
from typing import Any

import pytest

from eks_irsa.documents.kubeconfig import kubeconfig
from eks_irsa.live.kubeconfigs import kubeconfig_target
from eks_irsa.live.refusals import NotReachedError

ARN = "arn:aws:eks:eu-west-1:123456789012:cluster/shop"
SERVER = "https://0123456789ABCDEF.gr7.eu-central-1.eks.amazonaws.com"


def written(folder: Path, *, name: str = "any", **user: object) -> Path:
    """Write a kubeconfig of one context, all of whose names are *name*."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": SERVER}}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
    path = folder / f"{name.replace('/', '-')}.yaml"
    path.write_text(json.dumps(document))
    return path


def command(program: str, *arguments: str, **variables: str) -> dict[str, Any]:
    """Give the command of a user."""
    env = [{"name": key, "value": value} for key, value in variables.items()]
    version = "client.authentication.k8s.io/v1beta1"
    held = {"apiVersion": version, "command": program, "args": list(arguments)}
    return {"exec": {**held, "env": env}}


def test_what_the_aws_cli_writes_is_told_by_its_arn(tmp_path: Path) -> None:
    """So is what we write of a cluster."""
    path = tmp_path / "kubeconfig"
    text = kubeconfig(cluster_arn=ARN, endpoint=SERVER, certificate_authority="Y2E=")
    path.write_text(text)

    found = kubeconfig_target(str(path))

    assert (found.cluster_name, found.region, found.cluster_arn) == (
        "shop",
        "eu-west-1",
        ARN,
    )


@pytest.mark.parametrize(
    ("name", "user", "expected"),
    [
        pytest.param(
            "me@shop.eu-west-1.eksctl.io", {}, ("shop", "eu-west-1"), id="eksctl"
        ),
        pytest.param(
            "any",
            command("aws", "--region", "eu-west-1", "eks", "get-token",
                    "--cluster-name", "shop"),
            ("shop", "eu-west-1"),
            id="aws",
        ),
        pytest.param(
            "any",
            command("aws", "eks", "get-token", "--cluster-name=shop"),
            ("shop", "eu-central-1"),
            id="region-of-the-server",
        ),
        pytest.param(
            "any",
            command("aws-iam-authenticator", "token", "-i", "shop",
                    AWS_REGION="eu-west-3"),
            ("shop", "eu-west-3"),
            id="aws-iam-authenticator",
        ),
        pytest.param("any", {"token": "t"}, ("", "eu-central-1"), id="not-told"),
    ],
)  # fmt: skip
def test_what_other_tools_write_is_told_by_name_or_command(
    tmp_path: Path, name: str, user: dict[str, Any], expected: tuple[str, str]
) -> None:
    """Eksctl's context, the AWS CLI's arguments, the authenticator's."""
    found = kubeconfig_target(str(written(tmp_path, name=name, **user)))

    assert (found.cluster_name, found.region, found.cluster_arn) == (*expected, "")


def test_files_of_the_variable_are_laid_over_one_another(tmp_path: Path) -> None:
    """The first that has something has it; one that is missing is left out."""
    first, second = written(tmp_path, name="one"), written(tmp_path, name="two")
    environment = {"KUBECONFIG": f"{tmp_path}/none:{first}:{second}"}

    current = kubeconfig_target(environment=environment)
    other = kubeconfig_target(context="two", environment=environment)

    assert current.config.context_name == "one"
    assert other.config.context_name == "two"


def test_paths_are_those_beside_the_file(tmp_path: Path) -> None:
    """As kubectl reads them."""
    path = written(tmp_path, **{"client-key": "key.pem"})

    found = kubeconfig_target(str(path))

    assert found.config.user.client_key == str(tmp_path / "key.pem")


def test_kubeconfig_that_is_none_is_said(tmp_path: Path) -> None:
    """By its path."""
    text = tmp_path / "text"
    text.write_text("[]")

    with pytest.raises(NotReachedError, match=r"there is no kubeconfig .*/none$"):
        kubeconfig_target(str(tmp_path / "none"))
    with pytest.raises(NotReachedError, match=r"text is no kubeconfig$"):
        kubeconfig_target(str(text))
    with pytest.raises(NotReachedError, match="cannot be used: ConfigError: Context"):
        kubeconfig_target(str(written(tmp_path)), context="other")
