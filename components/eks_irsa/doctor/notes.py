"""What a link has to say: findings, and what could not be looked at."""

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from eks_irsa.doctor.codes import CODES
from eks_irsa.doctor.model import Facts, Finding, Severity
from eks_irsa.live.model import NOT_LOOKED_UP, Unread

__all__ = [
    "SKIPPED",
    "Examination",
    "Gap",
    "Notes",
    "addressed",
    "command",
    "finding",
]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that a link could not look at.

    Attributes:
        what: What it is, such as `the trust policy`.
        unread: Why.
    """

    what: str
    unread: Unread


SKIPPED = Gap("", NOT_LOOKED_UP)
"""Of a link that has no part in this chain, or comes after one that is broken."""

# Words of commands that are not known, and stand for what nobody but the user knows.
_TO_FILL_IN: Final = {
    "ROLE_ARN": "the role's ARN",
    "PROVIDER_ARN": "the OIDC provider's ARN",
    "ISSUER_URL": "the cluster's issuer",
    "CLUSTER": "the cluster's name",
    "PROFILE": "a profile of the role's AWS account",
}

Notes: TypeAlias = Iterator[Finding | Gap]
Examination: TypeAlias = Callable[[Facts], Notes]


def finding(
    code: str,
    message: str,
    *remedy: str,
    severity: Severity | None = None,
    wanted: str = "",
    given: str = "",
) -> Finding:
    """Make a finding of the link that its code belongs to.

    Args:
        code: A key of `CODES`.
        message: What is, and what it should be.
        remedy: Commands to copy.
        severity: Default: that of the code.
        wanted: As `Finding` has it.
        given: As `Finding` has it.
    """
    known = CODES[code]
    text = "\n".join(remedy)
    filled = [
        f"{meaning} for {word}"
        for word, meaning in _TO_FILL_IN.items()
        if re.search(rf"\b{word}\b", text)
    ]
    if filled:
        message = f"{message}; write {' and '.join(filled)}"
    return Finding(
        link=known.link,
        code=code,
        severity=severity or known.severity,
        message=message,
        remedy=tuple(dict.fromkeys(remedy)),
        wanted=wanted,
        given=given,
    )


def command(*words: str) -> str:
    """Write a command as a shell takes it.

    Args:
        words: The command and its arguments, none of them quoted.
    """
    return shlex.join(words)


def addressed(line: str, options: Mapping[str, Mapping[str, str]]) -> str:
    """Send a command to the cluster and the AWS account that were looked at.

    Args:
        line: As `command` writes it.
        options: As `Facts` has them.

    Returns:
        The command with the options of its program that it does not have.
    """
    program, *words = shlex.split(line)
    more = options.get(program, {}).items()
    missing = [word for pair in more if pair[0] not in words for word in pair]
    return " ".join([line, shlex.join(missing)]) if missing else line
