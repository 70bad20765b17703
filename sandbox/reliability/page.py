"""The page docs/reliability.md, from what was seen."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.reliability.experiments import AGAIN, CONVERGED, KEPT, REFUSED, Step

__all__ = ["Failed", "Results", "write_page"]

_TEXT: Final = Path(__file__).with_name("page.md")
_WORDS: Final = {
    CONVERGED: "converges",
    AGAIN: "the run fails, the next one goes on",
    REFUSED: "`AlreadyExists`; imported, then goes on",
    KEPT: "converges, but keeps our keys on removal",
}


@dataclass(frozen=True, kw_only=True)
class Failed:
    """What came of failing each call once in one phase: calls and runs."""

    calls: int
    runs: int


@dataclass(frozen=True, kw_only=True)
class Results:
    """Everything that was seen; the outer key is the phase or the fault.

    Attributes:
        kills: Phase -> the kills.
        faults: Fault -> phase -> calls and runs.
        losses: Fault -> phase -> the answers that were lost.
    """

    kills: Mapping[str, Sequence[Step]]
    faults: Mapping[str, Mapping[str, Failed]]
    losses: Mapping[str, Mapping[str, Sequence[Step]]]


def write_page(results: Results, *, path: Path) -> None:
    """Write the page anew.

    Args:
        results: What was seen.
        path: The page.
    """
    text = _TEXT.read_text(encoding="utf-8")
    for mark, lines in (
        ("<!-- summary -->", _summary(results)),
        ("<!-- faults -->", _faults(results)),
        ("<!-- steps -->", _steps(results)),
    ):
        text = text.replace(mark, "\n".join(lines))
    path.write_text(text, encoding="utf-8")


def _summary(results: Results) -> Iterable[str]:
    """Count the kills by kind of call and outcome."""
    counts = Counter(
        (phase, _kind(step), step.outcome)
        for phase, steps in results.kills.items()
        for step in steps
    )
    yield "| while it | killed at | times | afterwards |"
    yield "| --- | --- | --- | --- |"
    phases = list(results.kills)
    for phase, kind, outcome in sorted(
        counts, key=lambda one: (phases.index(one[0]), one[1], one[2])
    ):
        times = counts[phase, kind, outcome]
        yield f"| {phase}s | `{kind}` | {times} | {_WORDS[outcome]} |"


def _faults(results: Results) -> Iterable[str]:
    yield "| fault, each call once | create | change | delete | afterwards |"
    yield "| --- | --- | --- | --- | --- |"
    for fault, phases in results.faults.items():
        calls = [f"{one.calls} calls, {_runs(one.runs)}" for one in phases.values()]
        alone = all(one.runs == 1 for one in phases.values())
        words = "converges by itself" if alone else _WORDS[AGAIN]
        yield f"| {fault} | {' | '.join(calls)} | {words} |"
    for fault, losses in results.losses.items():
        calls = [f"{len(steps)} calls" for steps in losses.values()]
        outcomes = Counter(step.outcome for steps in losses.values() for step in steps)
        words = "; ".join(f"{outcomes[one]}: {_WORDS[one]}" for one in sorted(outcomes))
        yield f"| {fault}, but carried out | {' | '.join(calls)} | {words} |"


def _runs(count: int) -> str:
    return f"{count} run" if count == 1 else f"{count} runs"


def _steps(results: Results) -> Iterable[str]:
    yield "| phase | killed at | about | afterwards |"
    yield "| --- | --- | --- | --- |"
    for phase, steps in results.kills.items():
        for step in sorted(steps, key=lambda one: str(one.call)):
            about = " ".join(part for part in (_about(step), step.call.detail) if part)
            yield f"| {phase} | `{_kind(step)}` | `{about}` | {_WORDS[step.outcome]} |"


def _kind(step: Step) -> str:
    return step.call.action


def _about(step: Step) -> str:
    """Shorten an ARN to what follows the account."""
    return step.call.target.rpartition("::")[2].partition(":")[2] or step.call.target
