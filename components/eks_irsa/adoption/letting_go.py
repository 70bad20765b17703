"""Stacks of CloudFormation that are to keep their roles: which, and what stands.

First every resource of a stack is retained, then Pulumi takes the role in, then the
stack is deleted, which deletes nothing else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from eks_irsa.adoption.retention import template_text, unretained
from eks_irsa.live.cloudformation import StackParts
from eks_irsa.live.model import LiveStack
from eks_irsa.live.stacks import service_account_stacks, stack_names

__all__ = ["Found", "found_stacks", "hindrances", "retention_hindrance", "updatable"]

_DELETE_FAILED: Final = "DELETE_FAILED"
# Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
_UPDATABLE: Final = frozenset(
    {
        "CREATE_COMPLETE",
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """The stacks of a cluster.

    Attributes:
        stacks: Those of entries, in the order of entries.
        without: Entries that have none.
        others: Names of eksctl's stacks of the cluster that are of no entry, sorted.
        mistaken: Entry without a stack -> whose the stack of its name is.
    """

    stacks: tuple[LiveStack, ...]
    without: tuple[str, ...]
    others: tuple[str, ...]
    mistaken: Mapping[str, str]


def found_stacks(
    stacks: Iterable[LiveStack], *, cluster: str, entries: Iterable[str]
) -> Found:
    """Find the stacks that eksctl made for entries of a ClusterConfig.

    Args:
        stacks: Those of the region.
        cluster: Name of the EKS cluster.
        entries: `<namespace>/<name>` of each entry that has a role of its own.
    """
    held = service_account_stacks(stacks, cluster=cluster)
    keys = tuple(entries)
    owners = {one.name: key for key, several in held.items() for one in several}
    without = tuple(key for key in keys if key not in held)
    left = held.keys() - set(keys)
    return Found(
        stacks=tuple(one for key in keys for one in held.get(key, ())),
        without=without,
        others=tuple(sorted(one.name for key in left for one in held[key])),
        mistaken={
            key: owners[name]
            for key in without
            for name in stack_names(cluster, key)
            if name in owners
        },
    )


def updatable(stack: LiveStack) -> bool:
    """Tell whether a stack is in a state in which it can be updated."""
    return stack.status in _UPDATABLE


def retention_hindrance(stack: LiveStack, lost: Iterable[str]) -> str | None:
    """Say why the template of a stack cannot be changed now; None if it can be.

    Args:
        stack: The stack.
        lost: Logical ids of what is not retained.

    Source:
        https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html
    """
    if stack.status == _DELETE_FAILED:
        return (
            f"it is in {stack.status}, and keeps its template; once 'pulumi up' has "
            "taken the role in, delete it by: aws cloudformation delete-stack "
            f"--stack-name {stack.name} --retain-resources {' '.join(lost)}"
        )
    return None if updatable(stack) else f"it cannot be updated in {stack.status}"


def hindrances(stack: LiveStack, parts: StackParts) -> tuple[str, ...]:
    """Say why a stack must not be deleted now; nothing if it may be.

    Args:
        stack: The stack.
        parts: What is in it.

    Raises:
        ValueError: Its template cannot be read.
    """
    found: list[str] = []
    # A deletion that failed may be asked for again.
    if not updatable(stack) and stack.status != _DELETE_FAILED:
        found.append(f"it is in {stack.status}")
    if lost := unretained(template_text(parts.template)):
        found.append(
            f"{', '.join(lost)} would be deleted with it; run 'eks-irsa "
            "cloudformation retain' first"
        )
    if not parts.roles:
        found.append("it has no role")
    for name, role in parts.roles.items():
        if role is None:
            found.append(f"its role {name} does not exist")
        elif not role.owner:
            found.append(
                f"its role {name} is no Pulumi stack's yet (it lacks the tag "
                "eks-irsa/stack); take it in with 'pulumi up' first"
            )
    return tuple(found)
