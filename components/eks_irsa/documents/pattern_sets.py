"""Many patterns at once, found by the characters they begin with.

Of a set of patterns only few can hold a given text: those whose plain beginning is the
text's own.
"""

from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache

from eks_irsa.documents.patterns import covers, head, matches

__all__ = ["PatternSet", "pattern_set"]


class PatternSet:
    """Patterns by their plain beginnings.

    Args:
        texts: Patterns; variables stand for a text of their own.
    """

    def __init__(self, texts: frozenset[str]) -> None:
        """Sort the patterns by their beginnings."""
        self.texts = texts
        self.in_order = tuple(sorted(texts))
        self.with_variables = tuple(text for text in self.in_order if "${" in text)
        self._plain = {text for text in texts if head(text) == text}
        self._wild: dict[str, list[str]] = {}
        for text in sorted(texts - self._plain):
            self._wild.setdefault(head(text), []).append(text)
        self._lengths = sorted({len(one) for one in self._wild})
        self._beginnings = sorted((head(text), text) for text in texts)
        self._near_to: dict[str, frozenset[str]] = {}
        self._has: dict[str, bool] = {}
        self._holders: dict[str, tuple[str, ...]] = {}

    def has(self, text: str) -> bool:
        """Tell whether a text matches one; a variable matches nothing.

        Args:
            text: Any text; nothing in it is special.
        """
        if text in self._plain:
            return True
        if text not in self._has:
            found = any(matches(one, text) for one in self._near(text))
            self._has[text] = found
        return self._has[text]

    def holders(self, pattern: str) -> tuple[str, ...]:
        """Return the patterns that certainly hold all texts of another.

        Args:
            pattern: One of these, or any other.
        """
        if pattern not in self._holders:
            found = [
                one
                for one in self._near(head(pattern))
                if one != pattern and covers(one, pattern)
            ]
            own = [pattern] if pattern in self.texts else []
            self._holders[pattern] = (*own, *found)
        return self._holders[pattern]

    def near(self, beginning: str) -> frozenset[str]:
        """Return the patterns that may hold a text of some beginning.

        Args:
            beginning: Plain characters.

        Returns:
            Those that begin so, and those whose plain beginning is shorter and agrees.
        """
        if beginning not in self._near_to:
            found = {*self._near(beginning)}
            at = bisect_left(self._beginnings, (beginning, ""))
            for one, text in self._beginnings[at:]:
                if not one.startswith(beginning):
                    break
                found.add(text)
            self._near_to[beginning] = frozenset(found)
        return self._near_to[beginning]

    def _near(self, text: str) -> Iterator[str]:
        for length in self._lengths:
            if length > len(text):
                return
            yield from self._wild.get(text[:length], ())


@lru_cache(maxsize=4_096)
def pattern_set(texts: frozenset[str]) -> PatternSet:
    """Return the patterns, sorted once.

    Args:
        texts: Patterns.
    """
    return PatternSet(texts)
