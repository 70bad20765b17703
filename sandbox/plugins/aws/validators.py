"""What Terraform's AWS provider checks in a plan, in its own words.

Each validator is given the property's Terraform name and its value, and gives what is
wrong with it. Unknown values are not given to validators.

Source:
    hashicorp/terraform-plugin-sdk, helper/validation/{strings,int,web}.go;
    hashicorp/terraform-provider-aws, internal/verify/validate.go and
    internal/service/iam/validate.go
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias
from urllib.parse import parse_qs, urlsplit

from sandbox.plugins.aws.policy_documents import normalised

__all__ = [
    "Validator",
    "arn",
    "https_url",
    "iam_description",
    "iam_name",
    "integer_between",
    "length_between",
    "policy_json",
    "role_name_not_arn",
]

Validator: TypeAlias = Callable[[str, str], Iterator[str]]

_ACCOUNT_ID: Final = r"^(aws|aws-managed|third-party|aws-marketplace|\d{12}|cw.{10})$"
_PARTITION: Final = r"^aws(-[a-z]+)*$"
_REGION: Final = r"^[a-z]{2}(-[a-z]+)+-\d{1,2}$"
_ARN_SECTIONS: Final = 6


def length_between(low: int, high: int) -> Validator:
    """Check the length, in bytes as Go counts it."""

    def check(name: str, value: str) -> Iterator[str]:
        if not low <= len(value.encode()) <= high:
            yield (
                f"expected length of {name} to be in the range ({low} - {high}), "
                f"got {value}"
            )

    return check


def integer_between(low: int, high: int) -> Validator:
    """Check the range of a whole number."""

    def check(name: str, value: str) -> Iterator[str]:
        if not low <= int(value) <= high:
            yield f"expected {name} to be in the range ({low} - {high}), got {value}"

    return check


def iam_name(longest: int) -> Validator:
    """Check the name of something in IAM: 1 to *longest* of IAM's characters."""
    length = length_between(1, longest)

    def check(name: str, value: str) -> Iterator[str]:
        yield from length(name, value)
        if not re.fullmatch(r"[\w+=,.@-]*", value, re.ASCII):
            yield rf"invalid value for {name} (must match [\w+=,.@-])"

    return check


def role_name_not_arn(name: str, value: str) -> Iterator[str]:
    """Check that a role is named by its name."""
    yield from length_between(1, 128)(name, value)
    if not re.search(r"[\w+=,.@-]+", value, re.ASCII):
        yield f'invalid value for {name} (must match regular expression "[\\w+=,.@-]+")'
    if value and not list(arn(name, value)):
        yield f'"{name}" must be the role\'s name not its ARN'


def iam_description(name: str, value: str) -> Iterator[str]:
    """Check a role's description."""
    yield from length_between(0, 1000)(name, value)
    if re.search("[\u201c\u2018]", value):
        yield (
            f"invalid value for {name} (cannot contain specially formatted single or "
            "double quotes: [\u201c\u2018])"
        )


def arn(name: str, value: str) -> Iterator[str]:
    """Check the syntax of an ARN; an empty text passes, as in the real provider."""
    if not value:
        return
    said = f'"{name}" ({value}) is an invalid ARN: '
    sections = value.split(":", _ARN_SECTIONS - 1)
    if sections[0] != "arn":
        yield said + "arn: invalid prefix"
        return
    if len(sections) != _ARN_SECTIONS:
        yield said + "arn: not enough sections"
        return
    _, partition, _, region, account, resource = sections
    for what, section, pattern, required in (
        ("partition", partition, _PARTITION, True),
        ("region", region, _REGION, False),
        ("account ID", account, _ACCOUNT_ID, False),
    ):
        if not section and required:
            yield said + f"missing {what} value"
        elif section and not re.search(pattern, section, re.ASCII):
            yield (
                said + f"invalid {what} value "
                f"(expecting to match regular expression: {pattern})"
            )
    if not resource:
        yield said + "missing resource value"


def https_url(name: str, value: str) -> Iterator[str]:
    """Check the URL of an OIDC issuer."""
    if not value:
        yield f'expected "{name}" url to not be empty, got {value}'
        return
    parts = urlsplit(value)
    if not parts.netloc:
        yield f'expected "{name}" to have a host, got {value}'
    elif parts.scheme != "https":
        yield f'expected "{name}" to have a url with schema of: "https", got {value}'
    if parse_qs(parts.query):
        yield f'"{name}" cannot contain query parameters per the OIDC standard'


def policy_json(longest: int | None = None) -> Validator:
    """Check that a text is a JSON object, and where AWS limits it, its length."""

    def check(name: str, value: str) -> Iterator[str]:
        if not value:
            yield f'"{name}" is an empty string, which is not a valid JSON value'
        elif not value.startswith("{"):
            yield f'"{name}" contains an invalid JSON policy: {_no_object(value)}'
        else:
            yield from _object_problems(name, value, longest)

    return check


def _no_object(value: str) -> str:
    match value[0]:
        case " " | "\t" | "\r" | "\n":
            return "leading space characters are not allowed"
        case '"':
            return "contains a JSON-encoded string, not a JSON-encoded object" + _hint(
                value
            )
        case "[":
            return "contains a JSON array, not a JSON object"
        case _:
            return "not a JSON object"


def _hint(value: str) -> str:
    try:
        content = str(json.loads(value))
        if content.endswith(".json"):
            return (
                " (have you passed a JSON-encoded filename instead of the content of "
                "that file?)"
            )
        json.loads(content)
    except ValueError:
        return ""
    return " (have you double-encoded your JSON data?)"


def _object_problems(name: str, value: str, longest: int | None) -> Iterator[str]:
    duplicates: list[str] = []

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in pairs]
        duplicates.extend(key for key in set(keys) if keys.count(key) > 1)
        return dict(pairs)

    try:
        json.loads(value, object_pairs_hook=unique)
        length = len(normalised(value).encode())
    except ValueError as error:
        yield f'"{name}" contains an invalid JSON policy: {error}'
        return
    if duplicates:
        yield f'"{name}" contains duplicate JSON keys: duplicate key "{duplicates[0]}"'
    elif longest is not None and length > longest:
        yield f"Cannot exceed quota for PolicySize: {longest} (actual: {length})"
