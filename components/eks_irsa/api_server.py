"""How the engine reaches the API server of an EKS cluster."""

import pulumi
import pulumi_kubernetes as kubernetes

__all__ = ["kubernetes_provider"]


def kubernetes_provider(
    name: str,
    *,
    kubeconfig: pulumi.Input[str],
    cluster_arn: pulumi.Input[str],
    force: bool = False,
    opts: pulumi.ResourceOptions | None = None,
) -> kubernetes.Provider:
    """Build the Kubernetes provider of one EKS cluster, and of no other.

    Args:
        name: Name of the provider resource.
        kubeconfig: Kubeconfig of the cluster, content or path.
        cluster_arn: ARN of the EKS cluster.
        force: Write keys of other field managers on objects that are patched. Set for
            the provider, since the annotation for it would stay on the object.
        opts: Options of the provider resource.
    """
    return kubernetes.Provider(
        name,
        kubeconfig=kubeconfig,
        # Only another cluster replaces the objects, not another kubeconfig of this one.
        cluster_identifier=cluster_arn,
        enable_patch_force=force or None,
        opts=opts,
    )
