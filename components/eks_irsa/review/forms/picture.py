"""Who reaches what, as a flowchart: service account, role, resources.

Of the rows that change, and only where it is small enough to be looked at.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from eks_irsa.access.differences import Change
from eks_irsa.documents.policy_statements import ANYONE
from eks_irsa.review.forms.blocks import Block, Details, Paragraph, Picture
from eks_irsa.review.forms.drawing import MOST_TEXT, Drawing, Edge, Look
from eks_irsa.review.forms.words import number, say, shortened
from eks_irsa.review.model import Row, Value
from eks_irsa.review.preview import Unknown

__all__ = ["MOST_NODES", "drawing", "picture"]

# More is no picture any more: about what fits on a screen.
MOST_NODES: Final = 25
_MOST_RESOURCES: Final = 4
_MOST_ACTIONS: Final = 2


def picture(rows: Sequence[Row]) -> Iterator[Block]:
    """Draw who reaches what, or say why not; nothing if there is nothing to draw."""
    if len(rows) > MOST_NODES:
        nodes = 2 * len(rows)
    else:
        drawn = drawing(rows)
        nodes = len(drawn.nodes)
        if not drawn.edges:
            return
        if nodes <= MOST_NODES:
            title = say("Who reaches what: thick is new, dotted is removed")
            yield Details(summary=title, blocks=[Picture(drawing=drawn)])
            return
    yield Paragraph(
        words=say("No picture of who reaches what: with at least ")
        + number(nodes)
        + say(" boxes it would be larger than a screen.")
    )


def drawing(rows: Sequence[Row]) -> Drawing:
    """Find the nodes and edges of some rows, in their order."""
    drawn = Drawing()
    for row in rows:
        _add(drawn, row)
    return drawn


def _add(drawn: Drawing, row: Row) -> None:
    found = row.permissions.difference
    more, less = found.gained, found.lost
    if not (more or less or row.role.differ or row.trust.difference):
        return
    role = _text(row.role.after) or _text(row.role.before) or row.name
    target = drawn.node(1, role)
    if row.subject == "service account":
        look: Look = "new" if row.role.differ else "same"
        if row.kind == "removed":
            look = "removed"
        drawn.edges.append(Edge(start=drawn.node(0, row.name), end=target, look=look))
        old = _text(row.role.before)
        if old and row.kind != "removed" and old != role:
            gone = Edge(
                start=drawn.node(0, row.name), end=drawn.node(1, old), look="removed"
            )
            drawn.edges.append(gone)
    for change in row.trust.difference.gained:
        if ANYONE in change.grant.principal.texts and change.grant.effect == "Allow":
            anyone = drawn.node(0, "anyone")
            drawn.edges.append(Edge(start=anyone, end=target, look="new"))
    _resources(drawn, target, more, "new")
    _resources(drawn, target, less, "removed")


def _text(value: Value) -> str:
    if isinstance(value, Unknown):
        return "a role known only in up"
    return value or ""


def _resources(
    drawn: Drawing, role: int, changes: Sequence[Change], look: Look
) -> None:
    """Draw what is gained or lost, grouped by resource."""
    actions: dict[str, set[str]] = {}
    for change in changes:
        grant = change.grant
        but = "everything but " if grant.resource.inverted else ""
        texts = sorted(grant.resource.texts)
        not_ = "all but " if grant.action.inverted else ""
        written = grant.actions_as_written or tuple(sorted(grant.action.texts))
        for text in texts:
            found = actions.setdefault(f"{but}{text}", set())
            found |= {f"{not_}{one}" for one in written}
    # What is widest is drawn first: few characters, then few that are no wildcard.
    order = sorted(actions, key=lambda text: (text.strip("*") != "", len(text), text))
    for text in order[: _MOST_RESOURCES if len(order) > _MOST_RESOURCES else None]:
        end = drawn.node(2, text)
        label = _label(sorted(actions[text], key=lambda one: (len(one), one)))
        drawn.edges.append(Edge(start=role, end=end, look=look, label=label))
    left = order[_MOST_RESOURCES:]
    if left:
        end = drawn.node(2, f"{len(left):,} more resources")
        drawn.edges.append(Edge(start=role, end=end, look=look))


def _label(actions: Sequence[str]) -> str:
    shown = [shortened(one, MOST_TEXT) for one in actions[:_MOST_ACTIONS]]
    left = len(actions) - len(shown)
    return ", ".join([*shown, f"{left:,} more"] if left else shown)
