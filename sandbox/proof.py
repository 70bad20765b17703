"""The proof: who gets credentials for a role, and who is refused, and by which words.

For a service account a token is requested from the API server, as the kubelet does for
a pod, and taken to STS. STS checks it against the trust policy that IAM holds now.
Every other token is refused by the same endpoint. `pod_identity_proof` does the same
for EKS Pod Identity.
"""

import os
import subprocess
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sandbox.aws.clients import anonymous
from sandbox.proof_tokens import (
    OWN_TOKEN,
    REFUSED_TOKENS,
    Attempt,
    attempted,
    neighbours,
)
from sandbox.session import Sandbox

__all__ = [
    "AUDIENCE",
    "OWN_TOKEN",
    "REFUSED_TOKENS",
    "Attempt",
    "prove",
    "sdk_call",
    "sdk_identity",
]

AUDIENCE: Final = "sts.amazonaws.com"
# Any call will do; this one needs no permission.
_CALL: Final = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"


def prove(
    sandbox: Sandbox, *, namespace: str, service_account: str, role_arn: str
) -> list[Attempt]:
    """Try a role with the token of its service account and with every wrong one.

    Args:
        sandbox: Where the account and the role are.
        namespace: Namespace of the service account.
        service_account: Name of the service account.
        role_arn: The role it is annotated with.

    Returns:
        The attempts: the account's own token first, then those of `REFUSED_TOKENS`.
    """
    plane = sandbox.control_plane
    with neighbours(plane, namespace, service_account, audience=AUDIENCE) as subject:
        tokens = {OWN_TOKEN: subject.token()}
        tokens |= {kind: make(subject) for kind, make in REFUSED_TOKENS.items()}
    return [_attempt(sandbox, kind, role_arn, token) for kind, token in tokens.items()]


def sdk_identity(sandbox: Sandbox, *, role_arn: str, token: str, folder: Path) -> str:
    """Let the AWS SDK do, in a process of its own, what it does in a pod.

    The process gets nothing but what EKS's pod identity webhook sets, and the way to
    the sandbox's AWS.

    Args:
        sandbox: Where the role is.
        role_arn: Value of AWS_ROLE_ARN.
        token: Content of the file that AWS_WEB_IDENTITY_TOKEN_FILE names.
        folder: Where that file is written.

    Returns:
        ARN as which the SDK's calls are made.
    """
    return sdk_call(
        sandbox,
        token=token,
        folder=folder,
        token_variable="AWS_WEB_IDENTITY_TOKEN_FILE",  # noqa: S106 - a variable's name
        variables={"AWS_ROLE_ARN": role_arn},
    )


def sdk_call(
    sandbox: Sandbox,
    *,
    token: str,
    folder: Path,
    token_variable: str,
    variables: Mapping[str, str],
) -> str:
    """Let the AWS SDK ask who it is, in a process that knows a token and little else.

    Args:
        sandbox: Whose AWS it reaches.
        token: Content of the token's file.
        folder: Where that file is written.
        token_variable: The variable that names the file.
        variables: Further variables.

    Returns:
        ARN as which the SDK's calls are made.
    """
    file = folder / f"token-{uuid.uuid4()}"
    file.touch(mode=0o600)
    file.write_text(token, encoding="utf-8")
    environment = {
        **sandbox.aws.anonymous_environment(),
        "PATH": os.environ.get("PATH", ""),
        **variables,
        token_variable: str(file),
    }
    done = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", _CALL],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout.strip()


def _attempt(sandbox: Sandbox, kind: str, role_arn: str, token: str) -> Attempt:
    def ask() -> str:
        answer = anonymous(sandbox.aws, "sts").assume_role_with_web_identity(
            RoleArn=role_arn, RoleSessionName="proof", WebIdentityToken=token
        )
        return str(answer["AssumedRoleUser"]["Arn"])

    return attempted(kind, ask)
