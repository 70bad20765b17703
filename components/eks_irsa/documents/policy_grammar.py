"""What IAM would refuse of a permission policy, each fault with its path.

Checks only what IAM surely refuses; whether an action exists is not looked at, for
AWS adds some every week.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple, cast

from eks_irsa.documents.condition_texts import (
    compares_dates,
    date_fault,
    operator_fault,
)
from eks_irsa.documents.policy_spelling import respelt, spelling_fault
from eks_irsa.documents.statement_texts import (
    ACTIONS,
    RESOURCES,
    action_fault,
    resource_fault,
)

__all__ = [
    "DocumentFault",
    "JsonPath",
    "condition_faults",
    "conditions_faults",
    "document_faults",
    "effect_faults",
    "items",
    "kind_of",
    "list_faults",
    "sid_faults",
    "value_faults",
]

JsonPath = tuple[str | int, ...]


class DocumentFault(NamedTuple):
    """One thing IAM would refuse: where in the document, and rule, value, remedy."""

    path: JsonPath
    message: str

    def below(self, *steps: str | int) -> "DocumentFault":
        """Return the fault as it is seen from further up in the document."""
        return DocumentFault((*steps, *self.path), self.message)


_DOCUMENT_KEYS: Final = ("Version", "Id", "Statement")
_STATEMENT_KEYS: Final = (
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
_VERSIONS: Final = ("2012-10-17", "2008-10-17")
_SID: Final = re.compile(r"[A-Za-z0-9]*", re.ASCII)
# Source: the pattern of PolicyDocument in
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
_NOT_TAKEN: Final = re.compile("[^\t\n\r\u0020-\u00ff]")


def document_faults(document: object) -> Iterator[DocumentFault]:
    """Find everything in a permission policy that IAM would refuse.

    Args:
        document: The policy as JSON values.

    Yields:
        Each fault with its path from the policy's root.
    """
    yield from value_faults(document, ())
    if not isinstance(document, Mapping):
        yield DocumentFault((), f"expected a policy, got {kind_of(document)}")
        return
    pairs = cast("Mapping[str, object]", document)
    if message := spelling_fault(pairs, _DOCUMENT_KEYS):
        yield DocumentFault((), message)
    pairs = respelt(pairs, _DOCUMENT_KEYS)
    for key in pairs:
        if key not in _DOCUMENT_KEYS and not _is_function(key):
            message = f"{key!r} is no part of a policy; expected Version and Statement"
            yield DocumentFault((key,), message)
    if "Version" in pairs and pairs["Version"] not in _VERSIONS:
        message = f"{pairs['Version']!r} is not a version; write '2012-10-17', quoted"
        yield DocumentFault(("Version",), message)
    if not isinstance(pairs.get("Id", ""), str):
        message = f"expected text, got {kind_of(pairs['Id'])}; quote it"
        yield DocumentFault(("Id",), message)
    yield from _statements_faults(pairs)


def conditions_faults(conditions: object) -> Iterator[DocumentFault]:
    """Find everything in a map of conditions that IAM would refuse.

    Args:
        conditions: Operator -> key -> value or values, as JSON values.
    """
    yield from value_faults(conditions, ())
    yield from condition_faults(conditions)


def items(value: object) -> list[tuple[JsonPath, object]]:
    """List what IAM takes as a list or as one value alone, each with its steps."""
    if isinstance(value, list):
        return [((i,), inner) for i, inner in enumerate(cast("list[object]", value))]
    return [((), value)]


def _statements_faults(document: Mapping[str, object]) -> Iterator[DocumentFault]:
    if not document.get("Statement"):
        message = "the policy has no statement, so it would grant nothing; add one"
        yield DocumentFault(("Statement",) if "Statement" in document else (), message)
        return
    sids: set[str] = set()
    for step, statement in items(document["Statement"]):
        if not isinstance(statement, Mapping):
            message = f"expected a statement, a map, got {kind_of(statement)}"
            yield DocumentFault(("Statement", *step), message)
            continue
        pairs = cast("Mapping[str, object]", statement)
        for fault in _statement_faults(pairs):
            yield fault.below("Statement", *step)
        sid = pairs.get("Sid")
        if isinstance(sid, str) and sid in sids:
            message = f"the Sid {sid!r} is used twice; each is unique in a policy"
            yield DocumentFault(("Statement", *step, "Sid"), message)
        if isinstance(sid, str) and sid:
            sids.add(sid)


def _statement_faults(statement: Mapping[str, object]) -> Iterator[DocumentFault]:
    if any(_is_function(key) for key in statement):
        return  # `value_faults` names the function
    if message := spelling_fault(statement, _STATEMENT_KEYS):
        yield DocumentFault((), message)
    statement = respelt(statement, _STATEMENT_KEYS)
    for key in statement:
        if key in {"Principal", "NotPrincipal"}:
            message = (
                f"{key} has no place in what a role may do; who may assume the role "
                "is written by eks-irsa"
            )
            yield DocumentFault((key,), message)
        elif key not in _STATEMENT_KEYS:
            message = (
                f"{key!r} is no part of a statement; "
                f"expected {', '.join(_STATEMENT_KEYS[:-1])} or {_STATEMENT_KEYS[-1]}"
            )
            yield DocumentFault((key,), message)
    yield from effect_faults(statement)
    yield from sid_faults(statement)
    yield from list_faults(statement, "Action", action_fault, ACTIONS)
    yield from list_faults(statement, "Resource", resource_fault, RESOURCES)
    if "Condition" in statement:
        for fault in condition_faults(statement["Condition"]):
            yield fault.below("Condition")


def effect_faults(statement: Mapping[str, object]) -> Iterator[DocumentFault]:
    """Check the Effect of a statement."""
    if statement.get("Effect") not in ("Allow", "Deny"):
        path = ("Effect",) if "Effect" in statement else ()
        got = kind_of(statement.get("Effect"))
        yield DocumentFault(path, f"Effect is {got}; write 'Allow' or 'Deny'")


def sid_faults(statement: Mapping[str, object]) -> Iterator[DocumentFault]:
    """Check the Sid of a statement."""
    sid = statement.get("Sid", "")
    if not isinstance(sid, str) or not _SID.fullmatch(sid):
        message = f"the Sid is {kind_of(sid)}; expected letters and digits alone"
        yield DocumentFault(("Sid",), message)


def list_faults(
    statement: Mapping[str, object],
    name: str,
    text_fault: Callable[[str], str | None],
    expected: str,
) -> Iterator[DocumentFault]:
    """Check an element of a statement that is one text or a list of texts.

    Args:
        statement: The statement.
        name: Name of the element, such as `Action`; its Not-form is checked with it.
        text_fault: Tells what is wrong with one text; None for nothing.
        expected: What each text must be, in words.
    """
    given = [key for key in (name, f"Not{name}") if key in statement]
    if len(given) != 1:
        message = f"expected {name} or Not{name}, exactly one of them, in a statement"
        yield DocumentFault((given[0],) if given else (), message)
    for key in given:
        if statement[key] == []:
            yield DocumentFault((key,), f"{key} is empty; expected {expected}")
        for step, text in items(statement[key]):
            if _is_call(text):
                continue
            if not isinstance(text, str):
                message = f"{kind_of(text)} is no {name}; expected {expected}"
                yield DocumentFault((key, *step), message)
            elif fault := text_fault(text):
                yield DocumentFault((key, *step), fault)


def condition_faults(condition: object) -> Iterator[DocumentFault]:
    """Check the conditions of a statement, operator -> key -> value or values."""
    if not isinstance(condition, Mapping):
        yield DocumentFault(
            (), f"expected a map of operators, got {kind_of(condition)}"
        )
        return
    for operator, keys in cast("Mapping[str, object]", condition).items():
        if _is_function(operator) or _is_call(keys):
            continue
        if not isinstance(keys, Mapping):
            message = f"expected a map of condition keys, got {kind_of(keys)}"
            yield DocumentFault((operator,), message)
            continue
        # IAM takes whatever holds no key.
        if keys and (fault := operator_fault(operator)):
            yield DocumentFault((operator,), fault)
        for key, value in cast("Mapping[str, object]", keys).items():
            for step, inner in items(value):
                if not _is_call(inner) and (fault := _operand_fault(operator, inner)):
                    yield DocumentFault((operator, key, *step), fault)


def _operand_fault(operator: str, value: object) -> str | None:
    if not isinstance(value, str | bool | int | float):
        return f"expected the value of a condition, got {kind_of(value)}"
    return date_fault(value) if compares_dates(operator) else None


def value_faults(value: object, path: JsonPath) -> Iterator[DocumentFault]:
    """Name what IAM cannot read, and functions of CloudFormation we do not know."""
    match value:
        case Mapping():
            for key, inner in cast("Mapping[str, object]", value).items():
                at = (*path, key)
                if _is_function(key):
                    message = (
                        f"CloudFormation's {key} is not supported here; write the "
                        "value itself, or Fn::Sub over ${AWS::Partition}, "
                        "${AWS::Region} and ${AWS::AccountId}"
                    )
                    yield DocumentFault(at, message)
                    continue
                yield from value_faults(key, at)
                yield from value_faults(inner, at)
        case list():
            for index, inner in enumerate(cast("list[object]", value)):
                yield from value_faults(inner, (*path, index))
        case str() if _NOT_TAKEN.search(value):
            message = (
                f"{value!r} holds a character that IAM refuses; expected printable "
                "characters up to U+00FF"
            )
            yield DocumentFault(path, message)
        case float() if not math.isfinite(value):
            yield DocumentFault(path, f"{value} is no number in JSON; write it as text")
        case _:
            pass


def _is_function(key: str) -> bool:
    return key.startswith("Fn::") or key == "Ref"


def _is_call(value: object) -> bool:
    """Tell a call of a CloudFormation function, which `value_faults` names."""
    if not isinstance(value, Mapping):
        return False
    return any(_is_function(key) for key in cast("Mapping[str, object]", value))


def kind_of(value: object) -> str:
    """Word a value for a message that it is not what was expected."""
    match value:
        case None:
            return "nothing"
        case Mapping():
            return "a map"
        case list():
            return "a list"
        case str():
            return repr(value)
        case _:
            return f"the value {value!r}"
