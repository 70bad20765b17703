"""The commands behind the Makefile: `python -m sandbox <verb>`."""

import os
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, NoReturn

import click
from pulumi.automation.errors import CommandError
from rich.console import Console

from sandbox.binaries import BinariesError, find_or_build
from sandbox.control_plane import ControlPlaneError
from sandbox.demo import DemoError, run_demo
from sandbox.engine import PROJECT_ROOT, cluster_of, copy_project
from sandbox.engine_run import EngineRun, run_engine
from sandbox.plugins.installation import MissingPluginsError, real_plugins_in
from sandbox.running import NotRunningError, advertised, attach, exports
from sandbox.session import (
    EngineHome,
    Sandbox,
    cluster_beside,
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
)
_INTERRUPTED: Final = 130
# Before the user's settings are forgotten.
_home: Final = user_pulumi_home()
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
@click.option("--clusters", default=1, help="How many EKS clusters. Default: 1.")
def start(stack: str, plugins: frozenset[str], clusters: int) -> None:
    """Run a sandbox with the cluster of a stack until Ctrl-C."""
    name, region = cluster_of(PROJECT_ROOT, stack=stack)
    with _sandbox(stack, plugins) as sandbox, ExitStack() as beside:
        sandbox.add_cluster(name=name, region=region)
        home = sandbox.engine_home()
        click.echo(f"\nThe sandbox is running, with the EKS cluster {name}.")
        for number in range(2, clusters + 1):
            other = f"{name}-{number}"
            plane = beside.enter_context(
                cluster_beside(sandbox, name=other, region=region, report=_report)
            )
            click.echo(f"Beside it: {other}, KUBECONFIG={plane.kubeconfig}")
        beside.enter_context(advertised(home, checkout=PROJECT_ROOT))
        project, _ = _prepared(home, stack)
        click.echo("To use pulumi, kubectl, the AWS CLI and eks-irsa in it:\n")
        click.echo("\n".join(exports(home)))
        click.echo(f"cd {shlex.quote(str(project))}  # the project, for pulumi")
        click.echo("\nIn another terminal: make preview, report, up, destroy, cancel,")
        click.echo('or eval "$(make -s env)", which sets the lines above.')
        click.echo("Ctrl-C ends it, and with it everything in it.")
        while True:
            signal.pause()


@main.command()
def env() -> None:
    """Print the settings of the running sandbox for a shell to evaluate."""
    click.echo("\n".join(exports(attach(checkout=PROJECT_ROOT))))


def _verb(name: str, *arguments: str, text: str) -> None:
    """Make a verb that is one command of the engine, with arguments of the user's."""

    @main.command(name, help=text, context_settings={"ignore_unknown_options": True})
    @_stack
    @click.argument("further", nargs=-1, type=click.UNPROCESSED)
    def run(stack: str, further: tuple[str, ...]) -> None:
        home = attach(checkout=PROJECT_ROOT)
        project, selected = _prepared(home, stack)
        if selected.status == 0:
            command = (name, *arguments, "--stack", stack, *further)
            _end(run_engine(home, *command, project=project), stack)
        _end(selected, stack)

    del run


_verb("preview", text="Preview a stack on the running sandbox.")
_verb("up", "--yes", "--skip-preview", text="Bring a stack up.")
_verb("refresh", "--yes", "--skip-preview", text="Read a stack's resources anew.")
_verb("destroy", "--yes", "--skip-preview", text="Destroy a stack.")
_verb("cancel", "--yes", text="Take the lock of a run that was killed off a stack.")


@main.command(context_settings={"ignore_unknown_options": True})
@_stack
@click.argument("further", nargs=-1, type=click.UNPROCESSED)
def report(stack: str, further: tuple[str, ...]) -> None:
    """Tell what a preview of a stack changes for service accounts, as Markdown."""
    home = attach(checkout=PROJECT_ROOT)
    project, selected = _prepared(home, stack)
    if selected.status:
        _end(selected, stack)
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        options = ("--json", "--show-sames", "--stack", stack, *further)
        ran = run_engine(home, "preview", *options, project=project, output=file.file)
        if ran.interrupts or not Path(file.name).stat().st_size:
            _end(ran, stack)
        command = [sys.executable, "-m", "eks_irsa", "report", file.name]
        sys.exit(subprocess.run(command, check=False).returncode)  # noqa: S603


def _prepared(home: EngineHome, stack: str) -> tuple[Path, EngineRun]:
    """Copy the project as it is now, and select a stack, made where it has a file.

    Returns:
        The copy, and how the selection ended; the engine has said why it failed.
    """
    project = copy_project(home.directory / "project")
    known = (project / "stacks" / f"Pulumi.{stack}.yaml").is_file()
    flags = ["--create"] if known else []
    command = ("stack", "select", stack, "--non-interactive", *flags)
    return project, run_engine(home, *command, project=project)


def _end(ran: EngineRun, stack: str) -> NoReturn:
    """End with the engine's status, and say what an interrupted run has left."""
    if ran.stopped_at_once:
        _report(
            "interrupted: the engine was stopped at once. What it was doing may not be "
            "in the state; docs/reliability.md says how it is brought in. "
            f"{stack} is not locked; the same command goes on."
        )
    elif ran.interrupts:
        _report(
            "interrupted: the engine ended what it had begun and wrote it down. "
            f"{stack} is not locked; the same command goes on."
        )
    sys.exit(_INTERRUPTED if ran.interrupts else ran.status)


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
        # Only a sandbox of our own: commands of the engine end with `_end`.
        _report("interrupted; everything was put away")
        sys.exit(_INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except _FAILURES as error:
        _report(f"error: {error}")
        sys.exit(1)


if __name__ == "__main__":
    os.chdir(PROJECT_ROOT)
    run()
