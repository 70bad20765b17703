"""Whom the doctor asks: which cluster, and AWS and its API server as whom."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, TypeVar

from eks_irsa.documents.kubeconfig import kubeconfig
from eks_irsa.live.clients import AwsSession, kubernetes_client
from eks_irsa.live.cluster_objects import reached
from eks_irsa.live.clusters import described_cluster
from eks_irsa.live.kubeconfigs import Target, kubeconfig_target
from eks_irsa.live.model import LiveCluster, Read, Unread, known
from eks_irsa.live.refusals import (
    NotReachedError,
    Unreachable,
    client_of,
)

__all__ = ["Sources", "opened_sources"]

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Whom the doctor asks, and about which cluster.

    Attributes:
        region: Region of the cluster; empty if it is not known.
        cluster_name: Name of the EKS cluster; empty if it is not known.
        cluster: The EKS cluster.
        auto_mode: Whether it is one of EKS Auto Mode.
        kubernetes: A `lightkube.Client` of the cluster, or an `Unreachable`.
        eks: Client of EKS, or an `Unreachable`.
        iam: Client of IAM, or an `Unreachable`.
        sts: Client of STS, or an `Unreachable`.
        exchange: One that signs nothing, for tokens; or an `Unreachable`.
        options: As of `Facts`.
        remembered: What was read and is the same for several service accounts.
        locks: Held by whoever reads it, so that others wait and do not read it again.
    """

    region: str
    cluster_name: str
    cluster: Read[LiveCluster | None]
    auto_mode: bool
    kubernetes: Any
    eks: Any
    iam: Any
    sts: Any
    exchange: Any
    options: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict[str, Mapping[str, str]]
    )
    remembered: dict[Hashable, Any] = field(default_factory=dict[Hashable, Any])
    locks: dict[Hashable, Lock] = field(default_factory=dict[Hashable, Lock])

    def once(self, key: Hashable, ask: Callable[[], T]) -> T:
        """Read something the first time, and remember it.

        Args:
            key: Of what is read.
            ask: Reads it.
        """
        with self.locks.setdefault(key, Lock()):
            if key not in self.remembered:
                self.remembered[key] = ask()
        found: T = self.remembered[key]
        return found


def opened_sources(
    *,
    cluster: str | None = None,
    region: str | None = None,
    profile: str | None = None,
    kubeconfig_path: str | None = None,
    context: str | None = None,
) -> Sources:
    """Find out whom to ask.

    Args:
        cluster: Name of an EKS cluster. Default: the one of the kubeconfig's context.
        region: Its AWS region. Default: what the kubeconfig says, else the AWS SDK's.
        profile: AWS profile. Default: the environment's.
        kubeconfig_path: Kubeconfig. Default: the user's; with *cluster* and without
            *context* none, but what EKS says of the cluster.
        context: Context of the kubeconfig. Default: its current one.

    Raises:
        Exception: Of botocore: there is no such profile.
    """
    asks_cluster = bool(context or kubeconfig_path or not cluster)
    target, broken = _target(kubeconfig_path, context) if asks_cluster else (None, None)
    told = target if target and cluster in (None, target.cluster_name) else None
    session = AwsSession(
        region=region or (told.region if told else None) or None, profile=profile
    )
    # Before there are threads, for which botocore's sessions are not made.
    names = ("eks", "iam", "sts")
    eks, iam, sts = (client_of(partial(session.client, name)) for name in names)
    exchange = client_of(partial(session.anonymous, "sts"))
    name = cluster or (told.cluster_name if told else "")
    arn = told.cluster_arn if told else ""
    described, auto_mode = _described(eks, name, arn)
    client = client_of(target.client) if target else None
    client = client or _client(described, name, broken, profile)
    given = {"--cluster": cluster, "--kubeconfig": kubeconfig_path}
    given |= {"--context": context, "--region": session.region, "--profile": profile}
    found = known(described)
    return Sources(
        region=session.region or "",
        cluster_name=name,
        cluster=described,
        auto_mode=auto_mode,
        kubernetes=reached(client),
        eks=eks,
        iam=iam,
        sts=sts,
        exchange=exchange,
        options=_options(given, found.arn if found and not target else context),
    )


def _target(
    path: str | None, context: str | None
) -> tuple[Target | None, Exception | None]:
    try:
        return kubeconfig_target(path, context=context), None
    except Exception as error:  # noqa: BLE001 - it is said of all that is there
        return None, error


def _options(
    given: Mapping[str, str | None], context: str | None
) -> dict[str, dict[str, str]]:
    """Give each program what it needs to reach the same; kubectl has its context."""
    return {
        "aws": _of(given, "--region", "--profile"),
        "kubectl": _of({**given, "--context": context}, "--kubeconfig", "--context"),
        "eks-irsa": _of(given, *given),
    }


def _of(given: Mapping[str, str | None], *names: str) -> dict[str, str]:
    """Take what was given of some options."""
    return {name: value for name in names if (value := given[name])}


def _described(
    eks: Any,  # noqa: ANN401 - without types
    name: str,
    arn: str,
) -> tuple[Read[LiveCluster | None], bool]:
    """Describe the cluster, if it is the one that the kubeconfig means."""
    if not name:
        return Unread(
            "it is not known which EKS cluster this is; give --cluster"
        ), False
    described, auto_mode = described_cluster(eks, name)
    cluster = known(described)
    if cluster and arn not in ("", cluster.arn):
        reason = (
            f"the kubeconfig is for {arn}, and {cluster.arn} is what AWS shows; ask "
            "with --profile as an identity of the other AWS account"
        )
        return Unread(reason), False
    return described, auto_mode


def _client(
    described: Read[LiveCluster | None],
    name: str,
    broken: Exception | None,
    profile: str | None,
) -> Any:  # noqa: ANN401 - half typed
    """Make a client of the cluster as EKS describes it."""
    if broken:
        return Unreachable(broken)
    if isinstance(described, Unread) or described is None:
        why = described.reason if described else "there is none of that name"
        message = f"the API server of the EKS cluster {name} is not known: {why}"
        return Unreachable(NotReachedError(message))
    text = kubeconfig(
        cluster_arn=described.arn,
        endpoint=described.endpoint,
        certificate_authority=described.certificate_authority,
        profile=profile,
    )
    return client_of(partial(kubernetes_client, text))
