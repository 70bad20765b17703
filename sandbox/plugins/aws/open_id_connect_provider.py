"""`aws:iam/openIdConnectProvider:OpenIdConnectProvider`.

Source:
    hashicorp/terraform-provider-aws, internal/service/iam/openid_connect_provider.go
"""

from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

from typing_extensions import override

from sandbox.plugins.aws.account import Account, ServiceError, failed
from sandbox.plugins.aws.fields import ALL_TAGS, Field, Kind
from sandbox.plugins.aws.resource_type import (
    ResourceType,
    Tagged,
    given_or_none,
    text,
)
from sandbox.plugins.aws.tags import from_list, to_list
from sandbox.plugins.aws.validators import https_url, length_between
from sandbox.plugins.values import Properties, Value

__all__ = ["OpenIdConnectProvider"]


def _same_url(old: str, new: str) -> bool:
    """Compare issuers whatever their scheme: IAM gives them back without it."""
    return _with_https(old) == _with_https(new)


def _with_https(url: str) -> str:
    return urlunsplit(urlsplit(url if "://" in url else f"https://{url}"))


class OpenIdConnectProvider(ResourceType):
    """An issuer of tokens that IAM trusts."""

    token = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"  # noqa: S105 (a type token)
    fields = {  # noqa: RUF012 (the base class says ClassVar)
        "arn": Field(terraform_name="arn", read_only=True),
        "clientIdLists": Field(
            terraform_name="client_id_list",
            kind=Kind.TEXT_SET,
            required=True,
            validators=(length_between(1, 255),),
        ),
        "tags": Field(terraform_name="tags", kind=Kind.TEXT_MAP),
        "tagsAll": ALL_TAGS,
        "thumbprintLists": Field(
            terraform_name="thumbprint_list",
            kind=Kind.TEXT_LIST,
            computed=True,
            validators=(length_between(40, 40),),
        ),
        "url": Field(
            terraform_name="url",
            required=True,
            replaces=True,
            validators=(https_url,),
            same=_same_url,
        ),
    }

    @override
    def create(self, account: Account, inputs: Properties) -> str:
        try:
            created = account.call(
                "iam",
                "CreateOpenIDConnectProvider",
                Url=text(inputs, "url"),
                ClientIDList=inputs["clientIdLists"],
                ThumbprintList=given_or_none(inputs, "thumbprintLists"),
                Tags=to_list(inputs.get("tagsAll")) or None,
            )
        except ServiceError as error:
            message = f"creating IAM OIDC Provider: {error}"
            raise failed(message) from error
        return str(created["OpenIDConnectProviderArn"])

    @override
    def find(
        self, account: Account, resource_id: str, recorded: Properties
    ) -> Properties | None:
        try:
            found = account.call(
                "iam", "GetOpenIDConnectProvider", OpenIDConnectProviderArn=resource_id
            )
        except ServiceError as error:
            if error.code == "NoSuchEntity":
                return None
            message = f"reading IAM OIDC Provider ({resource_id}): {error}"
            raise failed(message) from error
        clients = [str(one) for one in found.get("ClientIDList", [])]
        return {
            "arn": resource_id,
            "clientIdLists": _in_recorded_order(recorded.get("clientIdLists"), clients),
            "id": resource_id,
            "tags": from_list(found.get("Tags", [])),
            "thumbprintLists": [str(one) for one in found.get("ThumbprintList", [])],
            "url": str(found["Url"]),
        }

    @override
    def change(
        self,
        account: Account,
        resource_id: str,
        olds: Properties,
        news: Properties,
        changed: Sequence[str],
    ) -> None:
        arn = {"OpenIDConnectProviderArn": resource_id}
        label = f"IAM OIDC Provider ({resource_id})"
        thumbprints = given_or_none(news, "thumbprintLists")
        try:
            if "thumbprintLists" in changed and thumbprints:
                account.call(
                    "iam",
                    "UpdateOpenIDConnectProviderThumbprint",
                    ThumbprintList=thumbprints,
                    **arn,
                )
        except ServiceError as error:
            message = f"updating {label} thumbprint: {error}"
            raise failed(message) from error
        if "clientIdLists" in changed:
            _update_clients(account, arn, label, olds, news)

    @override
    def tagged(self, resource_id: str) -> Tagged:
        return Tagged(
            kind="OpenIDConnectProvider",
            identity=("OpenIDConnectProviderArn", resource_id),
            title="OIDC Provider",
        )

    @override
    def remove(self, account: Account, resource_id: str, state: Properties) -> None:
        try:
            account.call(
                "iam",
                "DeleteOpenIDConnectProvider",
                OpenIDConnectProviderArn=resource_id,
            )
        except ServiceError as error:
            if error.code == "NoSuchEntity":
                return
            message = f"deleting IAM OIDC Provider ({resource_id}): {error}"
            raise failed(message) from error


def _update_clients(
    account: Account,
    arn: dict[str, str],
    label: str,
    olds: Properties,
    news: Properties,
) -> None:
    before, after = _texts(olds["clientIdLists"]), _texts(news["clientIdLists"])
    for word, operation, clients in (
        ("adding", "AddClientIDToOpenIDConnectProvider", after - before),
        ("removing", "RemoveClientIDFromOpenIDConnectProvider", before - after),
    ):
        for client in sorted(clients):
            try:
                account.call("iam", operation, ClientID=client, **arn)
            except ServiceError as error:
                message = f"{word} {label} client ID ({client}): {error}"
                raise failed(message) from error


def _in_recorded_order(recorded: Value, found: list[str]) -> list[Value]:
    """Keep the order of a set on record: it means nothing, and should show nothing."""
    listed = recorded if isinstance(recorded, list) else []
    kept = [one for one in listed if one in found]
    return [*kept, *sorted(one for one in found if one not in kept)]


def _texts(value: Value) -> set[str]:
    return {str(item) for item in value} if isinstance(value, list) else set()
