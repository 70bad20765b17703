"""Stacks of CloudFormation: what they have, and what becomes of it.

Like CloudFormation it answers before the work is seen to be done: a stack is in
progress until it was described once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from sandbox.aws.moto_account import MotoIam
from sandbox.aws.refusal import Refusal
from sandbox.aws.stack_resources import Iam, StackResources
from sandbox.aws.stack_templates import (
    Template,
    parse_template,
    resolved,
    validation_error,
)

__all__ = ["Stack", "create_stack"]

_RETAINING: Final = ("Retain", "RetainExceptOnCreate")
# Parts of a resource of which a change alone is none to CloudFormation.
_NO_CHANGE: Final = ("DeletionPolicy", "UpdateReplacePolicy", "DependsOn")


@dataclass(kw_only=True)
class Stack:
    """One stack, whatever became of it.

    Attributes:
        name: Its name.
        id: Its ARN.
        text: The template, as it was given.
        status: Such as `CREATE_COMPLETE`, once it is told.
        reason: Why it failed; empty if it did not.
        in_progress: It was not described since something was asked of it.
        parameters: Key -> value.
        tags: Key -> value.
        capabilities: As they were given last.
        protected: Termination protection.
        created: When.
        resources: What there is of it.
        look_up: Gives what a function of the template names.
        kinds: Logical id -> type and resolved properties.
        policies: Logical id -> DeletionPolicy, as it was when the resource was made or
            changed last.
        outputs: Key -> value.
    """

    name: str
    id: str
    text: str
    status: str
    parameters: dict[str, str]
    tags: dict[str, str]
    capabilities: tuple[str, ...]
    protected: bool
    resources: StackResources
    look_up: Callable[[str, str], str]
    reason: str = ""
    in_progress: bool = True
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    kinds: dict[str, tuple[str, Mapping[str, Any]]] = field(
        default_factory=dict[str, tuple[str, Mapping[str, Any]]]
    )
    policies: dict[str, str] = field(default_factory=dict[str, str])
    outputs: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def template(self) -> Template:
        """The template, read."""
        return parse_template(self.text)

    @property
    def told_status(self) -> str:
        """The status, `..._IN_PROGRESS` before it is told."""
        if not self.in_progress:
            return self.status
        return f"{self.status.partition('_')[0]}_IN_PROGRESS"

    def begin(self) -> None:
        """Make everything, or say why it could not be and take back what was made."""
        try:
            self.make(list(self.template["Resources"]))
            self.settle()
        except Refusal as refusal:
            self.policies = dict.fromkeys(self.policies, "Delete")
            self.delete(list(self.kinds))
            self.status, self.reason = "ROLLBACK_COMPLETE", str(refusal)

    def settle(self) -> None:
        """Resolve the outputs, once all resources are there."""
        found = self.template.get("Outputs", {})
        self.outputs = {
            key: resolved(one["Value"], self.look_up) for key, one in found.items()
        }

    def make(self, logical_ids: list[str]) -> None:
        """Make resources of the template, each after those that it names.

        Raises:
            Refusal: IAM's; what was made before stays.
        """
        waiting = list(logical_ids)
        while waiting:
            ready = [one for one in waiting if self._try_to_make(one)]
            if not ready:
                names = ", ".join(waiting)
                raise validation_error(
                    text=f"Unresolved resource dependencies [{names}]"
                )
            waiting = [one for one in waiting if one not in ready]

    def _try_to_make(self, logical_id: str) -> bool:
        resource = self.template["Resources"][logical_id]
        try:
            given = resolved(resource.get("Properties", {}), self.look_up)
        except KeyError:
            return False
        self.resources.create(logical_id, resource["Type"], given, self.tags)
        self.kinds[logical_id] = resource["Type"], given
        self.policies[logical_id] = resource.get("DeletionPolicy", "Delete")
        return True

    def update(self, text: str) -> None:
        """Bring the stack to another template.

        A DeletionPolicy is taken over with another change of its resource alone, such
        as one of its Metadata: a change of nothing else is no update.

        Args:
            text: The template.

        Raises:
            Refusal: There is nothing to update, or IAM's.

        Source:
            aws-cloudformation/cloudformation-coverage-roadmap#1543
        """
        new, old = parse_template(text)["Resources"], self.template["Resources"]
        changed = [one for one in new if _rest(new[one]) != _rest(old.get(one, {}))]
        gone = [one for one in old if one not in new]
        if not changed and not gone:
            raise validation_error(text="No updates are to be performed.")
        self.text = text
        for one in changed:
            if one not in old:
                self.make([one])
                continue
            given = resolved(new[one].get("Properties", {}), self.look_up)
            kind, before = self.kinds[one]
            self.resources.update(one, kind, before, given)
            self.kinds[one] = kind, given
            self.policies[one] = new[one].get("DeletionPolicy", "Delete")
        self.delete(gone)
        self.settle()
        self.status, self.in_progress = "UPDATE_COMPLETE", True

    def delete(self, logical_ids: list[str]) -> None:
        """Delete resources, latest first, but for those that are retained.

        Raises:
            Refusal: IAM's; what was not deleted yet stays.
        """
        for one in reversed([one for one in self.kinds if one in logical_ids]):
            kind, given = self.kinds[one]
            if self.policies[one] not in _RETAINING:
                self.resources.delete(one, kind, given)
            del self.kinds[one], self.policies[one]

    def end(self) -> None:
        """Delete the whole stack, or say why it could not be."""
        self.status, self.in_progress = "DELETE_COMPLETE", True
        try:
            self.delete(list(self.kinds))
        except Refusal as refusal:
            self.status, self.reason = "DELETE_FAILED", str(refusal)


def create_stack(  # noqa: PLR0913 - what CreateStack takes
    *,
    name: str,
    number: int,
    region: str,
    text: str,
    parameters: dict[str, str],
    tags: dict[str, str],
    capabilities: tuple[str, ...],
    protected: bool,
    iam: MotoIam,
    act: Iam,
) -> Stack:
    """Make a stack with all its resources; one that fails is rolled back.

    Args:
        name: Of the stack.
        number: How many of this name there were before; ids and names follow from it.
        region: Where it is.
        text: The template.
        parameters: Key -> value.
        tags: Key -> value, of the stack and so of its roles.
        capabilities: What is acknowledged.
        protected: Termination protection.
        iam: What IAM holds.
        act: Calls IAM.

    Raises:
        Refusal: The template is none.
    """
    account = f"arn:{iam.partition}:cloudformation:{region}:{iam.account_id}"
    unique = uuid5(NAMESPACE_URL, f"{account}:{name}:{number}")
    stack_id = f"{account}:stack/{name}/{unique}"
    resources = StackResources(name=name, stack_id=stack_id, iam=iam, act=act)
    values = {**_defaults(parse_template(text)), **parameters}
    known = {**_pseudo_parameters(stack_id), **values}
    stack = Stack(
        name=name,
        id=stack_id,
        text=text,
        status="CREATE_COMPLETE",
        parameters=values,
        tags=tags,
        capabilities=capabilities,
        protected=protected,
        resources=resources,
        look_up=lambda logical, attribute: (
            known.get(logical) or resources.attribute(logical, attribute)
        ),
    )
    stack.begin()
    return stack


def _pseudo_parameters(stack_id: str) -> dict[str, str]:
    """Give what every template may refer to.

    Source:
        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
    """
    _, partition, _, region, account, resource = stack_id.split(":")
    return {
        "AWS::AccountId": account,
        "AWS::Partition": partition,
        "AWS::Region": region,
        "AWS::StackId": stack_id,
        "AWS::StackName": resource.split("/")[1],
        "AWS::URLSuffix": "amazonaws.com",
    }


def _rest(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out of a resource what is no change by itself."""
    return {key: one for key, one in resource.items() if key not in _NO_CHANGE}


def _defaults(template: Template) -> dict[str, str]:
    declared: dict[str, dict[str, Any]] = template.get("Parameters", {})
    return {
        key: str(one["Default"]) for key, one in declared.items() if "Default" in one
    }
