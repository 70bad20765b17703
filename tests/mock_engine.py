# ruff: noqa: ANN401 - what gRPC and the SDK's mocks hand over has no types
# pyright: reportUnknownMemberType=false
"""An engine that only records: what a program registers, and nothing is made.

Like the real engine it refuses two resources of one URN, and like a real provider it
makes what only AWS knows unknown in a preview (`mock_aws`). The requests themselves are
kept whole; `registration_text` words them.
"""

import asyncio
import runpy
import threading
from collections.abc import Callable, Collection, Generator, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import pulumi
from mock_aws import Invokes, MockAws
from pulumi.runtime import mocks, settings
from pulumi.runtime.config import set_all_config
from pulumi.runtime.proto import engine_pb2, resource_pb2
from pulumi.runtime.stack import run_in_stack

from eks_irsa.plan.transitions import LiveAccount
from eks_irsa.stack import live_accounts

__all__ = [
    "Deployment",
    "Registration",
    "Secret",
    "deploy",
    "record",
    "run",
    "short_name",
]


class Secret(str):
    """A value of the configuration that was set with `--secret`."""

    __slots__ = ()


@dataclass(frozen=True, kw_only=True)
class Registration:
    """One resource as the program registered it."""

    type: str
    name: str
    parent: str
    inputs: Mapping[str, Any]
    provider: str = ""
    depends_on: tuple[str, ...] = ()
    retain_on_delete: bool = False
    delete_before_replace: bool = False
    read: bool = False
    hooks: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Deployment:
    """Everything a program registered, sorted by type and name, and its outputs.

    Attributes:
        registrations: What most tests ask of a resource.
        outputs: Outputs of the stack.
        logs: Messages from the weight of a warning on.
        requests: Everything that was sent to the engine, whole: `RegisterResource`,
            `ReadResource`, `RegisterResourceOutputs`, `Invoke`, `Log`.
        state: What `readStackResourceOutputs` would return in the next run.
        error: What the program raised.
    """

    registrations: list[Registration]
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    logs: list[str] = field(default_factory=list[str])
    requests: list[Any] = field(default_factory=list[Any])
    state: Mapping[str, object] = field(default_factory=dict[str, object])
    error: Exception | None = None

    def of_type(self, suffix: str) -> list[Registration]:
        """Return the registrations whose type ends in *suffix*."""
        return [one for one in self.registrations if one.type.endswith(suffix)]

    def only(self, suffix: str) -> Registration:
        """Return the one registration whose type ends in *suffix*."""
        (one,) = self.of_type(suffix)
        return one


class _Monitor(mocks.MockMonitor):
    def __init__(self, aws: MockAws) -> None:
        super().__init__(aws)
        self.requests: list[Any] = []
        self.state: dict[str, dict[str, object]] = {}

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """Make a URN as the engine does, of the types of all parents but the stack."""
        kinds = parent.split("::", 3)[2] if parent else "pulumi:pulumi:Stack"
        prefix = "" if kinds == "pulumi:pulumi:Stack" else f"{kinds}$"
        return f"urn:pulumi:test::eks-irsa::{prefix}{type_}::{name}"

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
        self.state[request.urn]["outputs"] = _plain(request.outputs)
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


def run(
    path: Path,
    *,
    config: Mapping[str, str],
    preview: bool = False,
    answers: Invokes | None = None,
    service_accounts: Mapping[str, LiveAccount] | None = None,
) -> Deployment:
    """Run a program file as the engine would, and record what it registers.

    Args:
        path: The program.
        config: As for `deploy`.
        preview: As for `deploy`.
        answers: As for `deploy`.
        service_accounts: What the API server has, by `<namespace>/<name>`; it is not
            asked. Default: nothing.
    """
    live, absent = service_accounts or {}, LiveAccount(exists=False)

    def read(_: str, keys: Collection[str]) -> dict[str, LiveAccount]:
        return {key: live.get(key, absent) for key in keys}

    with patch.object(live_accounts, "_read", read), chdir(path.parent):
        return deploy(
            lambda: runpy.run_path(str(path), run_name="__main__") and None,
            config=config,
            preview=preview,
            answers=answers,
        )


def deploy(
    program: Callable[[], object],
    *,
    config: Mapping[str, str] | None = None,
    preview: bool = False,
    answers: Invokes | None = None,
) -> Deployment:
    """Run *program* and record what it registers; what it raises is raised here.

    Args:
        program: Makes resources.
        config: Pulumi's configuration, `<namespace>:<key>` -> text, or `Secret`.
        preview: What only AWS knows stays unknown.
        answers: Token of an invoke -> its result, or what it fails with; over those
            of an account whose cluster has no OIDC provider.
    """
    made = record(program, config=config, preview=preview, answers=answers)
    if made.error:
        raise made.error
    return made


def record(
    program: Callable[[], object],
    *,
    config: Mapping[str, str] | None = None,
    preview: bool = False,
    answers: Invokes | None = None,
    returned: Mapping[str, Mapping[str, object]] | None = None,
) -> Deployment:
    """Run *program* and record what it registers, also if it fails.

    Args:
        program: As for `deploy`, and likewise the others.
        config: Pulumi's configuration.
        preview: What only AWS knows stays unknown.
        answers: Results of invokes.
        returned: Type of a resource -> properties that AWS returns of it instead of
            those to be expected.
    """
    aws = MockAws(answers or {}, returned or {}, preview=preview)
    monitor, engine = _Monitor(aws), _Engine()
    outputs: Mapping[str, Any] = {}
    error = None
    done = _run(program, monitor, engine, config or {}, preview=preview)
    # The SDK describes the whole stack of calls with every resource; pytest's is deep.
    with ThreadPoolExecutor(1) as fresh_stack:
        try:
            outputs = fresh_stack.submit(asyncio.run, done).result()
        except Exception as raised:  # noqa: BLE001 - the caller judges it
            error = raised
    return Deployment(
        registrations=_registrations(monitor.requests),
        outputs=outputs,
        logs=[log.message for log in engine.requests],
        requests=[*monitor.requests, *engine.requests],
        state=monitor.state,
        error=error,
    )


class _Engine(mocks.MockEngine):
    def __init__(self) -> None:
        super().__init__(None)
        self.requests: list[Any] = []

    def Log(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        if request.severity >= engine_pb2.WARNING:
            self.requests.append(request)
        return super().Log(request)


async def _run(
    program: Callable[[], object],
    monitor: _Monitor,
    engine: _Engine,
    config: Mapping[str, str],
    *,
    preview: bool,
) -> Mapping[str, Any]:
    # asyncio.run gives a fresh loop and a context of its own, so that the SDK's
    # context variables do not leak from one program into the next.
    settings.ROOT.set(None)
    settings.configure(
        mocks.MockSettings(
            monitor=monitor,
            engine=engine,
            project="eks-irsa",
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
    await run_in_stack(lambda: (program(), None)[1])
    root = cast("Any", settings.get_root_resource())
    outputs: Mapping[str, Any] = root.outputs if root else {}
    return {
        key: await pulumi.Output.from_input(value).future()
        for key, value in outputs.items()
    }


def short_name(urn: str) -> str:
    """Return the name in a URN, which may itself hold `::`."""
    return urn.split("::", 3)[3] if urn else ""


def _registrations(requests: Iterable[Any]) -> list[Registration]:
    found: list[Registration] = []
    for request in requests:
        if isinstance(request, resource_pb2.ReadResourceRequest):
            one = Registration(
                type=request.type,
                name=request.name,
                parent=short_name(request.parent),
                inputs={"id": request.id},
                read=True,
            )
            found.append(one)
        elif isinstance(request, resource_pb2.RegisterResourceRequest):
            one = Registration(
                type=request.type,
                name=request.name,
                parent=short_name(request.parent),
                inputs=_plain(request.object),
                # A reference to a provider ends in its id.
                provider=short_name(request.provider).rpartition("::")[0],
                depends_on=tuple(sorted(map(short_name, request.dependencies))),
                retain_on_delete=request.retainOnDelete,
                delete_before_replace=request.deleteBeforeReplace,
                hooks=(*request.hooks.before_update, *request.hooks.after_update),
            )
            found += [one] if request.type != "pulumi:pulumi:Stack" else []
    return sorted(found, key=lambda one: (one.type, one.name))


def _plain(values: Any) -> dict[str, Any]:
    return dict(pulumi.runtime.rpc.deserialize_properties(values, keep_unknowns=True))
