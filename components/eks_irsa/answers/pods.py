"""How pods get a role, in words, and what is known of every request they make."""

from collections.abc import Mapping, Sequence
from typing import Final, cast

from eks_irsa.documents.tags import OWN_TAG_PREFIX
from eks_irsa.documents.trust_policy import DEFAULT_AUDIENCE
from eks_irsa.identity.model import Identity, Role
from eks_irsa.plan.model import Cluster, Plan

__all__ = ["known_of", "way_of"]

# Tags whose values hang on facts of a cluster or stack that are not looked up.
_CLUSTER_TAG: Final = f"{OWN_TAG_PREFIX}cluster"
_STACK_TAG: Final = f"{OWN_TAG_PREFIX}stack"
# Keys that every request of a role has, or that none of a role's has that was assumed.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
_ALWAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:principaltype": ("AssumedRole",),
    "aws:principalisawsservice": ("false",),
    "aws:username": (),
}


def way_of(identity: Identity, plan: Plan) -> str:
    """Say how pods get the role of an entry.

    Args:
        identity: The entry.
        plan: What it is of.
    """
    ways = [_by_token(identity, plan)] if identity.identity != "podIdentity" else []
    association = identity.association
    if association is not None:
        cluster = plan.cluster
        words = (
            f"by an EKS Pod Identity association of the cluster {cluster.name} in "
            f"{cluster.region}"
        )
        arns = cast("Sequence[str]", identity.asked.get("trusted_cluster_arns") or ())
        words += "".join(f", or of {arn}" for arn in arns)
        if association.target_role_arn:
            words += f", and with it {association.target_role_arn}"
        ways.append(words)
    elif identity.identity != "irsa":
        ways.append("by the association that EKS makes with the add-on")
    return ", and ".join(ways)


def known_of(
    role: Role, cluster: Cluster, identity: Identity
) -> Mapping[str, tuple[str, ...]]:
    """Gather what is known of every request that pods make.

    Args:
        role: The role that they end with.
        cluster: Of the plan.
        identity: The entry.

    Returns:
        Context key in small letters -> values, none for a key that is absent.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
    """
    known: dict[str, tuple[str, ...]] = {**_ALWAYS}
    if cluster.knows_account:
        known["aws:principalaccount"] = (cluster.account_id,)
        known["aws:principalarn"] = (role.arn,)
    tags = {key.lower(): value for key, value in role.tags.items()}
    for key, value in tags.items():
        if key != _STACK_TAG and (key != _CLUSTER_TAG or cluster.knows_account):
            known[f"aws:principaltag/{key}"] = (value,)
    association = identity.association
    if identity.identity == "podIdentity" and association:
        told = not association.disable_session_tags
        known |= _session_tags(identity, cluster) if told else {}
    return known


def _by_token(identity: Identity, plan: Plan) -> str:
    cluster = plan.cluster
    if identity.role is None:
        return "by the trust policy of that role, which is not in the file"
    words = (
        f"with a token of {identity.subject} from the issuer of the cluster "
        f"{cluster.name} in {cluster.region}"
    )
    arns = cast("Sequence[str]", identity.asked.get("trusted_provider_arns") or ())
    named = {arn: str(trusted) for trusted, arn in plan.trusted.items()}
    words += "".join(f", or of {named[arn]}" for arn in arns)
    audience = identity.asked.get("audience", DEFAULT_AUDIENCE)
    if audience != DEFAULT_AUDIENCE:
        words += f", for the audience {audience}"
    if identity.mode == "notManaged":
        words += ", where something else annotates the service account"
    return words


def _session_tags(
    identity: Identity, cluster: Cluster
) -> Mapping[str, tuple[str, ...]]:
    """Give the tags of the session, which win over those of the role."""
    tags = {
        "kubernetes-namespace": identity.namespace,
        "kubernetes-service-account": identity.name,
    }
    if not identity.asked.get("trusted_cluster_arns"):
        tags["eks-cluster-name"] = cluster.name
        if cluster.knows_account:
            tags["eks-cluster-arn"] = cluster.arn
    return {f"aws:principaltag/{key}": (value,) for key, value in tags.items()}
