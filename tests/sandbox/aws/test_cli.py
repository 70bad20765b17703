"""The `aws` command as a kubeconfig runs it: `aws eks get-token`."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.aws.cli import CLUSTERS_VARIABLE, install_cli, main, write_clusters

GET_TOKEN = ["eks", "get-token", "--cluster-name", "cluster-13"]
IN_REGION = [*GET_TOKEN, "--region", "us-west-2"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Know one cluster."""
    path = tmp_path / "clusters.json"
    write_clusters(path, {("us-west-2", "cluster-13"): "sesame"})
    return {CLUSTERS_VARIABLE: str(path)}


@pytest.mark.parametrize(
    "options",
    [
        pytest.param([], id="as EKS writes it"),
        pytest.param(["--output", "json"], id="output"),
        pytest.param(
            ["--profile", "p", "--role-arn", "arn:aws:iam::410987654321:role/r"],
            id="profile and role",
        ),
    ],
)
def test_token_of_the_cluster_is_printed(
    environment: dict[str, str], options: list[str]
) -> None:
    """An ExecCredential, as client-go takes it."""
    printed = json.loads(main([*IN_REGION, *options], environment))

    expires = datetime.fromisoformat(printed["status"].pop("expirationTimestamp"))
    assert 0 < (expires - datetime.now(UTC)).total_seconds() <= 14 * 60
    assert printed == {
        "kind": "ExecCredential",
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "spec": {},
        "status": {"token": "sesame"},
    }


def test_global_options_may_stand_before_the_command(
    environment: dict[str, str],
) -> None:
    """Kubeconfigs that `aws eks update-kubeconfig` writes put the region first."""
    first = ["--region", "us-west-2", *GET_TOKEN]

    answer = json.loads(main([*first, "--output", "json"], environment))

    assert answer["kind"] == "ExecCredential"


def test_region_may_come_from_the_environment(environment: dict[str, str]) -> None:
    """As with the real command."""
    printed = main(GET_TOKEN, {**environment, "AWS_REGION": "us-west-2"})

    assert json.loads(printed)["status"].keys() == {"expirationTimestamp", "token"}


@pytest.mark.parametrize(
    ("arguments", "status", "text"),
    [
        pytest.param(
            [*GET_TOKEN[:3], "cluster-14", "--region", "us-west-2"],
            254,
            "An error occurred (ResourceNotFoundException) when calling the "
            "DescribeCluster operation: No cluster found for name: cluster-14.",
            id="other cluster",
        ),
        pytest.param(
            [*GET_TOKEN, "--region", "eu-west-1"],
            254,
            "An error occurred (ResourceNotFoundException) when calling the "
            "DescribeCluster operation: No cluster found for name: cluster-13.",
            id="other region",
        ),
        pytest.param(GET_TOKEN, 252, "You must specify a region.", id="no region"),
        pytest.param(
            ["s3", "ls"],
            252,
            "the sandbox's aws does not cover 'aws s3 ls'",
            id="other command",
        ),
    ],
)
def test_anything_else_is_refused(
    environment: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    status: int,
    text: str,
) -> None:
    """The token is for the cluster of that name and region only."""
    with pytest.raises(SystemExit) as ended:
        main(arguments, environment)

    assert ended.value.code == status
    assert capsys.readouterr().err == f"\n{text}\n"


def test_tokens_are_for_their_owner_only(
    environment: dict[str, str],
) -> None:
    """The file holds secrets, if only the sandbox's."""
    mode = Path(environment[CLUSTERS_VARIABLE]).stat().st_mode

    assert mode & 0o777 == 0o600


def test_installed_command_runs_anywhere(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """As the Kubernetes provider starts it: by its name, from some folder."""
    executable = install_cli(tmp_path / "bin dir", python=Path(sys.executable))

    done = subprocess.run(  # noqa: S603 - the command under test
        ["aws", *IN_REGION],  # noqa: S607 - found on PATH, as a kubeconfig has it
        cwd=tmp_path,
        env={**environment, "PATH": f"{executable.parent}:{os.environ['PATH']}"},
        check=True,
        capture_output=True,
        text=True,
    )

    printed = json.loads(done.stdout)
    assert (printed["kind"], done.stderr) == ("ExecCredential", "")


def test_what_it_does_not_cover_goes_to_the_users_own(tmp_path: Path) -> None:
    """So that every other command of the docs can be tried in the sandbox."""
    double = install_cli(tmp_path / "double", python=Path(sys.executable))
    own = tmp_path / "own/aws"
    own.parent.mkdir()
    own.write_text('#!/bin/sh\necho "own $* $AWS_ENDPOINT_URL"\n')
    own.chmod(0o755)
    environment = {
        "PATH": os.pathsep.join([str(double.parent), str(own.parent), "/bin"]),
        "AWS_ENDPOINT_URL": "http://sandbox",
    }

    done = subprocess.run(  # noqa: S603 - what was just written
        [double, "iam", "list-roles"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "own iam list-roles http://sandbox\n"
