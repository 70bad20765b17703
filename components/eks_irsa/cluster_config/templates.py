"""A ClusterConfig that was to be rendered first, and is YAML nevertheless."""

from collections.abc import Iterable
from typing import Final

from eks_irsa.documents.placeholders import TEMPLATE_REMEDY, template_mark_in
from eks_irsa.source.document import Document, Items, Pairs
from eks_irsa.source.findings import Finding, Path

__all__ = ["without_template_marks"]

# No cluster is called so: a mark in one of these makes the whole file a template.
_HEADER: Final[tuple[Path, ...]] = (("metadata", "name"), ("metadata", "region"))


def without_template_marks(
    found: Iterable[Finding], document: Document
) -> list[Finding]:
    """Say once that a file is a template, in place of all that follows from it.

    Args:
        found: What is wrong with the file.
        document: The file.

    Returns:
        The findings; of a file whose cluster or region a template engine was to write,
        one error in the place of those about values that it was to write.
    """
    for path in _HEADER:
        mark = template_mark_in(_text_at(path, document))
        if mark:
            message = f"the file is a template, as {mark[0]!r} shows; {TEMPLATE_REMEDY}"
            rest = [one for one in found if not _is_about_mark(one, document)]
            return [Finding(path, "E-TEMPLATE", message), *rest]
    return [*found]


def _is_about_mark(finding: Finding, document: Document) -> bool:
    key = str(finding.path[-1]) if finding.at_key and finding.path else ""
    return any(map(template_mark_in, (key, _text_at(finding.path, document))))


def _text_at(path: Path, document: Document) -> str:
    """Return the text at a path; the empty one if there is none."""
    value = document.root
    for step in path:
        match value, step:
            case Pairs(), str() if step in value:
                value = value[step]
            case Items(), int():
                value = value[step]
            case _:
                return ""
    return value if isinstance(value, str) else ""
