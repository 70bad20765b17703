"""Running the engine for many stacks; imports Pulumi, and so is imported late."""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from eks_irsa.cli.fleet_stacks import Chosen, Running
from eks_irsa.documents.printable import printable
from eks_irsa.fleet.board import display_for
from eks_irsa.fleet.model import Result, Step, Stops, Verb
from eks_irsa.fleet.project import FleetError, open_fleet
from eks_irsa.fleet.running import run_all, stops_heard
from eks_irsa.fleet.stacks import Fleet, Run
from eks_irsa.fleet.summary import print_summary, run_document

__all__ = ["Runs"]

_DONE: Final = 0
_SOME_FAILED: Final = 1
_CANNOT_RUN: Final = 2
_INTERRUPTED: Final = 130


class Runs:
    """The runs of one command.

    Attributes:
        fleet: What is run.
        stopped: Somebody wanted an end.
    """

    def __init__(
        self,
        context: click.Context,
        chosen: Chosen,
        running: Running,
        *,
        create: bool = False,
    ) -> None:
        """Open the project; what makes that impossible ends the command.

        Args:
            context: Of the command.
            chosen: Its stacks.
            running: How the engine is to run.
            create: Make stacks that the backend does not have.
        """
        # The command line collects no garbage, because it mostly ends at once.
        gc.enable()
        self._at_a_time, self._every = running.at_a_time, chosen.every
        self._stops, self._begun = Stops(), time.monotonic()
        try:
            fleet = open_fleet(
                chosen.project,
                chosen.stacks,
                stops=self._stops,
                logs=running.logs,
                organization=chosen.organization,
            )
        except FleetError as error:
            click.echo(f"eks-irsa: {printable(str(error))}", err=True)
            context.exit(_CANNOT_RUN)
        self.fleet: Fleet = replace(fleet, refresh=running.refresh, create=create)

    def keep_previews(self) -> list[Path]:
        """Have previews kept as JSON from now on; former ones of the project go.

        Returns:
            The file of each stack that is run.
        """
        folder = self.fleet.logs / "previews"
        folder.mkdir(exist_ok=True)
        for name in self._every:
            (folder / f"{name}.json").unlink(missing_ok=True)
        self.fleet = replace(self.fleet, previews=folder)
        return [folder / f"{name}.json" for name in self.fleet.files]

    @property
    def stopped(self) -> bool:
        """Tell whether somebody wanted an end."""
        return bool(self._stops.count)

    def run(
        self,
        verb: Verb,
        names: Sequence[str],
        note: Callable[[Result], None] | None = None,
    ) -> list[Result]:
        """Run the engine for some of the stacks.

        Args:
            verb: What it runs.
            names: Of the stacks.
            note: Is told how each ended.
        """

        def work(name: str, step: Step) -> Result:
            run = Run(self.fleet, name, step)
            return run.up() if verb == "up" else run.preview()

        with stops_heard(self._stops), display_for(verb, names) as display:
            return run_all(
                names,
                work,
                at_a_time=self._at_a_time,
                stops=self._stops,
                display=display,
                note=note,
            )

    def summary(self, results: Sequence[Result], verb: Verb, *, to_error: bool) -> None:
        """Print what the runs came to so far, for people."""
        seconds = time.monotonic() - self._begun
        print_summary(results, verb, seconds, to_error=to_error)

    def tell(self, results: Sequence[Result], verb: Verb, output: str) -> None:
        """Print what the runs came to, to standard output.

        Args:
            results: Of all stacks.
            verb: What the command is called.
            output: `text` or `json`.
        """
        if output == "json":
            seconds = time.monotonic() - self._begun
            text = run_document(results, verb, seconds, interrupted=self.stopped)
            click.echo(text, nl=False)
        else:
            self.summary(results, verb, to_error=False)

    def code(self, results: Sequence[Result]) -> int:
        """Return the exit code that results come to."""
        if self.stopped:
            return _INTERRUPTED
        return _DONE if all(one.state == "done" for one in results) else _SOME_FAILED
