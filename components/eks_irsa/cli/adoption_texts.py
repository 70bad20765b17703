"""An adoption as people read it: a table of entries, then what there is to say."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from eks_irsa.adoption.model import (
    Adoption,
    Change,
    EntryAdoption,
    ServiceAccountStep,
    Verdict,
)
from eks_irsa.cli.problem_texts import counted
from eks_irsa.plan.provider_ownership import STACK_TAG

__all__ = ["adoption_lines", "entries_counted"]

_VERDICTS: Final[dict[Verdict, str]] = {
    "asItIs": "as it is",
    "changes": "changes",
    "cannot": "cannot",
    "absent": "to be made",
    "existing": "used",
    "ours": "ours",
}
# Of several entries, where a verdict alone is no word.
_COUNTED: Final[dict[Verdict, str]] = {
    **_VERDICTS,
    "changes": "with changes",
    "cannot": "not taken in",
}
_STEPS: Final[dict[ServiceAccountStep, str]] = {
    "imported": "imported",
    "patched": "patched",
    "created": "to be made",
    "notManaged": "not managed",
    "unchanged": "unchanged",
    "unknown": "not read",
}
_HEAD: Final = ("ROLE", "SERVICE ACCOUNT", "ENTRY", "NAME OF THE ROLE")
_SHORT: Final = 60
_SEVERAL: Final = 2


def adoption_lines(adoption: Adoption) -> Iterator[str]:
    """Word an adoption, a line for each thing.

    Args:
        adoption: What becomes of each entry.
    """
    yield from _table(adoption)
    common = _common_tags(adoption)
    for entry in adoption.entries:
        said = [*_entry_lines(entry, common)]
        if said:
            yield ""
            yield f"{entry.key}: {_VERDICTS[entry.verdict]}"
            yield from (f"  {line}" for line in said)
    yield ""
    yield from _summary(adoption, common)


def _table(adoption: Adoption) -> Iterator[str]:
    rows = [
        _HEAD,
        *(
            (
                _VERDICTS[one.verdict],
                _STEPS[one.service_account],
                one.key,
                (one.role_arn or "-").rpartition("/")[2],
            )
            for one in adoption.entries
        ),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield "  ".join([*cells, row[3]])


def _common_tags(adoption: Adoption) -> tuple[Change, ...]:
    """Give the tags that every one of several roles gets."""
    taken = [one for one in adoption.entries if one.verdict in {"asItIs", "changes"}]
    if len(taken) < _SEVERAL:
        return ()
    return tuple(
        change
        for change in taken[0].changes
        if change.field.startswith("tag ")
        and change.before is None
        and all(change in one.changes for one in taken)
    )


def _entry_lines(entry: EntryAdoption, common: tuple[Change, ...]) -> Iterator[str]:
    yield from entry.reasons
    for change in entry.changes:
        if change not in common:
            yield from _change_lines(change)
    for what in entry.left:
        yield f"left alone: {what}"
    yield from entry.notes


def _change_lines(change: Change) -> Iterator[str]:
    before, after = change.before, change.after
    if len(f"{before}{after}") <= _SHORT:
        if before is None:
            yield f"added: {change.field} {after!r}"
        elif after is None:
            yield f"taken off: {change.field} {before!r}"
        else:
            yield f"changed: {change.field} from {before!r} to {after!r}"
        return
    if before is None or after is None:
        yield f"{'added' if before is None else 'taken off'}: {change.field}"
    else:
        yield f"changed: {change.field}"
    for sign, text in (("-", before), ("+", after)):
        if text is not None:
            yield f"  {sign} {text}"


def _summary(adoption: Adoption, common: tuple[Change, ...]) -> Iterator[str]:
    found = Counter(_COUNTED[one.verdict] for one in adoption.entries)
    parts = [f"{found[word]} {word}" for word in _COUNTED.values() if found[word]]
    yield f"{entries_counted(len(adoption.entries))}: {', '.join(parts) or 'none'}"
    marks = {change.field for one in adoption.entries for change in one.marks}
    tags = sorted(one.removeprefix("tag ") for one in marks if one.startswith("tag "))
    for what, end in (("role", ""), ("association", " of the association")):
        of_it = [one.removesuffix(end) for one in tags if one.endswith(end)]
        keys = {one for one in of_it if " " not in one}
        if keys and what == "role":
            keys.add(STACK_TAG)
        if keys:
            named = ", ".join(sorted(keys))
            yield f"each {what} that is taken in gets the tags {named}"
    for change in common:
        yield f"each role that is taken in gets {change.field} {change.after!r}"
    imported = [one for one in adoption.entries if one.service_account == "imported"]
    if any(one.startswith("label ") for one in marks):
        yield (
            f"the label app.kubernetes.io/managed-by of "
            f"{counted(len(imported), 'service account')} becomes ours: eksctl deletes "
            "those that carry its own"
        )
    yield from adoption.notes
    for what, why in adoption.unread.items():
        yield f"not read: {what}: {why}"


def entries_counted(count: int) -> str:
    """Write a number of entries.

    Args:
        count: At least 0.
    """
    return f"{count} {'entry' if count == 1 else 'entries'}"
