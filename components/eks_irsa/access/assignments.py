"""Values that the variables of policies may have, put in their place."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from eks_irsa.access.requests import Request, resolved, stand_in, variables
from eks_irsa.documents.conditions import Clause, Condition
from eks_irsa.documents.pattern_sets import pattern_set
from eks_irsa.documents.patterns import Patterns, has_wildcard
from eks_irsa.documents.policy_statements import Grant

__all__ = ["assignments", "grant_variables", "is_voidable", "pinned", "with_values"]

# None for a key that is absent.
Assignment = Mapping[str, str | None]

_SEPARATORS: Final = re.compile(r"[:/]")
_EVERYTHING: Final = Patterns(frozenset({"*"}))
_MOST: Final = 12


def grant_variables(grant: Grant) -> set[str]:
    """Return the keys of a grant's variables, in small letters.

    Args:
        grant: Of any effect.
    """
    keys = set[str]()
    for text in pattern_set(grant.resource.texts).with_variables:
        keys |= variables(text)
    for clause in grant.condition.clauses:
        for value in clause.values:
            if "${" in value:
                keys |= variables(value)
    return keys


def is_voidable(grant: Grant) -> bool:
    """Tell whether a variable without a value takes away what is not named.

    Args:
        grant: Of any effect.
    """
    if grant.resource.inverted and pattern_set(grant.resource.texts).with_variables:
        return True
    return any(
        "Not" in clause.operator and any(map(variables, clause.values))
        for clause in grant.condition.clauses
    )


def assignments(grants: Sequence[Grant]) -> Iterator[Assignment]:
    """Give values for all variables of some grants that other texts of them have.

    Args:
        grants: Those that matter most first.
    """
    keys = sorted({key for grant in grants for key in grant_variables(grant)})
    usual = {key: stand_in(key) for key in keys}
    yield usual
    for key in keys:
        near = dict.fromkeys(_near(grants, key))
        for value in [*near][:_MOST]:
            yield {**usual, key: value}
        yield {**usual, key: None}


def _near(grants: Sequence[Grant], key: str) -> Iterator[str]:
    for grant in grants:
        for clause in grant.condition.clauses:
            if clause.key == key:
                yield from (one for one in clause.values if _is_plain(one))
        for text in sorted(grant.resource.texts):
            yield from (one for one in _SEPARATORS.split(text) if _is_plain(one))


def _is_plain(text: str) -> bool:
    return bool(text) and "$" not in text and not has_wildcard(text)


def with_values(grants: Iterable[Grant], values: Assignment) -> list[Grant]:
    """Put values in the place of variables; grants about nothing then are left out.

    Args:
        grants: Of any effect.
        values: For every key of a variable.
    """
    request = Request(
        action="",
        context={
            key: () if value is None else (value,) for key, value in values.items()
        },
        open=False,
    )
    made: list[Grant] = []
    for grant in grants:
        texts = [
            resolved(text, request, wildcards=True).text
            for text in grant.resource.texts
        ]
        if grant.resource.inverted and None in texts:
            continue
        plain = frozenset(text for text in texts if text is not None)
        if plain:
            clauses = [_clause(one, request) for one in grant.condition.clauses]
            made.append(
                replace(
                    grant,
                    resource=Patterns(plain, grant.resource.inverted),
                    condition=Condition(tuple(clauses)),
                )
            )
    return made


def _clause(clause: Clause, request: Request) -> Clause:
    if not any(map(variables, clause.values)):
        return clause
    values = [resolved(value, request, wildcards=True).text for value in clause.values]
    if "Not" in clause.operator and None in values:
        return clause  # which is met by nothing but a key that is absent
    return replace(clause, values=tuple(one for one in values if one is not None))


def pinned(values: Assignment) -> Grant:
    """Return a grant about every request whose keys have some values.

    Args:
        values: By key.
    """
    clauses = [
        Clause(operator="Null", key=key, values=("true",))
        if value is None
        else Clause(operator="StringEquals", key=key, values=(value,))
        for key, value in values.items()
    ]
    return Grant(
        effect="Allow", action=_EVERYTHING, condition=Condition(tuple(clauses))
    )
