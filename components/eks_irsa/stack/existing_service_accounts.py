"""What the cluster has of service accounts before the stack creates or patches them.

The engine's Kubernetes plugin reads an object only as a resource, and one that is not
there would end the run; so the API server is asked here, by the same kubeconfig.
"""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from eks_irsa.documents.webhook import ROLE_ARN_ANNOTATION
from eks_irsa.live.clients import kubernetes_client, unread_reason
from eks_irsa.live.cluster_objects import field_managers
from eks_irsa.plan.provider_users import Annotated
from eks_irsa.plan.transitions import ExistingServiceAccount

__all__ = ["annotated_service_accounts", "existing_service_accounts"]

_NOT_FOUND: Final = 404
_AT_ONCE: Final = 16


async def existing_service_accounts(
    kubeconfig: str, *, keys: Sequence[str]
) -> Mapping[str, ExistingServiceAccount]:
    """Read service accounts, as far as they can be read; nothing stops the run.

    Args:
        kubeconfig: Kubeconfig, content or path.
        keys: `<namespace>/<name>` of each; the cluster is not asked if it is empty.

    Returns:
        By `<namespace>/<name>`; what could not be read says why.
    """
    return await asyncio.to_thread(_read, kubeconfig, keys) if keys else {}


async def annotated_service_accounts(kubeconfig: str) -> Annotated:
    """List the service accounts of a cluster that have a role; nothing stops the run.

    Args:
        kubeconfig: Kubeconfig, content or path.
    """
    return await asyncio.to_thread(_list, kubeconfig)


def _list(kubeconfig: str) -> Annotated:
    try:
        from lightkube.resources.core_v1 import ServiceAccount  # noqa: PLC0415

        found = kubernetes_client(kubeconfig).list(ServiceAccount, namespace="*")
        annotated = {
            f"{one.metadata.namespace}/{one.metadata.name}": one.metadata.annotations
            for one in found
        }
    except Exception as error:  # noqa: BLE001 - whatever it is, it is said
        return Annotated(unread=unread_reason(error))
    return Annotated(
        role_arns={
            key: annotations[ROLE_ARN_ANNOTATION]
            for key, annotations in annotated.items()
            if annotations and ROLE_ARN_ANNOTATION in annotations
        }
    )


def _read(kubeconfig: str, keys: Sequence[str]) -> dict[str, ExistingServiceAccount]:
    try:
        client = kubernetes_client(kubeconfig)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is said
        return dict.fromkeys(keys, ExistingServiceAccount(unread=unread_reason(error)))
    # The first alone: a cluster that cannot be reached is found out once, and the token
    # is fetched once.
    first, *others = keys
    answer = _account(client, *first.split("/"))
    if answer.unread:
        return dict.fromkeys(keys, answer)

    def read(key: str) -> ExistingServiceAccount:
        return _account(client, *key.split("/"))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = pool.map(read, others)
        return {first: answer, **dict(zip(others, answers, strict=True))}


def _account(client: Any, namespace: str, name: str) -> ExistingServiceAccount:  # noqa: ANN401 - half typed
    # Only paid for where a service account is created or patched.
    from lightkube import ApiError  # noqa: PLC0415
    from lightkube.resources.core_v1 import ServiceAccount  # noqa: PLC0415

    try:
        found = client.get(ServiceAccount, name=name, namespace=namespace)
    except ApiError as error:
        if error.status.code == _NOT_FOUND:
            return ExistingServiceAccount(exists=False)
        return ExistingServiceAccount(unread=unread_reason(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is said
        return ExistingServiceAccount(unread=unread_reason(error))
    annotations: Mapping[str, str] = found.metadata.annotations or {}
    return ExistingServiceAccount(
        role_arn=annotations.get(ROLE_ARN_ANNOTATION),
        managers=field_managers(
            one.to_dict() for one in found.metadata.managedFields or ()
        ),
    )
