"""The line that tells people why a stack failed."""

import pytest

from eks_irsa.fleet.events import first_error

TRACEBACK = (
    "Traceback (most recent call last):\n"
    '  File "a.py", line 1, in <module>\n'
    '    raise ValueError("no cluster")\n'
    "ValueError: no cluster\n"
)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ""),
        ("Previewing\n  <{%reset%}>error: no credentials\nmore", "no credentials"),
        (TRACEBACK, "ValueError: no cluster"),
        (f"error: {TRACEBACK}", "ValueError: no cluster"),
        (
            "".join(f"    {line}\n" for line in TRACEBACK.splitlines()),
            "ValueError: no cluster",
        ),
        (f"error: it stopped\n{TRACEBACK}", "it stopped"),
        ("Traceback (most recent call last):\n  File", "File"),
    ],
)
def test_first_line_that_says_something_is_told(text: str, line: str) -> None:
    """Neither markup nor a frame of Python's is one."""
    assert first_error(text) == line
