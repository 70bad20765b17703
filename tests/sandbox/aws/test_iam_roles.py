"""Roles: names, tags, policies and limits that IAM refuses, with the whole message."""

import json
from collections.abc import Mapping

import pytest
from aws_client import AwsClient

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "pods.eks.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
S3_READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
VALIDATION = "1 validation error detected: Value at '{}' failed to satisfy constraint: "
DUPLICATE_TAGS = (
    "Duplicate tag keys found. Please note that Tag keys are case insensitive."
)
TAG_CHARACTERS = r"[\p{L}\p{Z}\p{N}_.:/=+\-@]"


def _permissions(**changes: object) -> str:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    changed = {k: v for k, v in {**statement, **changes}.items() if v is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [changed]})


def _create(client: AwsClient, name: str, **given: object) -> None:
    client.call(
        "iam", "create_role", RoleName=name, AssumeRolePolicyDocument=TRUST, **given
    )


def _tag(key: str, value: str = "") -> dict[str, str]:
    return {"Key": key, "Value": value}


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        pytest.param(
            {"RoleName": "a" * 65},
            "ValidationError",
            VALIDATION.format("roleName")
            + "Member must have length less than or equal to 64",
            id="name's length",
        ),
        pytest.param(
            {"RoleName": "a/b"},
            "ValidationError",
            "The specified value for roleName is invalid. It must contain only "
            "alphanumeric characters and/or the following: +=,.@_-",
            id="name's characters",
        ),
        pytest.param(
            {"Path": "eks"},
            "ValidationError",
            "The specified value for path is invalid. It must begin and end with / and "
            "contain only alphanumeric characters and/or / characters.",
            id="path",
        ),
        pytest.param(
            {"Description": "a" * 1001},
            "ValidationError",
            VALIDATION.format("description")
            + "Member must have length less than or equal to 1000",
            id="description's length",
        ),
        pytest.param(
            {"Description": "\u2192"},
            "ValidationError",
            VALIDATION.format("description")
            + "Member must satisfy regular expression pattern: "
            r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*",
            id="description's characters",
        ),
        pytest.param(
            {"MaxSessionDuration": 3599},
            "ValidationError",
            VALIDATION.format("maxSessionDuration")
            + "Member must have value greater than or equal to 3600",
            id="session too short",
        ),
        pytest.param(
            {"MaxSessionDuration": 43201},
            "ValidationError",
            VALIDATION.format("maxSessionDuration")
            + "Member must have value less than or equal to 43200",
            id="session too long",
        ),
        pytest.param(
            {"Tags": [_tag(f"k{number}") for number in range(51)]},
            "ValidationError",
            VALIDATION.format("tags")
            + "Member must have length less than or equal to 50",
            id="tags",
        ),
        pytest.param(
            {"Tags": [_tag("team"), _tag("Team")]},
            "InvalidInput",
            DUPLICATE_TAGS,
            id="tag twice",
        ),
        pytest.param(
            {"Tags": [_tag("a"), _tag("k" * 129)]},
            "ValidationError",
            VALIDATION.format("tags.2.member.key")
            + "Member must have length less than or equal to 128",
            id="tag's key",
        ),
        pytest.param(
            {"Tags": [_tag("a", "v" * 257)]},
            "ValidationError",
            VALIDATION.format("tags.1.member.value")
            + "Member must have length less than or equal to 256",
            id="tag's value",
        ),
        pytest.param(
            {"Tags": [_tag("a&b")]},
            "ValidationError",
            VALIDATION.format("tags.1.member.key")
            + f"Member must satisfy regular expression pattern: {TAG_CHARACTERS}+",
            id="tag key's characters",
        ),
        pytest.param(
            {"Tags": [_tag("a", "{}")]},
            "ValidationError",
            VALIDATION.format("tags.1.member.value")
            + f"Member must satisfy regular expression pattern: {TAG_CHARACTERS}*",
            id="tag value's characters",
        ),
        pytest.param(
            {"Tags": [_tag("aws:eks")]},
            "InvalidInput",
            "aws: prefixed tag key names are not allowed for external use.",
            id="reserved tag",
        ),
        pytest.param(
            {"PermissionsBoundary": "arn:aws:iam::410987654321:role/not-a-policy"},
            "InvalidInput",
            "ARN arn:aws:iam::410987654321:role/not-a-policy is not valid.",
            id="boundary's form",
        ),
    ],
)
def test_create_role_refuses(
    client: AwsClient, name: str, given: Mapping[str, object], code: str, message: str
) -> None:
    """The shape of everything is checked before the role is made."""
    role = {"RoleName": name, "AssumeRolePolicyDocument": TRUST, **given}

    assert client.refused("iam", "create_role", **role) == (400, code, message)


def test_role_keeps_what_it_was_given(client: AwsClient, name: str) -> None:
    """A role comes back as made, at the bounds of what IAM takes."""
    given = {
        "RoleName": name + "A" * (64 - len(name)),
        "Path": "/eks/",
        "Description": "for t\u00e9sts",
        "MaxSessionDuration": 43200,
        "PermissionsBoundary": S3_READ,
        "Tags": [_tag(f"eks-irsa/{number}", "a b") for number in range(50)],
    }

    client.call("iam", "create_role", AssumeRolePolicyDocument=TRUST, **given)

    role = client.call("iam", "get_role", RoleName=given["RoleName"])["Role"]
    assert role["RoleId"].startswith("AROA")
    assert {key: role[key] for key in given if key != "PermissionsBoundary"} == {
        key: value for key, value in given.items() if key != "PermissionsBoundary"
    }
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == S3_READ
    assert role["Arn"] == f"arn:aws:iam::410987654321:role/eks/{given['RoleName']}"


def test_role_name_is_taken_in_any_case(client: AwsClient, name: str) -> None:
    """IAM's names are unique without regard to case."""
    _create(client, name)

    refusal = client.refused(
        "iam", "create_role", RoleName=name.upper(), AssumeRolePolicyDocument=TRUST
    )

    text = f"Role with name {name.upper()} already exists."
    assert refusal == (409, "EntityAlreadyExists", text)


@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("get_role", {}),
        ("delete_role", {}),
        ("list_role_policies", {}),
        ("list_attached_role_policies", {}),
        ("update_role", {"Description": "x"}),
        ("tag_role", {"Tags": [_tag("a")]}),
        ("attach_role_policy", {"PolicyArn": S3_READ}),
        ("put_role_policy", {"PolicyName": "p", "PolicyDocument": _permissions()}),
        ("update_assume_role_policy", {"PolicyDocument": TRUST}),
    ],
)
def test_role_that_is_not_there_is_refused(
    client: AwsClient, name: str, operation: str, given: Mapping[str, object]
) -> None:
    """Whatever is asked of it."""
    refusal = client.refused("iam", operation, RoleName=name, **given)

    text = f"The role with name {name} cannot be found."
    assert refusal == (404, "NoSuchEntity", text)


def test_boundary_that_is_not_there_is_refused(client: AwsClient, name: str) -> None:
    """A boundary has to exist when the role is made."""
    arn = f"arn:aws:iam::410987654321:policy/{name}"

    refusal = client.refused(
        "iam",
        "create_role",
        RoleName=name,
        AssumeRolePolicyDocument=TRUST,
        PermissionsBoundary=arn,
    )

    text = f"Scope ARN: {arn} does not exist or is not attachable."
    assert refusal == (404, "NoSuchEntity", text)


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        pytest.param(
            "AmazonS3ReadOnlyAccess-is-no-arn",
            (
                400,
                "ValidationError",
                "ARN AmazonS3ReadOnlyAccess-is-no-arn is not valid.",
            ),
            id="no arn",
        ),
        pytest.param(
            "arn:aws:iam::aws:policy/NoSuchPolicy",
            (
                404,
                "NoSuchEntity",
                (
                    "Policy arn:aws:iam::aws:policy/NoSuchPolicy does not exist or is "
                    "not attachable."
                ),
            ),
            id="missing",
        ),
        pytest.param(
            "arn:aws-cn:iam::aws:policy/AmazonS3ReadOnlyAccess",
            (
                404,
                "NoSuchEntity",
                (
                    "Policy arn:aws-cn:iam::aws:policy/AmazonS3ReadOnlyAccess does not "
                    "exist or is not attachable."
                ),
            ),
            id="other partition",
        ),
        pytest.param(
            "arn:aws:iam::aws:policy/aws-service-role/AmazonEKSServiceRolePolicy",
            (
                400,
                "PolicyNotAttachable",
                "Cannot attach a Service Role Policy to a Customer Role.",
            ),
            id="service role",
        ),
    ],
)
def test_policy_that_cannot_be_attached_is_refused(
    client: AwsClient, name: str, arn: str, expected: tuple[int, str, str]
) -> None:
    """An attachment names a policy that is there."""
    _create(client, name)

    refusal = client.refused("iam", "attach_role_policy", RoleName=name, PolicyArn=arn)

    assert refusal == expected


def test_eleventh_managed_policy_is_refused(client: AwsClient, name: str) -> None:
    """Ten fit, and one of them may be attached again."""
    _create(client, name)
    arns = [
        client.call(
            "iam",
            "create_policy",
            PolicyName=f"{name}-{number}",
            PolicyDocument=_permissions(),
        )["Policy"]["Arn"]
        for number in range(11)
    ]
    for arn in [*arns[:10], arns[0]]:
        client.call("iam", "attach_role_policy", RoleName=name, PolicyArn=arn)

    refusal = client.refused(
        "iam", "attach_role_policy", RoleName=name, PolicyArn=arns[10]
    )

    text = "Cannot exceed quota for PoliciesPerRole: 10"
    assert refusal == (409, "LimitExceeded", text)


def test_policy_that_is_not_attached_cannot_be_detached(
    client: AwsClient, name: str
) -> None:
    """A detachment names a policy the role has."""
    _create(client, name)

    refusal = client.refused(
        "iam", "detach_role_policy", RoleName=name, PolicyArn=S3_READ
    )

    assert refusal == (404, "NoSuchEntity", f"Policy {S3_READ} was not found.")


@pytest.mark.parametrize(
    ("document", "message"),
    [
        pytest.param("{", "Syntax errors in policy.", id="json"),
        pytest.param(
            json.dumps({"Version": "2012-10-17", "Statement": []}),
            "Syntax errors in policy.",
            id="no statement",
        ),
        pytest.param(
            _permissions(Effect=None), "Syntax errors in policy.", id="effect"
        ),
        pytest.param(
            _permissions(Action=None),
            "Policy statement must contain actions.",
            id="action",
        ),
        pytest.param(
            _permissions(Action="GetObject"),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, "
            "etc.",
            id="vendor",
        ),
        pytest.param(
            _permissions(Resource=None),
            "Policy statement must contain resources.",
            id="resource",
        ),
        pytest.param(
            _permissions(Resource="bucket"),
            'Resource bucket must be in ARN format or "*".',
            id="resource's form",
        ),
        pytest.param(
            _permissions(Resource="arn:aws-cn:s3:::bucket"),
            'Partition "aws-cn" is not valid for resource "arn:aws-cn:s3:::bucket".',
            id="partition",
        ),
        pytest.param(
            _permissions(Principal={"AWS": "*"}),
            "Policy document should not specify a principal.",
            id="principal",
        ),
        pytest.param(
            _permissions(Condition={"StringEquals": {"https://a:sub": "x"}}),
            "Condition can contain only one colon.",
            id="condition key",
        ),
        pytest.param(
            _permissions(Sid="read-only"),
            "Statement IDs (SID) must be alpha-numeric. Check that your input "
            "satisfies the regular expression [0-9A-Za-z]*",
            id="sid",
        ),
        pytest.param(
            json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": json.loads(_permissions(Sid="a"))["Statement"] * 2,
                }
            ),
            "Statement IDs (SID) in a single policy must be unique.",
            id="sid twice",
        ),
    ],
)
def test_put_role_policy_refuses(
    client: AwsClient, name: str, document: str, message: str
) -> None:
    """A permission policy is checked before it is held."""
    _create(client, name)

    refusal = client.refused(
        "iam",
        "put_role_policy",
        RoleName=name,
        PolicyName="p",
        PolicyDocument=document,
    )

    assert refusal == (400, "MalformedPolicyDocument", message)


@pytest.mark.parametrize(
    "key", ["ec2:ResourceTag/kubernetes.io:a:b", "kms:EncryptionContext:aws:s3:arn"]
)
def test_a_users_name_in_a_condition_key_may_hold_colons(
    client: AwsClient, name: str, key: str
) -> None:
    """AWS's own keys hold several; the URL of an issuer is none of them."""
    _create(client, name)
    condition = {"StringEquals": {key: "x"}}

    client.call(
        "iam",
        "put_role_policy",
        RoleName=name,
        PolicyName="p",
        PolicyDocument=_permissions(Condition=condition),
    )

    names = client.call("iam", "list_role_policies", RoleName=name)["PolicyNames"]
    assert names == ["p"]


def test_inline_policies_are_measured_together(client: AwsClient, name: str) -> None:
    """10,240 characters fit in all of a role's inline policies; a new one replaces."""
    _create(client, name)
    size = len("".join(_permissions(Resource="").split()))

    def put(policy: str, characters: int) -> dict[str, object]:
        resource = "arn:aws:s3:::" + "a" * (characters - size - len("arn:aws:s3:::"))
        return {
            "RoleName": name,
            "PolicyName": policy,
            "PolicyDocument": _permissions(Resource=resource),
        }

    client.call("iam", "put_role_policy", **put("a", 6000))
    client.call("iam", "put_role_policy", **put("b", 4240))
    client.call("iam", "put_role_policy", **put("b", 4240))

    refusal = client.refused("iam", "put_role_policy", **put("b", 4241))

    text = f"Maximum policy size of 10240 bytes exceeded for role {name}"
    assert refusal == (409, "LimitExceeded", text)


def test_managed_policy_has_a_size(client: AwsClient, name: str) -> None:
    """A managed policy holds 6,144 characters."""
    document = _permissions(Resource="arn:aws:s3:::" + "a" * 6144)

    refusal = client.refused(
        "iam", "create_policy", PolicyName=name, PolicyDocument=document
    )

    text = "Cannot exceed quota for PolicySize: 6144"
    assert refusal == (409, "LimitExceeded", text)


@pytest.mark.parametrize("operation", ["get_role_policy", "delete_role_policy"])
def test_inline_policy_that_is_not_there_is_refused(
    client: AwsClient, name: str, operation: str
) -> None:
    """An inline policy is asked for by a name the role has."""
    _create(client, name)

    refusal = client.refused("iam", operation, RoleName=name, PolicyName="p")

    text = "The role policy with name p cannot be found."
    assert refusal == (404, "NoSuchEntity", text)


def test_role_with_policies_is_not_deleted(client: AwsClient, name: str) -> None:
    """First the attachments go, then the inline policies, then the role."""
    _create(client, name)
    inline = {"RoleName": name, "PolicyName": "p"}
    attached = {"RoleName": name, "PolicyArn": S3_READ}
    client.call("iam", "put_role_policy", **inline, PolicyDocument=_permissions())
    client.call("iam", "attach_role_policy", **attached)

    with_both = client.refused("iam", "delete_role", RoleName=name)
    client.call("iam", "detach_role_policy", **attached)
    with_inline = client.refused("iam", "delete_role", RoleName=name)
    client.call("iam", "delete_role_policy", **inline)
    client.call("iam", "delete_role", RoleName=name)

    conflict = (409, "DeleteConflict")
    assert with_both == (
        *conflict,
        "Cannot delete entity, must detach all policies first.",
    )
    assert with_inline == (
        *conflict,
        "Cannot delete entity, must delete policies first.",
    )


def test_tag_replaces_one_that_differs_in_case_only(
    client: AwsClient, name: str
) -> None:
    """Keys keep their case and are one whatever it is."""
    _create(client, name, Tags=[_tag("Team", "a"), _tag("other", "b")])

    client.call("iam", "tag_role", RoleName=name, Tags=[_tag("team", "c")])

    tags = client.call("iam", "list_role_tags", RoleName=name)["Tags"]
    assert tags == [_tag("other", "b"), _tag("team", "c")]


def test_role_holds_fifty_tags(client: AwsClient, name: str) -> None:
    """A 51st tag is refused, a new value for one of the fifty is not."""
    _create(client, name, Tags=[_tag(f"k{number}") for number in range(50)])
    client.call("iam", "tag_role", RoleName=name, Tags=[_tag("K7", "new")])

    refusal = client.refused("iam", "tag_role", RoleName=name, Tags=[_tag("one more")])

    text = "The number of tags has reached the maximum limit."
    assert refusal == (409, "LimitExceeded", text)


def test_update_role_keeps_what_it_does_not_name(client: AwsClient, name: str) -> None:
    """Description and session duration stay unless the update has them."""
    _create(client, name, Description="mine", MaxSessionDuration=7200)

    client.call("iam", "update_role", RoleName=name, Description="changed")
    client.call("iam", "update_role", RoleName=name)

    role = client.call("iam", "get_role", RoleName=name)["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("changed", 7200)


def test_action_that_is_not_covered_is_refused_by_name(client: AwsClient) -> None:
    """The sandbox says what it does not do, in its own words."""
    refusal = client.refused("iam", "create_user", UserName="somebody")

    text = "the sandbox's AWS does not cover iam:CreateUser"
    assert refusal == (501, "NotImplemented", text)
