"""Git repositories that tests make."""

import os
import subprocess

__all__ = ["commit", "git"]


def git(*arguments: str) -> None:
    """Run Git in the current folder as nobody in particular."""
    subprocess.run(  # noqa: S603 - a test's words
        ["git", *arguments],  # noqa: S607 - the machine's
        check=True,
        capture_output=True,
        env={
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            **{
                f"GIT_{who}_{what}": f"{what}@example.org"
                for who in ("AUTHOR", "COMMITTER")
                for what in ("NAME", "EMAIL")
            },
        },
    )


def commit() -> None:
    """Commit all there is."""
    git("add", "--all")
    git("commit", "--allow-empty", "--message", "a change")
