"""What the report looks like, in a browser: nothing is wider than a comment."""

import os
from pathlib import Path
from typing import Any, Final

import pytest
from browser_pages import GITHUB_WIDTH, Browser
from hostile_previews import hostile_preview
from node_js import MissingNodeError
from previews import ACCOUNT_ID, document, preview, steps

from eks_irsa.review.forms.drawing import Drawing, mermaid
from eks_irsa.review.forms.html_page import html_page
from eks_irsa.review.forms.markdown import markdown, markdown_of_stacks
from eks_irsa.review.forms.picture import drawing
from eks_irsa.review.model import Review
from eks_irsa.review.preview_reading import read_preview
from eks_irsa.review.readings import Reading
from eks_irsa.review.reviewing import review

pytestmark = pytest.mark.thorough

ROOT: Final = Path(__file__).parents[2]
EXAMPLE: Final = ROOT / "tests/golden/review/example.json"
PICTURE: Final = ROOT / "docs/images/report.png"


@pytest.fixture(scope="module", name="browser")
def _browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    try:
        return Browser.in_folder(tmp_path_factory.mktemp("browser"))
    except MissingNodeError as missing:
        if os.environ.get("EKS_IRSA_REQUIRE_ENGINE"):
            raise
        pytest.skip(str(missing))


def wide() -> Review:
    """Review a change whose names are as long as AWS and Kubernetes take them."""
    table = f"arn:aws:dynamodb:us-west-2:{ACCOUNT_ID}:table/{'orders_' * 30}"
    actions = [f"dynamodb:{'Describe' * 6}{index}" for index in range(20)]
    policy = document(
        {
            "Action": actions,
            "Resource": [table, "arn:aws:s3:::" + "x" * 63 + "/*"],
            "Condition": {"StringEquals": {f"aws:ResourceTag/{'k' * 128}": "v" * 256}},
        }
    )
    side: dict[str, Any] = {
        "account": f"{'n' * 63}/{'a' * 253}",
        "roleName": "r" * 64,
        "inline": {"p" * 128: policy},
        "boundary": f"arn:aws:iam::{ACCOUNT_ID}:policy/{'b' * 128}",
        "managed": [f"arn:aws:iam::{ACCOUNT_ID}:policy/{'m' * 128}"],
        "tags": {"t" * 128: "v" * 256},
    }
    return review(
        read_preview(preview(steps(None, side), steps({}, {"tags": {"a": "b"}})))
    )


@pytest.mark.parametrize("which", ["example", "wide", *range(5)])
def test_comment_is_no_wider_than_a_comment(browser: Browser, which: str | int) -> None:
    """With GitHub's own style sheet, everything unfolded."""
    if which == "wide":
        found = wide()
    elif which == "example":
        found = review(read_preview(EXAMPLE.read_text(encoding="utf-8")))
    else:
        found = review(read_preview(hostile_preview(int(which))))

    shown = browser.show_comment(markdown(found))

    assert shown.overflowing == []
    assert 0 < shown.width <= GITHUB_WIDTH


def test_comment_is_the_picture_in_the_documents(
    browser: Browser, pytestconfig: pytest.Config
) -> None:
    """Folded, as a reviewer first sees it; `--update-golden` takes the picture."""
    found = review(read_preview(EXAMPLE.read_text(encoding="utf-8")))
    picture = str(PICTURE) if pytestconfig.getoption("--update-golden") else ""

    shown = browser.show_comment(markdown(found), picture=picture, unfolded=False)

    assert shown.overflowing == []
    assert 0 < PICTURE.stat().st_size < 200_000


def test_comment_on_many_stacks_is_no_wider_either(browser: Browser) -> None:
    """Some change, one fails, one cannot be read."""
    text = EXAMPLE.read_text(encoding="utf-8")
    readings = [
        Reading(file=f"{index}.json", review=review(read_preview(text)))
        for index in range(3)
    ]
    readings += [
        Reading(file="wide.json", review=wide()),
        Reading(file="x" * 200, review=None, problem="not a preview"),
    ]

    shown = browser.show_comment(markdown_of_stacks(readings))

    assert shown.overflowing == []
    assert 0 < shown.width <= GITHUB_WIDTH


def test_page_loads_nothing_and_fits_a_screen(browser: Browser) -> None:
    """A page that is opened from a file must not tell anybody that it was."""
    page = html_page([Reading(file="wide.json", review=wide())])

    shown = browser.show_page(page)

    assert shown.overflowing == []
    assert shown.requests == []


def test_picture_shows_the_texts_as_they_are(browser: Browser) -> None:
    """Mermaid itself reads it, as GitHub has it do, and nothing of it is lost."""
    drawings = [
        drawing(review(read_preview(hostile_preview(seed))).rows)
        for seed in range(10_000, 10_060)
    ]
    drawings = [one for one in drawings if one.edges]

    shown = browser.draw([mermaid(one) for one in drawings])

    assert [texts(found) for found in shown] == [texts_of(one) for one in drawings]


def texts(found: list[str] | str) -> list[str]:
    """Give what is seen in a diagram in an order, spaces as a browser shows them."""
    return sorted(" ".join(one.split()) for one in found if one.split())


def texts_of(drawn: Drawing) -> list[str]:
    """Give what is to be seen in a diagram."""
    boxes = [text for _, text in drawn.nodes]
    return texts([*boxes, *(edge.words for edge in drawn.edges)])
