"""Trust policies IAM refuses, and the sandbox with it, with the whole message."""

import json
from typing import Any

import pytest
from aws_client import AwsClient

ISSUER = "oidc.eks.us-west-2.amazonaws.com/id/EXAMPLE"
PROVIDER = f"arn:aws:iam::410987654321:oidc-provider/{ISSUER}"
MALFORMED = (400, "MalformedPolicyDocument")
FEDERATED = "Federated principals must be valid domain names or SAML metadata ARNs"
SID = (
    "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the "
    "regular expression [0-9A-Za-z]*"
)


def _statement(**changes: object) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER},
        "Action": ["sts:AssumeRoleWithWebIdentity"],
        "Condition": {"StringEquals": {f"{ISSUER}:sub": "a", f"{ISSUER}:aud": "b"}},
    }
    return {
        key: value
        for key, value in {**statement, **changes}.items()
        if value is not None
    }


def _policy(*statements: object, version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


REFUSED = [
    pytest.param("{", "This policy contains invalid Json", id="json"),
    pytest.param("[]", "This policy contains invalid Json", id="no object"),
    pytest.param("{}", "Missing required field Statement", id="empty object"),
    pytest.param(
        _policy(_statement(), version="2012-10-18"),
        "The policy must contain a valid version string",
        id="version",
    ),
    pytest.param(
        _policy(), "Could not parse the policy: Statement is empty!", id="no statement"
    ),
    pytest.param(
        _policy(_statement(Effekt="Allow")), "Syntax errors in policy.", id="element"
    ),
    pytest.param(
        _policy(_statement(Effect=None)), "Missing required field Effect", id="effect"
    ),
    pytest.param(
        _policy(_statement(Effect="allow")), "Invalid effect: allow", id="effect's case"
    ),
    pytest.param(
        _policy(_statement(Principal=None)),
        "Missing required field Principal",
        id="principal",
    ),
    pytest.param(
        _policy(_statement(Principal={})),
        "Missing required field Principal cannot be empty!",
        id="empty principal",
    ),
    pytest.param(
        _policy(_statement(Principal="*")),
        'AssumeRolepolicy contained an invalid principal: "STAR":"*".',
        id="anybody",
    ),
    pytest.param(
        _policy(_statement(Principal={"Federate": PROVIDER})),
        'Invalid principal in policy: "Federate"',
        id="type of principal",
    ),
    pytest.param(
        _policy(_statement(Principal=None, NotPrincipal={"Federated": PROVIDER})),
        "Allow with NotPrincipal is not allowed.",
        id="not principal",
    ),
    pytest.param(
        _policy(_statement(Principal={"Federated": ISSUER})),
        FEDERATED,
        id="issuer for provider",
    ),
    pytest.param(
        _policy(
            _statement(
                Principal={
                    "Federated": PROVIDER.replace("provider/", "provider/https://")
                }
            )
        ),
        FEDERATED,
        id="scheme in provider",
    ),
    pytest.param(
        _policy(
            _statement(Principal={"Federated": PROVIDER.replace(":aws:", ":aws-cn:")})
        ),
        FEDERATED,
        id="other partition",
    ),
    pytest.param(
        _policy(_statement(Action=None)), "Missing required field Action", id="action"
    ),
    pytest.param(
        _policy(_statement(Action="s3:GetObject")),
        "AssumeRole policy may only specify STS AssumeRole actions.",
        id="action of another service",
    ),
    pytest.param(
        _policy(_statement(Resource="*")),
        "Has prohibited field Resource",
        id="resource",
    ),
    pytest.param(
        _policy(_statement(NotResource="*")),
        "AssumeRole policy must not contain resources.",
        id="not resource",
    ),
    pytest.param(
        _policy(_statement(Condition={"StringEquals": {f"https://{ISSUER}:sub": "a"}})),
        "Condition can contain only one colon.",
        id="scheme in key",
    ),
    pytest.param(
        _policy(_statement(Condition={"StringEquals": {f"{PROVIDER}:sub": "a"}})),
        "Condition can contain only one colon.",
        id="arn in key",
    ),
    pytest.param(
        _policy(_statement(Condition={"StringEquals": {"sub": "a"}})),
        "Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        id="no issuer in key",
    ),
    pytest.param(
        _policy(_statement(Condition={"ForAllValuesStringEquals": {"a:b": "a"}})),
        "Invalid Condition type : ForAllValuesStringEquals",
        id="operator",
    ),
    pytest.param(_policy(_statement(Sid="my-account")), SID, id="sid"),
    pytest.param(
        _policy(_statement(Sid="a"), _statement(Sid="a")),
        "The Statement Ids in the policy are not unique",
        id="sid twice",
    ),
]


@pytest.mark.parametrize(("document", "message"), REFUSED)
def test_create_role_refuses_the_trust_policy(
    client: AwsClient, name: str, document: str, message: str
) -> None:
    """IAM's own words, before anything is made."""
    refusal = client.refused(
        "iam", "create_role", RoleName=name, AssumeRolePolicyDocument=document
    )

    assert refusal == (*MALFORMED, message)


@pytest.fixture(scope="module")
def role(client: AwsClient) -> str:
    """Make the role whose trust policy is not to be changed."""
    name = "t-trust-policies"
    document = _policy(_statement())
    client.call("iam", "create_role", RoleName=name, AssumeRolePolicyDocument=document)
    return name


@pytest.mark.parametrize(("document", "message"), REFUSED)
def test_update_assume_role_policy_refuses_the_same(
    client: AwsClient, role: str, document: str, message: str
) -> None:
    """An update is checked as the creation is, and changes nothing."""
    refusal = client.refused(
        "iam", "update_assume_role_policy", RoleName=role, PolicyDocument=document
    )

    held = client.call("iam", "get_role", RoleName=role)["Role"]
    assert refusal == (*MALFORMED, message)
    assert held["AssumeRolePolicyDocument"] == json.loads(_policy(_statement()))


@pytest.mark.parametrize(("padding", "fits"), [(0, True), (1, False)])
def test_trust_policy_is_measured_without_white_space(
    client: AwsClient, name: str, padding: int, *, fits: bool
) -> None:
    """2,048 characters and any amount of white space fit, 2,049 do not."""
    short = _policy(_statement(Sid=""))
    size = len("".join(short.split()))
    document = _policy(_statement(Sid="x" * (2048 - size + padding)))
    given = {"RoleName": name, "AssumeRolePolicyDocument": document + " " * 500}

    if fits:
        client.call("iam", "create_role", **given)
    else:
        assert client.refused("iam", "create_role", **given) == (
            409,
            "LimitExceeded",
            "Cannot exceed quota for ACLSizePerRole: 2048",
        )


@pytest.mark.parametrize(
    "principal",
    [
        pytest.param({"Federated": [PROVIDER, f"{PROVIDER}2"]}, id="two clusters"),
        pytest.param({"Federated": "cognito-identity.amazonaws.com"}, id="domain"),
        pytest.param({"Service": "pods.eks.amazonaws.com"}, id="service"),
    ],
)
def test_principals_iam_takes_are_taken(
    client: AwsClient, name: str, principal: object
) -> None:
    """What IAM takes goes through and is held as given."""
    document = _policy(_statement(Principal=principal))

    client.call("iam", "create_role", RoleName=name, AssumeRolePolicyDocument=document)

    held = client.call("iam", "get_role", RoleName=name)["Role"]
    assert held["AssumeRolePolicyDocument"] == json.loads(document)
