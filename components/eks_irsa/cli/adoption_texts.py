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

__all__ = ["adoption_lines", "next_steps"]

_VERDICTS: Final[dict[Verdict, str]] = {
    "asItIs": "as it is",
    "changes": "changes",
    "cannot": "cannot",
    "absent": "to be made",
    "existing": "used",
    "ours": "ours",
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


def adoption_lines(adoption: Adoption) -> Iterator[str]:
    """Word an adoption, a line for each thing.

    Args:
        adoption: What becomes of each entry.
    """
    yield from _table(adoption)
    for entry in adoption.entries:
        said = [*_entry_lines(entry)]
        if said:
            yield ""
            yield f"{entry.key}: {_VERDICTS[entry.verdict]}"
            yield from (f"  {line}" for line in said)
    yield ""
    yield from _summary(adoption)


def next_steps(adoption: Adoption, *, target: str) -> Iterator[str]:
    """Say what to do with the settings, in order.

    Args:
        adoption: What becomes of each entry.
        target: What commands are given to know the entries: a ClusterConfig, or
            `--settings` and a stack file.
    """
    stacks = any(one.stack and one.verdict != "cannot" for one in adoption.entries)
    steps = [
        "pulumi preview: imports, and no replacement or deletion",
        "pulumi up, then pulumi preview, which shows no change",
        "take the lines of adopt out; pulumi preview shows no change",
    ]
    if stacks:
        steps.insert(
            0,
            f"eks-irsa cloudformation retain {target} --approve, before anything else: "
            "eksctl's stacks keep what they made",
        )
        steps.append(
            f"eks-irsa cloudformation delete {target} --approve: the stacks go, "
            "nothing else"
        )
    elif any(one.verdict in {"asItIs", "changes"} for one in adoption.entries):
        steps.append(
            "let go of the roles where they were made: Terraform by a removed block "
            "with destroy = false, CDK by RemovalPolicy.RETAIN, deployed before they "
            "leave the code"
        )
    yield from (f"{number}. {step}" for number, step in enumerate(steps, 1))


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


def _entry_lines(entry: EntryAdoption) -> Iterator[str]:
    yield from entry.reasons
    for change in entry.changes:
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


def _summary(adoption: Adoption) -> Iterator[str]:
    found = Counter(_VERDICTS[one.verdict] for one in adoption.entries)
    parts = [f"{found[word]} {word}" for word in _VERDICTS.values() if found[word]]
    yield f"{_entries(len(adoption.entries))}: {', '.join(parts) or 'none'}"
    marks = {change.field for one in adoption.entries for change in one.marks}
    tags = sorted(one.partition(" ")[2] for one in marks if one.startswith("tag "))
    if tags:
        yield f"each role that is taken in gets the tags {', '.join(tags)}"
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


def _entries(count: int) -> str:
    return f"{count} {'entry' if count == 1 else 'entries'}"
