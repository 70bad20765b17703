"""What a stack's resources are in IAM: made, changed, deleted as CloudFormation does.

CloudFormation is a caller of IAM like any other, so everything here is a call that
IAM's rules are asked about, but for the tags that only AWS may write.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from sandbox.aws.moto_account import MotoIam
from sandbox.aws.refusal import not_covered

__all__ = ["Iam", "StackResources"]

_ROLE: Final = "AWS::IAM::Role"
_POLICY: Final = "AWS::IAM::Policy"
# What an update of a role changes here; all else of it is not covered.
_CHANGES: Final = {"AssumeRolePolicyDocument", "ManagedPolicyArns", "Policies"}
_LONGEST_NAME: Final = 64
_RANDOM_CHARACTERS: Final = 12
_LEAST_LOGICAL: Final = 24

Iam = Callable[[str, Mapping[str, str]], None]
"""Calls an action of IAM; raises the refusal that IAM answers with."""


class StackResources:
    """The resources of one stack, by type and resolved properties.

    Attributes:
        physical: Logical id -> physical id, of what there is.
    """

    def __init__(self, *, name: str, stack_id: str, iam: MotoIam, act: Iam) -> None:
        """Act for the stack of this *name* and *stack_id*, by *act* on *iam*."""
        self.physical: dict[str, str] = {}
        self._name = name
        self._stack_id = stack_id
        self._iam = iam
        self._act = act

    def attribute(self, logical_id: str, attribute: str) -> str:
        """Give what `Ref` (no *attribute*) or `Fn::GetAtt` mean of a resource.

        Raises:
            KeyError: There is none (yet).
        """
        physical = self.physical[logical_id]
        if not attribute:
            return physical
        role = self._iam.role(physical)
        if attribute != "Arn" or role is None:
            raise not_covered(what=f"Fn::GetAtt {logical_id}.{attribute}")
        return role.arn

    def create(
        self, logical_id: str, kind: str, given: Mapping[str, Any], tags: dict[str, str]
    ) -> None:
        """Make a resource; a role gets the stack's *tags*, and AWS's own."""
        if kind == _POLICY:
            self.physical[logical_id] = self._generated(logical_id)
            self._put(given["Roles"], given["PolicyName"], given["PolicyDocument"])
            return
        if kind != _ROLE:
            raise not_covered(what=f"{kind} in a stack")
        name = given.get("RoleName") or self._generated(logical_id)
        own = {tag["Key"]: tag["Value"] for tag in given.get("Tags", [])}
        parameters = {
            "RoleName": name,
            "AssumeRolePolicyDocument": json.dumps(given["AssumeRolePolicyDocument"]),
            "Path": given.get("Path", "/"),
        }
        for key in ("Description", "MaxSessionDuration", "PermissionsBoundary"):
            if key in given:
                parameters[key] = str(given[key])
        for position, (key, value) in enumerate({**tags, **own}.items(), start=1):
            parameters[f"Tags.member.{position}.Key"] = key
            parameters[f"Tags.member.{position}.Value"] = value
        self._act("CreateRole", parameters)
        self.physical[logical_id] = name
        self._iam.put_role_tags(name, self._aws_tags(logical_id))
        self._attach(name, given.get("ManagedPolicyArns", []))
        for policy in given.get("Policies", []):
            self._put([name], policy["PolicyName"], policy["PolicyDocument"])

    def update(
        self,
        logical_id: str,
        kind: str,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
    ) -> None:
        """Change a resource in place, where its properties differ.

        CloudFormation compares templates: what somebody else changed stays as it is.
        """
        changed = {key for key in {*old, *new} if old.get(key) != new.get(key)}
        if kind == _POLICY:
            if changed & {"Roles", "PolicyName"}:
                raise not_covered(what="a new name or role of a policy in a stack")
            if changed:
                self._put(new["Roles"], new["PolicyName"], new["PolicyDocument"])
            return
        if changed - _CHANGES:
            raise not_covered(
                what=f"a change of {sorted(changed - _CHANGES)} by a stack"
            )
        name = self.physical[logical_id]
        if "AssumeRolePolicyDocument" in changed:
            document = json.dumps(new["AssumeRolePolicyDocument"])
            self._act(
                "UpdateAssumeRolePolicy", {"RoleName": name, "PolicyDocument": document}
            )
        before = list(old.get("ManagedPolicyArns", []))
        after = list(new.get("ManagedPolicyArns", []))
        self._detach(name, [arn for arn in before if arn not in after])
        self._attach(name, [arn for arn in after if arn not in before])
        for policy in new.get("Policies", []):
            self._put([name], policy["PolicyName"], policy["PolicyDocument"])

    def delete(self, logical_id: str, kind: str, given: Mapping[str, Any]) -> None:
        """Delete a resource with what its template gave it; what is gone is gone."""
        physical = self.physical[logical_id]
        if kind == _POLICY:
            for role in given["Roles"]:
                self._take_back(role, given["PolicyName"])
        elif role := self._iam.role(physical):
            attached = [
                arn
                for arn in given.get("ManagedPolicyArns", [])
                if arn in role.attached_arns
            ]
            self._detach(physical, attached)
            for policy in given.get("Policies", []):
                self._take_back(physical, policy["PolicyName"])
            self._act("DeleteRole", {"RoleName": physical})
        del self.physical[logical_id]

    def _attach(self, role: str, arns: list[str]) -> None:
        for arn in arns:
            self._act("AttachRolePolicy", {"RoleName": role, "PolicyArn": arn})

    def _detach(self, role: str, arns: list[str]) -> None:
        for arn in arns:
            self._act("DetachRolePolicy", {"RoleName": role, "PolicyArn": arn})

    def _put(self, roles: list[str], name: str, document: Mapping[str, Any]) -> None:
        for role in roles:
            given = {"PolicyName": name, "PolicyDocument": json.dumps(document)}
            self._act("PutRolePolicy", {"RoleName": role, **given})

    def _take_back(self, role: str, policy: str) -> None:
        held = self._iam.role(role)
        if held and policy in held.inline_policies:
            self._act("DeleteRolePolicy", {"RoleName": role, "PolicyName": policy})

    def _aws_tags(self, logical_id: str) -> dict[str, str]:
        """Give the tags that CloudFormation alone writes.

        Source:
            https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
        """
        return {
            "aws:cloudformation:logical-id": logical_id,
            "aws:cloudformation:stack-id": self._stack_id,
            "aws:cloudformation:stack-name": self._name,
        }

    def _generated(self, logical_id: str) -> str:
        """Name a resource as CloudFormation does: stack, logical id, random characters.

        Both are cut so that all of it has 64 characters; the random ones follow from
        the stack's id here, so that they are the same in every run. How the cuts are
        shared was taken from names that people quote, such as
        `eksctl-eksworkshop-eksctl-addon-iamserviceacc-Role1-1ZB8SJ3SH7VW`.
        """
        text = f"{self._stack_id} {logical_id}".encode()
        tail = hashlib.sha256(text).hexdigest()[:_RANDOM_CHARACTERS].upper()
        space = _LONGEST_NAME - _RANDOM_CHARACTERS - 2
        logical = logical_id[: max(_LEAST_LOGICAL, space - len(self._name))]
        return f"{self._name[: space - len(logical)]}-{logical}-{tail}"
