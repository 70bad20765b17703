"""Keys of a policy in another case than IAM's: one slip, one fault."""

from collections.abc import Collection, Mapping

__all__ = ["respelt", "spelling_fault"]


def spelling_fault(pairs: Mapping[str, object], known: Collection[str]) -> str | None:
    """Name the keys that IAM knows in another case, all at once; None without any.

    Args:
        pairs: A policy or a statement.
        known: The keys it may have.
    """
    slips = {key: _spelling_of(key, pairs, known) for key in pairs}
    slips = {key: right for key, right in slips.items() if key != right}
    if not slips:
        return None
    pairs_in_words = [f"{right!r} for {key!r}" for key, right in slips.items()]
    return f"IAM reads its own spelling alone; write {' and '.join(pairs_in_words)}"


def respelt(
    pairs: Mapping[str, object], known: Collection[str]
) -> Mapping[str, object]:
    """Read keys in another case as what they are meant for, to check the rest.

    Args:
        pairs: A policy or a statement.
        known: The keys it may have.
    """
    return {_spelling_of(key, pairs, known): value for key, value in pairs.items()}


def _spelling_of(key: str, pairs: Mapping[str, object], known: Collection[str]) -> str:
    """Return IAM's spelling of a key; itself if it has none, or is there besides."""
    right = next((one for one in known if one.lower() == key.lower()), key)
    return key if right in pairs else right
