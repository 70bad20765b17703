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
_MERGE: Final = "application/merge-patch+json"
_KINDS: Final = {
    "serviceaccount": "/api/v1/namespaces/{namespace}/serviceaccounts",
    "pod": "/api/v1/namespaces/{namespace}/pods",
    "namespace": "/api/v1/namespaces",
    "deployment": "/apis/apps/v1/namespaces/{namespace}/deployments",
    "mutatingwebhookconfigurations": (
        "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"
    ),
}
_WITHIN_SECONDS: Final = 20.0


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
            case "date", ["--utc"]:
                pass
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
                path = _path(f"{kind}/{name}", namespace)
                self._change_metadata(path, field, pairs, "overwrite" in options)
            case ["create", "serviceaccount" | "namespace" as kind, name]:
                path = _KINDS[kind].format(namespace=namespace)
                self._do("POST", path, {"metadata": {"name": name}})
            case ["get", kind]:
                self._do("GET", _KINDS[kind].format(namespace=namespace))
            case [*verb, target] if verb in (["rollout", "restart"], ["patch"]):
                now = {"kubectl.kubernetes.io/restartedAt": str(time.time())}
                template = {"metadata": {"annotations": now}}
                if "patch" in options:
                    template = json.loads(options["patch"])["spec"]["template"]
                self._roll(target, namespace, template)
            case ["set", "env", target, *names]:
                pods = self._without(target, namespace, names, options["containers"])
                self._roll(target, namespace, {"spec": pods})
            case ["set", "serviceaccount", target, name]:
                account = {"serviceAccountName": name, "serviceAccount": name}
                self._roll(target, namespace, {"spec": account})
            case _:
                msg = f"no form of kubectl that the doctor prints: {words}"
                raise AssertionError(msg)

    def _change_metadata(
        self,
        path: str,
        field: str,
        pairs: Sequence[str],
        overwrite: bool,  # noqa: FBT001 - kubectl's word
    ) -> None:
        changes = dict(_pair(one) for one in pairs)
        held = self._do("GET", path)["metadata"].get(field, {})
        clash = {key for key, one in changes.items() if one and key in held}
        assert overwrite or not clash, f"kubectl wants --overwrite for {clash}"
        self._do("PATCH", path, {"metadata": {field: changes}}, _MERGE)

    def _without(
        self, target: str, namespace: str, names: Sequence[str], containers: str
    ) -> dict[str, Any]:
        """Give the containers of a Deployment without some variables."""
        assert all(name.endswith("-") for name in names), names
        gone = {name.removesuffix("-") for name in names}
        pods = self._do("GET", _path(target, namespace))["spec"]["template"]["spec"]
        for one in pods["containers"]:
            if one["name"] in containers.split(","):
                held = one.get("env", [])
                one["env"] = [each for each in held if each["name"] not in gone]
        return {"containers": pods["containers"]}

    def _roll(self, target: str, namespace: str, template: Mapping[str, Any]) -> None:
        """Change the pods of a Deployment, and wait until there are new ones only."""
        assert target.startswith("deployment/"), target
        before = {one["metadata"]["uid"] for one in self.pods(namespace)}
        body = {"spec": {"template": template}}
        self._do("PATCH", _path(target, namespace), body, _MERGE)
        until = time.monotonic() + _WITHIN_SECONDS
        while True:
            now = {one["metadata"]["uid"] for one in self.pods(namespace)}
            if now and not now & before:
                return
            assert time.monotonic() < until, f"no new pods in {namespace}"
            time.sleep(0.05)

    def pods(self, namespace: str) -> list[dict[str, Any]]:
        """Give the pods of a namespace."""
        path = _KINDS["pod"].format(namespace=namespace)
        return self._plane.request(method="GET", path=path).document["items"]

    def _do(
        self,
        method: str,
        path: str,
        body: object = None,
        content_type: str = "application/json",
    ) -> dict[str, Any]:
        answer = self._plane.request(
            method=method, path=path, body=body, content_type=content_type
        )
        assert answer.status in range(200, 300), answer.text
        return answer.document


def _path(target: str, namespace: str) -> str:
    kind, _, name = target.partition("/")
    return f"{_KINDS[kind].format(namespace=namespace)}/{name}"


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
    while rest:
        word = rest.pop(0)
        name, equals, value = word.removeprefix("--").partition("=")
        if word == "--overwrite":
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
