"""What `eks-irsa doctor` takes, and what it refuses before anybody is asked."""

from collections.abc import Callable

import pytest

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
