"""What `eks-irsa report` costs on a preview of 2,500 service accounts.

Prints the CPU time of whole processes, interpreter start included, for a preview of
10,000 resources in which one service account changes, and for one in which all do.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

_STACK: Final = "urn:pulumi:bench::bench::"
_COMPONENT: Final = "eks-irsa:index:IrsaServiceAccount"
_ACCOUNT_ID: Final = "123456789012"
_ISSUER: Final = "oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
_REPORT: Final = (
    "import sys; from eks_irsa.cli import main; sys.exit(main(sys.argv[1:]))"
)


def preview(service_accounts: int, *, changing: int) -> str:
    """Write a preview with four resources for each service account.

    Args:
        service_accounts: How many.
        changing: How many of them get one more action in their inline policy.
    """
    urn = f"{_STACK}pulumi:pulumi:Stack::bench"
    steps: list[Any] = [{"op": "same", "urn": urn, "oldState": {"urn": urn}}]
    for index in range(service_accounts):
        steps += _steps(index, is_changing=index < changing)
    return json.dumps({"steps": steps})


def _steps(index: int, *, is_changing: bool) -> Iterator[dict[str, Any]]:
    namespace, name = f"team-{index // 100}", f"worker-{index}"
    title, role = f"{namespace}/{name}", f"bench-{namespace}-{name}"
    component = f"{_STACK}{_COMPONENT}::{title}"
    arn = f"arn:aws:iam::{_ACCOUNT_ID}:role/{role}"
    account = {
        "name": name,
        "namespace": namespace,
        "annotations": {"eks.amazonaws.com/role-arn": arn},
    }
    given = {"namespace": namespace, "service_account_name": name}
    policy, wider = _policy(index), _policy(index, "s3:PutObject")
    trust = {"name": role, "path": "/", "assumeRolePolicy": _trust(namespace, name)}
    inline = {"name": "app", "role": role}
    for token, suffix, before, after in (
        ("", "", given, given),
        ("aws:iam/role:Role", "-role", trust, trust),
        (
            "aws:iam/rolePolicy:RolePolicy",
            ":app",
            {**inline, "policy": policy},
            {**inline, "policy": wider if is_changing else policy},
        ),
        (
            "kubernetes:core/v1:ServiceAccount",
            "-service-account",
            {"metadata": account},
            {"metadata": account},
        ),
    ):
        types = f"{_COMPONENT}${token}" if token else _COMPONENT
        step: dict[str, Any] = {
            "op": "same" if before == after else "update",
            "urn": f"{_STACK}{types}::{title}{suffix}",
        }
        if before != after:
            step["diffReasons"] = ["policy"]
        parent = component if token else ""
        step["oldState"] = {"inputs": before, "outputs": before, "parent": parent}
        step["newState"] = {"inputs": after, "parent": parent}
        yield step


def _policy(index: int, *actions: str) -> str:
    statement = {
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:ListBucket", *actions],
        "Resource": f"arn:aws:s3:::bucket-{index}/*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _trust(namespace: str, name: str) -> str:
    claims = {
        f"{_ISSUER}:aud": "sts.amazonaws.com",
        f"{_ISSUER}:sub": f"system:serviceaccount:{namespace}:{name}",
    }
    provider = f"arn:aws:iam::{_ACCOUNT_ID}:oidc-provider/{_ISSUER}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": claims},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _cpu_seconds(text: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "preview.json"
        file.write_text(text, encoding="utf-8")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(  # noqa: S603 - this interpreter
            [sys.executable, "-c", _REPORT, "report", str(file)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--service-accounts", type=int, default=2_500)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    for changing in (1, options.service_accounts):
        text = preview(options.service_accounts, changing=changing)
        found = sorted(_cpu_seconds(text) for _ in range(options.runs))
        shown = ", ".join(f"{one:.2f}" for one in found)
        print(f"{changing:,} changing: {shown} s of CPU")  # noqa: T201 - the result


if __name__ == "__main__":
    main()
