"""A worker that may use a bucket and a queue of the platform's, and no more."""

import json

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from eks_irsa import EksOidcProvider, IrsaServiceAccount, kubeconfig

config = pulumi.Config()
cluster = aws.eks.get_cluster_output(name=config.require("cluster"))
namespace = config.require("namespace")

receipts, incoming = config.require("bucketArn"), config.require("queueArn")


def allow(actions: list[str], resource: str) -> dict[str, object]:
    """Write a policy of one statement."""
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


# Several roles may have it, so it is a policy of its own, its ARN known in `up` only.
encrypt = aws.iam.Policy(
    "encrypt",
    policy=json.dumps(allow(["kms:GenerateDataKey"], config.require("keyArn"))),
)
in_cluster = kubernetes.Provider(
    "cluster",
    kubeconfig=pulumi.Output.all(
        cluster_arn=cluster.arn,
        endpoint=cluster.endpoint,
        certificate_authority=cluster.certificate_authorities[0].data,
    ).apply(lambda known: kubeconfig(**known)),
    cluster_identifier=cluster.arn,
)
# The platform's stack makes it; `existing` reads it and never changes it.
trust = EksOidcProvider(
    "cluster", {"cluster_name": config.require("cluster"), "existing": True}
)

account = IrsaServiceAccount(
    "worker",
    {
        "oidc_provider_arn": trust.provider_arn,
        "namespace": namespace,
        "service_account_name": "worker",
        # The key names the policy, so that each comes and goes by itself.
        "inline_policies": {
            "receipts": allow(["s3:PutObject"], f"{receipts}/*"),
            "incoming": allow(
                ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
                incoming,
            ),
        },
        "attach_policies": {"encrypt": encrypt.arn},
    },
    pulumi.ResourceOptions(providers=[in_cluster]),
)

labels = {"app": "worker"}
worker = kubernetes.apps.v1.Deployment(
    "worker",
    metadata={
        "namespace": account.namespace,
        # `up` ends when it is made; `kubectl rollout status` waits for its pods.
        "annotations": {"pulumi.com/skipAwait": "true"},
    },
    spec={
        "replicas": 2,
        "selector": {"match_labels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": {
                "service_account_name": account.service_account_name,
                "containers": [
                    {
                        "name": "worker",
                        "image": config.require("image"),
                    }
                ],
            },
        },
    },
    # A pod made before its account is annotated has no credentials.
    opts=pulumi.ResourceOptions(provider=in_cluster, depends_on=[account]),
)

pulumi.export("roleArn", account.role_arn)
pulumi.export("deployment", worker.metadata.name)
