"""Which service accounts of a cluster have something to do with AWS."""

from collections.abc import Mapping

from eks_irsa.doctor.surroundings import Surroundings
from eks_irsa.documents.webhook import ANNOTATIONS, near_annotation
from eks_irsa.live.model import Unread, known

__all__ = ["subjects"]


def subjects(around: Surroundings) -> tuple[str, ...] | Unread:
    """List the service accounts that have a role or were to have one.

    Args:
        around: What was read of a whole cluster, or of a namespace.

    Returns:
        `<namespace>/<name>` of each that has an annotation of EKS's webhook or one that
        nearly is, or an EKS Pod Identity association; sorted. Why none is known, if
        neither service accounts nor associations could be listed.
    """
    accounts, associations = around.service_accounts, around.associations
    if isinstance(accounts, Unread) and isinstance(associations, Unread):
        return accounts
    listed = (known(accounts) if accounts else None) or ()
    annotated = {one.key for one in listed if _concerned(one.annotations)}
    return tuple(sorted(annotated | {one.key for one in known(associations) or ()}))


def _concerned(annotations: Mapping[str, str]) -> bool:
    return any(key in ANNOTATIONS or near_annotation(key) for key in annotations)
