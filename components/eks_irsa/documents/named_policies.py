"""Policies by name for the controllers people run on EKS, beyond eksctl's seven.

The content is data, one file of `named/` for each; a file names its upstream, the
version that was read and the day, and the parameters that narrow it.
"""

import difflib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, cast

from eks_irsa.documents import policy_parameters
from eks_irsa.documents.arns import PARTITIONS
from eks_irsa.documents.named_policy_files import (
    described_policy,
    named_policy_names,
    named_statements,
)

__all__ = [
    "NamedPolicy",
    "NamedPolicyFault",
    "grants_inline",
    "named_document",
    "named_managed_policy_arns",
    "named_policy",
    "named_policy_faults",
]

_PARTITION_PLACEHOLDER: Final = "AWS::Partition"
_PLACEHOLDER: Final = re.compile(r"\$\{([A-Za-z:.]+)\}")
_ANY_PARTITION: Final = "aws"


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedPolicy:
    """All that a policy by name grants.

    Attributes:
        name: Its name.
        managed_policy_arns: AWS's managed policies to attach; may be empty.
        document: `{"Version": "2012-10-17", "Statement": [...]}`, which belongs to the
            caller alone; None if nothing but managed policies is granted.
    """

    name: str
    managed_policy_arns: tuple[str, ...]
    document: dict[str, object] | None


class NamedPolicyFault(NamedTuple):
    """What is wrong with a policy by name.

    Attributes:
        path: Name of the policy, then of the parameter, then an index.
        code: `E-NAMED-POLICY` or `E-NAMED-PARAMETER`.
        message: The rule, the value received and the remedy.
        at_key: It is about the last name of *path* rather than its value.
    """

    path: tuple[str | int, ...]
    code: str
    message: str
    at_key: bool = False


def named_policy_faults(
    name: str, parameters: Mapping[str, object], *, unknown: Collection[str] = ()
) -> Iterator[NamedPolicyFault]:
    """Find everything that is wrong with one policy by name.

    Args:
        name: Name of the policy.
        parameters: Name of a parameter -> text or list of texts.
        unknown: Parameters whose value only becomes known later. Default: none.

    Yields:
        Every fault, its path beginning with *name*.
    """
    if name not in named_policy_names():
        message = f"{name!r} is not a policy by name; {_nearest(name)}"
        yield NamedPolicyFault((name,), "E-NAMED-POLICY", message, at_key=True)
        return
    code = "E-NAMED-PARAMETER"
    known = described_policy(name).parameters
    for key, value in parameters.items():
        if key not in known:
            expected = ", ".join(known) or "none, it takes no parameters"
            message = f"{key!r} is no parameter of {name}; expected {expected}"
            yield NamedPolicyFault((name, key), code, message, at_key=True)
        elif key not in unknown:
            for index, message in policy_parameters.value_faults(known[key], value):
                at = (name, key) if index < 0 else (name, key, index)
                yield NamedPolicyFault(at, code, message)
    for key, parameter in known.items():
        if parameter.required and key not in parameters:
            message = f"{key} is {policy_parameters.missing(parameter)}"
            yield NamedPolicyFault((name,), code, message)


def named_policy(
    *, name: str, parameters: Mapping[str, object], partition: str
) -> NamedPolicy:
    """Look up what a policy by name grants, narrowed by its parameters.

    Args:
        name: One of `named_policy_names()`.
        parameters: Name of a parameter -> text or list of texts; `*` alone asks for
            everything, where a policy has that.
        partition: The partition all ARNs shall name, a key of `PARTITIONS`.

    Returns:
        The managed policies by ARN and the inline one, at least one of either.

    Raises:
        ValueError: There is no such name or partition, or a parameter is wrong; holds
            every fault, one to a line.
    """
    if partition not in PARTITIONS:
        msg = (
            f"{partition!r} is not a partition; expected one of {', '.join(PARTITIONS)}"
        )
        raise ValueError(msg)
    if faults := [*named_policy_faults(name, parameters)]:
        raise ValueError("\n".join(f"{name}: {fault.message}" for fault in faults))
    return NamedPolicy(
        name=name,
        managed_policy_arns=named_managed_policy_arns(name, partition=partition),
        document=named_document(name, parameters, partition=partition),
    )


def named_managed_policy_arns(
    name: str, *, partition: str = _ANY_PARTITION
) -> tuple[str, ...]:
    """List the managed policies of a policy by name, whatever its parameters."""
    return tuple(
        f"arn:{partition}:iam::aws:policy/{managed}"
        for managed in described_policy(name).managed_policies
    )


def grants_inline(name: str, parameters: Collection[str]) -> bool:
    """Tell whether an inline policy comes with a policy by name.

    Args:
        name: One of `named_policy_names()`.
        parameters: Names of the parameters that are given.
    """
    return any(_needs(one) <= {*parameters} for one in named_statements(name))


def named_document(
    name: str, parameters: Mapping[str, object], *, partition: str = _ANY_PARTITION
) -> dict[str, object] | None:
    """Write the inline policy of a policy by name, from parameters without a fault.

    Returns:
        The policy, or None if there is no statement for these parameters.
    """
    values: dict[str, tuple[str, ...]] = {_PARTITION_PLACEHOLDER: (partition,)}
    for key, parameter in described_policy(name).parameters.items():
        if key in parameters:
            placed = policy_parameters.replacements(parameter, parameters[key])
            for placeholder, texts in placed.items():
                values[placeholder] = tuple(
                    text.replace(f"${{{_PARTITION_PLACEHOLDER}}}", partition)
                    for text in texts
                )
    statements = [
        _filled(statement, values)
        for statement in named_statements(name)
        if _needs(statement) <= parameters.keys()
    ]
    if not statements:
        return None
    return {"Version": "2012-10-17", "Statement": statements}


def _needs(statement: Mapping[str, object]) -> set[str]:
    """Name the parameters a statement speaks of; it is left out without them."""
    named = _PLACEHOLDER.findall(json.dumps(statement))
    return {one.partition(".")[0] for one in named if one != _PARTITION_PLACEHOLDER}


def _filled(value: object, values: Mapping[str, tuple[str, ...]]) -> object:
    """Put values in the place of placeholders; in a list, one item for each value."""
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, object]", value)
        return {
            _texts(key, values)[0]: _filled(inner, values)
            for key, inner in pairs.items()
        }
    if isinstance(value, list):
        items = cast("list[str]", value)
        return [text for item in items for text in _texts(item, values)]
    return _texts(value, values)[0] if isinstance(value, str) else value


def _texts(text: str, values: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Write a text for each value of the one placeholder in it that has several."""
    names = _PLACEHOLDER.findall(text)
    several = next((name for name in names if len(values[name]) > 1), None)

    def write(chosen: str | None) -> str:
        def value_of(match: re.Match[str]) -> str:
            name = match[1]
            return chosen if chosen and name == several else values[name][0]

        return _PLACEHOLDER.sub(value_of, text)

    return [write(one) for one in (values[several] if several else (None,))]


def _nearest(name: str) -> str:
    folded = {one.casefold(): one for one in named_policy_names()}
    near = difflib.get_close_matches(name.casefold(), folded, n=1)
    if near:
        return f"did you mean {folded[near[0]]!r}?"
    return f"expected one of {', '.join(named_policy_names())}"
