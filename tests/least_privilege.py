"""Somebody with exactly the permissions that a page lists, and what they are refused.

AWS's side is judged here, by action and resource, as IAM would judge the policy; the
cluster's side by the API server itself, which knows the operator as the bearer of the
ClusterRole and of nothing else.
"""

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import yaml

from sandbox.aws.server import Aws
from sandbox.control_plane import ControlPlane
from sandbox.control_plane.servers import API_AUDIENCE
from sandbox.interception import Failure, Request

__all__ = [
    "PERMISSIONS",
    "Operator",
    "actions",
    "cluster_role",
    "policy",
    "token_of",
    "verbs",
]

PERMISSIONS: Final = Path(__file__).parents[1] / "docs/permissions"
RBAC: Final = "/apis/rbac.authorization.k8s.io/v1"
# No permission is needed to ask who one is.
# Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
ALWAYS_ALLOWED: Final = frozenset(
    {"sts:GetCallerIdentity", "sts:AssumeRoleWithWebIdentity"}
)


class Operator:
    """An interceptor that lets through what a policy allows, and remembers all calls.

    Attributes:
        used: Actions that were called: `iam:GetRole`, `create serviceaccounts`.
        refused: Calls that the policy does not allow.
    """

    def __init__(self, policy: dict[str, Any], *, without: str = "") -> None:
        """Judge calls to AWS by *policy* but for one action of it."""
        self.used: set[str] = set()
        self.refused: list[Request] = []
        self._without = without
        self._statements: list[dict[str, Any]] = policy["Statement"]

    def before(self, request: Request) -> Failure | None:
        """Refuse what no statement allows, in IAM's words."""
        if request.service == "kubernetes":
            self.used.add(request.action)
            return None
        action = f"{request.service}:{request.action}"
        self.used.add(action)
        if action in ALWAYS_ALLOWED or self._allows(action, request.target):
            return None
        self.refused.append(request)
        message = (
            f"User: arn:aws:iam::123456789012:user/operator is not authorized to "
            f"perform: {action} on resource: {request.target} because no "
            f"identity-based policy allows the {action} action"
        )
        return Failure(status=403, code="AccessDenied", message=message)

    def after(self, request: Request) -> Failure | None:
        """Let every answer through."""
        del request

    def _allows(self, action: str, resource: str) -> bool:
        return action != self._without and any(
            action in _listed(one["Action"])
            and any(fnmatchcase(resource, arn) for arn in _listed(one["Resource"]))
            for one in self._statements
        )


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def policy(name: str, aws: Aws, *, cluster: str) -> dict[str, Any]:
    """Read a policy and fill its placeholders in."""
    text = (PERMISSIONS / f"aws-{name}.json").read_text(encoding="utf-8")
    for placeholder, value in (
        ("ACCOUNT_ID", aws.account_id),
        ("CLUSTER_NAME", cluster),
        ("REGION", "us-west-2"),
    ):
        text = text.replace(placeholder, value)
    return json.loads(text)


def actions(name: str) -> set[str]:
    """List the actions a policy allows."""
    text = (PERMISSIONS / f"aws-{name}.json").read_text(encoding="utf-8")
    statements = json.loads(text)["Statement"]
    return {action for one in statements for action in _listed(one["Action"])}


def verbs(name: str) -> set[str]:
    """List what a ClusterRole allows, as `<verb> <resource>`."""
    role = cluster_role(name)
    return {
        f"{verb} {resource}"
        for rule in role["rules"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def token_of(plane: ControlPlane, *, account: str, role: Mapping[str, Any]) -> str:
    """Make a service account that has a ClusterRole and no other; give its token.

    On EKS an access entry maps an IAM role to a group; here it is a service account.
    """
    role_ref = {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "ClusterRole",
        "name": role["metadata"]["name"],
    }
    subject = {"kind": "ServiceAccount", "namespace": "default", "name": account}
    metadata = {"name": account}
    binding = {"metadata": metadata, "subjects": [subject], "roleRef": role_ref}
    for path, body in (
        (f"{RBAC}/clusterroles", role),
        (f"{RBAC}/clusterrolebindings", binding),
        ("/api/v1/namespaces/default/serviceaccounts", {"metadata": metadata}),
    ):
        made = plane.request(method="POST", path=path, body=body)
        assert made.status == 201, made.text
    return plane.request_token(
        namespace="default", service_account=account, audience=API_AUDIENCE
    )


def cluster_role(name: str) -> dict[str, Any]:
    """Read a ClusterRole of docs/permissions."""
    return yaml.safe_load((PERMISSIONS / f"kubernetes-{name}.yaml").read_text())
