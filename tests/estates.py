"""Estates that eksctl made: stacks, roles and service accounts as it leaves them.

Everything follows from the name of the cluster, so that two runs make the same.
"""

import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hands import ROLE_ARN_ANNOTATION, Hands

from eks_irsa.documents.well_known_policies import well_known_policy
from sandbox.aws.clients import administrator
from sandbox.aws.server import Aws

__all__ = [
    "BY_HAND_POLICY",
    "EksctlEstate",
    "Entry",
    "cluster_config",
    "eksctl_entries",
    "eksctl_template",
    "make_provider",
    "statement",
    "tags",
]

Entry = Mapping[str, Any]
"""An entry of `iam.serviceAccounts`, as a ClusterConfig has it."""

BY_HAND_POLICY: Final = "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"
_POLICY: Final = "arn:aws:iam::aws:policy/{}"
_BOUNDARY: Final = _POLICY.format("PowerUserAccess")
_FILE_TAGS: Final = {"team": "platform"}
_VERSION: Final = "0.215.0"


def statement(*actions: str) -> dict[str, Any]:
    """Write a policy that allows actions on everything."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}],
    }


# What an entry asks for, by turns.
_WISHES: Final[tuple[Entry, ...]] = (
    {"attachPolicyARNs": [_POLICY.format("AmazonS3ReadOnlyAccess")]},
    {
        "attachPolicyARNs": [
            _POLICY.format("AmazonDynamoDBReadOnlyAccess"),
            _POLICY.format("AmazonS3ReadOnlyAccess"),
        ],
        "tags": {"cost-centre": "4711"},
    },
    {"attachPolicy": statement("s3:GetObject", "s3:ListBucket")},
    {
        "wellKnownPolicies": {"externalDNS": True},
        "attachPolicyARNs": [_POLICY.format("AmazonRoute53ReadOnlyAccess")],
    },
    {"wellKnownPolicies": {"certManager": True, "ebsCSIController": True}},
    {
        "permissionsBoundary": _BOUNDARY,
        "attachPolicyARNs": [_POLICY.format("AmazonS3ReadOnlyAccess")],
    },
    {"roleName": "", "attachPolicyARNs": [_POLICY.format("AmazonSQSFullAccess")]},
    {"subjectPattern": "", "attachPolicy": statement("sqs:SendMessage")},
    {"roleOnly": True, "attachPolicy": statement("sns:Publish")},
    {
        "labels": {"app": "reader"},
        "annotations": {"example.com/owner": "a team"},
        "attachPolicy": statement("kms:Decrypt"),
        "wellKnownPolicies": {"autoScaler": True},
    },
)


def eksctl_entries(cluster: str, *, count: int = 50) -> list[Entry]:
    """List entries of a ClusterConfig that use all that one can say of a role.

    Args:
        cluster: Name of the cluster, which begins the namespaces' names.
        count: How many. Default: 50.
    """
    entries: list[Entry] = []
    for number, wish in enumerate(itertools.islice(itertools.cycle(_WISHES), count)):
        name = f"service-{number:02d}"
        metadata: dict[str, Any] = {
            "name": name,
            "namespace": f"{cluster}-apps-{number % 4}",
        }
        entry = dict(wish)
        metadata |= {
            key: entry.pop(key) for key in ("labels", "annotations") if key in entry
        }
        if "roleName" in entry:
            entry["roleName"] = f"{cluster}-{name}"
        if "subjectPattern" in entry:
            entry["subjectPattern"] = f"{name}-*"
        entries.append({"metadata": metadata, **entry})
    return entries


def cluster_config(cluster: str, region: str, entries: Iterable[Entry]) -> str:
    """Write the ClusterConfig of an estate; JSON is YAML."""
    return json.dumps(
        {
            "apiVersion": "eksctl.io/v1alpha5",
            "kind": "ClusterConfig",
            "metadata": {"name": cluster, "region": region, "tags": _FILE_TAGS},
            "iam": {"withOIDC": True, "serviceAccounts": list(entries)},
        },
        indent=2,
    )


def make_provider(aws: Aws, *, cluster: str, issuer_url: str) -> str:
    """Make the OIDC provider as `eksctl utils associate-iam-oidc-provider` does.

    Returns:
        Its ARN.
    """
    made = administrator(aws, "iam").create_open_id_connect_provider(
        Url=issuer_url,
        ClientIDList=["sts.amazonaws.com"],
        ThumbprintList=["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"],
        Tags=tags(
            {
                "alpha.eksctl.io/cluster-name": cluster,
                "alpha.eksctl.io/eksctl-version": _VERSION,
            }
        ),
    )
    arn: str = made["OpenIDConnectProviderArn"]
    return arn


@dataclass(frozen=True, kw_only=True)
class EksctlEstate:
    """What `eksctl create iamserviceaccount -f FILE --approve` makes.

    Attributes:
        aws: Where stacks and roles are made.
        hands: Make the service accounts; None to make none.
        cluster: Name of the cluster.
        region: Its AWS region.
        provider_arn: Its OIDC provider, which exists.
    """

    aws: Aws
    hands: Hands | None
    cluster: str
    region: str
    provider_arn: str

    def make(self, entries: Iterable[Entry]) -> dict[str, str]:
        """Make stacks and service accounts.

        Args:
            entries: Each `<namespace>/<name>` once, each with a role of its own.

        Returns:
            `<namespace>/<name>` of each entry -> ARN of its role.

        Source:
            eksctl, pkg/cfn/builder/iam.go, pkg/cfn/manager/api.go and
            pkg/actions/irsa/create.go
        """
        client = administrator(self.aws, "cloudformation", region=self.region)
        made = list(entries)
        for entry in made:
            named = "roleName" in entry
            client.create_stack(
                StackName=self.stack_name(entry),
                TemplateBody=json.dumps(eksctl_template(entry, self.provider_arn)),
                Capabilities=["CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"],
                EnableTerminationProtection=True,
                Tags=tags(self._stack_tags(entry)),
            )
        arns = {_key(entry): self._role_arn(client, entry) for entry in made}
        for entry in made:
            if self.hands and not entry.get("roleOnly"):
                self._make_service_account(self.hands, entry, arns[_key(entry)])
        return arns

    def stack_name(self, entry: Entry) -> str:
        """Name the stack of an entry."""
        metadata = entry["metadata"]
        where = f"{metadata['namespace']}-{metadata['name']}"
        return f"eksctl-{self.cluster}-addon-iamserviceaccount-{where}"

    def drift(self, entries: Iterable[Entry], arns: Mapping[str, str]) -> None:
        """Do by hand what people do, to the first entries: a change to each.

        A policy attached, a tag changed, a label and an annotation put on, an inline
        policy written.
        """
        iam, hands = administrator(self.aws, "iam"), self.hands
        assert hands
        first, second, third, _, fifth, sixth = itertools.islice(entries, 6)
        iam.attach_role_policy(
            RoleName=_name_of(arns[_key(first)]), PolicyArn=BY_HAND_POLICY
        )
        iam.tag_role(
            RoleName=_name_of(arns[_key(second)]), Tags=tags({"cost-centre": "42"})
        )
        hands.edit_service_account(_key(third), labels={"by": "hand"})
        iam.put_role_policy(
            RoleName=_name_of(arns[_key(fifth)]),
            PolicyName="by-hand",
            PolicyDocument=json.dumps(statement("ec2:DescribeTags")),
        )
        hands.edit_service_account(_key(sixth), annotations={"by/hand": "yes"})

    def undo_drift(self, entries: Iterable[Entry], arns: Mapping[str, str]) -> None:
        """Take the policies off again that would stand in the way of a deletion."""
        iam = administrator(self.aws, "iam")
        first, _, _, _, fifth = itertools.islice(entries, 5)
        iam.detach_role_policy(
            RoleName=_name_of(arns[_key(first)]), PolicyArn=BY_HAND_POLICY
        )
        iam.delete_role_policy(
            RoleName=_name_of(arns[_key(fifth)]), PolicyName="by-hand"
        )

    def _role_arn(self, client: Any, entry: Entry) -> str:  # noqa: ANN401 - boto3 has no types
        name = self.stack_name(entry)
        client.describe_stacks(StackName=name)
        stack = client.describe_stacks(StackName=name)["Stacks"][0]
        assert stack["StackStatus"] == "CREATE_COMPLETE", stack
        arn: str = stack["Outputs"][0]["OutputValue"]
        return arn

    def _stack_tags(self, entry: Entry) -> dict[str, str]:
        return {
            "alpha.eksctl.io/cluster-name": self.cluster,
            "eksctl.cluster.k8s.io/v1alpha1/cluster-name": self.cluster,
            "alpha.eksctl.io/eksctl-version": _VERSION,
            **_FILE_TAGS,
            **entry.get("tags", {}),
            "alpha.eksctl.io/iamserviceaccount-name": _key(entry),
        }

    def _make_service_account(self, hands: Hands, entry: Entry, arn: str) -> None:
        metadata = entry["metadata"]
        if hands.namespace(metadata["namespace"]) is None:
            hands.make_namespace(metadata["namespace"])
        hands.make_service_account(
            _key(entry),
            manager="eksctl",
            labels={
                **metadata.get("labels", {}),
                "app.kubernetes.io/managed-by": "eksctl",
            },
            annotations={**metadata.get("annotations", {}), ROLE_ARN_ANNOTATION: arn},
        )


def eksctl_template(entry: Entry, provider_arn: str) -> dict[str, Any]:
    """Write the template of an entry's stack as eksctl does."""
    flags: list[str] = [
        name for name, on in entry.get("wellKnownPolicies", {}).items() if on
    ]
    policies = [well_known_policy(name=name, partition="aws") for name in flags]
    managed = [arn for policy in policies for arn in policy.managed_policy_arns]
    role = {
        "AssumeRolePolicyDocument": _eksctl_trust(entry, provider_arn),
        "ManagedPolicyArns": [*entry.get("attachPolicyARNs", []), *managed],
        "PermissionsBoundary": entry.get("permissionsBoundary"),
        "RoleName": entry.get("roleName"),
    }
    documents = {
        one.name: one.document for all_ in policies for one in all_.inline_policies
    }
    if "attachPolicy" in entry:
        documents["Policy1"] = entry["attachPolicy"]
    resources: dict[str, Any] = {
        "Role1": {
            "Type": "AWS::IAM::Role",
            "Properties": {key: one for key, one in role.items() if one},
        }
    }
    for name, document in documents.items():
        resources[name] = {
            "Type": "AWS::IAM::Policy",
            "Properties": {
                "PolicyName": {"Fn::Sub": f"${{AWS::StackName}}-{name}"},
                "Roles": [{"Ref": "Role1"}],
                "PolicyDocument": document,
            },
        }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": (
            'IAM role for serviceaccount "{namespace}/{name}" [created and managed by '
            "eksctl]"
        ).format(**entry["metadata"]),
        "Resources": resources,
        "Outputs": {"Role1": {"Value": {"Fn::GetAtt": "Role1.Arn"}}},
    }


def _eksctl_trust(entry: Entry, provider_arn: str) -> dict[str, Any]:
    issuer = provider_arn.partition("oidc-provider/")[2]
    metadata = entry["metadata"]
    pattern = entry.get("subjectPattern")
    name = pattern or metadata["name"]
    subject = {f"{issuer}:sub": f"system:serviceaccount:{metadata['namespace']}:{name}"}
    audience = {f"{issuer}:aud": "sts.amazonaws.com"}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Action": ["sts:AssumeRoleWithWebIdentity"],
                "Condition": (
                    {"StringEquals": audience, "StringLike": subject}
                    if pattern
                    else {"StringEquals": {**subject, **audience}}
                ),
                "Effect": "Allow",
                "Principal": {"Federated": provider_arn},
            }
        ],
    }


def tags(given: Mapping[str, str]) -> list[dict[str, str]]:
    """Write tags as AWS's requests have them."""
    return [{"Key": key, "Value": value} for key, value in given.items()]


def _key(entry: Entry) -> str:
    metadata: Mapping[str, str] = entry["metadata"]
    return f"{metadata['namespace']}/{metadata['name']}"


def _name_of(arn: str) -> str:
    return arn.rpartition("/")[2]
