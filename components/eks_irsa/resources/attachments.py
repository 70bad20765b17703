"""One attachment of a managed policy is one resource, from run to run.

Two resources for one attachment would take it away: the engine makes the new one first
and deletes the old one last, and IAM detaches the policy. An ARN in plain text names
its attachment itself; what has the name of a key is held against the state.
"""

from collections.abc import Mapping

import pulumi

from eks_irsa.outputs import lift
from eks_irsa.resources.inputs import InputError

__all__ = ["attachment_aliases", "unbroken"]


def attachment_aliases(
    arn: pulumi.Input[str],
    *,
    recorded: Mapping[str, str],
    registered: frozenset[str],
) -> list[pulumi.Alias]:
    """Name what the attachment of a plain ARN was called before.

    Args:
        arn: ARN of the policy; one that is known later has no other name.
        recorded: Attachments before this run, name -> ARN.
        registered: Names of all attachments in this run.
    """
    if not isinstance(arn, str):
        return []
    names = {
        name
        for name, other in recorded.items()
        if other == arn and name not in registered
    }
    return [pulumi.Alias(name=name) for name in sorted(names)]


def unbroken(
    component: str,
    key: str,
    arn: pulumi.Input[str],
    *,
    recorded: Mapping[str, str],
    registered: frozenset[str],
) -> pulumi.Input[str]:
    """Fail the run where the attachment of an ARN that is known later changes its name.

    Args:
        component: Name of the component.
        key: Key of the attachment.
        arn: ARN of the policy.
        recorded: Attachments before this run, name -> ARN.
        registered: Names of all attachments in this run.
    """
    gone = {arn: name for name, arn in recorded.items() if name not in registered}
    if isinstance(arn, str) or not gone:
        return arn

    def check(*, known: str) -> str:
        if known in gone:
            before = gone[known].removeprefix(f"{component}:")
            msg = (
                f"{component}: attach_policies.{key}: {known!r} is attached under the "
                f"name {before!r}, and the run would attach it anew and then detach "
                f"it; keep the key {before!r}, or take the policy out for one run"
            )
            raise InputError(msg)
        return known

    return lift(check, known=arn)
