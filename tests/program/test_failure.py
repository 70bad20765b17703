"""A stack's error is printed once."""

import sys
from types import ModuleType

import pulumi
import pytest

from eks_irsa.errors import ClusterError
from eks_irsa.stack.failure import stop
from eks_irsa.testing import deploy


def _main(monkeypatch: pytest.MonkeyPatch, file: str | None) -> None:
    module = ModuleType("__main__")
    module.__file__ = file
    monkeypatch.setitem(sys.modules, "__main__", module)


def test_a_program_of_the_language_host_prints_its_error_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By the status 32 the host knows that nothing is left to say."""
    _main(monkeypatch, "/usr/bin/pulumi-language-python-exec")
    printed: list[str] = []
    monkeypatch.setattr(pulumi.log, "error", printed.append)

    with pytest.raises(SystemExit) as caught:
        deploy(lambda: stop(ClusterError("there is no cluster")))

    assert (caught.value.code, printed) == (32, ["there is no cluster"])


@pytest.mark.parametrize("file", [None, "/usr/bin/pytest"])
def test_a_program_of_the_automation_api_leaves_the_printing_to_it(
    monkeypatch: pytest.MonkeyPatch, file: str | None
) -> None:
    """Its process goes on."""
    _main(monkeypatch, file)

    with pytest.raises(pulumi.RunError, match="there is no cluster"):
        deploy(lambda: stop(ClusterError("there is no cluster")))
