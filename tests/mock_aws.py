# ruff: noqa: ANN401 - what the SDK hands over to its mocks has bare dicts
"""What AWS answers a program on the mock engine: one AWS account with one EKS cluster.

An invoke that nobody announced is an error. What only AWS knows (ARNs, ids) is unknown
in a preview.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import grpc
from pulumi.runtime import mocks, rpc

__all__ = [
    "ACCOUNT_ID",
    "CLUSTER_ARN",
    "ISSUER_URL",
    "READ_STATE",
    "Invokes",
    "MockAws",
    "described_cluster",
]

ACCOUNT_ID: Final = "111122223333"
ISSUER_URL: Final = (
    "https://oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
)
CLUSTER_ARN: Final = f"arn:aws:eks:us-west-2:{ACCOUNT_ID}:cluster/cluster-13"
READ_STATE: Final = "pulumi:pulumi:readStackResourceOutputs"

Told = Mapping[str, Any] | str
Answer = Told | Callable[[Mapping[str, Any]], Told]
"""The result of an invoke, the text it fails with, or what gives it from the inputs."""
Invokes = Mapping[str, Answer]

_PARTITIONS: Final = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


def described_cluster(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the EKS cluster that a program asks for.

    Args:
        asked: `name`, and `region`. Default of the region: that of the provider,
            `us-west-2`.
    """
    name, region = asked["name"], asked.get("region") or "us-west-2"
    partition = _partition(region)
    domain = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    issuer = ISSUER_URL.replace("us-west-2.amazonaws.com", f"{region}.{domain}")
    return {
        "arn": f"arn:{partition}:eks:{region}:{ACCOUNT_ID}:cluster/{name}",
        "name": name,
        "endpoint": f"https://{name}.test",
        "certificateAuthorities": [{"data": "Q0E="}],
        "identities": [{"oidcs": [{"issuer": issuer}]}],
    }


_ANSWERS: Final[Invokes] = {
    "aws:eks/getCluster:getCluster": described_cluster,
    "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider": (
        "reading IAM OIDC Provider: couldn't find resource"
    ),
    "aws:iam/getRole:getRole": "reading IAM Role (x): couldn't find resource",
    "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT_ID},
    "aws:index/getPartition:getPartition": {"partition": "aws"},
    # A stack that never ran.
    READ_STATE: {"outputs": {}},
}


class _InvokeFailedError(grpc.RpcError):
    """A provider's refusal, in the form in which the engine hands it on."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._text = text

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return self._text


class MockAws(mocks.Mocks):
    """Answers invokes, and gives resources what AWS would.

    Args:
        answers: Token of an invoke -> its answer, over those of an AWS account whose
            cluster has no OIDC provider.
        returned: Type of a resource -> properties that AWS returns in `up` instead of
            those to be expected.
        preview: What only AWS knows stays unknown.
    """

    def __init__(
        self,
        answers: Invokes,
        returned: Mapping[str, Mapping[str, object]],
        *,
        preview: bool,
    ) -> None:
        """Hold the answers."""
        self._answers = {**_ANSWERS, **answers}
        self._returned = returned
        self._preview = preview

    def new_resource(self, args: Any) -> tuple[str | None, dict[str, Any]]:
        """Return id and state of a resource that is made or read."""
        known = f"{args.name}-id" if not self._preview else None
        if args.typ.endswith(":OpenIdConnectProvider") and args.resource_id:
            return args.resource_id, {"arn": args.resource_id}
        inputs: dict[str, Any] = args.inputs
        seen = {key: rpc.unwrap_rpc_secret(value) for key, value in inputs.items()}
        state = {**inputs, **self._added(args.typ, args.name, seen)}
        if not self._preview:
            state |= self._returned.get(args.typ, {})
        return known, state

    def _added(self, kind: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return what AWS adds to the inputs of a resource that it makes."""
        if kind == "aws:iam/role:Role":
            name = inputs.get("name") or f"{name}-0123abc"
            # The role is in the partition of the provider that it trusts.
            trust = str(inputs.get("assumeRolePolicy"))
            partition = (re.findall(r"arn:([^:]+):iam:", trust) or ["aws"])[0]
            path = inputs.get("path") or "/"
            arn = f"arn:{partition}:iam::{ACCOUNT_ID}:role{path}{name}"
            return {"name": name} | ({} if self._preview else {"arn": arn})
        if kind.endswith(":OpenIdConnectProvider") and not self._preview:
            issuer = str(inputs["url"]).removeprefix("https://")
            partition = _partition(issuer.removeprefix("oidc.eks."))
            arn = f"arn:{partition}:iam::{ACCOUNT_ID}:oidc-provider/{issuer}"
            return {"arn": arn}
        return {}

    def call(self, args: Any) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        """Answer an invoke.

        Raises:
            AssertionError: Nobody announced it.
        """
        answer = self._answers.get(args.token)
        if answer is None:
            msg = f"unexpected invoke of {args.token}"
            raise AssertionError(msg)
        if callable(answer):
            answer = answer(args.args)
        if isinstance(answer, str):
            raise _InvokeFailedError(answer)
        return dict(answer), []


def _partition(region: str) -> str:
    prefixes = (one for one in _PARTITIONS if region.startswith(one))
    return _PARTITIONS.get(next(prefixes, ""), "aws")
