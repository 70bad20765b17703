"""An AWS account and its EKS cluster as commands printed them, without asking anybody.

The files are what the AWS CLI and kubectl print as JSON; nothing else of them is read
than what `account` reads.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from eks_irsa.documents import arns
from eks_irsa.live.account import LiveAccount, by_key, live_role, with_details
from eks_irsa.live.cluster_objects import live_service_account
from eks_irsa.live.clusters import live_cluster
from eks_irsa.live.model import (
    LiveCluster,
    LiveRole,
    LiveServiceAccount,
    LiveStack,
    Read,
    Unread,
)
from eks_irsa.live.stacks import live_stack

__all__ = ["COMMANDS", "FileError", "account_of_files", "service_accounts_of_file"]

T = TypeVar("T")

# File -> what prints it.
COMMANDS: Final[Mapping[str, str]] = {
    "cluster": "aws eks describe-cluster --name CLUSTER",
    "roles": "aws iam get-account-authorization-details --filter Role",
    "role_details": "aws iam list-roles",
    "stacks": "aws cloudformation describe-stacks",
    "service_accounts": (
        "kubectl get serviceaccounts --all-namespaces --show-managed-fields --output "
        "json"
    ),
}


class FileError(ValueError):
    """A file is not what its command prints; the text is for people."""


def account_of_files(
    *,
    cluster: Path,
    roles: Path,
    role_details: Path | None = None,
    stacks: Path | None = None,
    service_accounts: Read[tuple[LiveServiceAccount, ...]],
) -> LiveAccount:
    """Read an AWS account from files alone.

    Args:
        cluster: Of `COMMANDS`, as are the others.
        roles: Likewise.
        role_details: Default: descriptions and longest sessions are not known.
        stacks: Default: none were read.
        service_accounts: Of the cluster.

    Returns:
        The account. The IAM OIDC provider and associations are in none of the files.

    Raises:
        FileError: A file cannot be read, or is something else.
    """
    return LiveAccount(
        cluster=_read(cluster, "cluster", _cluster),
        roles=_roles(roles, role_details),
        provider=Unread("no option gives it; pulumi up looks at it"),
        stacks=_stacks(stacks),
        associations=Unread("no option gives them"),
        service_accounts=by_key(service_accounts),
    )


def service_accounts_of_file(path: Path) -> tuple[LiveServiceAccount, ...]:
    """Read the service accounts of a cluster.

    Args:
        path: Of `COMMANDS`, `service_accounts`.

    Raises:
        FileError: It cannot be read, or is something else.
    """
    return _read(
        path,
        "service_accounts",
        lambda it: tuple(live_service_account(one) for one in it["items"]),
    )


def _cluster(document: Mapping[str, Any]) -> LiveCluster:
    described = live_cluster(document["cluster"])
    arns.parse_cluster_arn(described.arn)  # which raises if it is none
    return described


def _roles(path: Path, details: Path | None) -> dict[str, LiveRole]:
    listed = _read(
        path, "roles", lambda it: [live_role(one) for one in it["RoleDetailList"]]
    )
    roles = {one.name: one for one in listed}
    if details is None:
        return roles
    described = _read(
        details,
        "role_details",
        lambda it: {one["RoleName"]: one for one in it["Roles"]},
    )
    return {
        name: with_details(role, described[name]) if name in described else role
        for name, role in roles.items()
    }


def _stacks(path: Path | None) -> Read[tuple[LiveStack, ...]]:
    if path is None:
        return Unread("no file was given")
    return _read(
        path, "stacks", lambda it: tuple(live_stack(one) for one in it["Stacks"])
    )


def _read(path: Path, kind: str, take: Callable[[Mapping[str, Any]], T]) -> T:
    is_part = False
    try:
        document: object = json.loads(path.read_bytes())
        if isinstance(document, Mapping):
            whole = cast("Mapping[str, Any]", document)
            if not (is_part := _is_part(whole)):
                return take(whole)
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise FileError(msg) from error
    except (
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as error:
        msg = _other(path, kind)
        raise FileError(msg) from error
    raise FileError(_part(path, kind) if is_part else _other(path, kind))


def _is_part(document: Mapping[str, Any]) -> bool:
    """Tell whether a list was cut off, by --max-items or --no-paginate."""
    metadata: Mapping[str, Any] = document.get("metadata") or {}
    return bool(
        document.get("IsTruncated")
        or document.get("NextToken")
        or metadata.get("continue")
    )


def _part(path: Path, kind: str) -> str:
    return (
        f"{path} is only a part of what there is; run '{COMMANDS[kind]}' without "
        "--max-items, --no-paginate and --limit"
    )


def _other(path: Path, kind: str) -> str:
    return f"{path} is not what '{COMMANDS[kind]}' prints as JSON"
