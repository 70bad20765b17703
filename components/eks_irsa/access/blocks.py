"""Grants put together that differ in their actions or resources alone.

A statement of 49 actions and 49 resources is 2,401 grants and one block again, however
it was written.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Final

from eks_irsa.documents.pattern_sets import pattern_set
from eks_irsa.documents.patterns import Patterns, has_wildcard
from eks_irsa.documents.policy_statements import ANY_CONDITION, Grant

__all__ = ["Blocks", "blocks"]


def blocks(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """Put grants together, so that few are left.

    Args:
        grants: Of any effects.

    Returns:
        Grants with several actions and resources each, sorted, that together are about
        the same requests.
    """
    by_action: dict[Grant, set[str]] = {}
    made: list[Grant] = []
    for grant in grants:
        if grant.action.inverted:
            made.append(grant)
        else:
            key = replace(grant, action=_NOTHING, actions_as_written=())
            by_action.setdefault(key, set()).update(grant.action.texts)
    for key, texts in by_action.items():
        made.append(replace(key, action=Patterns(frozenset(texts))))
    by_resource: dict[Grant, set[str]] = {}
    joined: list[Grant] = []
    for grant in made:
        if grant.resource.inverted:
            joined.append(grant)
        else:
            key = replace(grant, resource=_NOTHING, actions_as_written=())
            by_resource.setdefault(key, set()).update(grant.resource.texts)
    for key, texts in by_resource.items():
        joined.append(replace(key, resource=Patterns(frozenset(texts))))
    return tuple(sorted(joined, key=lambda grant: grant.sort_key))


_NOTHING: Final = Patterns(frozenset())


class Blocks:
    """Grants of one side, found by what they hold and by what holds them.

    Args:
        grants: Of any effects.
    """

    def __init__(self, grants: Iterable[Grant]) -> None:
        """Put the grants together."""
        # In one order, for a search that is given up has not answered what comes last.
        several = sorted(grants, key=lambda grant: grant.sort_key)
        self.grants = {grant: grant for grant in several}
        self.allows = blocks(one for one in self.grants if one.effect == "Allow")
        self.denies = blocks(one for one in self.grants if one.effect == "Deny")
        self._within: dict[tuple[Patterns, Patterns], tuple[Patterns, ...]] = {}

    def within(self, grant: Grant) -> Iterator[Grant]:
        """Give the grants that another certainly holds, itself included.

        Args:
            grant: One of these, or any other.
        """
        for block in self._like(grant):
            if not grant.principal.covers(block.principal):
                continue
            actions = self._parts_within(grant.action, block.action)
            resources = actions and self._parts_within(grant.resource, block.resource)
            if resources and grant.condition.covers(block.condition):
                yield from self._written(block, actions, resources)

    def holders(self, grant: Grant) -> Iterator[Grant]:
        """Give the grants that certainly hold another, itself included.

        Args:
            grant: One of these, or any other.
        """
        for block in self._like(grant):
            if not block.principal.covers(grant.principal):
                continue
            actions = _holders(block.action, grant.action)
            resources = actions and _holders(block.resource, grant.resource)
            if resources and block.condition.covers(grant.condition):
                yield from self._written(block, actions, resources)

    def has_under_condition(self, grant: Grant) -> bool:
        """Tell whether it has a grant, whatever the condition.

        Args:
            grant: One of these, or any other.
        """
        return replace(grant, condition=ANY_CONDITION) in self._unconditional

    @cached_property
    def _unconditional(self) -> set[Grant]:
        return {replace(one, condition=ANY_CONDITION) for one in self.grants}

    def _like(self, grant: Grant) -> tuple[Grant, ...]:
        return self.allows if grant.effect == "Allow" else self.denies

    def _written(
        self, block: Grant, actions: Iterable[Patterns], resources: Iterable[Patterns]
    ) -> Iterator[Grant]:
        for action in actions:
            for resource in resources:
                yield self.grants[replace(block, action=action, resource=resource)]

    def _parts_within(self, wide: Patterns, parts: Patterns) -> tuple[Patterns, ...]:
        key = (wide, parts)
        if key not in self._within:
            self._within[key] = tuple(_within(wide, parts))
        return self._within[key]


def _within(wide: Patterns, parts: Patterns) -> Iterator[Patterns]:
    if parts.inverted:
        if wide.covers(parts):
            yield parts
        return
    if not wide.inverted and not any(map(has_wildcard, wide.texts)):
        yield from (Patterns(frozenset({one})) for one in wide.texts & parts.texts)
        return
    for text in pattern_set(parts.texts).in_order:
        one = Patterns(frozenset({text}))
        if wide.covers(one):
            yield one


def _holders(parts: Patterns, narrow: Patterns) -> list[Patterns]:
    if parts.inverted:
        return [parts] if parts.covers(narrow) else []
    if narrow.inverted or len(narrow.texts) != 1:
        return [
            one
            for one in (Patterns(frozenset({text})) for text in sorted(parts.texts))
            if one.covers(narrow)
        ]
    (text,) = narrow.texts
    return [
        Patterns(frozenset({one})) for one in pattern_set(parts.texts).holders(text)
    ]
