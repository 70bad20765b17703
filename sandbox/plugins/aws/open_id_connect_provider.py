"""`aws:iam/openIdConnectProvider:OpenIdConnectProvider`.

Source:
    hashicorp/terraform-provider-aws, internal/service/iam/openid_connect_provider.go
"""

from urllib.parse import urlsplit, urlunsplit

from typing_extensions import override

from sandbox.plugins.aws.account import GONE, Account
from sandbox.plugins.aws.fields import ALL_TAGS, READ_ONLY, TAGS, Field, Kind, schema
from sandbox.plugins.aws.resource_type import (
    ResourceType,
    Tagged,
    Update,
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
    fields = schema(
        arn=READ_ONLY,
        clientIdLists=Field(
            terraform_name="client_id_list",
            kind=Kind.TEXT_SET,
            required=True,
            validators=(length_between(1, 255),),
        ),
        tags=TAGS,
        tagsAll=ALL_TAGS,
        thumbprintLists=Field(
            terraform_name="thumbprint_list",
            kind=Kind.TEXT_LIST,
            computed=True,
            validators=(length_between(40, 40),),
        ),
        url=Field(
            required=True,
            replaces=True,
            validators=(https_url,),
            same=_same_url,
        ),
    )

    @override
    def create(self, account: Account, inputs: Properties) -> str:
        created = account.attempt(
            "creating IAM OIDC Provider",
            "iam",
            "CreateOpenIDConnectProvider",
            Url=text(inputs, "url"),
            ClientIDList=inputs["clientIdLists"],
            ThumbprintList=given_or_none(inputs, "thumbprintLists"),
            Tags=to_list(inputs.get("tagsAll")) or None,
        )
        return str(created["OpenIDConnectProviderArn"])

    @override
    def find(
        self, account: Account, resource_id: str, recorded: Properties
    ) -> Properties | None:
        found = account.attempt(
            f"reading IAM OIDC Provider ({resource_id})",
            "iam",
            "GetOpenIDConnectProvider",
            unless=GONE,
            OpenIDConnectProviderArn=resource_id,
        )
        if not found:
            return None
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
    def change(self, account: Account, resource_id: str, update: Update) -> None:
        arn = {"OpenIDConnectProviderArn": resource_id}
        label = f"IAM OIDC Provider ({resource_id})"
        thumbprints = given_or_none(update.news, "thumbprintLists")
        if "thumbprintLists" in update.changed and thumbprints:
            account.attempt(
                f"updating {label} thumbprint",
                "iam",
                "UpdateOpenIDConnectProviderThumbprint",
                ThumbprintList=thumbprints,
                **arn,
            )
        if "clientIdLists" in update.changed:
            _update_clients(account, arn, label, update)

    @override
    def tagged(self, resource_id: str, state: Properties) -> Tagged:
        return Tagged(
            kind="OpenIDConnectProvider",
            identity=("OpenIDConnectProviderArn", resource_id),
            title="OIDC Provider",
        )

    @override
    def remove(self, account: Account, resource_id: str, state: Properties) -> None:
        account.attempt(
            f"deleting IAM OIDC Provider ({resource_id})",
            "iam",
            "DeleteOpenIDConnectProvider",
            unless=GONE,
            OpenIDConnectProviderArn=resource_id,
        )


def _update_clients(
    account: Account, arn: dict[str, str], label: str, update: Update
) -> None:
    before = _texts(update.olds["clientIdLists"])
    after = _texts(update.news["clientIdLists"])
    for word, operation, clients in (
        ("adding", "AddClientIDToOpenIDConnectProvider", after - before),
        ("removing", "RemoveClientIDFromOpenIDConnectProvider", before - after),
    ):
        for client in sorted(clients):
            what = f"{word} {label} client ID ({client})"
            account.attempt(what, "iam", operation, ClientID=client, **arn)


def _in_recorded_order(recorded: Value, found: list[str]) -> list[Value]:
    """Keep the order of a set on record: it means nothing, and should show nothing."""
    listed = recorded if isinstance(recorded, list) else []
    kept = [one for one in listed if one in found]
    return [*kept, *sorted(one for one in found if one not in kept)]


def _texts(value: Value) -> set[str]:
    return {str(item) for item in value} if isinstance(value, list) else set()
