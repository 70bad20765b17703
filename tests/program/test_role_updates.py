"""A role update that AWS refused half-way is not overlooked by the next run.

The values are those of the recordings of the real AWS plugin: the inputs of the last
run that succeeded, and outputs with what the failed one wanted.
"""

import json
from pathlib import Path
from typing import Any, Final

import pulumi
import pytest
from stack_program import entry, program

from eks_irsa.stack.role_updates import RoleUpdates, behind, overlooked
from eks_irsa.testing.mock_aws import ACCOUNT_ID, READ_STATE

BOUNDARY: Final = "arn:aws:iam::aws:policy/PowerUserAccess"
COMPONENT: Final = "urn:pulumi:test::eks-irsa::eks-irsa:index:IrsaServiceAccount"


def trust(subject: str) -> str:
    """Word a trust policy; IAM gives its keys back in another order."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Subject": subject}]})


def role(**changed: object) -> dict[str, object]:
    """Give the inputs of a role that nothing was wrong with."""
    return {
        "assumeRolePolicy": trust("apps:a"),
        "description": "IRSA: system:serviceaccount:apps:a",
        "maxSessionDuration": 3600,
        "name": "shop-a",
        "tags": {"a": "1"},
        **changed,
    }


WANTED: Final = [
    pytest.param("permissionsBoundary", BOUNDARY, id="boundary"),
    pytest.param("maxSessionDuration", 7200, id="session"),
    pytest.param("description", "other", id="description"),
    pytest.param("assumeRolePolicy", trust("apps:*"), id="trust"),
]


@pytest.mark.parametrize(("key", "wanted"), WANTED)
def test_a_value_that_iam_does_not_have_is_named(key: str, wanted: object) -> None:
    """The role is read after its update, also if the update called nothing."""
    assert behind(inputs=role(**{key: wanted}), read=role()) == (key,)


@pytest.mark.parametrize(("key", "wanted"), WANTED)
def test_a_change_that_a_preview_does_not_show_is_named(
    key: str, wanted: object
) -> None:
    """The state alone says that the role has what is wanted."""
    after = role(**{key: wanted})

    assert overlooked(old_inputs=role(), old_outputs=after, new_inputs=after) == (key,)


@pytest.mark.parametrize(("key", "wanted"), WANTED)
def test_a_change_that_a_preview_shows_is_no_news(key: str, wanted: object) -> None:
    """Neither before an ordinary update nor after it."""
    after = role(**{key: wanted})

    assert overlooked(old_inputs=role(), old_outputs=role(), new_inputs=after) == ()
    assert behind(inputs=after, read=after) == ()


def test_equal_values_are_equal_however_they_are_written() -> None:
    """What the plugin fills in, and the order in which it writes JSON."""
    policy = json.loads(trust("apps:a"))
    read = role(
        assumeRolePolicy=json.dumps(dict(reversed(policy.items())), indent=1),
        permissionsBoundary="",
        maxSessionDuration=3600.0,
        tags={"a": "1", "by": "hand"},
    )

    assert behind(inputs=role(), read=read) == ()
    assert overlooked(old_inputs=role(), old_outputs=read, new_inputs=role()) == ()


def test_a_value_that_is_not_known_is_not_compared() -> None:
    """A preview does not know every input, and a secret is nobody's to read."""
    unknown = role(assumeRolePolicy=object(), permissionsBoundary=object())

    assert behind(inputs=unknown, read=role()) == ()


def recorded() -> dict[str, Any]:
    """Give the state of a stack that made apps/reader with the role r."""
    arn = f"arn:aws:iam::{ACCOUNT_ID}:role/r"
    made = {"outputs": {"arn": arn, "name": "r"}}
    return {
        "outputs": {
            f"{COMPONENT}::apps/reader": {"outputs": {}},
            f"{COMPONENT}$aws:iam/role:Role::apps/reader-role": made,
        }
    }


def test_every_role_in_the_state_is_watched_and_no_other(tmp_path: Path) -> None:
    """A role that is made is not updated; a first run has no hook at all."""
    text = (
        entry("reader", "    roleName: r\n")
        + (entry("second").partition("serviceAccounts:\n")[2])
    )

    made = program(tmp_path, text=text, answers={READ_STATE: recorded()})

    hooks = {one.name: one.hooks for one in made.registrations if one.hooks}
    assert hooks == {
        "apps/reader-role": ("eks-irsa-before-role", "eks-irsa-after-role")
    }


def test_a_run_that_left_iam_behind_fails_with_its_outputs_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A green run would say that the trust is as narrow as it was asked for."""
    exported: dict[str, object] = {}
    monkeypatch.setattr(pulumi, "export", exported.__setitem__)
    start = RoleUpdates.__init__

    def left_behind(updates: RoleUpdates) -> None:
        start(updates)
        updates.unfinished["apps/reader-role"] = ("assumeRolePolicy", "description")

    monkeypatch.setattr(RoleUpdates, "__init__", left_behind)

    with pytest.raises(pulumi.RunError) as caught:
        program(
            tmp_path,
            text=entry("reader", "    roleName: r\n"),
            answers={READ_STATE: recorded()},
        )

    assert str(caught.value) == (
        "IAM has other values of these roles than they were updated to, because an "
        "earlier run failed while it changed them (apps/reader-role: assumeRolePolicy, "
        "description); run pulumi up again, which changes them"
    )
    assert list(exported) == ["accountId", "oidcProviderArn", "serviceAccounts"]
