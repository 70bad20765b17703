"""What the API server has: service accounts, namespaces, pods, webhooks."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

from eks_irsa.live.model import LiveServiceAccount, Read
from eks_irsa.live.refusals import Unreachable, found, read

__all__ = [
    "EVERYWHERE",
    "field_managers",
    "identity_webhooks",
    "listed_pods",
    "listed_service_accounts",
    "live_service_account",
    "namespace_labels",
    "reached",
    "read_pod",
    "read_service_account",
]

# As lightkube says all namespaces.
EVERYWHERE: Final = "*"
# EKS's is `pod-identity-webhook`; that of kOps and of charts has it in its name too.
_WEBHOOK: Final = "pod-identity"
_ENDED: Final = frozenset(("Succeeded", "Failed"))


def reached(client: Any) -> Any:  # noqa: ANN401 - half typed
    """Give the client back if the API server answers, whatever it answers.

    Args:
        client: A `lightkube.Client`.

    Returns:
        The client, or what raises at once why it cannot be reached, so that nobody
        waits for that at each call.
    """
    try:
        from lightkube import ApiError  # noqa: PLC0415
        from lightkube.resources.core_v1 import Namespace  # noqa: PLC0415

        with suppress(ApiError):
            client.get(Namespace, "default")
    except Exception as error:  # noqa: BLE001 - it is said of each thing to be read
        return Unreachable(error)
    return client


def read_service_account(
    client: Any,  # noqa: ANN401 - half typed
    namespace: str,
    name: str,
) -> "Read[LiveServiceAccount | None]":
    """Read a service account; None if there is none.

    Args:
        client: A `lightkube.Client`.
        namespace: Its namespace.
        name: Its name.
    """

    def asked() -> LiveServiceAccount:
        from lightkube.resources.core_v1 import ServiceAccount  # noqa: PLC0415

        held = client.get(ServiceAccount, name, namespace=namespace)
        return live_service_account(held.to_dict())

    return found("get serviceaccounts", asked)


def listed_service_accounts(
    client: Any,  # noqa: ANN401 - half typed
    namespace: str = EVERYWHERE,
) -> "Read[tuple[LiveServiceAccount, ...]]":
    """List the service accounts of a namespace, in the order of the API server.

    Args:
        client: A `lightkube.Client`.
        namespace: The namespace. Default: all.
    """

    def asked() -> tuple[LiveServiceAccount, ...]:
        from lightkube.resources.core_v1 import ServiceAccount  # noqa: PLC0415

        listed = client.list(ServiceAccount, namespace=namespace)
        return tuple(live_service_account(one.to_dict()) for one in listed)

    return read(f"list serviceaccounts{_where(namespace)}", asked)


def live_service_account(document: Mapping[str, Any]) -> LiveServiceAccount:
    """Read a service account.

    Args:
        document: As the API server gives it, as JSON.

    Raises:
        KeyError: It has no name or no namespace.
    """
    metadata = document["metadata"]
    entries = metadata.get("managedFields")
    return LiveServiceAccount(
        namespace=metadata["namespace"],
        name=metadata["name"],
        labels=metadata.get("labels", {}),
        annotations=metadata.get("annotations", {}),
        image_pull_secrets=tuple(
            sorted(one["name"] for one in document.get("imagePullSecrets", ()))
        ),
        managers=field_managers(entries) if entries else None,
    )


def field_managers(
    entries: Iterable[Mapping[str, Any]],
) -> dict[str, frozenset[str]]:
    """Say who owns which field of an object.

    Args:
        entries: `metadata.managedFields` of the object, as JSON.

    Returns:
        `labels.<key>`, `annotations.<key>` and names of further fields -> the field
        managers that own it.

    Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
    """
    found: dict[str, set[str]] = {}
    for entry in entries:
        fields: Mapping[str, Any] = entry.get("fieldsV1") or {}
        metadata = fields.get("f:metadata", {})
        named = [
            f"{section}.{key.removeprefix('f:')}"
            for section in ("labels", "annotations")
            for key in metadata.get(f"f:{section}", {})
            if key != "."
        ]
        named += [key.removeprefix("f:") for key in fields if key != "f:metadata"]
        for name in named:
            found.setdefault(name, set()).add(entry.get("manager", ""))
    return {name: frozenset(managers) for name, managers in found.items()}


def namespace_labels(
    client: Any,  # noqa: ANN401 - half typed
    namespace: str,
) -> "Read[Mapping[str, str] | None]":
    """Read the labels of a namespace; None if there is no such namespace.

    Args:
        client: A `lightkube.Client`.
        namespace: Its name.
    """

    def asked() -> Mapping[str, str]:
        from lightkube.resources.core_v1 import Namespace  # noqa: PLC0415

        labels: Mapping[str, str] = client.get(Namespace, namespace).metadata.labels
        return labels or {}

    return found("get namespaces", asked)


def read_pod(
    client: Any,  # noqa: ANN401 - half typed
    namespace: str,
    name: str,
) -> "Read[Mapping[str, Any] | None]":
    """Read a pod as JSON; None if there is none.

    Args:
        client: A `lightkube.Client`.
        namespace: Its namespace.
        name: Its name.
    """

    def asked() -> Mapping[str, Any]:
        from lightkube.resources.core_v1 import Pod  # noqa: PLC0415

        return _document(client.get(Pod, name, namespace=namespace))

    return found("get pods", asked)


def listed_pods(
    client: Any,  # noqa: ANN401 - half typed
    namespace: str = EVERYWHERE,
    *,
    service_account: str | None = None,
) -> "Read[tuple[Mapping[str, Any], ...]]":
    """List pods as JSON; those that have ended or are being deleted are left out.

    Args:
        client: A `lightkube.Client`.
        namespace: The namespace. Default: all.
        service_account: Name of the service account they run as. Default: any.
    """
    fields = {"spec.serviceAccountName": service_account} if service_account else None

    def asked() -> tuple[Mapping[str, Any], ...]:
        from lightkube.resources.core_v1 import Pod  # noqa: PLC0415

        listed = client.list(Pod, namespace=namespace, fields=fields)
        return tuple(pod for one in listed if _lives(pod := _document(one)))

    return read(f"list pods{_where(namespace)}", asked)


def _lives(pod: Mapping[str, Any]) -> bool:
    ended = pod.get("status", {}).get("phase") in _ENDED
    return not ended and "deletionTimestamp" not in pod["metadata"]


def identity_webhooks(
    client: Any,  # noqa: ANN401 - half typed
) -> "Read[tuple[Mapping[str, Any], ...]]":
    """List the MutatingWebhookConfigurations with a webhook of pod identity, as JSON.

    Args:
        client: A `lightkube.Client`.
    """

    def asked() -> tuple[Mapping[str, Any], ...]:
        from lightkube.resources.admissionregistration_v1 import (  # noqa: PLC0415
            MutatingWebhookConfiguration,
        )

        every = (_document(one) for one in client.list(MutatingWebhookConfiguration))
        return tuple(one for one in every if _of_identity(one))

    return read("list mutatingwebhookconfigurations", asked)


def _of_identity(configuration: Mapping[str, Any]) -> bool:
    names = [one["name"] for one in configuration.get("webhooks", ())]
    return any(_WEBHOOK in one for one in (configuration["metadata"]["name"], *names))


def _document(held: Any) -> dict[str, Any]:  # noqa: ANN401 - half typed
    """Give an object as JSON, but for who wrote which field."""
    document: dict[str, Any] = held.to_dict()
    document["metadata"].pop("managedFields", None)
    return document


def _where(namespace: str) -> str:
    return " of all namespaces" if namespace == EVERYWHERE else ""
