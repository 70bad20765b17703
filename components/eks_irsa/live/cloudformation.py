"""CloudFormation stacks with what is in them: read, and, when asked to, changed.

The one module of this room that writes: it gives a stack another template, and deletes
one whose resources are kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from eks_irsa.live.model import LiveStack

__all__ = ["HeldRole", "StackClient", "StackFailedError", "StackParts"]

_ROLE: Final = "AWS::IAM::Role"
# For roles with and without names of their own.
# Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html
_CAPABILITIES: Final = ["CAPABILITY_NAMED_IAM"]
_DELAY_SECONDS: Final = 2
_ATTEMPTS: Final = 450


class StackFailedError(Exception):
    """A stack that did not become what was asked for, in one sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldRole:
    """A role of a stack, as far as it has to outlive it.

    Attributes:
        name: Its name.
        unique_id: `AROA...`.
        owner: Name of the Pulumi stack that has it, as its tag says; empty for none.
        managed_policy_arns: What is attached, sorted.
        inline_policies: Names, sorted.
    """

    name: str
    unique_id: str
    owner: str
    managed_policy_arns: tuple[str, ...]
    inline_policies: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class StackParts:
    """What is in a stack.

    Attributes:
        template: As botocore gives it: values of JSON, or the text of YAML.
        roles: Of its roles the name -> what IAM holds; None where there is none.
    """

    template: str | Mapping[str, Any]
    roles: Mapping[str, HeldRole | None]


class StackClient:
    """Asks CloudFormation and IAM; safe to use from several threads."""

    def __init__(
        self,
        cloudformation: Any,  # noqa: ANN401 - without types
        iam: Any,  # noqa: ANN401 - without types
        *,
        owner_tag: str,
    ) -> None:
        """Take the clients.

        Args:
            cloudformation: Of botocore.
            iam: Of botocore.
            owner_tag: Key of the tag that names the Pulumi stack of a role.
        """
        self._stacks = cloudformation
        self._iam = iam
        self._owner_tag = owner_tag

    def parts(self, stack: LiveStack) -> StackParts:
        """Read what is in a stack.

        Args:
            stack: One that is there.

        Raises:
            Exception: Of botocore.
        """
        template = self._stacks.get_template(
            StackName=stack.id, TemplateStage="Original"
        )
        pages = self._stacks.get_paginator("list_stack_resources").paginate(
            StackName=stack.id
        )
        names = [
            one["PhysicalResourceId"]
            for page in pages
            for one in page["StackResourceSummaries"]
            if one["ResourceType"] == _ROLE
        ]
        return StackParts(
            template=template["TemplateBody"],
            roles={name: self.role(name) for name in sorted(names)},
        )

    def role(self, name: str) -> HeldRole | None:
        """Read a role; None if there is none.

        Args:
            name: Its name.

        Raises:
            Exception: Of botocore.
        """
        try:
            role = self._iam.get_role(RoleName=name)["Role"]
        except self._iam.exceptions.NoSuchEntityException:
            return None
        attached = self._listed("list_attached_role_policies", "AttachedPolicies", name)
        inline = self._listed("list_role_policies", "PolicyNames", name)
        tags = {one["Key"]: one["Value"] for one in role.get("Tags", ())}
        return HeldRole(
            name=name,
            unique_id=role["RoleId"],
            owner=tags.get(self._owner_tag, ""),
            managed_policy_arns=tuple(sorted(one["PolicyArn"] for one in attached)),
            inline_policies=tuple(sorted(inline)),
        )

    def update(self, stack: LiveStack, template: str) -> None:
        """Give a stack another template, all else of it kept, and wait for it.

        Args:
            stack: One that is there.
            template: Its text.

        Raises:
            StackFailedError: It was rolled back, or takes too long.
            Exception: Of botocore.
        """
        kept = [
            {"ParameterKey": one["ParameterKey"], "UsePreviousValue": True}
            for one in self._described(stack).get("Parameters", ())
        ]
        self._stacks.update_stack(
            StackName=stack.id,
            TemplateBody=template,
            Parameters=kept,
            Capabilities=_CAPABILITIES,
        )
        self._await(stack, "stack_update_complete")

    def delete(self, stack: LiveStack) -> None:
        """Take termination protection off a stack, delete it and wait for it.

        Protection is put back if AWS refuses the deletion.

        Args:
            stack: One that is there.

        Raises:
            StackFailedError: It could not be deleted, or takes too long.
            Exception: Of botocore.
        """
        protected = self.is_protected(stack)
        if protected:
            self._protect(stack, on=False)
        try:
            self._stacks.delete_stack(StackName=stack.id)
        except Exception:
            if protected:
                self._protect(stack, on=True)
            raise
        self._await(stack, "stack_delete_complete")

    def is_protected(self, stack: LiveStack) -> bool:
        """Tell whether termination protection is on; a list of stacks does not.

        Args:
            stack: One that is there.

        Raises:
            Exception: Of botocore.
        """
        return bool(self._described(stack).get("EnableTerminationProtection"))

    def _protect(self, stack: LiveStack, *, on: bool) -> None:
        self._stacks.update_termination_protection(
            StackName=stack.id, EnableTerminationProtection=on
        )

    def _await(self, stack: LiveStack, waiter: str) -> None:
        from botocore.exceptions import (  # type: ignore[import-untyped]  # noqa: PLC0415
            WaiterError,
        )

        patience = {"Delay": _DELAY_SECONDS, "MaxAttempts": _ATTEMPTS}
        try:
            self._stacks.get_waiter(waiter).wait(
                StackName=stack.id, WaiterConfig=patience
            )
        except WaiterError as error:
            found = self._described(stack)
            reason = found.get("StackStatusReason", "its events say more")
            msg = f"it is in {found['StackStatus']}: {reason}"
            raise StackFailedError(msg) from error

    def _described(self, stack: LiveStack) -> dict[str, Any]:
        described: dict[str, Any] = self._stacks.describe_stacks(StackName=stack.id)[
            "Stacks"
        ][0]
        return described

    def _listed(self, operation: str, key: str, role: str) -> list[Any]:
        pages = self._iam.get_paginator(operation).paginate(RoleName=role)
        return [one for page in pages for one in page[key]]
