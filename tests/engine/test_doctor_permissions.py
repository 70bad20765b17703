"""The doctor with exactly what docs/permissions grants it, and with less."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pytest
from clinic import CLUSTER, REGION, Clinic, Patient, open_clinic
from least_privilege import Operator, actions, cluster_role, policy, token_of, verbs

from eks_irsa.doctor.diagnosis import diagnose
from eks_irsa.doctor.gathering import gathered
from eks_irsa.doctor.model import Diagnosis
from eks_irsa.doctor.sources import opened_sources
from eks_irsa.doctor.surroundings import surroundings
from eks_irsa.live.cluster_objects import read_pod
from sandbox.control_plane.credentials import write_kubeconfig
from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

EVERY: Final = cluster_role("doctor")
DENIED: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}


@pytest.fixture(scope="module", name="clinic")
def _clinic(sandbox: Sandbox) -> Iterator[Clinic]:
    with open_clinic(sandbox) as clinic:
        yield clinic


@pytest.fixture(scope="module", name="patients")
def _patients(clinic: Clinic) -> tuple[Patient, Patient]:
    """Give one patient by IRSA, with every kind of policy, and one by Pod Identity."""
    by_token = clinic.patient("by-token")
    clinic.call(
        "iam",
        "put_role_policy",
        RoleName=by_token.name,
        PolicyName="inline",
        PolicyDocument=json.dumps(DENIED),
    )
    clinic.call(
        "iam",
        "put_role_permissions_boundary",
        RoleName=by_token.name,
        PermissionsBoundary="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
    )
    by_agent = clinic.patient("by-agent")
    clinic.associate(by_agent)
    clinic.redeploy(by_agent)
    return by_token, by_agent


@pytest.fixture(scope="module", name="asked_as")
def _asked_as(
    clinic: Clinic, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., str]:
    """Write a kubeconfig for the bearer of a ClusterRole."""

    def written(name: str, role: Mapping[str, Any]) -> str:
        path = tmp_path_factory.mktemp(name) / "kubeconfig"
        renamed = {**role, "metadata": {"name": f"eks-irsa-{name}"}}
        write_kubeconfig(
            path=path,
            endpoint=clinic.plane.endpoint,
            ca_pem_base64=clinic.plane.ca_pem_base64,
            token=token_of(clinic.plane, account=name, role=renamed),
        )
        return str(path)

    return written


def examined(
    clinic: Clinic, patients: tuple[Patient, ...], operator: Operator, kubeconfig: str
) -> list[Diagnosis]:
    """Have the doctor look with these permissions at all there is to be looked at.

    That is each patient and its pod, and, where IAM has no OIDC provider, a name that
    is misspelt.
    """
    with clinic.aws.intercepted(operator):
        sources = opened_sources(
            cluster=CLUSTER, region=REGION, kubeconfig_path=kubeconfig
        )
        found: list[Diagnosis] = []
        for one in patients:
            around = surroundings(sources, one=(one.namespace, one.name))
            pod = clinic.remedies.pods(one.namespace)[0]["metadata"]["name"]
            read = read_pod(sources.kubernetes, one.namespace, pod)
            for asked in (None, (pod, read)):
                facts = gathered(
                    sources, around, namespace=one.namespace, name=one.name, pod=asked
                )
                found.append(diagnose(facts))
    absent = patients[0].namespace, "redaer"
    with clinic.restored():
        clinic.call(
            "iam",
            "delete_open_id_connect_provider",
            OpenIDConnectProviderArn=clinic.provider_arn,
        )
        with clinic.aws.intercepted(operator):
            around = surroundings(sources, one=absent)
            facts = gathered(sources, around, namespace=absent[0], name=absent[1])
    return [*found, diagnose(facts)]


def unread(found: list[Diagnosis]) -> list[str]:
    """Give what the doctor says that it could not read."""
    return [
        one.message
        for diagnosis in found
        for one in diagnosis.findings
        if one.code == "D-UNREAD"
    ]


def test_the_page_grants_what_the_doctor_looks_at(
    clinic: Clinic, patients: tuple[Patient, Patient], asked_as: Callable[..., str]
) -> None:
    """Nothing is refused, nothing is granted for nothing."""
    operator = Operator(policy("doctor", clinic.aws, cluster=CLUSTER))

    found = examined(clinic, patients, operator, asked_as("doctor", EVERY))

    assert unread(found) == []
    assert [one.healthy for one in found] == [True] * 4 + [False]
    assert operator.refused == []
    by_itself = {"sts:GetCallerIdentity", "sts:AssumeRoleWithWebIdentity"}
    assert operator.used - by_itself == actions("doctor")


@pytest.mark.parametrize("action", sorted(actions("doctor")))
def test_without_a_permission_of_aws_the_doctor_names_it(
    clinic: Clinic, patients: tuple[Patient, Patient], action: str
) -> None:
    """What depends on it is unknown and not broken; all else is looked at."""
    operator = Operator(policy("doctor", clinic.aws, cluster=CLUSTER), without=action)

    found = examined(clinic, patients, operator, str(clinic.plane.kubeconfig))

    assert all(one.healthy for one in found[:4]), [one.verdict for one in found]
    assert any(f"{action} is not allowed" in one for one in unread(found))


@pytest.mark.parametrize("verb", sorted(verbs("doctor")))
def test_without_a_permission_of_kubernetes_the_doctor_names_it(
    clinic: Clinic,
    patients: tuple[Patient, Patient],
    asked_as: Callable[..., str],
    verb: str,
) -> None:
    """What depends on it is unknown and not broken; all else is looked at."""
    operation, resource = verb.split(" ")
    rules = [
        {"apiGroups": [group], "resources": [name], "verbs": [one]}
        for rule in EVERY["rules"]
        for group in rule["apiGroups"]
        for name in rule["resources"]
        for one in rule["verbs"]
        if (one, name) != (operation, resource)
    ]
    operator = Operator(policy("doctor", clinic.aws, cluster=CLUSTER))
    account = f"without-{operation}-{resource.replace('/', '-')}"

    found = examined(
        clinic, patients, operator, asked_as(account, {**EVERY, "rules": rules})
    )

    assert all(one.healthy for one in found[:4]), [one.verdict for one in found]
    if verb == "list serviceaccounts":  # which only a missing one is looked for with
        assert unread(found) == []
    else:
        assert any(f"{verb} is not allowed" in one for one in unread(found))


def test_without_any_permission_the_doctor_says_so(
    clinic: Clinic, patients: tuple[Patient, Patient], asked_as: Callable[..., str]
) -> None:
    """Nothing is called broken that could not be seen."""
    nothing = asked_as("nobody", {**EVERY, "rules": []})

    found = examined(clinic, patients, Operator({"Statement": []}), nothing)

    assert all(one.healthy for one in found[:4]), [one.verdict for one in found]
    assert any("get serviceaccounts is not allowed" in one for one in unread(found))
