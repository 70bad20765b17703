"""As whom pods ask for their role, and the statement of a trust policy they need."""

import json
from typing import Any, Final, cast

from eks_irsa.doctor.model import Facts
from eks_irsa.doctor.route import (
    asked_association,
    asked_audience,
    asked_issuer_url,
    asked_subject,
    asked_way,
)
from eks_irsa.doctor.token import audiences_of
from eks_irsa.doctor.trust import Asking
from eks_irsa.documents.arns import (
    issuer_of_url,
    parse_cluster_arn,
)
from eks_irsa.documents.pod_identity import pod_identity_statement
from eks_irsa.documents.pod_identity_trust import POD_IDENTITY
from eks_irsa.documents.trust_policy import trust_policy
from eks_irsa.live.model import Unread, known

__all__ = ["NO_CLUSTER", "asking_of", "own_statement"]

# Tags of the session that differ from pod to pod; without tags they are absent, and a
# condition on them cannot be told all the same.
_OF_THE_POD: Final = frozenset(
    {"aws:requesttag/kubernetes-pod-name", "aws:requesttag/kubernetes-pod-uid"}
)
NO_CLUSTER: Final = Unread("it is not known which EKS cluster it is; give --cluster")
"""Why it is not known who asks."""


def asking_of(facts: Facts, role_arn: str) -> Asking | Unread:
    """Say as whom pods ask for a role.

    Args:
        facts: What was read.
        role_arn: ARN of the role.
    """
    if asked_way(facts) == "podIdentity":
        return _by_pod_identity(facts)
    provider_arn = _provider_arn(facts, role_arn)
    if isinstance(provider_arn, Unread):
        return provider_arn
    issuer = provider_arn.partition(":oidc-provider/")[2].lower()
    claims = known(facts.token_claims)
    audiences = audiences_of(claims) if claims else ()
    return Asking(
        principal=f"Federated {provider_arn}",
        context={
            f"{issuer}:sub": (asked_subject(facts),),
            f"{issuer}:aud": audiences or (asked_audience(facts.service_account),),
            # Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-federatedprovider
            "aws:federatedprovider": (provider_arn,),
            # Only where a service of AWS asks: #condition-keys-sourcearn of that page.
            "aws:sourceaccount": (),
            "aws:sourcearn": (),
        },
    )


def _provider_arn(facts: Facts, role_arn: str) -> str | Unread:
    """Return the ARN of the issuer's OIDC provider in the AWS account of a role."""
    url = asked_issuer_url(facts)
    if url is None:
        for read in (facts.token_claims, facts.cluster):
            if isinstance(read, Unread):
                return read
        return NO_CLUSTER
    try:
        issuer = issuer_of_url(url)
    except ValueError as error:
        return Unread(str(error))
    return f"{role_arn.partition(':role/')[0]}:oidc-provider/{issuer}"


def _by_pod_identity(facts: Facts) -> Asking | Unread:
    cluster = known(facts.cluster)
    if cluster is None:
        return facts.cluster if isinstance(facts.cluster, Unread) else NO_CLUSTER
    place = parse_cluster_arn(cluster.arn)
    association = asked_association(facts.associations)
    context: dict[str, tuple[str, ...]] = {
        "aws:federatedprovider": (),
        "aws:sourcearn": (cluster.arn,),
        "aws:sourceaccount": (place.account_id,),
    }
    if association and not association.disable_session_tags:
        # Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
        context |= {
            "aws:requesttag/eks-cluster-arn": (cluster.arn,),
            "aws:requesttag/eks-cluster-name": (place.name,),
            "aws:requesttag/kubernetes-namespace": (facts.namespace,),
            "aws:requesttag/kubernetes-service-account": (facts.name,),
        }
    return Asking(principal=POD_IDENTITY, context=context, unknown=_OF_THE_POD)


def own_statement(facts: Facts, role_arn: str) -> dict[str, Any] | None:
    """Write the statement that lets these pods, and no others, in.

    Args:
        facts: What was read.
        role_arn: ARN of the role.

    Returns:
        None where it is not known who asks.
    """
    if asked_way(facts) == "podIdentity":
        cluster = known(facts.cluster)
        association = asked_association(facts.associations)
        if cluster is None or association is None:
            return None
        return pod_identity_statement(
            cluster_arns=[cluster.arn],
            namespace=facts.namespace,
            service_account=facts.name,
            with_session_tags=not association.disable_session_tags,
        )
    provider_arn = _provider_arn(facts, role_arn)
    if isinstance(provider_arn, Unread):
        return None
    try:
        text = trust_policy(
            provider_arn=provider_arn,
            namespace=facts.namespace,
            service_account=facts.name,
            audience=asked_audience(facts.service_account),
        )
    except ValueError:
        return None
    return cast("dict[str, Any]", json.loads(text)["Statement"][0])
