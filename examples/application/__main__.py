"""A worker with a bucket, a table and a queue of its own, and no right to more."""

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from eks_irsa import EksOidcProvider, IrsaServiceAccount, kubeconfig

config = pulumi.Config()
cluster = aws.eks.get_cluster_output(name=config.require("cluster"))
namespace = config.require("namespace")

receipts = aws.s3.Bucket("receipts")
orders = aws.dynamodb.Table(
    "orders",
    attributes=[{"name": "id", "type": "S"}],
    hash_key="id",
    billing_mode="PAY_PER_REQUEST",
)
incoming = aws.sqs.Queue("incoming")


def allow(actions: list[str], resource: pulumi.Input[str]) -> dict[str, object]:
    """Write a policy of one statement; the resource may be known later."""
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


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
            "receipts": allow(
                ["s3:PutObject"], pulumi.Output.concat(receipts.arn, "/*")
            ),
            "orders": allow(["dynamodb:GetItem", "dynamodb:PutItem"], orders.arn),
            "incoming": allow(
                ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
                incoming.arn,
            ),
        },
    },
    pulumi.ResourceOptions(providers=[in_cluster]),
)

labels = {"app": "worker"}
worker = kubernetes.apps.v1.Deployment(
    "worker",
    metadata={"namespace": account.namespace},
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
                        "env": [
                            {"name": "RECEIPTS_BUCKET", "value": receipts.bucket},
                            {"name": "ORDERS_TABLE", "value": orders.name},
                            {"name": "INCOMING_QUEUE", "value": incoming.url},
                        ],
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
