"""What the components of one run of a program share.

They are made one by one, and some of what they need exists only once.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pulumi
from pulumi.resource import DependencyResource

from eks_irsa.documents.resource_types import COMPONENT

if TYPE_CHECKING:
    from eks_irsa.resources.oidc_provider import EksOidcProvider

__all__ = [
    "Program",
    "hosts_one_program",
    "program",
    "recorded_attachments",
    "recorded_resources",
    "root",
]


@dataclass(kw_only=True)
class Program:
    """One run of a program."""

    oidc_providers: dict[
        str, "tuple[EksOidcProvider, str, Sequence[pulumi.Input[str]]]"
    ] = field(
        default_factory=dict[
            str, "tuple[EksOidcProvider, str, Sequence[pulumi.Input[str]]]"
        ]
    )
    """ARN -> the component that stands for the provider, its name and client ids."""

    claimed: dict[tuple[object, str], str] = field(
        default_factory=dict[tuple[object, str], str]
    )
    """(cluster or AWS account, service account or role) -> name of its component."""

    resources: Mapping[str, Mapping[str, Any]] | None = None
    """URN -> {`type`, `outputs`} as the state has them; None before a look-up."""

    attachments: dict[str, dict[str, str]] | None = None
    """Component, up to a colon -> name of an attachment before this run -> ARN of the
    policy; None before a look-up."""


_ATTACHMENT: Final = f"{COMPONENT}$aws:iam/rolePolicyAttachment:RolePolicyAttachment"
_READ_STATE: Final = "pulumi:pulumi:readStackResourceOutputs"
# A state in a folder (`file://`) cannot be read while the engine writes it, which it
# does for each resource of an update: "failed to load checkpoint: EOF".
# Source: setAttrs and getAttrs in blob/fileblob/attrs.go of google/go-cloud
_ATTEMPTS: Final = 10
_BETWEEN_SECONDS: Final = 0.05
_hosted: list[Program] = []


def hosts_one_program() -> None:
    """Take every component of this process for one of one run.

    A component host is started for each run, and is given another connection to the
    engine for each component.
    """
    _hosted[:] = [Program()]


def program() -> Program:
    """Return what the components of this run share."""
    if _hosted:
        return _hosted[0]
    settings: Any = pulumi.runtime.settings.SETTINGS
    monitor: object = settings.monitor
    # Goes with the run: what it holds has the run in it, so that a table of runs would
    # keep every run of a process that has many.
    held: dict[str, Program] = vars(monitor)
    return held.setdefault("_eks_irsa_program", Program())


def root() -> pulumi.Resource | None:
    """Give the parent of what belongs to no component.

    Returns:
        The stack, in a component host, whose SDK does not know it; None in a program,
        where it is the default.
    """
    if not _hosted:
        return None
    project, stack = pulumi.get_project(), pulumi.get_stack()
    kind = "pulumi:pulumi:Stack"
    urn = f"urn:pulumi:{stack}::{project}::{kind}::{project}-{stack}"
    return DependencyResource(urn)


def stack_name() -> str:
    """Name the stack of this run, `<organization>/<project>/<stack>`."""
    project = f"{pulumi.get_organization()}/{pulumi.get_project()}"
    return f"{project}/{pulumi.get_stack()}"


def recorded_resources() -> Mapping[str, Mapping[str, Any]]:
    """Ask the engine for the state that this run starts from, once.

    Returns:
        URN -> {`type`, `outputs`}; empty for a stack that never ran.

    Source:
        `readStackResourceOutputs` in pkg/resource/deploy/builtins.go of the engine
    """
    run = program()
    if run.resources is None:
        run.resources = _read_state()
    return run.resources


def recorded_attachments(component: str) -> Mapping[str, str]:
    """Find the attachments of managed policies that a component had before this run.

    Args:
        component: Name of the component.

    Returns:
        Name of the resource -> ARN of the policy.
    """
    run = program()
    if run.attachments is None:
        run.attachments = {}
        for kind, name, outputs in named(recorded_resources()):
            arn = outputs.get("policyArn")
            if kind.endswith(_ATTACHMENT) and isinstance(arn, str):
                owner = name.partition(":")[0]
                run.attachments.setdefault(owner, {})[name] = arn
    attached = run.attachments.get(component.partition(":")[0], {})
    return {
        name: arn for name, arn in attached.items() if name.startswith(f"{component}:")
    }


def named(
    resources: Mapping[str, Mapping[str, Any]],
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Take the URNs of a state apart.

    Args:
        resources: As `recorded_resources` gives them.

    Yields:
        Types from the outermost, joined by `$`; name; outputs.
    """
    for urn, resource in resources.items():
        # urn:pulumi:<stack>::<project>::<types>::<name>, and a name may hold `::`.
        _, _, kind, name = urn.split("::", 3)
        yield kind, name, resource.get("outputs") or {}


def _read_state(*, attempts: int = _ATTEMPTS) -> Mapping[str, Mapping[str, Any]]:
    try:
        answer: Any = pulumi.runtime.invoke(_READ_STATE, {"stackName": stack_name()})
    except Exception:
        if attempts == 1:
            raise
        time.sleep(_BETWEEN_SECONDS)
        return _read_state(attempts=attempts - 1)
    return answer.value.get("outputs") or {}
