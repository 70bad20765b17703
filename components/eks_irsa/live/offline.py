"""An AWS account and its EKS cluster as commands printed them, without asking anybody.

The files are what the AWS CLI and kubectl print as JSON; nothing else of them is read
than what `account` reads.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from eks_irsa.documents import arns
from eks_irsa.live.account import LiveAccount, by_key
from eks_irsa.live.cluster_objects import live_service_account
from eks_irsa.live.clusters import live_association, live_cluster
from eks_irsa.live.model import (
    LiveAssociation,
    LiveCluster,
    LiveRole,
    LiveServiceAccount,
    LiveStack,
    Read,
    Unread,
)
from eks_irsa.live.roles import live_role, with_details
from eks_irsa.live.stacks import live_stack

__all__ = ["COMMANDS", "FileError", "account_of_files", "service_accounts_of_file"]

T = TypeVar("T")

# File -> what prints it.
COMMANDS: Final[Mapping[str, str]] = {
    "cluster": "aws eks describe-cluster --name CLUSTER",
    "roles": "aws iam get-account-authorization-details --filter Role",
    "role_details": "aws iam list-roles",
    "stacks": "aws cloudformation describe-stacks",
    "associations": "aws eks list-pod-identity-associations --cluster-name CLUSTER",
    "service_accounts": (
        "kubectl get serviceaccounts --all-namespaces --show-managed-fields --output "
        "json"
    ),
}


_DESCRIBE: Final = (
    "aws eks describe-pod-identity-association --cluster-name CLUSTER --association-id"
)
_NO_FILE: Final = Unread("no file was given")
_SPACE: Final = re.compile(r"\s*")


class FileError(ValueError):
    """A file is not what its command prints; the text is for people."""


def account_of_files(  # noqa: PLR0913 - a file each
    *,
    cluster: Path,
    roles: Path,
    role_details: Path | None = None,
    stacks: Path | None = None,
    associations: Path | None = None,
    service_accounts: Read[tuple[LiveServiceAccount, ...]],
) -> LiveAccount:
    """Read an AWS account from files alone.

    Args:
        cluster: Of `COMMANDS`, as are the others.
        roles: Likewise.
        role_details: Default: descriptions and longest sessions are not known.
        stacks: Default: none were read.
        associations: And after that list the description of each, one after the other.
            Default: none were read.
        service_accounts: Of the cluster.

    Returns:
        The account. The IAM OIDC provider is in none of the files.

    Raises:
        FileError: A file cannot be read, is something else, or is of another cluster,
            AWS account or region.
    """
    described = _read(cluster, "cluster", _cluster)
    return LiveAccount(
        cluster=described,
        roles=_roles(roles, role_details, described),
        provider=Unread("no option gives it; pulumi up looks at it"),
        stacks=_stacks(stacks, described) if stacks else _NO_FILE,
        associations=(
            _associations(associations, described) if associations else _NO_FILE
        ),
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
        lambda it: tuple(map(_service_account, it["items"])),
    )


def _service_account(document: Mapping[str, Any]) -> LiveServiceAccount:
    if document.get("kind") != "ServiceAccount":
        msg = "it is something else"
        raise ValueError(msg)
    return live_service_account(document)


def _cluster(document: Mapping[str, Any]) -> LiveCluster:
    described = live_cluster(document["cluster"])
    arns.parse_cluster_arn(described.arn)  # which raises if it is none
    return described


def _roles(
    path: Path, details: Path | None, cluster: LiveCluster
) -> dict[str, LiveRole]:
    listed = _read(
        path, "roles", lambda it: [live_role(one) for one in it["RoleDetailList"]]
    )
    _require_place(path, "roles", (one.arn for one in listed), cluster)
    roles = {one.name: one for one in listed}
    if details is None:
        return roles
    described: dict[str, Mapping[str, Any]] = _read(
        details, "role_details", lambda it: {one["Arn"]: one for one in it["Roles"]}
    )
    _require_place(details, "role_details", described, cluster)
    return {
        name: with_details(role, described[role.arn]) if role.arn in described else role
        for name, role in roles.items()
    }


def _stacks(path: Path, cluster: LiveCluster) -> tuple[LiveStack, ...]:
    stacks = _read(
        path, "stacks", lambda it: tuple(live_stack(one) for one in it["Stacks"])
    )
    _require_place(path, "stacks", (one.id for one in stacks), cluster)
    return stacks


def _associations(path: Path, cluster: LiveCluster) -> tuple[LiveAssociation, ...]:
    listed, described = _read_all(path, "associations", _listed_and_described)
    _require_place(path, "associations", listed.values(), cluster)
    name = arns.parse_cluster_arn(cluster.arn).name
    for arn in listed.values():
        if f":podidentityassociation/{name}/" not in arn:
            msg = f"{path} has the association {arn}, which is not of {name!r}"
            raise FileError(msg)
    if lacking := [one for one in listed if one not in described]:
        msg = (
            f"{path} lacks what describes {', '.join(lacking)}; add to it, for each, "
            f"what '{_DESCRIBE} {lacking[0]}' prints"
        )
        raise FileError(msg)
    return tuple(described[one] for one in listed)


def _listed_and_described(
    documents: Sequence[Mapping[str, Any]],
) -> tuple[dict[str, str], dict[str, LiveAssociation]]:
    """Give id -> ARN of what is listed, and id -> association of what is described."""
    listed, *more = documents
    described = [live_association(one["association"]) for one in more]
    arns_by_id = {
        str(one["associationId"]): str(one["associationArn"])
        for one in listed["associations"]
    }
    return arns_by_id, {one.id: one for one in described}


def _require_place(
    path: Path, kind: str, found: Iterable[str], cluster: LiveCluster
) -> None:
    """Refuse what is of another AWS account or region: it would pass for absent."""
    own = cluster.arn.split(":")
    for place in (one.split(":") for one in found):
        for at, what in ((3, "AWS region"), (4, "AWS account")):
            if len(place) > at and place[at] not in {"", own[at]}:
                msg = (
                    f"{path} is of the {what} {place[at]}, and the cluster is in "
                    f"{own[at]}; run '{COMMANDS[kind]}' there"
                )
                raise FileError(msg)


def _read(path: Path, kind: str, take: Callable[[Mapping[str, Any]], T]) -> T:
    """Read a file of one document, of which *take* raises if it is another."""

    def only(documents: Sequence[Mapping[str, Any]]) -> T:
        (document,) = documents
        return take(document)

    return _read_all(path, kind, only)


def _read_all(
    path: Path, kind: str, take: Callable[[Sequence[Mapping[str, Any]]], T]
) -> T:
    try:
        documents = [*_documents(path.read_bytes())]
        if not any(map(_is_part, documents)):
            return take(documents)
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
    raise FileError(_part(path, kind))


def _documents(data: bytes) -> Iterator[Mapping[str, Any]]:
    """Take JSON apart that several commands printed one after the other."""
    text = data.decode(json.detect_encoding(data)).strip()
    at = 0
    while at < len(text):
        document, end = json.JSONDecoder().raw_decode(text, at)
        yield cast("Mapping[str, Any]", document)
        at = cast("re.Match[str]", _SPACE.match(text, end)).end()


def _is_part(document: Mapping[str, Any]) -> bool:
    """Tell whether a list was cut off, by --max-items or --no-paginate."""
    metadata: Mapping[str, Any] = document.get("metadata") or {}
    return bool(
        document.get("IsTruncated")
        or document.get("NextToken")
        or document.get("nextToken")
        or metadata.get("continue")
    )


def _part(path: Path, kind: str) -> str:
    return (
        f"{path} is only a part of what there is; run '{COMMANDS[kind]}' without "
        "--max-items, --no-paginate and --limit"
    )


def _other(path: Path, kind: str) -> str:
    return f"{path} is not what '{COMMANDS[kind]}' prints as JSON"
