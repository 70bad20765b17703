"""What a provider plugin is asked, in Python's own types.

`servicer` translates the messages of the protocol into these calls and back.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from pulumi.runtime.proto import provider_pb2

from sandbox.plugins.values import Properties

__all__ = [
    "Answer",
    "Autonaming",
    "Change",
    "Checked",
    "Difference",
    "Failure",
    "Naming",
    "Plugin",
    "State",
    "Subject",
    "is_ignored",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One thing that is wrong with inputs.

    Attributes:
        reason: What the user reads.
        path: The property, or empty where the real plugin leaves it empty.
    """

    reason: str
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Inputs with defaults filled in, or what is wrong with them."""

    inputs: Properties
    failures: tuple[Failure, ...] = ()


class Change(Enum):
    """What happens to one property."""

    ADD = provider_pb2.PropertyDiff.ADD
    ADD_REPLACE = provider_pb2.PropertyDiff.ADD_REPLACE
    DELETE = provider_pb2.PropertyDiff.DELETE
    DELETE_REPLACE = provider_pb2.PropertyDiff.DELETE_REPLACE
    UPDATE = provider_pb2.PropertyDiff.UPDATE
    UPDATE_REPLACE = provider_pb2.PropertyDiff.UPDATE_REPLACE

    @property
    def replacing(self) -> "Change":
        """The same change where it makes a new resource necessary."""
        return _REPLACING.get(self, self)


_REPLACING = {
    Change.ADD: Change.ADD_REPLACE,
    Change.DELETE: Change.DELETE_REPLACE,
    Change.UPDATE: Change.UPDATE_REPLACE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What an update would change.

    Attributes:
        changes: Property path, `tags.Team` or `metadata.annotations["a.b/c"]`, -> what
            happens there. Empty means that nothing changes.
        input_changes: Paths out of *changes* whose old side is an input, no output.
        replaces: Properties that make a new resource necessary.
        properties: Changed properties, where there is no path to show.
        stables: Properties that never change without a replacement.
        delete_before_replace: Whether the old one must go first.
    """

    changes: Mapping[str, Change] = field(default_factory=dict[str, Change])
    input_changes: frozenset[str] = frozenset()
    replaces: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    stables: tuple[str, ...] = ()
    delete_before_replace: bool = False


class Naming(Enum):
    """What the engine wants of a name the program did not give."""

    PROPOSE = provider_pb2.CheckRequest.AutonamingOptions.PROPOSE
    ENFORCE = provider_pb2.CheckRequest.AutonamingOptions.ENFORCE
    DISABLE = provider_pb2.CheckRequest.AutonamingOptions.DISABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Autonaming:
    """How to name what the program did not name.

    Attributes:
        seed: The same in the preview and in the run that follows a saved plan; may be
            empty.
        naming: None where the engine leaves it to the plugin.
        proposed: The name the engine proposes or enforces.
    """

    seed: bytes = b""
    naming: Naming | None = None
    proposed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The resource a request is about.

    Attributes:
        urn: `urn:pulumi:<stack>::<project>::<parent types>$<type>::<name>`.
        resource_id: Its id, or empty before there is one.
    """

    urn: str
    resource_id: str = ""

    @property
    def type_token(self) -> str:
        """The type, for example `aws:iam/role:Role`."""
        return self.urn.split("::", maxsplit=3)[2].rpartition("$")[2]

    @property
    def name(self) -> str:
        """The logical name, which may hold anything, `::` included."""
        return self.urn.split("::", maxsplit=3)[3]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A resource as the plugin found or made it.

    Attributes:
        resource_id: Its id; empty in a preview of a creation.
        outputs: Its state.
        inputs: What inputs would make it so; empty where nobody asked.
    """

    resource_id: str
    outputs: Properties
    inputs: Properties = field(default_factory=Properties)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a function gave, or what is wrong with its arguments."""

    result: Properties
    failures: tuple[Failure, ...] = ()


def is_ignored(path: str, ignored: Sequence[str]) -> bool:
    """Tell whether the program wants a property path left alone, or what it is in."""
    return any(
        one in ("*", path) or path.startswith((f"{one}.", f"{one}[")) for one in ignored
    )


class Plugin(ABC):
    """A provider plugin; every method may raise `Refusal`."""

    name: str
    version: str
    accepts_secrets: bool

    @abstractmethod
    def check_config(self, *, urn: str, news: Properties) -> Checked:
        """Check the provider's own configuration."""

    @abstractmethod
    def diff_config(self, *, olds: Properties, news: Properties) -> Difference:
        """Tell whether a changed configuration means another provider."""

    @abstractmethod
    def configure(self, *, variables: Mapping[str, str]) -> None:
        """Take the configuration: `<plugin>:config:<name>` -> text or JSON."""

    @abstractmethod
    def invoke(self, *, token: str, arguments: Properties) -> Answer:
        """Run a function."""

    @abstractmethod
    def check(
        self,
        subject: Subject,
        *,
        olds: Properties,
        news: Properties,
        autonaming: Autonaming,
    ) -> Checked:
        """Check a resource's inputs and fill in what they leave open."""

    @abstractmethod
    def diff(
        self,
        subject: Subject,
        *,
        olds: Properties,
        news: Properties,
        ignored: Sequence[str],
    ) -> Difference:
        """Compare the recorded state *olds* with new inputs."""

    @abstractmethod
    def create(
        self, subject: Subject, *, inputs: Properties, preview: bool, timeout: float
    ) -> State:
        """Make a resource, or tell what would be made."""

    @abstractmethod
    def read(
        self, subject: Subject, *, inputs: Properties, state: Properties
    ) -> State | None:
        """Find a resource; None if it is gone. Empty *state* means an import."""

    @abstractmethod
    def update(
        self,
        subject: Subject,
        *,
        olds: Properties,
        news: Properties,
        ignored: Sequence[str],
        preview: bool,
    ) -> Properties:
        """Change a resource in place, or tell what it would be."""

    @abstractmethod
    def delete(self, subject: Subject, *, state: Properties, timeout: float) -> None:
        """Remove a resource."""

    @abstractmethod
    def cancel(self) -> None:
        """Give up whatever is being waited for."""
