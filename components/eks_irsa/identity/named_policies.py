"""What is wrong with policies by name: names, parameters, and their partition."""

from collections.abc import Iterator, Mapping
from typing import cast

from eks_irsa.documents import arns
from eks_irsa.documents.named_policies import named_policy_faults
from eks_irsa.identity.kinds import holds_later
from eks_irsa.identity.model import Fault

__all__ = ["named_partition_faults", "named_policies_faults"]


def named_policies_faults(policies: Mapping[str, object]) -> Iterator[Fault]:
    """Find everything that is wrong with policies by name.

    Args:
        policies: Name -> parameter -> text or list of texts; a parameter may be LATER.

    Yields:
        Faults whose paths begin at the name.
    """
    for name, given in policies.items():
        if not isinstance(given, Mapping):
            message = (
                "the parameters must be known when the program runs; their values may "
                "be Outputs"
            )
            yield Fault((name,), "E-NAMED-PARAMETER", message)
            continue
        parameters = cast("Mapping[str, object]", given)
        later = [key for key, value in parameters.items() if holds_later(value)]
        for fault in named_policy_faults(name, parameters, unknown=later):
            yield Fault(fault.path, fault.code, fault.message, at_key=fault.at_key)


def named_partition_faults(
    policies: Mapping[str, object], *, partition: str
) -> Iterator[Fault]:
    """Find parameters that are ARNs of another partition.

    Args:
        policies: Name -> parameter -> text or list of texts.
        partition: Partition of the cluster.

    Yields:
        Faults whose paths begin at the name.
    """
    for name, given in policies.items():
        parameters = cast("Mapping[str, object]", given)
        for key, value in parameters.items() if isinstance(given, Mapping) else ():
            for step, text in _texts(value):
                if arns.partition_of_arn(text) not in {None, partition}:
                    message = (
                        f"{text!r} is in another partition than the cluster; "
                        f"expected {arns.in_partition(text, partition)!r}"
                    )
                    yield Fault((name, key, *step), "E-PARTITION", message)


def _texts(value: object) -> Iterator[tuple[tuple[int, ...], str]]:
    if isinstance(value, str):
        yield (), value
    elif isinstance(value, list | tuple):
        for index, text in enumerate(cast("list[object]", value)):
            if isinstance(text, str):
                yield (index,), text
