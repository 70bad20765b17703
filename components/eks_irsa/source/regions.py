"""What a text must be to name an AWS region, wherever one is written."""

from collections.abc import Iterator

from eks_irsa.documents.arns import partition_of_region
from eks_irsa.documents.placeholders import unreplaced_fault
from eks_irsa.documents.regions import REGIONS
from eks_irsa.source.findings import Finding, Path
from eks_irsa.source.structure import nearest

__all__ = ["region_findings"]


def region_findings(region: str, path: Path) -> Iterator[Finding]:
    """Warn of a region that may be new; refuse what has not the shape of one.

    Args:
        region: The text, not empty.
        path: Where it stands.
    """
    if fault := unreplaced_fault(region):
        yield Finding(path, "E-REGION", fault)
        return
    if region in REGIONS:
        return
    near = nearest(region, REGIONS)
    if partition := partition_of_region(region):
        guess = f"; did you mean {near!r}?" if near else ""
        message = (
            f"{region!r} is no AWS region known here, and is taken for a new one of "
            f"the partition {partition!r}{guess}"
        )
        yield Finding(path, "W-REGION", message, "warning")
        return
    remedy = f"did you mean {near!r}?" if near else "expected one such as 'us-west-2'"
    message = f"{region!r} has not the shape of an AWS region; {remedy}"
    yield Finding(path, "E-REGION", message)
