"""The plugin doubles under a real engine, on a real API server.

What `tests/sandbox` holds them to by their messages is seen here from the outside: what
the engine makes of their answers, and what the API server makes of their requests.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pulumi
import pulumi.automation as auto
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest

from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

TRUST: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


class Contract:
    """A stack whose program is chosen anew for every step."""

    def __init__(self, sandbox: Sandbox, *, folder: Path, name: str) -> None:
        """Make an empty stack of that name, and a namespace of that name."""
        self.name = name
        self.said: list[str] = []
        self._sandbox = sandbox
        self._program: Callable[[], None] = lambda: None
        home = sandbox.engine_home()
        self._stack = auto.create_or_select_stack(
            name,
            project_name="contract",
            program=self._chosen,
            opts=auto.LocalWorkspaceOptions(
                work_dir=str(folder),
                pulumi_home=str(home.pulumi_home),
                pulumi_command=auto.PulumiCommand(str(home.command_root)),
                env_vars=dict(home.environment),
            ),
        )
        self._request("POST", "/api/v1/namespaces", {"metadata": {"name": name}})

    def _chosen(self) -> None:
        self._program()

    def provider(self, **options: Any) -> k8s.Provider:  # noqa: ANN401 - as the SDK takes them
        """Register the Kubernetes provider of the sandbox's cluster."""
        kubeconfig = str(self._sandbox.control_plane.kubeconfig)
        return k8s.Provider("cluster", kubeconfig=kubeconfig, **options)

    def preview(self, program: Callable[[], None]) -> dict[str, str]:
        """Preview, and give what would be done: name -> operation."""
        self._program = program
        return self._run(self._stack.preview)

    def up(self, program: Callable[[], None]) -> dict[str, str]:
        """Bring up, and give what was done: name -> operation."""
        self._program = program
        return self._run(self._stack.up)

    def refresh(self) -> None:
        """Read everything anew."""
        self._run(self._stack.refresh)

    def destroy(self) -> None:
        """Remove everything."""
        self._run(self._stack.destroy)

    def make(self, annotations: dict[str, str], *, manager: str = "somebody") -> None:
        """Make the service account behind the engine's back."""
        body = {"metadata": {"name": "reader", "annotations": annotations}}
        self._request("POST", f"{self._accounts}?fieldManager={manager}", body)

    def annotate(self, annotations: dict[str, str]) -> None:
        """Do what `kubectl annotate` does."""
        self._request(
            "PATCH",
            f"{self._accounts}/reader?fieldManager=kubectl-annotate",
            {"metadata": {"annotations": annotations}},
            content_type="application/merge-patch+json",
        )

    def remove(self) -> None:
        """Delete the service account behind the engine's back."""
        self._request("DELETE", f"{self._accounts}/reader")

    @property
    def annotations(self) -> dict[str, str] | None:
        """The service account's annotations; None if there is no such account."""
        plane = self._sandbox.control_plane
        answer = plane.request(method="GET", path=f"{self._accounts}/reader")
        if answer.status == 404:
            return None
        return answer.document["metadata"].get("annotations", {})

    @property
    def _accounts(self) -> str:
        return f"/api/v1/namespaces/{self.name}/serviceaccounts"

    def _request(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        content_type: str = "application/json",
    ) -> None:
        answer = self._sandbox.control_plane.request(
            method=method, path=path, body=body, content_type=content_type
        )
        assert answer.status < 300, answer.text

    def _run(self, run: Callable[..., object]) -> dict[str, str]:
        done: dict[str, str] = {}
        self.said = []

        def seen(event: auto.EngineEvent) -> None:
            if event.resource_pre_event:
                step = event.resource_pre_event.metadata
                if step.op.value != "same" and "pulumi:" not in step.type:
                    done[step.urn.rpartition("::")[2]] = step.op.value
            if event.diagnostic_event:
                self.said.append(event.diagnostic_event.message)

        run(on_event=seen)
        return done


@pytest.fixture(name="contract")
def _contract(
    sandbox: Sandbox, tmp_path: Path, request: pytest.FixtureRequest
) -> Contract:
    name = request.node.name.replace("_", "-")[5:45].strip("-")
    return Contract(sandbox, folder=tmp_path, name=name)


def _account(
    contract: Contract,
    kind: type[k8s.core.v1.ServiceAccount | k8s.core.v1.ServiceAccountPatch],
    annotations: dict[str, str],
    **options: Any,  # noqa: ANN401 - as the SDK takes them
) -> Callable[[], None]:
    """Write a program of one account."""

    def program() -> None:
        metadata: Any = {
            "name": "reader",
            "namespace": contract.name,
            "annotations": annotations,
        }
        provider = contract.provider(**options)
        kind("it", metadata=metadata, opts=pulumi.ResourceOptions(provider=provider))

    return program


def test_existing_account_is_only_refused_by_the_run(contract: Contract) -> None:
    """The preview says create; the run says what else could be done."""
    contract.make({"theirs": "1"})
    program = _account(contract, k8s.core.v1.ServiceAccount, {"ours": "1"})

    planned = contract.preview(program)
    with pytest.raises(auto.CommandError):
        contract.up(program)

    assert planned == {"it": "create"}
    assert any(
        'serviceaccounts "reader" already exists' in line for line in contract.said
    )
    assert contract.annotations == {"theirs": "1"}


def test_patch_takes_by_force_and_gives_back_only_its_own(contract: Contract) -> None:
    """Another manager's field is a conflict; a relinquish removes and restores not."""
    contract.make({"a": "theirs", "b": "x"}, manager="argocd")
    patch = k8s.core.v1.ServiceAccountPatch

    with pytest.raises(auto.CommandError):
        contract.up(_account(contract, patch, {"a": "ours"}))
    conflict = "\n".join(contract.said)
    forced = _account(contract, patch, {"a": "ours"}, enable_patch_force=True)
    contract.up(forced)
    taken, again = contract.annotations, contract.preview(forced)
    contract.up(lambda: None)

    assert 'conflict with "argocd"' in conflict
    assert (taken, again) == ({"a": "ours", "b": "x"}, {})
    assert contract.annotations == {"b": "x"}


def test_letting_go_of_what_is_gone_brings_it_back(contract: Contract) -> None:
    """The relinquish is an apply, and an apply makes what is not there."""
    contract.up(_account(contract, k8s.core.v1.ServiceAccountPatch, {"a": "1"}))
    contract.remove()
    gone = contract.annotations

    contract.destroy()

    assert (gone, contract.annotations) == (None, {})


def test_drift_of_an_account_is_repaired_and_its_loss_too(contract: Contract) -> None:
    """A refresh sees kubectl's edit, and an account that is gone."""
    program = _account(contract, k8s.core.v1.ServiceAccount, {"a": "1"})
    contract.up(program)
    contract.annotate({"a": "2"})

    unseen = contract.preview(program)
    contract.refresh()
    repaired = contract.up(program)
    mended = contract.annotations
    dropped = contract.up(_account(contract, k8s.core.v1.ServiceAccount, {"b": "1"}))
    replaced = contract.annotations
    contract.remove()
    contract.refresh()
    made_again = contract.up(program)
    contract.destroy()

    assert (unseen, repaired, mended) == ({}, {"it": "update"}, {"a": "1"})
    assert (dropped, replaced) == ({"it": "update"}, {"b": "1"})
    assert made_again == {"it": "create"}
    assert contract.annotations is None


def test_provider_that_is_not_known_yet_makes_its_resources_unknown(
    contract: Contract, sandbox: Sandbox
) -> None:
    """A kubeconfig that comes of a resource is only read when it is known."""
    kubeconfig = sandbox.control_plane.kubeconfig.read_text()

    def program() -> None:
        role = aws.iam.Role(f"{contract.name}-r", assume_role_policy=TRUST)
        provider = k8s.Provider("k", kubeconfig=role.arn.apply(lambda _: kubeconfig))
        k8s.core.v1.ServiceAccount(
            "it",
            metadata={
                "name": "reader",
                "namespace": contract.name,
                "annotations": {"secret": pulumi.Output.secret("hidden")},
            },
            opts=pulumi.ResourceOptions(provider=provider),
        )

    planned = contract.preview(program)
    contract.up(program)
    again, made = contract.preview(program), contract.annotations
    contract.destroy()

    assert planned == {f"{contract.name}-r": "create", "it": "create"}
    assert (again, made) == ({}, {"secret": "hidden"})


def test_existing_resources_come_in_by_their_ids(contract: Contract) -> None:
    """An import changes nothing, and the same program without ids neither."""
    contract.make({})
    role = f"{contract.name[:20]}-role"
    contract.up(
        lambda: (
            aws.iam.Role(
                "r",
                name=role,
                assume_role_policy=TRUST,
                opts=pulumi.ResourceOptions(retain_on_delete=True),
            )
            and None
        )
    )
    contract.up(lambda: None)

    def program(*, by_id: bool) -> None:
        def options(resource_id: str) -> pulumi.ResourceOptions:
            return pulumi.ResourceOptions(import_=resource_id if by_id else None)

        aws.iam.Role("r", name=role, assume_role_policy=TRUST, opts=options(role))
        k8s.core.v1.ServiceAccount(
            "it",
            metadata={"name": "reader", "namespace": contract.name},
            opts=pulumi.ResourceOptions.merge(
                options(f"{contract.name}/reader"),
                pulumi.ResourceOptions(provider=contract.provider()),
            ),
        )

    brought_in = contract.up(lambda: program(by_id=True))
    then = contract.preview(lambda: program(by_id=False))
    contract.destroy()

    assert (brought_in, then) == ({"r": "import", "it": "import"}, {})
    assert contract.annotations is None
