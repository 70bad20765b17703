"""A program of AWS resources as the stack program registers them, but free of it.

The recordings were made with the stack program; what they say of the plugin must not
change whenever the stack program does.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pulumi
import pulumi_aws as aws

__all__ = ["Entry", "Wanted", "statement", "trust"]

_AUDIENCE: Final = "sts.amazonaws.com"


def statement(*actions: str, resource: object = "*", **more: object) -> str:
    """Write a policy of one statement, as the stack program does.

    Args:
        actions: One alone stands without a list.
        resource: What they are allowed on.
        more: Further elements, `Condition` for example.
    """
    action = actions[0] if len(actions) == 1 else [*actions]
    given = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return _json({"Version": "2012-10-17", "Statement": [given]})


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One service account's role.

    Attributes:
        key: `<namespace>/<name>`.
        role: Name of its role, after the cluster's.
        attached: ARNs of managed policies.
        inline: Name of an inline policy -> its document.
    """

    key: str
    role: str
    attached: Sequence[str] = ()
    inline: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a run is to bring about.

    Attributes:
        entries: The service accounts.
        provider: What is done with the OIDC provider: `create`, `import` or `read`.
        looked_up: Whether IAM is asked for the provider first.
        audience: The provider's only client id.
        tags: Tags of every role.
        provider_tags: Tags of the provider; None for those of the stack.
        thumbprints: Of the provider; None for what IAM finds.
        boundary: Permissions boundary of every role.
        session_seconds: Longest session of every role.
        path: Path of every role.
        provider_name: Name of the provider; None for one after the cluster.
    """

    entries: Sequence[Entry] = ()
    provider: str = "create"
    looked_up: bool = True
    audience: str = _AUDIENCE
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    provider_tags: Mapping[str, str] | None = None
    thumbprints: Sequence[str] | None = None
    boundary: str | None = None
    session_seconds: int = 3600
    path: str | None = None
    provider_name: str | None = None

    def register(self, *, cluster: str, region: str) -> None:
        """Look up what is there and register everything.

        Args:
            cluster: Name of the cluster; the stack has the same name.
            region: Its region.
        """
        found = aws.eks.get_cluster(name=cluster, region=region)
        account = found.arn.split(":")[4]
        issuer = found.identities[0].oidcs[0].issuer.removeprefix("https://")
        arn = f"arn:aws:iam::{account}:oidc-provider/{issuer}"
        if self.looked_up:
            _look_up(arn)
        ours = {
            "eks-irsa/cluster": found.arn,
            "eks-irsa/stack": f"organization/eks-irsa/{cluster}",
        }
        provider = self._provider(
            self.provider_name or f"{cluster}-provider", arn, ours
        )
        for entry in self.entries:
            self._role(entry, f"{cluster} in {region}", arn, ours, provider)

    def _provider(
        self, name: str, arn: str, ours: Mapping[str, str]
    ) -> aws.iam.OpenIdConnectProvider:
        if self.provider == "read":
            return aws.iam.OpenIdConnectProvider.get(name, id=arn)
        return aws.iam.OpenIdConnectProvider(
            name,
            url=f"https://{arn.partition('/')[2]}",
            client_id_lists=[self.audience],
            thumbprint_lists=self.thumbprints,
            tags=(ours if self.provider_tags is None else self.provider_tags) or None,
            opts=pulumi.ResourceOptions(
                import_=arn if self.provider == "import" else None
            ),
        )

    def _role(
        self,
        entry: Entry,
        where: str,
        provider_arn: str,
        ours: Mapping[str, str],
        provider: aws.iam.OpenIdConnectProvider,
    ) -> None:
        namespace, _, name = entry.key.partition("/")
        subject = f"system:serviceaccount:{namespace}:{name}"
        role = aws.iam.Role(
            f"{entry.key}-role",
            name=f"{where.partition(' ')[0]}-{entry.role}",
            path=self.path,
            description=f"IRSA: {subject} of EKS cluster {where}",
            assume_role_policy=trust(provider_arn, subject, self.audience),
            permissions_boundary=self.boundary,
            max_session_duration=self.session_seconds,
            tags={
                **self.tags,
                **ours,
                "eks-irsa/namespace": namespace,
                "eks-irsa/service-account": name,
            },
            force_detach_policies=True,
            opts=pulumi.ResourceOptions(
                depends_on=[provider], delete_before_replace=True
            ),
        )
        for arn in entry.attached:
            aws.iam.RolePolicyAttachment(
                f"{entry.key}-policy-{arn.rpartition('/')[2]}",
                role=role.name,
                policy_arn=arn,
            )
        for key, document in entry.inline.items():
            aws.iam.RolePolicy(
                f"{entry.key}:{key}", name=key, role=role.name, policy=document
            )


def _look_up(arn: str) -> None:
    try:
        aws.iam.get_open_id_connect_provider(arn=arn)
    except Exception as error:
        if "couldn't find resource" not in str(error):
            raise


def trust(provider_arn: str, subject: str, audience: str) -> str:
    """Write the trust policy of one service account, as the stack program does."""
    issuer = provider_arn.partition("/")[2]
    pinned = {f"{issuer}:aud": audience, f"{issuer}:sub": subject}
    given = {
        "Effect": "Allow",
        "Principal": {"Federated": provider_arn},
        "Action": ["sts:AssumeRoleWithWebIdentity"],
        "Condition": {"StringEquals": pinned},
    }
    return _json({"Version": "2012-10-17", "Statement": [given]})


def _json(value: Any) -> str:  # noqa: ANN401 - whatever JSON can hold
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
