"""An evaluator of IAM's policies that is not ours: iam-simulate, on Node.js.

It is installed for the tests alone, into the cache, by the pins of
tests/access/outside.
"""

import json
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from node_js import MissingNodeError, NodeJs

__all__ = ["Asked", "OutsideEvaluator", "Role"]

_PROJECT: Final = Path(__file__).parent / "access/outside"
_ENTRY: Final = "@cloud-copilot/iam-simulate/dist/esm/index.js"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request: one value for a key, or a list of them; a key left out is absent."""

    action: str
    resource: str
    context: Mapping[str, str | list[str]] = field(
        default_factory=dict[str, "str | list[str]"]
    )


@dataclass(frozen=True, kw_only=True)
class Role:
    """The policies of a role as one, and its boundary."""

    policy: Mapping[str, Any]
    boundary: Mapping[str, Any] | None = None


class OutsideEvaluator:
    """The evaluator, or a skip where it cannot be had and need not be."""

    def __init__(self) -> None:
        """Install it unless the cache has it."""
        try:
            node = NodeJs.find_or_install(_PROJECT)
        except MissingNodeError as missing:
            if os.environ.get("EKS_IRSA_REQUIRE_ENGINE"):
                raise
            pytest.skip(str(missing))
        self._command = [node.program, _PROJECT / "evaluate.mjs", node.modules / _ENTRY]

    def allowed(
        self, questions: Iterable[tuple[Role, Sequence[Asked]]]
    ) -> list[list[bool]]:
        """Decide the requests of many roles in one run."""
        lines = [
            json.dumps(
                {
                    "policy": role.policy,
                    "boundary": role.boundary,
                    "requests": [
                        [one.action, one.resource, dict(one.context)] for one in asked
                    ],
                }
            )
            for role, asked in questions
        ]
        done = subprocess.run(  # noqa: S603 - Node.js
            self._command,
            input="".join(f"{line}\n" for line in lines),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [
            [outcome == "Allowed" for outcome in json.loads(line)]
            for line in done.stdout.splitlines()
        ]
