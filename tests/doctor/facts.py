"""Facts of a service account that is healthy, with something changed."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from eks_irsa.doctor.codes import ALWAYS
from eks_irsa.doctor.diagnosis import diagnose
from eks_irsa.doctor.model import Facts, Finding
from eks_irsa.live.model import (
    LiveAssociation,
    LiveCluster,
    LiveProvider,
    LiveRole,
    LiveServiceAccount,
)

__all__ = [
    "ACCOUNT_ID",
    "ASSOCIATION",
    "AUDIENCE",
    "CLAIMS",
    "CLUSTER",
    "FULL_URI",
    "HEALTHY",
    "ISSUER",
    "ISSUER_URL",
    "POD_OF_ASSOCIATION",
    "POLICY",
    "POLICY_ARN",
    "PROVIDER",
    "PROVIDER_ARN",
    "ROLE",
    "ROLE_ARN",
    "SERVICE_ACCOUNT",
    "SUBJECT",
    "TOKEN_FILE",
    "TOKEN_VOLUME",
    "WEBHOOK",
    "annotated",
    "codes",
    "container",
    "found",
    "in_pod_identity",
    "injected",
    "only",
    "pod",
    "role_trusting",
    "statement",
    "trust",
    "with_pods",
]

ACCOUNT_ID: Final = "123456789012"
ISSUER: Final = "oidc.eks.us-west-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
ISSUER_URL: Final = f"https://{ISSUER}"
PROVIDER_ARN: Final = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{ISSUER}"
ROLE_ARN: Final = f"arn:aws:iam::{ACCOUNT_ID}:role/irsa/dev-web"
AUDIENCE: Final = "sts.amazonaws.com"
SUBJECT: Final = "system:serviceaccount:apps:web"
POLICY_ARN: Final = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
CLUSTER: Final = LiveCluster(
    arn=f"arn:aws:eks:us-west-2:{ACCOUNT_ID}:cluster/dev",
    issuer_url=ISSUER_URL,
    endpoint="https://api.example",
    certificate_authority="Q0E=",
)
TOKEN_FILE: Final = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token"  # noqa: S105
FULL_URI: Final = "http://169.254.170.23/v1/credentials"
# As EKS makes it; seen in clusters.
WEBHOOK: Final[Mapping[str, Any]] = {
    "metadata": {"name": "pod-identity-webhook"},
    "webhooks": [
        {
            "name": "iam-for-pods.amazonaws.com",
            "failurePolicy": "Ignore",
            "namespaceSelector": {},
            "objectSelector": {
                "matchExpressions": [
                    {
                        "key": "eks.amazonaws.com/skip-pod-identity-webhook",
                        "operator": "DoesNotExist",
                    }
                ]
            },
            "rules": [
                {
                    "apiGroups": [""],
                    "apiVersions": ["v1"],
                    "operations": ["CREATE"],
                    "resources": ["pods"],
                    "scope": "*",
                }
            ],
        }
    ],
}
POLICY: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}],
    }
)


def statement(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Write the statement that lets `apps/web` in, with some keys changed."""
    given = {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER_ARN},
        "Action": ["sts:AssumeRoleWithWebIdentity"],
        "Condition": {
            "StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": SUBJECT}
        },
    }
    return {**given, **changes}


def trust(*statements: Mapping[str, Any]) -> str:
    """Write a trust policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": [*statements]})


ROLE: Final = LiveRole(
    name="dev-web",
    arn=ROLE_ARN,
    path="/irsa/",
    trust_policy=trust(statement()),
    description="",
    max_session_duration_seconds=3600,
    permissions_boundary=None,
    managed_policy_arns=(POLICY_ARN,),
    inline_policies={},
    tags={},
)
PROVIDER: Final = LiveProvider(arn=PROVIDER_ARN, client_ids=(AUDIENCE,), tags={})
SERVICE_ACCOUNT: Final = LiveServiceAccount(
    namespace="apps",
    name="web",
    annotations={"eks.amazonaws.com/role-arn": ROLE_ARN},
)
CLAIMS: Final[Mapping[str, Any]] = {
    "iss": ISSUER_URL,
    "sub": SUBJECT,
    "aud": [AUDIENCE],
    "iat": 1_800_000_000,
    "exp": 1_800_000_600,
}


def container(name: str = "web", *, env: Mapping[str, str], **more: Any) -> Any:  # noqa: ANN401 - JSON
    """Make a container."""
    variables = [{"name": key, "value": value} for key, value in env.items()]
    return {"name": name, "env": variables, **more}


TOKEN_VOLUME: Final[Mapping[str, Any]] = {
    "name": "aws-iam-token",
    "projected": {
        "defaultMode": 420,
        "sources": [
            {"serviceAccountToken": {"audience": AUDIENCE, "path": "token"}},
        ],
    },
}


def injected(name: str = "web", **env: str) -> Any:  # noqa: ANN401 - JSON
    """Make a container as the webhook leaves it; an empty variable is left out."""
    given = {
        "AWS_REGION": "us-west-2",
        "AWS_ROLE_ARN": ROLE_ARN,
        "AWS_WEB_IDENTITY_TOKEN_FILE": TOKEN_FILE,
        **env,
    }
    mount = {"name": "aws-iam-token", "mountPath": TOKEN_FILE.rpartition("/")[0]}
    kept = {key: value for key, value in given.items() if value}
    return container(name, env=kept, volumeMounts=[mount])


def pod(
    *containers: Any,  # noqa: ANN401 - JSON
    name: str = "web-5d4f-x1",
    metadata: Mapping[str, Any] | None = None,
    **spec: Any,  # noqa: ANN401 - JSON
) -> Mapping[str, Any]:
    """Make a pod of the deployment `web`, as the webhook leaves it."""
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-5d4f"}
    return {
        "metadata": {
            "name": name,
            "namespace": "apps",
            "labels": {"app": "web", "pod-template-hash": "5d4f"},
            "ownerReferences": [owner],
            **(metadata or {}),
        },
        "spec": {
            "serviceAccountName": "web",
            "volumes": [TOKEN_VOLUME],
            "containers": [*(containers or [injected()])],
            **spec,
        },
        "status": {"phase": "Running"},
    }


HEALTHY: Final = Facts(
    namespace="apps",
    name="web",
    cluster=CLUSTER,
    cluster_name="dev",
    region="us-west-2",
    account_id=ACCOUNT_ID,
    service_account=SERVICE_ACCOUNT,
    namespace_labels={"kubernetes.io/metadata.name": "apps"},
    pods=(pod(),),
    webhooks=(WEBHOOK,),
    token_claims=CLAIMS,
    associations=(),
    role=ROLE,
    provider=PROVIDER,
    providers=(PROVIDER_ARN,),
    policies={POLICY_ARN: POLICY},
)
ASSOCIATION: Final = LiveAssociation(
    id="a-1", namespace="apps", service_account="web", role_arn=ROLE_ARN
)


_POD_TOKEN: Final = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/token"  # noqa: S105
POD_OF_ASSOCIATION: Final = pod(
    container(
        env={
            "AWS_REGION": "us-west-2",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": FULL_URI,
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": _POD_TOKEN,
        },
        volumeMounts=[
            {"name": "aws-iam-token", "mountPath": _POD_TOKEN.rpartition("/")[0]}
        ],
    )
)


def in_pod_identity(**changes: Any) -> Facts:  # noqa: ANN401 - whatever facts have
    """Make facts of a service account that gets its role by EKS Pod Identity."""
    by_service = statement(
        Principal={"Service": "pods.eks.amazonaws.com"},
        Action=["sts:AssumeRole", "sts:TagSession"],
        Condition={
            "StringEquals": {
                "aws:RequestTag/eks-cluster-arn": CLUSTER.arn,
                "aws:RequestTag/kubernetes-namespace": "apps",
                "aws:RequestTag/kubernetes-service-account": "web",
            }
        },
    )
    given = {
        "service_account": replace(SERVICE_ACCOUNT, annotations={}),
        "associations": (ASSOCIATION,),
        "agent": True,
        "role": role_trusting(by_service),
        "pods": (POD_OF_ASSOCIATION,),
        "provider": None,
        "providers": (),
    }
    return replace(HEALTHY, **{**given, **changes})


def role_trusting(*statements: Mapping[str, Any]) -> LiveRole:
    """Make the role with another trust policy."""
    return replace(ROLE, trust_policy=trust(*statements))


def annotated(**annotations: str | None) -> LiveServiceAccount:
    """Make the service account with annotations `eks.amazonaws.com/<key>`."""
    given = {
        f"eks.amazonaws.com/{key.replace('_', '-')}": value
        for key, value in {"role_arn": ROLE_ARN, **annotations}.items()
        if value is not None
    }
    return replace(SERVICE_ACCOUNT, annotations=given)


def with_pods(*pods: Mapping[str, Any]) -> Facts:
    """Make facts with other pods."""
    return replace(HEALTHY, pods=pods)


def found(facts: Facts) -> list[Finding]:
    """Diagnose, and leave out what is said of every cluster."""
    return [one for one in diagnose(facts).findings if one.code not in ALWAYS]


def codes(facts: Facts) -> list[str]:
    """Return the codes of what is found."""
    return [one.code for one in found(facts)]


def only(facts: Facts) -> Finding:
    """Return the one thing that is found."""
    (one,) = found(facts)
    return one
