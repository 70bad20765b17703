"""PATH, then the cache, then Go: where each program comes from."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from sandbox.binaries.cache import (
    cache_directory,
    cached_path,
    finished_in_one_step,
    locked,
    scratch_directory,
)
from sandbox.binaries.errors import BuildError, MissingProgramsError
from sandbox.binaries.go_tool import Go, find_go
from sandbox.binaries.programs import (
    KUBERNETES_PAIR,
    LANGUAGE_PROGRAMS,
    PROGRAMS,
    Program,
    Version,
)

__all__ = [
    "Binaries",
    "LanguageTools",
    "cache_directory",
    "find_or_build",
    "find_or_build_language_tools",
    "find_or_build_program",
]

ANSWER_TIMEOUT_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """Paths of the four executables."""

    pulumi: Path
    etcd: Path
    kube_apiserver: Path
    kube_controller_manager: Path

    @classmethod
    def of(cls, paths: Mapping[str, Path]) -> Self:
        """Take the paths from a mapping, executable's name -> path."""
        return cls(
            pulumi=paths["pulumi"],
            etcd=paths["etcd"],
            kube_apiserver=paths["kube-apiserver"],
            kube_controller_manager=paths["kube-controller-manager"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageTools:
    """Paths of what programs in other languages need."""

    yaml_host: Path
    sdk_generator: Path


def find_or_build(
    *,
    report: Callable[[str], None],
    cache: Path | None = None,
    use_path: bool | None = None,
) -> Binaries:
    """Give the four programs, building those that are nowhere to be found.

    Args:
        report: Gets lines of progress when something takes longer than a moment.
        cache: Where built programs are kept. Default: `cache_directory()`.
        use_path: Whether programs on PATH are used. Default: yes, unless
            `EKS_IRSA_IGNORE_PATH` is set and not empty.

    Returns:
        Their paths; each is an executable file.

    Raises:
        MissingProgramsError: Some are missing, and so is Go.
        BuildError: Go could not build one.
    """
    if use_path is None:
        use_path = not os.environ.get("EKS_IRSA_IGNORE_PATH")
    found, reasons = _on_path() if use_path else ({}, {})
    wanted = [program for program in PROGRAMS if program.name not in found]
    built = _cached_or_built(wanted, reasons, report, cache)
    return Binaries.of({**built, **found})


def find_or_build_language_tools(
    *, report: Callable[[str], None], cache: Path | None = None
) -> LanguageTools:
    """Give what programs in other languages need, built if it is not in the cache.

    Args:
        report: Gets lines of progress when something takes longer than a moment.
        cache: Where built programs are kept. Default: `cache_directory()`.

    Returns:
        Their paths; each is an executable file.

    Raises:
        MissingProgramsError: Some are missing, and so is Go.
        BuildError: Go could not build one.
    """
    paths = _cached_or_built(LANGUAGE_PROGRAMS, {}, report, cache)
    return LanguageTools(
        yaml_host=paths["pulumi-language-yaml"], sdk_generator=paths["sdk_generator"]
    )


def find_or_build_program(
    program: Program, *, report: Callable[[str], None], cache: Path | None = None
) -> Path:
    """Give a program that a few tests need, built if it is not in the cache.

    Args:
        program: It is not looked for on PATH.
        report: Gets lines of progress when something takes longer than a moment.
        cache: Where built programs are kept. Default: `cache_directory()`.

    Returns:
        Its path; an executable file.

    Raises:
        MissingProgramsError: It is missing, and so is Go.
        BuildError: Go could not build it.
    """
    return _cached_or_built([program], {}, report, cache)[program.name]


def _cached_or_built(
    programs: Sequence[Program],
    reasons: Mapping[str, str],
    report: Callable[[str], None],
    cache: Path | None,
) -> dict[str, Path]:
    cache = cache or cache_directory()
    built = {
        program.name: cached_path(program=program, cache=cache) for program in programs
    }
    missing = [
        (program, reasons.get(program.name, "programs on PATH are not looked for"))
        for program in programs
        if not built[program.name].is_file()
    ]
    if missing:
        go = find_go(os.environ)
        if isinstance(go, str):
            raise MissingProgramsError(missing=missing, cache=cache, go=go)
        for program, _ in missing:
            _build(program, built[program.name], go, report)
    return built


def _on_path() -> tuple[dict[str, Path], dict[str, str]]:
    """Look for every program on PATH.

    Returns:
        Path by name for those that will be used, reason by name for the others.
    """
    found: dict[str, Path] = {}
    reasons: dict[str, str] = {}
    versions: dict[str, Version] = {}
    for program in PROGRAMS:
        place = shutil.which(program.name, path=os.environ.get("PATH", ""))
        if place is None:
            reasons[program.name] = "not on PATH"
            continue
        version = _version_of(program, Path(place))
        if version is None:
            arguments = " ".join(program.version_arguments)
            reasons[program.name] = f"{place} does not answer `{arguments}`"
        elif not program.accepts(version):
            reasons[program.name] = f"{place} is {version}"
        else:
            found[program.name] = Path(place)
            versions[program.name] = version
    _part_unequal_pair(found, reasons, versions)
    return found, reasons


def _part_unequal_pair(
    found: dict[str, Path], reasons: dict[str, str], versions: Mapping[str, Version]
) -> None:
    """Leave the Kubernetes programs of PATH alone unless they belong together."""
    minors = {versions[name][:2] if name in found else None for name in KUBERNETES_PAIR}
    if len(minors) == 1:
        return
    for name, other in (KUBERNETES_PAIR, KUBERNETES_PAIR[::-1]):
        if name in found:
            reasons[name] = (
                f"{found.pop(name)} is {versions[name]}, and {other} of the same "
                "minor version is not on PATH"
            )


def _version_of(program: Program, place: Path) -> Version | None:
    """Ask a program for its version; None when it gives none."""
    try:
        answer = subprocess.run(  # noqa: S603 (the program that is to be used)
            [place, *program.version_arguments],
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=ANSWER_TIMEOUT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return Version.first_in(answer.stdout) if answer.returncode == 0 else None


def _build(
    program: Program, target: Path, go: Go, report: Callable[[str], None]
) -> None:
    """Build one program into the cache, unless another process just did."""
    title = f"{program.name} {program.pinned}"
    with locked(target, what=f"building {title}", report=report):
        if target.is_file():
            return
        minutes = f"{program.build_minutes} minute{'s'[: program.build_minutes - 1]}"
        report(f"building {title} (about {minutes} on two cores, once) ...")
        with (
            scratch_directory(target) as scratch,
            finished_in_one_step(target) as partial,
        ):
            go.with_scratch(scratch).build(
                program=program, target=partial, report=report
            )
            told = Version.first_in(program.pinned)
            if program.version_arguments and _version_of(program, partial) != told:
                raise BuildError(
                    program=title,
                    command=" ".join((str(partial), *program.version_arguments)),
                    status=0,
                    output=["the program that was built does not run here"],
                )
        report(f"built {title}: {target}")
