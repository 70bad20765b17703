"""The pseudo parameters of CloudFormation in a policy, which eksctl leaves to it.

Three of them are known from the cluster; everything else of CloudFormation's stays as
it is, and `policy_grammar` names it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, cast

__all__ = ["plain_pseudo_parameters", "resolve_pseudo_parameters"]

_VARIABLE: Final = re.compile(r"\$\{(!?)([^{}]*)\}")
_PSEUDO_PARAMETER: Final = re.compile(r"\$\{AWS::\w+\}", re.ASCII)
_RESOURCES: Final = frozenset({"Resource", "NotResource"})
_REFUSED: Final = "arn:${AWS::Partition}:"


def resolve_pseudo_parameters(
    document: object, *, partition: str, region: str, account_id: str
) -> object:
    """Put in what CloudFormation would put in for eksctl.

    Args:
        document: A permission policy that may hold `{"Fn::Sub": "<text>"}` and
            `{"Ref": "<name>"}` over `AWS::Partition`, `AWS::Region` and
            `AWS::AccountId`; `${!name}` stands for `${name}` itself.
        partition: Value of `AWS::Partition`.
        region: Value of `AWS::Region`.
        account_id: Value of `AWS::AccountId`.

    Returns:
        A copy of the document.

    Source:
        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
    """
    values = {
        "AWS::Partition": partition,
        "AWS::Region": region,
        "AWS::AccountId": account_id,
    }
    return _resolved(document, values)


def plain_pseudo_parameters(
    document: object, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Find pseudo parameters in plain text, where CloudFormation leaves them alone.

    Args:
        document: A permission policy.
        path: Where it stands.

    Yields:
        The path of the text, and the first of them in it, such as `${AWS::Region}`. A
        resource whose partition is one is left out: IAM refuses it, which the grammar
        of policies says.
    """
    if isinstance(document, Mapping):
        for key, inner in cast("Mapping[str, object]", document).items():
            if key != "Fn::Sub":
                yield from plain_pseudo_parameters(inner, (*path, key))
    elif isinstance(document, list):
        for index, inner in enumerate(cast("list[object]", document)):
            yield from plain_pseudo_parameters(inner, (*path, index))
    elif (
        isinstance(document, str)
        and (found := _PSEUDO_PARAMETER.search(document))
        and not (_RESOURCES.intersection(path) and document.startswith(_REFUSED))
    ):
        yield path, found[0]


def _resolved(value: object, values: Mapping[str, str]) -> object:
    if isinstance(value, list):
        return [_resolved(inner, values) for inner in cast("list[object]", value)]
    if not isinstance(value, Mapping):
        return value
    pairs = cast("Mapping[str, object]", value)
    text = _substituted(pairs, values)
    if text is not None:
        return text
    return {key: _resolved(inner, values) for key, inner in pairs.items()}


def _substituted(pairs: Mapping[str, object], values: Mapping[str, str]) -> str | None:
    """Return the text a function stands for; None if it is none, or not one of ours."""
    if len(pairs) != 1:
        return None
    match pairs:
        case {"Ref": str(name)}:
            return values.get(name)
        case {"Fn::Sub": str(text)}:
            variables = list(_VARIABLE.finditer(text))
            if not all(found[1] or found[2] in values for found in variables):
                return None
            if "${" in _VARIABLE.sub("", text):
                return None  # one that is not closed, which CloudFormation refuses
            return _VARIABLE.sub(
                lambda found: f"${{{found[2]}}}" if found[1] else values[found[2]], text
            )
        case _:
            return None
