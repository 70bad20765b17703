"""Every code of the doctor: its link, how bad it is, and what is wrong.

A code is stable. The table of docs/doctor.md is made from this by `make golden`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from eks_irsa.doctor.model import Link, Severity

__all__ = ["ALWAYS", "CODES", "Code"]


@dataclass(frozen=True, slots=True)
class Code:
    """What a code stands for.

    Attributes:
        link: Where it is found.
        severity: How bad it is, unless the finding says otherwise.
        text: What is wrong, in Markdown, on one line.
    """

    link: Link
    severity: Severity
    text: str


_SERVICE_ACCOUNT: Final[Mapping[str, Code]] = {
    "D-NAMESPACE-ABSENT": Code("serviceAccount", "error", "there is no such namespace"),
    "D-SERVICE-ACCOUNT-ABSENT": Code(
        "serviceAccount", "error", "the namespace has no such service account"
    ),
    "D-ANNOTATION-NONE": Code(
        "annotation",
        "error",
        "neither an annotation nor an EKS Pod Identity association gives a role",
    ),
    "D-ANNOTATION-NEAR-MISS": Code(
        "annotation", "error", "an annotation whose key is misspelt"
    ),
    "D-ANNOTATION-KUBE2IAM": Code(
        "annotation",
        "error",
        "the annotation of kube2iam and kiam, which the webhook does not read",
    ),
    "D-ANNOTATION-ON-POD": Code(
        "annotation",
        "error",
        "the annotation is on the pods, and the webhook reads the service account's",
    ),
    "D-ANNOTATION-ARN": Code(
        "annotation", "error", "the annotation is not the ARN of a role"
    ),
    "D-ANNOTATION-SPACES": Code(
        "annotation", "error", "spaces or line breaks around the ARN"
    ),
    "D-ANNOTATION-PATH": Code(
        "annotation", "error", "the ARN lacks the role's path, or has another case"
    ),
    "D-ANNOTATION-PARTITION": Code(
        "annotation", "error", "the ARN is of another partition than the cluster"
    ),
    "D-ANNOTATION-ACCOUNT": Code(
        "annotation", "warning", "the role is in another AWS account than the cluster"
    ),
    "D-ANNOTATION-VALUE": Code(
        "annotation", "warning", "the webhook does not take another annotation's value"
    ),
}
_WEBHOOK: Final[Mapping[str, Code]] = {
    "D-WEBHOOK-NONE": Code(
        "webhook", "error", "the cluster has no pod identity webhook"
    ),
    "D-WEBHOOK-NAMESPACE": Code(
        "webhook", "error", "the webhook's `namespaceSelector` leaves the namespace out"
    ),
    "D-WEBHOOK-POD": Code(
        "webhook", "error", "the webhook's `objectSelector` leaves the pods out"
    ),
    "D-WEBHOOK-SKIP-LABEL": Code(
        "webhook",
        "error",
        "the pods have the label `eks.amazonaws.com/skip-pod-identity-webhook`",
    ),
    "D-WEBHOOK-RULES": Code(
        "webhook", "error", "the webhook is not called when a pod is made"
    ),
    "D-WEBHOOK-CONDITIONS": Code(
        "webhook", "unknown", "the webhook has `matchConditions`"
    ),
}
_POD: Final[Mapping[str, Code]] = {
    "D-POD-ABSENT": Code("pod", "error", "there is no such pod"),
    "D-POD-SERVICE-ACCOUNT": Code(
        "pod", "error", "the pod runs as another service account"
    ),
    "D-POD-NOT-INJECTED": Code(
        "pod", "error", "the pod was made before its service account had the role"
    ),
    "D-POD-CONTAINER": Code(
        "pod", "warning", "a container has nothing, and others of its pod have the role"
    ),
    "D-POD-OLD-ROLE": Code(
        "pod", "error", "the pod has the role that the annotation had before"
    ),
    "D-POD-OLD-WAY": Code(
        "pod", "error", "the pod gets its role by IRSA still, or by EKS Pod Identity"
    ),
    "D-POD-OWN-ENV": Code(
        "pod",
        "error",
        "the container defines one variable of the webhook itself, and lacks the other",
    ),
    "D-POD-SKIPPED": Code(
        "pod", "error", "the annotation `skip-containers` leaves every container out"
    ),
    "D-POD-SKIPPED-CONTAINER": Code(
        "pod", "warning", "the annotation `skip-containers` leaves a container out"
    ),
    "D-POD-VOLUME": Code(
        "pod", "error", "no volume with a token where the container looks for it"
    ),
    "D-POD-AUDIENCE": Code(
        "pod", "error", "the pod's token is for another audience than the annotation"
    ),
    "D-POD-TOKEN-MODE": Code(
        "pod", "error", "the user of the container may not read the token's file"
    ),
}
_TOKEN: Final[Mapping[str, Code]] = {
    "D-TOKEN-ISSUER": Code(
        "token", "error", "the API server issues tokens of another issuer than EKS says"
    ),
    "D-TOKEN-AUDIENCE": Code("token", "error", "the token is for another audience"),
    "D-TOKEN-SUBJECT": Code("token", "error", "the token is another service account's"),
    "D-TOKEN-CLOCK": Code(
        "token", "warning", "the clock of this machine and the API server's differ"
    ),
}
_ASSOCIATION: Final[Mapping[str, Code]] = {
    "D-ASSOCIATION-PRECEDES": Code(
        "association",
        "warning",
        "an EKS Pod Identity association takes precedence over the annotation",
    ),
    "D-ASSOCIATION-FARGATE": Code(
        "association", "error", "EKS Pod Identity does not reach pods on Fargate"
    ),
    "D-ASSOCIATION-WINDOWS": Code(
        "association", "error", "EKS Pod Identity does not reach pods on Windows"
    ),
    "D-AGENT-ABSENT": Code(
        "association", "warning", "the cluster lacks the EKS Pod Identity add-on"
    ),
    "D-ASSOCIATION-TARGET": Code(
        "association", "unknown", "the target role of the association is not looked at"
    ),
}
_PROVIDER: Final[Mapping[str, Code]] = {
    "D-CLUSTER-ISSUER": Code("provider", "error", "the cluster has no OIDC issuer"),
    "D-PROVIDER-ABSENT": Code(
        "provider",
        "error",
        "IAM has no OIDC provider for the issuer that the cluster has now",
    ),
    "D-PROVIDER-NEAR": Code(
        "provider", "error", "IAM has an OIDC provider of nearly the issuer's URL"
    ),
    "D-PROVIDER-AUDIENCE": Code(
        "provider", "error", "the audience is none of the OIDC provider's client ids"
    ),
}
_ROLE: Final[Mapping[str, Code]] = {
    "D-ROLE-ABSENT": Code("role", "error", "there is no such role"),
    "D-TRUST-NOBODY": Code(
        "role", "error", "the trust policy has no statement that allows anything"
    ),
    "D-TRUST-DENY": Code("role", "error", "a statement of the trust policy denies it"),
    "D-TRUST-ISSUER": Code(
        "role", "error", "the role trusts another issuer, such as a former cluster's"
    ),
    "D-TRUST-ACCOUNT": Code(
        "role", "error", "the role trusts an OIDC provider of another AWS account"
    ),
    "D-TRUST-PRINCIPAL": Code(
        "role", "error", "the role does not trust what asks for it"
    ),
    "D-TRUST-ACTION": Code(
        "role", "error", "the statement allows another action than the one needed"
    ),
    "D-TRUST-KEY": Code(
        "role", "error", "a condition key that no token has: `https://`, an ARN, a slip"
    ),
    "D-TRUST-SUBJECT": Code("role", "error", "the condition wants another subject"),
    "D-TRUST-WILDCARD": Code(
        "role", "error", "`StringEquals` with a wildcard, which is a plain character"
    ),
    "D-TRUST-AUDIENCE": Code("role", "error", "the condition wants another audience"),
    "D-TRUST-CONDITION": Code("role", "error", "a further condition is not met"),
    "D-TRUST-TAG-SESSION": Code(
        "role", "error", "EKS Pod Identity needs `sts:TagSession` besides"
    ),
    "D-TRUST-UNREAD": Code("role", "unknown", "the trust policy cannot be read"),
    "D-TRUST-CONDITIONAL": Code(
        "role", "unknown", "a condition hangs on what only the request tells"
    ),
}
_EXCHANGE: Final[Mapping[str, Code]] = {
    "D-EXCHANGE-DENIED": Code(
        "exchange", "error", "STS refuses although the trust policy fits"
    ),
    "D-EXCHANGE-KEYS": Code(
        "exchange", "error", "AWS cannot get the issuer's keys, or does not trust them"
    ),
    "D-EXCHANGE-EXPIRED": Code("exchange", "error", "STS takes the token for expired"),
    "D-EXCHANGE-REGION": Code(
        "exchange", "error", "STS is not active in the region for this AWS account"
    ),
    "D-EXCHANGE-FAILED": Code(
        "exchange", "error", "STS refuses, with a message of its own"
    ),
    "D-EXCHANGE-CONTRADICTS": Code(
        "exchange", "warning", "AWS gives credentials although something looks broken"
    ),
}
_PERMISSIONS: Final[Mapping[str, Code]] = {
    "D-PERMISSIONS-NONE": Code(
        "permissions", "warning", "no policy of the role allows anything"
    ),
    "D-PERMISSIONS-UNREAD": Code(
        "permissions", "unknown", "a policy cannot be understood"
    ),
    "D-BOUNDARY-EVERYTHING": Code(
        "permissions",
        "error",
        "the permissions boundary allows nothing of what the policies allow",
    ),
    "D-DENY-EVERYTHING": Code(
        "permissions", "error", "a policy of the role denies everything"
    ),
    "D-DENY-SESSIONS": Code(
        "permissions",
        "warning",
        "a policy of the role denies everything under a condition",
    ),
    "D-ACTION-DENIED": Code(
        "permissions", "error", "the policies do not allow the action"
    ),
    "D-ACTION-CONDITIONAL": Code(
        "permissions", "unknown", "the action hangs on the request, or on the resource"
    ),
    "D-SCP-UNSEEN": Code(
        "permissions", "unknown", "policies of the organization are not looked at"
    ),
}
_SDK: Final[Mapping[str, Code]] = {
    "D-SDK-KEYS": Code(
        "sdk", "error", "access keys in the environment, which SDKs take first"
    ),
    "D-SDK-PROFILE": Code(
        "sdk", "warning", "a profile in the environment, which some SDKs take first"
    ),
    "D-SDK-WEB-IDENTITY": Code(
        "sdk", "error", "a web identity in the environment, which SDKs take first"
    ),
    "D-SDK-REGIONAL": Code("sdk", "warning", "SDKs are told to call the global STS"),
    "D-SDK-REGION": Code("sdk", "warning", "the containers are told no AWS region"),
    "D-SDK-ENV-FROM": Code(
        "sdk", "unknown", "variables come from a secret or a config map"
    ),
    "D-SDK-UNSEEN": Code("sdk", "unknown", "what program and SDK do is not looked at"),
}

CODES: Final[Mapping[str, Code]] = MappingProxyType(
    {
        "D-UNREAD": Code(
            "serviceAccount",
            "unknown",
            "something could not be read, at whatever link needs it",
        ),
        **_SERVICE_ACCOUNT,
        **_WEBHOOK,
        **_POD,
        **_TOKEN,
        **_ASSOCIATION,
        **_PROVIDER,
        **_ROLE,
        **_EXCHANGE,
        **_PERMISSIONS,
        **_SDK,
    }
)
"""Code -> what it stands for, in the order of the chain."""

ALWAYS: Final = frozenset({"D-SCP-UNSEEN", "D-SDK-UNSEEN"})
"""What is said of every chain, and makes no link one that nobody knows."""
