"""Diagnoses of many service accounts, one to a row."""

from collections.abc import Sequence
from typing import Final

from eks_irsa.doctor.model import Diagnosis
from eks_irsa.doctor.text import LINK_WORDS, WAY_WORDS
from eks_irsa.documents.printable import printable

__all__ = ["diagnoses_table", "summary"]

_HEAD: Final = ("SERVICE ACCOUNT", "WAY", "ROLE", "VERDICT", "WARNINGS")


def diagnoses_table(diagnoses: Sequence[Diagnosis]) -> str:
    """Write diagnoses as a table, and a line that counts them.

    Args:
        diagnoses: In the order of the rows.

    Returns:
        Columns as wide as what is in them; ends with a newline.
    """
    rows = [_HEAD, *map(_row, diagnoses)]
    widths = [max(len(row[index]) for row in rows) for index in range(len(_HEAD))]
    lines = [
        "  ".join(
            cell.ljust(width) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]
    return "".join(f"{line}\n" for line in [*lines, "", summary(diagnoses)])


def _row(diagnosis: Diagnosis) -> tuple[str, ...]:
    verdict = diagnosis.verdict
    said = f"{LINK_WORDS[verdict.link]} [{verdict.code}]" if verdict else ""
    if not verdict:
        unsure = "unknown" in diagnosis.links.values()
        said = "healthy, in part unknown" if unsure else "healthy"
        said = said if diagnosis.looked_at else "unknown"
    warnings = sum(one.severity == "warning" for one in diagnosis.findings)
    role = (diagnosis.role_arn or "-").rpartition("/")[2]
    cells = (diagnosis.key, WAY_WORDS[diagnosis.way], role, said, str(warnings))
    return tuple(map(printable, cells))


def summary(diagnoses: Sequence[Diagnosis]) -> str:
    """Count diagnoses, `3 service accounts: 2 healthy, 1 broken`.

    Args:
        diagnoses: Any number.
    """
    broken = sum(not one.healthy for one in diagnoses)
    whole = len(diagnoses)
    noun = "service account" if whole == 1 else "service accounts"
    return f"{whole:,} {noun}: {whole - broken:,} healthy, {broken:,} broken"
