"""What `eks-irsa doctor --all` costs, by the number of service accounts.

Each service account has a role of its own, with an inline policy and a managed one that
all share; nothing runs as it. Prints calls to AWS and to the API server, and CPU and
wall seconds of the whole process; AWS and the API server are the sandbox's, on the same
machine.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any, Final

from sandbox.aws.clients import administrator
from sandbox.binaries import find_or_build
from sandbox.session import (
    Sandbox,
    forget_user_settings,
    issuer_url_of,
    open_sandbox,
)

_CLUSTER: Final = "bench"
_REGION: Final = "us-west-2"
_MANAGED: Final = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
_OWN: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}],
    }
)
_PER_NAMESPACE: Final = 50
# The command, which counts what it asks of the API server.
_COUNTED: Final = """\
import sys, httpx2
from eks_irsa.cli import main
asked, send = [], httpx2.Client.send
def counted(*given, **more):
    asked.append(1)
    return send(*given, **more)
httpx2.Client.send = counted
try:
    main(sys.argv[1:])
finally:
    print(len(asked), file=sys.stderr)
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", default="10,100,300", help="default: 10,100,300")
    options = parser.parse_args(arguments)
    for line in _report([int(size) for size in options.accounts.split(",")]):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def _report(sizes: Sequence[int]) -> Iterator[str]:
    yield f"Python {platform.python_version()}, {os.cpu_count()} cores"
    forget_user_settings()
    issuer_url = issuer_url_of(cluster=_CLUSTER, region=_REGION)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_sandbox(
            directory=Path(folder) / "sandbox",
            binaries=find_or_build(report=_unsaid),
            issuer_url=issuer_url,
            report=_unsaid,
            region=_REGION,
        ) as sandbox,
    ):
        sandbox.add_cluster(name=_CLUSTER, region=_REGION, issuer_url=issuer_url)
        iam = administrator(sandbox.aws, "iam")
        provider = iam.create_open_id_connect_provider(
            Url=issuer_url, ClientIDList=["sts.amazonaws.com"]
        )["OpenIDConnectProviderArn"]
        yield (
            f"{'accounts':>8}{'AWS calls':>11}{'API calls':>11}{'CPU s':>8}"
            f"{'wall s':>8}{'load':>6}"
        )
        made = 0
        for size in sorted(sizes):
            for number in range(made, size):
                _make(sandbox, iam, provider, number)
            made = size
            yield _row(sandbox, size)


def _unsaid(line: str) -> None:
    del line


def _make(sandbox: Sandbox, iam: Any, provider: str, number: int) -> None:  # noqa: ANN401 - boto3 has no types
    """Make a service account with a role of its own."""
    issuer = provider.partition(":oidc-provider/")[2]
    namespace, name = f"apps-{number // _PER_NAMESPACE}", f"web-{number}"
    subject = f"system:serviceaccount:{namespace}:{name}"
    pins = {f"{issuer}:sub": subject, f"{issuer}:aud": "sts.amazonaws.com"}
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": pins},
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]
    iam.attach_role_policy(RoleName=name, PolicyArn=_MANAGED)
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=_OWN)
    path = "/api/v1/namespaces"
    if not number % _PER_NAMESPACE:
        body: dict[str, Any] = {"metadata": {"name": namespace}}
        sandbox.control_plane.request(method="POST", path=path, body=body)
    annotations = {"eks.amazonaws.com/role-arn": role["Arn"]}
    body = {"metadata": {"name": name, "annotations": annotations}}
    path = f"{path}/{namespace}/serviceaccounts"
    answer = sandbox.control_plane.request(method="POST", path=path, body=body)
    assert answer.document["metadata"]["name"] == name, answer.text  # noqa: S101


def _row(sandbox: Sandbox, size: int) -> str:
    kubeconfig = str(sandbox.control_plane.kubeconfig)
    place = ("--cluster", _CLUSTER, "--region", _REGION, "--kubeconfig", kubeconfig)
    before, began = len(sandbox.aws.calls), getrusage(RUSAGE_CHILDREN)
    clock = time.monotonic()
    ran = subprocess.run(  # noqa: S603 - this file's own text
        [sys.executable, "-c", _COUNTED, "doctor", "--all", "--output", "json", *place],
        env={**os.environ, **sandbox.aws.environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    wall, ended = time.monotonic() - clock, getrusage(RUSAGE_CHILDREN)
    found = json.loads(ran.stdout)["diagnoses"] if ran.stdout else []
    wrong = Counter(one["verdict"] for one in found) - Counter({"D-WEBHOOK-NONE": size})
    if len(found) != size or wrong:
        message = f"{len(found)} of {size}, {wrong}: {ran.stderr}"
        raise RuntimeError(message)
    asked = int(ran.stderr.splitlines()[-1])
    cpu = ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime
    calls = len(sandbox.aws.calls) - before
    return (
        f"{size:>8,}{calls:>11,}{asked:>11,}{cpu:>8.1f}{wall:>8.1f}"
        f"{os.getloadavg()[0]:>6.0f}"
    )


if __name__ == "__main__":
    main()
