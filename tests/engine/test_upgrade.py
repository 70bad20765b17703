"""Stacks of earlier releases go on with this code: nothing is replaced or deleted.

`tests/upgrades.py` has the states and how they came to be.
"""

from pathlib import Path
from typing import Final

import pytest
from upgrades import KINDS, RELEASES, Recipe
from workbench import Step

from sandbox.inventory import take_inventory
from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

# What holds nothing of AWS or of the cluster, and may therefore change.
IN_PROGRAM: Final = {
    "eks-irsa:index:EksOidcProvider": {"update"},
    "eks-irsa:index:IrsaServiceAccount": {"update"},
    "pulumi:providers:aws": {"update"},
    "pulumi:providers:kubernetes": {"update"},
    "pulumi:providers:pulumi": {"create", "delete"},
}


def in_aws_or_cluster(steps: list[Step]) -> set[tuple[str, str]]:
    """Give operation and name of what changes more than the state."""
    return {
        (step.operation, step.name)
        for step in steps
        if step.operation not in IN_PROGRAM.get(step.type, ())
    }


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("kind", KINDS)
def test_stack_of_a_release_goes_on(
    kind: str, release: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    """What is in AWS and in the cluster stays as it is, object by object."""
    recipe = Recipe.of(release)
    before = take_inventory(sandbox)
    with recipe.prepared(sandbox):
        bench = recipe.bring_up(kind, sandbox, tmp_path / kind)
        made = bench.inventory()
        recipe.take_in(kind, bench)

        previewed, done, again = bench.preview(), bench.up(), bench.preview()
        kept = bench.inventory()
        bench.destroy()

    new = {("create", name) for name in recipe.later if kind == "own"}
    assert in_aws_or_cluster(previewed) == new
    assert in_aws_or_cluster(done) == new
    assert again == []
    assert {**kept.roles, **made.roles} == kept.roles
    assert bool(new) == (kept.roles != made.roles)
    assert (kept.providers, kept.namespaces) == (made.providers, made.namespaces)
    assert kept.service_accounts == made.service_accounts
    assert bench.inventory().roles == before.roles
