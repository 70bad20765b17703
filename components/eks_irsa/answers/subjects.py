"""Which entry a question about a service account means."""

import difflib
from collections.abc import Iterable
from typing import Final

from eks_irsa.answers.model import EntryPermissions
from eks_irsa.documents.patterns import matches
from eks_irsa.documents.trust_policy import subject as subject_of

__all__ = ["entries_of", "near_keys"]

_MAX_NEAR: Final = 3
_CLOSE_ENOUGH: Final = 0.8


def entries_of(
    entries: Iterable[EntryPermissions], key: str
) -> tuple[EntryPermissions, ...]:
    """Find the entries of a file whose role a service account can have.

    Args:
        entries: Those of one file.
        key: `<namespace>/<name>` of the service account.

    Returns:
        Its own entry; without one, those whose role trusts it by a pattern.
    """
    listed = [*entries]
    own = tuple(entry for entry in listed if entry.key == key)
    if own:
        return own
    namespace, _, name = key.partition("/")
    who = subject_of(namespace=namespace, service_account=name)
    return tuple(entry for entry in listed if matches(entry.subject, who))


def near_keys(keys: Iterable[str], key: str) -> tuple[str, ...]:
    """Find what was perhaps meant.

    Args:
        keys: `<namespace>/<name>` of the service accounts there are, or other names.
        key: One that there is not.

    Returns:
        Those of nearly the same name, the nearest first, then those of the same name in
        another namespace; at most three.
    """
    known = sorted({*keys})
    close = difflib.get_close_matches(key, known, n=_MAX_NEAR, cutoff=_CLOSE_ENOUGH)
    name = f"/{key.rpartition('/')[2]}"
    alike = [one for one in known if one.endswith(name)]
    return tuple(dict.fromkeys([*close, *alike]))[:_MAX_NEAR]
