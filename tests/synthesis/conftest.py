"""The plan in other forms, held as whole golden files.

The input is one file with an entry of each kind; what a plan should hold is not proved
here but beside `plan`.
"""

from collections.abc import Callable

import pytest

from eks_irsa.cluster_config.reading import parse_cluster_config
from eks_irsa.plan.model import Cluster, Plan
from eks_irsa.plan.planning import plan
from eks_irsa.settings.model import Settings
from eks_irsa.settings.reading import StackSettings

CLUSTER_CONFIG = """\
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata:
  name: shop
  region: cn-north-1
  tags: {team: shop}
iam:
  withOIDC: true
  serviceAccounts:
  - metadata:
      name: orders
      namespace: shop
      labels: {tier: "1"}
      annotations: {note: "yes"}
    attachPolicyARNs: ["arn:aws-cn:iam::111122223333:policy/orders"]
    attachPolicy:
      Version: "2012-10-17"
      Statement: [{Effect: Allow, Action: "s3:GetObject", Resource: "*"}]
    wellKnownPolicies: {externalDNS: true}
    permissionsBoundary: arn:aws-cn:iam::111122223333:policy/boundary
    roleName: orders
    tags: {team: orders}
    subjectPattern: orders-*
  - metadata: {name: legacy, namespace: shop}
    attachRoleARN: arn:aws-cn:iam::111122223333:role/legacy
  - metadata: {name: batch, namespace: jobs}
    attachPolicyARNs: ["arn:aws-cn:iam::aws:policy/ReadOnlyAccess"]
    roleOnly: true
  - metadata: {name: aws-node, namespace: kube-system}
    attachPolicyARNs: ["arn:aws-cn:iam::aws:policy/AmazonEKS_CNI_Policy"]
addons: [{name: vpc-cni, useDefaultPodIdentityAssociations: true}]
"""


@pytest.fixture(name="planned")
def _planned() -> Callable[..., Plan]:
    """Plan a ClusterConfig, that with an entry of each kind unless another is given."""

    def planned(text: str = CLUSTER_CONFIG, **settings: object) -> Plan:
        file = parse_cluster_config(text.encode(), source="shop.yaml")
        return plan(
            file,
            stack_settings=StackSettings(settings=Settings.model_validate(settings)),
            cluster=Cluster(
                name="shop",
                region="cn-north-1",
                partition="aws-cn",
                account_id="111122223333",
                issuer_url="https://oidc.eks.cn-north-1.amazonaws.com.cn:443/id/0123",
            ),
        )

    return planned
