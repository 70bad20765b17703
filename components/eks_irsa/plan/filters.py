"""Which entries of a file belong to the stack, and settings that name none."""

from collections.abc import Iterator, Sequence

from eks_irsa.documents.globs import is_literal, matches_any
from eks_irsa.settings.model import Settings
from eks_irsa.source.findings import Finding, Path

__all__ = ["belongs", "filter_findings"]


def belongs(settings: Settings, *, key: str) -> bool:
    """Tell whether an entry belongs to the stack.

    Args:
        settings: The stack's settings; what is excluded is not included.
        key: `<namespace>/<name>` of the entry.
    """
    if matches_any(settings.exclude, key):
        return False
    return not settings.include or matches_any(settings.include, key)


def filter_findings(settings: Settings, *, keys: Sequence[str]) -> Iterator[Finding]:
    """Name settings that speak of entries the file does not have.

    Args:
        settings: The stack's settings.
        keys: `<namespace>/<name>` of all entries of the file.
    """
    if settings.include and not any(matches_any(settings.include, key) for key in keys):
        message = "matches no entry of the ClusterConfig; expected at least one"
        yield Finding(("include",), "E-GLOB-NOMATCH", message)
    known = set(keys)
    for path, pattern in _patterns(settings):
        if is_literal(pattern) and pattern not in known:
            message = (
                f"{pattern!r} is no entry of the ClusterConfig; correct it, or take it "
                "out"
            )
            at_key = path[-1] == pattern
            yield Finding(path, "W-NO-ENTRY", message, "warning", at_key)


def _patterns(settings: Settings) -> Iterator[tuple[Path, str]]:
    for pattern in settings.overrides:
        yield ("overrides", pattern), pattern
    for pattern in settings.rules.exceptions:
        yield ("rules", "except", pattern), pattern
    for name, patterns in (
        ("patchExisting", settings.patch_existing),
        ("include", settings.include),
        ("exclude", settings.exclude),
    ):
        for index, pattern in enumerate(patterns):
            yield (name, index), pattern
