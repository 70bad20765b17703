"""`aws:eks/podIdentityAssociation:PodIdentityAssociation`.

Written for Terraform's plugin framework upstream, unlike the other types: a failure is
worded without a list, nothing is read after a creation or an update, and an update that
fails leaves the recorded state as it was.

Source:
    hashicorp/terraform-provider-aws, internal/service/eks/pod_identity_association.go,
    and pulumi/pulumi-terraform-bridge, pkg/pf/tfbridge/provider_{create,update}.go and
    provider_diagnostics.go. `policy` is newer than what was read: it is compared as
    other policies are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from typing_extensions import override

from sandbox.plugins.aws.account import Account, FrameworkDiagnosed, ServiceError
from sandbox.plugins.aws.comparing import changed_fields
from sandbox.plugins.aws.fields import ALL_TAGS, READ_ONLY, TAGS, Field, Kind, schema
from sandbox.plugins.aws.policy_documents import are_equivalent
from sandbox.plugins.aws.resource_type import (
    ResourceType,
    Update,
    given_or_none,
    text,
)
from sandbox.plugins.aws.tags import tag_changes
from sandbox.plugins.aws.validators import arn
from sandbox.plugins.refusal import Refusal
from sandbox.plugins.values import UNKNOWN, Properties, Value

__all__ = ["PodIdentityAssociation"]

_TITLE: Final = "EKS Pod Identity Association"
_NOT_FOUND: Final = "ResourceNotFoundException"
_CHANGEABLE: Final = frozenset(
    {"disableSessionTags", "policy", "roleArn", "targetRoleArn"}
)
_KEYS: Final = ("clusterName", "namespace", "serviceAccount")
_REPLACING: Final = Field(required=True, replaces=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tags:
    """The tags of one association.

    Attributes:
        arn: The association's.
        region: Where it is.
    """

    arn: str
    region: str

    def change(self, account: Account, *, old: Value, new: Value) -> None:
        """Take tags away, then set the others: two calls at most."""
        removed, added = tag_changes(old, new)
        tags = {one["Key"]: one["Value"] for one in added}
        what = f"updating tags for EKS (Elastic Kubernetes) {_TITLE} ({self.arn})"
        for operation, given in (
            ("UntagResource", {"tagKeys": removed}),
            ("TagResource", {"tags": tags}),
        ):
            if any(given.values()):
                named = {"resourceArn": self.arn, **given}
                _call(account, what, operation, named, region=self.region)


class PodIdentityAssociation(ResourceType):
    """A role for a service account, by EKS Pod Identity."""

    token = "aws:eks/podIdentityAssociation:PodIdentityAssociation"  # noqa: S105 (a type token)
    keeps_wishes = False
    fields = schema(
        associationArn=READ_ONLY,
        associationId=READ_ONLY,
        clusterName=_REPLACING,
        disableSessionTags=Field(kind=Kind.FLAG),
        externalId=READ_ONLY,
        namespace=_REPLACING,
        policy=Field(same=are_equivalent),
        region=Field(computed=True, replaces=True),
        roleArn=Field(required=True, validators=(arn,)),
        serviceAccount=_REPLACING,
        tags=TAGS,
        tagsAll=ALL_TAGS,
        targetRoleArn=Field(validators=(arn,)),
    )

    @override
    def planned(self, inputs: Properties, olds: Properties | None = None) -> Properties:
        planned = super().planned(inputs, olds)
        if planned.get("disableSessionTags") is None:
            planned["disableSessionTags"] = False
        # Upstream's plan does not keep it when anything else changes.
        if olds and changed_fields(fields=self.fields, olds=olds, news=inputs):
            planned["externalId"] = UNKNOWN
        return planned

    @override
    def create(self, account: Account, inputs: Properties) -> tuple[str, Properties]:
        region = text(inputs, "region") or account.region
        answer = _call(
            account,
            f"creating {_TITLE}",
            "CreatePodIdentityAssociation",
            {name: given_or_none(inputs, name) for name in (*_KEYS, *_CHANGEABLE)}
            | {"tags": given_or_none(inputs, "tagsAll")},
            region=region,
        )
        made = answer["association"]
        identifier = str(made["associationId"])
        return identifier, {
            "associationArn": str(made["associationArn"]),
            "associationId": identifier,
            "externalId": made.get("externalId"),
            "id": identifier,
            "region": region,
            "tagsAll": inputs.get("tagsAll"),
        }

    @override
    def find(
        self, account: Account, resource_id: str, recorded: Properties
    ) -> Properties | None:
        region = text(recorded, "region") or account.region
        identifier = text(recorded, "associationId") or resource_id
        try:
            answer = account.call(
                "eks",
                "DescribePodIdentityAssociation",
                region=region,
                clusterName=text(recorded, "clusterName"),
                associationId=identifier,
            )
        except ServiceError as error:
            if error.code == _NOT_FOUND:
                return None
            what = f"reading {_TITLE} ({identifier})"
            raise FrameworkDiagnosed(what, error) from error
        found: Mapping[str, Any] = answer["association"]
        state: Properties = {name: found.get(name) for name in self.fields}
        tags: Properties = {key: str(one) for key, one in found["tags"].items()}
        own = recorded.get("policy")
        if isinstance(own, str) and are_equivalent(own, text(state, "policy")):
            state["policy"] = own
        return {**state, "id": identifier, "region": region, "tags": tags}

    @override
    def change(
        self, account: Account, resource_id: str, update: Update
    ) -> Properties | None:
        external_id = update.olds.get("externalId")
        if _CHANGEABLE.intersection(update.changed):
            flag = bool(update.news.get("disableSessionTags"))
            answer = _call(
                account,
                f"updating {_TITLE} ({resource_id})",
                "UpdatePodIdentityAssociation",
                # What is not set is not sent, so that EKS keeps what it has.
                {name: given_or_none(update.news, name) for name in _CHANGEABLE}
                | {"disableSessionTags": flag}
                | _identity(resource_id, update.olds),
                region=text(update.olds, "region"),
            )
            external_id = answer["association"].get("externalId")
        return {"externalId": external_id, "tagsAll": update.news.get("tagsAll")}

    @override
    def tagged(self, resource_id: str, state: Properties) -> _Tags:
        return _Tags(arn=text(state, "associationArn"), region=text(state, "region"))

    @override
    def imported(self, resource_id: str) -> Properties:
        cluster, comma, identifier = resource_id.partition(",")
        if not (cluster and comma and identifier):
            message = (
                f"wrong format of import ID ({resource_id}), use: "
                "'cluster-name,association-id'"
            )
            raise Refusal(message)
        return {"clusterName": cluster, "associationId": identifier}

    @override
    def remove(self, account: Account, resource_id: str, state: Properties) -> None:
        _call(
            account,
            f"deleting {_TITLE} ({resource_id})",
            "DeletePodIdentityAssociation",
            _identity(resource_id, state),
            region=text(state, "region"),
            unless=_NOT_FOUND,
        )


def _identity(resource_id: str, state: Properties) -> dict[str, object]:
    return {"clusterName": text(state, "clusterName"), "associationId": resource_id}


def _call(  # noqa: PLR0913 - keywords, but for what every call has
    account: Account,
    what: str,
    operation: str,
    parameters: Mapping[str, object],
    *,
    region: str,
    unless: str = "",
) -> Mapping[str, Any]:
    """Call EKS; a failure is worded as the plugin framework's bridge does."""
    try:
        return account.call("eks", operation, region=region, **parameters)
    except ServiceError as error:
        if unless and error.code == unless:
            return {}
        raise FrameworkDiagnosed(what, error) from error
