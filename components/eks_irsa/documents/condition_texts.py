"""What IAM refuses of an operator of a condition, and of the dates it compares with.

Other values are taken as they are, and so are condition keys: IAM looks at neither
when it stores a policy.

Source:
    IAM's answers as moto 5.2.5 records them, moto/iam/policy_validation.py and its
    tests/test_iam/test_iam_policies.py
"""

import difflib
import re
from typing import Final

from eks_irsa.documents.conditions import BASE_OPERATORS, operator_parts

__all__ = ["compares_dates", "date_fault", "operator_fault"]

# The bounds of Java's dates and of its long integers, both IAM's.
_YEARS: Final = range(-292_275_054, 292_278_994)
_SECONDS: Final = range(2**63)
_DATES: Final = (
    "<year>-<month>-<day>T<hours>:<minutes>:<seconds>Z, or seconds since 1970"
)
# Source: https://www.w3.org/TR/NOTE-datetime, which IAM's guide names. IAM is laxer: a
# part may have one digit, and everything from the month on may be missing.
_DATE: Final = re.compile(
    r"(?P<year>-?\d{1,9})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?)?"
    r"(?:T(?:(?P<hours>\d{1,2})(?::(?P<minutes>\d{1,2})"
    r"(?::(?P<seconds>\d{1,2})(?:\.\d{1,9})?)?"
    r"(?:Z|[+-](?P<zone_hours>\d{2})(?::(?P<zone_minutes>\d{2}))?)?)?)?)?",
    re.ASCII | re.IGNORECASE,
)
_EPOCH: Final = re.compile(r"\d{1,19}", re.ASCII)
_BOUNDS: Final = {
    "year": _YEARS,
    "month": range(1, 13),
    "day": range(1, 32),
    "hours": range(24),
    "minutes": range(60),
    "seconds": range(60),
    "zone_hours": range(24),
    "zone_minutes": range(60),
}


def operator_fault(operator: str) -> str | None:
    """Tell what IAM refuses of a condition's operator.

    Args:
        operator: Should be one of IAM's, in its own case, with `ForAllValues:` or
            `ForAnyValue:` before it or `IfExists` behind it if wanted.
    """
    _, base, _ = operator_parts(operator)
    if base in BASE_OPERATORS:
        return None
    known = {name.lower(): name for name in BASE_OPERATORS}
    near = difflib.get_close_matches(base.lower(), known, n=1)
    if not near:
        return (
            f"{operator!r} is no operator of a condition; expected one of "
            f"{', '.join(sorted(BASE_OPERATORS))}"
        )
    at = operator.find(base)
    meant = operator[:at] + known[near[0]] + operator[at + len(base) :]
    return f"{operator!r} is no operator of a condition; did you mean {meant!r}?"


def compares_dates(operator: str) -> bool:
    """Tell whether *operator* takes dates alone."""
    return operator_parts(operator)[1].startswith("Date")


def date_fault(value: object) -> str | None:
    """Tell what IAM refuses of a date in a condition.

    Args:
        value: Should be text, a date or date and time of the years -292275054 to
            292278993, or whole seconds since 1970 as text or number, 0 to 2**63 - 1.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value in _SECONDS:
        return None
    if isinstance(value, str):
        if _EPOCH.fullmatch(value):
            right = int(value) in _SECONDS
        else:
            right = (date := _DATE.fullmatch(value)) is not None and all(
                int(text) in _BOUNDS[part]
                for part, text in date.groupdict().items()
                if text
            )
        if right:
            return None
    return f"{value!r} is no date; expected {_DATES}"
