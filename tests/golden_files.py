"""Golden files: texts we send to AWS or Kubernetes, kept so that a change is a diff.

A golden file is written by `pytest --update-golden` and read by a reviewer; a test
that finds another text fails with the difference and the command that accepts it.
"""

import difflib
import json
import shlex
from collections.abc import Mapping
from pathlib import Path

import golden_digests
import pytest

__all__ = ["GoldenFiles"]


class GoldenFiles:
    """Compares texts with the files of one folder, for one test.

    Args:
        folder: Where the files are, `tests/golden`.
        test: Node id of the test, for the command that rewrites its files.
        update: Rewrite the files instead of comparing with them.
    """

    def __init__(self, *, folder: Path, test: str, update: bool) -> None:
        """Hold the folder; nothing is read or written yet."""
        self._folder = folder
        self._test = test
        self._update = update

    def __call__(self, name: str, text: str) -> None:
        """Fail the test if *text* is not what the golden file holds.

        Args:
            name: Path of the file below the folder, such as `trust_policy/aws.json`.
                A name in `.json` is compared and kept as indented JSON, keys in the
                order of *text*, so that a review shows one value per line.
            text: What the code gives.
        """
        file = self._folder / name
        actual = _indented(text) if file.suffix == ".json" else text
        if self._update:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(actual.encode())
            return
        expected = file.read_bytes().decode() if file.exists() else None
        if actual != expected:
            pytest.fail(self._mismatch(name, expected, actual), pytrace=False)

    def digests(self, name: str, texts: Mapping[str, str]) -> None:
        """Fail the test if *texts* are not those whose digests are kept.

        Args:
            name: Path below the folder, without a suffix; see `golden_digests`.
            texts: What the code gives, by name: blocks of a heading and indented lines.
        """
        file = self._folder / name
        if self._update:
            golden_digests.write(file, texts)
            return
        before = golden_digests.read_texts(file)
        if before != texts:
            shown = f"{self._folder.name}/{name}"
            lines = golden_digests.difference(before, texts)
            message = [f"{shown}.txt holds other digests:", *lines, *self._advice()]
            pytest.fail("\n".join(message), pytrace=False)

    def _mismatch(self, name: str, expected: str | None, actual: str) -> str:
        shown = f"{self._folder.name}/{name}"
        verdict = "does not exist yet" if expected is None else "holds another text"
        difference = difflib.unified_diff(
            (expected or "").splitlines(),
            actual.splitlines(),
            fromfile=f"{shown} (golden)",
            tofile=f"{shown} (now)",
            lineterm="",
        )
        heading = f"the golden file {shown} {verdict}:"
        return "\n".join([heading, *difference, *self._advice()])

    def _advice(self) -> list[str]:
        return [
            "If the change is meant, accept it and review the diff:",
            f"    pytest --update-golden {shlex.quote(self._test)}",
        ]


def _indented(text: str) -> str:
    value: object = json.loads(text, object_pairs_hook=_without_duplicates)
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    # json.loads would keep the last of two equal keys and so hide a lost condition.
    value = dict(pairs)
    if len(value) != len(pairs):
        keys = [key for key, _ in pairs]
        msg = f"a JSON object holds a key twice: {', '.join(keys)}"
        raise ValueError(msg)
    return value
