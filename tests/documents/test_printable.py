"""Texts of others, as they are shown."""

import pytest

from eks_irsa.documents.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("naïve 名前 €", "naïve 名前 €"),
        ("a\nb\x1b[2J", "a\\nb\\x1b[2J"),
        ("a\u202eb\u200bc\u2028d", "a\\u202eb\\u200bc\\u2028d"),
        ("a\u3164b\u2800c\ufe0fd\u034fe", "a\\u3164b\\u2800c\\ufe0fd\\u034fe"),
        ("a\U000e0101b\ud800", "a\\U000e0101b\\ud800"),
        ("", ""),
    ],
    ids=["letters", "controls", "directions", "unseen", "beyond", "empty"],
)
def test_what_is_not_seen_is_shown_by_its_escape(text: str, shown: str) -> None:
    """Two names that look alike are not taken for one another."""
    assert printable(text) == shown
