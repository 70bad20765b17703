"""What trust policies and permission policies have in common: their grammar.

Source:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from sandbox.aws.refusal import Refusal

__all__ = [
    "Statement",
    "check_sids",
    "conditions",
    "malformed",
    "parse_object",
    "size_without_white_space",
    "texts",
]

Statement = Mapping[str, Any]

_SID: Final = re.compile(r"[0-9A-Za-z]*", re.ASCII)
_WHITE_SPACE: Final = re.compile(r"\s+")
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
_OPERATOR: Final = re.compile(
    r"(?:ForAnyValue:|ForAllValues:)?"
    r"(?:String(?:Not)?(?:Equals(?:IgnoreCase)?|Like)"
    r"|(?:Numeric|Date)(?:(?:Not)?Equals|(?:Less|Greater)Than(?:Equals)?)"
    r"|Bool|BinaryEquals|(?:Not)?IpAddress|Arn(?:Not)?(?:Equals|Like))(?:IfExists)?"
    r"|Null"
)


def malformed(*, text: str) -> Refusal:
    """Word a refusal of a policy document."""
    return Refusal(code="MalformedPolicyDocument", message=text)


def parse_object(document: str) -> dict[str, Any] | None:
    """Read a JSON object; None if *document* is not JSON or not an object."""
    try:
        parsed: object = json.loads(document)
    except ValueError:
        return None
    return cast("dict[str, Any]", parsed) if isinstance(parsed, dict) else None


def texts(value: object) -> tuple[str, ...] | None:
    """Read an element that may be a string or a list of strings; None if neither."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        return None
    items = cast("list[object]", value)
    found = tuple(item for item in items if isinstance(item, str))
    return found if len(found) == len(items) else None


def check_sids(statements: Iterable[Statement], *, not_unique: str) -> None:
    """Refuse a Sid that is not alphanumeric, or there twice.

    Args:
        statements: All of one document.
        not_unique: AWS's words for the second case, which depend on the document.

    Source:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html,
        texts: aws-cloudformation/cfn-lint#1376, Wolox/carthage_cache#22
    """
    seen: set[str] = set()
    for statement in statements:
        sid = statement.get("Sid", "")
        if not isinstance(sid, str) or not _SID.fullmatch(sid):
            raise malformed(
                text=(
                    "Statement IDs (SID) must be alpha-numeric. Check that your input "
                    "satisfies the regular expression [0-9A-Za-z]*"
                )
            )
        if sid and sid in seen:
            raise malformed(text=not_unique)
        seen.add(sid)


def conditions(statement: Statement) -> Iterable[tuple[str, str]]:
    """Yield operator and key of each condition.

    Raises:
        Refusal: An operator does not exist.

    Source:
        Text of the operator: aws-samples/github-actions-oidc-cdk-construct#5
    """
    block = statement.get("Condition", {})
    if not isinstance(block, dict):
        raise malformed(text="Syntax errors in policy.")
    for operator, keys in cast("dict[str, object]", block).items():
        if not _OPERATOR.fullmatch(operator):
            raise malformed(text=f"Invalid Condition type : {operator}")
        if not isinstance(keys, dict):
            raise malformed(text="Syntax errors in policy.")
        for key in cast("dict[str, object]", keys):
            yield operator, key


def size_without_white_space(document: str) -> int:
    """Count the characters IAM counts against its quotas.

    Source:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
        ("IAM does not count white space")
    """
    return len(_WHITE_SPACE.sub("", document))
