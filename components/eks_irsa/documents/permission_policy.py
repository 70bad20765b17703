"""What the role may do: permission documents as IAM takes them.

Checks only what IAM surely refuses; whether an action exists is not looked at, for
AWS adds some every week.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple, cast

from eks_irsa.errors import PolicyDocumentError

__all__ = [
    "DocumentFault",
    "canonical_json",
    "document_characters",
    "document_faults",
    "permission_policy",
    "resolve_pseudo_parameters",
]

JsonPath = tuple[str | int, ...]


class DocumentFault(NamedTuple):
    """One thing IAM would refuse: where in the document, and rule, value, remedy."""

    path: JsonPath
    message: str


# The order in which people write and read a policy; other keys follow, sorted.
_KEY_ORDER: Final = {
    key: rank
    for rank, key in enumerate(
        (
            "Version",
            "Id",
            "Statement",
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        )
    )
}
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
_DOCUMENT_KEYS: Final = frozenset({"Version", "Id", "Statement"})
_STATEMENT_KEYS: Final = frozenset(_KEY_ORDER) - _DOCUMENT_KEYS
_VERSIONS: Final = ("2012-10-17", "2008-10-17")
_SID: Final = re.compile(r"[A-Za-z0-9]*", re.ASCII)
_ACTION: Final = re.compile(r"\*|[A-Za-z0-9*?-]+:[\w*?-]+", re.ASCII)
_RESOURCE: Final = re.compile(r"\*+|arn:.*|[*?].*", re.DOTALL)
# Source: the pattern of PolicyDocument in
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
_NOT_TAKEN: Final = re.compile("[^\t\n\r\u0020-\u00ff]")
_WHITE_SPACE: Final = re.compile(r"\s")
_VARIABLE: Final = re.compile(r"\$\{(!?)([^}]*)\}")


def permission_policy(document: "Mapping[str, object] | str") -> str:
    """Turn a permission document into the one text that stands for it.

    Args:
        document: An IAM policy: `Version` and `Statement`, as a mapping or as JSON.

    Returns:
        Compact JSON, keys in a fixed order, lists as they are.

    Raises:
        PolicyDocumentError: IAM would refuse the document; all reasons, one to a line.
    """
    if isinstance(document, str):
        try:
            document = cast("Mapping[str, object]", json.loads(document))
        except json.JSONDecodeError as error:
            msg = f"the policy is not JSON: {error}"
            raise PolicyDocumentError(msg) from error
    faults = list(document_faults(document))
    if faults:
        raise PolicyDocumentError(
            "\n".join(f"{_dotted(fault.path)}: {fault.message}" for fault in faults)
        )
    return canonical_json(document)


def canonical_json(document: object) -> str:
    """Write a document as compact JSON with its keys in a fixed order."""
    return json.dumps(_ordered(document), separators=(",", ":"), ensure_ascii=False)


def document_characters(text: str) -> int:
    """Count a policy as IAM does: characters without white space.

    Source:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    return len(_WHITE_SPACE.sub("", text))


def resolve_pseudo_parameters(
    document: object, *, partition: str, region: str, account_id: str
) -> object:
    """Put in what CloudFormation would put in for eksctl.

    Args:
        document: A permission document that may hold `{"Fn::Sub": "<text>"}` and
            `{"Ref": "<name>"}` over `AWS::Partition`, `AWS::Region` and
            `AWS::AccountId`. Anything else of CloudFormation's stays as it is, and
            `document_faults` names it.
        partition: Value of `AWS::Partition`.
        region: Value of `AWS::Region`.
        account_id: Value of `AWS::AccountId`.

    Source:
        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
    """
    values = {
        "AWS::Partition": partition,
        "AWS::Region": region,
        "AWS::AccountId": account_id,
    }

    def substitute(match: re.Match[str]) -> str:
        if match[1]:
            return f"${{{match[2]}}}"
        return values.get(match[2], match[0])

    def resolve(value: object) -> object:
        match value:
            case {"Fn::Sub": str(text)} if len(value) == 1 and not _unknown(text):
                return _VARIABLE.sub(substitute, text)
            case {"Ref": str(name)} if len(value) == 1 and name in values:
                return values[name]
            case Mapping():
                pairs = cast("Mapping[str, object]", value)
                return {key: resolve(inner) for key, inner in pairs.items()}
            case list():
                return [resolve(inner) for inner in cast("list[object]", value)]
            case _:
                return value

    def _unknown(text: str) -> bool:
        return any(
            not literal and name not in values
            for literal, name in _VARIABLE.findall(text)
        )

    return resolve(document)


def document_faults(document: object) -> Iterator[DocumentFault]:
    """Find everything in a permission document that IAM would refuse.

    Args:
        document: The document as JSON values.

    Yields:
        Each fault with its path from the document's root.
    """
    yield from _value_faults(document, ())
    if not isinstance(document, Mapping):
        yield DocumentFault((), f"expected a policy, got {_kind(document)}")
        return
    pairs = cast("Mapping[str, object]", document)
    for key in pairs:
        if key not in _DOCUMENT_KEYS:
            expected = "expected Version and Statement"
            yield DocumentFault((key,), f"{key!r} is no part of a policy; {expected}")
    if "Version" in pairs and pairs["Version"] not in _VERSIONS:
        message = f"{pairs['Version']!r} is not a version; write '2012-10-17', quoted"
        yield DocumentFault(("Version",), message)
    yield from _statements_faults(pairs)


def _statements_faults(document: Mapping[str, object]) -> Iterator[DocumentFault]:
    statements = document.get("Statement")
    if not statements:
        message = "the policy has no statement, so it would grant nothing; add one"
        path = ("Statement",) if "Statement" in document else ()
        yield DocumentFault(path, message)
        return
    single = not isinstance(statements, list)
    sids: set[str] = set()
    for index, statement in enumerate(
        [statements] if single else cast("list[object]", statements)
    ):
        path: JsonPath = ("Statement",) if single else ("Statement", index)
        if not isinstance(statement, Mapping):
            message = f"expected a statement, a map, got {_kind(statement)}"
            yield DocumentFault(path, message)
            continue
        pairs = cast("Mapping[str, object]", statement)
        for fault in _statement_faults(pairs):
            yield DocumentFault((*path, *fault.path), fault.message)
        sid = pairs.get("Sid")
        if isinstance(sid, str) and sid:
            if sid in sids:
                message = f"the Sid {sid!r} is used twice; each is unique in a policy"
                yield DocumentFault((*path, "Sid"), message)
            sids.add(sid)


def _statement_faults(statement: Mapping[str, object]) -> Iterator[DocumentFault]:
    if "Fn::If" in statement or any(key.startswith("Fn::") for key in statement):
        return
    for key in statement:
        if key in {"Principal", "NotPrincipal"}:
            message = (
                f"{key} has no place in what a role may do; who may assume the role "
                "is written by eks-irsa"
            )
            yield DocumentFault((key,), message)
        elif key not in _STATEMENT_KEYS:
            yield DocumentFault((key,), f"{key!r} is no part of a statement")
    if statement.get("Effect") not in {"Allow", "Deny"}:
        path = ("Effect",) if "Effect" in statement else ()
        message = f"Effect is {statement.get('Effect')!r}; expected 'Allow' or 'Deny'"
        yield DocumentFault(path, message)
    sid = statement.get("Sid", "")
    if not isinstance(sid, str) or not _SID.fullmatch(sid):
        yield DocumentFault(("Sid",), f"Sid {sid!r} may hold letters and digits only")
    yield from _list_faults(statement, "Action", _ACTION, "'<service>:<action>' or '*'")
    yield from _list_faults(statement, "Resource", _RESOURCE, "an ARN or '*'")
    yield from _condition_faults(statement.get("Condition", {}))


def _list_faults(
    statement: Mapping[str, object], name: str, shape: re.Pattern[str], expected: str
) -> Iterator[DocumentFault]:
    given = [key for key in (name, f"Not{name}") if key in statement]
    if len(given) != 1:
        message = f"expected {name} or Not{name}, exactly one of them, in a statement"
        yield DocumentFault((given[0],) if given else (), message)
    for key in given:
        value = statement[key]
        if value in ([], "", None):
            yield DocumentFault((key,), f"{key} is empty; expected {expected}")
            continue
        single = not isinstance(value, list)
        for index, text in enumerate(
            [value] if single else cast("list[object]", value)
        ):
            if isinstance(text, Mapping):
                continue  # a CloudFormation function, which _value_faults names
            if not isinstance(text, str) or not shape.fullmatch(text):
                path = (key,) if single else (key, index)
                yield DocumentFault(path, f"{text!r} is no {name}; expected {expected}")


def _condition_faults(condition: object) -> Iterator[DocumentFault]:
    if not isinstance(condition, Mapping):
        message = f"expected a map of operators, got {_kind(condition)}"
        yield DocumentFault(("Condition",), message)
        return
    for operator, keys in cast("Mapping[str, object]", condition).items():
        path = ("Condition", operator)
        if operator.startswith("Fn::"):
            continue
        if not isinstance(keys, Mapping):
            message = f"expected a map of condition keys, got {_kind(keys)}"
            yield DocumentFault(path, message)
            continue
        for key, value in cast("Mapping[str, object]", keys).items():
            values = cast("list[object]", value if isinstance(value, list) else [value])
            if any(inner is None or isinstance(inner, list) for inner in values):
                message = f"{value!r} is no value of a condition; expected text"
                yield DocumentFault((*path, key), message)


def _value_faults(value: object, path: JsonPath) -> Iterator[DocumentFault]:
    """Name what cannot be JSON, or is a function of CloudFormation we do not know."""
    match value:
        case Mapping():
            for key, inner in cast("Mapping[str, object]", value).items():
                if key.startswith("Fn::") or (key == "Ref" and len(value) == 1):
                    message = (
                        f"CloudFormation's {key} is not supported here; write the "
                        "value itself, or Fn::Sub over ${AWS::Partition}, "
                        "${AWS::Region} and ${AWS::AccountId}"
                    )
                    yield DocumentFault((*path, key), message)
                else:
                    yield from _value_faults(inner, (*path, key))
        case list():
            for index, inner in enumerate(cast("Sequence[object]", value)):
                yield from _value_faults(inner, (*path, index))
        case str() if _NOT_TAKEN.search(value):
            message = f"{value!r} holds a character beyond U+00FF, which IAM refuses"
            yield DocumentFault(path, message)
        case float() if not math.isfinite(value):
            yield DocumentFault(path, "the number is too large; write it as text")
        case _:
            pass


def _ordered(value: object) -> object:
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, object]", value)
        keys = sorted(
            pairs, key=lambda key: (_KEY_ORDER.get(key, len(_KEY_ORDER)), key)
        )
        return {key: _ordered(pairs[key]) for key in keys}
    if isinstance(value, list):
        return [_ordered(inner) for inner in cast("list[object]", value)]
    return value


def _kind(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case Mapping():
            return "a map"
        case list():
            return "a list"
        case bool() | int() | float():
            return f"the value {value!r}"
        case _:
            return f"the text {value!r}"


def _dotted(path: JsonPath) -> str:
    text = "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in path
    )
    return text.removeprefix(".") or "policy"
