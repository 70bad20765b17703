"""8: runs that are killed or failed at every step, as docs/reliability.md tells it.

Half an hour, so that `make reliability` alone runs it; the sample of `make test` is in
test_interrupted_runs. What is seen must stand in the tables of the page.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest
from reliability.experiments import (
    AGAIN,
    CONVERGED,
    KEPT,
    PHASES,
    REFUSED,
    Phase,
    Step,
    essence,
    fail_each,
    kill_at_each,
    lose_each,
    settle,
)
from reliability.faults import AWS_FAULTS, KUBERNETES_FAULTS
from reliability.killing import Killer
from reliability.rig import Rig, open_rig

from sandbox.interception import Failure, Request
from sandbox.session import Sandbox

pytestmark = [
    pytest.mark.engine,
    pytest.mark.reliability,
    # What the Automation API says of an engine that was killed.
    pytest.mark.filterwarnings("ignore:Error in event stream"),
]

PAGE: Final = Path(__file__).parents[2] / "docs" / "reliability.md"
WORDS: Final = {
    CONVERGED: "converges",
    AGAIN: "the run fails, the next one goes on",
    REFUSED: "`AlreadyExists`; imported, then goes on",
    KEPT: "converges, but keeps our keys on removal",
}
# As the engine works where nobody says otherwise on two cores.
AT_ONCE: Final = 8


def _is_kubernetes(call: Request) -> bool:
    return call.service == "kubernetes"


def _is_aws(call: Request) -> bool:
    return not _is_kubernetes(call)


@dataclass(frozen=True, kw_only=True)
class Judge:
    """The stack, and what a phase leaves of it that nobody disturbed."""

    rig: Rig
    undisturbed: dict[str, Any]

    def steps(self, experiment: Callable[[Phase], list[Step]]) -> dict[str, list[Step]]:
        """Take the stack through all phases, and tell what became of each step.

        A patch that was applied and not recorded leaves a field manager behind that
        nobody knows, and with it our keys when the patch is let go of. They are taken
        away by hand then, as the page says, and are the only thing left.
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
            self.hold(phase)
        return seen

    def hold(self, phase: Phase) -> None:
        """Hold what there is now against what an undisturbed stack leaves."""
        if phase.name != "delete":
            preview = self.rig.preview()
            assert (preview.failed, preview.steps) == (False, ()), preview.output
        assert essence(self.rig.inventory()) == self.undisturbed[phase.name]


@pytest.fixture(scope="module", name="judge")
def _judge(
    sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Judge]:
    folder = tmp_path_factory.mktemp("every-step") / "project"
    undisturbed: dict[str, Any] = {}
    with open_rig(sandbox, folder=folder, cluster="reliability") as rig:
        for phase in PHASES:
            settle(rig, phase)
            undisturbed[phase.name] = essence(rig.inventory())
        yield Judge(rig=rig, undisturbed=undisturbed)


@pytest.mark.parametrize(
    ("name", "failure", "concerns"),
    [
        *((f"AWS {name}", one, _is_aws) for name, one in AWS_FAULTS.items()),
        *(
            (f"API server {name}", one, _is_kubernetes)
            for name, one in KUBERNETES_FAULTS.items()
        ),
    ],
)
def test_8_a_stack_converges_when_each_call_fails_once(
    judge: Judge,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    failure: Failure,
    concerns: Callable[[Request], bool],
) -> None:
    """Plugins ask again, the API server where it says when; else the next run does."""
    alone = concerns is _is_aws or failure.retry_after_seconds is not None
    monkeypatch.setattr(judge.rig, "parallel", AT_ONCE)

    counts: list[tuple[int, int]] = []
    for phase in PHASES:
        seen = fail_each(judge.rig, phase, failure=failure, concerns=concerns)
        judge.hold(phase)
        counts.append(seen)

    assert all((runs == 1) == alone for _, runs in counts)
    words = "converges by itself" if alone else WORDS[AGAIN]
    assert _row(name, *(f"{calls} calls" for calls, _ in counts), words) in _page()


@pytest.mark.parametrize(
    ("name", "failure", "concerns"),
    [
        ("AWS 500", AWS_FAULTS["500"], _is_aws),
        ("API server 500", KUBERNETES_FAULTS["500"], _is_kubernetes),
    ],
)
def test_8_a_stack_goes_on_when_each_answer_is_lost_once(
    judge: Judge, name: str, failure: Failure, concerns: Callable[[Request], bool]
) -> None:
    """What was made and not heard of is imported, by the documented command."""
    seen = judge.steps(
        lambda phase: lose_each(
            judge.rig,
            phase,
            failure=failure,
            concerns=lambda call: call.changes and concerns(call),
        )
    )

    outcomes = Counter(step.outcome for steps in seen.values() for step in steps)
    words = "; ".join(f"{outcomes[one]}: {WORDS[one]}" for one in sorted(outcomes))
    calls = [f"{len(steps)} calls" for steps in seen.values()]
    assert _row(f"{name}, but carried out", *calls, words) in _page()


def test_8_a_stack_goes_on_when_it_is_killed_at_each_call(judge: Judge) -> None:
    """Nothing is orphaned, doubled or replaced, and the page says how it goes on."""
    seen = judge.steps(lambda phase: kill_at_each(judge.rig, phase, killer=Killer()))

    assert _killed(seen) == [row for row in _page() if row.split()[1] in VERBS]


VERBS: Final = [f"{phase.name}s" for phase in PHASES]


def _killed(seen: dict[str, list[Step]]) -> list[str]:
    """Count the kills by kind of call and outcome."""
    return [
        _row(f"{phase}s", f"`{action}`", str(times), WORDS[outcome])
        for phase, steps in seen.items()
        for (action, outcome), times in sorted(
            Counter((step.call.action, step.outcome) for step in steps).items()
        )
    ]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _page() -> Sequence[str]:
    """Give the rows of the page's tables."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("| ")]
