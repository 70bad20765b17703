"""Everything docs/reliability.md tells of, one after the other."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from sandbox.interception import Failure, Request
from sandbox.reliability.experiments import (
    KEPT,
    PHASES,
    Phase,
    Step,
    UnreliableError,
    essence,
    fail_each,
    kill_at_each,
    lose_each,
    settle,
)
from sandbox.reliability.faults import AWS_FAULTS, KUBERNETES_FAULTS
from sandbox.reliability.killing import Killer
from sandbox.reliability.page import Failed, Results
from sandbox.reliability.rig import Rig, open_rig
from sandbox.session import Sandbox

__all__ = ["run_everything"]

CLUSTER: Final = "reliability"
# As the engine works where nobody says otherwise on two cores.
_AT_ONCE: Final = 8

Report = Callable[[str], None]


def run_everything(sandbox: Sandbox, *, folder: Path, report: Report) -> Results:
    """Kill and fail the stack at every step of every phase.

    Args:
        sandbox: A running sandbox.
        folder: For the project; made.
        report: Gets a line for each step.

    Raises:
        UnreliableError: A promise of docs/reliability.md is broken.
    """
    with open_rig(sandbox, folder=folder, cluster=CLUSTER) as rig:
        undisturbed: dict[str, Any] = {}
        for phase in PHASES:
            report(f"{phase.name}: undisturbed")
            settle(rig, phase)
            undisturbed[phase.name] = essence(rig.inventory())
        judge = _Judge(rig, undisturbed)
        rig.parallel = _AT_ONCE
        faults = {
            f"{where} {name}": _failed(judge, failure, concerns, report)
            for where, kinds, concerns in (
                ("AWS", AWS_FAULTS, _is_aws),
                ("API server", KUBERNETES_FAULTS, _is_kubernetes),
            )
            for name, failure in kinds.items()
        }
        rig.parallel = 1
        losses = {
            f"{where} 500": judge.steps(
                lambda phase, failure=failure, changes=changes: lose_each(
                    rig, phase, failure=failure, concerns=changes, report=report
                )
            )
            for where, failure, changes in (
                ("AWS", AWS_FAULTS["500"], _changes_aws),
                ("API server", KUBERNETES_FAULTS["500"], _changes_kubernetes),
            )
        }
        kills = judge.steps(
            lambda phase: kill_at_each(rig, phase, killer=Killer(), report=report)
        )
    return Results(kills=kills, faults=faults, losses=losses)


class _Judge:
    """Holds the end of a phase against that of an undisturbed one."""

    def __init__(self, rig: Rig, undisturbed: Mapping[str, Any]) -> None:
        self.rig = rig
        self._undisturbed = undisturbed

    def steps(self, experiment: Callable[[Phase], list[Step]]) -> dict[str, list[Step]]:
        """Take the stack through all phases, and tell what became of each step.

        A patch that was applied and not recorded leaves a field manager behind that
        nobody knows, and with it our keys when the patch is let go of. They are taken
        away by hand then, as docs/reliability.md says, and are the only thing left.

        Raises:
            UnreliableError: A phase did not end as it must.
        """
        seen: dict[str, list[Step]] = {}
        for phase in PHASES:
            seen[phase.name] = experiment(phase)
            self.rig.command_line.forget_pending()
            if phase.name == "delete" and self.rig.take_keys_away():
                seen["create"] = [
                    replace(step, outcome=KEPT)
                    if step.call.action == "patch serviceaccounts"
                    else step
                    for step in seen["create"]
                ]
            self.check(phase)
        return seen

    def check(self, phase: Phase) -> None:
        """Hold what there is now against what an undisturbed stack leaves.

        Raises:
            UnreliableError: They differ, or a preview shows changes.
        """
        if phase.name != "delete":
            preview = self.rig.preview()
            if preview.failed or preview.steps:
                raise UnreliableError(preview.output)
        if (found := essence(self.rig.inventory())) != self._undisturbed[phase.name]:
            message = f"{phase.name}: something is left, or missing: {found}"
            raise UnreliableError(message)


def _failed(
    judge: _Judge,
    failure: Failure,
    concerns: Callable[[Request], bool],
    report: Report,
) -> dict[str, Failed]:
    results: dict[str, Failed] = {}
    for phase in PHASES:
        calls, runs = fail_each(judge.rig, phase, failure=failure, concerns=concerns)
        report(
            f"{phase.name}: {failure.status} {failure.code} to each of {calls} calls"
        )
        judge.check(phase)
        results[phase.name] = Failed(calls=calls, runs=runs)
    return results


def _is_kubernetes(request: Request) -> bool:
    return request.service == "kubernetes"


def _is_aws(request: Request) -> bool:
    return not _is_kubernetes(request)


def _changes_aws(request: Request) -> bool:
    return request.changes and _is_aws(request)


def _changes_kubernetes(request: Request) -> bool:
    return request.changes and _is_kubernetes(request)
