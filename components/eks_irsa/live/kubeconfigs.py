"""Which API server a kubeconfig means, and which EKS cluster that is."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

import yaml

from eks_irsa.live.clients import unread_reason
from eks_irsa.live.refusals import NotReachedError

__all__ = ["Target", "kubeconfig_target"]

_DEFAULT: Final = "~/.kube/config"
_NAMED: Final = ("clusters", "contexts", "users")
# Paths in a kubeconfig are relative to its file.
_PATHS: Final = ("certificate-authority", "client-certificate", "client-key")
_ARN: Final = re.compile(
    r"arn:[a-z-]+:eks:(?P<region>[a-z0-9-]+):\d{12}:cluster/(?P<name>.+)"
)
# As eksctl names contexts: `<user>@<name>.<region>.eksctl.io`.
# Source: https://github.com/eksctl-io/eksctl, pkg/utils/kubeconfig/kubeconfig.go
_EKSCTL: Final = re.compile(r"(?P<name>[^.@]+)\.(?P<region>[a-z0-9-]+)\.eksctl\.io")
_HOST: Final = re.compile(r"\.(?P<region>[a-z0-9-]+)\.eks\.amazonaws\.com(\.cn)?$")
# Of `aws eks get-token` and of `aws-iam-authenticator token`.
_NAME_OPTIONS: Final = ("--cluster-name", "--cluster-id", "-i")


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A context of a kubeconfig.

    Attributes:
        config: What lightkube makes a client of.
        cluster_name: Name of the EKS cluster; empty if the kubeconfig does not tell.
        region: Its region; empty if the kubeconfig does not tell.
        cluster_arn: Its ARN; empty if the kubeconfig does not tell.
    """

    config: Any
    cluster_name: str
    region: str
    cluster_arn: str

    def client(self) -> Any:  # noqa: ANN401 - half typed
        """Make a `lightkube.Client`."""
        from lightkube import Client  # noqa: PLC0415 - an extra

        return Client(config=self.config)


def kubeconfig_target(
    path: str | None = None,
    *,
    context: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Target:
    """Read a kubeconfig and choose a context of it.

    Args:
        path: The kubeconfig. Default: those of `KUBECONFIG`, else `~/.kube/config`.
        context: Name of the context. Default: the current one.
        environment: The environment variables.

    Raises:
        Exception: There is none, it is no kubeconfig, or has no such context.

    Source:
        https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
    """
    from lightkube import KubeConfig  # noqa: PLC0415 - an extra

    given = path or environment.get("KUBECONFIG") or _DEFAULT
    names = [path] if path else given.split(os.pathsep)
    files = [Path(name).expanduser() for name in names if name]
    documents = [_document(file) for file in files if file.is_file()]
    if not documents:
        msg = f"there is no kubeconfig {given}"
        raise NotReachedError(msg)
    merged = _merged(documents)
    try:
        chosen: Any = cast("Any", KubeConfig).from_dict(merged).get(context)
    except Exception as error:
        msg = f"the kubeconfig {given} cannot be used: {unread_reason(error)}"
        raise NotReachedError(msg) from error
    name, region, arn = _eks_cluster(chosen, _command(merged, chosen.context.user))
    return Target(config=chosen, cluster_name=name, region=region, cluster_arn=arn)


def _document(file: Path) -> dict[str, Any]:
    """Read a kubeconfig, with absolute paths."""
    read: object = yaml.safe_load(file.read_text(encoding="utf-8"))
    if not isinstance(read, dict):
        msg = f"{file} is no kubeconfig"
        raise NotReachedError(msg)
    document = cast("dict[str, Any]", read)
    for kind in ("clusters", "users"):
        for one in document.get(kind) or ():
            inner: dict[str, Any] = one.get(kind.removesuffix("s")) or {}
            paths = {key: file.parent / inner[key] for key in _PATHS if key in inner}
            inner |= {key: str(path) for key, path in paths.items()}
    return document


def _merged(documents: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Lay kubeconfigs over one another; the first that has something, has it."""
    current = (one.get("current-context") for one in documents)
    return {
        "current-context": next((one for one in current if one), None),
        **{kind: _first_of_each(kind, documents) for kind in _NAMED},
    }


def _first_of_each(kind: str, documents: Sequence[Mapping[str, Any]]) -> list[Any]:
    everyone = [one for document in documents for one in document.get(kind) or ()]
    return list({one["name"]: one for one in reversed(everyone)}.values())


def _command(merged: Mapping[str, Any], user: str | None) -> Mapping[str, Any]:
    """Give the command by which a user gets its token; empty if there is none."""
    users: dict[str, Any] = {one["name"]: one["user"] for one in merged["users"]}
    held: Mapping[str, Any] = users.get(user or "") or {}
    return held.get("exec") or {}


def _eks_cluster(chosen: Any, command: Mapping[str, Any]) -> tuple[str, str, str]:  # noqa: ANN401 - half typed
    """Tell name, region and ARN of the cluster of a context; empty if not told."""
    given: list[str] = [str(one) for one in command.get("args") or ()]
    arguments = [half for one in given for half in one.split("=", 1)]
    options = dict(pairwise(arguments))
    name = next((options[one] for one in _NAME_OPTIONS if one in options), "")
    arn = ""
    for text in (chosen.context.cluster, chosen.context_name):
        if found := _ARN.fullmatch(text):
            arn = text
        else:
            found = _EKSCTL.search(text)
        if found:
            name, region = name or found["name"], found["region"]
            return name, options.get("--region", region), arn
    host = _HOST.search(urlsplit(chosen.cluster.server or "").hostname or "")
    variables = {one["name"]: one["value"] for one in command.get("env") or ()}
    region = options.get("--region") or variables.get("AWS_REGION", "")
    return name, region or (host["region"] if host else ""), ""
