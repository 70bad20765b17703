"""Read a kubeconfig as client-go does; lightkube has the format and the credentials.

Source:
    kubernetes/client-go, tools/clientcmd (`Load`, `ClientConfig`, `Namespace`);
    pulumi/pulumi-kubernetes, provider/pkg/provider/kubeconfig.go
"""

import os
from pathlib import Path
from typing import Any, Final, cast

import msgspec
import yaml
from lightkube import KubeConfig
from lightkube.config.kubeconfig import SingleConfig
from lightkube.config.models import User
from lightkube.core.exceptions import ConfigError

__all__ = ["KubeConfigError", "ambient", "parse", "target_of"]

_NOT_COVERED: Final = ("proxy-url", "tls-server-name")


class KubeConfigError(Exception):
    """A kubeconfig that says nothing usable."""


def parse(path_or_content: str) -> KubeConfig:
    """Read the file of that path if there is one, else the text itself.

    Args:
        path_or_content: Path of a kubeconfig, or its text.

    Raises:
        KubeConfigError: It is no kubeconfig.
    """
    text, file = path_or_content, None
    try:
        if "\n" not in path_or_content:
            path = Path(path_or_content).expanduser()
            if path.is_file():
                text, file = path.read_text(encoding="utf-8"), path
        parsed: object = yaml.safe_load(text)
        if not isinstance(parsed, dict):
            message = (
                "couldn't get version/kind; json parse error: json: cannot unmarshal "
                "string into Go value of type struct"
            )
            raise KubeConfigError(message)
        document = cast("dict[str, Any]", parsed)
        clusters: list[dict[str, Any]] = document.get("clusters") or []
        for one in clusters:
            for key in _NOT_COVERED:
                if one["cluster"].get(key):
                    message = f"{key} is not covered by the sandbox's test double"
                    raise KubeConfigError(message)
        lightkube: Any = KubeConfig
        return lightkube.from_dict(document, fname=file)
    except (OSError, KeyError, msgspec.ValidationError, yaml.YAMLError) as error:
        raise KubeConfigError(str(error)) from error


def ambient() -> KubeConfig:
    """Read the first file of `$KUBECONFIG`, else `~/.kube/config`.

    Raises:
        KubeConfigError: There is none.
    """
    listed = os.environ.get("KUBECONFIG", "").split(os.pathsep)
    named = [one for one in listed if one]
    path = Path(named[0]) if named else Path.home() / ".kube" / "config"
    if not path.is_file():
        message = (
            "invalid configuration: no configuration has been provided, try setting "
            "KUBERNETES_MASTER environment variable"
        )
        raise KubeConfigError(message)
    return parse(str(path))


def target_of(
    config: KubeConfig, *, context: str = "", cluster: str = ""
) -> SingleConfig:
    """Give the API server, the credentials and the namespace of a context.

    Args:
        config: The kubeconfig.
        context: Other context than the current one. Default: the current one.
        cluster: Other cluster than the context's. Default: the context's.

    Raises:
        KubeConfigError: Something it names is not there.
    """
    try:
        chosen = config.get(context or None)
        if chosen is None:
            message = "invalid configuration: no configuration has been provided"
            raise KubeConfigError(message)
        if cluster:
            chosen = chosen._replace(cluster=config.clusters[cluster])
    except KeyError as error:
        message = f"{error} does not exist"
        raise KubeConfigError(message) from error
    except ConfigError as error:
        raise KubeConfigError(str(error)) from error
    return chosen._replace(user=chosen.user or User())
