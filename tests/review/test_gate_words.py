"""What a gate says stands in the comment, and is never cut away."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

import pytest
from previews import document, preview, steps

from eks_irsa.review.forms.html_page import html_page
from eks_irsa.review.forms.markdown import markdown, markdown_of_stacks
from eks_irsa.review.model import Review
from eks_irsa.review.preview_reading import read_preview
from eks_irsa.review.readings import Reading
from eks_irsa.review.reviewing import review
from eks_irsa.review.weighing.gate import Acceptance, Verdict, verdict

TODAY: Final = date(2026, 11, 30)
ADMIN: Final = document({"Action": "*", "Resource": "*"})
PASS: Final = document({"Action": "iam:PassRole", "Resource": "*"})
KARPENTER: Final = "kube-system/karpenter"


def reviewed(**inline: dict[str, Any]) -> Review:
    """Review a preview in which service accounts get an inline policy."""
    names = {"karpenter": KARPENTER}
    found: list[list[dict[str, Any]]] = []
    for short, policy in inline.items():
        side = {"account": names.get(short, f"apps/{short}")}
        found.append([*steps(side, {**side, "inline": {"app": policy}})])
    return review(read_preview(preview(*found)))


def accepted(**given: Any) -> Acceptance:  # noqa: ANN401 - any field
    """Accept what Karpenter needs, with fields changed."""
    fields: dict[str, Any] = {
        "row": KARPENTER,
        "stack": "*",
        "rules": ("pass-any-role",),
        "reason": "Karpenter starts instances with the role of the nodes.",
        "until": TODAY + timedelta(days=90),
        "place": "exceptions.yaml:2",
    }
    return Acceptance(**fields | given)


def judged(found: Review, *acceptances: Acceptance) -> Verdict:
    """Ask the gate for what is high."""
    return verdict(found, rules=["high"], acceptances=acceptances, today=TODAY)


def said(text: str) -> list[str]:
    """Give the lines above the table, without the heading."""
    lines = text.partition("| severity |")[0].splitlines()
    return [line for line in lines[2:] if line]


def test_comment_says_what_the_gate_stops_and_what_was_accepted() -> None:
    """The decision, the rules, the rows, and of an exception reason, day and place."""
    found = reviewed(reader=ADMIN, karpenter=PASS)

    text = markdown(found, verdict=judged(found, accepted()))

    assert said(text) == [
        "⛔ **The gate stops this** (`high`):",
        (
            "- `apps/reader`: `administrator`, `escalation`, `data-sharing`, "
            "`every-secret`, `pass-any-role`, `permissions-management`"
        ),
        "**Accepted:**",
        (
            "- `kube-system/karpenter`: `pass-any-role`, until `2027-02-28`: Karpenter "
            "starts instances with the role of the nodes. (`exceptions.yaml:2`)"
        ),
        "🔴 1 critical, 🟠 1 high: 2 changed.",
    ]
    (reader,) = [row for row in text.splitlines() if row.startswith("| 🔴")]
    (karpenter,) = [row for row in text.splitlines() if row.startswith("| 🟠")]
    assert (
        "**changed**<br>⛔ **stopped by the gate**: `administrator`, `escalation`, "
        "`data-sharing`, `every-secret`, and 2 more<br>" in reader
    )
    assert (
        "**changed**<br>✅ **accepted**: `pass-any-role`, until `2027-02-28`: "
        "Karpenter starts instances with the role of the nodes. "
        "(`exceptions.yaml:2`)<br>" in karpenter
    )


def test_comment_says_that_the_gate_lets_it_pass() -> None:
    """And says nothing of a gate where nobody asked."""
    found = reviewed(karpenter=PASS)

    passed = markdown(found, verdict=judged(found, accepted()))

    assert said(passed)[0] == "✅ **The gate lets this pass** (`high`)."
    assert "⛔" not in passed
    assert "gate" not in markdown(found)


@pytest.mark.parametrize(
    ("days", "note"),
    [
        (0, "until `2026-11-30` (⚠ days left: 0): "),
        (14, "until `2026-12-14` (⚠ days left: 14): "),
        (15, "until `2026-12-15`: "),
    ],
)
def test_exception_that_ends_soon_is_marked(days: int, note: str) -> None:
    """Two weeks ahead, and on its last day."""
    found = reviewed(karpenter=PASS)
    exception = accepted(until=TODAY + timedelta(days=days))

    assert note in markdown(found, verdict=judged(found, exception))


def test_exceptions_that_ended_or_are_about_nothing_are_named() -> None:
    """Whoever reads the comment need not read the log."""
    found = reviewed(karpenter=PASS)
    old = accepted(until=TODAY - timedelta(days=1), place="e.yaml:7")

    text = markdown(
        found, verdict=judged(found, old), unused=[accepted(place="e.yaml:12")]
    )

    assert said(text)[:4] == [
        "⛔ **The gate stops this** (`high`):",
        "- `kube-system/karpenter`: `pass-any-role`",
        "Exceptions without effect: `e.yaml:7` ended on `2026-11-29`.",
        "Exceptions about nothing here: `e.yaml:12`.",
    ]


def test_preview_that_stopped_does_not_pass() -> None:
    """Whatever it showed until then."""
    found = review(
        read_preview('{"diagnostics": [{"severity": "error", "message": "no"}]}')
    )
    given = judged(found)

    text = markdown(found, verdict=given)

    assert not given.passed
    assert said(text)[0] == (
        "⛔ **The gate cannot let this pass** (`high`): what is not whole never passes."
    )


@pytest.fixture(name="many", scope="module")
def _many() -> Review:
    names = [f"reader-{index}-{'x' * 40}" for index in range(60)]
    return reviewed(karpenter=PASS, **dict.fromkeys(names, ADMIN))


@pytest.mark.parametrize("limit", [2_000, 5_000, 20_000, 65_536])
@pytest.mark.parametrize("stacks", [1, 3])
def test_verdict_is_never_cut_away(many: Review, limit: int, stacks: int) -> None:
    """However much there is to say; what is left out of it is a number."""
    text = commented(many, stacks=stacks, limit=limit)

    assert len(text) <= limit
    assert "⛔ **The gate stops this** (`high`):" in text
    assert "**Accepted:**" in text
    # The bullets that are shown, and those that are counted, are all there are.
    shown = said(text)
    start = shown.index("⛔ **The gate stops this** (`high`):") + 1
    stopped = shown[start : shown.index("**Accepted:**")]
    more = [line for line in stopped if line.startswith("- and ")]
    counted = sum(int(line.split()[2].replace(",", "")) for line in more)
    assert len(stopped) - len(more) + counted == 60 * stacks


def commented(found: Review, *, stacks: int, limit: int) -> str:
    """Write the comment on one stack, or on several that change alike."""
    exception = accepted(reason="because " * 200)
    named = [replace(found, stack=f"stack-{index}") for index in range(stacks)]
    judged_ones = [(one, judged(one, exception)) for one in named]
    if stacks == 1:
        return markdown(named[0], verdict=judged_ones[0][1], max_characters=limit)
    return markdown_of_stacks(
        [Reading(file="a", review=one, verdict=given) for one, given in judged_ones],
        max_characters=limit,
    )


def test_comment_on_several_stacks_begins_with_what_the_gate_stops() -> None:
    """With the stack of each row; a preview that cannot be read stops it too."""
    admin, quiet = reviewed(reader=ADMIN), reviewed()
    bad = Reading(file="c.json", review=None, problem="not JSON")

    stops = markdown_of_stacks([*readings(admin, quiet), bad])
    broken = markdown_of_stacks([*readings(quiet), bad])
    passes = markdown_of_stacks(readings(quiet, quiet))

    assert said(stops)[:2] == [
        "⛔ **The gate stops this** (`high`):",
        (
            "- `dev`: `apps/reader`: `administrator`, `escalation`, `data-sharing`, "
            "`every-secret`, `pass-any-role`, `permissions-management`"
        ),
    ]
    assert said(broken)[0] == (
        "⛔ **The gate cannot let this pass** (`high`): what is not whole never passes."
    )
    assert said(passes)[0] == "✅ **The gate lets this pass** (`high`)."


def readings(*found: Review) -> Sequence[Reading]:
    """Judge reviews."""
    return [Reading(file="a", review=one, verdict=judged(one)) for one in found]


def test_page_says_what_the_comment_says() -> None:
    """One door for both."""
    found = reviewed(reader=ADMIN, karpenter=PASS)
    one = Reading(file="a", review=found, verdict=judged(found, accepted()))

    page = html_page([one], unused=[accepted(place="e.yaml:12")])
    pages = html_page([one, one], unused=[accepted(place="e.yaml:12")])

    for text, count in ((page, 1), (pages, 3)):
        stops = "<strong>The gate stops this</strong> (<code>high</code>):"
        assert text.count(stops) == count
        assert "<strong>accepted</strong>: <code>pass-any-role</code>" in text
        assert text.count("<code>e.yaml:12</code>") == 1
