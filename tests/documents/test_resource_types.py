"""The names of properties are those of the providers' SDKs, so that a typo fails."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

import pulumi_kubernetes
import pytest
from pulumi_aws import eks, iam

from eks_irsa.documents.resource_types import (
    ATTACHMENTS,
    EXCLUSIVE_ATTACHMENTS,
    EXCLUSIVE_INLINE,
    INLINE,
    MANAGED,
    OF_ROLES,
    POD_IDENTITIES,
    POLICY_ATTACHMENT,
    PROVIDERS,
    ROLES,
    SERVICE_ACCOUNT_LIST,
    SERVICE_ACCOUNTS,
)

# Class of the SDK -> where the report reads it.
CLASSES: Final[list[tuple[type[Any], list[str]]]] = [
    (iam.Role, ["managedPolicyArns", "permissionsBoundary", "path", "tags", "arn"]),
    (iam.Role, ["maxSessionDuration", "description"]),
    (iam.RolePolicy, []),
    (iam.RolePolicyAttachment, []),
    (iam.PolicyAttachment, []),
    (iam.RolePolicyAttachmentsExclusive, []),
    (iam.RolePoliciesExclusive, []),
    (iam.Policy, ["path"]),
    (iam.OpenIdConnectProvider, []),
    (
        eks.PodIdentityAssociation,
        ["clusterName", "namespace", "serviceAccount", "roleArn", "targetRoleArn"],
    ),
    (pulumi_kubernetes.core.v1.ServiceAccount, ["metadata"]),
    (pulumi_kubernetes.core.v1.ServiceAccountPatch, ["metadata"]),
    (pulumi_kubernetes.core.v1.ServiceAccountList, ["items"]),
]
OF_SDKS: Final = {kind.pulumi_type: kind for kind, _ in CLASSES}


def names_of(kind: type[Any]) -> Iterator[str]:
    """Give the names of a resource's outputs as they stand in a state."""
    for member in vars(kind).values():
        if isinstance(member, property):
            name = getattr(member.fget, "_pulumi_name", None)
            yield name or getattr(member.fget, "__name__", "")


def test_every_type_of_the_sdks_has_a_class() -> None:
    """A token with a typo would find no resource."""
    tokens = {
        *(token for token in [*ROLES, *MANAGED, *INLINE, *ATTACHMENTS, *OF_ROLES]),
        *PROVIDERS,
        *POD_IDENTITIES,
        *SERVICE_ACCOUNTS,
        POLICY_ATTACHMENT,
        EXCLUSIVE_ATTACHMENTS,
        EXCLUSIVE_INLINE,
        SERVICE_ACCOUNT_LIST,
    }

    of_aws_native = {token for token in tokens if token.startswith("aws-native:")}

    # Those of a CustomResource are made of the group and the kind it is given.
    of_custom_resources = {
        "kubernetes:v1:ServiceAccount",
        "kubernetes:v1:ServiceAccountPatch",
    }

    assert tokens - of_aws_native - of_custom_resources == OF_SDKS.keys()


@pytest.mark.parametrize("table", [ROLES, MANAGED, INLINE, ATTACHMENTS, OF_ROLES])
def test_properties_of_the_tables_are_the_sdks(table: dict[str, Any]) -> None:
    """Each names a property that the resource has."""
    of_items = {"inline_name", "inline_policy", "exclusive"}
    for token, names in table.items():
        if token in OF_SDKS:
            used = {
                name
                for key, name in asdict(names).items()
                if name and key not in of_items
            }
            assert used <= {*names_of(OF_SDKS[token])}


@pytest.mark.parametrize(("kind", "names"), CLASSES)
def test_other_properties_are_the_sdks(kind: type[Any], names: list[str]) -> None:
    """Those that are read beside the tables."""
    assert {*names} <= {*names_of(kind)}


def test_items_of_a_roles_inline_policies_are_the_sdks() -> None:
    """They are maps."""
    names = ROLES["aws:iam/role:Role"]

    assert {names.inline_name, names.inline_policy} == {
        *names_of(iam.outputs.RoleInlinePolicy)
    }


def test_properties_of_oidc_providers_are_the_sdks() -> None:
    """Issuer and client ids."""
    names = PROVIDERS["aws:iam/openIdConnectProvider:OpenIdConnectProvider"]

    assert {names.url, names.audiences} <= {*names_of(iam.OpenIdConnectProvider)}
