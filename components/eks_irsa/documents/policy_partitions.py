"""Resources of a permission policy that lie in another partition than its role."""

from collections.abc import Iterator, Mapping
from typing import cast

from eks_irsa.documents.arns import in_partition, partition_of_arn
from eks_irsa.documents.policy_grammar import DocumentFault, JsonPath, items

__all__ = ["partition_faults"]


def partition_faults(document: object, *, partition: str) -> Iterator[DocumentFault]:
    """Find the resources of a permission policy that IAM does not know.

    IAM refuses ARNs of another partition than its own: `Partition "aws" is not valid
    for resource ...`.

    Args:
        document: The document as JSON values.
        partition: Partition of the AWS account the policy is for.
    """
    for path, statement in _statements(document):
        for key in ("Resource", "NotResource"):
            for step, arn in _texts(statement.get(key)):
                if partition_of_arn(arn) not in {None, partition}:
                    message = (
                        f"{arn!r} is in another partition than the cluster; "
                        f"expected {in_partition(arn, partition)!r}"
                    )
                    yield DocumentFault((*path, key, *step), message)


def _statements(
    document: object,
) -> Iterator[tuple[JsonPath, Mapping[str, object]]]:
    if not isinstance(document, Mapping):
        return
    statements = cast("Mapping[str, object]", document).get("Statement")
    for step, statement in items(statements):
        if isinstance(statement, Mapping):
            path = ("Statement", *step)
            yield path, cast("Mapping[str, object]", statement)


def _texts(value: object) -> Iterator[tuple[JsonPath, str]]:
    for step, inner in items(value):
        if isinstance(inner, str):
            yield step, inner
