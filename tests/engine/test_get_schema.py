"""Pulumi's own command line reads the package."""

import json
import subprocess

import pytest
from hosted import EXECUTABLE, SCHEMA

from sandbox.session import Sandbox

pytestmark = pytest.mark.engine


def test_pulumi_reads_the_schema_from_the_executable(sandbox: Sandbox) -> None:
    """`pulumi package get-schema` binds it, too: no reference in it is broken."""
    done = subprocess.run(  # noqa: S603 - the engine under test
        [sandbox.binaries.pulumi, "package", "get-schema", EXECUTABLE],
        env=dict(sandbox.engine_home().environment),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    read, committed = json.loads(done.stdout), json.loads(SCHEMA.read_text())
    assert (read["name"], read["version"]) == (committed["name"], committed["version"])
    for token, resource in committed["resources"].items():
        for kind in ("isComponent", "inputProperties", "properties", "required"):
            assert read["resources"][token][kind] == resource[kind]
