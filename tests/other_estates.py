"""Roles that Terraform's module and the CDK made, with their service accounts."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from estates import statement, tags
from hands import ROLE_ARN_ANNOTATION, Hands

from sandbox.aws.clients import administrator
from sandbox.session import Sandbox

__all__ = ["OtherEstate"]

# What follows a name prefix: the time, and a counter in hexadecimal digits.
# Source: hashicorp/terraform-plugin-sdk, helper/id/id.go
_SUFFIX: Final = "20260114093122{:04d}{:08x}"
_READ_ONLY: Final = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


@dataclass(frozen=True, kw_only=True)
class OtherEstate:
    """Roles of one cluster; the service accounts are Helm's, annotated.

    Attributes:
        sandbox: Where they are made.
        cluster: Name of the cluster, which begins the namespaces' names.
        region: Its AWS region.
        provider_arn: Its OIDC provider, which exists.
    """

    sandbox: Sandbox
    cluster: str
    region: str
    provider_arn: str

    def terraform(self, *, count: int = 20) -> dict[str, str]:
        """Make roles as the submodule `iam-role-for-service-accounts` does.

        Every seventh has two subjects in one condition; every other one has a managed
        policy of its own, the others an inline policy and one of AWS's.

        Args:
            count: How many roles. Default: 20.

        Returns:
            `<namespace>/<name>` of the first subject -> ARN of its role.

        Source:
            terraform-aws-modules/terraform-aws-iam,
            modules/iam-role-for-service-accounts
        """
        iam = administrator(self.sandbox.aws, "iam")
        roles: dict[str, str] = {}
        for number in range(count):
            name = f"worker-{number:02d}"
            keys = [f"{self.cluster}-jobs/{name}"]
            if number % 7 == 6:
                keys.append(f"{self.cluster}-jobs/{name}-canary")
            suffix = _SUFFIX.format(number, number + 1)
            role = f"{self.cluster}-{name}-{suffix}"
            roles[keys[0]] = self._role(
                iam,
                role,
                self._trust(keys, action="sts:AssumeRoleWithWebIdentity"),
                {"Terraform": "true", "Environment": "prod"},
            )
            if number % 2:
                policy = iam.create_policy(
                    PolicyName=f"{name}-{suffix}",
                    PolicyDocument=json.dumps(statement("sqs:ReceiveMessage")),
                )["Policy"]["Arn"]
            else:
                policy = _READ_ONLY
                iam.put_role_policy(
                    RoleName=role,
                    PolicyName=f"{name}-{suffix}",
                    PolicyDocument=json.dumps(statement("sqs:SendMessage")),
                )
            iam.attach_role_policy(RoleName=role, PolicyArn=policy)
            self._service_accounts(keys, roles[keys[0]])
        return roles

    def cdk(self, *, count: int = 3) -> dict[str, str]:
        """Make roles as `cluster.addServiceAccount` of the CDK does, in one stack.

        Args:
            count: How many roles. Default: 3.

        Returns:
            `<namespace>/<name>` -> ARN of its role.

        Source:
            aws/aws-cdk, packages/aws-cdk-lib/aws-eks/lib/service-account.ts
        """
        client = administrator(self.sandbox.aws, "cloudformation", region=self.region)
        stack = f"{self.cluster}-Infrastructure"
        resources: dict[str, Any] = {}
        logical: dict[str, str] = {}
        for number in range(count):
            key = f"{self.cluster}-cdk/api-{number}"
            role = f"Clusterapi{number}SaRole{number:08X}"
            logical[key] = role
            resources[role] = {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": self._trust(
                        [key], action="sts:AssumeRoleWithWebIdentity"
                    )
                },
            }
            policy = f"Clusterapi{number}SaRoleDefaultPolicy{number:08X}"
            resources[policy] = {
                "Type": "AWS::IAM::Policy",
                "Properties": {
                    "PolicyName": policy,
                    "Roles": [{"Ref": role}],
                    "PolicyDocument": statement("dynamodb:GetItem"),
                },
            }
        client.create_stack(
            StackName=stack,
            TemplateBody=json.dumps({"Resources": resources}),
            Capabilities=["CAPABILITY_IAM"],
        )
        client.describe_stacks(StackName=stack)
        found = client.list_stack_resources(StackName=stack)["StackResourceSummaries"]
        names = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found}
        account = f"arn:aws:iam::{self.sandbox.aws.account_id}:role"
        arns = {key: f"{account}/{names[role]}" for key, role in logical.items()}
        for key, arn in arns.items():
            self._service_accounts([key], arn)
        return arns

    def remove(self, names: Iterable[str]) -> None:
        """Delete roles that nobody has taken in."""
        iam = administrator(self.sandbox.aws, "iam")
        for name in names:
            attached = iam.list_attached_role_policies(RoleName=name)
            for policy in attached["AttachedPolicies"]:
                iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
                iam.delete_role_policy(RoleName=name, PolicyName=policy)
            iam.delete_role(RoleName=name)

    def _role(
        self,
        iam: Any,  # noqa: ANN401 - boto3 has no types
        name: str,
        trust: dict[str, Any],
        given: dict[str, str],
    ) -> str:
        made = iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps(trust),
            Tags=tags(given),
        )
        arn: str = made["Role"]["Arn"]
        return arn

    def _trust(self, keys: list[str], *, action: str) -> dict[str, Any]:
        issuer = self.provider_arn.partition("oidc-provider/")[2]
        subjects = [f"system:serviceaccount:{key.replace('/', ':')}" for key in keys]
        return {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Federated": self.provider_arn},
                    "Action": action,
                    "Condition": {
                        "StringEquals": {
                            f"{issuer}:aud": "sts.amazonaws.com",
                            f"{issuer}:sub": (
                                subjects[0] if len(subjects) == 1 else subjects
                            ),
                        }
                    },
                }
            ],
        }

    def _service_accounts(self, keys: list[str], arn: str) -> None:
        hands = Hands(self.sandbox)
        for key in keys:
            namespace = key.partition("/")[0]
            if hands.namespace(namespace) is None:
                hands.make_namespace(namespace)
            hands.make_service_account(
                key,
                labels={"app.kubernetes.io/managed-by": "Helm"},
                annotations={ROLE_ARN_ANNOTATION: arn},
            )
