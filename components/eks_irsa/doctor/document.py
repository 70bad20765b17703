"""Diagnoses for programs, as values that JSON has."""

from collections.abc import Sequence
from typing import Final

from eks_irsa.doctor.model import Diagnosis, Finding

__all__ = ["JSON_VERSION", "diagnoses_document"]

# Grows when a key changes its meaning or goes; a new key leaves it as it is.
JSON_VERSION: Final = 1


def diagnoses_document(diagnoses: Sequence[Diagnosis]) -> dict[str, object]:
    """Put diagnoses into values that JSON has.

    Args:
        diagnoses: In their order.

    Returns:
        {`version`: 1, `healthy`: no chain is broken, `diagnoses`}, each of them
        {`serviceAccount` (`<namespace>/<name>`), `pod` (name or null), `way` (`irsa`,
        `podIdentity` or `none`), `roleArn` (or null), `healthy`, `verdict` (the code of
        what breaks the chain, or null), `links`, `findings`}. `links` has the links in
        the order of the chain, each {`link`, `state`}; `findings` are each {`link`,
        `code`, `severity` (`error`, `warning` or `unknown`), `message`, `remedy`
        (commands), `wanted`, `given`}, the last two null where no two texts are
        compared.
    """
    return {
        "version": JSON_VERSION,
        "healthy": all(one.healthy for one in diagnoses),
        "diagnoses": [_diagnosis(one) for one in diagnoses],
    }


def _diagnosis(diagnosis: Diagnosis) -> dict[str, object]:
    verdict = diagnosis.verdict
    return {
        "serviceAccount": diagnosis.key,
        "pod": diagnosis.pod,
        "way": diagnosis.way,
        "roleArn": diagnosis.role_arn,
        "healthy": diagnosis.healthy,
        "verdict": verdict.code if verdict else None,
        "links": [
            {"link": link, "state": state} for link, state in diagnosis.links.items()
        ],
        "findings": [_finding(one) for one in diagnosis.findings],
    }


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "link": finding.link,
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "remedy": list(finding.remedy),
        "wanted": finding.wanted or None,
        "given": finding.given or None,
    }
