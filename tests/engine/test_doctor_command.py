"""`eks-irsa doctor` as a user runs it: cluster, subject, and what is printed."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from clinic import ACCOUNT_ID, CLUSTER, REGION, Clinic, Patient, open_clinic
from hands import ROLE_ARN_ANNOTATION

from eks_irsa.cli.commands import commands
from eks_irsa.documents.kubeconfig import kubeconfig
from sandbox.interception import Failure, Request
from sandbox.session import Sandbox, issuer_url_of

pytestmark = pytest.mark.engine

Run = Callable[..., Result]
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # noqa: S105 - AWS's own example


@pytest.fixture(scope="module", name="clinic")
def _clinic(sandbox: Sandbox) -> Iterator[Clinic]:
    with open_clinic(sandbox) as clinic:
        yield clinic


@pytest.fixture(scope="module", name="patient")
def _patient(clinic: Clinic) -> Patient:
    return clinic.patient("asked-about")


@pytest.fixture(name="run")
def _run(clinic: Clinic) -> Iterator[Run]:
    """Run the command about the clinic's cluster; it never prints a token."""
    printed: list[str] = []

    def run(*arguments: str, known: bool = True) -> Result:
        place = ("--cluster", CLUSTER, "--region", REGION) if known else ()
        path = ("--kubeconfig", str(clinic.plane.kubeconfig)) if known else ()
        ran = CliRunner().invoke(
            commands,
            ["doctor", *arguments, *place, *path],
            prog_name="eks-irsa",
            catch_exceptions=False,
        )
        printed.append(ran.output)
        return ran

    yield run
    assert "eyJ" not in "".join(printed), "a token begins so"
    assert SECRET[:20] not in "".join(printed)


class Refused:
    """An interceptor that answers in the place of STS."""

    def __init__(self, code: str) -> None:
        """Answer with *code* whatever token comes."""
        self._code = code

    def before(self, request: Request) -> Failure | None:
        """Refuse each exchange."""
        if request.action != "AssumeRoleWithWebIdentity":
            return None
        message = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
        return Failure(status=403, code=self._code, message=message)

    def after(self, request: Request) -> Failure | None:
        """Let every answer through."""
        del request


def test_healthy_service_account_ends_with_0(run: Run, patient: Patient) -> None:
    """The verdict is the first line."""
    ran = run(patient.key)

    assert ran.exit_code == 0, ran.output
    assert ran.stdout.splitlines()[0] == f"{patient.key}: healthy"


def test_json_says_the_same(run: Run, patient: Patient) -> None:
    """Programs get every link and finding."""
    ran = run(patient.key, "--output", "json")

    (diagnosis,) = json.loads(ran.stdout)["diagnoses"]
    assert diagnosis["serviceAccount"] == patient.key
    assert diagnosis["roleArn"] == patient.role_arn
    assert {one["link"]: one["state"] for one in diagnosis["links"]}["exchange"] == "ok"


def test_cluster_alone_is_enough(
    run: Run, patient: Patient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Endpoint and CA are EKS's answer, the token is of `aws eks get-token`."""
    sandbox.sign_in(
        name=CLUSTER, region=REGION, token=sandbox.control_plane.admin_token
    )
    monkeypatch.setenv("PATH", sandbox.engine_home().environment["PATH"])
    for name, value in sandbox.engine_home().environment.items():
        if name.startswith("EKS_IRSA_"):
            monkeypatch.setenv(name, value)

    ran = run(patient.key, "--cluster", CLUSTER, "--region", REGION, known=False)

    assert (ran.exit_code, ran.stdout.splitlines()[0]) == (
        0,
        f"{patient.key}: healthy",
    )


def test_kubeconfig_tells_cluster_and_region(
    run: Run,
    patient: Patient,
    clinic: Clinic,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As `aws eks update-kubeconfig` wrote it, but for how it gets a token."""
    arn = f"arn:aws:eks:{REGION}:{ACCOUNT_ID}:cluster/{CLUSTER}"
    written = json.loads(
        kubeconfig(
            cluster_arn=arn,
            endpoint=clinic.plane.endpoint,
            certificate_authority=clinic.plane.ca_pem_base64,
        )
    )
    written["users"][0]["user"] = {"token": clinic.plane.admin_token}
    path = tmp_path / "kubeconfig"
    path.write_text(json.dumps(written))
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/none:{path}")
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")

    ran = run(patient.key, known=False)

    assert (ran.exit_code, ran.stdout.splitlines()[0]) == (
        0,
        f"{patient.key}: healthy",
    )


def test_pod_tells_its_service_account(
    run: Run, patient: Patient, clinic: Clinic
) -> None:
    """A pod is what people have at hand."""
    pod = clinic.remedies.pods(patient.namespace)[0]["metadata"]["name"]

    alone = run("--pod", f"{patient.namespace}/{pod}")
    held_against = run(f"{patient.namespace}/default", "--pod", pod)
    absent = run(patient.key, "--pod", "none")

    assert alone.exit_code == 0, alone.output
    assert alone.stdout.startswith(f"{patient.key}, pod {pod}: healthy")
    assert held_against.exit_code == 3
    assert "[D-POD-SERVICE-ACCOUNT]" in held_against.stdout
    assert "[D-POD-ABSENT]" in absent.stdout


def test_all_are_a_table(run: Run, clinic: Clinic) -> None:
    """Whoever has a role or was to have one has a row."""
    healthy = clinic.patient("one-of-all")
    broken = clinic.patient("broken-of-all")
    clinic.hands.edit_service_account(
        broken.key,
        annotations={
            ROLE_ARN_ANNOTATION: None,
            "eks.amazon.com/role-arn": broken.role_arn,
        },
    )

    ran = run("--all")
    only = run("--all", "--namespace", healthy.namespace)

    rows = {line.split("  ")[0]: line for line in ran.stdout.splitlines()}
    assert ran.exit_code == 3
    assert "healthy" in rows[healthy.key]
    assert "[D-ANNOTATION-NEAR-MISS]" in rows[broken.key]
    assert f"{healthy.namespace}/default" not in rows
    assert only.exit_code == 0
    assert only.stdout.endswith("1 service account: 1 healthy, 0 broken\n")


def test_two_faults_are_both_named(run: Run, clinic: Clinic) -> None:
    """The earlier one is the verdict, and does not hide the later one."""
    patient = clinic.patient("two-faults")
    clinic.hands.edit_service_account(
        patient.key,
        annotations={
            ROLE_ARN_ANNOTATION: None,
            "eks.amazonaws.com/role_arn": patient.role_arn,
        },
    )
    conditions = clinic.conditions(patient)
    subject = f"{clinic.issuer}:sub"
    conditions[subject] = conditions[subject].replace(patient.namespace, "default")
    clinic.set_trust(
        patient, clinic.trust(patient, Condition={"StringEquals": conditions})
    )

    ran = run(patient.key, "--output", "json")

    (diagnosis,) = json.loads(ran.stdout)["diagnoses"]
    errors = [
        one["code"] for one in diagnosis["findings"] if one["severity"] == "error"
    ]
    assert errors == ["D-ANNOTATION-NEAR-MISS", "D-TRUST-SUBJECT"]


def test_sts_that_refuses_is_believed(
    run: Run, patient: Patient, clinic: Clinic
) -> None:
    """IAM needs a moment, or a policy of the organization forbids it."""
    with clinic.aws.intercepted(Refused("AccessDenied")):
        refused = run(patient.key)
        not_asked = run(patient.key, "--no-exchange")
    again = run(patient.key)

    assert (refused.exit_code, not_asked.exit_code, again.exit_code) == (3, 0, 0)
    assert "[D-EXCHANGE-DENIED]" in refused.stdout


def test_keys_that_aws_cannot_get_are_named(
    run: Run, patient: Patient, clinic: Clinic
) -> None:
    """The issuer's public documents are out of AWS's reach for a while."""

    def unreachable() -> dict[str, object]:
        raise OSError

    clinic.aws.trust_issuer(clinic.plane.issuer_url, unreachable)
    broken = run(patient.key)
    clinic.aws.trust_issuer(clinic.plane.issuer_url, clinic.plane.jwks)
    mended = run(patient.key)

    assert (broken.exit_code, mended.exit_code) == (3, 0)
    assert "[D-EXCHANGE-KEYS]" in broken.stdout


def test_cluster_that_was_made_anew_has_another_issuer(
    run: Run, patient: Patient, clinic: Clinic
) -> None:
    """The kubeconfig is of one cluster, and EKS describes another of that name."""
    plane = clinic.plane
    clinic.aws.create_cluster(
        name="renewed",
        region=REGION,
        issuer_url=issuer_url_of(cluster="renewed", region=REGION),
        endpoint=plane.endpoint,
        ca_pem=plane.ca_pem,
    )
    asked = ("--cluster", "renewed", "--region", REGION)

    asked = (*asked, "--kubeconfig", str(plane.kubeconfig))

    ran = run(patient.key, *asked, "--no-exchange", known=False)
    works = run(patient.key, *asked, known=False)

    assert ran.exit_code == 3
    assert "[D-TOKEN-ISSUER]" in ran.stdout
    # AWS gives credentials for the token, whatever cluster EKS describes.
    assert works.exit_code == 0
    assert "token: warning [D-TOKEN-ISSUER]" in works.stdout
    assert "[D-EXCHANGE-CONTRADICTS]" in works.stdout


def test_values_of_variables_are_never_shown(run: Run, clinic: Clinic) -> None:
    """That there are access keys is all that is said of them."""
    keys = {"AWS_ACCESS_KEY_ID": SECRET[:20], "AWS_SECRET_ACCESS_KEY": SECRET}
    variables = [{"name": name, "value": value} for name, value in keys.items()]
    patient = clinic.patient("with-keys", container={"env": variables})

    ran = run(patient.key)
    as_json = run(patient.key, "--output", "json")

    assert "[D-SDK-KEYS]" in ran.stdout
    assert (ran.exit_code, as_json.exit_code) == (3, 3)


def test_nothing_to_be_seen_ends_with_2(
    run: Run, patient: Patient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a kubeconfig and credentials nobody knows whether anything is broken."""
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    ran = run(patient.key, known=False)
    everyone = run("--all", known=False)

    assert ran.exit_code == 2, ran.output
    assert f"there is no kubeconfig {tmp_path / 'none'}" in " ".join(ran.output.split())
    assert everyone.exit_code == 2
    assert everyone.stderr.startswith("Usage:")
