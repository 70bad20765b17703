"""An EKS cluster and a service account in it: issuer and endpoint are known later."""

import json

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from eks_irsa import EksOidcProvider, IrsaServiceAccount, kubeconfig

config = pulumi.Config()
eks_may_assume = {
    "Effect": "Allow",
    "Principal": {"Service": "eks.amazonaws.com"},
    "Action": "sts:AssumeRole",
}
control_plane = aws.iam.Role(
    "control-plane",
    assume_role_policy=json.dumps(
        {"Version": "2012-10-17", "Statement": [eks_may_assume]}
    ),
)
permissions = aws.iam.RolePolicyAttachment(
    "control-plane",
    role=control_plane.name,
    policy_arn="arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
)
cluster = aws.eks.Cluster(
    "new",
    role_arn=control_plane.arn,
    vpc_config={"subnet_ids": config.require_object("subnetIds")},
    opts=pulumi.ResourceOptions(depends_on=[permissions]),
)

provider = EksOidcProvider(
    "new",
    {
        "issuer_url": cluster.identities[0].oidcs[0].issuer,
        "cluster_arn": cluster.arn,
    },
)
in_cluster = kubernetes.Provider(
    "new",
    kubeconfig=pulumi.Output.all(
        cluster_arn=cluster.arn,
        endpoint=cluster.endpoint,
        certificate_authority=cluster.certificate_authority.data,
    ).apply(lambda known: kubeconfig(**known)),
    # Only another cluster replaces what is in it, not another way to the same one.
    cluster_identifier=cluster.arn,
)
reader = IrsaServiceAccount(
    "s3-reader",
    {
        "oidc_provider_arn": provider.provider_arn,
        "namespace": "backend-apps",
        "service_account_name": "s3-reader",
        "attach_policy_arns": ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"],
    },
    pulumi.ResourceOptions(providers=[in_cluster]),
)

pulumi.export("cluster", cluster.name)
pulumi.export("roleArn", reader.role_arn)
