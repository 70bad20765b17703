"""What the AWS double checks before anything is made, and what it fills in."""

import pytest
from plugin_driver import Driver, RefusedError, Screen
from pulumi.runtime.proto import provider_pb2

from sandbox.plugins.aws.provider import AwsPlugin
from sandbox.plugins.values import UNKNOWN, Properties, Secret, Value

ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ISSUER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
TRUST = '{"Statement": []}'


def _driver(token: str) -> Driver:
    return Driver(AwsPlugin(host=Screen()), token=token)


def test_role_gets_the_bridges_defaults() -> None:
    """What the program leaves open is filled in, and noted as filled in."""
    inputs, failures = _driver(ROLE).check({"assumeRolePolicy": TRUST}, name="my-role")

    name = inputs.pop("name")
    assert failures == []
    assert isinstance(name, str)
    assert name.startswith("my-role-")
    assert len(name) == len("my-role-") + 7
    assert inputs == {
        "__defaults": ["maxSessionDuration", "name", "path"],
        "assumeRolePolicy": TRUST,
        "maxSessionDuration": 3600,
        "path": "/",
        "tagsAll": {},
    }


def test_made_up_name_stays_while_the_program_gives_none() -> None:
    """An update does not make up another name, a given name takes its place."""
    driver = _driver(ROLE)
    first = driver.checked({"assumeRolePolicy": TRUST})
    first["name"] = "it-0000000"

    second, _ = driver.check({"assumeRolePolicy": TRUST}, olds=first)
    third, _ = driver.check({"assumeRolePolicy": TRUST, "name": "mine"}, olds=first)

    assert second["name"] == "it-0000000"
    assert third["name"] == "mine"
    assert third["__defaults"] == ["maxSessionDuration", "path"]


@pytest.mark.parametrize(
    ("mode", "name"),
    [("PROPOSE", "proposed"), ("ENFORCE", "proposed"), ("DISABLE", None)],
)
def test_engine_may_name_a_role(mode: str, name: str | None) -> None:
    """The engine's autonaming settings count for what the program did not name."""
    options = provider_pb2.CheckRequest.AutonamingOptions
    autonaming = options(proposed_name="proposed", mode=options.Mode.Value(mode))

    inputs, _ = _driver(ROLE).check({"assumeRolePolicy": TRUST}, autonaming=autonaming)

    assert inputs.get("name") == name


def test_name_that_would_be_too_long_is_not_made_up() -> None:
    """A logical name of 57 characters leaves no room for the random ones."""
    with pytest.raises(RefusedError) as refused:
        _driver(ROLE).check({"assumeRolePolicy": TRUST}, name="n" * 57)

    assert str(refused.value) == (
        f"name '{'n' * 57}-' plus 7 random chars is longer than maximum length 64"
    )


def test_unknowns_and_secrets_are_taken_everywhere() -> None:
    """Nothing is said of what is not known; a secret is checked as its value."""
    given: Properties = {
        "assumeRolePolicy": Secret(TRUST),
        "description": UNKNOWN,
        "maxSessionDuration": UNKNOWN,
        "name": UNKNOWN,
        "tags": {"a": UNKNOWN, "b": Secret("x")},
    }

    inputs, failures = _driver(ROLE).check(given)

    assert failures == []
    assert inputs["assumeRolePolicy"] == TRUST
    assert inputs["tags"] == {"a": UNKNOWN, "b": "x"}


@pytest.mark.parametrize(
    ("token", "changes", "failure"),
    [
        (
            ROLE,
            {"assumeRolePolicy": None},
            "Missing required property 'assumeRolePolicy'",
        ),
        (ROLE, {"asumeRole": "x"}, "Invalid or unknown key. {at}asumeRole'."),
        (
            ROLE,
            {"assumeRolePolicy": "[]"},
            (
                '"assume_role_policy" contains an invalid JSON policy: contains a JSON '
                "array, not a JSON object. {at}assumeRolePolicy'."
            ),
        ),
        (
            ROLE,
            {"assumeRolePolicy": '{"a": 1, "a": 2}'},
            (
                '"assume_role_policy" contains duplicate JSON keys: duplicate key "a". '
                "{at}assumeRolePolicy'."
            ),
        ),
        (
            ROLE,
            {"name": "a/b"},
            r"invalid value for name (must match [\w+=,.@-]). {at}name'.",
        ),
        (
            ROLE,
            {"name": "n" * 65},
            (
                "expected length of name to be in the range (1 - 64), got "
                f"{'n' * 65}. {{at}}name'."
            ),
        ),
        (
            ROLE,
            {"maxSessionDuration": 43201},
            (
                "expected max_session_duration to be in the range (3600 - 43200), got "
                "43201. {at}maxSessionDuration'."
            ),
        ),
        (
            ROLE,
            {"maxSessionDuration": "long"},
            "expected number type, got 'long'. {at}maxSessionDuration'.",
        ),
        (
            ROLE,
            {"permissionsBoundary": "arn:aws:iam"},
            (
                '"permissions_boundary" (arn:aws:iam) is an invalid ARN: arn: not '
                "enough sections. {at}permissionsBoundary'."
            ),
        ),
        (
            POLICY,
            {"role": "arn:aws:iam::123456789012:role/x"},
            "\"role\" must be the role's name not its ARN. {at}role'.",
        ),
        (
            POLICY,
            {"policy": '{"a": "' + "x" * 10240 + '"}'},
            "Cannot exceed quota for PolicySize: 10240 (actual: 10248). {at}policy'.",
        ),
        (
            ATTACHMENT,
            {"policyArn": "AmazonS3ReadOnlyAccess"},
            (
                '"policy_arn" (AmazonS3ReadOnlyAccess) is an invalid ARN: arn: invalid '
                "prefix. {at}policyArn'."
            ),
        ),
        (
            ISSUER,
            {"url": "http://example.com"},
            (
                'expected "url" to have a url with schema of: "https", got '
                "http://example.com. {at}url'."
            ),
        ),
        (
            ISSUER,
            {"clientIdLists": ["ok", ""]},
            (
                "expected length of client_id_list[1] to be in the range (1 - 255), "
                "got . {at}clientIdLists[1]'."
            ),
        ),
        (
            ISSUER,
            {"thumbprintLists": ["abc"]},
            (
                "expected length of thumbprint_list[0] to be in the range (40 - 40), "
                "got abc. {at}thumbprintLists[0]'."
            ),
        ),
    ],
)
def test_wrong_inputs_are_refused_in_the_real_words(
    token: str, changes: dict[str, Value], failure: str
) -> None:
    """Each rule of the real plugin that a plan checks has its sentence."""
    right: dict[str, Properties] = {
        ROLE: {"assumeRolePolicy": TRUST, "name": "r"},
        POLICY: {"policy": "{}", "role": "r", "name": "p"},
        ATTACHMENT: {"policyArn": "arn:aws:iam::aws:policy/X", "role": "r"},
        ISSUER: {"url": "https://example.com", "clientIdLists": ["a"]},
    }

    _, failures = _driver(token).check({**right[token], **changes})

    assert failures == [failure.replace("{at}", "Examine values at 'it.")]


def test_name_and_prefix_exclude_each_other() -> None:
    """Both sides of the conflict are told."""
    given: Properties = {"assumeRolePolicy": TRUST, "name": "a", "namePrefix": "b"}

    _, failures = _driver(ROLE).check(given)

    assert failures == [
        (
            "Conflicting configuration arguments. "
            "\"name\": conflicts with name_prefix. Examine values at 'it.name'."
        ),
        (
            "Conflicting configuration arguments. "
            "\"name_prefix\": conflicts with name. Examine values at 'it.namePrefix'."
        ),
    ]


def test_deprecated_inputs_are_not_covered() -> None:
    """What the real plugin takes and the double does not is refused by its name."""
    with pytest.raises(RefusedError) as refused:
        _driver(ROLE).check({"assumeRolePolicy": TRUST, "managedPolicyArns": []})

    assert str(refused.value) == (
        "aws:iam/role:Role's property managedPolicyArns is not covered by the "
        "sandbox's test double of pulumi-resource-aws"
    )


def test_import_may_give_back_what_a_program_may_not_give() -> None:
    """The engine checks what was just read; the bridge's notes in it are no values."""
    read: Properties = {
        "assumeRolePolicy": TRUST,
        "inlinePolicies": [{"__defaults": [], "name": "p", "policy": "{}"}],
        "managedPolicyArns": ["arn:aws:iam::aws:policy/X"],
        "name": "r",
        "tags": {"__defaults": [], "a": "1"},
    }

    inputs, failures = _driver(ROLE).check(read, olds=read)

    assert failures == []
    assert inputs["tags"] == inputs["tagsAll"] == {"a": "1"}
    assert inputs["managedPolicyArns"] == ["arn:aws:iam::aws:policy/X"]


def test_other_types_and_functions_are_not_covered() -> None:
    """So is what no sandbox has."""
    driver = _driver("aws:ec2/vpc:Vpc")
    driver.configure(region="us-west-2", skipRequestingAccountId="true")

    with pytest.raises(RefusedError, match="the resource type aws:ec2/vpc:Vpc"):
        driver.check({})
    with pytest.raises(RefusedError, match="the function aws:s3/getBucket:getBucket"):
        driver.invoke("aws:s3/getBucket:getBucket")
