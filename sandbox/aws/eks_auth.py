"""EKS's side of Pod Identity: credentials of a role for a service account's token.

The token is checked against the cluster's own issuer, the role's trust policy as IAM
holds it now. Of a target role the same: the first role assumes it.

Source:
    https://docs.aws.amazon.com/eks/latest/APIReference/API_auth_AssumeRoleForPodIdentity.html
    and https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sandbox.aws.call import Call, WireRequest
from sandbox.aws.credentials import KeyRing
from sandbox.aws.eks import known_cluster
from sandbox.aws.moto_account import ClusterState, MotoIam, OidcProvider, RoleState
from sandbox.aws.pod_identity_rules import SERVICE
from sandbox.aws.refusal import Refusal, not_covered
from sandbox.aws.trust_evaluator import (
    Principal,
    UnsupportedPolicyError,
    may_assume_directly,
)
from sandbox.aws.web_identity import Jwks, WebIdentity, verify

__all__ = ["assume_role_for_pod_identity"]

# How long credentials last; those of a role that a role assumed, an hour. Sources:
# https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html,
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
_LIFETIME: Final = timedelta(hours=6)
_CHAINED_LIFETIME: Final = timedelta(hours=1)
# eks-<cluster>-<pod>-<UUID>, cut to the 64 characters of a session's name; where EKS
# cuts is not known.
_NAME_CHARACTERS: Final = 11
# Source: aws/eks-pod-identity-agent#89
_EXPIRED: Final = "The token included in the request is expired: "
_NO_PROVIDER: Final = "No OpenIDConnect provider found in your account for"
# Source: a workshop of AWS's, on a trust policy that names other clusters
_NOT_AUTHORIZED: Final = (
    "Unauthorized Exception! EKS does not have permissions to assume the associated "
    "role."
)
_ROLE_ARN: Final = re.compile(r"arn:([a-z-]+):iam::(\d{12}):role/.+", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pod:
    """Whom a token is of; the claims of a token that is bound to a pod."""

    namespace: str
    service_account: str
    name: str
    uid: str

    def session_tags(self, cluster: ClusterState) -> Mapping[str, str]:
        """Give the six session tags.

        Source:
            https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
        """
        return {
            "eks-cluster-arn": cluster.arn,
            "eks-cluster-name": cluster.name,
            "kubernetes-namespace": self.namespace,
            "kubernetes-pod-name": self.name,
            "kubernetes-pod-uid": self.uid,
            "kubernetes-service-account": self.service_account,
        }


def assume_role_for_pod_identity(
    call: Call,
    request: WireRequest,
    *,
    account_id: str,
    keys: KeyRing,
    jwks: Mapping[str, Jwks],
) -> tuple[dict[str, Any], str]:
    """Trade a pod's token for credentials of the role its service account has.

    Args:
        call: The request.
        request: The same as it arrived.
        account_id: Of the cluster, 12 digits.
        keys: Where the new session's keys go.
        jwks: Issuer URL -> function that fetches its keys.

    Returns:
        The answer's JSON, and how the trust policies let the pod in.

    Raises:
        Refusal: In the words of EKS's service for it. `AccessDeniedException` says the
            same of every role; its `detail` says what the trust policy lacked.
    """
    cluster = known_cluster(
        account_id=account_id, region=call.region, name=request.names[0]
    )
    identity = _verified(request.json().get("token", ""), cluster, jwks)
    pod = _pod(identity)
    wanted = {"namespace": pod.namespace, "serviceAccount": pod.service_account}
    associations = cluster.associations.values()
    held = next((one for one in associations if wanted.items() <= one.items()), None)
    if held is None:
        # The code is EKS's, the text not.
        message = f"No association found for {pod.namespace}/{pod.service_account}"
        raise Refusal(code="ResourceNotFoundException", message=message)
    role, reason = _assumed(held, pod, cluster, account_id=account_id)
    lifetime = _CHAINED_LIFETIME if held.get("targetRoleArn") else _LIFETIME
    answer = {
        "subject": wanted,
        "audience": identity.audience,
        "podIdentityAssociation": {
            key: held[key] for key in ("associationArn", "associationId")
        },
        **_session(role, pod, cluster, keys=keys, lifetime=lifetime),
    }
    return answer, reason


def _session(
    role: RoleState,
    pod: _Pod,
    cluster: ClusterState,
    *,
    keys: KeyRing,
    lifetime: timedelta,
) -> dict[str, Any]:
    """Open a session of a role, and give what is answered of it."""
    _, partition, _, _, account, _ = role.arn.split(":")
    cut = slice(_NAME_CHARACTERS)
    name = f"eks-{cluster.name[cut]}-{pod.name[cut]}-{uuid.uuid4()}"
    expires = datetime.now(UTC).replace(microsecond=0) + lifetime
    session = keys.open_session(
        resource=f"sts::{account}:assumed-role/{role.name}/{name}",
        user_id=f"{role.role_id}:{name}",
        expires_at=expires,
    )
    return {
        "assumedRoleUser": {
            "arn": f"arn:{partition}:{session.resource}",
            "assumeRoleId": session.user_id,
        },
        "credentials": {
            "accessKeyId": session.access_key_id,
            "secretAccessKey": session.secret_access_key,
            "sessionToken": session.session_token,
            "expiration": expires.timestamp(),
        },
    }


def _verified(
    token: str, cluster: ClusterState, jwks: Mapping[str, Jwks]
) -> WebIdentity:
    """Check a token as STS does, but against the cluster's issuer."""
    issuer = (cluster.issuer_url or "").removeprefix("https://")
    own = OidcProvider(arn="", issuer=issuer, client_ids=(SERVICE,), tags={})
    try:
        return verify(token, providers=(own,), jwks=jwks)
    except Refusal as refusal:
        if refusal.code == "ExpiredTokenException":
            message = re.sub(r"\d+", _as_eks_writes, refusal.message)
            message = message.replace("Token expired: ", _EXPIRED)
            raise Refusal(code=refusal.code, message=message) from refusal
        # The code is EKS's, the text STS's, which knows of providers.
        text = refusal.message.replace(_NO_PROVIDER, "The cluster's issuer is not")
        raise Refusal(code="InvalidTokenException", message=text) from refusal


def _as_eks_writes(seconds: re.Match[str]) -> str:
    moment = datetime.fromtimestamp(int(seconds[0]), UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _pod(identity: WebIdentity) -> _Pod:
    """Read the claims that a token for Pod Identity must have.

    Source:
        aws/eks-pod-identity-agent, internal/validation/claims_validation.go
    """
    told: Any = identity.claims.get("kubernetes.io", {})
    account, pod = told.get("serviceaccount", {}), told.get("pod", {})
    for claim, value in (
        ("namespace", told.get("namespace")),
        ("serviceaccount/name", account.get("name")),
        ("pod/name", pod.get("name")),
        ("pod/uid", pod.get("uid")),
    ):
        if not value:
            message = f"missing or empty claim: kubernetes.io/{claim}"
            raise Refusal(code="InvalidTokenException", message=message)
    return _Pod(
        namespace=told["namespace"],
        service_account=account["name"],
        name=pod["name"],
        uid=pod["uid"],
    )


def _assumed(
    held: Mapping[str, Any], pod: _Pod, cluster: ClusterState, *, account_id: str
) -> tuple[RoleState, str]:
    """Assume the association's role, and by it the target role if there is one.

    All session tags are transitive; without them a target role is told the external id.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html#pod-id-abac-chaining,
        .../pod-id-assign-target-role.html for the external id. That the service's
        requests have the cluster as their source is not on these pages:
        https://docs.aws.amazon.com/eks/latest/userguide/cross-service-confused-deputy-prevention.html
        says it of EKS, and of Pod Identity terraform-aws-modules/terraform-aws-eks#3743
        and, for the account, awslabs/mountpoint-s3-csi-driver#781
    """
    disabled: bool = held["disableSessionTags"]
    tags: Mapping[str, str] = {} if disabled else pod.session_tags(cluster)
    source = {"aws:SourceArn": cluster.arn, "aws:SourceAccount": account_id}
    service = Principal(kind="Service", names=(SERVICE,))
    role, reason = _trusting(held["roleArn"], service, tags, source)
    target = held.get("targetRoleArn")
    if not target:
        return role, reason
    account = role.arn.split(":role/")[0]
    names = (role.arn, f"{account}:root", account_id)
    request = {"aws:PrincipalArn": role.arn}
    if not tags:
        request["sts:ExternalId"] = held["externalId"]
    first = Principal(kind="AWS", names=names)
    chained, chained_reason = _trusting(target, first, tags, request)
    return chained, f"{reason}; {target}: {chained_reason}"


def _trusting(
    arn: str,
    principal: Principal,
    tags: Mapping[str, str],
    request: Mapping[str, str],
) -> tuple[RoleState, str]:
    """Return the role, if it is there and trusts whoever asks, as IAM holds it now."""
    parts = _ROLE_ARN.fullmatch(arn)
    assert parts is not None  # noqa: S101 - the association's rules saw to it
    iam = MotoIam(account_id=parts[2], partition=parts[1])
    role = next((role for role in iam.roles() if role.arn == arn), None)
    if role is None:
        raise _not_authorized(detail=f"there is no role {arn}")
    try:
        decision = may_assume_directly(
            role.trust_policy, principal=principal, tags=tags, request=request
        )
    except UnsupportedPolicyError as error:
        raise not_covered(what=f"the trust policy of {arn}: {error}") from error
    if not decision.allowed:
        raise _not_authorized(detail=f"{arn}: {decision.reason}")
    return role, decision.reason


def _not_authorized(*, detail: str) -> Refusal:
    return Refusal(code="AccessDeniedException", message=_NOT_AUTHORIZED, detail=detail)
