"""The programs: what they are built from, and which others are good enough."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple, Self

__all__ = [
    "ACTIONLINT",
    "GO_MINIMUM",
    "KUBERNETES_PAIR",
    "LANGUAGE_PROGRAMS",
    "OLDEST_ENGINE",
    "PROGRAMS",
    "Program",
    "Version",
]


class Version(NamedTuple):
    """A version without what may follow its three numbers; compares as numbers do."""

    major: int
    minor: int
    patch: int = 0

    @classmethod
    def first_in(cls, text: str) -> Self | None:
        """Find the first version in *text*, None when there is none."""
        match = re.search(r"(?<![\d.])(\d+)\.(\d+)(?:\.(\d+))?", text)
        return match and cls(*(int(number or 0) for number in match.groups()))

    def __str__(self) -> str:
        """Give `major.minor.patch`."""
        return f"{self.major}.{self.minor}.{self.patch}"


GO_MINIMUM: Final = Version(1, 21)
"""The first Go that fetches the newer Go which a go.mod asks for.

Source: https://go.dev/doc/toolchain
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One program.

    Attributes:
        name: Name of the executable.
        folder: Where its go.mod and go.sum are.
        package: Import path of its Go package.
        module: The module of that package; the version go.mod gives it is the
            program's.
        link_names: Go variables that get the version, each with what stands before it.
        version_arguments: What makes the program print its version; empty for one
            that cannot, which is then never taken from PATH.
        minimum: The oldest version from PATH that is used; the reason stands beside it.
            Another major version is never used.
        homepage: Where its makers offer it.
        build_minutes: How long the first build takes on two cores, about.
    """

    name: str
    folder: Path
    package: str
    module: str
    link_names: tuple[tuple[str, str], ...]
    version_arguments: tuple[str, ...]
    minimum: Version
    homepage: str
    build_minutes: int

    @property
    def pinned(self) -> str:
        """The version that is built, `major.minor.patch`.

        Raises:
            ValueError: go.mod does not require the module.
        """
        requirement = re.search(
            rf"^\s*(?:require )?{re.escape(self.module)} v(\S+)",
            (self.folder / "go.mod").read_text(),
            flags=re.MULTILINE,
        )
        if requirement is None:
            message = f"{self.folder / 'go.mod'} does not require {self.module}"
            raise ValueError(message)
        return requirement.group(1)

    @property
    def linker_flags(self) -> str:
        """The value of `-ldflags`: no symbol table, and the version.

        Without the version, pulumi takes itself for a development build and the API
        server tells its clients v0.0.0.

        Source: https://github.com/kubernetes/kubernetes/blob/v1.34.0/hack/lib/version.sh,
            https://github.com/pulumi/pulumi/blob/v3.230.0/sdk/go/common/version/version.go
        """
        names = (f"-X {name}={lead}{self.pinned}" for name, lead in self.link_names)
        return " ".join(("-s", "-w", *names))

    def accepts(self, version: Version) -> bool:
        """Say whether a program of *version* from PATH is good enough."""
        return version >= self.minimum and version.major == self.minimum.major


_HERE: Final = Path(__file__).parent

_KUBERNETES_MINIMUM: Final = Version(1, 28)
"""The controllers have the names we call them by since 1.28.

Source: https://github.com/kubernetes/kubernetes/pull/115813
"""

_KUBERNETES_LINK_NAMES: Final = (
    ("k8s.io/client-go/pkg/version.gitVersion", "v"),
    ("k8s.io/component-base/version.gitVersion", "v"),
)

PROGRAMS: Final = (
    Program(
        name="pulumi",
        folder=_HERE / "pulumi",
        package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        module="github.com/pulumi/pulumi/pkg/v3",
        link_names=(("github.com/pulumi/pulumi/sdk/v3/go/common/version.Version", ""),),
        version_arguments=("version",),
        # That of OLDEST_ENGINE; Pulumi.yaml says the same.
        minimum=Version(3, 230),
        homepage="https://www.pulumi.com/docs/install/",
        build_minutes=4,
    ),
    Program(
        name="etcd",
        folder=_HERE / "etcd",
        package="go.etcd.io/etcd/server/v3",
        module="go.etcd.io/etcd/server/v3",
        link_names=(),
        version_arguments=("--version",),
        # --socket-reuse-port, and data that is written though not synced:
        # https://github.com/etcd-io/etcd/pull/12702 and /12751.
        minimum=Version(3, 5),
        homepage="https://github.com/etcd-io/etcd/releases",
        build_minutes=1,
    ),
    Program(
        name="kube-apiserver",
        folder=_HERE / "kubernetes",
        package="k8s.io/kubernetes/cmd/kube-apiserver",
        module="k8s.io/kubernetes",
        link_names=_KUBERNETES_LINK_NAMES,
        version_arguments=("--version",),
        minimum=_KUBERNETES_MINIMUM,
        homepage="https://kubernetes.io/releases/download/",
        build_minutes=5,
    ),
    Program(
        name="kube-controller-manager",
        folder=_HERE / "kubernetes",
        package="k8s.io/kubernetes/cmd/kube-controller-manager",
        module="k8s.io/kubernetes",
        link_names=_KUBERNETES_LINK_NAMES,
        version_arguments=("--version",),
        minimum=_KUBERNETES_MINIMUM,
        homepage="https://kubernetes.io/releases/download/",
        build_minutes=2,
    ),
)
"""In the order in which they are built."""

OLDEST_ENGINE: Final = replace(PROGRAMS[0], folder=_HERE / "pulumi_oldest")
"""The oldest engine that is promised; it is built for the test that holds that."""

LANGUAGE_PROGRAMS: Final = (
    Program(
        name="pulumi-language-yaml",
        folder=_HERE / "pulumi_yaml",
        package="github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
        module="github.com/pulumi/pulumi-yaml",
        link_names=(("github.com/pulumi/pulumi-yaml/pkg/version.Version", "v"),),
        version_arguments=(),
        minimum=Version(1, 25),
        homepage="https://www.pulumi.com/docs/install/",
        build_minutes=1,
    ),
    Program(
        name="sdk_generator",
        folder=_HERE / "sdk_generator",
        package="sandbox/binaries/sdk_generator",
        module="github.com/pulumi/pulumi/pkg/v3",
        link_names=(),
        version_arguments=(),
        minimum=Version(3, 230),
        homepage="https://www.pulumi.com/docs/install/",
        build_minutes=1,
    ),
)
"""What programs in other languages need; the sandbox itself runs without.

The language hosts of Python, Node.js and Go are modules that the module proxy does not
have, so that their generators are called by a program of our own.
"""

ACTIONLINT: Final = Program(
    name="actionlint",
    folder=_HERE / "actionlint",
    package="github.com/rhysd/actionlint/cmd/actionlint",
    module="github.com/rhysd/actionlint",
    link_names=(),
    version_arguments=(),
    minimum=Version(1, 7),
    homepage="https://github.com/rhysd/actionlint/releases",
    build_minutes=1,
)
"""What checks the workflows for GitHub; only their test needs it."""

KUBERNETES_PAIR: Final = ("kube-apiserver", "kube-controller-manager")
"""From PATH only together and of one minor version: the controllers must not be newer.

Source: https://kubernetes.io/releases/version-skew-policy/
"""
