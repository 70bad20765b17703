"""A diagnosis for a terminal: the verdict, the chain, what to do."""

import textwrap
from collections.abc import Iterator
from typing import Final

from eks_irsa.doctor.codes import ALWAYS, CODES
from eks_irsa.doctor.model import Diagnosis, Finding, Link
from eks_irsa.documents.printable import printable

__all__ = ["LINK_WORDS", "WAY_WORDS", "diagnosis_text"]

_WIDTH: Final = 88
_INDENT: Final = "  "
# Characters before the one at which two texts part.
_BEFORE: Final = 40
_MOST: Final = 76
LINK_WORDS: Final[dict[Link, str]] = {
    "serviceAccount": "service account",
    "annotation": "annotation",
    "webhook": "webhook",
    "pod": "pod",
    "token": "token",
    "association": "association",
    "provider": "OIDC provider",
    "role": "role",
    "exchange": "exchange",
    "permissions": "permissions",
    "sdk": "SDK",
}
WAY_WORDS: Final = {
    "irsa": "IRSA",
    "podIdentity": "EKS Pod Identity",
    "none": "none",
}


def diagnosis_text(diagnosis: Diagnosis) -> str:
    """Write a diagnosis, the verdict first.

    Args:
        diagnosis: Of one service account.

    Returns:
        Lines of at most 88 characters but for commands, which are to be copied; ends
        with a newline.
    """
    lines = [*_verdict(diagnosis), "", *_chain(diagnosis)]
    remedies: dict[tuple[str, ...], str] = {}
    for finding in diagnosis.findings:
        if finding.code in ALWAYS:
            continue
        lines += ["", *_finding(finding, diagnosis.way)]
        if finding.remedy in remedies:
            again = remedies[finding.remedy]
            lines.append(f"{_INDENT * 2}(the same as of {again} above)")
        elif finding.remedy:
            remedies[finding.remedy] = finding.code
            lines += [f"{_INDENT * 2}{line}" for line in finding.remedy]
    lines += _always(diagnosis)
    return "".join(f"{printable(line)}\n" for line in lines)


def _verdict(diagnosis: Diagnosis) -> Iterator[str]:
    verdict = diagnosis.verdict
    said = "healthy"
    if verdict:
        why = CODES[verdict.code].text.replace("`", "")
        said = f"broken at the {LINK_WORDS[verdict.link]}: {why} [{verdict.code}]"
    elif not diagnosis.looked_at:
        said = "nothing could be looked at"
    elif "unknown" in diagnosis.links.values():
        said = "healthy as far as it could be looked at"
    pod = f", pod {diagnosis.pod}" if diagnosis.pod else ""
    yield from _wrapped(f"{diagnosis.key}{pod}: {said}", indent="")
    if diagnosis.role_arn:
        by = "is meant" if diagnosis.way == "none" else f"by {WAY_WORDS[diagnosis.way]}"
        yield f"{_INDENT}{diagnosis.role_arn} {by}"


def _chain(diagnosis: Diagnosis) -> Iterator[str]:
    for link, state in diagnosis.links.items():
        yield f"{_INDENT}{LINK_WORDS[link]:<17}{state}"


def _always(diagnosis: Diagnosis) -> Iterator[str]:
    unseen = (one.message for one in diagnosis.findings if one.code in ALWAYS)
    several = [one.removeprefix("not looked at: ") for one in unseen]
    if several:
        yield ""
        yield from _wrapped(f"Not looked at: {'; '.join(several)}.", indent="")


def _wrapped(text: str, *, indent: str = _INDENT) -> list[str]:
    return textwrap.wrap(
        printable(text),
        width=_WIDTH,
        initial_indent=indent,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _finding(finding: Finding, way: str) -> Iterator[str]:
    yield f"{LINK_WORDS[finding.link]}: {finding.severity} [{finding.code}]"
    yield from _wrapped(finding.message)
    if finding.wanted and finding.given and finding.wanted != finding.given:
        words = ("wanted", "given")
        if finding.link == "role":
            asks = "in the request" if way == "podIdentity" else "in the token"
            words = ("in the policy", asks)
        yield from _compared(words, printable(finding.wanted), printable(finding.given))


def _compared(words: tuple[str, str], wanted: str, given: str) -> Iterator[str]:
    """Write two texts beside each other, with a mark where they part."""
    pairs = enumerate(zip(wanted, given, strict=False))
    shorter = min(len(wanted), len(given))
    at = next((index for index, (one, two) in pairs if one != two), shorter)
    column = max(map(len, words)) + 2
    most = _MOST - column
    start = max(0, at - _BEFORE) if max(len(wanted), len(given)) > most else 0
    for word, text in zip(words, (wanted, given), strict=True):
        shown = text[start : start + most]
        head = "..." if start else ""
        tail = "..." if start + most < len(text) else ""
        yield f"{_INDENT * 2}{word:<{column}}{head}{shown}{tail}"
    yield f"{_INDENT * 2}{'':<{column}}{' ' * (at - start + (3 if start else 0))}^"
