"""Markdown as GitHub reads it, by its own renderer."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false
import cmarkgfm
from cmarkgfm.cmark import Options

__all__ = ["github_html"]


def github_html(markdown: str) -> str:
    """Make HTML of Markdown, as it is before GitHub takes dangerous tags out of it.

    Source:
        https://github.com/theacodes/cmarkgfm, which builds github/cmark-gfm
    """
    return str(
        cmarkgfm.github_flavored_markdown_to_html(
            markdown, options=Options.CMARK_OPT_UNSAFE
        )
    )
