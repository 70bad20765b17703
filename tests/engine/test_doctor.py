"""The doctor: each fault is provoked, named at its link, mended by what is printed.

The API server, its tokens and the controllers are real; it asks a webhook that does
what EKS's does. STS is the sandbox's, which checks a token against the trust policy.
"""

import re
from collections.abc import Iterator

import pytest
from clinic import Clinic, open_clinic
from doctor_faults import FAULTS, Fault

from sandbox.session import Sandbox

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module", name="clinic")
def _clinic(sandbox: Sandbox) -> Iterator[Clinic]:
    with open_clinic(sandbox) as clinic:
        yield clinic


def named(text: str) -> str:
    """Make a name of a fault's."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:40].strip("-")


def test_healthy_service_account_is_found_healthy(clinic: Clinic) -> None:
    """Every link is looked at, and none has anything to say."""
    patient = clinic.patient("healthy")

    found = clinic.examine(patient)

    assert clinic.works(patient)
    assert found.healthy, found.verdict
    assert {one.severity for one in found.findings} <= {"unknown"}


@pytest.mark.parametrize("fault", FAULTS, ids=[named(one.name) for one in FAULTS])
def test_fault_is_named_and_mended_by_its_remedy(clinic: Clinic, fault: Fault) -> None:
    """An SDK in the pod feels it, the doctor names it, and its commands cure it."""
    patient = clinic.patient(named(fault.name))
    with clinic.restored():
        fault.provoke(clinic, patient)
        felt = not clinic.works(patient)
        found = clinic.examine(patient)
        mended = clinic.treat(patient, found)

        assert felt or not fault.felt
        assert found.verdict
        assert found.verdict.code == fault.codes[0]
        assert found.links[found.verdict.link] == "broken"
        assert mended.healthy, mended.verdict
        clinic.ensure_pod(patient)
        assert clinic.works(patient)
