"""What has no token that could be taken to STS, so that waiting for one has no end."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from eks_irsa.documents.patterns import matches
from eks_irsa.identity import parts
from eks_irsa.identity.model import Fault

__all__ = ["waiting_faults"]

_NOT_MANAGED: Final = frozenset({"notManaged", "retained"})


def waiting_faults(asked: Mapping[str, Any]) -> Iterator[Fault]:
    """Find why no token of the service account could ever get credentials.

    Args:
        asked: Fields of the kinds that `FIELDS` has; a value may be LATER.
    """
    if asked.get("wait") is not True:
        return
    why = _no_token(asked)
    if why:
        yield Fault(("wait",), "E-WAIT", f"{why}; take it out", at_key=True)


def _no_token(asked: Mapping[str, Any]) -> str | None:
    if not parts.part_of(parts.by_tokens, asked):
        return "EKS Pod Identity takes the tokens of pods alone, and there is none yet"
    if asked.get("service_account_mode") in _NOT_MANAGED:
        return "the service account is not managed, so that it may not be there yet"
    pattern, name = asked.get("subject_pattern"), asked.get("service_account_name")
    if (
        isinstance(pattern, str)
        and isinstance(name, str)
        and not matches(pattern, name)
    ):
        return f"the role does not trust {name!r} itself, which {pattern!r} leaves out"
    return None
