"""One request to AWS, as far as it is known, and what a text of a policy is for it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from eks_irsa.documents.patterns import literal

__all__ = [
    "Request",
    "Resolved",
    "resolved",
    "stand_in",
    "variables",
    "with_stand_ins",
    "without_variables",
]

# `${key}` or `${key, 'value if it is absent'}`; `${*}`, `${?}`, `${$}` are none.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
_VARIABLE: Final = re.compile(
    r"\$\{(?![*?$]\})(?P<key>[^},]*)(,\s*'(?P<default>[^'}]*)')?[^}]*\}"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What somebody asks of AWS.

    Attributes:
        action: Such as `s3:GetObject`, in any case.
        resource: An ARN, or `*` for what has none; its case counts.
        context: Values by key, keys in small letters; no value for a key that is
            known to be absent. Default: nothing is known.
        open: Whether a key that `context` does not name may be there. Default: yes.
        principal: Who asks, as a grant of a trust policy writes it, such as
            `Federated arn:aws:iam::...`. It does not count for policies of permissions.
    """

    action: str
    resource: str = "*"
    context: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict[str, tuple[str, ...]]
    )
    open: bool = True
    principal: str = "*"

    def values_of(self, key: str) -> tuple[str, ...] | None:
        """Return the values of a key, none if it is absent; None if nobody knows.

        Args:
            key: In small letters.
        """
        return self.context.get(key, None if self.open else ())


@dataclass(frozen=True, slots=True)
class Resolved:
    """A text of a policy with the values of its variables.

    Attributes:
        text: As a pattern; a variable whose value is not known is `*`. None if it has
            a variable without a value, for then it fits nothing.
        known: Every variable is known.
    """

    text: str | None
    known: bool = True


def resolved(text: str, request: Request, *, wildcards: bool) -> Resolved:
    """Put the values of variables into a text of a policy.

    Args:
        text: As a policy writes it.
        request: What gives the values.
        wildcards: Whether `*` and `?` of *text* are wildcards; if not, they are made
            plain. Those of a value always are plain.

    Returns:
        The pattern.

    Source:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
    """
    plain = text if wildcards else literal(text, variables=True)
    if "${" not in plain:
        return Resolved(plain)
    parts: list[str] = []
    known, at = True, 0
    for found in _VARIABLE.finditer(plain):
        parts.append(plain[at : found.start()])
        at = found.end()
        values = request.values_of(found["key"].strip().lower())
        if values is None:
            known = False
            parts.append("*")
        elif len(values) == 1:
            parts.append(literal(values[0]))
        elif not values and found["default"] is not None:
            parts.append(literal(found["default"]))
        else:
            return Resolved(None)
    return Resolved("".join([*parts, plain[at:]]), known)


@lru_cache(maxsize=65_536)
def variables(text: str) -> frozenset[str]:
    """Return the keys of the variables in a text of a policy, in small letters.

    Args:
        text: As a policy writes it.
    """
    if "${" not in text:
        return frozenset()
    return frozenset(found["key"].strip().lower() for found in _VARIABLE.finditer(text))


def stand_in(key: str) -> str:
    """Return a value for a variable that no text of a policy has by chance.

    Args:
        key: Of the variable, in small letters.
    """
    plain = key.replace(":", ".")  # which would take an ARN apart
    return f"\N{SECTION SIGN}{plain}\N{SECTION SIGN}"


@lru_cache(maxsize=65_536)
def with_stand_ins(pattern: str) -> str:
    """Put stand-ins in the place of variables.

    Args:
        pattern: With variables, wildcards, or both.
    """
    return _VARIABLE.sub(
        lambda found: literal(stand_in(found["key"].strip().lower())), pattern
    )


@lru_cache(maxsize=65_536)
def without_variables(pattern: str) -> str:
    """Put `*` in the place of variables.

    Args:
        pattern: With variables, wildcards, or both.
    """
    return _VARIABLE.sub("*", pattern)
