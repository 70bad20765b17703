"""A language host for Python, so that `pulumi` itself runs the project's program.

The real one is in no package registry. The SDK brings the part that runs a program for
the engine, which the Automation API uses; here it is served to an engine that started
this process. The program, or a policy pack, runs with this interpreter, whatever its
Pulumi.yaml or PulumiPolicy.yaml says of a virtual environment. A provider gets one of
its own, into which the project in its folder is installed as the real host does it;
what that needs is taken from here and not from PyPI.

Where EXECUTOR_VARIABLE names the script by which the real host runs a program, the
project has its own virtual environment instead, made and filled as by the real one.

Source:
    pulumi/pulumi, proto/pulumi/language.proto; Run and InstallDependencies in
    sdk/python/cmd/pulumi-language-python/main.go
"""

import json
import os
import runpy
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import grpc
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2
from pulumi.runtime.proto.language_pb2_grpc import (
    add_LanguageRuntimeServicer_to_server,
)
from typing_extensions import override

from sandbox.plugins.protocol import serve

__all__ = ["EXECUTOR_VARIABLE", "main"]

EXECUTOR_VARIABLE: Final = "EKS_IRSA_PYTHON_EXECUTOR"
"""Environment variable with the path of `pulumi-language-python-exec`."""

_REASON_PRINTED: Final = 32
"""Status of a program that has said itself why it ends."""


class PythonHost(LanguageServer):
    """Runs one program, for one engine."""

    def __init__(self, *, engine_address: str) -> None:
        """Wait for the engine's request.

        Args:
            engine_address: Where the engine listens, `<host>:<port>`.
        """
        super().__init__(program=lambda: None)
        self._engine_address = engine_address

    @override
    def Run(self, request: language_pb2.RunRequest, context: Any) -> Any:
        """Run the `__main__.py` of the project's folder."""
        if executor := os.environ.get(EXECUTOR_VARIABLE):
            return self._run_in_project(request, executor)
        folder = Path(request.info.program_directory)

        def program() -> None:
            runpy.run_path(str(folder / "__main__.py"), run_name="__main__")

        os.chdir(request.pwd)
        sys.path.insert(0, str(folder))
        # Where the SDK looks for the engine's address.
        request.args[:] = [self._engine_address]
        self.program = program
        host: Any = super()
        return host.Run(request, context)

    def _run_in_project(
        self, request: language_pb2.RunRequest, executor: str
    ) -> language_pb2.RunResponse:
        given = {
            "monitor": request.monitor_address,
            "engine": self._engine_address,
            "project": request.project,
            "root_directory": request.info.root_directory,
            "stack": request.stack,
            "parallel": request.parallel,
            "dry_run": "true" if request.dryRun else "false",
            "pwd": request.pwd,
            "organization": request.organization,
        }
        flags = [f"--{name}={value}" for name, value in given.items()]
        program = request.info.program_directory
        done = subprocess.run(  # noqa: S603 - the SDK's own script
            [_python_of(request.info), "-u", executor, *flags, program],
            env={
                **os.environ,
                "PULUMI_CONFIG": json.dumps(dict(request.config)),
                "PULUMI_CONFIG_SECRET_KEYS": json.dumps([*request.configSecretKeys]),
            },
            check=False,
        )
        if done.returncode == _REASON_PRINTED:
            return language_pb2.RunResponse(bail=True)
        reason = f"the program exited with {done.returncode}" if done.returncode else ""
        return language_pb2.RunResponse(error=reason)

    @override
    def InstallDependencies(self, request: Any, context: Any) -> Iterator[Any]:
        """Make the virtual environment, and install what is asked for into it.

        That is the project of a provider, and requirements.txt of a program that does
        not run with this interpreter.
        """
        python = _python_of(request.info)
        if request.is_plugin:
            project = Path(request.info.program_directory)
            output = _install_project(project, python)
            yield language_pb2.InstallDependenciesResponse(stdout=output)
            return
        if EXECUTOR_VARIABLE not in os.environ:
            return
        if not python.exists():
            venv.create(python.parents[1], with_pip=True)
        done = subprocess.run(  # noqa: S603 - pip
            [python, "-m", "pip", "install", "-r", "requirements.txt"],
            cwd=request.info.program_directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        yield language_pb2.InstallDependenciesResponse(stdout=done.stdout)
        if done.returncode:
            context.abort(grpc.StatusCode.UNKNOWN, "pip install failed")

    @override
    def RunPlugin(self, request: Any, context: Any) -> Iterator[Any]:
        """Run a provider or a policy pack until the engine has no more to ask of it."""
        folder = request.info.program_directory
        command = [sys.executable, "-u", "-m", "pulumi.policy", *request.args, folder]
        if request.kind == "resource":
            python = str(_python_of(request.info))
            command = [python, "-u", folder, *request.args]
        process = subprocess.Popen(  # noqa: S603 - what the engine asks for
            command,
            cwd=request.pwd,
            env=dict(one.split("=", 1) for one in request.env),
            stdout=subprocess.PIPE,
        )
        context.add_callback(process.terminate)
        assert process.stdout  # noqa: S101 - it is a pipe
        for line in process.stdout:
            # The first is the port on which the pack listens.
            yield language_pb2.RunPluginResponse(stdout=line)
        yield language_pb2.RunPluginResponse(exitcode=process.wait())


def _python_of(info: language_pb2.ProgramInfo) -> Path:
    """Find the interpreter of a project's virtual environment, or of a provider's."""
    return Path(info.root_directory, str(info.options["virtualenv"]), "bin", "python")


def _install_project(folder: Path, python: Path) -> bytes:
    """Install a project into a new environment that sees this interpreter's packages.

    Source:
        pulumi/pulumi, sdk/python/toolchain/pip.go (`InstallPackage`)
    """
    environment = python.parents[1]
    venv.create(environment, with_pip=False)
    (packages,) = environment.glob("lib/python*/site-packages")
    ours = sysconfig.get_path("purelib")
    (packages / "host.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
    flags = ("--no-deps", "--no-build-isolation", "--ignore-installed")
    return subprocess.run(  # noqa: S603 - pip
        [python, "-m", "pip", "install", *flags, folder],
        check=True,
        stdout=subprocess.PIPE,
    ).stdout


def main() -> None:
    """Serve until the engine ends this process, or is itself gone."""

    def add(server: grpc.Server, engine_address: str) -> None:
        host = PythonHost(engine_address=engine_address)
        add_LanguageRuntimeServicer_to_server(host, server)

    serve(add)


if __name__ == "__main__":
    main()
