"""Where a report goes: standard output, a file, or the user's browser."""

import tempfile
import webbrowser
from pathlib import Path

import click

from eks_irsa.documents.printable import printable

__all__ = ["delivered"]


def delivered(text: str, *, file: Path | None, opened: bool) -> bool:
    """Write a text, and open it if it is to be opened.

    What is opened, is told on standard error too, for a machine without a browser.

    Args:
        text: The report; a page, if it is to be opened.
        file: Where to. If None: a file of its own in the folder for temporary files,
            which stays there, because the browser reads it later; standard output, if
            it is not to be opened.
        opened: Open it in the user's browser.

    Returns:
        False if it cannot be written, which standard error tells.
    """
    if file is None and not opened:
        click.echo(text, nl=False)
        return True
    try:
        written = _write(text, file)
    except OSError as error:
        name = "the temporary file" if file is None else printable(str(file))
        click.echo(f"{name}: cannot be written: {error.strerror}", err=True)
        return False
    if opened:
        click.echo(f"the report is in {printable(str(written))}", err=True)
        if not webbrowser.open(written.resolve().as_uri()):
            click.echo("no browser could be opened; open the file by hand", err=True)
    return True


def _write(text: str, file: Path | None) -> Path:
    if file is not None:
        file.write_text(text, encoding="utf-8")
        return file
    with tempfile.NamedTemporaryFile(
        "w", prefix="eks-irsa-", suffix=".html", encoding="utf-8", delete=False
    ) as made:
        made.write(text)
    return Path(made.name)
