"""What is there now: read from IAM and from the API server, never from the engine."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from sandbox.aws.clients import administrator
from sandbox.session import Sandbox

__all__ = ["Inventory", "LiveRole", "take_inventory"]

# What a control plane makes for itself in every namespace.
_OWN_ACCOUNT: Final = "default"
_OWN_NAMESPACES: Final = frozenset({"default", "kube-node-lease", "kube-public"})


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveRole:
    """A role as IAM holds it.

    Attributes:
        role: What GetRole answers, less times.
        trust_policy: Its trust policy as JSON values.
        managed_policy_arns: What is attached, sorted.
        inline_policies: Name -> document as JSON values.
    """

    role: Mapping[str, Any]
    trust_policy: Mapping[str, Any]
    managed_policy_arns: tuple[str, ...]
    inline_policies: Mapping[str, Mapping[str, Any]]

    @property
    def subjects(self) -> tuple[str, ...]:
        """Every subject its trust policy names, `system:serviceaccount:...`."""
        return tuple(
            value
            for statement in self.trust_policy["Statement"]
            for claims in statement.get("Condition", {}).values()
            for key, value in claims.items()
            if key.endswith(":sub")
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Inventory:
    """Everything in the account and the cluster that somebody made.

    Attributes:
        associations: `<region>/<cluster>/<namespace>/<service account>` -> the Pod
            Identity association, as DescribePodIdentityAssociation answers it.
        providers: ARN of each OIDC provider -> what GetOpenIDConnectProvider answers.
        roles: Name -> role.
        namespaces: Name -> object, less those of Kubernetes' own but kube-system, and
            less those that are being deleted, which takes Kubernetes some seconds.
        service_accounts: `<namespace>/<name>` -> object, less every `default`, those
            of the controllers, and those that go with their namespace.
    """

    associations: Mapping[str, Mapping[str, Any]]
    providers: Mapping[str, Mapping[str, Any]]
    roles: Mapping[str, LiveRole]
    namespaces: Mapping[str, Mapping[str, Any]]
    service_accounts: Mapping[str, Mapping[str, Any]]


def take_inventory(sandbox: Sandbox, *, region: str | None = None) -> Inventory:
    """Read the account and the cluster with their own clients.

    Args:
        sandbox: Where they are.
        region: Any region of the partition whose IAM is read. Default: the sandbox's.
    """
    iam = administrator(sandbox.aws, "iam", region=region)
    arns = [
        provider["Arn"]
        for provider in iam.list_open_id_connect_providers()[
            "OpenIDConnectProviderList"
        ]
    ]
    roles = [role["RoleName"] for role in _pages(iam, "list_roles", "Roles")]
    namespaces, service_accounts = _objects(sandbox)
    return Inventory(
        associations=sandbox.aws.associations,
        providers={
            arn: _answer(iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn))
            for arn in sorted(arns)
        },
        roles={name: _live_role(iam, name) for name in sorted(roles)},
        namespaces=namespaces,
        service_accounts=service_accounts,
    )


def _objects(
    sandbox: Sandbox,
) -> tuple[dict[str, Mapping[str, Any]], dict[str, Mapping[str, Any]]]:
    """Read the namespaces and service accounts that somebody made, and that stay."""
    plane = sandbox.control_plane
    namespaces = plane.request(method="GET", path="/api/v1/namespaces").document
    accounts = plane.request(method="GET", path="/api/v1/serviceaccounts").document
    by_name = {one["metadata"]["name"]: one for one in namespaces["items"]}
    going = {
        name for name, one in by_name.items() if "deletionTimestamp" in one["metadata"]
    }
    return (
        {
            name: one
            for name, one in by_name.items()
            if name not in _OWN_NAMESPACES | going
        },
        {
            f"{item['metadata']['namespace']}/{item['metadata']['name']}": item
            for item in accounts["items"]
            if item["metadata"]["name"] != _OWN_ACCOUNT
            and item["metadata"]["namespace"] not in going
            and not item["metadata"]["name"].endswith("-controller")
        },
    )


def _live_role(iam: Any, name: str) -> LiveRole:  # noqa: ANN401 - boto3 has no types
    role = iam.get_role(RoleName=name)["Role"]
    attached = _pages(
        iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name
    )
    inline = _pages(iam, "list_role_policies", "PolicyNames", RoleName=name)
    return LiveRole(
        role={key: value for key, value in role.items() if key != "RoleLastUsed"},
        trust_policy=_json(role["AssumeRolePolicyDocument"]),
        managed_policy_arns=tuple(sorted(one["PolicyArn"] for one in attached)),
        inline_policies={
            policy: _json(
                iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            )
            for policy in sorted(inline)
        },
    )


def _pages(iam: Any, call: str, key: str, **arguments: str) -> list[Any]:  # noqa: ANN401
    pages = iam.get_paginator(call).paginate(**arguments)
    return [item for page in pages for item in page[key]]


def _json(document: Any) -> Mapping[str, Any]:  # noqa: ANN401 - text or decoded
    return json.loads(unquote(document)) if isinstance(document, str) else document


def _answer(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}
