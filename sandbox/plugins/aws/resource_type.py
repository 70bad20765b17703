"""What every resource type of the AWS double has: a schema and five calls."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sandbox.plugins.aws.account import Account, ServiceError, failed
from sandbox.plugins.aws.fields import DEFAULTS_KEY, Field, Kind, inputs_of, is_zero
from sandbox.plugins.aws.tags import tag_changes
from sandbox.plugins.refusal import Refusal
from sandbox.plugins.values import UNKNOWN, Properties, Value, has_unknown

__all__ = ["ResourceType", "Tagged", "given_or_none", "text"]


class ResourceType(ABC):
    """One resource type; a new one is one module and one line in `provider`.

    Attributes:
        token: Type token, for example `aws:iam/role:Role`.
        fields: Property -> what it is; every property of the state but `id`.
    """

    token: ClassVar[str]
    fields: ClassVar[Mapping[str, Field]]

    @abstractmethod
    def create(self, account: Account, inputs: Properties) -> str:
        """Make it and give its id."""

    @abstractmethod
    def find(
        self, account: Account, resource_id: str, recorded: Properties
    ) -> Properties | None:
        """Read it from AWS, in the words of *recorded* where they mean the same."""

    @abstractmethod
    def change(
        self,
        account: Account,
        resource_id: str,
        olds: Properties,
        news: Properties,
        changed: Sequence[str],
    ) -> None:
        """Change what is to be changed, nothing else."""

    @abstractmethod
    def remove(self, account: Account, resource_id: str, state: Properties) -> None:
        """Remove it; what is gone already is fine."""

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
            olds: The recorded state in a preview of an update; None of a creation.

        Source:
            hashicorp/terraform-plugin-sdk, helper/schema/schema.go (`Diff`)
        """
        outputs: Properties = {"id": UNKNOWN} if olds is None else dict(olds)
        for name, field in self.fields.items():
            given = inputs.get(name)
            if given is not None:
                outputs[name] = field.planned(given)
            elif olds is None:
                outputs[name] = UNKNOWN if field.computed or field.read_only else None
            elif not (field.computed or field.read_only):
                outputs[name] = None
        if "tagsAll" in self.fields:
            tags = inputs.get("tags", {})
            outputs["tagsAll"] = UNKNOWN if has_unknown(tags) else tags
        return outputs

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
                name: outputs[name]
                for name, field in accepted.items()
                if field.covered
                and not is_zero(outputs.get(name))
                and outputs.get(name) != field.default
            }
            return found | {DEFAULTS_KEY: []}
        return {
            name: _like(value, outputs[name], accepted[name])
            if name in accepted
            else value
            for name, value in recorded.items()
            if name not in accepted or outputs.get(name) is not None
        }

    def _update_tags(
        self, owner: "Tagged", *, olds: Properties, news: Properties
    ) -> None:
        """Take tags away, then set the others: two calls at most.

        Source:
            hashicorp/terraform-provider-aws, internal/service/iam/tags.go
        """
        removed, added = tag_changes(olds.get("tags"), news.get("tags"))
        try:
            if removed:
                owner.account.call(
                    "iam", f"Untag{owner.kind}", TagKeys=removed, **owner.identity
                )
            if added:
                owner.account.call(
                    "iam", f"Tag{owner.kind}", Tags=added, **owner.identity
                )
        except ServiceError as error:
            message = f"updating tags for {owner.label}: {error}"
            raise failed(message) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """Something in IAM that has tags.

    Attributes:
        account: The way to it.
        kind: Its name in the operations, `Role` for `TagRole`.
        identity: The parameter that names it.
        label: Its name in messages.
    """

    account: Account
    kind: str
    identity: Mapping[str, str]
    label: str


def _like(recorded: Value, found: Value, field: Field) -> Value:
    """Give of an object what the program gave of it; the rest is computed."""
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
