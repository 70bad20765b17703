"""What is compared before a run, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from eks_irsa.cluster_config.reading import ClusterConfigFile
from eks_irsa.errors import Problem
from eks_irsa.plan.model import Plan
from eks_irsa.plan.transitions import Recorded
from eks_irsa.settings.reading import StackSettings

__all__ = ["Compared", "Comparison"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """What is compared.

    Attributes:
        decided: What the stack will make.
        file: The ClusterConfig it was made from.
        settings: The stack's settings.
        config: Pulumi's configuration, `<namespace>:<key>` -> text.
        kubeconfig: Kubeconfig of the cluster, content or path.
        stack: `<organization>/<project>/<stack>`.
    """

    decided: Plan
    file: ClusterConfigFile
    settings: StackSettings
    config: Mapping[str, str]
    kubeconfig: str
    stack: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """What came of it.

    Attributes:
        recorded: What the state holds, by `<namespace>/<name>`.
        problems: Errors, each of which would stop `up` half-way, and warnings.
    """

    recorded: dict[str, Recorded]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> list[Problem]:
        """The problems that are errors."""
        return [one for one in self.problems if one.severity == "error"]

    @property
    def warnings(self) -> list[Problem]:
        """The problems that are warnings."""
        return [one for one in self.problems if one.severity == "warning"]
