"""Where the sandbox's programs come from. No Go runs here: the `go` is a shell script.

Not decided here: whether the pinned modules build (`python -m sandbox.binaries` does).
"""

import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final

import pytest

from sandbox.binaries import (
    Binaries,
    BuildError,
    MissingProgramsError,
    cache_directory,
    find_or_build,
    find_or_build_language_tools,
    find_or_build_program,
    find_pod_identity_webhook,
)
from sandbox.binaries.cache import cached_path, finished_in_one_step, locked
from sandbox.binaries.pod_identity_webhook import WEBHOOK_NAMES
from sandbox.binaries.programs import (
    LANGUAGE_PROGRAMS,
    OLDEST_ENGINE,
    PROGRAMS,
    Program,
    Version,
)

ROOT: Final = Path(__file__).parents[2]
ANSWERS: Final = {
    "pulumi": "v3.250.1",
    "etcd": "etcd Version: 3.5.21",
    "kube-apiserver": "Kubernetes v1.33.2",
    "kube-controller-manager": "Kubernetes v1.33.4",
}
"""What acceptable programs on PATH answer, in the words of the real ones."""

FAKE_GO: Final = """#!/bin/sh
echo "$@" >> "{log}"
for last; do :; done
case "$1" in
version) echo "go version go1.22.3 linux/amd64" ;;
list) echo "go: downloading example.org/module v1.0.0" >&2
      echo "to compile: $last" ;;
build) while [ "$1" != -o ]; do shift; done
       case "$last" in
       {cases}
       esac
       printf '#!/bin/sh\\necho v%s\\n' "$version" > "$2"
       chmod +x "$2" ;;
esac
"""


class Machine:
    """A PATH and a cache of the test's own."""

    def __init__(self, root: Path) -> None:
        """Make both, empty."""
        self.path = root / "bin"
        self.path.mkdir()
        self.cache = root / "cache"
        self.go_log = root / "go.log"
        self.reports: list[str] = []

    def install(self, name: str, script: str) -> Path:
        """Put a shell script on PATH."""
        program = self.path / name
        program.write_text(script)
        program.chmod(0o755)
        return program

    def install_programs(self, answers: dict[str, str]) -> dict[str, Path]:
        """Put programs on PATH that answer with their version."""
        return {
            name: self.install(name, f"#!/bin/sh\necho '{answer}'\n")
            for name, answer in answers.items()
        }

    def install_go(self, *first: Program) -> None:
        """Put a Go on PATH whose builds answer with the pinned version."""
        cases = "\n".join(
            f"{p.package}) version={p.pinned} ;;"
            for p in (*first, *PROGRAMS, *LANGUAGE_PROGRAMS)
        )
        self.install("go", FAKE_GO.format(log=self.go_log, cases=cases))

    def find_or_build(self, *, use_path: bool = True) -> Binaries:
        """Do what is tested."""
        return find_or_build(
            report=self.reports.append, cache=self.cache, use_path=use_path
        )

    def built(self, names: Sequence[str] = tuple(ANSWERS)) -> dict[str, Path]:
        """Where the cache keeps the programs."""
        return {
            program.name: cached_path(program=program, cache=self.cache)
            for program in PROGRAMS
            if program.name in names
        }

    def go_verbs(self) -> list[str]:
        """Give the first words of all that Go was told."""
        return [line.split()[0] for line in self.go_log.read_text().splitlines()]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with nothing but a shell on PATH."""
    machine = Machine(tmp_path)
    for tool in ("chmod",):
        (machine.path / tool).symlink_to(f"/bin/{tool}")
    monkeypatch.setenv("PATH", str(machine.path))
    monkeypatch.delenv("EKS_IRSA_IGNORE_PATH", raising=False)
    return machine


def test_programs_on_path_are_used_when_they_are_new_enough(machine: Machine) -> None:
    """What the user has installed is neither built nor copied."""
    installed = machine.install_programs(ANSWERS)

    binaries = machine.find_or_build()

    assert binaries == Binaries.of(installed)
    assert machine.reports == []
    assert not machine.cache.exists()


def test_missing_programs_are_built_once(machine: Machine) -> None:
    """The second run finds what the first one built."""
    machine.install_go()

    first = machine.find_or_build()
    second = machine.find_or_build()

    assert first == second == Binaries.of(machine.built())
    assert machine.go_verbs() == ["version", *["list", "build"] * 4]


def test_building_says_what_and_how_long(machine: Machine) -> None:
    """Before and after each build a line names program, version, minutes and place."""
    machine.install_programs({k: v for k, v in ANSWERS.items() if k != "etcd"})
    machine.install_go()

    machine.find_or_build()

    assert machine.reports == [
        "building etcd 3.6.4 (about 1 minute on two cores, once) ...",
        f"built etcd 3.6.4: {machine.built()['etcd']}",
    ]


def test_programs_on_path_are_left_alone_when_asked(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EKS_IRSA_IGNORE_PATH and use_path=False both lead past PATH to the cache."""
    machine.install_programs(ANSWERS)
    machine.install_go()

    by_argument = machine.find_or_build(use_path=False)
    monkeypatch.setenv("EKS_IRSA_IGNORE_PATH", "1")
    by_variable = find_or_build(report=machine.reports.append, cache=machine.cache)

    assert by_argument == by_variable == Binaries.of(machine.built())


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        pytest.param("pulumi", "v3.229.0", id="pulumi too old"),
        pytest.param("pulumi", "v4.0.0", id="pulumi of another major"),
        pytest.param("pulumi", "hello", id="pulumi without a version"),
        pytest.param("etcd", "etcd Version: 3.4.37", id="etcd too old"),
    ],
)
def test_a_program_on_path_that_does_not_fit_is_built(
    machine: Machine, name: str, answer: str
) -> None:
    """One unfit program is replaced, the others are still taken from PATH."""
    installed = machine.install_programs({**ANSWERS, name: answer})
    machine.install_go()

    binaries = machine.find_or_build()

    assert binaries == Binaries.of({**installed, **machine.built([name])})


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("Kubernetes v1.32.9", id="another minor version"),
        pytest.param("Kubernetes v1.27.16", id="too old"),
        pytest.param("Kubernetes v0.0.0-master+$Format:%H$", id="hand-built"),
    ],
)
def test_kubernetes_programs_are_taken_from_path_together_or_not_at_all(
    machine: Machine, answer: str
) -> None:
    """An API server and controllers of different minor versions do not meet."""
    pair = ["kube-apiserver", "kube-controller-manager"]
    installed = machine.install_programs({**ANSWERS, "kube-apiserver": answer})
    machine.install_go()

    binaries = machine.find_or_build()

    assert binaries == Binaries.of({**installed, **machine.built(pair)})


def test_without_go_each_missing_program_is_named_with_the_ways_out(
    machine: Machine,
) -> None:
    """The message says what is missing, why, and everything that can be done."""
    machine.install_programs(
        {"etcd": "etcd Version: 3.4.37", "kube-apiserver": "Kubernetes v1.33.2"}
    )

    with pytest.raises(MissingProgramsError) as raised:
        machine.find_or_build()

    path = machine.path
    assert str(raised.value) == (
        "The sandbox needs these programs:\n"
        "  pulumi 3.230.0 or newer: not on PATH\n"
        f"  etcd 3.5.0 or newer: {path}/etcd is 3.4.37\n"
        f"  kube-apiserver 1.28.0 or newer: {path}/kube-apiserver is 1.33.2, and "
        "kube-controller-manager of the same minor version is not on PATH\n"
        "  kube-controller-manager 1.28.0 or newer: not on PATH\n"
        f"They are not in the cache either ({machine.cache}), and they cannot be "
        "built: Go is not on PATH.\n"
        "Do one of these and run the same command again:\n"
        "- install Go 1.21.0 or newer, from your distribution or from "
        "https://go.dev/dl/; the programs are then built once, in about 12 minutes on "
        "two cores;\n"
        "- or install the programs and put them on PATH:\n"
        "  pulumi: https://www.pulumi.com/docs/install/\n"
        "  etcd: https://github.com/etcd-io/etcd/releases\n"
        "  kube-apiserver: https://kubernetes.io/releases/download/\n"
        "  kube-controller-manager: https://kubernetes.io/releases/download/"
    )


def test_a_go_that_cannot_fetch_a_newer_one_is_none(machine: Machine) -> None:
    """Before 1.21 Go stops at a go.mod that asks for more; it is named with its age."""
    go = machine.install("go", "#!/bin/sh\necho go version go1.19.8 linux/amd64\n")

    with pytest.raises(MissingProgramsError) as raised:
        machine.find_or_build()

    assert f"they cannot be built: {go} is Go 1.19.8, older than 1.21.0.\n" in str(
        raised.value
    )


def test_go_is_told_to_keep_to_the_pins_and_to_set_the_version(
    machine: Machine,
) -> None:
    """The flags stand on the command line, where GOFLAGS cannot change them."""
    machine.install_programs({k: v for k, v in ANSWERS.items() if k != "pulumi"})
    machine.install_go()

    machine.find_or_build()

    pinned = "-mod=readonly -trimpath -buildvcs=false"
    package = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
    version = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=3.274.1"
    template = "{{if .Stale}}to compile: {{.ImportPath}}{{end}}"
    target = f"{machine.built()['pulumi']}.partial"
    assert machine.go_log.read_text().splitlines() == [
        "version",
        f"list {pinned} -deps -f {template} {package}",
        f"build {pinned} -v -ldflags=-s -w -X {version} -o {target} {package}",
    ]


def test_a_failed_build_shows_the_end_of_what_go_said(machine: Machine) -> None:
    """The error names program, command, status and Go's own words, and what to do."""
    machine.install(
        "go",
        "#!/bin/sh\n"
        'if [ "$1" = version ]; then echo "go version go1.22.3 linux/amd64"; exit; fi\n'
        'echo "go: example.org/module: dial tcp: no such host" >&2\nexit 1\n',
    )

    with pytest.raises(BuildError) as raised:
        machine.find_or_build()

    assert str(raised.value) == (
        "pulumi 3.274.1 could not be built: go list ended with status 1. Its last "
        "lines:\n"
        "  go: example.org/module: dial tcp: no such host\n"
        "Go needs its module proxy (GOPROXY, HTTPS_PROXY), about 7 GB of disk for its "
        "caches (GOMODCACHE, GOCACHE) and, for a newer Go than the installed one, "
        "GOTOOLCHAIN=auto. The same command goes on where this one stopped."
    )


def test_a_program_that_does_not_answer_is_not_kept(machine: Machine) -> None:
    """What was built is asked for its version before it gets its name."""
    machine.install(
        "go",
        "#!/bin/sh\n"
        'if [ "$1" = version ]; then echo "go version go1.22.3 linux/amd64"; exit; fi\n'
        'if [ "$1" != build ]; then exit; fi\n'
        'while [ "$1" != -o ]; do shift; done; : > "$2"\n',
    )

    with pytest.raises(BuildError, match="was built does not run here"):
        machine.find_or_build()

    assert sorted(path.name for path in machine.cache.rglob("*")) == [
        machine.built()["pulumi"].parent.name,
        "pulumi.lock",
    ]


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    """An interrupted writer leaves neither the file nor a part of it."""
    target = tmp_path / "program"
    (tmp_path / "program.partial").write_text("left by a killed predecessor")

    with suppress(KeyboardInterrupt), finished_in_one_step(target) as partial:
        partial.write_text("half")
        raise KeyboardInterrupt

    assert list(tmp_path.iterdir()) == []


def test_of_two_builds_at_once_the_second_waits_and_finds(machine: Machine) -> None:
    """Two clones that start together build each program once."""
    machine.install_programs({k: v for k, v in ANSWERS.items() if k != "etcd"})
    machine.install_go()
    target = machine.built()["etcd"]
    waiting = threading.Event()
    results: list[Binaries] = []

    def report(line: str) -> None:
        machine.reports.append(line)
        waiting.set()

    second = threading.Thread(
        target=lambda: results.append(
            find_or_build(report=report, cache=machine.cache, use_path=True)
        )
    )
    with locked(target, what="", report=report):
        second.start()
        waited = waiting.wait(timeout=30)
        target.touch()
    second.join()

    assert waited
    assert machine.reports == [
        "another process is building etcd 3.6.4; waiting (0 s)",
    ]
    assert [binaries.etcd for binaries in results] == [target]
    assert machine.go_verbs() == ["version"]


def test_the_place_in_the_cache_changes_with_every_pin(tmp_path: Path) -> None:
    """Version, go.mod and go.sum decide where a program is, and so what is built."""

    def place(go_mod: str, go_sum: str) -> Path:
        (tmp_path / "go.mod").write_text(go_mod)
        (tmp_path / "go.sum").write_text(go_sum)
        return cached_path(program=program, cache=Path("/cache"))

    program = Program(
        name="tool",
        folder=tmp_path,
        package="example.org/tool/cmd",
        module="example.org/tool",
        link_names=(),
        version_arguments=(),
        minimum=Version(1, 0),
        homepage="",
        build_minutes=1,
    )

    places = [
        place("require example.org/tool v1.2.3 // indirect\n", "a"),
        place("require example.org/tool v1.2.3 // indirect\n", "b"),
        place("require (\n\texample.org/tool v1.2.3\n)\n", "a"),
        place("require example.org/tool v1.2.4\n", "a"),
    ]

    assert len(set(places)) == 4
    assert [path.parent.name.rpartition("-")[0] for path in places] == [
        *["tool-1.2.3"] * 3,
        "tool-1.2.4",
    ]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        pytest.param(
            {"EKS_IRSA_CACHE": "/own", "XDG_CACHE_HOME": "/xdg"}, "/own", id="own"
        ),
        pytest.param({"XDG_CACHE_HOME": "/xdg"}, "/xdg/eks-irsa", id="XDG"),
        pytest.param(
            {"XDG_CACHE_HOME": "xdg"}, "/home/me/.cache/eks-irsa", id="relative XDG"
        ),
        pytest.param({}, "/home/me/.cache/eks-irsa", id="home"),
    ],
)
def test_cache_directory_follows_the_environment(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str
) -> None:
    """Our own variable goes before the desktop's standard, that before the home."""
    monkeypatch.setenv("HOME", "/home/me")

    assert cache_directory(environment) == Path(expected)


def test_every_program_is_pinned() -> None:
    """These are the versions that are built; facts and documents name them."""
    pins = {program.name: program.pinned for program in PROGRAMS}

    assert pins == {
        "pulumi": "3.274.1",
        "etcd": "3.6.4",
        "kube-apiserver": "1.34.0",
        "kube-controller-manager": "1.34.0",
    }


def test_every_program_has_a_place_among_the_binaries() -> None:
    """The mapping's names and the fields are the same four."""
    paths = {program.name: Path(program.name) for program in PROGRAMS}

    fields = asdict(Binaries.of(paths))

    assert {name.replace("_", "-"): path for name, path in fields.items()} == paths


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("v3.230.0\n", Version(3, 230, 0), id="pulumi"),
        pytest.param("3.231.0-alpha.1+dirty", Version(3, 231, 0), id="prerelease"),
        pytest.param(
            "etcd Version: 3.6.4\nGit SHA: 5400\nGo Version: go1.23.11\n",
            Version(3, 6, 4),
            id="etcd",
        ),
        pytest.param("Kubernetes v1.34.0\n", Version(1, 34, 0), id="kubernetes"),
        pytest.param("1.21", Version(1, 21, 0), id="two numbers"),
        pytest.param("unknown", None, id="none"),
    ],
)
def test_version_is_the_first_in_the_answer(
    text: str, expected: Version | None
) -> None:
    """Each program words its version in its own way."""
    assert Version.first_in(text) == expected


def test_what_other_languages_need_is_built_on_request_and_never_from_path(
    machine: Machine,
) -> None:
    """A language host cannot say its version, and the generator is our own."""
    machine.install("pulumi-language-yaml", "#!/bin/sh\n")
    machine.install_go()

    tools = find_or_build_language_tools(
        report=machine.reports.append, cache=machine.cache
    )

    assert [tools.yaml_host, tools.sdk_generator] == [
        cached_path(program=program, cache=machine.cache)
        for program in LANGUAGE_PROGRAMS
    ]
    assert machine.go_verbs() == ["version", *["list", "build"] * 2]


def test_the_oldest_engine_is_the_oldest_that_is_taken_from_path() -> None:
    """What is promised and what is tested are one version, in Pulumi.yaml too."""
    promised = f'requiredPulumiVersion: ">={OLDEST_ENGINE.minimum}"'

    assert Version.first_in(OLDEST_ENGINE.pinned) == OLDEST_ENGINE.minimum
    for name in ("Pulumi.yaml", "components/PulumiPlugin.yaml"):
        assert promised in (ROOT / name).read_text(encoding="utf-8")


def test_the_oldest_engine_is_built_beside_the_current_one(machine: Machine) -> None:
    """It has a place of its own, and one that is on PATH is not taken for it."""
    machine.install_programs(ANSWERS)
    machine.install_go(OLDEST_ENGINE)

    engine = find_or_build_program(
        OLDEST_ENGINE, report=machine.reports.append, cache=machine.cache
    )

    assert engine == cached_path(program=OLDEST_ENGINE, cache=machine.cache)
    assert engine != machine.built()["pulumi"]


@pytest.mark.parametrize("name", WEBHOOK_NAMES)
def test_the_webhook_is_found_on_path_by_either_name(
    machine: Machine, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is never built, so that there is none where PATH is left aside."""
    absent = find_pod_identity_webhook()
    installed = machine.install(name, "#!/bin/sh\n")

    found = find_pod_identity_webhook()

    assert absent is None
    assert found == installed
    monkeypatch.setenv("EKS_IRSA_IGNORE_PATH", "1")
    assert find_pod_identity_webhook() is None
