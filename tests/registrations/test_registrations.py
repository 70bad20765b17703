"""Everything that programs register: each input, option, dependency, alias, warning.

A few are kept as text, to be read; of the others a file of each group holds digests,
and a failure shows the lines that changed.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
from component_cases import (
    CHANGES,
    PROVIDERS,
    SERVICE_ACCOUNTS,
    known_later,
    oidc_provider,
    secret,
    service_account,
)
from golden_files import GoldenFiles
from registration_text import registration_text
from stack_cases import LIVE, SETTINGS, STATES, run_chain
from stack_runs import Project
from stand_in_api_server import api_server

from eks_irsa import EksOidcProviderArgs, IrsaServiceAccountArgs
from eks_irsa.settings.model import Settings
from eks_irsa.testing import Deployment, deploy
from eks_irsa.testing.mock_aws import ACCOUNT_ID, READ_STATE

_CORPUS: Final = Path(__file__).parents[1] / "golden/cluster_configs"
# Those that are kept as text, to be read.
_READ: Final[Mapping[str, tuple[str, ...]]] = {
    "component": (
        "all inputs",
        "by association with all inputs",
        "by both",
        "created with their role",
        "inputs of an association known later",
        "not managed with all inputs",
        "patched with all inputs",
        "retained with all inputs",
    ),
    "setting": ("none, previewed", "patchExisting"),
    "state": ("created, then renamed and created", "created, then not managed"),
    "corpus": ("add_on_pod_identity", "pod_identity_example_39"),
    "change": ("a key is renamed",),
}


@pytest.fixture(name="project", scope="module")
def _project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Make a project whose cluster has the service accounts of `LIVE`."""
    with api_server(LIVE) as kubeconfig:
        yield Project(tmp_path_factory.mktemp("project"), kubeconfig=kubeconfig)


def test_components_register_what_they_did(golden: GoldenFiles) -> None:
    """Each input and mode, a caller's options, values that are known later."""
    everything = SERVICE_ACCOUNTS["all inputs"]
    programs = {
        **{name: service_account(args) for name, args in SERVICE_ACCOUNTS.items()},
        **{f"provider {name}": oidc_provider(args) for name, args in PROVIDERS.items()},
        "inputs known later": service_account(everything, late=known_later),
        "inputs of an association known later": service_account(
            SERVICE_ACCOUNTS["by association with a target role"], late=known_later
        ),
        "inputs that are secrets": service_account(everything, late=secret),
        "all options": service_account(everything, options=True),
    }

    made = {name: deploy(program, check=False) for name, program in programs.items()}
    for name in (
        "all inputs",
        "a cluster by name",
        "inputs known later",
        "by both",
        "inputs of an association known later",
    ):
        made[f"{name}, previewed"] = deploy(programs[name], preview=True, check=False)

    compare("component", made, golden)


def test_a_component_registers_what_it_did_after_an_earlier_run(
    golden: GoldenFiles,
) -> None:
    """A policy that is attached stays so, whatever the program calls it now."""

    def after(state: Mapping[str, object], program: Callable[[], None]) -> Deployment:
        return deploy(program, answers={READ_STATE: {"outputs": state}}, check=False)

    made: dict[str, Deployment] = {}
    for name, (before, now) in CHANGES.items():
        state = deploy(service_account(before), check=False).state
        made[name] = after(state, service_account(now))
        late = service_account(now, late=known_later)
        made[f"{name}, known later"] = after(state, late)
        state = deploy(service_account(before, late=known_later), check=False).state
        made[f"{name}, known later before"] = after(state, service_account(now))
        # Whose name begins as this one's does.
        state = deploy(service_account(before, name="xy"), check=False).state
        made[f"{name}, of another"] = after(state, service_account(now))

    compare("change", made, golden)


def test_settings_register_what_they_did(project: Project, golden: GoldenFiles) -> None:
    """Each setting, on one entry of each kind."""
    made = {name: run_chain(project, one) for name, one in SETTINGS.items()}

    compare("setting", made, golden)


def test_states_register_what_they_did(project: Project, golden: GoldenFiles) -> None:
    """Each way from what an earlier run left."""
    made = {name: run_chain(project, *chain) for name, chain in STATES.items()}

    compare("state", made, golden)


def test_the_corpus_registers_what_it_did(
    project: Project, golden: GoldenFiles
) -> None:
    """Each file, also those that are refused: they register nothing."""
    files = sorted(_CORPUS.glob("*.yaml"))

    made = {file.stem: project.run(file.read_bytes()) for file in files}

    compare("corpus", made, golden)


def compare(group: str, made: Mapping[str, Deployment], golden: GoldenFiles) -> None:
    """Hold registrations against the texts that are read, and the digests."""
    texts = {name: registration_text(one) for name, one in made.items()}
    for name in _READ[group]:
        file = re.sub(r"\W+", "_", name)
        golden(f"registrations/{group}/{file}.txt", texts.pop(name))
    golden.digests(f"registrations/{group}", texts)


def test_each_setting_and_each_input_is_in_a_run() -> None:
    """What nobody sets here could be ignored and nobody would know."""
    settings = {key for one in SETTINGS.values() for key in one.settings}
    inputs = {key for args in SERVICE_ACCOUNTS.values() for key in args}
    of_providers = {key for args in PROVIDERS.values() for key in args}

    fields = Settings.model_fields.items()
    known = {field.alias or name for name, field in fields} - {"clusterConfig"}
    assert settings == known
    assert inputs == {*IrsaServiceAccountArgs.__annotations__}
    assert of_providers == {*EksOidcProviderArgs.__annotations__}


def test_an_arn_that_was_not_announced_stops_the_run() -> None:
    """Whoever approved the preview approved another role or provider."""
    role_arn = f"arn:aws:iam::{ACCOUNT_ID}:role/another"
    returned = {"aws:iam/role:Role": {"arn": role_arn}}

    made = deploy(
        service_account(SERVICE_ACCOUNTS["all inputs"]), returned=returned, check=False
    )

    # The SDK puts the resource and the input it was for before it, or not.
    announced = f"arn:aws:iam::{ACCOUNT_ID}:role/eks/reader-role"
    assert str(made.error).endswith(
        f"AWS made {role_arn}, where {announced} was announced in the preview"
    )
