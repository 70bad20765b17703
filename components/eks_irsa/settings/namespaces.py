"""Which keys of a project's configuration are settings of the stack program.

A setting stands in the namespace of its project, which is that of a key without one, or
in `eks-irsa`; never in both.

Source: ParseKey of Pulumi 3.230, sdk/go/common/resource/config (key.go), and
parseConfigKey, sdk/go/common/workspace (config.go).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from eks_irsa.source.document import Pairs

__all__ = ["MARK", "OURS", "Namespaces", "namespaces_of", "twice_message"]

OURS: Final = "eks-irsa"
# The setting that every stack of the stack program has, and nothing else.
MARK: Final = "clusterConfig"


@dataclass(frozen=True, kw_only=True, slots=True)
class Namespaces:
    """The namespaces of a project that hold settings of ours.

    Attributes:
        project: Name of the project.
        whole: Its own namespace is ours, beside `eks-irsa`.
    """

    project: str = OURS
    whole: bool = True

    @property
    def first(self) -> str:
        """The namespace to write a setting in."""
        return self.project if self.whole else OURS

    def setting(self, name: str) -> tuple[str, str] | None:
        """Take a key of the configuration apart.

        Args:
            name: `<namespace>:<key>`, `<namespace>:config:<key>` or `<key>`.

        Returns:
            Namespace and key; None if it is no setting of ours.
        """
        namespace, colon, key = name.rpartition(":")
        namespace = namespace.removesuffix(":config") if colon else self.project
        return (namespace, key) if namespace in {self.first, OURS} else None


def namespaces_of(project: object, stack: Collection[str] = ()) -> Namespaces:
    """Tell which keys are ours in the files of a project.

    Its own namespace is, if it is called `eks-irsa` or `clusterConfig` is set in either
    namespace: then the stack program, which stops without it, reads both.

    Args:
        project: Content of its Pulumi.yaml; None if there is none, and a key without
            namespace is then a setting of ours.
        stack: Keys of a stack file. Default: none.
    """
    if project is None:
        return Namespaces()
    root = project if isinstance(project, Pairs) else Pairs()
    name, config = str(root.get("name", "")), root.get("config")
    defined = config if isinstance(config, Pairs) else Pairs()
    own = Namespaces(project=name)
    ours = filter(None, map(own.setting, (*defined, *stack)))
    marked = MARK in {key for _, key in ours}
    return Namespaces(project=name, whole=marked or name == OURS)


def twice_message(name: str, own: str) -> str:
    """Say that a setting stands in both namespaces.

    Args:
        name: How it is written in `eks-irsa`.
        own: Its name in the namespace of the project.
    """
    return (
        f"{name!r} is the setting {own!r} of this project, which the stack or "
        f"Pulumi.yaml has too; write {own!r} alone"
    )
