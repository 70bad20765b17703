"""One sandbox for all engine tests; each test has a cluster and a stack of its own.

Nothing is mocked but the doubles the sandbox itself is made of: engine, state, API
server, controllers, IAM's store and the tokens are real.
"""

import gc
import itertools
import os
import sys
import warnings
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from aws_replay import Replay
from contract import Contract
from hands import Hands
from pulumi.runtime import _grpc_settings
from recording import deviations, differences, recorded, unexpected
from workbench import Workbench

from sandbox.binaries import (
    Binaries,
    LanguageTools,
    MissingProgramsError,
    find_or_build,
    find_or_build_language_tools,
)
from sandbox.control_plane import ControlPlane
from sandbox.session import (
    Sandbox,
    cluster_beside,
    forget_user_settings,
    issuer_url_of,
    open_sandbox,
    user_pulumi_home,
)

REGION: Final = "us-west-2"
# The cluster whose issuer is the control plane's, so that its tokens are the cluster's.
ISSUING_CLUSTER: Final = "cluster-13"
NOT_IN_REGISTRIES: Final = ("language_host", "pod_identity_webhook")
"""Markers of tests that need a program which can only be installed by hand."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the Automation API leave an event loop open in each program it ran.

    It stops the loop of a program that failed and never closes it; pytest would blame
    whichever test runs when the garbage collector finds it (see `_collected`).
    """
    for item in items:
        if Path(__file__).parent in item.path.parents:
            ignored = "ignore::pytest.PytestUnraisableExceptionWarning"
            item.add_marker(pytest.mark.filterwarnings(ignored))


@pytest.fixture(autouse=True)
def _collected(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """Have what the Automation API left open found in the test that left it."""
    yield
    # What asyncio logged of a program whose engine was killed holds on to it.
    caplog.get_records("call").clear()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()


def pytest_sessionfinish() -> None:
    """Have what the last test left open found before pytest looks for it."""
    blame = sys.unraisablehook
    sys.unraisablehook = _overlook
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()
    sys.unraisablehook = blame


def _overlook(_: "sys.UnraisableHookArgs") -> None:
    pass


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where the engine is required, as in CI.

    A test that needs a language host or EKS's webhook may skip there too: no registry
    has those.
    """
    report = yield
    expected = hasattr(report, "wasxfail")  # pytest counts those as skipped too
    expected |= any(map(item.get_closest_marker, NOT_IN_REGISTRIES))
    if report.skipped and not expected and os.environ.get("EKS_IRSA_REQUIRE_ENGINE"):
        report.outcome = "failed"
    return report


@pytest.fixture(scope="session", autouse=True)
def _own_connections() -> None:
    """Keep a run from the connection that an earlier engine on the same port broke.

    gRPC shares connections in a process by address, and one that was refused is not
    tried again for up to two minutes: a run fails then that never reached its engine.

    Source:
        GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL in include/grpc/impl/channel_arg_names.h of
        gRPC
    """
    options = vars(_grpc_settings)["_GRPC_CHANNEL_OPTIONS"]
    options.append(("grpc.use_local_subchannel_pool", 1))


@pytest.fixture(scope="session", name="binaries")
def _binaries() -> Binaries:
    """Find the engine and the servers, or say by name what cannot be had."""
    try:
        return find_or_build(report=print)
    except MissingProgramsError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session", name="language_tools")
def _language_tools() -> LanguageTools:
    """Find what programs in other languages need, or say what cannot be had."""
    try:
        return find_or_build_language_tools(report=print)
    except MissingProgramsError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session", name="sandbox")
def _sandbox(
    binaries: Binaries,
    tmp_path_factory: pytest.TempPathFactory,
    pytestconfig: pytest.Config,
) -> Iterator[Sandbox]:
    """Run AWS and Kubernetes for as long as the engine tests take."""
    user_pulumi = user_pulumi_home()
    forget_user_settings()
    with open_sandbox(
        directory=tmp_path_factory.mktemp("sandbox"),
        binaries=binaries,
        issuer_url=issuer_url_of(cluster=ISSUING_CLUSTER, region=REGION),
        report=print,
        region=REGION,
        real_plugins=pytestconfig.getoption("real_plugins") or (),
        user_pulumi=user_pulumi,
    ) as sandbox:
        yield sandbox
        assert sandbox.aws.failures == ()


@pytest.fixture(scope="session", name="numbers")
def _numbers() -> Iterator[int]:
    return itertools.count(1)


@pytest.fixture(name="hands")
def _hands(sandbox: Sandbox) -> Hands:
    """Give what other people's hands can do to the cluster."""
    return Hands(sandbox)


@pytest.fixture(name="bench")
def _bench(
    sandbox: Sandbox, numbers: Iterator[int], tmp_path: Path
) -> Generator[Callable[..., Workbench]]:
    """Give workbenches: a cluster, a project and a stack each, destroyed at the end."""
    made: list[Workbench] = []

    def make(**arguments: Any) -> Workbench:  # noqa: ANN401 - as Workbench.make
        number = next(numbers)
        bench = Workbench.make(
            sandbox, folder=tmp_path / str(number), number=number, **arguments
        )
        made.append(bench)
        return bench

    yield make
    for bench in reversed(made):
        bench.stack.destroy()


@pytest.fixture(name="green")
def _green(
    sandbox: Sandbox, numbers: Iterator[int]
) -> Iterator[tuple[str, ControlPlane]]:
    """Run another cluster, whose API server and issuer are its own."""
    name = f"green-{next(numbers)}"
    with cluster_beside(sandbox, name=name, region=REGION, report=print) as plane:
        yield name, plane


@pytest.fixture(name="replay")
def _replay(
    sandbox: Sandbox, numbers: Iterator[int], tmp_path: Path
) -> Generator[Replay]:
    """Give a stack on a cluster of its own."""
    number = next(numbers)
    made = Replay(sandbox=sandbox, cluster=f"test-{number}", folder=tmp_path / "stack")
    yield made
    made.put_away()


@pytest.fixture(name="compare")
def _compare(request: pytest.FixtureRequest, replay: Replay) -> Callable[[str], None]:
    """Compare what was seen with a recording, and the list of deviations with both."""
    real = "aws" in (request.config.getoption("real_plugins") or ())

    def compare(scenario: str) -> None:
        lines = () if real else deviations("aws", scenario)
        found = differences(recorded("aws", scenario), replay.seen)
        unforeseen, needless = unexpected(found, lines)
        assert not unforeseen, "\n".join(unforeseen)
        assert not needless

    return compare


@pytest.fixture(name="contract")
def _contract(
    sandbox: Sandbox, tmp_path: Path, request: pytest.FixtureRequest
) -> Contract:
    """Give a stack whose program each step chooses, in a namespace of its own."""
    name = request.node.name.replace("_", "-")[5:45].strip("-")
    return Contract(sandbox, folder=tmp_path, name=name)
