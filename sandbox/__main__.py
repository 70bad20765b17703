"""The commands behind the Makefile: `python -m sandbox <verb>`."""

import os
import signal
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click
import pulumi.automation as auto
from pulumi.automation.errors import CommandError
from rich.console import Console

from sandbox.binaries import BinariesError, find_or_build
from sandbox.control_plane import ControlPlaneError
from sandbox.demo import DemoError, run_demo
from sandbox.engine import PROJECT_ROOT, cluster_of, copy_project, open_stack
from sandbox.plugins.installation import MissingPluginsError, real_plugins_in
from sandbox.reliability.experiments import UnreliableError
from sandbox.reliability.page import write_page
from sandbox.reliability.running import run_everything
from sandbox.running import NotRunningError, advertised, attach
from sandbox.session import (
    Sandbox,
    forget_user_settings,
    issuer_url_of,
    open_sandbox,
    user_pulumi_home,
)

_FAILURES: Final = (
    BinariesError,
    CommandError,
    ControlPlaneError,
    DemoError,
    FileExistsError,
    FileNotFoundError,
    MissingPluginsError,
    NotRunningError,
    UnreliableError,
)
_INTERRUPTED: Final = 130
# Before the user's settings are forgotten.
_home: Final = user_pulumi_home()
# What people need to look around with kubectl and the AWS CLI.
_LOOK_AROUND: Final = (
    "AWS_ACCESS_KEY_ID",
    "AWS_CONFIG_FILE",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SHARED_CREDENTIALS_FILE",
)

_stack = click.option("--stack", default="dev", help="Stack of stacks/. Default: dev.")
_plugins = click.option(
    "--plugins",
    type=real_plugins_in,
    default="double",
    help="Provider plugins: the sandbox's doubles (double, default), or those that are "
    "installed in PULUMI_HOME or on PATH (real, aws=real, kubernetes=real).",
)


@click.group()
def main() -> None:
    """AWS and Kubernetes on this machine, and a real Pulumi engine against them."""


@main.command()
@_stack
@_plugins
def demo(stack: str, plugins: frozenset[str]) -> None:
    """Preview, make, look, prove and destroy a stack, on a sandbox of its own."""
    with _sandbox(stack, plugins) as sandbox:
        run_demo(sandbox, project=PROJECT_ROOT, stack=stack, console=Console())


@main.command()
@_stack
@_plugins
def start(stack: str, plugins: frozenset[str]) -> None:
    """Run a sandbox with the cluster of a stack until Ctrl-C."""
    name, region = cluster_of(PROJECT_ROOT, stack=stack)
    with _sandbox(stack, plugins) as sandbox:
        sandbox.add_cluster(name=name, region=region)
        home = sandbox.engine_home()
        with advertised(home, checkout=PROJECT_ROOT):
            click.echo(f"\nThe sandbox is running, with the EKS cluster {name}.")
            click.echo("To look around with kubectl and the AWS CLI:\n")
            click.echo(f"export KUBECONFIG={sandbox.control_plane.kubeconfig}")
            for variable in _LOOK_AROUND:
                click.echo(f"export {variable}={home.environment[variable]}")
            click.echo("\nIn another terminal: make preview, make up, make destroy.")
            click.echo("Ctrl-C ends it, and with it everything in it.")
            while True:
                signal.pause()


@main.command()
@_stack
def preview(stack: str) -> None:
    """Preview a stack on the running sandbox."""
    _on_running_sandbox(stack).preview(on_output=_out)


@main.command()
@_stack
def up(stack: str) -> None:
    """Bring a stack up on the running sandbox."""
    _on_running_sandbox(stack).up(on_output=_out)


@main.command()
@_stack
def destroy(stack: str) -> None:
    """Destroy a stack on the running sandbox."""
    _on_running_sandbox(stack).destroy(on_output=_out)


@main.command()
def reliability() -> None:
    """Kill and fail a stack at every step, and write docs/reliability.md."""
    # What the Automation API leaves behind of a program whose engine was killed.
    sys.unraisablehook = lambda _: None
    warnings.filterwarnings("ignore", "Error in event stream")
    started = time.monotonic()

    def report(line: str) -> None:
        _report(f"{time.monotonic() - started:6.0f} s  {line}")

    with _sandbox("dev") as sandbox:
        results = run_everything(
            sandbox, folder=sandbox.directory / "project", report=report
        )
    write_page(results, path=PROJECT_ROOT / "docs" / "reliability.md")
    report("docs/reliability.md is written")


def _on_running_sandbox(stack: str) -> auto.Stack:
    """Open a stack on the sandbox of this checkout, its files as they are now."""
    home = attach(checkout=PROJECT_ROOT)
    project = copy_project(home.directory / "project")
    return open_stack(home, project=project, stack=stack)


@contextmanager
def _sandbox(stack: str, plugins: frozenset[str] = frozenset()) -> Generator[Sandbox]:
    """Open a sandbox for a stack in a folder that goes with it."""
    name, region = cluster_of(PROJECT_ROOT, stack=stack)
    binaries = find_or_build(report=_report)
    with tempfile.TemporaryDirectory(prefix="eks-irsa-") as directory:
        _report("starting AWS and Kubernetes on this machine ...")
        with open_sandbox(
            directory=Path(directory),
            binaries=binaries,
            issuer_url=issuer_url_of(cluster=name, region=region),
            report=_report,
            region=region,
            real_plugins=plugins,
            user_pulumi=_home,
        ) as sandbox:
            yield sandbox


def _report(line: str) -> None:
    click.echo(line, err=True)


def _out(line: str) -> None:
    if line.strip():
        click.echo(line.rstrip())


def _stopped(_signal: int, _frame: object) -> None:
    """Turn a signal into what Ctrl-C is, so that everything is put away.

    The engine ends under the threads and loops that read what it prints; what they say
    of that is no news.
    """
    threading.excepthook = _no_news
    warnings.simplefilter("ignore")
    raise KeyboardInterrupt


def _no_news(_: threading.ExceptHookArgs) -> None:
    pass


def run() -> None:
    """Run the command line; end quietly when interrupted, in words when it fails."""
    forget_user_settings()
    # SIGINT too: a shell starts what it runs in the background with it ignored.
    signal.signal(signal.SIGINT, _stopped)
    signal.signal(signal.SIGTERM, _stopped)
    try:
        main(standalone_mode=False)
    except (KeyboardInterrupt, click.Abort):
        _report("interrupted; everything was put away")
        sys.exit(_INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except _FAILURES as error:
        _report(_first_words(error))
        sys.exit(1)


def _first_words(error: Exception) -> str:
    # The engine has shown its own output already; it stands in the error once more.
    if isinstance(error, CommandError):
        return "the engine stopped; its output above says why"
    return f"error: {error}"


if __name__ == "__main__":
    os.chdir(PROJECT_ROOT)
    run()
