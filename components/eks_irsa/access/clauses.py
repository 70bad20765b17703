"""Whether a request meets a condition.

Where a key is absent, the operators that deny are met and the others are not;
`IfExists` and `ForAllValues` are met, `ForAnyValue` is not.

Source:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from operator import eq, ge, gt, le, lt
from typing import Final

from eks_irsa.access.requests import Request, resolved
from eks_irsa.access.verdicts import Verdict, both, either, opposite
from eks_irsa.documents.condition_values import arn_parts, block, moment, number
from eks_irsa.documents.conditions import (
    BASE_OPERATORS,
    Clause,
    Condition,
    operator_parts,
)
from eks_irsa.documents.patterns import matches

__all__ = ["clause_met", "condition_met", "fits"]

# Tells of one value of a policy and one of a request whether they fit; None where one
# is not written as the operator wants it, and where a variable is not known.
_Test = Callable[[str, str, Request], Verdict]
_NEGATED: Final = "Not"


def condition_met(condition: Condition, request: Request) -> Verdict:
    """Tell whether a request meets all of a condition.

    Args:
        condition: Of a statement.
        request: As far as it is known.

    Returns:
        None where the answer hangs on a value that is not known.
    """
    return both(clause_met(clause, request) for clause in condition.clauses)


def clause_met(clause: Clause, request: Request) -> Verdict:
    """Tell whether a request meets one clause.

    Args:
        clause: Of a condition; an operator that IAM does not know cannot be told.
        request: As far as it is known.

    Returns:
        None where the answer hangs on a value that is not known.
    """
    quantifier, base, if_exists = operator_parts(clause.operator)
    values = request.values_of(clause.key)
    if base == "Null":
        return _absence(clause, values)
    if base not in BASE_OPERATORS or values is None:
        return None
    test = _TESTS[base.replace(_NEGATED, "")]
    negated = _NEGATED in base
    if not values:
        if if_exists or quantifier == "ForAllValues":
            return True
        return negated and not quantifier
    if not quantifier and len(values) > 1:
        return None  # of a key with one value, which has several
    verdicts = [
        _value_met(clause, test, one, request, negated=negated) for one in values
    ]
    return either(verdicts) if quantifier == "ForAnyValue" else both(verdicts)


def fits(base: str, wanted: Iterable[str], value: str, request: Request) -> Verdict:
    """Tell whether one value fits one of those that an operator wants.

    Args:
        base: An operator without `Not`, quantifier and `IfExists`; not `Null`.
        wanted: As the policy writes them.
        value: Of the request.
        request: Gives the values of variables.
    """
    test = _TESTS[base]
    return either(test(one, value, request) for one in wanted)


def _absence(clause: Clause, values: tuple[str, ...] | None) -> Verdict:
    wanted = {value.lower() for value in clause.values}
    if values is None:
        return True if wanted >= {"true", "false"} else None
    return ("false" if values else "true") in wanted


def _value_met(
    clause: Clause, test: _Test, value: str, request: Request, *, negated: bool
) -> Verdict:
    fits = either(test(wanted, value, request) for wanted in clause.values)
    if not negated:
        return fits
    if any(_is_void(wanted, test, request) for wanted in clause.values):
        return False
    return opposite(fits)


def _is_void(wanted: str, test: _Test, request: Request) -> bool:
    """Tell whether a value has a variable that has no value: nothing is met then."""
    return test in _WITH_VARIABLES and (
        resolved(wanted, request, wildcards=True).text is None
    )


def _of_texts(compare: Callable[[str, str], Verdict], *, wildcards: bool) -> _Test:
    """Make a test of texts, of which those of a policy may have variables."""

    def test(wanted: str, value: str, request: Request) -> Verdict:
        found = resolved(wanted, request, wildcards=wildcards)
        if found.text is None:
            return False
        fits = compare(found.text, value)
        return fits if found.known or not fits else None

    return test


def _caseless(pattern: str, value: str) -> Verdict:
    return matches(pattern.lower(), value.lower())


def _arn(pattern: str, value: str) -> Verdict:
    patterns, parts = arn_parts(pattern), arn_parts(value)
    if patterns is None or parts is None:
        return None
    return all(map(matches, patterns, parts))


def _bool(wanted: str, value: str, _: Request) -> Verdict:
    if not (_is_bool(wanted) and _is_bool(value)):
        return None
    return wanted.lower() == value.lower()


def _is_bool(text: str) -> bool:
    return text.lower() in {"true", "false"}


def _binary(wanted: str, value: str, _: Request) -> Verdict:
    return wanted == value


def _address(wanted: str, value: str, _: Request) -> Verdict:
    wide, given = block(wanted), block(value)
    if wide is None or given is None:
        return None
    same = wide.version == given.version
    return same and wide.first <= given.first and given.last <= wide.last


def _ordered(
    read: Callable[[str], Decimal | None], holds: Callable[[Decimal, Decimal], bool]
) -> _Test:
    def test(wanted: str, value: str, _: Request) -> Verdict:
        bound, given = read(wanted), read(value)
        return None if bound is None or given is None else holds(given, bound)

    return test


# By the operator without `Not`.
_OF_TEXTS: Final[Mapping[str, _Test]] = {
    "StringEquals": _of_texts(matches, wildcards=False),
    "StringEqualsIgnoreCase": _of_texts(_caseless, wildcards=False),
    "StringLike": _of_texts(matches, wildcards=True),
    "ArnEquals": _of_texts(_arn, wildcards=True),
    "ArnLike": _of_texts(_arn, wildcards=True),
}
_TESTS: Final[Mapping[str, _Test]] = {
    **_OF_TEXTS,
    "Bool": _bool,
    "BinaryEquals": _binary,
    "IpAddress": _address,
    **{
        f"{kind}{relation}": _ordered(read, holds)
        for kind, read in (("Numeric", number), ("Date", moment))
        for relation, holds in (
            ("Equals", eq),
            ("LessThan", lt),
            ("LessThanEquals", le),
            ("GreaterThan", gt),
            ("GreaterThanEquals", ge),
        )
    },
}
_WITH_VARIABLES: Final = frozenset(_OF_TEXTS.values())
