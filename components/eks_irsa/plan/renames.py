"""Entries that had other names before, and whose role goes on under its first one."""

from collections.abc import Iterator, Mapping, Sequence

from eks_irsa.settings.model import Settings
from eks_irsa.source.findings import Finding

__all__ = ["former_keys", "rename_findings"]


def former_keys(settings: Settings, *, key: str) -> tuple[str, ...]:
    """Follow the declared renames of an entry back to its first name.

    Args:
        settings: The stack's settings, without a finding of `rename_findings`.
        key: `<namespace>/<name>` of the entry.

    Returns:
        Its names before, the latest first; empty if it was never renamed.
    """
    before = {new: old for old, new in settings.renames.items()}
    found: list[str] = []
    while (key := before.get(key, "")) and key not in found:
        found.append(key)
    return tuple(found)


def rename_findings(settings: Settings, *, keys: Sequence[str]) -> Iterator[Finding]:
    """Name renames that do not lead from an entry that is gone to one that is there.

    Args:
        settings: The stack's settings.
        keys: `<namespace>/<name>` of all entries of the file.
    """
    renames, entries = settings.renames, set(keys)
    first: dict[str, str] = {}
    for old, new in sorted(renames.items()):
        path = ("renames", old)
        other = first.setdefault(new, old)
        if old in entries:
            message = (
                f"{old!r} is still an entry of the ClusterConfig; take the entry or "
                "the rename out"
            )
            yield Finding(path, "E-RENAME", message, at_key=True)
        elif other != old:
            message = (
                f"{new!r} has one role, and {other!r} is renamed to it already; take "
                "one of the two out"
            )
            yield Finding(path, "E-RENAME", message)
        elif _end(renames, new) not in entries:
            message = (
                f"{new!r} is no entry of the ClusterConfig; expected the new name of "
                f"{old!r}"
            )
            yield Finding(path, "E-RENAME", message)


def _end(renames: Mapping[str, str], key: str) -> str:
    """Follow renames from a name to where they end, or to where they turn round."""
    seen: set[str] = set()
    while key in renames and key not in seen:
        seen.add(key)
        key = renames[key]
    return key
