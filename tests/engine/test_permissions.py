"""9: least privilege. Whole main jobs with exactly what docs/permissions grants."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from least_privilege import (
    PERMISSIONS,
    Operator,
    actions,
    cluster_role,
    policy,
    token_of,
    verbs,
)
from pulumi import automation as auto
from reliability.rig import Rig, Run, open_rig

from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

CLUSTER: Final = "least-privilege"


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


@pytest.fixture(name="tokens")
def _tokens(sandbox: Sandbox) -> dict[str, str]:
    """Give a token for each ClusterRole, whose bearer has that role and no other."""
    return {
        name: token_of(
            sandbox.control_plane, account=f"operator-{name}", role=cluster_role(name)
        )
        for name in ("preview", "up")
    }


def test_9_least_privilege(
    sandbox: Sandbox, tokens: dict[str, str], tmp_path: Path
) -> None:
    """Preview, up, change, refresh and destroy need exactly what is written down."""
    operators = {
        name: Operator(policy(name, sandbox.aws, cluster=CLUSTER))
        for name in ("preview", "up")
    }

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
    granted = actions("up") | verbs("up")
    assert granted - operators["up"].used == seen(mark="no")
    assert granted & operators["up"].used == seen(mark="yes")


def test_the_page_names_what_the_files_grant() -> None:
    """Its tables have one row for each, with its source; so has each preview's."""
    rows = table()

    assert set(rows) == actions("up") | verbs("up")
    assert {name for name, cells in rows.items() if cells[0]} == (
        actions("preview") | verbs("preview")
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
        token=token_of(sandbox.control_plane, account="patch-alone", role=role),
    )

    assert answer.status == 403
    assert 'cannot create resource "namespaces"' in answer.document["message"]
