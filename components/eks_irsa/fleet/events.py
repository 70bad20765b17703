"""What the engine tells while it runs, as a line for people and as counts."""

import re
from typing import Final

from pulumi.automation import EngineEvent, StepEventMetadata

from eks_irsa.documents.printable import printable
from eks_irsa.fleet.model import Step

__all__ = ["Told", "first_error"]

# Markup of the engine in messages: <{%reset%}>.
_MARKUP: Final = re.compile(r"<\{%.*?%\}>")
# Its head, and the lines that stand further in, which are its frames.
_TRACEBACK: Final = re.compile(
    r"^([ \t]*)(?:error: )?Traceback \(most recent call last\):[ \t]*\r?\n"
    r"(?:\1[ \t]+.*\r?\n|[ \t]*\r?\n)*",
    re.MULTILINE,
)
_WORDS: Final = {
    "create": "creating",
    "update": "updating",
    "delete": "deleting",
    "replace": "replacing",
    "create-replacement": "replacing",
    "delete-replaced": "deleting the replaced",
    "read": "reading",
    "refresh": "reading",
    "same": "comparing",
}


class Told:
    """What one run of the engine told.

    Attributes:
        changes: Operation -> how many resources; as the engine counts them at its end,
            and until then those that are done.
        error: The first error, in a line; empty for none.
    """

    def __init__(self, step: Step) -> None:
        """Begin with nothing.

        Args:
            step: Is told of each step.
        """
        self.changes: dict[str, int] = {}
        self.error = ""
        self._step = step

    def take(self, event: EngineEvent) -> None:
        """Take an event of the engine."""
        if before := event.resource_pre_event:
            self._step(_line(before.metadata))
        elif done := event.res_outputs_event:
            operation = done.metadata.op.value
            self.changes[operation] = self.changes.get(operation, 0) + 1
        elif (said := event.diagnostic_event) and said.severity == "error":
            self.error = self.error or first_error(said.message)
        elif summary := event.summary_event:
            counts = summary.resource_changes or {}
            self.changes = {str(one): count for one, count in counts.items() if count}


def _line(metadata: StepEventMetadata) -> str:
    operation = metadata.op.value
    # urn:pulumi:<stack>::<project>::<types>::<name>, and a name may hold `::`.
    name = metadata.urn.split("::", 3)[-1]
    what = f"{_WORDS.get(operation, operation)} {metadata.type} {name}"
    return printable(what)


def first_error(text: str) -> str:
    """Return the first line of a message that says something.

    A traceback of Python's says it below its frames.

    Args:
        text: What the engine or a provider says, or all that a command printed: its
            first line that begins with `error:` is taken then.
    """
    plain = _TRACEBACK.sub("", _MARKUP.sub("", text))
    lines = [line for one in plain.splitlines() if (line := one.strip())]
    marked = [line for line in lines if line.startswith("error: ")]
    return printable((marked or lines or [""])[0].removeprefix("error: "))
