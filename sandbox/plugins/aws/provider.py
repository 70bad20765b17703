"""The AWS double: which types there are, and what every one of them goes through."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from typing_extensions import override

from sandbox.plugins.aws.account import NOT_FOUND, Account, Diagnosed, failed
from sandbox.plugins.aws.checking import check_inputs
from sandbox.plugins.aws.cluster import Cluster
from sandbox.plugins.aws.comparing import compare
from sandbox.plugins.aws.configuration import (
    Configuration,
    check_configuration,
    compare_configurations,
    verify_account,
)
from sandbox.plugins.aws.fields import without_marks
from sandbox.plugins.aws.functions import invoke
from sandbox.plugins.aws.lifecycle import change, find, once_visible
from sandbox.plugins.aws.open_id_connect_provider import OpenIdConnectProvider
from sandbox.plugins.aws.pod_identity_association import PodIdentityAssociation
from sandbox.plugins.aws.policy import Policy
from sandbox.plugins.aws.resource_type import ResourceType
from sandbox.plugins.aws.role import Role
from sandbox.plugins.aws.role_policy import RolePolicy
from sandbox.plugins.aws.role_policy_attachment import RolePolicyAttachment
from sandbox.plugins.aws.tags import TagSettings
from sandbox.plugins.host import Host, Severity
from sandbox.plugins.plugin import (
    Answer,
    Autonaming,
    Checked,
    Difference,
    Plugin,
    State,
    Subject,
)
from sandbox.plugins.refusal import NotCovered, PartialFailure, Refusal
from sandbox.plugins.values import Properties, has_unknown, without_secrets
from sandbox.plugins.versions import AWS_VERSION

__all__ = ["AwsPlugin"]

_TYPES: Final[Mapping[str, ResourceType]] = {
    one.token: one
    for one in (
        Cluster(),
        OpenIdConnectProvider(),
        PodIdentityAssociation(),
        Policy(),
        Role(),
        RolePolicy(),
        RolePolicyAttachment(),
    )
}


_VISIBLE_AFTER_SECONDS: Final = 120.0
"""How long what was just made may be missing.

Source:
    hashicorp/terraform-provider-aws, internal/service/iam/consts.go
    (`propagationTimeout`)
"""


class AwsPlugin(Plugin):
    """A test double of `pulumi-resource-aws`."""

    name = "aws"
    version = AWS_VERSION
    # The bridge leaves secrets to the engine, which marks outputs by their inputs.
    # Source: pulumi/pulumi-terraform-bridge, pkg/tfbridge/provider.go (`Configure`)
    accepts_secrets = False

    def __init__(
        self, *, host: Host, visible_after_seconds: float = _VISIBLE_AFTER_SECONDS
    ) -> None:
        """Start without a configuration; nothing is sent yet.

        Args:
            host: Where Terraform's errors are shown.
            visible_after_seconds: How long to look for what was just made.
        """
        self._host = host
        self._visible_after_seconds = visible_after_seconds
        self._account: Account | None = None

    @override
    def check_config(self, *, urn: str, news: Properties) -> Checked:
        return check_configuration(urn=urn, news=news)

    @override
    def diff_config(self, *, olds: Properties, news: Properties) -> Difference:
        return compare_configurations(olds, news)

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
        fields = _type(subject).fields
        checked = check_inputs(
            subject, fields=fields, olds=olds, news=news, autonaming=autonaming
        )
        if "tagsAll" in fields:
            settings = self._account.tags if self._account else TagSettings()
            everything = settings.everything(checked.inputs.get("tags"))
            checked.inputs["tagsAll"] = everything
        return checked

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
            news=_given(news),
            ignored=ignored,
        )

    @override
    def create(
        self, subject: Subject, *, inputs: Properties, preview: bool, timeout: float
    ) -> State:
        resource_type, given = _type(subject), _given(inputs)
        planned = resource_type.planned(given)
        if preview:
            return State(resource_id="", outputs=planned)
        with self._shown(subject):
            created = resource_type.create(self._configured, given)
        if not isinstance(created, str):
            return State(resource_id=created[0], outputs=planned | created[1])
        resource_id = created
        known: Properties = {
            key: value for key, value in planned.items() if not has_unknown(value)
        }
        try:
            with self._shown(subject):
                found = once_visible(
                    resource_type,
                    self._configured,
                    resource_id,
                    known,
                    within_seconds=self._visible_after_seconds,
                )
        except Refusal as refusal:
            raise PartialFailure(
                resource_id=resource_id,
                outputs=known | {"id": resource_id},
                reason=f"creating {subject.urn}: {refusal}",
            ) from refusal
        outputs = resource_type.applied(planned, found)
        return State(resource_id=resource_id, outputs=outputs)

    @override
    def read(
        self, subject: Subject, *, inputs: Properties, state: Properties
    ) -> State | None:
        resource_type, recorded = _type(subject), _plain(state)
        if not recorded:
            recorded = resource_type.imported(subject.resource_id)
        try:
            with self._shown(subject):
                outputs = find(
                    resource_type, self._configured, subject.resource_id, recorded
                )
        except Refusal as refusal:
            message = f"refreshing {subject.urn}: {refusal}"
            raise Refusal(message) from refusal
        if outputs is None:
            return None
        return State(
            # That of an import may have said more.
            resource_id=str(outputs["id"]),
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
        recorded, given = _plain(olds), _given(news)
        planned = resource_type.planned(given, recorded)
        if preview:
            return planned
        try:
            with self._shown(subject):
                account, resource_id = self._configured, subject.resource_id
                found = change(resource_type, account, resource_id, recorded, given)
                if found is not None:
                    return planned | found
                found = find(resource_type, account, resource_id, planned)
                if found is None:
                    raise failed(NOT_FOUND)
        except Refusal as refusal:
            if not resource_type.keeps_wishes:
                raise
            # What was wanted is recorded, whether or not it was done, so that the next
            # update finds nothing to change, reads, and only the one after it changes.
            # Source: pulumi/pulumi-terraform-bridge, pkg/tfbridge/provider.go, `Update`
            raise PartialFailure(
                resource_id=subject.resource_id,
                outputs=planned,
                reason=f"updating {subject.urn}: {refusal}",
            ) from refusal
        return resource_type.applied(planned, found)

    @override
    def delete(self, subject: Subject, *, state: Properties, timeout: float) -> None:
        try:
            with self._shown(subject):
                _type(subject).remove(
                    self._configured, subject.resource_id, _plain(state)
                )
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

    @contextmanager
    def _shown(self, subject: Subject) -> Generator[None]:
        """Show an error as Terraform's own log has it, before it is reported."""
        try:
            yield
        except Diagnosed as error:
            line = error.as_logged(self.version)
            self._host.show(severity=Severity.ERROR, urn=subject.urn, message=line)
            raise


def _type(subject: Subject) -> ResourceType:
    if subject.type_token not in _TYPES:
        raise NotCovered(plugin="aws", what=f"the resource type {subject.type_token}")
    return _TYPES[subject.type_token]


def _given(inputs: Properties) -> Properties:
    """Give inputs as a program has them."""
    return {key: without_marks(one) for key, one in _plain(inputs).items()}


def _plain(properties: Properties) -> Properties:
    return {key: without_secrets(value) for key, value in properties.items()}
