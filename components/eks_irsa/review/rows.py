"""One service account as a row of a table, and in full where the row is too short."""

import html
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from eks_irsa.access.differences import Difference
from eks_irsa.documents.printable import printable
from eks_irsa.review.lines import Line, lines, lines_of_changes
from eks_irsa.review.model import (
    Content,
    Row,
    Sides,
    UnknownPolicy,
    Value,
)
from eks_irsa.review.preview import Unknown
from eks_irsa.review.wording import (
    MARKS,
    code,
    issuers_of,
    policy_words,
    statement,
    trusted,
    value_words,
)

__all__ = ["cell", "details", "issuers", "row"]

_MOST_LINES: Final = 8
# Signs of what goes and what comes.
_GONE: Final = "\N{MINUS SIGN}"
_COME: Final = "+"
_LEFT: Final = "still"


def row(account: Row, *, home: str) -> str:
    """Write one service account as a row of the table, long lists cut short.

    Args:
        account: With a difference.
        home: The issuer that goes without saying; empty for none.
    """
    cells: list[Sequence[str]] = [
        [account.kind],
        [code(account.name)],
        [*_role(account)],
        [*_trust(account, home=home)],
        _cut([*_gains(account, whole=False)]),
        _cut([*_losses(account, whole=False)]),
        [*_looks(account)],
    ]
    return "| " + " | ".join([cell(one) for one in cells]) + " |\n"


def cell(found: Sequence[str]) -> str:
    """Put lines into one cell of a table."""
    return "<br>".join(found).replace("|", "\\|")


def issuers(accounts: Iterable[Row]) -> frozenset[str]:
    """Return every issuer whose identities the roles trust, before or after."""
    return frozenset(
        issuer
        for account in accounts
        for content in (account.trust.sides.before, account.trust.sides.after)
        for line in _lines_of(content)
        for issuer in issuers_of(line)
    )


def details(accounts: Iterable[Row]) -> Iterator[str]:
    """Write in full what rows cut short."""
    sides: tuple[tuple[str, Callable[..., Iterator[str]]], ...] = (
        ("gains", _gains),
        ("loses", _losses),
    )
    for account in accounts:
        found = [(title, [*give(account, whole=True)]) for title, give in sides]
        cut = [
            (title, whole)
            for (title, whole), (_, give) in zip(found, sides, strict=True)
            if whole != _cut([*give(account, whole=False)])
        ]
        if cut:
            name = html.escape(printable(account.name))
            yield f"\n<details><summary><code>{name}</code> in full</summary>\n"
            for title, whole in cut:
                yield f"\n{title}\n\n" + "".join(f"- {one}\n" for one in whole)
            yield "\n</details>\n"


def _cut(found: list[str]) -> list[str]:
    if len(found) <= _MOST_LINES:
        return found
    return [*found[: _MOST_LINES - 1], f"and {len(found) - _MOST_LINES + 1:,} more"]


def _role(account: Row) -> Iterator[str]:
    sides = account.role
    if account.foreign_role:
        yield "somebody else's: " + _change(sides)
        yield "**unknown**: who may assume it and what it may do"
        return
    if sides.before is None and sides.after is None:
        yield "as it is (not in this preview)"
        return
    yield _change(sides)
    boundary = account.boundary
    if boundary is not None:
        yield "bounded by " + _change(boundary.sides)


def _change(sides: Sides[Value]) -> str:
    if sides.before is None or not sides.differ:
        return value_words(sides.after)
    if sides.after is None:
        return value_words(sides.before)
    return f"{value_words(sides.before)} → {value_words(sides.after)}"


def _trust(account: Row, *, home: str) -> Iterator[str]:
    if account.foreign_role:
        return
    before, after = account.trust.sides.before, account.trust.sides.after
    old, new = _trusted(before, home=home), _trusted(after, home=home)
    if before is not None and after is not None:
        yield from (f"{_GONE} {one}" for one in old if one not in new)
        yield from (one if one in old else f"{_COME} {one}" for one in new)
    else:
        yield from (new or old)


def _trusted(content: Content | None, *, home: str) -> list[str]:
    if content is None:
        return []
    if isinstance(content, Unknown):
        return [value_words(content)]
    return [trusted(line, home=home) for line in _lines_of(content)]


def _lines_of(content: Content | None) -> tuple[Line, ...]:
    if content is None or isinstance(content, Unknown):
        return ()
    return lines(sorted(content, key=lambda grant: grant.sort_key))


def _gains(account: Row, *, whole: bool) -> Iterator[str]:
    permissions = account.permissions
    found = permissions.difference
    for line in lines_of_changes(
        found.gained, policies=permissions.policies, marked=True
    ):
        if line.effect == "Allow":
            # A resource `*` is often all there is; the last column tells of it.
            sign = "⚠ " if {*line.marks} - {"wildcard-resource"} else ""
            yield f"{sign}{statement(line, whole=whole)}"
    for line in lines_of_changes(found.lost, policies=permissions.policies):
        if line.effect == "Deny":
            words = statement(line, whole=whole, other_side=_LEFT)
            yield f"⚠ no longer denied: {words}"
    yield from _unknown(permissions.unknown, {"gained", "changed"})
    yield from _undecided(found, whole=whole)
    if account.boundary is not None and account.boundary.sides.differ:
        yield from _through_boundary(account, whole=whole)


def _losses(account: Row, *, whole: bool) -> Iterator[str]:
    permissions = account.permissions
    found = permissions.difference
    for line in lines_of_changes(found.lost, policies=permissions.policies):
        if line.effect == "Allow":
            yield statement(line, whole=whole, other_side=_LEFT)
    for line in lines_of_changes(found.gained, policies=permissions.policies):
        if line.effect == "Deny":
            yield f"denied: {statement(line, whole=whole)}"
    yield from _unknown(permissions.unknown, {"lost"})
    boundary = account.boundary
    if boundary is None or not boundary.sides.differ:
        return
    if boundary.sides.before is None and account.kind != "new":
        yield f"what {value_words(boundary.sides.after)} does not let through"
    for line in _lines(boundary.difference, "lost"):
        if line.effect == "Allow":
            words = statement(line, whole=whole, other_side=_LEFT)
        else:
            words = f"denied: {statement(line, whole=whole)}"
        yield f"through the boundary: {words}"


def _unknown(found: Sequence[UnknownPolicy], kinds: set[str]) -> Iterator[str]:
    for one in found:
        if one.change in kinds:
            what = "the new content of" if one.change == "changed" else "what it has by"
            yield f"**unknown**: {what} {policy_words(one.what)} ({one.reason})"


def _undecided(found: Difference, *, whole: bool) -> Iterator[str]:
    if not (found.undecided_before or found.undecided_after):
        return
    yield "⚠ **cannot be compared**:"
    for sign, grants in (
        (_GONE, found.undecided_before),
        (_COME, found.undecided_after),
    ):
        for line in lines(grants):
            denied = "denied: " if line.effect == "Deny" else ""
            yield f"{sign} {denied}{statement(line, whole=whole)}"


def _through_boundary(account: Row, *, whole: bool) -> Iterator[str]:
    boundary = account.boundary
    if boundary is None:
        return
    sides, found = boundary.sides, boundary.difference
    if sides.after is None and account.kind != "removed":
        yield f"⚠ what {value_words(sides.before)} did not let through"
    if sides.before is not None and sides.after is not None and found is None:
        yield "**unknown**: what the other boundary lets through"
    for line in _lines(found, "gained"):
        if line.effect == "Allow":
            words = statement(line, whole=whole)
        else:
            words = "no longer denied: "
            words += statement(line, whole=whole, other_side=_LEFT)
        yield f"⚠ through the boundary: {words}"
    if found is not None:
        yield from (
            f"through the boundary: {one}" for one in _undecided(found, whole=whole)
        )


def _lines(found: Difference | None, side: str) -> tuple[Line, ...]:
    if found is None:
        return ()
    allowed, denied = (
        (found.gained, found.lost) if side == "gained" else (found.lost, found.gained)
    )
    return lines_of_changes(
        [
            *(one for one in allowed if one.grant.effect == "Allow"),
            *(one for one in denied if one.grant.effect == "Deny"),
        ],
        policies={},
    )


def _looks(account: Row) -> Iterator[str]:
    for mark in account.marks:
        if mark == "restart-pods":
            yield f"⚠ {MARKS[mark]}: {account.restart}"
        else:
            yield f"⚠ {MARKS[mark]}"
    for one in account.others:
        sides = one.sides
        yield f"{code(one.what)}: {_text_of(sides.before)} → {_text_of(sides.after)}"


def _text_of(text: str) -> str:
    return code(text) if text else "none"
