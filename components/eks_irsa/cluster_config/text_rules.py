"""Rules on labels, annotations and tags: texts under keys of the user's choice."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Final

from eks_irsa.documents import names
from eks_irsa.documents.tags import tag_faults
from eks_irsa.documents.webhook import ANNOTATIONS, ROLE_ARN_ANNOTATION
from eks_irsa.source.findings import Finding, Path

__all__ = ["annotation_findings", "label_findings", "tag_findings"]

# A slip in the prefix or in the name, not another tool's annotation.
_CLOSE_ENOUGH: Final = 0.85


def label_findings(labels: Mapping[str, str | None]) -> Iterator[Finding]:
    """Check the labels of an entry."""
    for key, value in labels.items():
        path = ("metadata", "labels", key)
        if fault := names.label_key_fault(key):
            yield Finding(path, "E-LABEL", fault, at_key=True)
        if fault := names.label_value_fault(value or ""):
            yield Finding(path, "E-LABEL", fault)


def annotation_findings(annotations: Mapping[str, str | None]) -> Iterator[Finding]:
    """Check the annotations of an entry."""
    for key in annotations:
        path = ("metadata", "annotations", key)
        if key == ROLE_ARN_ANNOTATION:
            message = (
                "is written by eks-irsa itself, so a value of your own would be lost; "
                "to use an existing role give its ARN as attachRoleARN"
            )
            yield Finding(path, "E-ROLE-ARN-ANNOTATION", message, at_key=True)
        elif near := _near_annotation(key):
            remedy = f"did you mean {near!r}?"
            if near == ROLE_ARN_ANNOTATION:
                remedy = (
                    f"{near!r} is written by eks-irsa itself, and an existing role is "
                    "given as attachRoleARN"
                )
            message = f"the pod identity webhook does not know {key!r}; {remedy}"
            yield Finding(path, "E-ANNOTATION-NEAR-MISS", message, at_key=True)
        elif fault := names.annotation_key_fault(key):
            yield Finding(path, "E-ANNOTATION", fault, at_key=True)


def tag_findings(tags: Mapping[str, str | None], path: Path) -> Iterator[Finding]:
    """Check the tags at *path*."""
    for key, fault in tag_faults(tags):
        yield Finding((*path, key), "E-TAG", fault, at_key=True)


def _near_annotation(key: str) -> str | None:
    """Find the webhook's annotation that *key* misspells.

    Source: https://github.com/aws/amazon-eks-pod-identity-webhook/issues/200
    """
    folded = key.casefold().replace("_", "-")
    if key in ANNOTATIONS or ("aws" not in folded and "amazon" not in folded):
        return None
    close = difflib.get_close_matches(folded, ANNOTATIONS, n=1, cutoff=_CLOSE_ENOUGH)
    return close[0] if close else None
