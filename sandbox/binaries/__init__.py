"""The programs the sandbox runs: found on PATH, found in the cache, or built once.

`pulumi`, `etcd`, `kube-apiserver` and `kube-controller-manager` are written in Go. Each
is built from its module at the version that the go.mod beside this file pins, with the
checksums of go.sum; nothing else is downloaded.
"""

from sandbox.binaries.errors import BinariesError, BuildError, MissingProgramsError
from sandbox.binaries.finding import (
    Binaries,
    LanguageTools,
    cache_directory,
    find_or_build,
    find_or_build_language_tools,
    find_or_build_program,
)
from sandbox.binaries.pod_identity_webhook import find_pod_identity_webhook

__all__ = [
    "Binaries",
    "BinariesError",
    "BuildError",
    "LanguageTools",
    "MissingProgramsError",
    "cache_directory",
    "find_or_build",
    "find_or_build_language_tools",
    "find_or_build_program",
    "find_pod_identity_webhook",
]
