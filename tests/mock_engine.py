# ruff: noqa: ANN401 - what gRPC and the SDK's mocks hand over has no types
# pyright: reportUnknownMemberType=false
"""An engine that only records: what a program registers, and nothing is made.

Like the real engine it refuses two resources of one URN, and like a real provider it
makes what only AWS knows (ARNs, ids) unknown in a preview. An invoke nobody announced
is an error.
"""

import asyncio
import runpy
import threading
from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast
from unittest.mock import patch

import grpc
import pulumi
from pulumi.runtime import mocks, settings
from pulumi.runtime.config import set_all_config
from pulumi.runtime.proto import resource_pb2  # noqa: TC002 - fields of a class
from pulumi.runtime.stack import run_in_stack

from eks_irsa.deployment import live_accounts
from eks_irsa.plan.transitions import LiveAccount

__all__ = [
    "ACCOUNT_ID",
    "ISSUER_URL",
    "READ_STATE",
    "Deployment",
    "Invokes",
    "Registration",
    "deploy",
    "run",
]

ACCOUNT_ID: Final = "111122223333"
ISSUER_URL: Final = (
    "https://oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
)
CLUSTER_ARN: Final = f"arn:aws:eks:us-west-2:{ACCOUNT_ID}:cluster/cluster-13"
_CLUSTER: Final = {
    "arn": CLUSTER_ARN,
    "name": "cluster-13",
    "endpoint": "https://cluster-13.test",
    "certificateAuthorities": [{"data": "Q0E="}],
    "identities": [{"oidcs": [{"issuer": ISSUER_URL}]}],
}

READ_STATE: Final = "pulumi:pulumi:readStackResourceOutputs"

Answer = Mapping[str, object] | str
Invokes = Mapping[str, Answer | Callable[[Mapping[str, Any]], Answer]]

AWS_ANSWERS: Final[Invokes] = {
    "aws:eks/getCluster:getCluster": _CLUSTER,
    "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider": (
        "reading IAM OIDC Provider: couldn't find resource"
    ),
    "aws:iam/getRole:getRole": "reading IAM Role (x): couldn't find resource",
    "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT_ID},
    "aws:index/getPartition:getPartition": {"partition": "aws"},
    # A stack that never ran.
    READ_STATE: {"outputs": {}},
}


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
    """Everything a program registered, sorted by type and name, and its outputs."""

    registrations: list[Registration]
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    logs: list[str] = field(default_factory=list[str])

    def of_type(self, suffix: str) -> list[Registration]:
        """Return the registrations whose type ends in *suffix*."""
        return [one for one in self.registrations if one.type.endswith(suffix)]

    def only(self, suffix: str) -> Registration:
        """Return the one registration whose type ends in *suffix*."""
        (one,) = self.of_type(suffix)
        return one


class _InvokeFailedError(grpc.RpcError):
    """A provider's refusal, in the form in which the engine hands it on."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._text = text

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return self._text


class _Mocks(mocks.Mocks):
    def __init__(self, answers: Invokes, *, preview: bool) -> None:
        self._answers = answers
        self._preview = preview

    def new_resource(
        self, args: mocks.MockResourceArgs
    ) -> tuple[str | None, dict[str, Any]]:
        state: dict[str, Any] = {**args.inputs}
        known = f"{args.name}-id" if not self._preview else None
        if args.typ == "aws:iam/role:Role":
            state.setdefault("name", f"{args.name}-0123abc")
            path = state.get("path") or "/"
            if not self._preview:
                state["arn"] = f"arn:aws:iam::{ACCOUNT_ID}:role{path}{state['name']}"
        elif args.typ.endswith(":OpenIdConnectProvider"):
            if args.resource_id:
                return args.resource_id, {"arn": args.resource_id}
            if not self._preview:
                issuer = str(state["url"]).removeprefix("https://")
                state["arn"] = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{issuer}"
        return known, state

    def call(
        self, args: mocks.MockCallArgs
    ) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        answer = self._answers.get(args.token)
        if answer is None:
            msg = f"unexpected invoke of {args.token}"
            raise AssertionError(msg)
        if callable(answer):
            answer = answer(cast("Mapping[str, Any]", args.args))
        if isinstance(answer, str):
            raise _InvokeFailedError(answer)
        return dict(answer), []


class _Monitor(mocks.MockMonitor):
    def __init__(self, mock: _Mocks) -> None:
        super().__init__(mock)
        self.registered: dict[str, resource_pb2.RegisterResourceRequest] = {}
        self.read: dict[str, resource_pb2.ReadResourceRequest] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        with _own_loop():
            response = super().RegisterResource(request)
        if response.urn in self.registered:
            msg = (
                f"Duplicate resource URN '{response.urn}'; try giving it a unique name"
            )
            raise RuntimeError(msg)
        self.registered[response.urn] = request
        return response

    def ReadResource(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        with _own_loop():
            response = super().ReadResource(request)
        self.read[response.urn] = request
        return response

    def Invoke(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        with _own_loop():
            return super().Invoke(request)


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


def run(  # noqa: PLR0913 - each is one thing a test may choose
    path: Path,
    *,
    config: Mapping[str, str],
    preview: bool = False,
    answers: Invokes | None = None,
    secrets: Collection[str] = (),
    service_accounts: Mapping[str, LiveAccount] | None = None,
) -> Deployment:
    """Run a program file as the engine would, and record what it registers.

    Args:
        path: The program.
        config: As for `deploy`.
        preview: As for `deploy`.
        answers: As for `deploy`.
        secrets: As for `deploy`.
        service_accounts: What the API server has, by `<namespace>/<name>`; it is not
            asked. Default: nothing.
    """
    live, absent = service_accounts or {}, LiveAccount(exists=False)

    def read(_: str, keys: Collection[str]) -> dict[str, LiveAccount]:
        return {key: live.get(key, absent) for key in keys}

    with patch.object(live_accounts, "_read", read):
        return deploy(
            lambda: runpy.run_path(str(path), run_name="__main__") and None,
            config=config,
            preview=preview,
            answers=answers,
            secrets=secrets,
        )


def deploy(
    program: Callable[[], object],
    *,
    config: Mapping[str, str] | None = None,
    preview: bool = False,
    answers: Invokes | None = None,
    secrets: Collection[str] = (),
) -> Deployment:
    """Run *program* and record what it registers.

    Args:
        program: Makes resources; what it raises is raised here.
        config: Pulumi's configuration, `<namespace>:<key>` -> text.
        preview: What only AWS knows stays unknown.
        answers: Token of an invoke -> its result, what it fails with, or which of both
            it is for its arguments; over those of an account whose cluster has no OIDC
            provider.
        secrets: Keys of *config* whose values are secret.
    """
    monitor = _Monitor(_Mocks({**AWS_ANSWERS, **(answers or {})}, preview=preview))
    engine = _Engine()
    outputs = asyncio.run(
        _run(program, monitor, engine, (config or {}, secrets), preview=preview)
    )
    return Deployment(
        registrations=_registrations(monitor), outputs=outputs, logs=engine.messages
    )


class _Engine(mocks.MockEngine):
    def __init__(self) -> None:
        super().__init__(None)
        self.messages: list[str] = []

    def Log(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        if request.severity >= 2:
            self.messages.append(request.message)
        return super().Log(request)


async def _run(
    program: Callable[[], object],
    monitor: _Monitor,
    engine: _Engine,
    config: tuple[Mapping[str, str], Collection[str]],
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
            dry_run=preview,
            monitor_features=set(monitor.GetDeploymentInfo(None).supportedFeatures),
            organization="organization",
            callbacks=None,
            outputs=set(),
            lock=threading.Lock(),
        )
    )
    set_all_config(dict(config[0]), [*config[1]])
    await run_in_stack(lambda: (program(), None)[1])
    root = cast("Any", settings.get_root_resource())
    outputs: Mapping[str, Any] = root.outputs if root else {}
    return {
        key: await pulumi.Output.from_input(value).future()
        for key, value in outputs.items()
    }


def _registrations(monitor: _Monitor) -> list[Registration]:
    found = [
        Registration(
            type=request.type,
            name=request.name,
            parent=request.parent.rpartition("::")[2],
            inputs=_plain(request.object),
            provider=request.provider.split("::")[-2] if request.provider else "",
            depends_on=tuple(
                sorted(dep.rpartition("::")[2] for dep in request.dependencies)
            ),
            retain_on_delete=request.retainOnDelete,
            delete_before_replace=request.deleteBeforeReplace,
            hooks=(*request.hooks.before_update, *request.hooks.after_update),
        )
        for request in monitor.registered.values()
        if request.type != "pulumi:pulumi:Stack"
    ]
    found += [
        Registration(
            type=request.type,
            name=request.name,
            parent=request.parent.rpartition("::")[2],
            inputs={"id": request.id},
            read=True,
        )
        for request in monitor.read.values()
    ]
    return sorted(found, key=lambda one: (one.type, one.name))


def _plain(values: Any) -> dict[str, Any]:
    return dict(pulumi.runtime.rpc.deserialize_properties(values, keep_unknowns=True))
