"""A typed door to boto3, for tests that talk to the sandbox's AWS.

boto3 has no types; what it gives is taken as mappings here and nowhere else. Answers in
JSON are held to botocore's models of the services; boto3 drops what it does not know.
"""

import importlib
import json
from collections.abc import Mapping
from typing import Any, Final, cast

from sandbox.aws.server import Aws

__all__ = ["AwsClient"]

# One session: the models of the services are read once.
_session: Final[Any] = importlib.import_module("boto3").Session()
_config: Final[Any] = importlib.import_module("botocore.config").Config
_exceptions: Final[Any] = importlib.import_module("botocore.exceptions")


class AwsClient:
    """Calls one account in one region, as its administrator or with other keys."""

    def __init__(
        self,
        aws: Aws,
        *,
        keys: Mapping[str, str] | None = None,
        region: str = "us-west-2",
    ) -> None:
        """Call *aws*; *keys* are `Credentials` of STS, default the administrator's."""
        environment = aws.environment()
        chosen = keys or {
            "AccessKeyId": environment["AWS_ACCESS_KEY_ID"],
            "SecretAccessKey": environment["AWS_SECRET_ACCESS_KEY"],
        }
        self._options = {
            "aws_access_key_id": chosen["AccessKeyId"],
            "aws_secret_access_key": chosen["SecretAccessKey"],
            "aws_session_token": chosen.get("SessionToken"),
            "region_name": region,
            "endpoint_url": aws.endpoint_url,
            # the server is to refuse, not the client
            "config": _config(parameter_validation=False, retries={"max_attempts": 0}),
        }
        self._clients: dict[str, Any] = {}

    def call(self, service: str, operation: str, **given: object) -> dict[str, Any]:
        """Call one operation, named and spelled as in boto3, and return the answer."""
        client = self._clients.get(service)
        if client is None:
            client = _session.client(service, **self._options)
            client.meta.events.register("before-parse", _check_answer)
            self._clients[service] = client
        answer: dict[str, Any] = getattr(client, operation)(**given)
        answer.pop("ResponseMetadata")
        return answer

    def refused(
        self, service: str, operation: str, **given: object
    ) -> tuple[int, str, str]:
        """Call one operation that is refused; return status, code and message."""
        try:
            answer = self.call(service, operation, **given)
        except _exceptions.ClientError as error:
            response: dict[str, Any] = error.response
            return (
                response["ResponseMetadata"]["HTTPStatusCode"],
                response["Error"]["Code"],
                response["Error"]["Message"],
            )
        msg = f"{service}:{operation} was not refused, but answered {answer}"
        raise AssertionError(msg)


def _check_answer(
    operation_model: Any,  # noqa: ANN401 - botocore has no types
    response_dict: dict[str, Any],
    **_others: object,
) -> None:
    """Refuse an answer with other members than the operation has."""
    protocol = operation_model.service_model.metadata["protocol"]
    shape = operation_model.output_shape
    if protocol == "rest-json" and response_dict["status_code"] < 300 and shape:
        _check_shape(shape, json.loads(response_dict["body"]), shape.name)


def _check_shape(shape: Any, value: Any, path: str) -> None:  # noqa: ANN401 - as above
    if value is None:
        return
    if shape.type_name == "structure":
        assert isinstance(value, dict), path
        given = cast("dict[str, Any]", value)
        missing = {*shape.required_members} - {*given}
        unknown = {*given} - {*shape.members}
        assert (missing, unknown) == (set(), set()), path
        for key, one in given.items():
            _check_shape(shape.members[key], one, f"{path}.{key}")
    elif shape.type_name in {"list", "map"}:
        ones = value.values() if shape.type_name == "map" else value
        inner = shape.value if shape.type_name == "map" else shape.member
        for one in ones:
            _check_shape(inner, one, path)
    else:
        kinds = {"string": str, "boolean": bool, "timestamp": (int, float, str)}
        assert isinstance(value, kinds.get(shape.type_name, object)), path
