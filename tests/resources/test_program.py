"""What the components of one run share."""

import gc
import weakref
from collections.abc import Callable
from types import SimpleNamespace

import pulumi
import pytest

from eks_irsa.resources import program

OUTPUTS = {"urn:pulumi:s::p::pulumi:pulumi:Stack::p-s": {"type": "pulumi:pulumi:Stack"}}


@pytest.fixture(name="engine")
def _engine(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[str]]:
    """Let the engine fail so often before it answers; give what it was asked."""

    def failing(times: int) -> list[str]:
        asked: list[str] = []

        def invoke(token: str, _: object) -> SimpleNamespace:
            asked.append(token)
            if len(asked) <= times:
                message = "failed to load checkpoint: EOF"
                raise RuntimeError(message)
            return SimpleNamespace(value={"outputs": OUTPUTS})

        monkeypatch.setattr(program, "_hosted", [program.Program()])
        monkeypatch.setattr(program, "_BETWEEN_SECONDS", 0)
        monkeypatch.setattr(pulumi.runtime, "invoke", invoke)
        return asked

    return failing


def test_a_state_that_is_being_written_is_read_again(
    engine: Callable[[int], list[str]],
) -> None:
    """And only until it could be read, once for a run."""
    asked = engine(3)

    states = [program.recorded_resources() for _ in range(2)]

    assert states == [OUTPUTS, OUTPUTS]
    assert asked == ["pulumi:pulumi:readStackResourceOutputs"] * 4


def test_a_state_that_cannot_be_read_stops_the_run(
    engine: Callable[[int], list[str]],
) -> None:
    """With what the engine says."""
    asked = engine(10)

    with pytest.raises(RuntimeError, match="failed to load checkpoint: EOF"):
        program.recorded_resources()

    assert len(asked) == 10


class _Run:
    """The connection of a run to its engine."""


def test_a_run_that_has_ended_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process may have many, by the Automation API; what a run holds has the run."""
    shared: list[int] = []
    ended: list[weakref.ref[_Run]] = []
    for _ in range(2):
        run = _Run()
        settings = SimpleNamespace(monitor=run)
        with monkeypatch.context() as patched:
            patched.setattr(pulumi.runtime.settings, "SETTINGS", settings)
            program.program().claimed[run, "a role"] = "a component"
            shared.append(len(program.program().claimed))
        ended.append(weakref.ref(run))
        del run, settings
    gc.collect()

    assert shared == [1, 1]
    assert [one() for one in ended] == [None, None]
