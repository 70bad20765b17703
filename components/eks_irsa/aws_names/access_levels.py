"""How much an action may do, by AWS's own level of access of each.

Source:
    https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import re
from functools import cache, lru_cache
from typing import Final, Literal

from eks_irsa.aws_names.catalog import Service, has_services, service, service_names

__all__ = [
    "AccessLevel",
    "access_levels",
    "access_levels_but",
    "action_regex",
    "needs_every_resource",
]

AccessLevel = Literal["Permissions management", "Write"]

_LEVELS: Final[tuple[AccessLevel, ...]] = ("Permissions management", "Write")
# As their names say, against `backup:ListIndexedRecoveryPointsForSearch` and the like;
# but `redshift:GetClusterCredentials` may make a user.
_LISTS: Final = re.compile(r"describe|list")
_READS: Final = re.compile(r"(batch)?(describe|get|list|lookup|search|view)[a-z*?]")
_WILD: Final = re.compile(r"[*?]+")


@lru_cache(maxsize=65_536)
def access_levels(pattern: str) -> frozenset[AccessLevel]:
    """Return the levels above reading of the actions that a pattern stands for.

    Args:
        pattern: An action with its service, `*` for any text and `?` for one
            character; letters have no case.

    Returns:
        Of an action that AWS had not when the list was made, or where the list is not
        installed: `Write`, unless its name says that it reads.
    """
    folded = pattern.lower()
    name, colon, action = folded.partition(":")
    if folded in {"*", "*:*"}:
        return frozenset(_LEVELS)
    if has_services() and (not colon or _WILD.search(name)):
        return frozenset(level for level in _LEVELS if _any(folded, level))
    found = service(name) if has_services() else None
    matches = found.matching(action) if found else []
    if found is None or not matches:
        return _by_name(action)
    return frozenset(
        level for level in _LEVELS if any(_has(found, one, level) for one in matches)
    )


@lru_cache(maxsize=65_536)
def access_levels_but(patterns: frozenset[str]) -> frozenset[AccessLevel]:
    """Return the levels above reading of all actions but those of some patterns.

    Args:
        patterns: Actions with their service, as for `access_levels`.
    """
    if not has_services():
        return frozenset(_LEVELS)
    left_out = [action_regex(one.lower()) for one in sorted(patterns)]
    return frozenset(
        level
        for level in _LEVELS
        if any(
            not any(one.fullmatch(action) for one in left_out)
            for action in _of_level(level)
        )
    )


@lru_cache(maxsize=65_536)
def action_regex(pattern: str) -> re.Pattern[str]:
    """Return the regular expression of a pattern of actions.

    Args:
        pattern: In small letters; `*` for any text and `?` for one character.
    """
    parts = re.split(r"(\*+|\?)", pattern)
    return re.compile(
        "".join(
            ".*" if part.startswith("*") else "." if part == "?" else re.escape(part)
            for part in parts
        )
    )


@lru_cache(maxsize=65_536)
def needs_every_resource(action: str) -> bool:
    """Tell whether AWS lets an action be allowed on `*` alone.

    Args:
        action: One action with its service, without wildcards.
    """
    name, _, rest = action.lower().partition(":")
    found = service(name) if has_services() else None
    if found is None or rest not in found.actions:
        return False
    return not found.action(rest).arns


def _by_name(action: str) -> frozenset[AccessLevel]:
    return frozenset() if _READS.match(action) else frozenset({"Write"})


def _has(found: Service, action: str, level: AccessLevel) -> bool:
    """Tell whether an action is of a level, which AWS says of some that read."""
    if _LISTS.match(action):
        return False
    if level == "Permissions management" and _READS.match(action):
        return False
    return level in found.access_level(action)


def _any(pattern: str, level: AccessLevel) -> bool:
    """Tell whether an action of a level matches; most that do not are seen at once."""
    longest = max(_WILD.split(pattern), key=len)
    if longest not in _joined(level):
        return False
    matches = action_regex(pattern).fullmatch
    return any(matches(action) for action in _of_level(level))


@cache
def _of_level(level: AccessLevel) -> tuple[str, ...]:
    return tuple(
        f"{name}:{action}"
        for name in service_names()
        if (one := service(name))
        for action in one.actions
        if _has(one, action, level)
    )


@cache
def _joined(level: AccessLevel) -> str:
    return "\n".join(_of_level(level))
