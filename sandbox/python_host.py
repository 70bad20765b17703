"""A language host for Python, so that `pulumi` itself runs the project's program.

The real one is in no package registry. The SDK brings the part that runs a program for
the engine, which the Automation API uses; here it is served to an engine that started
this process. The program, or a policy pack, runs with this interpreter, whatever its
Pulumi.yaml or PulumiPolicy.yaml says of a virtual environment.

Source:
    pulumi/pulumi, proto/pulumi/language.proto
"""

import os
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2
from pulumi.runtime.proto.language_pb2_grpc import (
    add_LanguageRuntimeServicer_to_server,
)
from typing_extensions import override

from sandbox.plugins.protocol import serve

__all__ = ["main"]


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

    @override
    def RunPlugin(self, request: Any, context: Any) -> Iterator[Any]:
        """Run a policy pack until the engine has no more to ask of it."""
        folder = request.info.program_directory
        arguments = [*request.args, folder]
        process = subprocess.Popen(  # noqa: S603 - the SDK's own entry
            [sys.executable, "-u", "-m", "pulumi.policy", *arguments],
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


def main() -> None:
    """Serve until the engine ends this process, or is itself gone."""

    def add(server: grpc.Server, engine_address: str) -> None:
        host = PythonHost(engine_address=engine_address)
        add_LanguageRuntimeServicer_to_server(host, server)

    serve(add)


if __name__ == "__main__":
    main()
