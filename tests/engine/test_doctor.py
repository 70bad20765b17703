"""The doctor: each fault is provoked, named at its link, mended by what is printed.

The API server, its tokens and the controllers are real; it asks a webhook that does
what EKS's does. STS is the sandbox's, which checks a token against the trust policy.
"""

import re
from collections.abc import Iterator

import pytest
from clinic import Clinic, Patient, open_clinic
from doctor_faults import FAULTS, Fault

from eks_irsa.doctor.model import Diagnosis
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


def decide(clinic: Clinic, patient: Patient, fault: Fault, found: Diagnosis) -> None:
    """Run what is printed, which changes nothing, and then do what a person would."""
    assert found.verdict
    assert found.verdict.remedy
    for line in found.verdict.remedy:
        assert line.split()[2].startswith("get-"), line
        clinic.remedies.run(line)
    assert not clinic.examine(patient).healthy
    assert fault.cure
    fault.cure(clinic, patient)


@pytest.mark.parametrize("fault", FAULTS, ids=[named(one.name) for one in FAULTS])
def test_fault_is_named_and_mended_by_its_remedy(clinic: Clinic, fault: Fault) -> None:
    """An SDK in the pod feels it, the doctor names it, and its commands cure it."""
    patient = clinic.patient(named(fault.name))
    with clinic.restored():
        fault.provoke(clinic, patient)
        felt = not clinic.works(patient)
        found = clinic.examine(patient)
        if fault.cure:
            decide(clinic, patient, fault, found)
            found_then = clinic.examine(patient)
        else:
            found_then = clinic.treat(patient, found)

        assert felt or not fault.felt
        assert found.verdict
        assert found.verdict.code == fault.codes[0]
        assert found.links[found.verdict.link] == "broken"
        assert found_then.healthy, found_then.verdict
        clinic.ensure_pod(patient)
        assert clinic.works(patient)
