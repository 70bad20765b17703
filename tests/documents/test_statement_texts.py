"""What IAM refuses of an action and of a resource: each text with its whole message."""

import pytest

from eks_irsa.documents.statement_texts import action_fault, resource_fault

ACTION = "expected '<service>:<action>' or '*'"
RESOURCE = "expected an ARN or '*'"
PARTITIONS = (
    "aws, aws-cn, aws-eusc, aws-iso, aws-iso-b, aws-iso-e, aws-iso-f, aws-us-gov"
)
ARN = "expected arn:<partition>:<service>:<region>:<AWS account>:<resource>"
KINDS = (
    "expected '*' or one of access-report/, delegation-request/, federated-user/, "
    "group/, instance-profile/, mfa/, oidc-provider/, policy/, report/, role/, "
    "role-template/, saml-provider/, server-certificate/, sms-mfa/, user/ before the "
    "name"
)


@pytest.mark.parametrize(
    "action",
    ["*", "*:*", "*:Get*", "s3:GetObject", "s3:?et*", "S3:GET", "s3.s:ListBucket"],
)
def test_action_iam_takes_has_no_fault(action: str) -> None:
    """IAM looks at an action's shape alone."""
    assert action_fault(action) is None


@pytest.mark.parametrize(
    ("action", "fault"),
    [
        (
            "s*:Get",
            (
                "'s*:Get' has a wildcard in the service 's*'; expected "
                "'<service>:<action>' or '*', an entry for each service"
            ),
        ),
        ("GetObject", f"'GetObject' is no Action; {ACTION}"),
        ("s3:Get:Object", f"'s3:Get:Object' is no Action; {ACTION}"),
        ("a b:Get", f"'a b:Get' is no Action; {ACTION}"),
        ("s3:", f"'s3:' is no Action; {ACTION}"),
        ("", f"'' is no Action; {ACTION}"),
        ("**", f"'**' is no Action; {ACTION}"),
    ],
)
def test_action_iam_refuses_is_named(action: str, fault: str) -> None:
    """The message names the rule, the text and what would be right."""
    assert action_fault(action) == fault


@pytest.mark.parametrize(
    "resource",
    [
        "*",
        "arn:*:s3:::b",
        "arn:aws-iso-f:s3:::b/*",
        "arn:aws:s3:::home/${aws:username}/*",
        "arn:aws:s3:::a:b::c",
        "arn:aws:s3:us-west-2:111122223333:accesspoint/x",
        "arn:aws:s3:*:*:access-grants/default",
        "arn:aws:s3:*:*:*",
        "arn:aws:sqs",
        "arn:aws:sqs:*",
        "arn:aws:sqs:us-west-2::q",
        "arn:aws:no-such-service:::x",
        "arn:aws:iam::*:*",
        "arn:aws:iam::*:root",
        "arn:aws:iam:::user/x",
        "arn:aws:iam::aws:policy/AdministratorAccess",
        "arn:aws:iam::${aws:PrincipalAccount}:role/x",
        "arn:*:kms:*:${aws:PrincipalAccount}:key/*",
        "arn:aws:sqs:${aws:RequestedRegion}:111122223333:q",
    ],
)
def test_resource_iam_takes_has_no_fault(resource: str) -> None:
    """Neither service nor resource need exist; region and account may be empty."""
    assert resource_fault(resource) is None


@pytest.mark.parametrize(
    ("resource", "fault"),
    [
        ("*bucket*", f"'*bucket*' is no Resource; {RESOURCE}"),
        ("**", f"'**' is no Resource; {RESOURCE}"),
        ("", f"'' is no Resource; {RESOURCE}"),
        ("arn", f"'arn' is no Resource; {RESOURCE}"),
        ("aws:s3:::b", f"'aws:s3:::b' is no Resource; {RESOURCE}"),
        ("*:aws:s3:::b", f"'*:aws:s3:::b' is no Resource; {RESOURCE}"),
        (
            "arn:awz:s3:::b",
            (
                "'arn:awz:s3:::b' has no partition of AWS in 'awz'; expected '*' or "
                f"one of {PARTITIONS}"
            ),
        ),
        (
            "arn:aws*:s3:::b",
            (
                "'arn:aws*:s3:::b' has no partition of AWS in 'aws*'; expected '*' or "
                f"one of {PARTITIONS}"
            ),
        ),
        (
            "arn:${AWS::Partition}:s3:::b",
            (
                "'arn:${AWS::Partition}:s3:::b' has no partition of AWS in "
                "'${AWS::Partition}'; write {'Fn::Sub': '...'} around it, or '*'"
            ),
        ),
        ("arn:aws::::b/*", f"'arn:aws::::b/*' names no service; {ARN}"),
        ("arn:aws", f"'arn:aws' names no service; {ARN}"),
        (
            "arn:aws:*:*:*:x",
            (
                "'arn:aws:*:*:*:x' has a wildcard in the service '*'; expected an "
                "entry for each service, or '*' for all there is"
            ),
        ),
        (
            "arn:aws:sqs::q",
            (
                f"'arn:aws:sqs::q' has 5 parts of an ARN's six; {ARN}, where region "
                "and AWS account may be empty"
            ),
        ),
        (
            "arn:aws:s3::bucket/*",
            (
                "'arn:aws:s3::bucket/*' has 5 parts of an ARN's six; expected "
                "arn:<partition>:<service>:<region>:<AWS account>:<resource>, where "
                "region and AWS account may be empty"
            ),
        ),
        (
            "arn:aws:s3:b",
            (
                "'arn:aws:s3:b' has 4 parts of an ARN's six; expected "
                "arn:<partition>:s3::<AWS account or nothing>:<resource>"
            ),
        ),
        (
            "arn:aws:s3:us-west-2:111122223333:b",
            (
                "'arn:aws:s3:us-west-2:111122223333:b' has the region 'us-west-2', and "
                "such a resource has none; expected 'arn:aws:s3::111122223333:b'"
            ),
        ),
        (
            "arn:aws:iam:us-west-2:111122223333:role/x",
            (
                "'arn:aws:iam:us-west-2:111122223333:role/x' has the region "
                "'us-west-2', and such a resource has none; expected "
                "'arn:aws:iam::111122223333:role/x'"
            ),
        ),
        (
            "arn:aws:iam::111122223333:my-role",
            (
                "'arn:aws:iam::111122223333:my-role' has the resource 'my-role', which "
                f"is no kind of IAM's; {KINDS}"
            ),
        ),
        (
            "arn:aws:iam::111122223333:*/*",
            (
                "'arn:aws:iam::111122223333:*/*' has the resource '*/*', which is no "
                f"kind of IAM's; {KINDS}"
            ),
        ),
    ],
)
def test_resource_iam_refuses_is_named(resource: str, fault: str) -> None:
    """The message names the part, the rule and what would be right."""
    assert resource_fault(resource) == fault
