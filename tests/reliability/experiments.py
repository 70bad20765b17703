"""Kill, throttle and fail the runs of a stack, call by call, and judge what becomes."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from reliability.faults import FailOnce, Lossy
from reliability.killing import Killer
from reliability.rig import Rig, Run
from sandbox.interception import Failure, Request
from sandbox.inventory import Inventory

__all__ = [
    "AGAIN",
    "CONVERGED",
    "KEPT",
    "PHASES",
    "REFUSED",
    "Phase",
    "Step",
    "UnreliableError",
    "essence",
    "fail_each",
    "kill_at_each",
    "lose_each",
    "settle",
]

CONVERGED: Final = "converges"
AGAIN: Final = "run again"
REFUSED: Final = "already exists"
KEPT: Final = "keeps keys"
_EXISTS: Final = re.compile(r"AlreadyExists|already exists")
# Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html and
# API_CreateOpenIDConnectProvider.html, "EntityAlreadyExists"
_ONCE: Final = frozenset(
    {"CreateOpenIDConnectProvider", "CreateRole", "create serviceaccounts"}
)
# What differs between two stacks that are the same.
_IDENTITY: Final = frozenset(
    {
        "CreateDate",
        "RoleId",
        "creationTimestamp",
        "managedFields",
        "resourceVersion",
        "uid",
    }
)


class UnreliableError(RuntimeError):
    """A promise was broken; the text says which, and what the engine showed."""


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One thing a stack goes through.

    Attributes:
        name: `create`, `change` or `delete`.
        config: The ClusterConfig of it.
        run: The command.
    """

    name: str
    config: str
    run: Callable[[Rig], Run]


PHASES: Final = (
    Phase(name="create", config="before", run=Rig.up),
    Phase(name="change", config="after", run=Rig.up),
    Phase(name="delete", config="after", run=Rig.destroy),
)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One call at which something went wrong, and what became of it.

    Attributes:
        call: The call.
        outcome: `converges`: nothing to do but the same command, if that. `run again`:
            the run failed, and the next one goes on. `already exists`: the next run is
            refused, and the object has to be imported. `keeps keys`: goes on, but an
            account that is overridden keeps our keys when its entry is removed.
    """

    call: Request
    outcome: str = CONVERGED


def kill_at_each(rig: Rig, phase: Phase, *, killer: Killer) -> list[Step]:
    """Kill the engine once at each call that changes something.

    After each kill `pulumi cancel` and the same command again, which is killed in its
    turn at the first call that no run was killed at yet, and so on until one ends.
    Where the call made something that cannot be made again, the engine is let at that
    one resource first, undisturbed, and the documented command follows if it is
    refused.

    Args:
        rig: The stack.
        phase: What it goes through.
        killer: Says at which calls; it has killed nothing yet.

    Returns:
        The calls, in the order of the kills.

    Raises:
        UnreliableError: A run failed for another reason than that something exists,
            or replaced something.
    """
    rig.choose(phase.config)
    steps: list[Step] = []
    refusals = 0
    with rig.through(killer):
        while True:
            killer.arm()
            run = phase.run(rig)
            killer.disarm()
            if run.replaced:
                raise UnreliableError(run.output)
            if len(killer.killed) > len(steps):
                rig.command_line.cancel()
                steps.append(_after_kill(rig, killer.killed[-1]))
            elif not run.failed:
                return steps
            else:
                # Others were under way beside the one the engine was killed at.
                refusals += 1
                if not _EXISTS.search(run.output) or refusals > len(steps):
                    raise UnreliableError(run.output)
                rig.command_line.recover()


def _after_kill(rig: Rig, call: Request) -> Step:
    """Try again what was under way, if it makes something; import what is refused."""
    if call.action not in _ONCE:
        return Step(call=call)
    again = rig.up(target=rig.command_line.under_way())
    if not again.failed:
        return Step(call=call)
    if not _EXISTS.search(again.output):
        raise UnreliableError(again.output)
    rig.command_line.recover()
    return Step(call=call, outcome=REFUSED)


def fail_each(
    rig: Rig, phase: Phase, *, failure: Failure, concerns: Callable[[Request], bool]
) -> tuple[int, int]:
    """Fail each call once, before it is carried out.

    Returns:
        How many calls were failed, and how many runs it took.

    Raises:
        UnreliableError: As many runs as calls did not do, or one replaced something.
    """
    rig.choose(phase.config)
    faults = FailOnce(failure, concerns=concerns)
    with rig.through(faults):
        runs = 1
        while (run := phase.run(rig)).failed:
            runs += 1
            if runs > len(faults.failed) + 1 or run.replaced:
                raise UnreliableError(run.output)
    return len(faults.failed), runs


def lose_each(
    rig: Rig,
    phase: Phase,
    *,
    failure: Failure,
    concerns: Callable[[Request], bool],
) -> list[Step]:
    """Lose the answer to each call that changes something, once: it is carried out.

    Returns:
        The calls, in order.

    Raises:
        UnreliableError: A run failed for another reason than the lost answer or that
            something exists, or replaced something.
    """
    rig.choose(phase.config)
    lossy = Lossy(failure, concerns=concerns)
    outcomes: dict[Request, str] = {}
    known = 0
    with rig.through(lossy):
        while True:
            run = phase.run(rig)
            if run.replaced:
                raise UnreliableError(run.output)
            if not run.failed:
                break
            lost, known = lossy.failed[known:], len(lossy.failed)
            names = _names_in(run)
            refused = [
                call
                for call in lossy.failed
                if outcomes.get(call) != REFUSED and _is_refused(call, run, names)
            ]
            if refused:
                rig.command_line.recover_planned(rig.preview_document(), names)
                outcomes |= dict.fromkeys(refused, REFUSED)
            elif lost and failure.message in run.output:
                outcomes |= dict.fromkeys(lost, AGAIN)
            else:
                raise UnreliableError(run.output)
    return [
        Step(call=call, outcome=outcomes.get(call, CONVERGED)) for call in lossy.failed
    ]


def _is_refused(call: Request, run: Run, names: Collection[str]) -> bool:
    """Tell whether a run was refused what a call had made already."""
    if call.action not in _ONCE:
        return False
    if call.service == "kubernetes":
        return f"{call.target}-service-account" in names
    made = call.target.rpartition("/")[2]
    lines = [line for line in run.output.splitlines() if _EXISTS.search(line)]
    return any(made in line for line in lines)


def _names_in(refused: Run) -> list[str]:
    """List the names of what exists already, as engine or program show them."""
    heads = re.compile(r"^  \S+ \((\S+)\):$|.*'eks-irsa recover (\S+)'")
    names: list[str] = []
    name = ""
    for line in refused.output.splitlines():
        head = heads.match(line)
        name = (head[1] or head[2]) if head else name
        if _EXISTS.search(line) and name and name not in names:
            names.append(name)
    return names


def settle(rig: Rig, phase: Phase) -> Run:
    """Take the stack through a phase undisturbed.

    Raises:
        UnreliableError: The run failed.
    """
    rig.choose(phase.config)
    run = phase.run(rig)
    if run.failed:
        raise UnreliableError(run.output)
    return run


def essence(inventory: Inventory) -> Any:  # noqa: ANN401 - JSON values
    """Give an inventory without what differs between two stacks that are the same."""
    return {
        "providers": _without_identity(inventory.providers),
        "roles": {
            name: _without_identity(
                {
                    "role": one.role,
                    "trust": one.trust_policy,
                    "managed": list(one.managed_policy_arns),
                    "inline": one.inline_policies,
                }
            )
            for name, one in inventory.roles.items()
        },
        "namespaces": _without_identity(inventory.namespaces),
        "service accounts": _without_identity(inventory.service_accounts),
    }


def _without_identity(value: Any) -> Any:  # noqa: ANN401 - JSON values
    if isinstance(value, Mapping):
        items = cast("Mapping[str, Any]", value)
        return {
            key: _without_identity(one)
            for key, one in items.items()
            if key not in _IDENTITY
        }
    if isinstance(value, list | tuple):
        return [_without_identity(one) for one in cast("list[Any]", value)]
    return value
