"""A component that takes in what exists: what it imports, and what it refuses."""

from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes
import pytest
from registration_text import registration_text

from eks_irsa import InputError, IrsaServiceAccount
from eks_irsa.resources import adopted
from eks_irsa.testing import Deployment, deploy
from eks_irsa.testing.mock_aws import ACCOUNT_ID, ISSUER_URL

PROVIDER_ARN: Final = (
    f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{ISSUER_URL.removeprefix('https://')}"
)
READ_ONLY: Final = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
INLINE: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}
ASKED: Final[dict[str, Any]] = {
    "service_account_name": "reader",
    "namespace": "apps",
    "oidc_provider_arn": PROVIDER_ARN,
    "role_name": "theirs",
    "attach_policy_arns": [READ_ONLY],
    "inline_policies": {"get": INLINE, "new": INLINE},
    "inline_policy_names": {"get": "theirs-get"},
}
WHOLE: Final = {
    "role": "theirs",
    "attached_policies": [READ_ONLY],
    "inline_policies": ["theirs-get"],
    "service_account": True,
}


def component(**more: object) -> Deployment:
    """Deploy one component."""

    def program() -> None:
        provider = kubernetes.Provider("own", kubeconfig="{}")
        asked: Any = {**ASKED, **more}
        IrsaServiceAccount("x", asked, pulumi.ResourceOptions(providers=[provider]))

    return deploy(program)


def test_what_exists_is_imported_and_nothing_else_changes() -> None:
    """So that the word may be taken out once it is done."""
    imported = registration_text(component(adopt=WHOLE)).splitlines()
    plain = registration_text(component()).splitlines()

    assert [line.strip() for line in imported if "importId" in line] == [
        'importId: "theirs"',
        'importId: "theirs:theirs-get"',
        f'importId: "theirs/{READ_ONLY}"',
        'importId: "apps/reader"',
    ]
    assert [line for line in imported if "importId" not in line] == plain


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            {"adopt": {"role": "another"}},
            (
                "adopt.role: 'another' is not the role that is asked for, which is "
                "called 'theirs'; set role_name (overrides.<entry>.roleName in "
                "settings) to 'another', or take it out"
            ),
        ),
        (
            {"adopt": {"role": "theirs"}, "role_name": None},
            (
                "adopt.role: 'theirs' is not the role that is asked for, which is not "
                "named; set role_name (overrides.<entry>.roleName in settings) to "
                "'theirs', or take it out"
            ),
        ),
        (
            {"adopt": {"attached_policies": [READ_ONLY]}, "role_name": None},
            "adopt: needs the name of the role in plain text; set role_name",
        ),
        (
            {"adopt": {"roleName": "theirs"}},
            (
                "adopt.roleName: unknown key; expected one of role, attached_policies, "
                "inline_policies, service_account"
            ),
        ),
        (
            {"adopt": {"service_account": "yes"}},
            "adopt.service_account: expected true or false, got 'yes'",
        ),
        (
            {"adopt": {"service_account": True}, "service_account_mode": "patched"},
            (
                "adopt.service_account: the service account is patched, and one "
                "that is created alone is imported; take one of the two out"
            ),
        ),
        (
            {"inline_policy_names": {"another": "x"}},
            (
                "inline_policy_names.another: 'another' is no inline policy of the "
                "role; expected 'get', 'new'"
            ),
        ),
    ],
)
def test_what_is_not_asked_for_is_not_imported(
    more: dict[str, Any], message: str
) -> None:
    """In the words of the settings of a stack."""
    with pytest.raises(InputError) as refused:
        component(**more)

    assert str(refused.value).splitlines() == [f"x: {message}"]


def test_what_is_imported_is_known_when_the_program_runs() -> None:
    """The engine asks for it before anything is known."""
    later = pulumi.Output.from_input("theirs")

    with pytest.raises(InputError, match=r"adopt\.role: must be known when"):
        component(adopt={"role": later})
    with pytest.raises(InputError, match=r"adopt\.role: 'theirs' is not the role"):
        component(adopt={"role": "theirs"}, role_name=later)


@pytest.mark.parametrize(
    ("name", "held", "fault"),
    [
        ("x", "theirs", None),
        (
            "x",
            "ours",
            "the component has the role 'ours', and importing 'theirs' would",
        ),
        (
            "y",
            "Theirs",
            "the role 'theirs' is the one of the component 'y' in the state",
        ),
    ],
)
def test_an_import_that_would_delete_a_role_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, held: str, fault: str | None
) -> None:
    """The engine replaces what the state has under a name, and deletes what is left."""
    kind = "eks-irsa:index:IrsaServiceAccount$aws:iam/role:Role"
    state = {f"urn:pulumi:dev::p::{kind}::{name}-role": {"outputs": {"name": held}}}
    monkeypatch.setattr(adopted, "recorded_resources", lambda: state)

    if fault is None:
        component(adopt=WHOLE)
        return
    with pytest.raises(InputError, match=fault):
        component(adopt=WHOLE)
