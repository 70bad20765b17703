"""AWS accounts and clusters as they are, as the AWS CLI and kubectl print them.

`Estate` gathers roles, stacks and service accounts, and gives them as JSON documents or
as what `live` makes of them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from eks_irsa.live.account import LiveAccount
from eks_irsa.live.offline import account_of_files, service_accounts_of_file

__all__ = [
    "ACCOUNT",
    "ARN",
    "ISSUER",
    "PROVIDER",
    "READ_ONLY",
    "Estate",
    "account_of",
    "trusting",
]

ACCOUNT: Final = "111122223333"
ARN: Final = f"arn:aws:eks:us-west-2:{ACCOUNT}:cluster/shop"
ISSUER: Final = "oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
PROVIDER: Final = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"
READ_ONLY: Final = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
_STACK_ARN: Final = f"arn:aws:cloudformation:us-west-2:{ACCOUNT}:stack/"
_STACK: Final = "eksctl-shop-addon-iamserviceaccount-{}"


def trusting(
    *subjects: str,
    provider: str = PROVIDER,
    operator: str = "StringEquals",
    audience: str | None = "sts.amazonaws.com",
) -> dict[str, Any]:
    """Write a trust policy as eksctl and Terraform's modules do.

    Args:
        subjects: `<namespace>:<name>` each.
        provider: ARN of the IAM OIDC provider.
        operator: Under which the subjects stand.
        audience: Of the tokens; None for any.
    """
    issuer = provider.partition(":oidc-provider/")[2]
    named = [f"system:serviceaccount:{one}" for one in subjects]
    condition: dict[str, dict[str, object]] = {
        operator: {f"{issuer}:sub": named[0] if len(named) == 1 else named}
    }
    if audience:
        condition.setdefault("StringEquals", {})[f"{issuer}:aud"] = audience
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": ["sts:AssumeRoleWithWebIdentity"],
        "Condition": condition,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


@dataclass
class Estate:
    """What there is, in the documents of AWS and Kubernetes."""

    roles: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    details: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    stacks: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    service_accounts: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    associations: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def role(  # noqa: PLR0913 - what a role has
        self,
        name: str,
        trust: Mapping[str, Any] | str,
        *,
        attached: tuple[str, ...] = (READ_ONLY,),
        inline: Mapping[str, object] | None = None,
        tags: Mapping[str, str] | None = None,
        path: str = "/",
        boundary: str | None = None,
        description: str = "",
        seconds: int = 3600,
    ) -> str:
        """Add a role; returns its ARN."""
        arn = f"arn:aws:iam::{ACCOUNT}:role{path}{name}"
        both: dict[str, Any] = {
            "Path": path,
            "RoleName": name,
            "RoleId": f"AROA{len(self.roles):017}",
            "Arn": arn,
            "CreateDate": "2024-05-01T10:00:00+00:00",
            "AssumeRolePolicyDocument": trust,
        }
        more: dict[str, Any] = {
            "InstanceProfileList": [],
            "RolePolicyList": [
                {"PolicyName": key, "PolicyDocument": document}
                for key, document in (inline or {}).items()
            ],
            "AttachedManagedPolicies": [
                {"PolicyName": one.rpartition("/")[2], "PolicyArn": one}
                for one in attached
            ],
            "Tags": [{"Key": key, "Value": text} for key, text in (tags or {}).items()],
            "RoleLastUsed": {},
        }
        if boundary:
            more["PermissionsBoundary"] = {
                "PermissionsBoundaryType": "Policy",
                "PermissionsBoundaryArn": boundary,
            }
        self.roles.append(both | more)
        self.details.append(
            both | {"Description": description, "MaxSessionDuration": seconds}
        )
        return arn

    def service_account(
        self,
        key: str,
        *,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
        manager: str = "eksctl",
    ) -> None:
        """Add a service account, `<namespace>/<name>`."""
        namespace, _, name = key.partition("/")
        metadata: dict[str, Any] = {
            "name": name,
            "namespace": namespace,
            "uid": f"00000000-0000-4000-8000-{len(self.service_accounts):012}",
            "creationTimestamp": "2024-05-01T10:00:00Z",
        }
        metadata |= {"labels": dict(labels)} if labels else {}
        metadata |= {"annotations": dict(annotations)} if annotations else {}
        owned: dict[str, Any] = {f"f:{key}": {} for key in labels or {}}
        metadata["managedFields"] = [
            {
                "manager": manager,
                "operation": "Update",
                "apiVersion": "v1",
                "fieldsType": "FieldsV1",
                "fieldsV1": {"f:metadata": {"f:labels": {".": {}, **owned}}},
            }
        ]
        self.service_accounts.append(
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}
        )

    def association(self, key: str, role_arn: str, **more: object) -> str:
        """Add an EKS Pod Identity association; returns its id."""
        namespace, _, name = key.partition("/")
        found = f"a-{len(self.associations):017}"
        arn = ARN.replace(":cluster/", ":podidentityassociation/")
        self.associations.append(
            {
                "clusterName": "shop",
                "namespace": namespace,
                "serviceAccount": name,
                "roleArn": role_arn,
                "associationArn": f"{arn}/{found}",
                "associationId": found,
                "tags": {},
                "createdAt": "2024-05-01T10:00:00+00:00",
                "modifiedAt": "2024-05-01T10:00:00+00:00",
                "disableSessionTags": False,
                **more,
            }
        )
        return found

    def made_by_eksctl(  # noqa: PLR0913 - what eksctl takes
        self,
        key: str,
        *,
        attached: tuple[str, ...] = (READ_ONLY,),
        inline: Mapping[str, object] | None = None,
        labels: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        boundary: str | None = None,
    ) -> str:
        """Add stack, role and service account as eksctl makes them; returns the ARN."""
        flat = key.replace("/", "-")
        stack = _STACK.format(flat)
        own = {
            "alpha.eksctl.io/cluster-name": "shop",
            "alpha.eksctl.io/eksctl-version": "0.230.0",
            "alpha.eksctl.io/iamserviceaccount-name": key,
            "eksctl.cluster.k8s.io/v1alpha1/cluster-name": "shop",
            **(tags or {}),
        }
        arn = self.role(
            f"eksctl-shop-addon-iamserviceaccount-{flat}"[:45] + "-Role1-1ABCDEF",
            trusting(key.replace("/", ":")),
            attached=attached,
            inline={
                f"{stack}-{one}": document for one, document in (inline or {}).items()
            },
            tags=own
            | {
                "aws:cloudformation:stack-name": stack,
                "aws:cloudformation:logical-id": "Role1",
            },
            boundary=boundary,
        )
        self.stacks.append(
            {
                "StackId": f"{_STACK_ARN}{stack}/1",
                "StackName": stack,
                "CreationTime": "2024-05-01T10:00:00+00:00",
                "StackStatus": "CREATE_COMPLETE",
                "EnableTerminationProtection": True,
                "Outputs": [{"OutputKey": "Role1", "OutputValue": arn}],
                "Tags": [{"Key": at, "Value": text} for at, text in own.items()],
            }
        )
        self.service_account(
            key,
            labels={**(labels or {}), "app.kubernetes.io/managed-by": "eksctl"},
            annotations={"eks.amazonaws.com/role-arn": arn},
        )
        return arn

    def write(self, folder: Path) -> dict[str, Path]:
        """Write what the commands print, each file by the name of its option."""
        documents: dict[str, object] = {
            "roles": {"RoleDetailList": self.roles},
            "role-details": {"Roles": self.details},
            "stacks": {"Stacks": self.stacks},
            "service-accounts": {
                "apiVersion": "v1",
                "kind": "List",
                "items": self.service_accounts,
            },
            "cluster-description": {
                "cluster": {
                    "name": "shop",
                    "arn": ARN,
                    "identity": {"oidc": {"issuer": f"https://{ISSUER}"}},
                }
            },
        }
        paths = {name: folder / f"{name}.json" for name in documents}
        for name, document in documents.items():
            paths[name].write_text(json.dumps(document), encoding="utf-8")
        paths["associations"] = folder / "associations.json"
        listed = {"associations": [self._listed(one) for one in self.associations]}
        described = ({"association": one} for one in self.associations)
        paths["associations"].write_text(
            "\n".join(json.dumps(one, indent=4) for one in (listed, *described)),
            encoding="utf-8",
        )
        return paths

    def _listed(self, association: Mapping[str, Any]) -> dict[str, Any]:
        names = ("clusterName", "namespace", "serviceAccount", "ownerArn")
        names += ("associationArn", "associationId")
        return {one: association[one] for one in names if one in association}

    def account(self, folder: Path) -> LiveAccount:
        """Give what is read of the files."""
        return account_of(self.write(folder))


def account_of(paths: Mapping[str, Path]) -> LiveAccount:
    """Read an account from files.

    Args:
        paths: As `Estate.write` gives them.
    """
    return account_of_files(
        cluster=paths["cluster-description"],
        roles=paths["roles"],
        role_details=paths["role-details"],
        stacks=paths["stacks"],
        associations=paths["associations"],
        service_accounts=service_accounts_of_file(paths["service-accounts"]),
    )
