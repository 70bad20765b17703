"""CloudFormation: what becomes of roles in IAM, and what is refused, in AWS's words."""

import json
from typing import Any, Final

import pytest
from aws_client import AwsClient

from sandbox.aws.server import Aws
from sandbox.interception import Failure, Request

S3_READ: Final = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "pods.eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
        }
    ],
}
POLICY: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}
PROTECTED: Final = "Stack [{}] cannot be deleted while TerminationProtection is enabled"


def template(**extra: Any) -> dict[str, Any]:  # noqa: ANN401 - parts of JSON
    """Give a template with a role and an inline policy, as eksctl writes it."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            "Role1": {
                "Type": "AWS::IAM::Role",
                **extra,
                "Properties": {
                    "AssumeRolePolicyDocument": TRUST,
                    "ManagedPolicyArns": [
                        {
                            "Fn::Sub": (
                                "arn:${AWS::Partition}:iam::aws:policy/"
                                "AmazonS3ReadOnlyAccess"
                            )
                        }
                    ],
                },
            },
            "Policy1": {
                "Type": "AWS::IAM::Policy",
                **extra,
                "Properties": {
                    "PolicyName": {"Fn::Sub": "${AWS::StackName}-Policy1"},
                    "Roles": [{"Ref": "Role1"}],
                    "PolicyDocument": POLICY,
                },
            },
        },
        "Outputs": {"Role1": {"Value": {"Fn::GetAtt": "Role1.Arn"}}},
    }


def retained(**extra: Any) -> dict[str, Any]:  # noqa: ANN401 - parts of JSON
    """Give the template with every resource retained."""
    return template(DeletionPolicy="Retain", **extra)


def create(client: AwsClient, name: str, **given: object) -> str:
    """Make a stack, see it done, and give its id."""
    made = client.call(
        "cloudformation",
        "create_stack",
        **{
            "StackName": name,
            "TemplateBody": json.dumps(template()),
            "Capabilities": ["CAPABILITY_IAM"],
            **given,
        },
    )
    described(client, name)
    stack_id: str = made["StackId"]
    return stack_id


def described(client: AwsClient, name: str) -> dict[str, Any]:
    """Describe a stack, until it is told what became of it."""
    client.call("cloudformation", "describe_stacks", StackName=name)
    answer = client.call("cloudformation", "describe_stacks", StackName=name)
    stack: dict[str, Any] = answer["Stacks"][0]
    return stack


def role_of(client: AwsClient, name: str) -> str:
    """Give the name of the role of a stack."""
    found = client.call("cloudformation", "list_stack_resources", StackName=name)
    resources = found["StackResourceSummaries"]
    return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources}[
        "Role1"
    ]


def update(client: AwsClient, name: str, given: dict[str, Any]) -> None:
    """Update a stack, and see it done."""
    body = json.dumps(given)
    client.call(
        "cloudformation",
        "update_stack",
        StackName=name,
        TemplateBody=body,
        Capabilities=["CAPABILITY_IAM"],
    )
    described(client, name)


def test_a_stack_makes_its_role_with_tags_of_its_own_and_of_aws(
    client: AwsClient, name: str
) -> None:
    """IAM holds role, policies and tags; the name is cut to 64 characters."""
    long = f"eksctl-{name}-addon-iamserviceaccount-apps-reader"

    stack_id = create(client, long, Tags=[{"Key": "team", "Value": "a"}])

    role_name = role_of(client, long)
    role = client.call("iam", "get_role", RoleName=role_name)["Role"]
    policies = client.call("iam", "list_role_policies", RoleName=role_name)
    attached = client.call("iam", "list_attached_role_policies", RoleName=role_name)
    stack = described(client, long)
    assert (len(role_name), role_name[:46]) == (64, f"{long[:45]}-")
    assert {tag["Key"]: tag["Value"] for tag in role["Tags"]} == {
        "team": "a",
        "aws:cloudformation:logical-id": "Role1",
        "aws:cloudformation:stack-id": stack_id,
        "aws:cloudformation:stack-name": long,
    }
    assert policies["PolicyNames"] == [f"{long}-Policy1"]
    assert [one["PolicyArn"] for one in attached["AttachedPolicies"]] == [S3_READ]
    assert stack["Outputs"] == [{"OutputKey": "Role1", "OutputValue": role["Arn"]}]
    assert stack["Tags"] == [{"Key": "team", "Value": "a"}]
    assert (stack["StackStatus"], stack["Capabilities"]) == (
        "CREATE_COMPLETE",
        ["CAPABILITY_IAM"],
    )


def test_a_stack_is_in_progress_until_it_is_described(
    client: AwsClient, name: str
) -> None:
    """Nobody may update one before."""
    create(client, name)
    update(client, name, template(Metadata={"a": 1}))
    client.call("cloudformation", "delete_stack", StackName=name)

    seen = client.call("cloudformation", "describe_stacks", StackName=name)
    then = client.refused("cloudformation", "describe_stacks", StackName=name)

    assert seen["Stacks"][0]["StackStatus"] == "DELETE_IN_PROGRESS"
    assert then == (400, "ValidationError", f"Stack with id {name} does not exist")


def test_a_stack_needs_its_roles_acknowledged(client: AwsClient, name: str) -> None:
    """A role with a name of its own needs more than one without."""
    named = template()
    named["Resources"]["Role1"]["Properties"]["RoleName"] = name

    answers = [
        client.refused(
            "cloudformation",
            "create_stack",
            StackName=name,
            TemplateBody=json.dumps(body),
            Capabilities=given,
        )
        for body, given in ((template(), []), (named, ["CAPABILITY_IAM"]))
    ]

    code = "InsufficientCapabilitiesException"
    assert answers == [
        (400, code, "Requires capabilities : [CAPABILITY_IAM]"),
        (400, code, "Requires capabilities : [CAPABILITY_NAMED_IAM]"),
    ]


def test_a_deletion_policy_alone_is_no_update(client: AwsClient, name: str) -> None:
    """It is taken over with a change of the resource's metadata."""
    create(client, name)

    alone = client.refused(
        "cloudformation",
        "update_stack",
        StackName=name,
        TemplateBody=json.dumps(retained()),
        Capabilities=["CAPABILITY_IAM"],
    )

    assert alone == (400, "ValidationError", "No updates are to be performed.")


def test_a_retained_role_outlives_its_stack(client: AwsClient, name: str) -> None:
    """Nothing of it changes, its tags included; without retention it goes."""
    create(client, name)
    role_name = role_of(client, name)
    before = client.call("iam", "get_role", RoleName=role_name)
    update(client, name, retained(Metadata={"kept": True}))

    client.call("cloudformation", "delete_stack", StackName=name)

    policies = client.call("iam", "list_role_policies", RoleName=role_name)
    assert client.call("iam", "get_role", RoleName=role_name) == before
    assert policies["PolicyNames"] == [f"{name}-Policy1"]


def test_a_role_that_is_not_retained_goes_with_its_stack(
    client: AwsClient, name: str
) -> None:
    """A template without the policy takes it back, as `eksctl update` writes one."""
    stack_id = create(client, name)
    role_name = role_of(client, name)
    update(client, name, retained(Metadata={"kept": True}))
    update(client, name, template())

    client.call("cloudformation", "delete_stack", StackName=name)

    assert described(client, stack_id)["StackStatus"] == "DELETE_COMPLETE"
    _, code, _ = client.refused("iam", "get_role", RoleName=role_name)
    assert code == "NoSuchEntity"


def test_a_role_with_more_than_its_stack_knows_of_is_not_deleted(
    client: AwsClient, name: str
) -> None:
    """A policy attached by hand makes the deletion fail."""
    create(client, name)
    role_name = role_of(client, name)
    by_hand = "arn:aws:iam::aws:policy/AmazonSQSFullAccess"
    client.call("iam", "attach_role_policy", RoleName=role_name, PolicyArn=by_hand)

    client.call("cloudformation", "delete_stack", StackName=name)

    stack = described(client, name)
    assert stack["StackStatus"] == "DELETE_FAILED"
    assert "must detach all policies first" in stack["StackStatusReason"]


def test_a_protected_stack_is_not_deleted(client: AwsClient, name: str) -> None:
    """Protection is told of a stack that is asked for by name, and of no other."""
    create(client, name, EnableTerminationProtection=True)

    refused = client.refused("cloudformation", "delete_stack", StackName=name)
    protected = described(client, name)["EnableTerminationProtection"]
    client.call(
        "cloudformation",
        "update_termination_protection",
        StackName=name,
        EnableTerminationProtection=False,
    )

    every = client.call("cloudformation", "describe_stacks")["Stacks"]
    assert refused == (400, "ValidationError", PROTECTED.format(name))
    assert protected
    assert not described(client, name)["EnableTerminationProtection"]
    assert not any("EnableTerminationProtection" in stack for stack in every)


def test_a_stack_whose_role_exists_is_rolled_back(client: AwsClient, name: str) -> None:
    """It stays, with the reason, and can be deleted only."""
    named = template()
    named["Resources"]["Role1"]["Properties"]["RoleName"] = name
    document = json.dumps(TRUST)
    client.call("iam", "create_role", RoleName=name, AssumeRolePolicyDocument=document)
    given = {"TemplateBody": json.dumps(named)}

    create(client, name, **given, Capabilities=["CAPABILITY_NAMED_IAM"])

    stack = described(client, name)
    assert (stack["StackStatus"], stack["StackStatusReason"]) == (
        "ROLLBACK_COMPLETE",
        f"EntityAlreadyExists: Role with name {name} already exists.",
    )


def test_a_template_in_yaml_is_read_with_its_short_forms(
    client: AwsClient, name: str
) -> None:
    """It is given back as it was."""
    body = """
Parameters:
  Team: {Type: String, Default: a}
Resources:
  Role1:
    Type: AWS::IAM::Role
    Properties:
      Description: !Join ["-", [!Ref Team, !Ref AWS::Region]]
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: {Service: pods.eks.amazonaws.com}
            Action: sts:AssumeRole
Outputs:
  Arn: {Value: !GetAtt Role1.Arn}
"""

    create(client, name, TemplateBody=body)

    role = client.call("iam", "get_role", RoleName=role_of(client, name))["Role"]
    given = client.call("cloudformation", "get_template", StackName=name)
    assert role["Description"] == "a-us-west-2"
    assert role["AssumeRolePolicyDocument"]["Version"] == "2012-10-17"
    assert given["TemplateBody"] == body
    assert described(client, name)["Outputs"][0]["OutputValue"] == role["Arn"]


def test_stacks_and_roles_come_in_pages(client: AwsClient, name: str) -> None:
    """A client that reads one page has not read all."""
    for number in range(21):
        create(client, f"{name}-{number}")

    first = client.call("cloudformation", "describe_stacks")
    rest = client.call(
        "cloudformation", "describe_stacks", NextToken=first["NextToken"]
    )
    roles = client.call(
        "iam", "get_account_authorization_details", Filter=["Role"], MaxItems=5
    )
    more = client.call(
        "iam",
        "get_account_authorization_details",
        Filter=["Role"],
        Marker=roles["Marker"],
        MaxItems=1000,
    )

    assert (len(first["Stacks"]), len(rest["Stacks"]) > 0) == (20, True)
    assert (len(roles["RoleDetailList"]), roles["IsTruncated"]) == (5, True)
    assert len(more["RoleDetailList"]) >= 16
    assert not more["IsTruncated"]


def test_a_tag_of_aws_is_not_taken_off(client: AwsClient, name: str) -> None:
    """Neither is one put on."""
    create(client, name)
    role_name = role_of(client, name)
    key = "aws:cloudformation:stack-name"

    refused = client.refused(
        "iam", "untag_role", RoleName=role_name, TagKeys=["other", key]
    )

    assert refused == (
        400,
        "InvalidInput",
        "aws: prefixed tag key names are not allowed for external use.",
    )


class _Watcher:
    def __init__(self) -> None:
        self.seen: list[str] = []

    def before(self, request: Request) -> Failure | None:
        self.seen.append(f"{request.changes} {request}")

    def after(self, request: Request) -> Failure | None:
        del request


def test_a_permission_is_asked_for_a_stack_by_its_arn(
    aws: Aws, client: AwsClient, name: str
) -> None:
    """What CloudFormation then does in IAM is not asked about."""
    create(client, name)
    watcher = _Watcher()

    with aws.intercepted(watcher):
        update(client, name, template(Metadata={"a": 1}))
        client.call("cloudformation", "describe_stacks")

    where = f"arn:aws:cloudformation:us-west-2:{aws.account_id}:stack"
    assert watcher.seen == [
        f"True cloudformation UpdateStack {where}/{name}/*",
        f"False cloudformation DescribeStacks {where}/{name}/*",
        f"False cloudformation DescribeStacks {where}/{name}/*",
        f"False cloudformation DescribeStacks {where}/*/*",
    ]


def test_what_the_sandbox_does_not_cover_is_said(client: AwsClient, name: str) -> None:
    """Other resources, functions and actions are refused by name."""
    create(client, name)
    bucket = {"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}

    action = client.refused("cloudformation", "detect_stack_drift", StackName=name)
    kind = client.refused(
        "cloudformation",
        "update_stack",
        StackName=name,
        TemplateBody=json.dumps(bucket),
        Capabilities=["CAPABILITY_IAM"],
    )

    covers = "the sandbox's AWS does not cover"
    assert action == (
        501,
        "NotImplemented",
        f"{covers} cloudformation:DetectStackDrift",
    )
    assert kind == (501, "NotImplemented", f"{covers} AWS::S3::Bucket in a stack")


@pytest.mark.parametrize("operation", ["update_stack", "get_template"])
def test_a_stack_that_is_not_there_is_refused(
    client: AwsClient, name: str, operation: str
) -> None:
    """Its deletion is not."""
    client.call("cloudformation", "delete_stack", StackName=name)

    refused = client.refused("cloudformation", operation, StackName=name)

    assert refused == (400, "ValidationError", f"Stack with id {name} does not exist")
