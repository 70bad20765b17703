"""The `aws` command, as far as a kubeconfig of EKS needs it: `aws eks get-token`.

Whatever else is asked goes to the next `aws` on PATH.

It prints the sandbox's administrator token for the cluster of exactly that name and
region. The real command prints a presigned call to STS, which EKS checks; the sandbox's
API server knows its administrator by a fixed token. Nothing heavy is imported: kubectl
and the Kubernetes provider wait for it.

Source:
    https://awscli.amazonaws.com/v2/documentation/api/latest/reference/eks/get-token.html
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shlex import quote
from typing import Final, NoReturn

__all__ = ["CLUSTERS_VARIABLE", "install_cli", "main", "write_clusters"]

# Names the file that `write_clusters` wrote.
CLUSTERS_VARIABLE: Final = "EKS_IRSA_SANDBOX_CLUSTERS"
# Names the folder of the executable, behind which on PATH is the user's own `aws`.
_OWN_FOLDER: Final = "EKS_IRSA_SANDBOX_AWS"

# What the CLI ends with. Source:
# https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-returncodes.html
_USAGE_ERROR: Final = 252
_CLIENT_ERROR: Final = 254
# Source: aws/aws-cli, awscli/customizations/eks/get_token.py, TOKEN_EXPIRATION_MINS
_TOKEN_LIFETIME: Final = timedelta(minutes=14)
_API_VERSION: Final = "client.authentication.k8s.io/v1beta1"


def write_clusters(path: Path, tokens: Mapping[tuple[str, str], str]) -> None:
    """Write the file that `CLUSTERS_VARIABLE` is to name, readable by its owner only.

    Args:
        path: Where; what is there is replaced.
        tokens: (region, cluster name) -> bearer token of its administrator.
    """
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(
        json.dumps(
            {f"{region}/{name}": token for (region, name), token in tokens.items()}
        )
    )


def install_cli(directory: Path, *, python: Path) -> Path:
    """Write an executable `aws` that runs this module.

    Args:
        directory: Put it first on PATH; made if it is missing.
        python: Interpreter that runs it.

    Returns:
        The executable.
    """
    directory.mkdir(parents=True, exist_ok=True)
    executable = directory / "aws"
    root = Path(__file__).resolve().parents[2]
    executable.write_text(
        "#!/bin/sh\n"
        f"{_OWN_FOLDER}={quote(str(directory))} PYTHONPATH={quote(str(root))} "
        f'exec {quote(str(python))} -m sandbox.aws.cli "$@"\n'
    )
    executable.chmod(0o755)
    return executable


def _hand_over(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Become the next `aws` on PATH; return if there is none."""
    own = environment.get(_OWN_FOLDER)
    folders = environment.get("PATH", "").split(os.pathsep)
    others = (folder for folder in folders if own and folder != own)
    if real := shutil.which("aws", path=os.pathsep.join(others)):
        # Its interpreter may be another.
        left = {key: one for key, one in environment.items() if key != "PYTHONPATH"}
        os.execve(real, [real, *arguments], left)  # noqa: S606 - no shell


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """Answer one command line.

    Args:
        arguments: Without the program's name.
        environment: `CLUSTERS_VARIABLE`, and `AWS_REGION` or `AWS_DEFAULT_REGION`
            where no `--region` is given.

    Returns:
        What goes to standard output.

    Raises:
        SystemExit: With the CLI's status and text, if there is no such cluster, or
            with the sandbox's text for any other command where no other `aws` is on
            PATH; that one takes the place of this process otherwise.
    """
    if list(arguments) == ["--version"]:
        return "aws-cli/2 (the double of the eks-irsa sandbox)"
    before, rest = _global_options().parse_known_args(arguments)
    if rest[:2] != ["eks", "get-token"]:
        _hand_over(arguments, environment)
        command = " ".join(rest[:2])
        _fail(_USAGE_ERROR, f"the sandbox's aws does not cover 'aws {command}'")
    parsed = _parser().parse_args(rest[2:], before)
    region = (
        parsed.region
        or environment.get("AWS_REGION")
        or environment.get("AWS_DEFAULT_REGION")
    )
    if not region:
        # Source: botocore.exceptions.NoRegionError, as the CLI prints it
        _fail(_USAGE_ERROR, "You must specify a region.")
    token = _tokens(environment).get(f"{region}/{parsed.cluster_name}")
    if token is None:
        # The real command would print a token EKS refuses; DescribeCluster's text is
        # kinder. Source: moto 5.2.5, moto/eks/models.py (taken from the API)
        _fail(
            _CLIENT_ERROR,
            "An error occurred (ResourceNotFoundException) when calling the "
            f"DescribeCluster operation: No cluster found for name: "
            f"{parsed.cluster_name}.",
        )
    expires = datetime.now(UTC) + _TOKEN_LIFETIME
    credential = {
        "kind": "ExecCredential",
        "apiVersion": _API_VERSION,
        "spec": {},
        "status": {
            "expirationTimestamp": expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "token": token,
        },
    }
    return json.dumps(credential, indent=4)


def _global_options() -> argparse.ArgumentParser:
    """Parse what may stand before the command too, as kubeconfigs of EKS have it."""
    parser = argparse.ArgumentParser(prog="aws", add_help=False, allow_abbrev=False)
    parser.add_argument("--region")
    parser.add_argument("--profile")
    parser.add_argument("--output", choices=["json"])
    return parser


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="aws eks get-token", allow_abbrev=False)
    parser.add_argument("--cluster-name", required=True)
    parser.add_argument("--role-arn")
    return parser


def _tokens(environment: Mapping[str, str]) -> Mapping[str, str]:
    path = environment.get(CLUSTERS_VARIABLE)
    if not path:
        _fail(_CLIENT_ERROR, f"{CLUSTERS_VARIABLE} names no file of clusters")
    tokens: dict[str, str] = json.loads(Path(path).read_text())
    return tokens


def _fail(status: int, text: str) -> NoReturn:
    sys.stderr.write(f"\n{text}\n")
    raise SystemExit(status)


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:], os.environ) + "\n")
