"""CloudFormation's actions on stacks, asked and answered as on AWS.

moto's CloudFormation makes roles past IAM's rules, without managed policies and the
stack's tags, so nothing of it is used.
"""

from collections.abc import Callable, Mapping
from typing import Final

from sandbox.aws.call import Call
from sandbox.aws.moto_account import MotoIam
from sandbox.aws.refusal import Refusal, not_covered
from sandbox.aws.shapes import check_length
from sandbox.aws.stack_resources import Iam
from sandbox.aws.stack_templates import (
    check_capabilities,
    parse_template,
    validation_error,
)
from sandbox.aws.stacks import Stack, create_stack
from sandbox.aws.xml_text import Fields, response

__all__ = ["CloudFormation"]

# So few that nobody reads one page and takes it for all.
_PAGE: Final = 20
# Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html
_TEMPLATE_CHARACTERS: Final = 51_200
_OPTIONS: Final = (
    "RoleARN",
    "RetainResources.member.1",
    "StackPolicyBody",
    "TemplateURL",
)
_UPDATABLE: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})
_GONE: Final = "DELETE_COMPLETE"


class CloudFormation:
    """The stacks of one region."""

    def __init__(self, *, region: str) -> None:
        """Have no stack in *region*."""
        self._region = region
        self._stacks: list[Stack] = []

    def answer(self, call: Call, iam: MotoIam, act: Iam) -> bytes:
        """Carry a call out and answer it.

        Args:
            call: The request.
            iam: What IAM holds.
            act: Calls IAM, for the resources of stacks.

        Raises:
            Refusal: In CloudFormation's words, or the sandbox's for what it does not
                cover.
        """
        for option in _OPTIONS:
            if option in call.parameters:
                raise not_covered(what=f"{option} of cloudformation:{call.action}")
        if call.action == "CreateStack":
            return response(call, {"StackId": self._create(call, iam, act).id})
        if call.action == "DescribeStacks":
            return response(call, self._described(call))
        if call.action == "DeleteStack":
            self._delete(call.parameters["StackName"])
            return response(call)
        if call.action not in _OF_ONE:
            raise not_covered(what=f"cloudformation:{call.action}")
        stack = self._found(call.parameters["StackName"])
        return response(call, _OF_ONE[call.action](call, stack))

    def _create(self, call: Call, iam: MotoIam, act: Iam) -> Stack:
        name = call.parameters["StackName"]
        if self._of(name):
            raise Refusal(
                code="AlreadyExistsException", message=f"Stack [{name}] already exists"
            )
        text = _template(call)
        check_capabilities(parse_template(text), call.members("Capabilities"))
        stack = create_stack(
            name=name,
            number=sum(one.name == name for one in self._stacks),
            region=self._region,
            text=text,
            parameters=_parameters(call, {}),
            tags=dict(call.tags()),
            capabilities=call.members("Capabilities"),
            protected=call.parameters.get("EnableTerminationProtection") == "true",
            iam=iam,
            act=act,
        )
        self._stacks.append(stack)
        return stack

    def _delete(self, name: str) -> None:
        """Delete a stack; one that does not exist is no error.

        Source:
            The text of the protection: ekristen/aws-nuke#821
        """
        stack = self._of(name)
        if stack is None:
            return
        if stack.protected:
            raise validation_error(
                text=f"Stack [{stack.name}] cannot be deleted while "
                "TerminationProtection is enabled"
            )
        stack.end()

    def _described(self, call: Call) -> Fields:
        name = call.parameters.get("StackName")
        stacks = [self._found(name)] if name else self._there()
        start = int(call.parameters.get("NextToken", "0"))
        page = stacks[start : start + _PAGE]
        described = [_described(one, named=bool(name)) for one in page]
        for one in page:
            one.in_progress = False
        more = len(stacks) > start + _PAGE
        following: Fields = {"NextToken": str(start + _PAGE)} if more else {}
        return {"Stacks": described, **following}

    def _there(self) -> list[Stack]:
        return [one for one in self._stacks if one.told_status != _GONE]

    def _of(self, name: str) -> Stack | None:
        """Find a stack by its name, or one that may be gone by its ARN."""
        by_id = (one for one in self._stacks if one.id == name)
        by_name = (one for one in self._there() if one.name == name)
        return next(by_id, next(by_name, None))

    def _found(self, name: str) -> Stack:
        stack = self._of(name)
        if stack is None:
            raise validation_error(text=f"Stack with id {name} does not exist")
        return stack


def _update(call: Call, stack: Stack) -> Fields:
    """Update a stack that is done with all else.

    Source:
        The text: moto 5.2.5, moto/cloudformation/responses.py, `_validate_status`
    """
    if stack.in_progress or stack.status not in _UPDATABLE:
        raise validation_error(
            text=f"Stack:{stack.id} is in {stack.told_status} state and can not be "
            "updated."
        )
    previous = call.parameters.get("UsePreviousTemplate") == "true"
    text = stack.text if previous else _template(call)
    check_capabilities(parse_template(text), call.members("Capabilities"))
    if _parameters(call, stack.parameters) != stack.parameters:
        raise not_covered(what="a change of a stack's parameters")
    if call.tags() and dict(call.tags()) != stack.tags:
        raise not_covered(what="a change of a stack's tags")
    stack.update(text)
    stack.capabilities = call.members("Capabilities")
    return {"StackId": stack.id}


def _protect(call: Call, stack: Stack) -> Fields:
    stack.protected = call.parameters["EnableTerminationProtection"] == "true"
    return {"StackId": stack.id}


def _template(call: Call) -> str:
    text = call.parameters.get("TemplateBody", "")
    if not text:
        raise validation_error(
            text="Either Template URL or Template Body must be specified."
        )
    check_length("templateBody", text, most=_TEMPLATE_CHARACTERS)
    return text


def _parameters(call: Call, before: dict[str, str]) -> dict[str, str]:
    """Read the parameters; those that are not named get their defaults back."""
    found: dict[str, str] = {}
    given = call.parameters
    while key := given.get(f"Parameters.member.{len(found) + 1}.ParameterKey"):
        member = f"Parameters.member.{len(found) + 1}"
        kept = given.get(f"{member}.UsePreviousValue") == "true"
        found[key] = before[key] if kept else given[f"{member}.ParameterValue"]
    return found


def _described(stack: Stack, *, named: bool) -> Fields:
    """Describe a stack; whether it is protected is told where it was asked by name.

    Source:
        cloud-custodian/cloud-custodian#5633
    """
    protection = {"EnableTerminationProtection": str(stack.protected).lower()}
    return {
        "StackId": stack.id,
        "StackName": stack.name,
        "CreationTime": stack.created.isoformat(),
        "StackStatus": stack.told_status,
        **({"StackStatusReason": stack.reason} if stack.reason else {}),
        "DisableRollback": "false",
        "Capabilities": stack.capabilities,
        "Parameters": _pairs("Parameter", stack.parameters),
        "Outputs": _pairs("Output", stack.outputs),
        "Tags": _pairs("", stack.tags),
        **(protection if named else {}),
    }


def _pairs(prefix: str, values: Mapping[str, str]) -> list[Fields]:
    return [
        {f"{prefix}Key": key, f"{prefix}Value": value} for key, value in values.items()
    ]


def _resources(stack: Stack, *, moment: str) -> list[Fields]:
    """List the resources of a stack; *moment* is what their time is called."""
    return [
        {
            "LogicalResourceId": one,
            "PhysicalResourceId": stack.resources.physical[one],
            "ResourceType": kind,
            "ResourceStatus": "CREATE_COMPLETE",
            moment: stack.created.isoformat(),
        }
        for one, (kind, _) in stack.kinds.items()
    ]


_OF_ONE: Final[Mapping[str, Callable[[Call, Stack], Fields]]] = {
    "DescribeStackResources": lambda _, stack: {
        "StackResources": _resources(stack, moment="Timestamp")
    },
    "GetTemplate": lambda _, stack: {"TemplateBody": stack.text},
    "ListStackResources": lambda _, stack: {
        "StackResourceSummaries": _resources(stack, moment="LastUpdatedTimestamp")
    },
    "UpdateStack": _update,
    "UpdateTerminationProtection": _protect,
}
