"""What service accounts carry before the stack takes them over.

The engine's Kubernetes plugin reads an object only as a resource, and one that is not
there would end the run; so the API server is asked here, by the same kubeconfig.
"""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from eks_irsa.documents.webhook import ROLE_ARN_ANNOTATION
from eks_irsa.plan.transitions import LiveAccount

__all__ = ["live_accounts"]

_NOT_FOUND = 404


async def live_accounts(
    kubeconfig: str, *, keys: Sequence[str]
) -> Mapping[str, LiveAccount]:
    """Read service accounts, as far as they can be read; nothing stops the run.

    Args:
        kubeconfig: Kubeconfig, content or path.
        keys: `<namespace>/<name>` of the accounts; none are asked for if it is empty.

    Returns:
        By `<namespace>/<name>`; what could not be read says why.
    """
    return await asyncio.to_thread(_read, kubeconfig, keys) if keys else {}


def _read(kubeconfig: str, keys: Sequence[str]) -> dict[str, LiveAccount]:
    try:
        client = _client(kubeconfig)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is said
        return dict.fromkeys(keys, LiveAccount(unread=_reason(error)))
    return {key: _account(client, *key.split("/")) for key in keys}


def _account(client: Any, namespace: str, name: str) -> LiveAccount:  # noqa: ANN401 - half typed
    # Only paid for where an account is taken over.
    from lightkube import ApiError  # noqa: PLC0415
    from lightkube.resources.core_v1 import ServiceAccount  # noqa: PLC0415

    try:
        found = client.get(ServiceAccount, name=name, namespace=namespace)
    except ApiError as error:
        if error.status.code == _NOT_FOUND:
            return LiveAccount(exists=False)
        return LiveAccount(unread=_reason(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is said
        return LiveAccount(unread=_reason(error))
    annotations: Mapping[str, str] = found.metadata.annotations or {}
    return LiveAccount(role_arn=annotations.get(ROLE_ARN_ANNOTATION))


def _client(kubeconfig: str) -> Any:  # noqa: ANN401 - half typed
    from lightkube import Client, KubeConfig  # noqa: PLC0415

    config: Any = KubeConfig
    # As the Kubernetes plugin tells a path from a content.
    if "\n" not in kubeconfig and Path(kubeconfig).is_file():
        return Client(config=config.from_file(kubeconfig).get())
    return Client(config=config.from_dict(yaml.safe_load(kubeconfig)).get())


def _reason(error: Exception) -> str:
    if isinstance(error, ImportError):
        return "install eks-irsa with its extra 'stack'"
    return " ".join(f"{type(error).__name__}: {error}".split())
