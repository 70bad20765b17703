"""What is known of AWS's actions beside their names, read from two small files."""

import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import cast

from eks_irsa.aws_names.access_levels import action_regex
from eks_irsa.documents.patterns import Patterns, has_wildcard
from eks_irsa.review.model import Mark

__all__ = [
    "EscalationPath",
    "Weight",
    "escalation_paths",
    "known_actions",
    "paths_with",
    "weights",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class EscalationPath:
    """Actions that together let a role take permissions that are not its own.

    Attributes:
        name: In the source.
        actions: In small letters; all of them are needed.
        source: URL.
    """

    name: str
    actions: tuple[str, ...]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Weight:
    """What an action is marked with.

    Attributes:
        mark: The mark.
        everywhere: Only where it is allowed on every resource of its kind.
        source: URL.
    """

    mark: Mark
    everywhere: bool
    source: str


@cache
def escalation_paths() -> tuple[EscalationPath, ...]:
    """Return the published paths, in the order of the file."""
    return tuple(
        EscalationPath(name=name, actions=tuple(actions.lower().split()), source=source)
        for name, actions, source in _rows("escalation_paths.tsv")
    )


@cache
def _paths_by_action() -> Mapping[str, tuple[EscalationPath, ...]]:
    found: dict[str, tuple[EscalationPath, ...]] = {}
    for path in escalation_paths():
        for action in path.actions:
            found[action] = (*found.get(action, ()), path)
    return found


def paths_with(action: str) -> tuple[EscalationPath, ...]:
    """Return the paths that an action, in small letters, is part of."""
    return _paths_by_action().get(action, ())


@cache
def weights() -> Mapping[str, tuple[Weight, ...]]:
    """Return what actions are marked with, by the action in small letters."""
    found: dict[str, tuple[Weight, ...]] = {}
    for action, mark, where, source in _rows("weighty_actions.tsv"):
        weight = Weight(
            mark=cast("Mark", mark), everywhere=where == "every", source=source
        )
        found[action.lower()] = (*found.get(action.lower(), ()), weight)
    return found


@lru_cache(maxsize=65_536)
def known_actions(actions: Patterns) -> frozenset[str]:
    """Return the actions of both files that a set of actions holds.

    Args:
        actions: Of a grant; in small letters.
    """
    if actions.inverted:
        found = (known_actions(Patterns(frozenset({one}))) for one in actions.texts)
        return _names().difference(*found)
    return frozenset(name for text in actions.texts for name in _matching(text))


@lru_cache(maxsize=65_536)
def _matching(pattern: str) -> tuple[str, ...]:
    if not has_wildcard(pattern):
        return (pattern,) if pattern in _names() else ()
    regex = action_regex("*" if pattern == "*:*" else pattern)
    return tuple(name for name in _names() if regex.fullmatch(name))


@cache
def _names() -> frozenset[str]:
    steps = (action for path in escalation_paths() for action in path.actions)
    return frozenset({*weights(), *steps})


def _rows(name: str) -> Iterator[list[str]]:
    data = pkgutil.get_data("eks_irsa.review.weighing", name) or b""
    for line in data.decode().splitlines():
        if not line.startswith("#"):
            yield line.split("\t")
