"""IAM policy documents as Terraform's AWS provider normalises and compares them.

Source:
    hashicorp/awspolicyequivalence, aws_policy_equivalence.go;
    hashicorp/terraform-provider-aws, internal/verify/json.go
"""

import json
import re
from collections import Counter
from typing import Final, TypeAlias, cast

__all__ = ["are_equivalent", "normalised", "unless_equivalent", "version_first"]

Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | bool | None"

_ACCOUNT_ROOT: Final = re.compile(r"arn:[\w-]+:iam::(\d{12}):root")
_PLAIN_ELEMENTS: Final = frozenset({"Sid", "Effect"})


def normalised(document: str) -> str:
    """Write JSON as Go does: compact, keys sorted, `<`, `>` and `&` escaped.

    Raises:
        ValueError: *document* is not JSON.

    Source:
        hashicorp/terraform-plugin-sdk, helper/structure/normalize_json.go
    """
    return _go_json(json.loads(document, parse_constant=_refuse_constant))


def version_first(document: str) -> str:
    """Normalise, with `Version` before everything else.

    Raises:
        ValueError: *document* is not JSON.

    Source:
        hashicorp/terraform-provider-aws, internal/verify/json.go
        (`LegacyPolicyNormalize`)
    """
    parsed: Json = json.loads(document, parse_constant=_refuse_constant)
    if not isinstance(parsed, dict) or "Version" not in parsed:
        return _go_json(parsed)
    rest = {key: value for key, value in parsed.items() if key != "Version"}
    head = '{"Version":' + _go_json(parsed["Version"])
    return head + ("," + _go_json(rest)[1:] if rest else "}")


def are_equivalent(one: str, other: str) -> bool:
    """Compare two documents, whatever the order of their statements and lists.

    Source:
        hashicorp/awspolicyequivalence, aws_policy_equivalence.go
        (`PoliciesAreEquivalent`)
    """
    try:
        return _comparable(one) == _comparable(other)
    except ValueError:
        return False


def unless_equivalent(recorded: str, found: str) -> str:
    """Give what was recorded while what was found means the same.

    Source:
        hashicorp/terraform-provider-aws, internal/verify/json.go (`PolicyToSet`)
    """
    if recorded.strip() and are_equivalent(recorded, found):
        return recorded
    return found


def _refuse_constant(name: str) -> None:
    message = f"{name} is not JSON"
    raise ValueError(message)


def _go_json(value: Json) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _comparable(document: str) -> object:
    parsed: Json = json.loads(document or "{}")
    if isinstance(parsed, list) and len(parsed) == 1:
        parsed = parsed[0]
    if not isinstance(parsed, dict):
        message = "not a policy"
        raise ValueError(message)  # noqa: TRY004 (the document is wrong, no type)
    statements = parsed.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    found = Counter(repr(_comparable_statement(statement)) for statement in listed)
    return (str(parsed.get("Version", "")), str(parsed.get("Id", "")), found)


def _comparable_statement(statement: Json) -> object:
    if not isinstance(statement, dict):
        message = "not a statement"
        raise ValueError(message)  # noqa: TRY004 (the document is wrong, no type)
    return sorted(
        (key, _comparable_element(key, value)) for key, value in statement.items()
    )


def _comparable_element(key: str, value: Json) -> object:
    if key in _PLAIN_ELEMENTS:
        return str(value)
    if key in {"Principal", "NotPrincipal"}:
        return _comparable_principals(value)
    if key == "Condition" and isinstance(value, dict):
        return sorted(
            (operator, _comparable_keys(keys)) for operator, keys in value.items()
        )
    return _comparable_set(value)


def _comparable_principals(value: Json) -> object:
    if value == "*":
        return "*"
    if not isinstance(value, dict):
        return _comparable_set(value)
    return sorted(
        (kind, sorted(_account(one) for one in _comparable_set(ids)))
        for kind, ids in value.items()
    )


def _account(principal: str) -> str:
    root = _ACCOUNT_ROOT.fullmatch(principal)
    return root[1] if root else principal


def _comparable_keys(keys: Json) -> object:
    if not isinstance(keys, dict):
        return _comparable_set(keys)
    return sorted(
        (key.lower(), _comparable_set(values)) for key, values in keys.items()
    )


def _comparable_set(value: Json) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return sorted({_text(item) for item in items})


def _text(value: Json) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(cast("object", value))
