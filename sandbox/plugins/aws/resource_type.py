"""What every resource type of the AWS double has: a schema and five calls."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.comparing import means_the_same
from sandbox.plugins.aws.fields import (
    DEFAULTS_KEY,
    SETS,
    Field,
    Kind,
    inputs_of,
    is_zero,
)
from sandbox.plugins.aws.tags import tag_changes
from sandbox.plugins.refusal import Refusal
from sandbox.plugins.values import UNKNOWN, Properties, Value, has_unknown

__all__ = ["Changeable", "ResourceType", "Tagged", "Update", "given_or_none", "text"]


class Changeable(Protocol):
    """Something whose tags can be changed."""

    def change(self, account: Account, *, old: Value, new: Value) -> None:
        """Make the tags those of *new*, which is `tagsAll` as wanted."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """Something in IAM that has tags.

    Attributes:
        kind: Its name in the operations, `Role` for `TagRole`.
        identity: The parameter that names it, and its value.
        title: Its name in messages.
    """

    kind: str
    identity: tuple[str, str]
    title: str

    def change(self, account: Account, *, old: Value, new: Value) -> None:
        """Take tags away, then set the others: two calls at most.

        Args:
            account: The way to it.
            old: `tagsAll` as recorded.
            new: `tagsAll` as wanted.

        Source:
            hashicorp/terraform-provider-aws, internal/service/iam/tags.go and
            internal/provider/sdkv2/tags_interceptor.go
        """
        removed, added = tag_changes(old, new)
        parameter, identifier = self.identity
        for word, given in (
            ("untagging", {"TagKeys": removed}),
            ("tagging", {"Tags": added}),
        ):
            if not any(given.values()):
                continue
            operation = f"{word.removesuffix('ging').capitalize()}{self.kind}"
            what = (
                "updating tags for IAM (Identity & Access Management) "
                f"{self.title} ({identifier}): {word} resource ({identifier})"
            )
            account.attempt(what, "iam", operation, **given, **{parameter: identifier})


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What is to become of a resource: its state, its new inputs, and what differs."""

    olds: Properties
    news: Properties
    changed: Sequence[str]


class ResourceType(ABC):
    """One resource type; a new one is one module and one line in `provider`.

    Attributes:
        token: Type token, for example `aws:iam/role:Role`.
        fields: Property -> what it is; every property of the state but `id`.
        keeps_wishes: Whether what was wanted is recorded when an update fails.
    """

    token: ClassVar[str]
    fields: ClassVar[Mapping[str, Field]]
    keeps_wishes: ClassVar[bool] = True

    @abstractmethod
    def create(
        self, account: Account, inputs: Properties
    ) -> str | tuple[str, Properties]:
        """Make it and give its id, and its state where it is not read afterwards."""

    @abstractmethod
    def find(
        self, account: Account, resource_id: str, recorded: Properties
    ) -> Properties | None:
        """Read it from AWS, in the words of *recorded* where they mean the same.

        `tags` are all that AWS holds.
        """

    @abstractmethod
    def change(
        self, account: Account, resource_id: str, update: Update
    ) -> Properties | None:
        """Change what is to be changed, but for tags.

        Returns:
            The state, where it is not read afterwards.
        """

    @abstractmethod
    def remove(self, account: Account, resource_id: str, state: Properties) -> None:
        """Remove it; what is gone already is fine."""

    def tagged(self, resource_id: str, state: Properties) -> Changeable | None:
        """Tell how its tags are changed; None where that is left to `change`."""
        del resource_id, state
        return None

    def imported(self, resource_id: str) -> Properties:
        """Give what an import id says of the state; empty where it says nothing.

        Raises:
            Refusal: The id has another form.
        """
        del resource_id
        return {}

    def planned(self, inputs: Properties, olds: Properties | None = None) -> Properties:
        """Tell what the state will be: computed values are unknown until it exists.

        Args:
            inputs: Checked inputs.
            olds: The recorded state of what is updated; None of a creation.

        Source:
            hashicorp/terraform-plugin-sdk, helper/schema/schema.go (`Diff`)
        """
        outputs: Properties = {"id": UNKNOWN} if olds is None else dict(olds)
        for name, field in self.fields.items():
            given = inputs.get(name)
            if olds is not None and means_the_same(field, olds.get(name), given):
                continue
            if given is not None:
                outputs[name] = field.planned(given)
            elif olds is None:
                outputs[name] = UNKNOWN if field.computed or field.read_only else None
            elif not (field.computed or field.read_only):
                outputs[name] = None
        return outputs

    def applied(self, planned: Properties, found: Properties) -> Properties:
        """Give the state after a creation or an update.

        A set stays as it was planned, whatever was read, so that one that is computed
        may be stale until the next refresh.

        Source:
            hashicorp/terraform-plugin-sdk, helper/schema/grpc_provider.go
            (`normalizeNullValues`)
        """
        kept: Properties = {
            name: planned[name]
            for name, field in self.fields.items()
            if field.kind in SETS
            and planned.get(name) is not None
            and not has_unknown(planned[name])
        }
        return found | kept

    def refreshed(self, recorded: Properties, outputs: Properties) -> Properties:
        """Tell what inputs the state now stands for.

        Args:
            recorded: The inputs on record; empty in an import.
            outputs: The state as just read.

        Source:
            pulumi/pulumi-terraform-bridge, pkg/tfbridge/schema.go
            (`ExtractInputsFromOutputs`)
        """
        accepted = inputs_of(self.fields)
        if not recorded:
            found: Properties = {
                name: _with_marks(outputs[name])
                for name, field in accepted.items()
                if not is_zero(outputs.get(name)) and outputs[name] != field.default
            }
            return found | {DEFAULTS_KEY: []}
        return {
            name: _like(value, outputs[name], accepted[name])
            if name in accepted
            else value
            for name, value in recorded.items()
            if name not in accepted or outputs.get(name) is not None
        }


def _with_marks(value: Value) -> Value:
    """Note in every object that the bridge filled nothing in."""
    match value:
        case dict():
            return {DEFAULTS_KEY: [], **value}
        case list():
            return [_with_marks(item) for item in value]
        case _:
            return value


def _like(recorded: Value, found: Value, field: Field) -> Value:
    """Give what was found, in the words of the program where they say the same."""
    if field.normalise and isinstance(recorded, str):
        return recorded if field.normalise(recorded) == found else found
    given = recorded if isinstance(recorded, dict) else {}
    if field.kind is Kind.OBJECT and isinstance(found, dict):
        return {key: value for key, value in found.items() if key in given}
    return found


def text(properties: Mapping[str, Value], name: str) -> str:
    """Give a text property; empty where there is none."""
    value = properties.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        message = f"{name} is no text: {value!r}"
        raise Refusal(message)
    return value


def given_or_none(properties: Mapping[str, Value], name: str) -> Any:  # noqa: ANN401 (goes to boto3 as it is)
    """Give a property for a request; None, which leaves it out, where it is not set."""
    value = properties.get(name)
    return None if is_zero(value) else value
