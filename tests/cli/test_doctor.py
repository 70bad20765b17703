"""What `eks-irsa doctor` takes, and what it refuses before anybody is asked."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn

import pytest
from doctor.facts import HEALTHY

from eks_irsa.cli import doctor as command

Run = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "expected SUBJECT, --pod <namespace>/<pod>, or --all"),
        (("--pod", "web"), "expected SUBJECT, --pod <namespace>/<pod>, or --all"),
        (("web",), "'web' is no service account; expected <namespace>/<name>"),
        (("apps/web", "--all"), "--all is about every service account; name none"),
        (
            ("apps/web", "--namespace", "apps"),
            "--namespace is for --all; write <namespace>/<name>",
        ),
        (
            ("apps/web", "--pod", "other/web-1"),
            "the pod 'other/web-1' is in another namespace than 'apps'",
        ),
    ],
)
def test_wrong_usage_is_said(
    run: Run, arguments: tuple[str, ...], expected: str
) -> None:
    """Nothing is looked up for it."""
    code, _, err = run("doctor", *arguments)

    assert code == 2
    assert err.endswith(f"Error: {expected}\n")


def test_profile_that_is_not_there_is_said(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the AWS SDK says it."""
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("KUBECONFIG", "/dev/null")

    code, _, err = run("doctor", "apps/web", "--profile", "nobody")

    assert code == 2
    assert "The config profile (nobody) could not be found" in err


def stand_in(patch: pytest.MonkeyPatch, *keys: str) -> None:
    """Let there be these service accounts, and nobody to be asked."""

    def gathered(*_: object, namespace: str, name: str, **__: object) -> Any:  # noqa: ANN401 - facts
        if name == "odd":
            explode()
        return replace(HEALTHY, namespace=namespace, name=name)

    patch.setattr(command, "opened_sources", lambda **_: None)
    patch.setattr(command, "surroundings", lambda *_, **__: None)
    patch.setattr(command, "subjects", lambda _: keys)
    patch.setattr(command, "gathered", gathered)


def explode() -> NoReturn:
    """Fail as nobody foresaw."""
    msg = "line contains NUL"
    raise KeyError(msg)


def test_one_that_cannot_be_looked_at_is_one_row(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All others are looked at."""
    stand_in(monkeypatch, "apps/odd", "apps/web")

    _, out, _ = run("doctor", "--all")

    rows = [line.split() for line in out.splitlines()]
    assert rows[1] == ["apps/odd", "no", "way", "-", "unknown", "0"]
    assert rows[2][0] == "apps/web"
