"""The files of `named/`: what there is to know of policies by name, as data."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import NotRequired, TypedDict, cast

from eks_irsa.documents.policy_parameters import Parameter, ParameterType

__all__ = [
    "NamedPolicyDescription",
    "NamedPolicySource",
    "described_policy",
    "named_policy_names",
    "named_statements",
]


class NamedPolicySource(TypedDict):
    """Where a policy by name comes from."""

    upstream: str
    """Repository, or name of AWS's managed policy."""

    version: str
    """What was read: a release, the first digits of a commit, or AWS's version."""

    date: str
    """Day on which it was read, `YYYY-MM-DD`."""

    url: str
    """Address of the text."""

    note: NotRequired[str]
    """What differs from upstream's text, or why another text was read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedPolicyDescription:
    """What there is to know of a policy by name before parameters are given.

    Attributes:
        name: Its name, which is that of its inline policy too.
        title: What it is for, on one line.
        source: Where it comes from.
        parameters: By their names, in the order of the file; may be empty.
        managed_policies: Names of AWS's managed policies, path included; may be empty.
    """

    name: str
    title: str
    source: NamedPolicySource
    parameters: Mapping[str, Parameter]
    managed_policies: tuple[str, ...]


@cache
def named_policy_names() -> tuple[str, ...]:
    """List the names there are, sorted."""
    files = resources.files("eks_irsa.documents").joinpath("named").iterdir()
    return tuple(sorted(file.name.removesuffix(".json") for file in files))


@cache
def described_policy(name: str) -> NamedPolicyDescription:
    """Describe a policy by name.

    Args:
        name: One of `named_policy_names()`.

    Raises:
        ValueError: There is none of this name.
    """
    file = _file_of(name)
    return NamedPolicyDescription(
        name=name,
        title=file["title"],
        source=file["source"],
        parameters={
            key: Parameter(
                name=key,
                type=one["type"],
                required=one["required"],
                takes_everything=one["wildcard"],
                shape=one.get("shape", ""),
                description=one["description"],
            )
            for key, one in file["parameters"].items()
        },
        managed_policies=tuple(file["managedPolicies"]),
    )


def named_statements(name: str) -> Sequence[Mapping[str, object]]:
    """Give the statements of a policy by name, placeholders included; not to change."""
    return _file_of(name)["statements"]


class _ParameterEntry(TypedDict):
    type: ParameterType
    required: bool
    wildcard: bool
    description: str
    shape: NotRequired[str]


class _PolicyFile(TypedDict):
    """A file in `named/`."""

    name: str
    title: str
    source: NamedPolicySource
    parameters: dict[str, _ParameterEntry]
    managedPolicies: list[str]
    statements: list[dict[str, object]]


@cache
def _file_of(name: str) -> _PolicyFile:
    if name not in named_policy_names():
        known = ", ".join(named_policy_names())
        msg = f"{name!r} is not a policy by name; expected one of {known}"
        raise ValueError(msg)
    folder = resources.files("eks_irsa.documents").joinpath("named")
    text = folder.joinpath(f"{name}.json").read_text(encoding="utf-8")
    return cast("_PolicyFile", json.loads(text))
