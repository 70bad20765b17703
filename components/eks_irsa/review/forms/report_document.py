"""A review in the form other tools read: JSON, as `report_schema.json` says."""

import json
import pkgutil
from collections.abc import Sequence
from typing import Final, cast

from eks_irsa.access.differences import Difference
from eks_irsa.documents.aws_managed_policies import aws_managed_policies_source
from eks_irsa.review.forms.statement_document import (
    content_document,
    difference_document,
    value_document,
)
from eks_irsa.review.model import Boundary, Permissions, ProviderReview, Review, Row
from eks_irsa.review.pod_role import PodRole
from eks_irsa.review.readings import Reading
from eks_irsa.review.weighing.gate import Accepted, Failure, Verdict
from eks_irsa.review.weighing.marks import change_marks, trust_change_marks
from eks_irsa.review.weighing.severity import severity_of

__all__ = ["VERSION", "report_document", "report_schema", "stacks_document"]

# Grows when a key changes its meaning or goes; a new key leaves it as it is.
VERSION: Final = 1


def report_schema() -> dict[str, object]:
    """Return the JSON Schema of the reports, with each key and what it holds."""
    data = pkgutil.get_data("eks_irsa.review.forms", "report_schema.json") or b"{}"
    return cast("dict[str, object]", json.loads(data))


def report_document(
    review: Review, *, verdict: Verdict | None = None
) -> dict[str, object]:
    """Put the review of one preview into values that JSON has.

    Args:
        review: The review.
        verdict: What a gate says of it. Default: nobody asked.

    Returns:
        A map as `report_schema` says.
    """
    accounts = [row for row in review.rows if row.subject == "service account"]
    roles = [row for row in review.rows if row.subject != "service account"]
    return {
        "version": VERSION,
        "stack": review.stack,
        "project": review.project,
        "errors": list(review.errors),
        "complete": review.is_complete,
        "severity": severity_of(mark for row in review.rows for mark in row.marks),
        "verdict": _verdict(verdict),
        "serviceAccounts": [_row(row) for row in accounts],
        "roles": [_row(row) for row in roles],
        "unchanged": review.unchanged,
        "unknowns": list(review.unknowns),
        "oidcProviders": [_provider(one) for one in review.providers],
        "managedPolicies": {
            "source": aws_managed_policies_source(),
            "policies": [
                {"name": one.name, "version": one.version, "updated": one.updated}
                for one in review.managed_policies
            ],
        },
        "elsewhere": [
            {"urn": one.urn, "type": one.type, "operation": one.operation}
            for one in review.elsewhere
        ],
    }


def stacks_document(readings: Sequence[Reading]) -> dict[str, object]:
    """Put the reviews of several previews into values that JSON has.

    Args:
        readings: The previews, and what a gate says of each that can be read.

    Returns:
        A map as `report_schema` says: {`version`, `stacks`, `unreadable`}.
    """
    return {
        "version": VERSION,
        "stacks": [
            report_document(one.review, verdict=one.verdict)
            for one in readings
            if one.review is not None
        ],
        "unreadable": [
            {"file": one.file, "problem": one.problem}
            for one in readings
            if one.review is None
        ],
    }


def _row(row: Row) -> dict[str, object]:
    arns = row.role_arns
    return {
        "name": row.name,
        "urn": row.urn,
        "namespace": value_document(row.namespace),
        "cluster": value_document(row.cluster),
        "change": row.kind,
        "severity": row.severity,
        "marks": list(row.marks),
        "role": {
            "before": value_document(row.role.before),
            "after": value_document(row.role.after),
            "arns": {
                "before": value_document(arns.before),
                "after": value_document(arns.after),
            },
            "foreign": row.foreign_role,
            "shown": row.role_shown,
        },
        "identity": {
            "before": _pod_role(row.pod_role.before),
            "after": _pod_role(row.pod_role.after),
        },
        "trust": {
            "before": content_document(row.trust.sides.before),
            "after": content_document(row.trust.sides.after),
            **difference_document(row.trust.difference, marks=trust_change_marks),
        },
        "permissions": _permissions(row.permissions),
        "boundary": _boundary(row.boundary) if row.boundary else None,
        "others": [
            {"what": one.what, "before": one.sides.before, "after": one.sides.after}
            for one in row.others
        ],
        "restartPods": row.restart or None,
        "steps": list(row.steps),
    }


def _pod_role(pod_role: PodRole | None) -> dict[str, object] | None:
    if pod_role is None:
        return None
    return {
        "way": value_document(pod_role.way),
        "annotation": value_document(pod_role.annotation),
        "association": value_document(pod_role.association),
        "targetRole": value_document(pod_role.target),
        "cluster": value_document(pod_role.cluster),
    }


def _permissions(permissions: Permissions) -> dict[str, object]:
    return {
        **difference_document(
            permissions.difference, policies=permissions.policies, marks=change_marks
        ),
        "unknown": [
            {"change": one.change, "what": one.what, "reason": one.reason}
            for one in permissions.unknown
        ],
    }


def _boundary(boundary: Boundary) -> dict[str, object]:
    return {
        "before": value_document(boundary.sides.before),
        "after": value_document(boundary.sides.after),
        "known": boundary.difference is not None,
        **difference_document(boundary.difference or Difference(), marks=change_marks),
    }


def _provider(provider: ProviderReview) -> dict[str, object]:
    return {
        "urn": provider.urn,
        "change": provider.kind,
        "issuer": value_document(provider.issuer),
        "audiences": {
            "before": list(provider.audiences.before),
            "after": list(provider.audiences.after),
        },
    }


def _verdict(verdict: Verdict | None) -> dict[str, object] | None:
    if verdict is None:
        return None
    return {
        "passed": verdict.passed,
        "rules": list(verdict.rules),
        "failures": [_failure(one) for one in verdict.failures],
        "accepted": [_accepted(one) for one in verdict.accepted],
        "expired": [_accepted(one) for one in verdict.expired],
    }


def _failure(failure: Failure) -> dict[str, object]:
    finding = failure.finding
    return {
        "row": finding.row,
        "urn": finding.urn or None,
        "rule": finding.code,
        "severity": finding.severity,
        "askedFor": list(failure.rules),
        "lines": list(finding.lines()),
    }


def _accepted(one: Accepted) -> dict[str, object]:
    return {
        **_failure(one.failure),
        "reason": one.by.reason,
        "until": one.by.until.isoformat(),
        "exception": one.by.place,
    }
