"""What to do with the settings of an adoption, in the order that loses nothing."""

from collections.abc import Iterator
from typing import Final

from eks_irsa.adoption.model import Adoption

__all__ = ["is_done", "is_settled", "next_steps"]

_NAMED: Final = 5
_TAKEN: Final = frozenset({"asItIs", "changes"})
_NOT_READ: Final = (
    "service accounts were not read: pulumi up stops at each that exists; give "
    "--service-accounts or let the identity list them, and run this again"
)


def is_settled(adoption: Adoption) -> bool:
    """Tell whether every entry can be taken in, and it is known of each.

    Args:
        adoption: What becomes of each entry.
    """
    return not any(_before(adoption))


def is_done(adoption: Adoption) -> bool:
    """Tell whether the stack has every role already.

    Args:
        adoption: What becomes of each entry.
    """
    verdicts = {one.verdict for one in adoption.entries}
    return verdicts == {"ours"}


def next_steps(
    adoption: Adoption, *, stack: str | None, target: str, adopt: str | None
) -> Iterator[str]:
    """Say what to do with the settings, in order; nothing if there is nothing to do.

    Args:
        adoption: What becomes of each entry.
        stack: Name of the stack, as its file has it; None if there is no file.
        target: What commands are given to know the entries: a ClusterConfig,
            `--settings` and a stack file, or both.
        adopt: The setting `adopt` as the stack file spells it; None for none.
    """
    yield from (f"0. {step}" for step in _before(adoption))
    if is_done(adoption):
        yield "nothing is left to take in"
    elif adoption.settings:
        steps = _steps(adoption, stack, target, adopt)
        yield from (f"{number}. {step}" for number, step in enumerate(steps, 1))


def _before(adoption: Adoption) -> Iterator[str]:
    cannot = [one.key for one in adoption.entries if one.verdict == "cannot"]
    if cannot:
        them = "it" if len(cannot) == 1 else "them"
        named, more = cannot[:_NAMED], len(cannot) - _NAMED
        named += [f"{more} more"] if more > 0 else []
        yield (
            f"settle {', '.join(named)} first (see above) and run this again: pulumi "
            f"up stops at {them}, or makes a new role"
        )
    if any(one.service_account == "unknown" for one in adoption.entries):
        yield _NOT_READ


def _steps(
    adoption: Adoption, stack: str | None, target: str, adopt: str | None
) -> Iterator[str]:
    of_eksctl = sum(
        one.stack is not None and one.verdict not in {"cannot", "existing"}
        for one in adoption.entries
    ) + len(adoption.tagged_stacks)
    if of_eksctl:
        yield (
            f"eks-irsa cloudformation retain {target}, then the same with --approve, "
            "before anything else: eksctl's stacks keep what they made"
        )
    if stack:
        yield f"pulumi stack select --create {stack}"
    yield "pulumi preview: imports, and no replacement or deletion"
    yield "pulumi up, then pulumi preview, which shows no change"
    if of_eksctl:
        yield (
            f"eks-irsa cloudformation delete {target}, then the same with --approve: "
            "the stacks go, nothing else"
        )
    if adopt:
        yield f"pulumi config rm {adopt}, then pulumi preview, which shows no change"
    others = sum(one.verdict in _TAKEN and not one.stack for one in adoption.entries)
    if others > len(adoption.tagged_stacks):
        which = "the other roles" if of_eksctl else "the roles"
        yield (
            f"stop managing {which} where they were made: Terraform by a removed block "
            "with destroy = false, CDK by RemovalPolicy.RETAIN, deployed before they "
            "leave the code"
        )
