"""What the next release will keep: all that its states can show."""

import subprocess
import sys
from pathlib import Path

import yaml

from eks_irsa import EksOidcProviderArgs, IrsaServiceAccountArgs
from eks_irsa.settings.model import RoleSettings

STATES = Path(__file__).parent / "golden/states"


def test_next_release_keeps_a_stack_with_every_setting_of_a_role() -> None:
    """For all entries or for one, but what needs another cluster or association.

    What that makes, the program has: `trusted_provider_arns`.
    """
    settings = yaml.safe_load((STATES / "next.yaml").read_text())["stack"]["settings"]
    (override,) = settings["overrides"].values()

    assert {RoleSettings.alias_of(name) for name in RoleSettings.model_fields} == {
        *settings["defaults"],
        *override,
        "associationId",
        "trustedClusters",
    }


def test_next_release_keeps_a_program_with_every_input() -> None:
    """But those that say where a cluster is, or what is done once."""
    program = yaml.safe_load((STATES / "next.yaml").read_text())["own"]["program"]
    inputs = {
        *IrsaServiceAccountArgs.__annotations__,
        *EksOidcProviderArgs.__annotations__,
    }

    assert {name for name in inputs if f'"{name}"' not in program} == {
        "adopt",
        "association_id",
        "cluster_arn",
        "cluster_region",
        "create_namespace",
        "import_arn",
        "provider_credential_opts",
        "thumbprints",
        "wait",
    }


def test_states_that_are_kept_are_not_written_over() -> None:
    """They are what a release left, not what the code of today leaves."""
    kept = next(path.parent.name for path in STATES.glob("*/recipe.yaml"))
    tests = Path(__file__).parent

    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, tests / "upgrades.py", kept],
        env={"PYTHONPATH": f"{tests.parent}:{tests}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith("name a release whose states are not kept yet")
