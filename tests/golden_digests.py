"""Many golden texts in one file of digests, and what differs from them in few lines.

`<name>.txt` holds the digest of each text, so that a review sees which ones changed;
`<name>.xz` holds the texts themselves, so that a failure can show how.
"""

import json
import lzma
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

__all__ = ["difference", "read_digests", "read_texts", "write"]

Texts = Mapping[str, str]

# More of them help nobody.
_MAX_CHANGES: Final = 60


def write(file: Path, texts: Texts) -> None:
    """Keep texts.

    Args:
        file: Path of both files, without a suffix.
        texts: By name.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    _list_of(file).write_text(_listed(texts), encoding="utf-8")
    if read_texts(file) != texts:
        whole = json.dumps(texts, sort_keys=True).encode()
        _texts_of(file).write_bytes(lzma.compress(whole, preset=9))


def read_digests(file: Path) -> str:
    """Return the list that is kept, empty if there is none."""
    return _list_of(file).read_text("utf-8") if _list_of(file).exists() else ""


def read_texts(file: Path) -> Texts:
    """Return the texts that are kept; none if they are not those of the list."""
    if not _texts_of(file).exists():
        return {}
    texts: Texts = json.loads(lzma.decompress(_texts_of(file).read_bytes()))
    return texts if _listed(texts) == read_digests(file) else {}


def difference(before: Texts, now: Texts) -> Iterator[str]:
    """Word what differs, equal changes of many texts as one.

    Args:
        before: Texts by name: blocks of a heading and indented lines.
        now: The same of today.

    Yields:
        Each line that went (`-`) or came (`+`) after the first word of its heading,
        then where: how often, in how many texts, and one of them.
    """
    for name in sorted({*before} ^ {*now}):
        yield f"{'-' if name in before else '+'} the whole of {name!r}"
    changes: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for name in sorted({*before} & {*now}):
        if before[name] == now[name]:
            continue
        old, new = Counter(_placed(before[name])), Counter(_placed(now[name]))
        if old == new:
            yield f"the same lines in another order in {name!r}"
        for sign, lines in (("-", old - new), ("+", new - old)):
            for kind, place, line in lines:
                changes[f"{sign} {kind}", line].append((name, place))
    by_place = sorted(changes.items(), key=lambda one: (one[1], one[0]))
    for (kind, line), places in by_place[:_MAX_CHANGES]:
        name, place = places[0]
        texts = len({name for name, _ in places})
        yield f"{kind} {line}".rstrip()
        yield f"      {len(places)} times in {texts} texts, such as {name!r} {place}"
    if len(by_place) > _MAX_CHANGES:
        yield f"and {len(by_place) - _MAX_CHANGES} more lines"


def _placed(text: str) -> Iterator[tuple[str, str, str]]:
    """Give each line after its heading: the heading's first word, its rest, line."""
    kind = place = ""
    for line in text.splitlines():
        if line.startswith(" "):
            yield kind, place, line.strip()
        elif line:
            kind, _, place = line.partition(" ")
            yield kind, place, ""


def _listed(texts: Texts) -> str:
    lines = [
        f"{sha256(text.encode()).hexdigest()[:32]}  {name}\n"
        for name, text in sorted(texts.items())
    ]
    return "".join(lines)


def _list_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.txt")


def _texts_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.xz")
