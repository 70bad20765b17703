"""Carry out the commands that the doctor prints, and no other form of command.

There is no `kubectl` and no AWS CLI here. A command of `aws` is held to botocore's
model of its service, where its operations and options have their names from; of
`kubectl` each form is a case. Whatever else is printed is an error of the test.
"""

import json
import re
import shlex
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_client import AwsClient
from botocore import xform_name  # type: ignore[import-untyped]
from botocore.session import Session  # type: ignore[import-untyped]

from sandbox.control_plane import ControlPlane

__all__ = ["Remedies"]

_session: Final[Any] = Session()
_STRATEGIC: Final = "application/strategic-merge-patch+json"
_MERGE: Final = "application/merge-patch+json"
_KINDS: Final = {
    "serviceaccount": "/api/v1/namespaces/{namespace}/serviceaccounts",
    "pod": "/api/v1/namespaces/{namespace}/pods",
    "namespace": "/api/v1/namespaces",
    "deployment": "/apis/apps/v1/namespaces/{namespace}/deployments",
    "mutatingwebhookconfiguration": (
        "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"
    ),
}
_WITHIN_SECONDS: Final = 60.0


class Remedies:
    """Somebody at a shell, with a cluster and an AWS account."""

    def __init__(self, plane: ControlPlane, aws: AwsClient) -> None:
        """Work as the administrator of both."""
        self._plane = plane
        self._aws = aws

    def run(self, command: str) -> None:
        """Run a command line.

        Args:
            command: As the doctor prints it.
        """
        program, *words = shlex.split(command, comments=True)
        assert not re.search(r"<[a-z]", command), f"something to fill in: {command}"
        match program, words:
            case "aws", [service, operation, *options]:
                self._call(service, operation, options)
            case "kubectl", words:
                self._kubectl(words)
            case _:
                msg = f"no command of the doctor: {command}"
                raise AssertionError(msg)

    def _call(self, service: str, operation: str, options: Sequence[str]) -> None:
        method = operation.replace("-", "_")
        model = _session.get_service_model(service)
        names = {xform_name(one): one for one in model.operation_names}
        assert method in names, f"aws {service} has no {operation}"
        shape = model.operation_model(names[method]).input_shape
        members = {xform_name(one, "-"): one for one in shape.members}
        given: dict[str, Any] = {}
        groups = _options(options)
        groups.pop("region", None)
        for name, values in groups.items():
            assert name in members, f"aws {service} {operation} has no --{name}"
            member = members[name]
            given[member] = _value(shape.members[member].type_name, values)
        missing = {*shape.required_members} - {*given}
        assert not missing, f"aws {service} {operation} lacks {missing}"
        self._aws.call(service, method, **given)

    def _kubectl(self, words: Sequence[str]) -> None:
        plain, options = _split(words)
        namespace = options.get("namespace", "default")
        match plain:
            case ["annotate" | "label" as verb, kind, name, *pairs]:
                field = {"annotate": "annotations", "label": "labels"}[verb]
                changes = dict(_pair(one) for one in pairs)
                path = f"{_KINDS[kind].format(namespace=namespace)}/{name}"
                if "overwrite" not in options:
                    held = self._plane.request(method="GET", path=path).document
                    there = held["metadata"].get(field, {})
                    clash = {
                        key for key, one in changes.items() if one and key in there
                    }
                    assert not clash, f"kubectl wants --overwrite for {clash}"
                self._do("PATCH", path, {"metadata": {field: changes}}, _MERGE)
            case ["create", "serviceaccount" | "namespace" as kind, name]:
                path = _KINDS[kind].format(namespace=namespace)
                self._do("POST", path, {"metadata": {"name": name}})
            case ["delete", kind, name]:
                self._delete(kind, namespace, name)
            case ["rollout", "restart", target]:
                kind, _, name = target.partition("/")
                self.restart(kind, namespace, name)
            case ["patch", kind, name]:
                media = {"json": "application/json-patch+json", "merge": _MERGE}
                content_type = media.get(options.get("type", ""), _STRATEGIC)
                body = json.loads(options["patch"])
                self._patch(kind, namespace, name, body, content_type)
            case _:
                msg = f"no form of kubectl that the doctor prints: {words}"
                raise AssertionError(msg)

    def restart(self, kind: str, namespace: str, name: str) -> None:
        """Do what `kubectl rollout restart` does, and wait for the new pods."""
        assert kind == "deployment", kind
        before = {one["metadata"]["uid"] for one in self.pods(namespace)}
        annotations = {"kubectl.kubernetes.io/restartedAt": str(time.time())}
        body = {"spec": {"template": {"metadata": {"annotations": annotations}}}}
        self._patch(kind, namespace, name, body, _STRATEGIC)
        self._await_others(namespace, before)

    def pods(self, namespace: str) -> list[dict[str, Any]]:
        """Give the pods of a namespace."""
        path = _KINDS["pod"].format(namespace=namespace)
        return self._plane.request(method="GET", path=path).document["items"]

    def _delete(self, kind: str, namespace: str, name: str) -> None:
        before = {one["metadata"]["uid"] for one in self.pods(namespace)}
        path = _KINDS[kind].format(namespace=namespace)
        self._do("DELETE", f"{path}/{name}", {"gracePeriodSeconds": 0})
        if kind == "pod":
            self._await_others(namespace, before)

    def _await_others(self, namespace: str, before: set[str]) -> None:
        until = time.monotonic() + _WITHIN_SECONDS
        while True:
            now = {one["metadata"]["uid"] for one in self.pods(namespace)}
            if now and not now & before:
                return
            assert time.monotonic() < until, f"no new pods in {namespace}"
            time.sleep(0.05)

    def _patch(
        self, kind: str, namespace: str, name: str, body: object, content_type: str
    ) -> None:
        path = f"{_KINDS[kind].format(namespace=namespace)}/{name}"
        self._do("PATCH", path, body, content_type)

    def _do(
        self,
        method: str,
        path: str,
        body: object,
        content_type: str = "application/json",
    ) -> None:
        answer = self._plane.request(
            method=method, path=path, body=body, content_type=content_type
        )
        assert answer.status in range(200, 300), answer.text


def _options(words: Sequence[str]) -> dict[str, list[str]]:
    """Read options of the AWS CLI, each with the values that follow it."""
    found: dict[str, list[str]] = {}
    values: list[str] = []
    for word in words:
        if word.startswith("--"):
            values = found.setdefault(word.removeprefix("--"), [])
        else:
            values.append(word)
    return found


def _value(kind: str, values: Sequence[str]) -> object:
    if kind == "list":
        return list(values)
    (text,) = values
    return json.loads(text) if kind in {"structure", "map"} else text


def _split(words: Sequence[str]) -> tuple[list[str], Mapping[str, str]]:
    """Take kubectl's options from its words."""
    plain: list[str] = []
    options: dict[str, str] = {}
    rest = list(words)
    short = {"-n": "namespace", "-p": "patch"}
    while rest:
        word = rest.pop(0)
        name, equals, value = word.removeprefix("--").partition("=")
        if word in short:
            options[short[word]] = rest.pop(0)
        elif word == "--overwrite":
            options["overwrite"] = ""
        elif word.startswith("--"):
            options[name] = value if equals else rest.pop(0)
        else:
            plain.append(word)
    return plain, options


def _pair(text: str) -> tuple[str, str | None]:
    """Read `key=value`, or `key-`, which takes it away."""
    key, equals, value = text.partition("=")
    return (key, value) if equals else (text.removesuffix("-"), None)
