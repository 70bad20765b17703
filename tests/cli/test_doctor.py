"""What `eks-irsa doctor` takes, and what it refuses before anybody is asked."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn
from unittest.mock import Mock

import pytest
from doctor.facts import HEALTHY

from eks_irsa.cli import doctor as command

Run = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "expected SUBJECT, --pod <namespace>/<pod>, or --all"),
        (("--pod", "web"), "expected SUBJECT, --pod <namespace>/<pod>, or --all"),
        (("--pod", "apps/"), "'apps/' is no pod; expected <namespace>/<pod>"),
        (("apps/web", "--pod", ""), "'' is no pod; expected <namespace>/<pod>"),
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
        (
            ("apps/web", "--resource", "arn:aws:s3:::b"),
            "--resource says what --action is done to; give both",
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

    patch.setattr(command, "opened_sources", Mock())
    patch.setattr(command, "surroundings", Mock())
    patch.setattr(command, "subjects", Mock(return_value=keys))
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
    assert rows[1] == ["apps/odd", "none", "-", "unknown", "0"]
    assert rows[2][0] == "apps/web"


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("S3", "--action: 'S3'"),
        ("s3:GetObjct", "did you mean 's3:GetObject'"),
    ],
)
def test_action_that_is_none_is_no_question(run: Run, action: str, said: str) -> None:
    """The role is not called broken for a slip on the command line."""
    code, _, err = run("doctor", "apps/web", "--action", action)

    assert code == 2
    assert said in err


def test_action_is_asked_on_anything_by_default(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HEALTHY may do it on everything, and this nowhere."""
    stand_in(monkeypatch, "apps/web")

    assert run("doctor", "--all", "--action", "s3:GetObject")[0] == 0
    assert run("doctor", "--all", "--action", "s3:PutObject")[0] == 3


@pytest.mark.parametrize(
    ("labels", "code", "said"),
    [
        (None, 2, "Error: there is no namespace 'nope'\n"),
        (
            {},
            0,
            "no service account of the namespace 'nope' has a role, or was to have one",
        ),
    ],
)
def test_namespace_without_service_accounts_is_told_from_none(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    labels: dict[str, str] | None,
    code: int,
    said: str,
) -> None:
    """A slip is not an answer."""
    stand_in(monkeypatch)
    monkeypatch.setattr(command, "namespace_labels", Mock(return_value=labels))

    found, _, err = run("doctor", "--all", "--namespace", "nope")

    assert (found, said in err) == (code, True)
