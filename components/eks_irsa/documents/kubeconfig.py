"""How the API server of an EKS cluster is reached, as a kubeconfig."""

import json

from eks_irsa.documents import arns

__all__ = ["kubeconfig"]


def kubeconfig(
    *,
    cluster_arn: str,
    endpoint: str,
    certificate_authority: str,
    profile: str | None = None,
    role_arn: str | None = None,
) -> str:
    """Write the kubeconfig of an EKS cluster, which holds no secret.

    *profile* and *role_arn* are what pulumi-eks calls `providerCredentialOpts`.

    Args:
        cluster_arn: ARN of the EKS cluster; tells name and region.
        endpoint: URL of its API server.
        certificate_authority: Its CA in base64.
        profile: AWS profile to get the token with. Default: the environment's.
        role_arn: Role to assume for the token. Default: none.

    Returns:
        JSON with one cluster, one user that asks `aws eks get-token`, one context.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/create-kubeconfig.html
    """
    command = _token_command(cluster_arn, profile=profile, role_arn=role_arn)
    where = {
        "server": endpoint,
        "certificate-authority-data": certificate_authority,
    }
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": cluster_arn, "cluster": where}],
            "users": [{"name": cluster_arn, "user": {"exec": command}}],
            "contexts": [
                {
                    "name": cluster_arn,
                    "context": {"cluster": cluster_arn, "user": cluster_arn},
                }
            ],
            "current-context": cluster_arn,
        },
        separators=(",", ":"),
    )


def _token_command(
    cluster_arn: str, *, profile: str | None, role_arn: str | None
) -> dict[str, object]:
    """Write the command that gets a token, as `aws eks update-kubeconfig` does."""
    cluster = arns.parse_cluster_arn(cluster_arn)
    arguments = ["--region", cluster.region, "eks", "get-token"]
    arguments += ["--cluster-name", cluster.name, "--output", "json"]
    if profile:
        # Not AWS_PROFILE: the AWS CLI prefers AWS_ACCESS_KEY_ID to that, while the AWS
        # provider prefers its profile.
        arguments += ["--profile", profile]
    if role_arn:
        arguments += ["--role-arn", role_arn]
    return {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": arguments,
        "interactiveMode": "Never",
    }
