"""Resources that are not read and may still give a role to pods or a policy to a role.

What they give is said to be unknown; nothing here tries to find it out.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, cast

from eks_irsa.documents.resource_types import (
    COMPONENT,
    SERVICE_ACCOUNT_LIST,
    SERVICE_ACCOUNTS,
)
from eks_irsa.documents.webhook import ROLE_ARN_ANNOTATION
from eks_irsa.review.preview import Preview, Resource, State, Unknown

__all__ = ["unread"]

_READ: Final = SERVICE_ACCOUNTS | {SERVICE_ACCOUNT_LIST, COMPONENT}
# EKS writes the annotation, or makes the associations, that these ask for.
# Source: https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateAddon.html
_ADD_ONS: Final = frozenset({"aws:eks/addon:Addon", "aws-native:eks:Addon"})
_OF_ADD_ONS: Final = ("serviceAccountRoleArn", "podIdentityAssociations")
# Where charts and add-ons take annotations; all that is told of them may be that they
# are known later, or a secret.
_OF_ANY_CONTENT: Final = frozenset(
    {"annotations", "configurationValues", "serviceAccount", "values"}
)
_WITH_ANY_CONTENT: Final = re.compile(
    r"kubernetes:helm\.sh/v\d+:Release|aws:eks/addon:Addon|aws-native:eks:Addon"
)
# They take any type of CloudFormation as a text: token -> property of that text.
_ANY_TYPE: Final[Mapping[str, str]] = {
    "aws:cloudcontrol/resource:Resource": "typeName",
    "aws-native:index:ExtensionResource": "type",
}
_CLOUD_TYPES: Final = re.compile(
    r"AWS::(IAM::(Role|RolePolicy|ManagedPolicy|Policy)|EKS::PodIdentityAssociation)"
)
# The tokens of Terraform's AWS provider under `pulumi package add terraform-provider`.
_TERRAFORM: Final = re.compile(
    r"aws:index/(iam(Role|Policy)|eksPodIdentityAssociation)[A-Za-z]*:\w+"
)
# Their children are resources of their own, and read.
_OF_CHILDREN: Final = re.compile(r"kubernetes:(yaml|kustomize|helm\.sh/v\d+:Chart)\b.*")


def unread(preview: Preview) -> Iterator[str]:
    """Name what may give a role or a policy in a way that is not read.

    Args:
        preview: Any.

    Returns:
        A sentence for each resource that is changed.
    """
    for one in preview.resources.values():
        if one.is_idle:
            continue
        if _gives_role(one):
            yield f"which role the pods of {one.name} have: {one.type} is not read"
        elif _is_of_iam(one):
            yield f"what {one.name} gives to a role: {one.type} is not read"


def _gives_role(resource: Resource) -> bool:
    before, after = _inputs(resource.before), _inputs(resource.after)
    if resource.type in _ADD_ONS and any(
        after.get(key) not in (None, "", before.get(key), []) for key in _OF_ADD_ONS
    ):
        return True
    if resource.type in _READ or _OF_CHILDREN.fullmatch(resource.type):
        return False
    if _WITH_ANY_CONTENT.fullmatch(resource.type) and any(_not_told(after)):
        return True
    annotated = [*_annotated(after)]
    return bool(annotated) and annotated != [*_annotated(before)]


def _not_told(given: Mapping[str, object]) -> Iterator[Unknown]:
    """Give what may hold the annotation, and is known later or a secret."""
    for key, one in given.items():
        if isinstance(one, Unknown) and key in _OF_ANY_CONTENT:
            yield one
        elif isinstance(one, Mapping):
            yield from _not_told(cast("Mapping[str, object]", one))


def _is_of_iam(resource: Resource) -> bool:
    if _TERRAFORM.fullmatch(resource.type):
        return True
    key = _ANY_TYPE.get(resource.type)
    states = (resource.before, resource.after)
    kinds = [_inputs(state).get(key) for state in states if key and state]
    return any(
        isinstance(one, Unknown) or _CLOUD_TYPES.fullmatch(str(one)) for one in kinds
    )


def _inputs(state: State | None) -> Mapping[str, object]:
    return state.inputs if state else {}


def _annotated(given: object) -> Iterator[object]:
    """Give what stands under the annotation, and texts that have it in them."""
    if isinstance(given, str) and ROLE_ARN_ANNOTATION in given:
        yield given
    elif isinstance(given, list):
        for one in cast("list[object]", given):
            yield from _annotated(one)
    elif isinstance(given, Mapping):
        for key, one in cast("Mapping[str, object]", given).items():
            if ROLE_ARN_ANNOTATION in key:
                yield one
            yield from _annotated(one)
