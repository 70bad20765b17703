"""A report as one page for a browser."""

import html
from collections.abc import Sequence

from eks_irsa.review.markdown import markdown_of_stacks
from eks_irsa.review.readings import Reading

__all__ = ["html_page"]


def html_page(readings: Sequence[Reading]) -> str:
    """Write one page that needs nothing else.

    Args:
        readings: One or more previews.
    """
    text = markdown_of_stacks(readings)
    return f"<!DOCTYPE html>\n<meta charset=utf-8>\n<pre>{html.escape(text)}</pre>\n"
