"""The plugin doubles under a real engine, on a real API server.

What `tests/sandbox` holds them to by their messages is seen here from the outside: what
the engine makes of their answers, and what the API server makes of their requests.
The scenarios in which a switch or a removal may lose something are in
test_kubernetes_contract.py.
"""

import json
from typing import Final

import pulumi
import pulumi.automation as auto
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest
from contract import SERVICE_ACCOUNT, Contract

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


def test_existing_account_is_only_refused_by_the_run(contract: Contract) -> None:
    """The preview says create; the run says what else could be done."""
    contract.make({"theirs": "1"})
    program = contract.account(SERVICE_ACCOUNT, {"ours": "1"})

    planned = contract.preview(program)
    with pytest.raises(auto.CommandError):
        contract.up(program)

    assert planned == {"it": "create"}
    assert any(
        'serviceaccounts "reader" already exists' in line for line in contract.said
    )
    assert contract.annotations == {"theirs": "1"}


def test_drift_of_an_account_is_repaired_and_its_loss_too(contract: Contract) -> None:
    """A refresh sees kubectl's edit, and an account that is gone."""
    program = contract.account(SERVICE_ACCOUNT, {"a": "1"})
    contract.up(program)
    contract.annotate({"a": "2"})

    unseen = contract.preview(program)
    contract.refresh()
    repaired = contract.up(program)
    mended = contract.annotations
    dropped = contract.up(contract.account(SERVICE_ACCOUNT, {"b": "1"}))
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
