"""What the values of conditions stand for: numbers, moments, networks, parts of ARNs.

A value that is not written as its operator wants it stands for nothing, and what reads
it returns None.

Source:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import ipaddress
import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

__all__ = ["Block", "arn_parts", "block", "moment", "number"]

_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?")
_EPOCH: Final = re.compile(r"[0-9]{5,16}")
# The profile of ISO 8601 that IAM names; a time of day has a zone.
# Source: https://www.w3.org/TR/NOTE-datetime
_MOMENT: Final = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}(-[0-9]{2})?)"
    r"(?P<time>T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2}))?"
)
_MONTH_LENGTH: Final = 7
_ARN_PARTS: Final = 6


class Block(NamedTuple):
    """Addresses in a row.

    Attributes:
        version: 4 or 6.
        first: The first as a number.
        last: The last as a number.
    """

    version: int
    first: int
    last: int


@lru_cache(maxsize=65_536)
def number(text: str) -> Decimal | None:
    """Read a value of the Numeric operators.

    Args:
        text: An integer or a decimal fraction, 40 digits on either side at most.
    """
    return Decimal(text) if _NUMBER.fullmatch(text) else None


@lru_cache(maxsize=65_536)
def moment(text: str) -> Decimal | None:
    """Read a value of the Date operators.

    Args:
        text: A month, a day, or a time of day with its zone, as ISO 8601 writes them;
            or seconds since 1970. Four digits alone may be either, and are neither.

    Returns:
        Seconds since 1970.
    """
    if _EPOCH.fullmatch(text):
        return Decimal(text)
    found = _MOMENT.fullmatch(text)
    if not found or (found["time"] and len(found["day"]) == _MONTH_LENGTH):
        return None
    day = found["day"] + ("-01" if len(found["day"]) == _MONTH_LENGTH else "")
    try:
        at = datetime.fromisoformat(day + (found["time"] or "T00:00Z"))
    except ValueError:
        return None
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    seconds = Decimal(since.days * 86_400 + since.seconds)
    return seconds + Decimal(since.microseconds) / 1_000_000


@lru_cache(maxsize=65_536)
def block(text: str) -> Block | None:
    """Read a value of the IpAddress operators.

    Args:
        text: An address, or a block of them as CIDR writes it, whose bits past the
            prefix do not count.
    """
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    first = int(found.network_address)
    return Block(found.version, first, first + found.num_addresses - 1)


def arn_parts(text: str) -> tuple[str, ...] | None:
    """Take an ARN, or a pattern of ARNs, apart at its first five colons.

    The Arn operators compare part by part, so that no wildcard reaches over a colon
    but in the last one.

    Args:
        text: `arn:<partition>:<service>:<region>:<AWS account>:<resource>`.

    Returns:
        Six parts; None for fewer, which no Arn operator takes for an ARN.
    """
    parts = tuple(text.split(":", _ARN_PARTS - 1))
    return parts if len(parts) == _ARN_PARTS else None
