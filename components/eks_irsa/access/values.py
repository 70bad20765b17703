"""Finds values of a context key that some clauses are met by and others are not.

Keys are taken to have values of the kind their operators compare: a key that is
compared with numbers has a number for a value, if any.
"""

import ipaddress
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from eks_irsa.access.clauses import clause_met, fits
from eks_irsa.access.requests import Request, stand_in, variables
from eks_irsa.access.texts import Found, Texts, TextSet, like
from eks_irsa.documents.condition_values import arn_parts, block, moment, number
from eks_irsa.documents.conditions import BASE_OPERATORS, Clause, operator_parts
from eks_irsa.documents.patterns import literal

__all__ = ["FoundValues", "Values"]

# None where it was not found out.
FoundValues = tuple[str, ...] | Literal[False] | None
Clauses = frozenset[Clause]

_ANY_VALUE: Final = "~"
_ANY_TEXT: Final = frozenset({like(["*"])})


class _Test(NamedTuple):
    """Something that one value must fit, or must not."""

    base: str
    values: tuple[str, ...]
    wanted: bool


class Values:
    """Finds values of keys, each question answered once.

    Args:
        texts: Finds what is a text.
    """

    def __init__(self, texts: Texts) -> None:
        """Nothing was asked yet."""
        self._texts = texts
        self._known: dict[tuple[Clauses, Clauses], FoundValues] = {}

    def find(self, met: Clauses, unmet: Clauses) -> FoundValues:
        """Find values of a key under which clauses are met, or not.

        Args:
            met: Clauses over one key that are to be met.
            unmet: Clauses over the same key that are not.

        Returns:
            The values, none for a key that must be absent; False if there are none,
            None if it was not found out.
        """
        key = (met, unmet)
        if key not in self._known:
            self._known[key] = self._find(met, unmet)
        return self._known[key]

    def _find(self, met: Clauses, unmet: Clauses) -> FoundValues:
        clauses = [*((one, True) for one in met), *((one, False) for one in unmet)]
        absent = Request(action="", open=False)
        if all(clause_met(one, absent) is wanted for one, wanted in clauses):
            return ()
        everywhere: set[_Test] = set()
        somewhere: set[_Test] = set()
        single = False
        for clause, wanted in clauses:
            quantifier, base, _ = operator_parts(clause.operator)
            if base == "Null":
                if ("false" in map(str.lower, clause.values)) is not wanted:
                    return False
                continue
            if base not in BASE_OPERATORS:
                return None
            single = single or not quantifier
            test = _Test(
                base.replace("Not", ""), clause.values, wanted is not ("Not" in base)
            )
            for_all = (quantifier == "ForAllValues") is wanted
            (everywhere if for_all or not quantifier else somewhere).add(test)
        if single or not somewhere:
            return _as_values([self._value(frozenset(everywhere | somewhere))])
        return _as_values(
            [self._value(frozenset({*everywhere, one})) for one in sorted(somewhere)]
        )

    def _value(self, tests: frozenset[_Test]) -> Found:
        """Find one value that passes all tests."""
        if not tests:
            return _ANY_VALUE
        kinds = {_kind(test) for test in tests}
        if None in kinds:
            return None
        if kinds == {"text"}:
            return self._text(tests)
        request = Request(action="", context=_stand_ins(tests), open=False)
        for value in self._candidates(tests):
            if all(
                fits(test.base, test.values, value, request) is test.wanted
                for test in tests
            ):
                return value
        return False if len(kinds) == 1 else None

    def _text(self, tests: Iterable[_Test]) -> Found:
        wanted = frozenset(_text_set(test) for test in tests if test.wanted)
        unwanted = frozenset(_text_set(test) for test in tests if not test.wanted)
        return self._texts.find(wanted or _ANY_TEXT, unwanted)

    def _candidates(self, tests: frozenset[_Test]) -> Iterator[str]:
        """Give values that stand for all that the tests tell apart."""
        texts = [test for test in tests if _kind(test) == "text"]
        if texts:
            found = self._text(texts)
            if found:
                yield found
            yield from sorted({value for test in texts for value in test.values})
        by_kind: dict[str | None, set[str]] = {}
        for test in tests:
            by_kind.setdefault(_kind(test), set()).update(test.values)
        yield from ("true", "false") if "bool" in by_kind else ()
        yield from _numbers(by_kind.get("number", ()))
        yield from _moments(by_kind.get("moment", ()))
        yield from _addresses(by_kind.get("address", ()))


def _as_values(found: list[Found]) -> FoundValues:
    values: dict[str, None] = {}
    for one in found:
        if one is False:
            return False
        if one is not None:
            values[one] = None
    return None if None in found else tuple(values)


def _kind(test: _Test) -> str | None:
    """Return what the values of a test are; None if one of them is not."""
    base = test.base
    if base == "Bool":
        good = all(value.lower() in {"true", "false"} for value in test.values)
        return "bool" if good else None
    if base.startswith("Arn"):
        good = all(map(arn_parts, test.values))
        return "text" if good else None
    for name, kind, read in (
        ("Numeric", "number", number),
        ("Date", "moment", moment),
        ("IpAddress", "address", block),
    ):
        if base.startswith(name):
            good = all(read(value) is not None for value in test.values)
            return kind if good else None
    return "text"


def _text_set(test: _Test) -> TextSet:
    if test.base.startswith("Arn"):
        return TextSet("arn", frozenset(test.values))
    if test.base == "StringLike":
        return TextSet("like", frozenset(test.values))
    plain = frozenset(literal(value, variables=True) for value in test.values)
    return TextSet(
        "caseless" if test.base == "StringEqualsIgnoreCase" else "like", plain
    )


def _stand_ins(tests: Iterable[_Test]) -> dict[str, tuple[str, ...]]:
    return {
        key: (stand_in(key),)
        for test in tests
        for value in test.values
        for key in variables(value)
    }


def _between(bounds: set[Decimal], step: Decimal) -> Iterator[Decimal]:
    """Give each bound, and something between, below and above them."""
    several = sorted(bounds)
    for one, two in pairwise(several):
        yield (one + two) / 2
    yield from several
    yield several[0] - step
    yield several[-1] + step


def _numbers(texts: Iterable[str]) -> Iterator[str]:
    bounds = {one for one in map(number, texts) if one is not None}
    for one in _between(bounds, Decimal(1)) if bounds else ():
        yield f"{one.normalize():f}"


def _moments(texts: Iterable[str]) -> Iterator[str]:
    bounds = {one for one in map(moment, texts) if one is not None}
    for one in _between(bounds, Decimal(86_400)) if bounds else ():
        microseconds = int(one * 1_000_000)
        try:
            at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
        except OverflowError:
            yield str(int(one))
            continue
        yield at.isoformat().replace("+00:00", "Z")


def _addresses(texts: Iterable[str]) -> Iterator[str]:
    """Give the first and the last of each block, and their neighbours."""
    blocks = [one for one in map(block, texts) if one is not None]
    if not blocks:
        return
    for version, made, last in (
        (4, ipaddress.IPv4Address, 2**32 - 1),
        (6, ipaddress.IPv6Address, 2**128 - 1),
    ):
        near = {0, last}
        for one in blocks:
            if one.version == version:
                near |= {one.first - 1, one.first, one.last, one.last + 1}
        yield from (str(made(one)) for one in sorted(near) if 0 <= one <= last)
