"""What the annotations of a service account must be, the webhook's above all."""

from collections.abc import Iterator, Mapping

from eks_irsa.documents import names
from eks_irsa.documents.webhook import (
    ROLE_ARN_ANNOTATION,
    near_annotation,
    webhook_value_fault,
)
from eks_irsa.identity.model import Fault

__all__ = ["annotations_faults"]


def annotations_faults(annotations: Mapping[str, object]) -> Iterator[Fault]:
    """Find what is wrong with annotations; values that are LATER are not looked at."""
    for key, value in annotations.items():
        if key == ROLE_ARN_ANNOTATION:
            message = (
                "is written by eks-irsa itself, so a value of your own would be lost; "
                "an existing role is given by its ARN as attachRoleARN (role_arn in a "
                "program)"
            )
            yield Fault((key,), "E-ROLE-ARN-ANNOTATION", message, at_key=True)
        elif isinstance(value, str) and (fault := webhook_value_fault(key, value)):
            yield Fault((key,), "W-WEBHOOK-VALUE", fault, "warning")
        elif near := near_annotation(key):
            remedy = f"did you mean {near!r}?"
            if near == ROLE_ARN_ANNOTATION:
                remedy = (
                    f"{near!r} is written by eks-irsa itself, and an existing role is "
                    "given as attachRoleARN (role_arn in a program)"
                )
            message = f"the pod identity webhook does not know {key!r}; {remedy}"
            yield Fault((key,), "E-ANNOTATION-NEAR-MISS", message, at_key=True)
        elif fault := names.annotation_key_fault(key):
            yield Fault((key,), "E-ANNOTATION", fault, at_key=True)
