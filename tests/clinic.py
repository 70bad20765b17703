"""A cluster and an AWS account of patients: service accounts whose pods get a role.

The AWS account is the clinic's own, so that no other test sees what is broken here. A
pod never runs; `works` does what an AWS SDK would do in it.
"""

import json
import re
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from aws_client import AwsClient
from hands import ROLE_ARN_ANNOTATION, Hands
from identity_webhook import NAME, WEBHOOKS, serve_webhook
from remedies import Remedies

from eks_irsa.doctor.diagnosis import diagnose
from eks_irsa.doctor.gathering import gathered
from eks_irsa.doctor.model import Diagnosis, Facts
from eks_irsa.doctor.sources import Sources, opened_sources
from eks_irsa.doctor.surroundings import surroundings
from sandbox.aws.clients import administrator, anonymous
from sandbox.aws.server import Aws, start_aws
from sandbox.control_plane import ControlPlane
from sandbox.proof_tokens import attempted
from sandbox.session import Sandbox

__all__ = [
    "ACCOUNT_ID",
    "CLUSTER",
    "READ_ONLY",
    "REGION",
    "Clinic",
    "Patient",
    "open_clinic",
]

ACCOUNT_ID: Final = "222222222222"
CLUSTER: Final = "clinic"
REGION: Final = "us-west-2"
READ_ONLY: Final = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
_WITHIN_SECONDS: Final = 60.0
_ROUNDS: Final = 4
# What nobody but the user can know.
_TO_FILL_IN: Final = re.compile(r"\bROLE_ARN\b")


@dataclass(frozen=True, kw_only=True)
class Patient:
    """One service account, its role and its Deployment of one pod.

    Attributes:
        namespace: Its namespace, its own.
        name: Name of the service account, the role and the Deployment.
    """

    namespace: str
    name: str

    @property
    def key(self) -> str:
        """`<namespace>/<name>`."""
        return f"{self.namespace}/{self.name}"

    @property
    def role_arn(self) -> str:
        """ARN of its role."""
        return f"arn:aws:iam::{ACCOUNT_ID}:role/irsa/{self.name}"


@dataclass(kw_only=True)
class Clinic:
    """Everything a test breaks and mends.

    Attributes:
        plane: The API server.
        aws: The AWS account.
        call: Calls AWS as its administrator: service, operation, what is given.
        hands: Changes the cluster.
        webhook: What the API server is told of the webhook.
        remedies: Who carries the remedies out.
        ran: Every remedy that was carried out.
        namespaces: Those of its patients.
    """

    plane: ControlPlane
    aws: Aws
    call: Callable[..., dict[str, Any]]
    hands: Hands
    webhook: Mapping[str, Any]
    remedies: Remedies
    ran: list[str] = field(default_factory=list[str])
    namespaces: list[str] = field(default_factory=list[str])

    @property
    def issuer(self) -> str:
        """The cluster's issuer, without `https://`."""
        return self.plane.issuer_url.removeprefix("https://")

    @property
    def provider_arn(self) -> str:
        """ARN of its OIDC provider."""
        return f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{self.issuer}"

    def trust(self, patient: Patient, **changes: object) -> dict[str, Any]:
        """Write a patient's trust policy, with other parts of its statement."""
        statement = {
            "Effect": "Allow",
            "Principal": {"Federated": self.provider_arn},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": self.conditions(patient)},
        }
        return {"Version": "2012-10-17", "Statement": [statement | changes]}

    def conditions(self, patient: Patient) -> dict[str, str]:
        """Give what the trust policy asks of a token."""
        subject = f"system:serviceaccount:{patient.namespace}:{patient.name}"
        return {
            f"{self.issuer}:sub": subject,
            f"{self.issuer}:aud": "sts.amazonaws.com",
        }

    def set_trust(self, patient: Patient, policy: Mapping[str, Any]) -> None:
        """Give a patient's role another trust policy."""
        document = json.dumps(policy)
        name = patient.name
        self.call(
            "iam", "update_assume_role_policy", RoleName=name, PolicyDocument=document
        )

    def patient(self, name: str, **template: Any) -> Patient:  # noqa: ANN401 - as deploy
        """Make a healthy patient.

        Args:
            name: Unlike that of any other.
            template: What its pods have besides: `annotations`, `labels`, `env`, and
                fields of the container and the pod.
        """
        one = Patient(namespace=f"{name}-apps", name=name)
        self.call(
            "iam",
            "create_role",
            RoleName=name,
            Path="/irsa/",
            AssumeRolePolicyDocument=json.dumps(self.trust(one)),
        )
        self.call("iam", "attach_role_policy", RoleName=name, PolicyArn=READ_ONLY)
        self.hands.make_namespace(one.namespace)
        self.namespaces.append(one.namespace)
        self.hands.make_service_account(
            one.key, annotations={ROLE_ARN_ANNOTATION: one.role_arn}
        )
        self.deploy(one, **template)
        return one

    def deploy(
        self,
        patient: Patient,
        *,
        metadata: Mapping[str, Any] | None = None,
        container: Mapping[str, Any] | None = None,
        **spec: object,
    ) -> None:
        """Make a patient's Deployment, and wait for its pod."""
        labels = {"app": patient.name}
        meta = dict(metadata or {})
        own = {"labels": labels | meta.pop("labels", {}), **meta}
        app = {"name": "app", "image": "app", **(container or {})}
        template = {
            "metadata": own,
            "spec": {"serviceAccountName": patient.name, "containers": [app], **spec},
        }
        body = {
            "metadata": {"name": patient.name},
            "spec": {
                "strategy": {"type": "Recreate"},
                "selector": {"matchLabels": labels},
                "template": template,
            },
        }
        path = f"/apis/apps/v1/namespaces/{patient.namespace}/deployments"
        made = self.plane.request(method="POST", path=path, body=body)
        assert made.status == 201, made.text
        until = time.monotonic() + _WITHIN_SECONDS
        while not self.remedies.pods(patient.namespace):
            assert time.monotonic() < until, f"no pod of {patient.key}"
            time.sleep(0.05)

    def redeploy(self, patient: Patient, **template: Any) -> None:  # noqa: ANN401 - as deploy
        """Make a patient's Deployment anew, with other pods."""
        path = f"/apis/apps/v1/namespaces/{patient.namespace}/deployments"
        gone = {"propagationPolicy": "Background"}
        self.plane.request(method="DELETE", path=f"{path}/{patient.name}", body=gone)
        until = time.monotonic() + _WITHIN_SECONDS
        while self.remedies.pods(patient.namespace):
            assert time.monotonic() < until, f"pods of {patient.key} stay"
            time.sleep(0.05)
        self.deploy(patient, **template)

    def associate(self, patient: Patient, **more: str) -> None:
        """Give a patient its role by EKS too, and let the role trust EKS."""
        policy = self.trust(patient)
        by_eks = {
            "Effect": "Allow",
            "Principal": {"Service": "pods.eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
        }
        policy["Statement"].append(by_eks)
        self.set_trust(patient, policy)
        self.call(
            "eks",
            "create_pod_identity_association",
            clusterName=CLUSTER,
            namespace=patient.namespace,
            serviceAccount=patient.name,
            roleArn=patient.role_arn,
            **more,
        )

    def close(self) -> None:
        """Let every patient go; nobody waits for it."""
        for name in self.namespaces:
            self.plane.request(method="DELETE", path=f"/api/v1/namespaces/{name}")

    def ensure_pod(self, patient: Patient) -> None:
        """Make the patient's Deployment anew if it went with its namespace."""
        if not self.remedies.pods(patient.namespace):
            self.redeploy(patient)

    def change_webhook(self, **changes: object) -> None:
        """Change what the API server is told of the webhook."""
        body = {"webhooks": [{**self.webhook["webhooks"][0], **changes}]}
        answer = self.plane.request(
            method="PATCH",
            path=f"{WEBHOOKS}/{NAME}",
            body=body,
            content_type="application/merge-patch+json",
        )
        assert answer.status == 200, answer.text

    @contextmanager
    def restored(self) -> Generator[None]:
        """Put right afterwards what all patients share: webhook, OIDC provider."""
        try:
            yield
        finally:
            self.change_webhook()
            self.ensure_provider()

    def ensure_provider(self, url: str = "") -> None:
        """Have an OIDC provider, that of the cluster unless another issuer is given."""
        url = url or self.plane.issuer_url
        listed = self.call("iam", "list_open_id_connect_providers")
        arns = [one["Arn"] for one in listed["OpenIDConnectProviderList"]]
        if not any(arn.endswith(url.removeprefix("https:/")) for arn in arns):
            self.call(
                "iam",
                "create_open_id_connect_provider",
                Url=url,
                ClientIDList=["sts.amazonaws.com"],
            )

    def sources(self, *, cluster: str = CLUSTER) -> Sources:
        """Whom the doctor asks, as administrator."""
        return opened_sources(
            cluster=cluster,
            region=REGION,
            kubeconfig_path=str(self.plane.kubeconfig),
        )

    def facts(self, patient: Patient, *, cluster: str = CLUSTER) -> Facts:
        """Gather what the doctor looks at."""
        sources = self.sources(cluster=cluster)
        around = surroundings(sources, one=(patient.namespace, patient.name))
        return gathered(sources, around, namespace=patient.namespace, name=patient.name)

    def examine(self, patient: Patient, *, cluster: str = CLUSTER) -> Diagnosis:
        """Have the doctor look at a patient."""
        return diagnose(self.facts(patient, cluster=cluster))

    def treat(self, patient: Patient, found: Diagnosis) -> Diagnosis:
        """Carry out what the doctor says, round by round, until nothing is broken."""
        for _ in range(_ROUNDS):
            if found.healthy:
                break
            lines = [
                line
                for one in found.findings
                if one.severity in {"error", "warning"}
                for line in one.remedy
            ]
            assert lines, f"nothing to do about {found.verdict}"
            for line in dict.fromkeys(lines):
                self.ran.append(line)
                self.remedies.run(_TO_FILL_IN.sub(patient.role_arn, line))
            found = self.examine(patient)
        return found

    def works(self, patient: Patient) -> bool:
        """Tell whether an AWS SDK gets credentials in every pod of a patient."""
        pods = self.remedies.pods(patient.namespace)
        return bool(pods) and all(self._gets_credentials(patient, pod) for pod in pods)

    def _gets_credentials(self, patient: Patient, pod: Mapping[str, Any]) -> bool:
        container, account = (
            pod["spec"]["containers"][0],
            (f"{patient.namespace}/{pod['spec']['serviceAccountName']}"),
        )
        variables = {one["name"]: one.get("value") for one in container.get("env", [])}
        projected = {
            source["serviceAccountToken"]["audience"]
            for volume in pod["spec"].get("volumes", [])
            for source in volume.get("projected", {}).get("sources", [])
            if "audience" in source.get("serviceAccountToken", {})
        }
        if not projected or not self.hands.service_account(account):
            return False
        token = self.plane.request_token(
            namespace=patient.namespace,
            service_account=account.partition("/")[2],
            audience=projected.pop(),
            pod=pod["metadata"]["name"],
        )

        def ask() -> str:
            if "AWS_CONTAINER_CREDENTIALS_FULL_URI" in variables:
                client = administrator(self.aws, "eks-auth", region=REGION)
                client.assume_role_for_pod_identity(clusterName=CLUSTER, token=token)
            else:
                anonymous(self.aws, "sts").assume_role_with_web_identity(
                    RoleArn=(variables.get("AWS_ROLE_ARN") or "").ljust(20),
                    RoleSessionName="sdk",
                    WebIdentityToken=token,
                )
            return ""

        return attempted("", ask).admitted


@contextmanager
def open_clinic(sandbox: Sandbox) -> Generator[Clinic]:
    """Open a clinic on the sandbox's control plane, with an AWS account of its own."""
    plane, hands = sandbox.control_plane, Hands(sandbox)
    with (
        start_aws(region=REGION, account_id=ACCOUNT_ID) as aws,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in aws.environment().items():
            patch.setenv(name, value)
        aws.trust_issuer(plane.issuer_url, plane.jwks)
        aws.create_cluster(
            name=CLUSTER,
            region=REGION,
            issuer_url=plane.issuer_url,
            endpoint=plane.endpoint,
            ca_pem=plane.ca_pem,
        )
        client = AwsClient(aws, region=REGION)

        def associated(key: str) -> bool:
            return f"{REGION}/{CLUSTER}/{key}" in aws.associations

        with serve_webhook(plane, hands, associated=associated) as webhook:
            clinic = Clinic(
                plane=plane,
                aws=aws,
                call=client.call,
                hands=hands,
                webhook=webhook,
                remedies=Remedies(plane, client),
            )
            clinic.ensure_provider()
            yield clinic
            clinic.close()
        assert aws.failures == ()
