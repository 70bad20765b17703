"""Previews as a SARIF log: a result for each mark of each row."""

from collections.abc import Iterator, Sequence
from typing import Final

from eks_irsa.cli.sarif import file_uri, sarif_text
from eks_irsa.review.forms.wording import MARKS
from eks_irsa.review.model import Severity
from eks_irsa.review.readings import Reading
from eks_irsa.review.weighing.findings import FACTS, Code, Finding, findings
from eks_irsa.review.weighing.gate import CODES
from eks_irsa.review.weighing.severity import SEVERITY

__all__ = ["report_sarif"]

_LEVELS: Final[dict[Severity, str]] = {
    "critical": "error",
    "high": "error",
    "medium": "warning",
    "low": "note",
    "none": "none",
}
# GitHub sorts by a number: above 9.0 critical, from 7.0 high, from 4.0 medium.
# Source: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
_NUMBERS: Final[dict[Severity, str]] = {
    "critical": "9.5",
    "high": "8.0",
    "medium": "5.0",
    "low": "2.0",
    "none": "0.0",
}


def report_sarif(readings: Sequence[Reading]) -> str:
    """Write what was found in previews as a log of one run.

    Args:
        readings: The previews; one that cannot be read has no result. What a gate
            accepted is a result that is suppressed, with the reason.

    Returns:
        JSON in ASCII, which ends with a newline. The place of a result is the preview,
        and within it the URN of the row.
    """
    return sarif_text(
        rules=[_rule(code) for code in CODES],
        results=[result for reading in readings for result in _results(reading)],
        failures=[_failure(one) for one in readings if one.failed],
    )


def _failure(reading: Reading) -> str:
    """Say why a preview is not whole; what it would have shown is in no result."""
    errors = reading.review.errors if reading.review else (reading.problem,)
    return f"{reading.file}: {'; '.join(errors)}"


def _rule(code: Code) -> dict[str, object]:
    severity, words = _told(code)
    return {
        "id": code,
        "shortDescription": {"text": words},
        "defaultConfiguration": {"level": _LEVELS[severity]},
        "properties": {"security-severity": _NUMBERS[severity], "tags": ["security"]},
    }


def _told(code: Code) -> tuple[Severity, str]:
    if code == "boundary-missing" or code == "incomplete":  # noqa: PLR1714 - what pyright narrows by
        return FACTS[code]
    return SEVERITY[code], MARKS[code]


def _results(reading: Reading) -> Iterator[dict[str, object]]:
    accepted = reading.verdict.accepted if reading.verdict else ()
    reasons = {one.failure.finding.key: one.by.reason for one in accepted}
    for finding in findings(reading.review) if reading.review else ():
        result = _result(reading, finding)
        if finding.key in reasons:
            result["suppressions"] = [
                {"kind": "external", "justification": reasons[finding.key]}
            ]
        yield result


def _result(reading: Reading, finding: Finding) -> dict[str, object]:
    lines = "".join(f"\n{line}" for line in finding.lines())
    name = finding.urn or f"{finding.stack}: {finding.row}"
    return {
        "ruleId": finding.code,
        "ruleIndex": CODES.index(finding.code),
        "level": _LEVELS[finding.severity],
        "message": {
            "text": f"{finding.stack}: {finding.row}: {finding.words}{lines}",
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": file_uri(reading.file)},
                    "region": {"startLine": 1},
                },
                "logicalLocations": [{"fullyQualifiedName": name}],
            }
        ],
        "partialFingerprints": {"eksIrsa/v1": f"{name} {finding.code}"},
    }
