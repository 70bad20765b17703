"""Where a command reads an AWS account from: its options, and what they come to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Any, Final

import click

from eks_irsa.documents import arns
from eks_irsa.documents.kubeconfig import kubeconfig
from eks_irsa.documents.printable import printable
from eks_irsa.live.account import LiveAccount, read_account
from eks_irsa.live.clients import AwsSession, kubernetes_client, unread_reason
from eks_irsa.live.cluster_objects import listed_service_accounts
from eks_irsa.live.clusters import described_cluster
from eks_irsa.live.kubeconfigs import kubeconfig_target
from eks_irsa.live.model import (
    LiveCluster,
    LiveServiceAccount,
    Read,
    Unread,
)
from eks_irsa.live.offline import (
    COMMANDS,
    FileError,
    account_of_files,
    service_accounts_of_file,
)
from eks_irsa.live.refusals import client_of
from eks_irsa.plan.model import Trusted

__all__ = ["Sources", "account_of", "issuers_of", "source_options"]

_NO_FILE: Final = Unread("no file was given")
# Of these each needs the file of the roles.
_OF_AWS: Final = ("cluster_description", "role_details", "stacks", "associations")


class _NothingReadError(click.ClickException):
    """Why a command cannot do its work."""

    exit_code = 2

    def format_message(self) -> str:
        """Write the reason on one line."""
        return printable(self.message)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """What the options say.

    Attributes:
        profile: AWS profile, or None.
        kubeconfig: Path of a kubeconfig, or None.
        kube_context: Name of a context of it, or None.
        cluster_description: File, as are the others; None for none.
        roles: Given, AWS is not asked.
        role_details: Likewise.
        stacks: Likewise.
        associations: Likewise.
        service_accounts: Given, the API server is not asked.
    """

    profile: str | None
    kubeconfig: str | None
    kube_context: str | None
    cluster_description: Path | None
    roles: Path | None
    role_details: Path | None
    stacks: Path | None
    associations: Path | None
    service_accounts: Path | None

    @property
    def asks_cluster(self) -> bool:
        """Whether a kubeconfig is named."""
        return bool(self.kubeconfig or self.kube_context)


def source_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `Sources`; it is called with one, `sources`."""

    @wraps(command)
    def called(*arguments: Any, **options: Any) -> None:  # noqa: ANN401 - as click's
        given = {one.name: options.pop(one.name) for one in fields(Sources)}
        command(*arguments, sources=Sources(**given), **options)

    wrapped: Callable[..., None] = called
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def account_of(sources: Sources, *, cluster: str, region: str) -> LiveAccount:
    """Read an AWS account, as the options say.

    Args:
        sources: The options.
        cluster: Name of the EKS cluster.
        region: Its AWS region.

    Returns:
        The account, with its roles and a cluster that has an issuer.

    Raises:
        ClickException: The options contradict each other, or nothing could be read.
    """
    if sources.roles is None:
        for name in _OF_AWS:
            if getattr(sources, name):
                option = f"--{name.replace('_', '-')}"
                msg = f"{option} needs --roles, without which AWS is asked"
                raise click.UsageError(msg)
        account = _asked(sources, cluster=cluster, region=region)
    else:
        account = _of_files(sources, sources.roles)
    place = arns.parse_cluster_arn(account.cluster.arn)
    if (place.name, place.region) != (cluster, region):
        msg = (
            f"the description is of the cluster {place.name!r} in {place.region}, and "
            f"the ClusterConfig is about {cluster!r} in {region}"
        )
        raise click.UsageError(printable(msg))
    _require_issuer(account.cluster)
    if isinstance(account.roles, Unread):
        why = f"the roles cannot be read: {account.roles.reason}"
        raise _NothingReadError(why)
    return account


def issuers_of(
    sources: Sources, trusted: Iterable[Trusted]
) -> dict[Trusted, Read[str]]:
    """Ask EKS for the issuers of further clusters, as the stack program does.

    Args:
        sources: The options, which have served `account_of`.
        trusted: The clusters; those that are known by their providers are left out.

    Returns:
        Cluster -> URL of its issuer, or why it is not known.
    """
    named = [one for one in trusted if one.name]
    if sources.roles or not named:
        return {one: Unread("no file tells it") for one in named}
    session = AwsSession(profile=sources.profile)

    def asked(one: Trusted) -> Read[str]:
        eks = session.client("eks", region=one.region)
        described, _ = described_cluster(eks, one.name)
        if isinstance(described, Unread):
            return described
        issuer_url = described and described.issuer_url
        return issuer_url or Unread("there is no such cluster, or it has no issuer")

    return {one: asked(one) for one in named}


def _asked(sources: Sources, *, cluster: str, region: str) -> LiveAccount:
    try:
        session = AwsSession(region=region, profile=sources.profile)
        described, _ = described_cluster(session.client("eks"), cluster)
    except Exception as error:
        msg = f"AWS cannot be asked: {unread_reason(error)}"
        raise _NothingReadError(msg) from error
    if isinstance(described, Unread):
        msg = f"the cluster cannot be described: {described.reason}"
        raise _NothingReadError(msg)
    if described is None:
        msg = f"there is no EKS cluster {cluster!r} in {region}"
        raise _NothingReadError(msg)
    _require_issuer(described)
    service_accounts = _service_accounts(sources, described)
    return read_account(session, cluster=described, service_accounts=service_accounts)


def _require_issuer(cluster: LiveCluster) -> None:
    if not cluster.issuer_url:
        msg = f"the cluster {cluster.arn} has no OIDC issuer"
        raise _NothingReadError(msg)


def _of_files(sources: Sources, roles: Path) -> LiveAccount:
    if sources.cluster_description is None:
        msg = (
            "--roles needs --cluster-description, of which the AWS account and the "
            "OIDC issuer are taken"
        )
        raise click.UsageError(msg)
    try:
        return account_of_files(
            cluster=sources.cluster_description,
            roles=roles,
            role_details=sources.role_details,
            stacks=sources.stacks,
            associations=sources.associations,
            service_accounts=_service_accounts(sources, None),
        )
    except FileError as error:
        raise _NothingReadError(str(error)) from error


def _service_accounts(
    sources: Sources, cluster: LiveCluster | None
) -> Read[tuple[LiveServiceAccount, ...]]:
    """List the service accounts of the cluster, if one may be asked."""
    if sources.service_accounts:
        try:
            return service_accounts_of_file(sources.service_accounts)
        except FileError as error:
            raise _NothingReadError(str(error)) from error
    if sources.asks_cluster:
        return listed_service_accounts(
            client_of(
                lambda: kubeconfig_target(
                    sources.kubeconfig, context=sources.kube_context
                ).client()
            )
        )
    if cluster is None:
        return _NO_FILE
    text = kubeconfig(
        cluster_arn=cluster.arn,
        endpoint=cluster.endpoint,
        certificate_authority=cluster.certificate_authority,
        profile=sources.profile,
    )
    return listed_service_accounts(client_of(lambda: kubernetes_client(text)))


def _file(name: str, kind: str, more: str = "") -> Callable[..., Any]:
    return click.option(
        name,
        type=click.Path(path_type=Path),
        metavar="FILE",
        help=f"What '{COMMANDS[kind]}' printed as JSON.{more}",
    )


_OPTIONS: Final = (
    click.option(
        "--profile", metavar="NAME", help="AWS profile. Default: as the SDKs."
    ),
    click.option(
        "--kubeconfig",
        metavar="FILE",
        help="Kubeconfig. Default: the endpoint that EKS describes.",
    ),
    click.option(
        "--context", "kube_context", metavar="NAME", help="A context of the kubeconfig."
    ),
    _file("--roles", "roles", " Then AWS is not asked."),
    _file("--cluster-description", "cluster", " Needed with --roles."),
    _file("--role-details", "role_details", " Descriptions and longest sessions."),
    _file("--stacks", "stacks"),
    _file("--associations", "associations", " After it, the description of each."),
    _file("--service-accounts", "service_accounts", " Then the cluster is not asked."),
)
