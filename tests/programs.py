"""Previews of any program, out of its resources before and after."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from previews import ACCOUNT_ID, PROVIDER_ARN, UNKNOWN

__all__ = [
    "SERVICE",
    "Made",
    "allow",
    "deny",
    "irsa",
    "program",
    "role_arn",
    "urn",
]

_STACK: Final = "urn:pulumi:dev::shop::"
_TYPES: Final = {
    "component": "eks-irsa:index:IrsaServiceAccount",
    "role": "aws:iam/role:Role",
    "inline": "aws:iam/rolePolicy:RolePolicy",
    "attach": "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "attach-all": "aws:iam/policyAttachment:PolicyAttachment",
    "only-attached": (
        "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"
    ),
    "only-inline": "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive",
    "policy": "aws:iam/policy:Policy",
    "native-role": "aws-native:iam:Role",
    "native-inline": "aws-native:iam:RolePolicy",
    "native-policy": "aws-native:iam:ManagedPolicy",
    "sa": "kubernetes:core/v1:ServiceAccount",
    "sa-patch": "kubernetes:core/v1:ServiceAccountPatch",
    "sa-list": "kubernetes:core/v1:ServiceAccountList",
    "pod-identity": "aws:eks/podIdentityAssociation:PodIdentityAssociation",
    "native-pod-identity": "aws-native:eks:PodIdentityAssociation",
    "custom-sa": "kubernetes:v1:ServiceAccount",
    "custom-sa-patch": "kubernetes:v1:ServiceAccountPatch",
    "helm": "kubernetes:helm.sh/v3:Release",
    "manifest": "kubectl:index/manifest:Manifest",
    "add-on": "aws:eks/addon:Addon",
    "cloud-control": "aws:cloudcontrol/resource:Resource",
    "native-any": "aws-native:index:ExtensionResource",
    "terraform-inline": "aws:index/iamRolePolicy:IamRolePolicy",
    "aws-provider": "pulumi:providers:aws",
    "k8s-provider": "pulumi:providers:kubernetes",
    "bucket": "aws:s3/bucket:Bucket",
}
# Properties whose change makes a resource anew.
_ANEW: Final = frozenset({"name", "path", "role", "policyArn", "roleName"})

Side = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """One resource of a program.

    Attributes:
        kind: Short name of its type, a key of `_TYPES`.
        name: Its logical name.
        before: Inputs before; None where it is not there.
        after: Inputs after; None where it goes.
        op: What the engine does. Default: what follows from the inputs.
        makers: Property -> URNs of what it is made from.
        parent: URN of its parent.
        retain: The world keeps it when it is deleted.
        provider: URN of its provider.
        changed: Properties that the engine says change. Default: those that differ.
        detailed: Properties of its detailed difference.
        left_over: It is the old half of a replacement that an earlier run began.
        recorded: Outputs beside those that AWS makes up, the same on both sides.
    """

    kind: str
    name: str
    before: Side | None = None
    after: Side | None = None
    op: str = ""
    makers: Mapping[str, Sequence[str]] = field(default_factory=dict[str, list[str]])
    parent: str = ""
    retain: bool = False
    provider: str = ""
    changed: Sequence[str] | None = None
    detailed: Sequence[str] = ()
    left_over: bool = False
    recorded: Side = field(default_factory=dict[str, Any])


def urn(kind: str, name: str, *, parent: str = "") -> str:
    """Write the URN of a resource."""
    types = f"{parent.split('::')[2]}$" if parent else ""
    return f"{_STACK}{types}{_TYPES[kind]}::{name}"


def role_arn(name: str) -> str:
    """Write the ARN of a role without a path."""
    return f"arn:aws:iam::{ACCOUNT_ID}:role/{name}"


def allow(*actions: str, resource: str = "arn:aws:s3:::b/k") -> str:
    """Write a policy that allows actions on one resource."""
    return _policy("Allow", actions, resource)


def deny(*actions: str, resource: str = "arn:aws:s3:::b/k") -> str:
    """Write a policy that denies actions on one resource."""
    return _policy("Deny", actions, resource)


def _policy(effect: str, actions: Sequence[str], resource: str) -> str:
    statement = {"Effect": effect, "Action": [*actions], "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


SERVICE: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


def irsa(subject: str, *, of: str = "") -> str:
    """Write a trust policy for one service account.

    Args:
        subject: `<namespace>:<name>`.
        of: Issuer of the keys. Default: that of the provider.
    """
    issuer = of or PROVIDER_ARN.partition("oidc-provider/")[2]
    claims = {
        f"{issuer}:aud": "sts.amazonaws.com",
        f"{issuer}:sub": f"system:serviceaccount:{subject}",
    }
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER_ARN},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": claims},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def program(resources: Sequence[Made], *, sames: bool = True) -> str:
    """Write the preview of a program.

    Args:
        resources: In any order.
        sames: As with `--show-sames`.
    """
    root = f"{_STACK}pulumi:pulumi:Stack::shop-dev"
    steps = [{"op": "same", "urn": root, "oldState": {"urn": root}}]
    found = [_step(one) for one in resources]
    steps += [step for step in found if sames or step["op"] != "same"]
    return json.dumps({"config": {}, "steps": steps, "duration": 1})


def _step(one: Made) -> dict[str, Any]:
    place = urn(one.kind, one.name, parent=one.parent)
    changed = one.changed
    if changed is None:
        changed = _differing(one.before, one.after)
    step: dict[str, Any] = {"op": one.op or _operation(one, changed), "urn": place}
    both = one.before is not None and one.after is not None
    if changed and both and one.kind != "component":  # of which the engine names none
        step["diffReasons"] = [*changed]
    step["detailedDiff"] = {key: {"diffKind": "update"} for key in one.detailed}
    provider = f"{one.provider}::an-id" if one.provider else ""
    for key, inputs in (("oldState", one.before), ("newState", one.after)):
        if inputs is not None:
            step[key] = {
                "urn": place,
                "inputs": inputs,
                "outputs": {
                    **_outputs(one, inputs, is_new=key == "newState"),
                    **one.recorded,
                },
                "parent": one.parent,
                "provider": provider,
                "propertyDependencies": {k: [*v] for k, v in one.makers.items()},
                "retainOnDelete": one.retain,
                "external": step["op"] == "read",
                "delete": one.left_over,
            }
    return step


def _differing(before: Side | None, after: Side | None) -> list[str]:
    if before is None or after is None:
        return []
    keys = before.keys() | after.keys()
    return sorted(key for key in keys if before.get(key) != after.get(key))


def _operation(one: Made, changed: Sequence[str]) -> str:
    if one.before is None:
        return "create"
    if one.after is None:
        return "delete"
    if _ANEW & {*changed} and one.kind != "component":
        return "replace"
    return "update" if changed else "same"


def _outputs(one: Made, inputs: Side, *, is_new: bool) -> dict[str, Any]:
    """Give the outputs that AWS makes up, as far as a preview has them."""
    outputs = {} if is_new else dict(inputs)
    stays = not is_new or (one.before or {}).get("name") == inputs.get("name")
    kinds = {"role": "role", "native-role": "role", "policy": "policy"}
    name = inputs.get("name", inputs.get("roleName", one.name))
    if one.kind in kinds and name != UNKNOWN:
        path = inputs.get("path", "/")
        arn = f"arn:aws:iam::{ACCOUNT_ID}:{kinds[one.kind]}{path}{name}"
        outputs["arn"] = arn if stays and one.before is not None else UNKNOWN
        if one.op == "read":
            outputs["arn"] = arn
    return outputs
