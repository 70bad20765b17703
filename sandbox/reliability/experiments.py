"""Kill, throttle and fail the runs of a stack, step by step, and judge what becomes."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from sandbox.interception import Failure, Request
from sandbox.inventory import Inventory
from sandbox.reliability.faults import FailOnce, Lossy
from sandbox.reliability.killing import Killer
from sandbox.reliability.rig import Rig, Run

__all__ = [
    "PHASES",
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
REFUSED: Final = "already exists"
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


@dataclass(kw_only=True)
class Step:
    """One call at which something went wrong, and what became of it.

    Attributes:
        call: The call.
        outcome: `converges`, or `already exists` where the next run is refused and
            the object has to be imported.
    """

    call: Request
    outcome: str = CONVERGED


def _is_once(call: Request) -> bool:
    """Tell whether a call makes something that cannot simply be made again."""
    return call.action in _ONCE


def kill_at_each(
    rig: Rig, phase: Phase, *, killer: Killer, report: Callable[[str], None]
) -> list[Step]:
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
        report: Gets a line for each kill.

    Returns:
        The calls, in the order of the kills.

    Raises:
        UnreliableError: A run failed for another reason than that something exists,
            or replaced something.
    """
    rig.choose(phase.config)
    steps: list[Step] = []
    with rig.through(killer):
        while True:
            killer.arm()
            run = phase.run(rig)
            killer.disarm()
            if run.replaced:
                raise UnreliableError(run.output)
            if len(killer.killed) == len(steps):
                if run.failed:
                    raise UnreliableError(run.output)
                return steps
            step = Step(call=killer.killed[-1])
            rig.command_line.cancel()
            if _is_once(step.call):
                step.outcome = _after_refusal(rig)
            steps.append(step)
            report(f"{phase.name}: killed at {step.call}: {step.outcome}")


def _after_refusal(rig: Rig) -> str:
    """Try what was under way again; import it if the engine is refused."""
    lost = rig.command_line.under_way()
    again = rig.up(target=lost)
    if not again.failed:
        return CONVERGED
    if not _EXISTS.search(again.output):
        raise UnreliableError(again.output)
    imported = rig.command_line.recover()
    if set(lost) & set(rig.command_line.under_way()):
        raise UnreliableError(imported)
    return REFUSED


def fail_each(
    rig: Rig, phase: Phase, *, failure: Failure, concerns: Callable[[Request], bool]
) -> tuple[int, int]:
    """Fail each call once, before it is carried out.

    Returns:
        How many calls were failed, and how many runs it took.

    Raises:
        UnreliableError: More runs than calls did not do.
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
    report: Callable[[str], None],
) -> list[Step]:
    """Lose the answer to each call that changes something, once.

    Returns:
        The calls, in order.

    Raises:
        UnreliableError: A run failed for another reason than the lost answer or that
            something exists, or replaced something.
    """
    rig.choose(phase.config)
    lossy = Lossy(failure, concerns=concerns)
    outcomes: dict[Request, str] = {}
    with rig.through(lossy):
        while True:
            run = phase.run(rig)
            if run.replaced:
                raise UnreliableError(run.output)
            if not run.failed:
                break
            if _EXISTS.search(run.output):
                import_by_hand(rig, run)
                last = next(call for call in reversed(lossy.failed) if _is_once(call))
                outcomes[last] = REFUSED
                report(f"{phase.name}: answer lost of {last}: {REFUSED}")
            elif failure.message not in run.output:
                raise UnreliableError(run.output)
    return [
        Step(call=call, outcome=outcomes.get(call, CONVERGED)) for call in lossy.failed
    ]


def import_by_hand(rig: Rig, refused: Run) -> None:
    """Bring in what a run was refused for, as docs/reliability.md tells people to.

    Nothing was under way, so the state holds no note: the rows come from a preview, and
    people put in the ids.
    """
    file = rig.project / "import.json"
    rig.stack.preview(import_file=str(file))
    wanted: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    text = refused.output
    rows: list[dict[str, Any]] = []
    for row in wanted["resources"]:
        name = row.get("logicalName", row["name"])
        if f"({name})" in text and (found := _id_in(text, name, row["type"])):
            rows.append({**row, "id": found})
    if not rows:
        raise UnreliableError(text)
    document = json.dumps({**wanted, "resources": rows})
    arguments = ("import", "--file", "/dev/stdin", "--skip-preview", "--yes")
    flags = ("--protect=false", "--generate-code=false")
    rig.command_line.pulumi(*arguments, *flags, text=document)


def _id_in(text: str, name: str, type_token: str) -> str | None:
    """Find the id in the message: the name of a role, the key of an account."""
    if type_token == "aws:iam/role:Role":  # noqa: S105 (a type token)
        match = re.search(r"Role with name (\S+) already exists", text)
        return match[1] if match else None
    if type_token == "kubernetes:core/v1:ServiceAccount":  # noqa: S105 (a type token)
        return name.removesuffix("-service-account")
    return None


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
