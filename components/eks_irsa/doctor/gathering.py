"""Gather the facts about a service account, from its cluster and from AWS.

Reads only: a TokenRequest and its exchange for credentials change nothing. The token
does not leave this module, and the credentials are thrown away.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, Final

from eks_irsa.doctor.model import Facts
from eks_irsa.doctor.route import asked_association, asked_audience, asked_role_arn
from eks_irsa.doctor.sources import Sources
from eks_irsa.doctor.surroundings import Surroundings
from eks_irsa.documents import arns
from eks_irsa.documents.webhook import ROLE_ARN_ANNOTATION
from eks_irsa.live import cluster_objects, clusters
from eks_irsa.live.model import (
    NOT_LOOKED_UP,
    Attempt,
    LiveAssociation,
    LiveProvider,
    LiveServiceAccount,
    Read,
    Unread,
    known,
)
from eks_irsa.live.refusals import read
from eks_irsa.live.roles import ReadRole, read_policy, read_role
from eks_irsa.live.tokens import claims_of, requested_token, web_identity_attempt

__all__ = ["gathered"]

# Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
_EKS_AUDIENCE: Final = "pods.eks.amazonaws.com"


def gathered(  # noqa: PLR0913 - each by name
    sources: Sources,
    around: Surroundings,
    *,
    namespace: str,
    name: str,
    pod: tuple[str, Read[Mapping[str, Any] | None]] | None = None,
    exchange: bool = True,
) -> Facts:
    """Read what there is to know about a service account.

    Args:
        sources: Whom to ask.
        around: What is the same for every service account, from the same sources.
        namespace: Namespace of the service account.
        name: Its name.
        pod: Name of the pod that is in question, and what was read of it, as JSON.
            Default: all of its pods.
        exchange: Take a token to STS. Default: yes.
    """
    held = _service_account(sources, around, namespace, name)
    facts = Facts(
        namespace=namespace,
        name=name,
        pod_name=pod[0] if pod else None,
        cluster=sources.cluster,
        cluster_name=sources.cluster_name,
        region=sources.region,
        options=sources.options,
        account_id=around.account_id,
        service_account=held,
        namespace_labels=_namespace_labels(sources, namespace),
        pods=_one(pod[1]) if pod else _pods(sources, around, namespace, name),
        webhooks=around.webhooks,
        near_service_accounts=() if held else _near(sources, around, namespace, name),
        agent=around.agent,
    )
    return _with_role(facts, sources, around, exchange=exchange)


def _namespace_labels(
    sources: Sources, namespace: str
) -> Read[Mapping[str, str] | None]:
    return sources.once(
        ("namespace", namespace),
        lambda: cluster_objects.namespace_labels(sources.kubernetes, namespace),
    )


def _one(
    pod: Read[Mapping[str, Any] | None],
) -> Read[tuple[Mapping[str, Any], ...] | None]:
    return pod if isinstance(pod, Unread) or pod is None else (pod,)


def _with_role(
    facts: Facts, sources: Sources, around: Surroundings, *, exchange: bool
) -> Facts:
    """Read what the role of a service account needs: token, provider, policies."""
    associations, hidden = _associations(sources, around, facts.key)
    association = asked_association(associations)
    role_arn = asked_role_arn(facts.service_account, associations) or ""
    audience = asked_audience(facts.service_account)
    token = _token(facts, sources, _EKS_AUDIENCE if association else audience)
    issued = time.time()
    claims = _claims(token)
    stranger = _stranger(around, role_arn)
    role = _role(sources, role_arn, hidden or stranger)
    provider = stranger or _provider(sources, around, claims)
    return replace(
        facts,
        token_claims=claims,
        associations=associations,
        role=role.role,
        namesake=_role(sources, role_arn, None).role if stranger else NOT_LOOKED_UP,
        provider=provider,
        # Which others there are only matters where that one is missing.
        providers=NOT_LOOKED_UP if provider else _providers(sources),
        policies=role.policies,
        boundary=role.boundary,
        policies_unread=role.unread,
        attempt=_attempt(facts, sources, association, token) if exchange else None,
        clock_seconds=None if isinstance(token, Unread) else issued,
    )


def _role(sources: Sources, role_arn: str, hidden: Unread | None) -> ReadRole:
    if hidden or not arns.is_role_arn(role_arn):
        return ReadRole(role=hidden or NOT_LOOKED_UP)

    def managed(arn: str) -> Read[str]:
        return sources.once(arn, lambda: read_policy(sources.iam, arn))

    name = arns.role_name_of(role_arn)
    return sources.once(
        ("role", name), lambda: read_role(sources.iam, name, managed=managed)
    )


def _service_account(
    sources: Sources, around: Surroundings, namespace: str, name: str
) -> Read[LiveServiceAccount | None]:
    listed = around.service_accounts
    if listed is None or isinstance(listed, Unread):
        return cluster_objects.read_service_account(sources.kubernetes, namespace, name)
    every = {one.key: one for one in listed}
    return every.get(f"{namespace}/{name}")


def _pods(
    sources: Sources, around: Surroundings, namespace: str, name: str
) -> Read[tuple[Mapping[str, Any], ...]]:
    listed = around.pods
    if listed is None or isinstance(listed, Unread):
        client = sources.kubernetes
        return cluster_objects.listed_pods(client, namespace, service_account=name)
    return tuple(
        one
        for one in listed
        if one["metadata"]["namespace"] == namespace
        and one["spec"].get("serviceAccountName", "default") == name
    )


def _associations(
    sources: Sources, around: Surroundings, key: str
) -> tuple[Read[tuple[LiveAssociation, ...]], Unread | None]:
    """Describe what a list only names; also why one could not be described."""
    if isinstance(around.associations, Unread):
        return around.associations, None
    listed = [one for one in around.associations if one.key == key]
    described = [
        clusters.described_association(sources.eks, sources.cluster_name, one)
        for one in listed
    ]
    return (
        tuple(known(said) or one for said, one in zip(described, listed, strict=True)),
        next((said for said in described if isinstance(said, Unread)), None),
    )


def _token(facts: Facts, sources: Sources, audience: str) -> Read[str]:
    if facts.service_account is None:
        return NOT_LOOKED_UP
    return read(
        "create serviceaccounts/token",
        lambda: requested_token(
            sources.kubernetes,
            namespace=facts.namespace,
            name=facts.name,
            audience=audience,
        ),
    )


def _claims(token: Read[str]) -> Read[Mapping[str, Any]]:
    if isinstance(token, Unread):
        return token
    return read("create serviceaccounts/token", lambda: claims_of(token))


def _stranger(around: Surroundings, role_arn: str) -> Unread | None:
    """Say that the role is in an AWS account that is not asked; None if it is."""
    asked = known(around.account_id)
    if not arns.is_role_arn(role_arn) or not asked:
        return None
    account_id = role_arn.split(":")[4]
    if account_id == asked:
        return None
    return Unread(
        f"the role is in the AWS account {account_id}, and {asked} is asked; ask with "
        f"--profile as an identity of {account_id}"
    )


def _provider(
    sources: Sources, around: Surroundings, claims: Read[Mapping[str, Any]]
) -> Read[LiveProvider | None]:
    """Read the provider of the issuer that EKS, or else the token, says."""
    cluster, account_id = sources.cluster, around.account_id
    described = known(cluster)
    issuer_url = described.issuer_url if described else None
    issuer_url = issuer_url or (known(claims) or {}).get("iss")
    if isinstance(account_id, Unread):
        return account_id
    if not issuer_url:
        return cluster if isinstance(cluster, Unread) else NOT_LOOKED_UP
    region = sources.region
    partition = (
        described.arn.split(":")[1] if described else arns.partition_of_region(region)
    )
    arn = arns.provider_arn(
        partition=partition or "aws", account_id=account_id, issuer_url=issuer_url
    )
    return sources.once(arn, lambda: clusters.provider_of(sources.iam, arn))


def _providers(sources: Sources) -> Read[tuple[str, ...]]:
    return sources.once("providers", lambda: clusters.listed_providers(sources.iam))


def _attempt(
    facts: Facts,
    sources: Sources,
    association: LiveAssociation | None,
    token: Read[str],
) -> Read[Attempt | None]:
    """Take the token to STS for the role that pods are told, letter by letter."""
    account = known(facts.service_account)
    role_arn = account.annotations.get(ROLE_ARN_ANNOTATION, "") if account else ""
    if association or isinstance(token, Unread) or not arns.is_role_arn(role_arn):
        return None
    return read(
        "sts:AssumeRoleWithWebIdentity",
        lambda: web_identity_attempt(sources.exchange, role_arn=role_arn, token=token),
    )


def _near(
    sources: Sources, around: Surroundings, namespace: str, name: str
) -> tuple[str, ...]:
    """List service accounts that may be meant: of that name, or nearly."""
    listed = around.service_accounts
    if listed is None:
        listed = cluster_objects.listed_service_accounts(sources.kubernetes)
    if isinstance(listed, Unread):
        listed = cluster_objects.listed_service_accounts(sources.kubernetes, namespace)
    everyone = known(listed) or ()
    beside = [one.name for one in everyone if one.namespace == namespace]
    near = [f"{namespace}/{one}" for one in get_close_matches(name, beside)]
    return (*near, *(one.key for one in everyone if one.name == name))
