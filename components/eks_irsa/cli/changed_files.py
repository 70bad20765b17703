"""Asks Git which files differ from what a branch began with."""

import subprocess
from pathlib import Path

__all__ = ["GitError", "changed_since", "top_of_repository"]


class GitError(Exception):
    """Git cannot tell what changed; the text is for people."""


def changed_since(revision: str) -> frozenset[Path]:
    """Name the files that changed since the work in the current folder began.

    Args:
        revision: A commit of any spelling, such as `origin/main`. What counts is where
            the current commit parted from it, so that what others did there since
            does not.

    Returns:
        Absolute paths of files in the commits since then and of files that Git knows
        and that are changed here; both names of a renamed one, and deleted ones too.

    Raises:
        GitError: There is no such commit, no Git, or this is none of its folders; or
            the history here does not go back to where the two part.
    """
    top = top_of_repository()
    sha = _commit(revision)
    options = ("--name-only", "--no-renames", "--no-relative", "--no-ext-diff", "-z")
    names = _git("diff", *options, "--merge-base", sha, "--")
    return frozenset(top / name for name in names.split("\0") if name)


def _commit(revision: str) -> str:
    commit = f"{revision}^{{commit}}"
    try:
        return _git("rev-parse", "--verify", "--end-of-options", commit).strip()
    except GitError as error:
        msg = f"Git has no commit {revision!r} here; fetch it with its history"
        raise GitError(msg) from error


def top_of_repository() -> Path:
    """Give the folder that holds the whole repository of the current folder.

    Raises:
        GitError: This is no folder of Git's.
    """
    return Path(_git("rev-parse", "--show-toplevel").rstrip("\n"))


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - a list of arguments, no shell
            ["git", *arguments],  # noqa: S607 - the user's Git
            capture_output=True,
            text=True,
            errors="surrogateescape",
            check=False,
        )
    except FileNotFoundError as error:
        msg = "there is no git on PATH"
        raise GitError(msg) from error
    if done.returncode:
        said = done.stderr.strip() or f"git {arguments[0]} ended with {done.returncode}"
        raise GitError(said)
    return done.stdout
