"""`eks-irsa adopt` with exactly what docs/permissions grants it, and with less."""

import json
from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner, Result
from clinic import CLUSTER, READ_ONLY, REGION, Clinic, open_clinic
from least_privilege import Operator, actions, cluster_role, policy, token_of, verbs

from eks_irsa.cli.commands import commands
from sandbox.control_plane.credentials import write_kubeconfig
from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

Adopt = Callable[[Operator], Result]


@pytest.fixture(scope="module", name="clinic")
def _clinic(sandbox: Sandbox) -> Iterator[Clinic]:
    with open_clinic(sandbox) as clinic:
        yield clinic


@pytest.fixture(scope="module", name="kubeconfig")
def _kubeconfig(clinic: Clinic, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write a kubeconfig for the bearer of the ClusterRole."""
    path = tmp_path_factory.mktemp("adopt") / "kubeconfig"
    write_kubeconfig(
        path=path,
        endpoint=clinic.plane.endpoint,
        ca_pem_base64=clinic.plane.ca_pem_base64,
        token=token_of(clinic.plane, account="adopt", role=cluster_role("adopt")),
    )
    return str(path)


@pytest.fixture(scope="module", name="adopt")
def _adopt(
    clinic: Clinic, kubeconfig: str, tmp_path_factory: pytest.TempPathFactory
) -> Adopt:
    """Have a role by IRSA and one by EKS Pod Identity, and adopt both."""
    by_token, by_agent = clinic.patient("adopted"), clinic.patient("associated")
    clinic.associate(by_agent)
    file = tmp_path_factory.mktemp("files") / "cluster.yaml"
    entries = [
        {
            "metadata": {"namespace": one.namespace, "name": one.name},
            "attachPolicyARNs": [READ_ONLY],
        }
        for one in (by_token, by_agent)
    ]
    document = {
        "apiVersion": "eksctl.io/v1alpha5",
        "kind": "ClusterConfig",
        "metadata": {"name": CLUSTER, "region": REGION},
        "iam": {"withOIDC": True, "serviceAccounts": entries},
    }
    file.write_text(json.dumps(document))

    def adopt(operator: Operator) -> Result:
        with clinic.aws.intercepted(operator):
            return CliRunner().invoke(
                commands,
                ["adopt", str(file), "--kubeconfig", kubeconfig],
                prog_name="eks-irsa",
                catch_exceptions=False,
            )

    return adopt


def test_the_page_grants_what_adopt_looks_at(clinic: Clinic, adopt: Adopt) -> None:
    """Nothing is refused, nothing is granted for nothing."""
    operator = Operator(policy("adopt", clinic.aws, cluster=CLUSTER))

    ran = adopt(operator)

    assert ran.exit_code in {0, 1}, ran.output
    assert "is not allowed" not in ran.output
    assert operator.refused == []
    assert operator.used == actions("adopt")
    assert verbs("adopt") == {"list serviceaccounts"}


@pytest.mark.parametrize("action", sorted(actions("adopt")))
def test_without_a_permission_adopt_names_it(
    clinic: Clinic, adopt: Adopt, action: str
) -> None:
    """It goes on without, or says that it cannot."""
    operator = Operator(policy("adopt", clinic.aws, cluster=CLUSTER), without=action)

    ran = adopt(operator)

    assert action in " ".join(ran.output.split())
    assert "is not allowed" in " ".join(ran.output.split())
