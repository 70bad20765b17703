"""The shape of names, paths, descriptions, durations and tags, as IAM checks them.

Lengths and patterns come from botocore's model of IAM (data/iam/2010-05-08). The texts
were recorded from IAM: localstack/localstack
tests/aws/services/iam/test_iam_roles.snapshot.json (2026-02-11), and for names, paths
and durations versity/versitygw iamapi/controller_test.go.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from sandbox.aws.call import Call
from sandbox.aws.refusal import Refusal

__all__ = [
    "MAX_TAGS",
    "check_description",
    "check_length",
    "check_name",
    "check_path",
    "check_session_duration",
    "check_tags",
    "invalid",
    "required",
    "reserved_tag",
    "too_many_tags",
]

MAX_TAGS: Final = 50
_MAX_TAG_KEY: Final = 128
_MAX_TAG_VALUE: Final = 256
_MAX_PATH: Final = 512
_MAX_DESCRIPTION: Final = 1000
_SESSION_SECONDS: Final = (3600, 43_200)

_NAME: Final = re.compile(r"[\w+=,.@-]+", re.ASCII)
_PATH: Final = re.compile(r"/|/[!-~]+/")
_DESCRIPTION: Final = re.compile(r"[\t\n\r -~\u00a1-\u00ff]*")
_DESCRIPTION_PATTERN: Final = (
    r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*"  # AWS's own notation
)
_TAG_PATTERN: Final = r"[\p{L}\p{Z}\p{N}_.:/=+\-@]"  # AWS's own notation
_TAG_PUNCTUATION: Final = frozenset("_.:/=+-@")


def invalid(*, field: str, constraint: str) -> Refusal:
    """Word one broken constraint of the request's *field*, spelled `roleName`."""
    text = (
        f"1 validation error detected: Value at '{field}' failed to satisfy "
        f"constraint: Member must {constraint}"
    )
    return Refusal(code="ValidationError", message=text)


def required(call: Call, parameter: str) -> str:
    """Return a parameter, or refuse a request that lacks it."""
    value = call.parameters.get(parameter)
    if value is None:
        raise invalid(field=_field(parameter), constraint="not be null")
    return value


def check_name(call: Call, parameter: str, *, longest: int) -> None:
    """Refuse a name that is too long or has other characters than IAM's names."""
    name = required(call, parameter)
    check_length(_field(parameter), name, most=longest)
    if not _NAME.fullmatch(name):
        text = (
            f"The specified value for {_field(parameter)} is invalid. It must contain "
            "only alphanumeric characters and/or the following: +=,.@_-"
        )
        raise Refusal(code="ValidationError", message=text)


def check_path(call: Call) -> None:
    """Refuse a path that does not begin and end with a slash."""
    path = call.parameters.get("Path", "/")
    check_length("path", path, most=_MAX_PATH)
    if not _PATH.fullmatch(path):
        raise Refusal(
            code="ValidationError",
            message=(
                "The specified value for path is invalid. It must begin and end with / "
                "and contain only alphanumeric characters and/or / characters."
            ),
        )


def check_description(call: Call) -> None:
    """Refuse a description that is too long or not Latin-1."""
    description = call.parameters.get("Description", "")
    check_length("description", description, most=_MAX_DESCRIPTION)
    if not _DESCRIPTION.fullmatch(description):
        constraint = f"satisfy regular expression pattern: {_DESCRIPTION_PATTERN}"
        raise invalid(field="description", constraint=constraint)


def check_session_duration(call: Call) -> None:
    """Refuse a longest session outside of 1 to 12 hours."""
    least, most = _SESSION_SECONDS
    seconds = int(call.parameters.get("MaxSessionDuration", least))
    if seconds < least:
        raise invalid(
            field="maxSessionDuration",
            constraint=f"have value greater than or equal to {least}",
        )
    if seconds > most:
        raise invalid(
            field="maxSessionDuration",
            constraint=f"have value less than or equal to {most}",
        )


def check_tags(call: Call) -> None:
    """Refuse tags that IAM would not take together in one request."""
    tags = call.tags()
    check_length("tags", tags, most=MAX_TAGS)
    for position, (key, value) in enumerate(tags, start=1):
        field = f"tags.{position}.member"
        check_length(f"{field}.key", key, most=_MAX_TAG_KEY)
        check_length(f"{field}.value", value, most=_MAX_TAG_VALUE)
        if not key or not _is_tag_text(key):
            constraint = f"satisfy regular expression pattern: {_TAG_PATTERN}+"
            raise invalid(field=f"{field}.key", constraint=constraint)
        if not _is_tag_text(value):
            constraint = f"satisfy regular expression pattern: {_TAG_PATTERN}*"
            raise invalid(field=f"{field}.value", constraint=constraint)
    keys = [key.lower() for key, _ in tags]
    if len(set(keys)) < len(keys):
        raise Refusal(
            code="InvalidInput",
            message=(
                "Duplicate tag keys found. "
                "Please note that Tag keys are case insensitive."
            ),
        )
    if any(key.startswith("aws:") for key in keys):
        raise reserved_tag()


def reserved_tag() -> Refusal:
    """Word the refusal of a tag that only AWS writes.

    Source:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html; the text is that
        of AWS's other services (aws-quickstart/quickstart-amazon-eks#42)
    """
    return Refusal(
        code="InvalidInput",
        message="aws: prefixed tag key names are not allowed for external use.",
    )


def too_many_tags() -> Refusal:
    """Word the refusal of a tag more than the resource may have.

    Source:
        localstack/localstack tests/aws/services/iam/test_iam_oidc.snapshot.json
    """
    return Refusal(
        code="LimitExceeded",
        message="The number of tags has reached the maximum limit.",
    )


def check_length(field: str, value: str | tuple[object, ...], *, most: int) -> None:
    """Refuse a text or a list of more than *most* characters or members."""
    if len(value) > most:
        raise invalid(
            field=field, constraint=f"have length less than or equal to {most}"
        )


def _field(parameter: str) -> str:
    return parameter[0].lower() + parameter[1:]


def _is_tag_text(text: Iterable[str]) -> bool:
    return all(
        character in _TAG_PUNCTUATION or unicodedata.category(character)[0] in "LZN"
        for character in text
    )
