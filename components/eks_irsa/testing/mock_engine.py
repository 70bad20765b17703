# ruff: noqa: ANN401 - what gRPC and the SDK's mocks hand over has no types
# pyright: reportUnknownMemberType=false
# mypy: disable-error-code="no-untyped-call"
"""An engine that only records: what a program registers, and nothing is made.

Like the real engine it refuses two resources of one URN, and like a real provider it
makes what only AWS knows unknown in a preview (`mock_aws`). Hooks and transforms of a
program are not run.
"""

import asyncio
import runpy
import sys
import threading
from collections.abc import Callable, Collection, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, chdir, contextmanager
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, Final, cast
from unittest.mock import patch

import pulumi
from pulumi.runtime import mocks, settings
from pulumi.runtime.config import set_all_config
from pulumi.runtime.proto import engine_pb2
from pulumi.runtime.stack import run_in_stack

from eks_irsa.plan.associations import ExistingAssociation
from eks_irsa.plan.provider_users import Annotated
from eks_irsa.plan.transitions import ExistingServiceAccount
from eks_irsa.resources import readiness
from eks_irsa.stack import existing_associations, existing_service_accounts
from eks_irsa.testing.deployment import Deployment, plain, registrations
from eks_irsa.testing.mock_aws import Invokes, MockAws, Returned

__all__ = ["Secret", "deploy"]

_NOTHING: Final[Mapping[str, ExistingServiceAccount]] = MappingProxyType({})
_NONE: Final[Mapping[str, ExistingAssociation]] = MappingProxyType({})


class Secret(str):
    """A value of the configuration that was set with `--secret`."""

    __slots__ = ()


def deploy(  # noqa: PLR0913 - each is one thing a test may choose
    program: Callable[[], object] | Path,
    *,
    config: Mapping[str, str] | None = None,
    project: str = "eks-irsa",
    preview: bool = False,
    answers: Invokes | None = None,
    returned: Returned | None = None,
    service_accounts: Mapping[str, ExistingServiceAccount] | None = _NOTHING,
    associations: Mapping[str, ExistingAssociation] | None = _NONE,
    check: bool = True,
) -> Deployment:
    """Run *program* as the engine would, and give what it registers.

    Args:
        program: Makes resources; or the folder of a `__main__.py`, which is run in it.
            Modules of that folder are loaded anew in every run.
        config: Pulumi's configuration, `<namespace>:<key>` -> text, or `Secret` of it.
            Default: none.
        project: Name of the project, which is the namespace of `pulumi.Config()`.
            Default: `eks-irsa`.
        preview: What only AWS knows stays unknown. Default: as in `up`.
        answers: Token of an invoke -> its result, the text it fails with, or what gives
            either from the invoke's arguments; over those of `MockAws`. Default: none.
        returned: Type or name of a resource -> properties it gets besides its inputs
            in `up`; over those of `MockAws`. Default: none.
        service_accounts: What the API server has when the stack program asks it, by
            `<namespace>/<name>`; None lets it ask the API server of its kubeconfig.
            Default: nothing.
        associations: What EKS has of associations when the stack program asks it, by
            `<namespace>/<name>`; None lets it ask AWS, as the environment says.
            Default: none.
        check: What the program raises is raised here. Default: yes; otherwise it is
            `Deployment.error`.

    Raises:
        AssertionError: The program asks for something that has no answer.
    """
    aws = MockAws(answers, returned, preview=preview)
    monitor, engine = _Monitor(aws, project), _Engine()
    outputs: Mapping[str, Any] = {}
    error = None

    async def run() -> Mapping[str, Any]:
        _configure(monitor, engine, config or {}, preview=preview)
        return await _run(program)

    # The SDK describes the whole stack of calls with every resource; pytest's is deep.
    looked_up = _looked_up(service_accounts, associations)
    with ThreadPoolExecutor(1) as fresh_stack, looked_up:
        try:
            outputs = fresh_stack.submit(asyncio.run, run()).result()
        except Exception as raised:
            if check:
                raise
            error = raised
    return Deployment(
        registrations=registrations(monitor.requests),
        outputs=outputs,
        logs=[log.message for log in engine.requests],
        requests=[*monitor.requests, *engine.requests],
        state=monitor.state,
        error=error,
    )


@contextmanager
def _looked_up(
    live: Mapping[str, ExistingServiceAccount] | None,
    associations: Mapping[str, ExistingAssociation] | None,
) -> Generator[None]:
    """Answer in place of API server and EKS, which the stack program asks by itself."""
    with ExitStack() as stack:
        for owner, name, answer in _answers(live, associations):
            stack.enter_context(patch.object(owner, name, answer))
        yield


def _answers(
    live: Mapping[str, ExistingServiceAccount] | None,
    associations: Mapping[str, ExistingAssociation] | None,
) -> Generator[tuple[ModuleType, str, Callable[..., object]]]:
    """Give the functions that ask, and what answers in the place of each."""
    absent = ExistingServiceAccount(exists=False)

    def read(_: str, keys: Collection[str]) -> dict[str, ExistingServiceAccount]:
        return {key: (live or {}).get(key, absent) for key in keys}

    def annotated(_: str) -> Annotated:
        accounts = (live or {}).items()
        arns = {key: one.role_arn for key, one in accounts if one.role_arn}
        return Annotated(role_arns=arns)

    def associated(*_: object) -> Mapping[str, ExistingAssociation]:
        return associations or {}

    def admitted(_: object) -> str:
        return ""

    yield readiness, "refused", admitted
    if live is not None:
        yield existing_service_accounts, "_read", read
        yield existing_service_accounts, "_list", annotated
    if associations is not None:
        yield existing_associations, "_read", associated


@contextmanager
def _program(program: Callable[[], object] | Path) -> Generator[Callable[[], object]]:
    """Make a program of a folder; what it loads from there is forgotten again."""
    if not isinstance(program, Path):
        yield program
        return
    folder = program.absolute()
    before = set(sys.modules)
    try:
        with chdir(folder):
            # As of a folder, the program finds the modules beside it.
            yield lambda: runpy.run_path(str(folder), run_name="__main__")
    finally:
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file and Path(file).is_relative_to(folder):
                del sys.modules[name]


class _Monitor(mocks.MockMonitor):
    def __init__(self, aws: MockAws, project: str) -> None:
        super().__init__(aws)
        self.project = project
        self.requests: list[Any] = []
        self.state: dict[str, dict[str, object]] = {}

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """Make a URN as the engine does, of the types of all parents but the stack."""
        kinds = parent.split("::", 3)[2] if parent else "pulumi:pulumi:Stack"
        prefix = "" if kinds == "pulumi:pulumi:Stack" else f"{kinds}$"
        return f"urn:pulumi:test::{self.project}::{prefix}{type_}::{name}"

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        with _own_loop():
            response = super().RegisterResource(request)
        if response.urn in self.state:
            msg = (
                f"Duplicate resource URN '{response.urn}'; try giving it a unique name"
            )
            raise RuntimeError(msg)
        self._record(request, response.urn)
        return response

    def ReadResource(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        with _own_loop():
            response = super().ReadResource(request)
        self._record(request, response.urn)
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        self.requests.append(request)
        self.state[request.urn]["outputs"] = plain(request.outputs)
        return super().RegisterResourceOutputs(request)

    def Invoke(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        self.requests.append(request)
        with _own_loop():
            return super().Invoke(request)

    def _record(self, request: Any, urn: str) -> None:
        self.requests.append(request)
        made = self.resources.get(urn)
        outputs = cast("dict[str, object]", made.state if made else {})
        self.state[urn] = {"type": request.type, "outputs": outputs}


@contextmanager
def _own_loop() -> Generator[None]:
    """Give the SDK's mocks a loop in this thread; they would leave one open."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        asyncio.set_event_loop(None)
        loop.close()


class _Engine(mocks.MockEngine):
    def __init__(self) -> None:
        super().__init__(None)
        self.requests: list[Any] = []

    def Log(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        if request.severity >= engine_pb2.WARNING:
            self.requests.append(request)
        return super().Log(request)


def _configure(
    monitor: _Monitor, engine: _Engine, config: Mapping[str, str], *, preview: bool
) -> None:
    # In the context of this run alone: asyncio.run gives a fresh loop and context, so
    # that the SDK's context variables do not leak from one program into the next.
    settings.ROOT.set(None)
    settings.configure(
        mocks.MockSettings(
            monitor=monitor,
            engine=engine,
            project=monitor.project,
            stack="test",
            root_directory=None,
            dry_run=preview,
            monitor_features=set(monitor.GetDeploymentInfo(None).supportedFeatures),
            organization="organization",
            callbacks=None,
            outputs=set(),
            lock=threading.Lock(),
        )
    )
    secrets = [key for key, value in config.items() if isinstance(value, Secret)]
    set_all_config(dict(config), secrets)


async def _run(program: Callable[[], object] | Path) -> Mapping[str, Any]:
    with _program(program) as run:
        await run_in_stack(lambda: (run(), None)[1])
    root = cast("Any", settings.get_root_resource())
    outputs: Mapping[str, Any] = root.outputs if root else {}
    return {
        key: await pulumi.Output.from_input(value).future()
        for key, value in outputs.items()
    }
