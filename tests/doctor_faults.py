"""Whatever goes wrong between a pod and AWS: how it is provoked, and its code.

Each has to keep an SDK in the pod from its credentials, and to be mended by what the
doctor prints of it.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from clinic import ACCOUNT_ID, READ_ONLY, REGION, Clinic, Patient
from hands import ROLE_ARN_ANNOTATION

__all__ = ["FAULTS", "Fault"]

Provoke = Callable[[Clinic, Patient], None]
PREFIX: Final = "eks.amazonaws.com"
EVERYTHING: Final = {"Effect": "Deny", "Action": "*", "Resource": "*"}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        name: In the words of a test.
        codes: What the doctor calls it; the first one is the verdict.
        provoke: Makes it happen.
        cure: What a person decides, where the doctor prints nothing that changes
            anything; None where its commands mend it.
        felt: Whether the SDK of a pod gets no credentials; else it gets those, and
            something else is wrong.
    """

    name: str
    codes: tuple[str, ...]
    provoke: Provoke = field(repr=False)
    felt: bool = True
    cure: Provoke | None = field(default=None, repr=False)


def _annotate(clinic: Clinic, patient: Patient, **annotations: str | None) -> None:
    clinic.hands.edit_service_account(patient.key, annotations=annotations)


def _annotated(value: Callable[[Patient], str | None], **others: str) -> Provoke:
    """Give the annotation another value, and make the pods anew."""

    def provoke(clinic: Clinic, patient: Patient) -> None:
        changes = {ROLE_ARN_ANNOTATION: value(patient)}
        changes |= dict.fromkeys(others.values(), patient.role_arn)
        clinic.hands.edit_service_account(patient.key, annotations=changes)
        clinic.redeploy(patient)

    return provoke


def _deployed(**template: Any) -> Provoke:  # noqa: ANN401 - as `Clinic.deploy`
    """Make the pods anew, of another template."""
    return lambda clinic, patient: clinic.redeploy(patient, **template)


def _trusting(policy: Callable[[Clinic, Patient], dict[str, Any]]) -> Provoke:
    return lambda clinic, patient: clinic.set_trust(patient, policy(clinic, patient))


def _conditions(
    change: Callable[[Clinic, Patient, dict[str, str]], dict[str, str]],
    operator: str = "StringEquals",
) -> Provoke:
    """Let the trust policy ask something else of a token."""

    def policy(clinic: Clinic, patient: Patient) -> dict[str, Any]:
        changed = change(clinic, patient, clinic.conditions(patient))
        return clinic.trust(patient, Condition={operator: changed})

    return _trusting(policy)


def _no_service_account(clinic: Clinic, patient: Patient) -> None:
    clinic.hands.delete_service_account(patient.key)


def _no_namespace(clinic: Clinic, patient: Patient) -> None:
    clinic.hands.delete_namespace(patient.namespace)


def _made_too_early(clinic: Clinic, patient: Patient) -> None:
    _annotate(clinic, patient, **{ROLE_ARN_ANNOTATION: None})
    clinic.redeploy(patient)
    _annotate(clinic, patient, **{ROLE_ARN_ANNOTATION: patient.role_arn})


def _old_role(clinic: Clinic, patient: Patient) -> None:
    """Give the service account another role than its pods were made with."""
    name = f"{patient.name}-old"
    arn = f"arn:aws:iam::{ACCOUNT_ID}:role/{name}"
    _annotate(clinic, patient, **{ROLE_ARN_ANNOTATION: arn})
    clinic.redeploy(patient)
    _annotate(clinic, patient, **{ROLE_ARN_ANNOTATION: patient.role_arn})


def _namespace_left_out(clinic: Clinic, patient: Patient) -> None:
    clinic.hands.edit_namespace(patient.namespace, labels={"irsa": "off"})
    selector = {
        "matchExpressions": [{"key": "irsa", "operator": "NotIn", "values": ["off"]}]
    }
    clinic.change_webhook(namespaceSelector=selector)
    clinic.redeploy(patient)


def _no_provider(clinic: Clinic, _: Patient) -> None:
    clinic.call(
        "iam",
        "delete_open_id_connect_provider",
        OpenIDConnectProviderArn=clinic.provider_arn,
    )


def _no_client_id(clinic: Clinic, _: Patient) -> None:
    named = {
        "OpenIDConnectProviderArn": clinic.provider_arn,
        "ClientID": "sts.amazonaws.com",
    }
    others = {**named, "ClientID": "vault"}
    clinic.call("iam", "add_client_id_to_open_id_connect_provider", **others)
    clinic.call("iam", "remove_client_id_from_open_id_connect_provider", **named)


def _no_role(clinic: Clinic, patient: Patient) -> None:
    for policy in ("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",):
        clinic.call(
            "iam", "detach_role_policy", RoleName=patient.name, PolicyArn=policy
        )
    clinic.call("iam", "delete_role", RoleName=patient.name)


def _associated(clinic: Clinic, patient: Patient) -> None:
    """Let EKS give the role, as a second way, and take its statement away again."""
    clinic.associate(patient)
    clinic.redeploy(patient)
    clinic.set_trust(patient, clinic.trust(patient))


def _without_tags(clinic: Clinic, patient: Patient) -> None:
    """Let EKS assume the role, and not tag its session."""
    clinic.associate(patient)
    clinic.redeploy(patient)
    by_eks = clinic.trust(
        patient,
        Principal={"Service": "pods.eks.amazonaws.com"},
        Action="sts:AssumeRole",
        Condition={},
    )
    clinic.set_trust(patient, by_eks)


def _associated_later(clinic: Clinic, patient: Patient) -> None:
    """Move a service account to EKS Pod Identity under a pod that stays."""
    clinic.associate(patient)
    clinic.set_trust(
        patient,
        clinic.trust(
            patient,
            Principal={"Service": "pods.eks.amazonaws.com"},
            Action=["sts:AssumeRole", "sts:TagSession"],
            Condition={},
        ),
    )


def _target_of_others(clinic: Clinic, patient: Patient) -> None:
    """Give an association a target role, which neither role knows."""
    policy = clinic.trust(patient, Principal={"Service": "ec2.amazonaws.com"})
    policy["Statement"][0] |= {"Action": "sts:AssumeRole", "Condition": {}}
    name = f"{patient.name}-target"
    document = json.dumps(policy)
    made = clinic.call(
        "iam", "create_role", RoleName=name, AssumeRolePolicyDocument=document
    )
    clinic.call("iam", "attach_role_policy", RoleName=name, PolicyArn=READ_ONLY)
    clinic.associate(patient, targetRoleArn=made["Role"]["Arn"])
    clinic.redeploy(patient)


def _bounded(clinic: Clinic, patient: Patient) -> None:
    made = clinic.call(
        "iam",
        "create_policy",
        PolicyName=f"{patient.name}-boundary",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [EVERYTHING]}),
    )
    clinic.call(
        "iam",
        "put_role_permissions_boundary",
        RoleName=patient.name,
        PermissionsBoundary=made["Policy"]["Arn"],
    )


def _bounded_elsewhere(clinic: Clinic, patient: Patient) -> None:
    clinic.call(
        "iam",
        "put_role_permissions_boundary",
        RoleName=patient.name,
        PermissionsBoundary="arn:aws:iam::aws:policy/AmazonSQSFullAccess",
    )


def _denied(clinic: Clinic, patient: Patient) -> None:
    clinic.call(
        "iam",
        "put_role_policy",
        RoleName=patient.name,
        PolicyName="deny",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [EVERYTHING]}),
    )


def _unbounded(clinic: Clinic, patient: Patient) -> None:
    clinic.call("iam", "delete_role_permissions_boundary", RoleName=patient.name)


def _allowed(clinic: Clinic, patient: Patient) -> None:
    clinic.call("iam", "delete_role_policy", RoleName=patient.name, PolicyName="deny")


def _other_issuer(text: str) -> str:
    return f"oidc.eks.{REGION}.amazonaws.com/id/{text}"


def _former_cluster(clinic: Clinic, patient: Patient) -> dict[str, Any]:
    """Trust the issuer that the cluster had before it was made anew."""
    issuer = _other_issuer("F" * 32)
    arn = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{issuer}"
    clinic.ensure_provider(f"https://{issuer}")
    conditions = {
        key.replace(clinic.issuer, issuer): value
        for key, value in clinic.conditions(patient).items()
    }
    return clinic.trust(
        patient,
        Principal={"Federated": arn},
        Condition={"StringEquals": conditions},
    )


def _with_deny(clinic: Clinic, patient: Patient) -> dict[str, Any]:
    policy = clinic.trust(patient)
    denied = {**policy["Statement"][0], "Effect": "Deny"}
    del denied["Condition"]
    policy["Statement"].append(denied)
    return policy


def _faults() -> Iterator[Fault]:
    yield Fault(
        name="the service account was deleted",
        codes=("D-SERVICE-ACCOUNT-ABSENT",),
        provoke=_no_service_account,
    )
    yield Fault(
        name="the namespace was deleted",
        codes=("D-NAMESPACE-ABSENT",),
        provoke=_no_namespace,
    )
    yield from _annotation_faults()
    yield from _pod_faults()
    yield from _trust_faults()
    yield from _aws_faults()


def _annotation_faults() -> Iterator[Fault]:
    yield Fault(
        name="nobody annotated the service account",
        codes=("D-ANNOTATION-NONE",),
        provoke=_annotated(lambda _: None),
    )
    yield Fault(
        name="the annotation's prefix is misspelt",
        codes=("D-ANNOTATION-NEAR-MISS",),
        provoke=_annotated(lambda _: None, key="eks.amazon.com/role-arn"),
    )
    yield Fault(
        name="the annotation's name is misspelt",
        codes=("D-ANNOTATION-NEAR-MISS",),
        provoke=_annotated(lambda _: None, key="eks.amazonaws.com/rolearn"),
    )
    yield Fault(
        name="the annotation is kube2iam's",
        codes=("D-ANNOTATION-KUBE2IAM",),
        provoke=_annotated(lambda _: None, key="iam.amazonaws.com/role"),
    )
    yield Fault(
        name="the annotation is the role's name alone",
        codes=("D-ANNOTATION-ARN",),
        provoke=_annotated(lambda patient: f"irsa/{patient.name}"),
    )
    yield Fault(
        name="the annotation is the ARN of a session",
        codes=("D-ANNOTATION-ARN",),
        provoke=_annotated(
            lambda one: f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{one.name}/me"
        ),
    )
    yield Fault(
        name="the annotation ends with a line break",
        codes=("D-ANNOTATION-SPACES",),
        provoke=_annotated(lambda patient: f"{patient.role_arn}\n"),
    )
    yield Fault(
        name="the annotation lacks the role's path",
        codes=("D-ANNOTATION-PATH",),
        provoke=_annotated(lambda one: one.role_arn.replace("/irsa/", "/")),
    )
    yield Fault(
        name="the annotation is of another partition",
        codes=("D-ANNOTATION-PARTITION",),
        provoke=_annotated(lambda one: one.role_arn.replace("aws", "aws-cn", 1)),
    )
    yield Fault(
        name="the annotation is of another AWS account",
        codes=("D-ANNOTATION-ACCOUNT",),
        provoke=_annotated(
            lambda one: one.role_arn.replace(ACCOUNT_ID, "222222222223")
        ),
    )


def _pod_faults() -> Iterator[Fault]:
    yield Fault(
        name="the pod was made before the annotation",
        codes=("D-POD-NOT-INJECTED",),
        provoke=_made_too_early,
    )
    yield Fault(
        name="the pod has the role of before",
        codes=("D-POD-OLD-ROLE",),
        provoke=_old_role,
    )
    yield Fault(
        name="the webhook leaves the namespace out",
        codes=("D-WEBHOOK-NAMESPACE",),
        provoke=_namespace_left_out,
    )
    yield Fault(
        name="the pod has the label that skips the webhook",
        codes=("D-WEBHOOK-SKIP-LABEL",),
        provoke=_deployed(
            metadata={"labels": {f"{PREFIX}/skip-pod-identity-webhook": "true"}}
        ),
    )
    yield Fault(
        name="the pod leaves its container out",
        codes=("D-POD-SKIPPED",),
        provoke=_deployed(
            metadata={"annotations": {f"{PREFIX}/skip-containers": "app"}}
        ),
    )
    yield Fault(
        name="the container defines the role itself",
        codes=("D-POD-OWN-ENV",),
        provoke=_deployed(
            container={"env": [{"name": "AWS_ROLE_ARN", "value": "arn:aws:iam::1:x"}]}
        ),
    )
    yield Fault(
        name="the container has access keys",
        codes=("D-SDK-KEYS",),
        provoke=_deployed(
            container={
                "env": [
                    {"name": "AWS_ACCESS_KEY_ID", "value": "AKIAIOSFODNN7EXAMPLE"},
                    {"name": "AWS_SECRET_ACCESS_KEY", "value": "hunter2"},
                ]
            }
        ),
        felt=False,
    )


def _trust_faults() -> Iterator[Fault]:
    yield Fault(
        name="the role trusts the namesake of another namespace",
        codes=("D-TRUST-SUBJECT",),
        provoke=_conditions(
            lambda _, one, held: {
                key: value.replace(one.namespace, "default")
                for key, value in held.items()
            }
        ),
    )
    yield Fault(
        name="the trust policy has a wildcard where none counts",
        codes=("D-TRUST-WILDCARD",),
        provoke=_conditions(
            lambda _, one, held: {
                key: value.replace(f":{one.name}", ":*") for key, value in held.items()
            }
        ),
    )
    yield Fault(
        name="the trust policy wants another audience",
        codes=("D-TRUST-AUDIENCE",),
        provoke=_conditions(
            lambda _, __, held: {
                key: value.replace("sts.amazonaws.com", "sts.amazonaws.com.cn")
                for key, value in held.items()
            }
        ),
    )
    yield Fault(
        name="the condition's key has a slip",
        codes=("D-TRUST-KEY",),
        provoke=_conditions(
            lambda _, __, held: {
                key.replace(":sub", ":subject"): one for key, one in held.items()
            }
        ),
    )
    yield Fault(
        name="the role trusts the issuer of a former cluster",
        codes=("D-TRUST-ISSUER",),
        provoke=_trusting(_former_cluster),
    )
    yield Fault(
        name="the role trusts the provider of another AWS account",
        codes=("D-TRUST-ACCOUNT",),
        provoke=_trusting(
            lambda clinic, patient: clinic.trust(
                patient,
                Principal={
                    "Federated": clinic.provider_arn.replace(ACCOUNT_ID, "1" * 12)
                },
            )
        ),
    )
    yield Fault(
        name="the role trusts a service instead",
        codes=("D-TRUST-PRINCIPAL",),
        provoke=_trusting(
            lambda clinic, patient: clinic.trust(
                patient,
                Principal={"Service": "ec2.amazonaws.com"},
                Action="sts:AssumeRole",
                Condition={},
            )
        ),
    )
    yield Fault(
        name="a statement of the trust policy denies",
        codes=("D-TRUST-DENY",),
        provoke=_trusting(_with_deny),
        cure=_trusting(lambda clinic, patient: clinic.trust(patient)),
    )


def _aws_faults() -> Iterator[Fault]:
    yield Fault(
        name="IAM has no OIDC provider",
        codes=("D-PROVIDER-ABSENT",),
        provoke=_no_provider,
    )
    yield Fault(
        name="the audience is no client id of the OIDC provider",
        codes=("D-PROVIDER-AUDIENCE",),
        provoke=_no_client_id,
    )
    yield Fault(
        name="the role was deleted",
        codes=("D-ROLE-ABSENT",),
        provoke=_no_role,
    )
    yield Fault(
        name="an association gives a role that does not trust EKS",
        codes=("D-TRUST-PRINCIPAL",),
        provoke=_associated,
    )
    yield Fault(
        name="EKS may not tag the session of the role",
        codes=("D-TRUST-TAG-SESSION",),
        provoke=_without_tags,
    )
    yield Fault(
        name="the pod was made before the association",
        codes=("D-POD-OLD-WAY",),
        provoke=_associated_later,
    )
    yield Fault(
        name="the target role trusts somebody else",
        codes=("D-TARGET-TRUST", "D-TARGET-PERMISSION"),
        provoke=_target_of_others,
    )
    yield Fault(
        name="the permissions boundary denies everything",
        codes=("D-DENY-EVERYTHING",),
        provoke=_bounded,
        felt=False,
        cure=_unbounded,
    )
    yield Fault(
        name="the permissions boundary is for something else",
        codes=("D-BOUNDARY-EVERYTHING",),
        provoke=_bounded_elsewhere,
        felt=False,
        cure=_unbounded,
    )
    yield Fault(
        name="a policy denies everything",
        codes=("D-DENY-EVERYTHING",),
        provoke=_denied,
        felt=False,
        cure=_allowed,
    )


FAULTS: Final = tuple(_faults())
"""All of them, in the order of the chain."""
