"""9: least privilege. Whole main jobs with exactly what docs/permissions grants.

AWS's side is judged here, by action and resource, as IAM would judge the policy; the
cluster's side by the API server itself, which knows the operator as the bearer of the
ClusterRole and of nothing else.
"""

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from pulumi import automation as auto
from reliability.rig import Rig, Run, open_rig

from sandbox.control_plane.servers import API_AUDIENCE
from sandbox.interception import Failure, Request
from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

PERMISSIONS: Final = Path(__file__).parents[2] / "docs/permissions"
RBAC: Final = "/apis/rbac.authorization.k8s.io/v1"
CLUSTER: Final = "least-privilege"
# No permission is needed to ask who one is.
# Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
ALWAYS_ALLOWED: Final = frozenset({"sts:GetCallerIdentity"})


class Operator:
    """An interceptor that lets through what a policy allows, and remembers all calls.

    Attributes:
        used: Actions that were called: `iam:GetRole`, `create serviceaccounts`.
        refused: Calls that the policy does not allow.
    """

    def __init__(self, policy: dict[str, Any]) -> None:
        """Judge calls to AWS by *policy*; the API server judges its own."""
        self.used: set[str] = set()
        self.refused: list[Request] = []
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
        return any(
            action in _listed(one["Action"]) and fnmatchcase(resource, one["Resource"])
            for one in self._statements
        )


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def policy(name: str, sandbox: Sandbox) -> dict[str, Any]:
    """Read a policy and fill its placeholders in."""
    text = (PERMISSIONS / f"aws-{name}.json").read_text(encoding="utf-8")
    for placeholder, value in (
        ("ACCOUNT_ID", sandbox.aws.account_id),
        ("CLUSTER_NAME", CLUSTER),
        ("REGION", "us-west-2"),
    ):
        text = text.replace(placeholder, value)
    return json.loads(text)


def actions(name: str, sandbox: Sandbox) -> set[str]:
    """List the actions a policy allows."""
    statements = policy(name, sandbox)["Statement"]
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


def table() -> dict[str, list[str]]:
    """Read the tables of the page: what is granted -> preview, for, seen, source."""
    text = PERMISSIONS.with_suffix(".md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
    ]
    return {
        name.strip("`"): cells
        for name, *cells in rows
        if len(cells) == 4 and name.startswith("`")
    }


def seen(*, mark: str) -> set[str]:
    """List what the page says was seen, or was not."""
    return {name for name, cells in table().items() if cells[2] == mark}


def token_of(sandbox: Sandbox, *, account: str, role: dict[str, Any]) -> str:
    """Make a service account that has a ClusterRole and no other; give its token.

    On EKS an access entry maps an IAM role to a group; here it is a service account.
    """
    plane = sandbox.control_plane
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


@pytest.fixture(name="tokens")
def _tokens(sandbox: Sandbox) -> dict[str, str]:
    """Give a token for each ClusterRole, whose bearer has that role and no other."""
    return {
        name: token_of(sandbox, account=f"operator-{name}", role=cluster_role(name))
        for name in ("preview", "up")
    }


def test_9_least_privilege(
    sandbox: Sandbox, tokens: dict[str, str], tmp_path: Path
) -> None:
    """Preview, up, change, refresh and destroy need exactly what is written down."""
    operators = {name: Operator(policy(name, sandbox)) for name in ("preview", "up")}

    with open_rig(sandbox, folder=tmp_path / "p", cluster=CLUSTER, parallel=8) as rig:

        @contextmanager
        def signed_in(name: str) -> Generator[None]:
            sandbox.sign_in(name=CLUSTER, region="us-west-2", token=tokens[name])
            with rig.through(operators[name]):
                yield

        def run(name: str, command: Callable[[Rig], Run]) -> list[str]:
            with signed_in(name):
                done = command(rig)
            assert not done.failed, done.output
            return [operation for operation, _ in done.steps]

        rig.choose("before")
        identity = 'overrides["apps/writer"].identity'
        rig.stack.set_config(identity, auto.ConfigValue("both"), path=True)
        planned = run("preview", Rig.preview)
        made = run("up", Rig.up)
        rig.choose("after")
        changes = run("preview", Rig.preview_refreshed)
        changed = run("up", Rig.up)
        run("up", Rig.refresh)
        with signed_in("preview"):
            forbidden = rig.destroy()
        run("up", Rig.destroy)

    assert sorted(planned) == sorted(made)
    assert sorted(changes) == sorted(changed)
    assert forbidden.failed
    assert [str(one) for one in operators["up"].refused] == []
    granted = actions("up", sandbox) | verbs("up")
    assert granted - operators["up"].used == seen(mark="no")
    assert granted & operators["up"].used == seen(mark="yes")


def test_the_page_names_what_the_files_grant(sandbox: Sandbox) -> None:
    """Its tables have one row for each, with its source; so has each preview's."""
    rows = table()

    assert set(rows) == actions("up", sandbox) | verbs("up")
    assert {name for name, cells in rows.items() if cells[0]} == (
        actions("preview", sandbox) | verbs("preview")
    )
    assert all(cells[1] and cells[3] for cells in rows.values())


def test_namespace_that_is_missing_needs_create_beside_patch(sandbox: Sandbox) -> None:
    """No request shows it: the plugin sends a patch, and the API server checks both."""
    role = {
        "metadata": {"name": "patch-alone"},
        "rules": [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["patch"]}],
    }
    name = "never-made"

    answer = sandbox.control_plane.request(
        method="PATCH",
        path=f"/api/v1/namespaces/{name}?fieldManager=operator",
        body={"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}},
        content_type="application/apply-patch+yaml",
        token=token_of(sandbox, account="patch-alone", role=role),
    )

    assert answer.status == 403
    assert 'cannot create resource "namespaces"' in answer.document["message"]
