"""A page for a person at a desk: written to a file, and opened."""

import tempfile
import webbrowser
from pathlib import Path

import click

__all__ = ["open_page"]


def open_page(text: str, file: Path | None) -> None:
    """Write a page, and open it in the user's browser.

    The name of the file is told on standard error, for a machine without a browser.

    Args:
        text: The page, HTML.
        file: Where to. A file of its own in the folder for temporary files if None,
            which stays there, for the browser reads it later.
    """
    if file is None:
        with tempfile.NamedTemporaryFile(
            "w", prefix="eks-irsa-", suffix=".html", encoding="utf-8", delete=False
        ) as made:
            made.write(text)
        file = Path(made.name)
    else:
        file.write_text(text, encoding="utf-8")
    click.echo(f"the report is in {file}", err=True)
    if not webbrowser.open(file.resolve().as_uri()):
        click.echo("no browser could be opened; open the file by hand", err=True)
