"""EKS add-ons that take a role for one of their service accounts, and which it is.

eksctl trusts every service account of the cluster for all of them but vpc-cni.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

__all__ = ["ADD_ONS", "AddOn"]


class AddOn(NamedTuple):
    """Where an add-on uses the role it is given.

    Attributes:
        namespace: Where EKS installs it, unless it is told otherwise.
        service_account: The service account that gets the role.
        others: Further service accounts that use the same role.
    """

    namespace: str
    service_account: str
    others: tuple[str, ...] = ()


# Name of the add-on -> what is known of it.
# Source: https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html
# and, for what is not AWS's own (external-dns, fluent-bit),
# https://docs.aws.amazon.com/eks/latest/userguide/community-addons.html
ADD_ONS: Final[Mapping[str, AddOn]] = MappingProxyType(
    {
        "amazon-cloudwatch-observability": AddOn(
            "amazon-cloudwatch", "cloudwatch-agent"
        ),
        "aws-ebs-csi-driver": AddOn("kube-system", "ebs-csi-controller-sa"),
        # AWS has the role trust `efs-csi-*`, and these are the two.
        # Source: https://github.com/kubernetes-sigs/aws-efs-csi-driver/tree/master/deploy/kubernetes/base
        "aws-efs-csi-driver": AddOn(
            "kube-system", "efs-csi-controller-sa", ("efs-csi-node-sa",)
        ),
        "aws-fsx-csi-driver": AddOn("kube-system", "fsx-csi-controller-sa"),
        "aws-mountpoint-s3-csi-driver": AddOn("kube-system", "s3-csi-driver-sa"),
        "external-dns": AddOn("external-dns", "external-dns"),
        "fluent-bit": AddOn("fluent-bit", "fluent-bit"),
        "vpc-cni": AddOn("kube-system", "aws-node"),
    }
)
