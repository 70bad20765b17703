"""What can be wrong with the user's data, as exceptions that hold every problem.

    EksIrsaError
    ├── InvalidInputError       carries problems, each with its place
    │   ├── ClusterConfigError  in the ClusterConfig file
    │   └── SettingsError       in the stack's settings
    ├── PolicyDocumentError     a permission policy IAM would refuse
    └── ClusterError            the EKS cluster is not what the file says

Wrong calls by a programmer raise `ValueError` or `TypeError` instead.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "ClusterConfigError",
    "ClusterError",
    "EksIrsaError",
    "InvalidInputError",
    "PolicyDocumentError",
    "PreviewError",
    "Problem",
    "SettingsError",
    "Severity",
]

Severity = Literal["error", "warning"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing that is wrong, and where.

    Attributes:
        source: The file as the user named it, or `stack settings`.
        line: Line in the file, from 1. Default: 0, for a source without lines.
        column: Column in the line in characters, from 1. Default: 0, for none.
        path: Where in the document, in the file's own spelling, such as
            `iam.serviceAccounts[1].attachPolicyARNs[0]`. Default: the whole file.
        code: Stable name of the rule, `E-...` for errors, `W-...` for warnings.
        severity: An error stops everything before a resource is registered.
        message: The rule, the value received and the remedy, on one line.
    """

    source: str
    line: int = 0
    column: int = 0
    path: str = ""
    code: str
    severity: Severity
    message: str

    def __str__(self) -> str:
        """Return the problem as one line, `source:line:column: path: message`."""
        return self.text(kind="" if self.severity == "error" else "warning: ")

    def text(self, *, kind: str = "") -> str:
        """Return the problem as one line.

        Args:
            kind: What stands before the path. Default: nothing, for where errors and
                warnings are marked as such anyway.
        """
        place = f"{self.source}:{self.line}:{self.column}" if self.line else self.source
        where = f"{self.path}: " if self.path else ""
        return f"{place}: {kind}{where}{self.message}"


class EksIrsaError(Exception):
    """Something in the user's data or surroundings stops us; the text says what."""


class InvalidInputError(EksIrsaError):
    """A text the user wrote is wrong in at least one place.

    Attributes:
        problems: Everything found, warnings too, in the order of the text; at least
            one is an error.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Hold *problems* and print them one to a line."""
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ClusterConfigError(InvalidInputError):
    """The ClusterConfig file cannot be used as it is."""


class SettingsError(InvalidInputError):
    """The stack's settings cannot be used as they are."""


class PolicyDocumentError(EksIrsaError):
    """IAM would refuse a permission policy."""


class ClusterError(EksIrsaError):
    """The EKS cluster does not exist, or is not the one the user means."""


class PreviewError(EksIrsaError):
    """A file is not what Pulumi's engine prints of a preview."""
