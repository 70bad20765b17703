"""What a stack imports: under which names, and what is refused beforehand."""

from collections.abc import Mapping
from typing import Any, Final

import pytest
from plans import READ_ONLY, entry, planned, refused, roles

KEY: Final = "apps/reader"
ROLE: Final = "eksctl-c-Role1-1ABC"
POLICY: Final = "eksctl-c-Policy1"
ASKED: Final = entry(
    KEY,
    attachPolicyARNs=[READ_ONLY],
    attachPolicy={
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
    },
    wellKnownPolicies={"certManager": True},
)
SAID: Final = {
    "roleName": ROLE,
    "roleDescription": "",
    "inlinePolicyNames": {"attachPolicy": POLICY},
}
WHOLE: Final = {
    "role": ROLE,
    "attachedPolicies": [READ_ONLY],
    "inlinePolicies": [POLICY, "PolicyCertManagerGetChange"],
    "serviceAccount": True,
}


def settings(
    adopt: Mapping[str, object] | None = None, **override: object
) -> dict[str, Any]:
    """Write settings that import an entry's resources, and say what they are called."""
    return {
        "overrides": {KEY: {**SAID, **override}},
        "adopt": {KEY: WHOLE if adopt is None else adopt},
    }


def test_a_role_has_the_names_that_the_settings_say() -> None:
    """They win over the file, with or without an import in the same run."""
    named = {**ASKED, "roleName": "of-the-file"}

    imported = planned(named, settings=settings())
    (role,) = roles(imported)
    after = planned(named, settings={"overrides": {KEY: SAID}})

    assert (role.name, role.name_given, role.description) == (ROLE, True, "")
    assert {policy.key: policy.name for policy in role.inline_policies} == {
        "attachPolicy": POLICY,
        "PolicyCertManagerChangeSet": "PolicyCertManagerChangeSet",
        "PolicyCertManagerGetChange": "PolicyCertManagerGetChange",
        "PolicyCertManagerHostedZones": "PolicyCertManagerHostedZones",
    }
    assert roles(after) == [role]
    assert imported.warnings == after.warnings == ()


def test_a_renamed_entry_keeps_the_names_that_the_settings_say() -> None:
    """Whatever it was called before."""
    plan = planned(
        ASKED, settings={**settings(), "renames": {"apps/old": KEY}}, stack="o/p/s"
    )

    assert [role.name for role in roles(plan)] == [ROLE]


@pytest.mark.parametrize(
    ("adopt", "override", "path", "message"),
    [
        pytest.param(
            {"role": "another"},
            {},
            "adopt.apps/reader.role",
            f"'another' is not the role that is asked for, which is called {ROLE!r}; "
            "set role_name (overrides.<entry>.roleName in settings) to 'another', or "
            "take it out",
            id="another role",
        ),
        pytest.param(
            {"attachedPolicies": [READ_ONLY, f"{READ_ONLY}2"]},
            {},
            "adopt.apps/reader.attachedPolicies[1]",
            f"'{READ_ONLY}2' is no policy that is asked for, so it is left as it is; "
            f"take it out, or ask for it (expected {READ_ONLY!r})",
            id="a managed policy that is not asked for",
        ),
        pytest.param(
            {"inlinePolicies": ["attachPolicy"]},
            {},
            "adopt.apps/reader.inlinePolicies[0]",
            "'attachPolicy' is no policy that is asked for, so it is left as it is; "
            "take it out, or ask for it (expected 'eksctl-c-Policy1', "
            "'PolicyCertManagerChangeSet', 'PolicyCertManagerGetChange', "
            "'PolicyCertManagerHostedZones')",
            id="an inline policy by another name than IAM's",
        ),
        pytest.param(
            {},
            {},
            "adopt.apps/reader",
            "names nothing that exists; write role, attachedPolicies, inlinePolicies "
            "or serviceAccount, or take the entry out",
            id="nothing",
        ),
        pytest.param(
            {"role": "a b"},
            {},
            "adopt.apps/reader.role",
            "'a b' cannot name a role; a name has 1 to 64 letters, digits and "
            "'_+=,.@-', this one has 3 characters",
            id="no name of a role",
        ),
        pytest.param(
            {"attachedPolicies": ["ReadOnly"]},
            {},
            "adopt.apps/reader.attachedPolicies[0]",
            "'ReadOnly' is not the ARN of a policy; expected "
            "arn:<partition>:iam::<12 digits or 'aws'>:policy/<name>",
            id="no ARN",
        ),
    ],
)
def test_what_is_imported_must_be_what_is_asked_for(
    adopt: dict[str, object], override: dict[str, object], path: str, message: str
) -> None:
    """The engine would replace, that is delete, what has another name."""
    found = refused(ASKED, settings=settings(adopt, **override))

    assert found == [(f"eks-irsa:{path}", "E-ADOPT", message)]


def test_an_import_is_of_an_entry_of_the_stack() -> None:
    """A name that is none, one that is not in the file, one that is left out."""
    adopt = {"serviceAccount": True}
    message = "is no entry of this stack; write the entry into the ClusterConfig, or"

    (shape,) = refused(ASKED, settings={"adopt": {"reader": adopt}})
    (gone,) = refused(ASKED, settings={"adopt": {"apps/gone": adopt}})
    *_, out = refused(
        ASKED, entry("b/c"), settings={"adopt": {KEY: adopt}, "include": ["b/*"]}
    )

    assert shape[:2] == ("eks-irsa:adopt.reader", "E-ADOPT")
    assert gone[1:] == ("E-ADOPT", f"'apps/gone' {message} take it out here")
    assert out[1:] == ("E-ADOPT", f"'apps/reader' {message} take it out here")


@pytest.mark.parametrize(
    ("more", "mode"),
    [({"patchExisting": [KEY]}, "patched"), ({"kubernetes": "off"}, "notManaged")],
)
def test_a_service_account_that_stays_another_owners_is_not_imported(
    more: dict[str, object], mode: str
) -> None:
    """Its role is."""
    role = {"role": ROLE}

    found = refused(ASKED, settings={**settings(), **more})
    taken = planned(ASKED, settings={**settings(role), **more})

    assert found == [
        (
            "eks-irsa:adopt.apps/reader.serviceAccount",
            "E-ADOPT",
            (
                f"the service account is {mode}, and one that is created alone is "
                "imported; take one of the two out"
            ),
        )
    ]
    assert [one.name for one in roles(taken)] == [ROLE]


def test_nothing_is_imported_of_a_role_that_is_used_as_it_is() -> None:
    """Neither it nor the names of its policies."""
    theirs = entry(KEY, attachRoleARN="arn:aws:iam::111122223333:role/theirs")

    found = refused(theirs, settings=settings({"role": ROLE}))

    assert [(path, code) for path, code, _ in found] == [
        ("eks-irsa:overrides.apps/reader.inlinePolicyNames", "E-ATTACH-ROLE"),
        ("eks-irsa:overrides.apps/reader.roleName", "E-ATTACH-ROLE"),
        ("eks-irsa:adopt.apps/reader", "E-ADOPT"),
    ]


@pytest.mark.parametrize(
    ("names", "at", "message"),
    [
        pytest.param(
            {"permissionPolicy": "x"},
            "permissionPolicy",
            "'permissionPolicy' is no inline policy of the role; expected "
            "'attachPolicy', 'PolicyCertManagerChangeSet', "
            "'PolicyCertManagerGetChange', 'PolicyCertManagerHostedZones'",
            id="of no policy",
        ),
        pytest.param(
            {"attachPolicy": "PolicyCertManagerGetChange"},
            "attachPolicy",
            "'PolicyCertManagerGetChange' is the name of 'attachPolicy' too; a role "
            "has a name once",
            id="of another policy",
        ),
        pytest.param(
            {"attachPolicy": "a/b"},
            "attachPolicy",
            "'a/b' cannot name a policy; a name has 1 to 128 letters, digits and "
            "'_+=,.@-'",
            id="no name",
        ),
    ],
)
def test_inline_policies_have_names_of_their_own(
    names: dict[str, str], at: str, message: str
) -> None:
    """A name says of which policy it is, and two policies never share one."""
    found = refused(ASKED, settings={"overrides": {KEY: {"inlinePolicyNames": names}}})

    path = f"eks-irsa:overrides.apps/reader.inlinePolicyNames.{at}"
    assert found == [(path, "E-POLICY-NAME", message)]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("roleName", "x", "E-ROLE-NAME"),
        ("roleDescription", "x", "E-ROLE-DESCRIPTION"),
        ("inlinePolicyNames", {"attachPolicy": "x"}, "E-POLICY-NAME"),
    ],
)
def test_what_one_role_is_called_is_said_of_one_entry(
    name: str, value: object, code: str
) -> None:
    """Neither by default nor by a glob."""
    message = (
        "is of one service account; write it under its name, overrides: "
        f"{{<namespace>/<name>: {{{name}: ...}}}}"
    )

    by_default = refused(ASKED, settings={"defaults": {name: value}})
    by_glob = refused(ASKED, settings={"overrides": {"apps/*": {name: value}}})

    assert by_default == [(f"eks-irsa:defaults.{name}", code, message)]
    assert by_glob == [(f"eks-irsa:overrides.apps/*.{name}", code, message)]
