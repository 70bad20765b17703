"""The proof for EKS Pod Identity: who gets credentials by an association, and who not.

A token is bound to a pod, as the kubelet's are, and taken to EKS, which finds the
association and assumes its role, if the trust policy that IAM holds now lets it.
"""

import uuid
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from sandbox.aws.clients import administrator
from sandbox.aws.pod_identity_rules import SERVICE
from sandbox.pod_identity_agent import run_agent
from sandbox.proof import sdk_call
from sandbox.proof_tokens import (
    OWN_TOKEN,
    REFUSED_TOKENS,
    Attempt,
    Subject,
    attempted,
    neighbours,
)
from sandbox.session import Sandbox

__all__ = ["OTHER_CLUSTER", "agent_identity", "prove_association"]

OTHER_CLUSTER: Final = "another cluster"
"""The case of a cluster that is associated with the same role, by the same names."""


def prove_association(
    sandbox: Sandbox, association: Mapping[str, Any]
) -> list[Attempt]:
    """Try an association with the token of its service account and every wrong one.

    Those that are refused are associated with the same role, as anybody who may pass it
    could do, so that it is the trust policy that refuses them; without session tags it
    cannot tell one service account from another, and those are not associated.

    Args:
        sandbox: Where the cluster and the role are.
        association: As EKS describes it; its cluster has the control plane's issuer.

    Returns:
        The attempts: its own token first, then those of `REFUSED_TOKENS`, and its own
        token once more, at `OTHER_CLUSTER`.
    """
    cluster, region = association["clusterName"], _region(association)
    namespace, name = association["namespace"], association["serviceAccount"]
    with (
        neighbours(
            sandbox.control_plane, namespace, name, audience=SERVICE, in_pods=True
        ) as subject,
        _associated(sandbox, association, subject) as other_cluster,
    ):
        tokens = {OWN_TOKEN: subject.token()}
        tokens |= {kind: make(subject) for kind, make in REFUSED_TOKENS.items()}
        attempts = [
            _attempt(sandbox, kind, token, cluster=cluster, region=region)
            for kind, token in tokens.items()
        ]
        own, where = tokens[OWN_TOKEN], {"cluster": other_cluster, "region": region}
        return [*attempts, _attempt(sandbox, OTHER_CLUSTER, own, **where)]


def agent_identity(
    sandbox: Sandbox, association: Mapping[str, Any], *, folder: Path
) -> str:
    """Let the AWS SDK do, in a process of its own, what it does in a pod.

    The process gets nothing but what EKS sets in a pod, with the agent at another
    address, and the way to the sandbox's AWS.

    Args:
        sandbox: Where the cluster and the role are.
        association: As in `prove_association`.
        folder: Where the token's file is written.

    Returns:
        ARN as which the SDK's calls are made.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
    """
    cluster, region = association["clusterName"], _region(association)
    namespace, name = association["namespace"], association["serviceAccount"]
    with (
        neighbours(
            sandbox.control_plane, namespace, name, audience=SERVICE, in_pods=True
        ) as subject,
        run_agent(sandbox.aws, cluster=cluster, region=region) as url,
    ):
        return sdk_call(
            sandbox,
            token=subject.token(),
            folder=folder,
            token_variable="AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",  # noqa: S106 - a name
            variables={"AWS_CONTAINER_CREDENTIALS_FULL_URI": url},
        )


def _region(association: Mapping[str, Any]) -> str:
    return str(association["associationArn"].split(":")[3])


@contextmanager
def _associated(
    sandbox: Sandbox, association: Mapping[str, Any], subject: Subject
) -> Generator[str]:
    """Associate the neighbours with the same role, and another cluster's namesake.

    Yields:
        Name of the other cluster, whose tokens are the same ones.
    """
    region = _region(association)
    eks = administrator(sandbox.aws, "eks", region=region)
    plane, other = sandbox.control_plane, f"proof-{uuid.uuid4().hex[:8]}"
    sandbox.aws.create_cluster(
        name=other,
        region=region,
        issuer_url=plane.issuer_url,
        endpoint=plane.endpoint,
        ca_pem=plane.ca_pem,
    )
    same = ("clusterName", "namespace", "serviceAccount", "roleArn", "targetRoleArn")
    usual = {key: association[key] for key in same if association.get(key)}
    usual["disableSessionTags"] = association["disableSessionTags"]
    changes = [{"clusterName": other}]
    if not association["disableSessionTags"]:
        changes.append({"namespace": subject.other_namespace})
        changes.append({"serviceAccount": subject.other_name})
    with ExitStack() as undone:
        undone.callback(eks.delete_cluster, name=other)
        for change in changes:
            made = eks.create_pod_identity_association(**usual | change)["association"]
            named = {key: made[key] for key in ("clusterName", "associationId")}
            undone.callback(eks.delete_pod_identity_association, **named)
        yield other


def _attempt(
    sandbox: Sandbox, kind: str, token: str, *, cluster: str, region: str
) -> Attempt:
    eks_auth = administrator(sandbox.aws, "eks-auth", region=region)

    def ask() -> str:
        answer = eks_auth.assume_role_for_pod_identity(clusterName=cluster, token=token)
        return str(answer["assumedRoleUser"]["arn"])

    return attempted(kind, ask)
