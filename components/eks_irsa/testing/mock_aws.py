# ruff: noqa: ANN401 - what the SDK hands over to its mocks has bare dicts
"""What AWS answers a program without a cloud: one AWS account, and its EKS clusters.

An invoke that nobody announced is an error. What only AWS knows (ARNs, ids) is unknown
in a preview.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import grpc  # type: ignore[import-untyped]  # the stubs are another package
from pulumi.runtime import mocks, rpc

from eks_irsa.documents.arns import partition_of_region
from eks_irsa.documents.pod_identity import AGENT_ADD_ON

__all__ = [
    "ACCOUNT_ID",
    "CLUSTER_ARN",
    "ISSUER_URL",
    "READ_STATE",
    "Invokes",
    "MockAws",
    "Returned",
    "described_cluster",
]

ACCOUNT_ID: Final = "111122223333"
ISSUER_URL: Final = (
    "https://oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
)
CLUSTER_ARN: Final = f"arn:aws:eks:us-west-2:{ACCOUNT_ID}:cluster/cluster-13"
_REGION: Final = "us-west-2"
_ASSOCIATION: Final = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
_EXISTS: Final = "EntityAlreadyExists"
READ_STATE: Final = "pulumi:pulumi:readStackResourceOutputs"

Told = Mapping[str, Any] | str
Answer = Told | Callable[[Mapping[str, Any]], Told]
"""The result of an invoke, the text it fails with, or what gives it from the inputs."""
Invokes = Mapping[str, Answer]
Returned = Mapping[str, Mapping[str, object]]
"""Type or name of a resource -> properties."""


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
    # The agent of EKS Pod Identity is there.
    "aws:eks/getAddon:getAddon": {"addonName": AGENT_ADD_ON},
    "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider": (
        "reading IAM OIDC Provider: couldn't find resource"
    ),
    "aws:iam/getRole:getRole": "reading IAM Role (x): couldn't find resource",
    "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT_ID},
    "aws:index/getPartition:getPartition": {"partition": "aws"},
    "aws:index/getRegion:getRegion": {"region": "us-west-2"},
    # A stack that never ran.
    READ_STATE: {"outputs": {}},
}


class _RefusedError(grpc.RpcError):  # type: ignore[misc]  # as above
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

    `eks_irsa.testing.deploy` uses it; a test of Pulumi's own form hands it to
    `pulumi.runtime.set_mocks`. A cluster of any name exists, without an OIDC provider:
    the first that is asked for has the issuer `ISSUER_URL`, others each their own. No
    role exists before; in `up` a second one of a name, a second OIDC provider of an
    issuer, or a second Pod Identity association of a service account is refused as AWS
    refuses it. The AWS account is `ACCOUNT_ID`, the region `us-west-2`.

    Args:
        answers: Token of an invoke -> its answer, over those above. Default: none.
        returned: Type or name of a resource -> properties that it gets in `up`, over
            its inputs and what AWS adds to them: ARN and name of a role, ARN of an OIDC
            provider and of a managed policy, ARN and id of a Pod Identity association.
            Default: none.
        preview: What only AWS knows stays unknown. Default: as in `up`.
    """

    def __init__(
        self,
        answers: Invokes | None = None,
        returned: Returned | None = None,
        *,
        preview: bool = False,
    ) -> None:
        """Hold the answers."""
        self._clusters: list[object] = []
        self._taken: set[tuple[str, str]] = set()
        cluster = {"aws:eks/getCluster:getCluster": self._cluster}
        self._answers: Invokes = {**_ANSWERS, **cluster, **(answers or {})}
        self._returned = returned or {}
        self._preview = preview

    def new_resource(self, args: Any) -> tuple[str | None, dict[str, Any]]:
        """Return id and state of a resource that is made or read.

        Raises:
            grpc.RpcError: AWS has one of that name, for that issuer or for that service
                account already; in `up`, as a preview cannot know it.
        """
        if args.typ.endswith(":OpenIdConnectProvider") and args.resource_id:
            return args.resource_id, {"arn": args.resource_id}
        inputs: dict[str, Any] = args.inputs
        seen = {key: rpc.unwrap_rpc_secret(value) for key, value in inputs.items()}
        added = self._added(args.typ, args.name, seen)
        state = {**inputs, **added}
        if self._preview:
            return None, state
        if not args.resource_id:
            self._refuse(args.typ, seen)
        state |= self._returned.get(args.typ, {})
        state |= self._returned.get(args.name, {})
        # The id of a role is its name, that of what has only an ARN is this.
        names = ("name", "associationId", "arn")
        given = (str(added[name]) for name in names if name in added)
        return next(given, f"{args.name}-id"), state

    def _refuse(self, kind: str, inputs: Mapping[str, Any]) -> None:
        """Refuse what AWS has already, or would not take.

        A name that the engine gives is always new.

        Source:
            tests/recordings/aws/errors.json and recovery.json, for the words of IAM;
            eksctl-io/eksctl#7753 for those of EKS
        """
        if kind == "aws:iam/role:Role" and inputs.get("name"):
            # IAM does not look at the case of names.
            key = str(inputs["name"]).lower()
            what = f"IAM Role ({inputs['name']}): operation error IAM: CreateRole"
            which = f"{_EXISTS}: Role with name {inputs['name']} already exists."
        elif kind.endswith(":OpenIdConnectProvider"):
            key = str(inputs["url"]).removeprefix("https://")
            call = "operation error IAM: CreateOpenIDConnectProvider"
            what = f"IAM OIDC Provider: {call}"
            which = f"{_EXISTS}: Provider with url https://{key} already exists."
        elif kind == _ASSOCIATION:
            key = _association_id(inputs)
            call = "operation error EKS: CreatePodIdentityAssociation"
            what = f"EKS Pod Identity Association: {call}"
            which = f"ResourceInUseException: Association already exists: {key}"
            if inputs.get("policy") and not inputs.get("disableSessionTags"):
                # That EKS refuses it is AWS's word, how it says so is ours. Source:
                # https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html
                rule = "a policy requires disableSessionTags to be true"
                msg = f"creating {what}, InvalidParameterException: {rule}"
                raise _RefusedError(msg)
        else:
            return
        if (kind, key) in self._taken:
            msg = f"creating {what}, {which}"
            raise _RefusedError(msg)
        self._taken.add((kind, key))

    def _cluster(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Describe a cluster, whose issuer no other has."""
        found = described_cluster(asked)
        if found["arn"] not in self._clusters:
            self._clusters.append(found["arn"])
        if number := self._clusters.index(found["arn"]):
            (identity,) = found["identities"]
            (oidc,) = identity["oidcs"]
            oidc["issuer"] = f"{oidc['issuer'].rpartition('/')[0]}/{number:032X}"
        return found

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
        if kind == "aws:iam/policy:Policy" and not self._preview:
            path, name = inputs.get("path") or "/", inputs.get("name") or name
            return {"arn": f"arn:aws:iam::{ACCOUNT_ID}:policy{path}{name}"}
        if kind.endswith(":OpenIdConnectProvider") and not self._preview:
            issuer = str(inputs["url"]).removeprefix("https://")
            partition = _partition(issuer.removeprefix("oidc.eks."))
            arn = f"arn:{partition}:iam::{ACCOUNT_ID}:oidc-provider/{issuer}"
            return {"arn": arn}
        if kind == _ASSOCIATION and not self._preview:
            region, identifier = (
                inputs.get("region") or _REGION,
                _association_id(inputs),
            )
            where = f"arn:{_partition(region)}:eks:{region}:{ACCOUNT_ID}"
            path = f"podidentityassociation/{inputs['clusterName']}/{identifier}"
            return {"associationId": identifier, "associationArn": f"{where}:{path}"}
        return {}

    def call(self, args: Any) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        """Answer an invoke.

        Raises:
            AssertionError: Nobody announced it.
        """
        answer = self._answers.get(args.token)
        if answer is None:
            msg = (
                f"the program asks for {args.token} of {dict(args.args)}; give the "
                f"answer: answers={{{args.token!r}: ...}}"
            )
            raise AssertionError(msg)
        if callable(answer):
            answer = answer(args.args)
        if isinstance(answer, str):
            raise _RefusedError(answer)
        return dict(answer), []


def _association_id(inputs: Mapping[str, Any]) -> str:
    """Make up the id of the one association that a service account of a cluster has."""
    keys = ("clusterName", "namespace", "serviceAccount")
    region = str(inputs.get("region") or _REGION)
    text = "/".join((region, *(str(inputs[key]) for key in keys)))
    return f"a-{hashlib.sha256(text.encode()).hexdigest()[:17]}"


def _partition(region: str) -> str:
    return partition_of_region(region.partition(".")[0]) or "aws"
