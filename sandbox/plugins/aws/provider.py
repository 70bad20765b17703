"""The AWS double: which types there are, and what every one of them goes through."""

from collections.abc import Mapping, Sequence
from typing import Final

from typing_extensions import override

from sandbox.plugins.aws.account import Account
from sandbox.plugins.aws.checking import check_inputs
from sandbox.plugins.aws.cluster import Cluster
from sandbox.plugins.aws.comparing import changed_fields, compare
from sandbox.plugins.aws.configuration import (
    Configuration,
    check_configuration,
    verify_account,
)
from sandbox.plugins.aws.functions import invoke
from sandbox.plugins.aws.open_id_connect_provider import OpenIdConnectProvider
from sandbox.plugins.aws.policy import Policy
from sandbox.plugins.aws.resource_type import ResourceType
from sandbox.plugins.aws.role import Role
from sandbox.plugins.aws.role_policy import RolePolicy
from sandbox.plugins.aws.role_policy_attachment import RolePolicyAttachment
from sandbox.plugins.host import Host
from sandbox.plugins.plugin import (
    Answer,
    Autonaming,
    Checked,
    Difference,
    Plugin,
    State,
    Subject,
)
from sandbox.plugins.refusal import NotCovered, Refusal
from sandbox.plugins.values import Properties, without_secrets
from sandbox.plugins.versions import AWS_VERSION

__all__ = ["AwsPlugin"]

_TYPES: Final[Mapping[str, ResourceType]] = {
    one.token: one
    for one in (
        Cluster(),
        OpenIdConnectProvider(),
        Policy(),
        Role(),
        RolePolicy(),
        RolePolicyAttachment(),
    )
}


class AwsPlugin(Plugin):
    """A test double of `pulumi-resource-aws`."""

    name = "aws"
    version = AWS_VERSION
    # The bridge leaves secrets to the engine, which marks outputs by their inputs.
    # Source: pulumi/pulumi-terraform-bridge, pkg/tfbridge/provider.go (`Configure`)
    accepts_secrets = False

    def __init__(self, *, host: Host) -> None:
        """Start without a configuration; nothing is sent yet."""
        del host
        self._account: Account | None = None

    @override
    def check_config(self, *, urn: str, news: Properties) -> Checked:
        return check_configuration(urn=urn, news=news)

    @override
    def diff_config(self, *, olds: Properties, news: Properties) -> Difference:
        """Compare; nothing in this provider's configuration replaces it.

        Source:
            pulumi/pulumi-terraform-bridge, pkg/tfbridge/provider.go (`DiffConfig`)
        """
        keys = sorted(olds.keys() | news.keys())
        return Difference(
            properties=tuple(key for key in keys if olds.get(key) != news.get(key))
        )

    @override
    def configure(self, *, variables: Mapping[str, str]) -> None:
        prefix = f"{self.name}:config:"
        configuration = Configuration.from_properties(
            {key.removeprefix(prefix): value for key, value in variables.items()}
        )
        self._account = Account(configuration)
        verify_account(configuration, self._account)

    @override
    def invoke(self, *, token: str, arguments: Properties) -> Answer:
        return invoke(account=self._configured, token=token, arguments=arguments)

    @override
    def check(
        self,
        subject: Subject,
        *,
        olds: Properties,
        news: Properties,
        autonaming: Autonaming,
    ) -> Checked:
        return check_inputs(
            subject,
            fields=_type(subject).fields,
            olds=olds,
            news=news,
            autonaming=autonaming,
        )

    @override
    def diff(
        self,
        subject: Subject,
        *,
        olds: Properties,
        news: Properties,
        ignored: Sequence[str],
    ) -> Difference:
        return compare(
            fields=_type(subject).fields,
            olds=_plain(olds),
            news=_plain(news),
            ignored=ignored,
        )

    @override
    def create(
        self, subject: Subject, *, inputs: Properties, preview: bool, timeout: float
    ) -> State:
        resource_type, given = _type(subject), _plain(inputs)
        if preview:
            return State(resource_id="", outputs=resource_type.planned(given))
        resource_id = resource_type.create(self._configured, given)
        outputs = resource_type.find(self._configured, resource_id, given)
        if outputs is None:
            message = f"creating {subject.urn}: couldn't find resource"
            raise Refusal(message)
        return State(resource_id=resource_id, outputs=outputs)

    @override
    def read(
        self, subject: Subject, *, inputs: Properties, state: Properties
    ) -> State | None:
        resource_type, recorded = _type(subject), _plain(state)
        if not recorded:
            recorded = resource_type.imported(subject.resource_id)
        try:
            outputs = resource_type.find(
                self._configured, subject.resource_id, recorded
            )
        except Refusal as refusal:
            message = f"refreshing {subject.urn}: {refusal}"
            raise Refusal(message) from refusal
        if outputs is None:
            return None
        return State(
            resource_id=subject.resource_id,
            outputs=outputs,
            inputs=resource_type.refreshed(_plain(inputs), outputs),
        )

    @override
    def update(
        self,
        subject: Subject,
        *,
        olds: Properties,
        news: Properties,
        ignored: Sequence[str],
        preview: bool,
    ) -> Properties:
        resource_type = _type(subject)
        recorded, given = _plain(olds), _plain(news)
        if preview:
            return resource_type.planned(given, recorded)
        changed = changed_fields(fields=resource_type.fields, olds=recorded, news=given)
        try:
            resource_type.change(
                self._configured, subject.resource_id, recorded, given, changed
            )
            outputs = resource_type.find(
                self._configured, subject.resource_id, recorded | given
            )
        except Refusal as refusal:
            message = f"updating {subject.urn}: {refusal}"
            raise Refusal(message) from refusal
        if outputs is None:
            message = f"updating {subject.urn}: couldn't find resource"
            raise Refusal(message)
        return outputs

    @override
    def delete(self, subject: Subject, *, state: Properties, timeout: float) -> None:
        try:
            _type(subject).remove(self._configured, subject.resource_id, _plain(state))
        except Refusal as refusal:
            message = f"deleting {subject.urn}: {refusal}"
            raise Refusal(message) from refusal

    @override
    def cancel(self) -> None:
        """Do nothing: no call to AWS here takes long."""

    @property
    def _configured(self) -> Account:
        if self._account is None:
            message = "the AWS provider was asked before it was configured"
            raise Refusal(message)
        return self._account


def _type(subject: Subject) -> ResourceType:
    if subject.type_token not in _TYPES:
        raise NotCovered(plugin="aws", what=f"the resource type {subject.type_token}")
    return _TYPES[subject.type_token]


def _plain(properties: Properties) -> Properties:
    return {key: without_secrets(value) for key, value in properties.items()}
