"""One role for the same service account in several clusters of an account."""

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from eks_irsa import EksOidcProvider, IrsaServiceAccount, kubeconfig

config = pulumi.Config()
owner: str = config.require("owner")
others: list[str] = config.get_object("others") or []


def options(cluster_name: str) -> pulumi.ResourceOptions:
    """Lead a component to one cluster."""
    cluster = aws.eks.get_cluster_output(name=cluster_name)
    way = pulumi.Output.all(
        cluster_arn=cluster.arn,
        endpoint=cluster.endpoint,
        certificate_authority=cluster.certificate_authorities[0].data,
    ).apply(lambda known: kubeconfig(**known))
    provider = kubernetes.Provider(
        cluster_name, kubeconfig=way, cluster_identifier=cluster.arn
    )
    return pulumi.ResourceOptions(providers=[provider])


trusted = {
    name: EksOidcProvider(name, {"cluster_name": name}).provider_arn
    for name in [owner, *others]
}
exporter = IrsaServiceAccount(
    f"{owner}-exporter",
    {
        "oidc_provider_arn": trusted[owner],
        "trusted_provider_arns": [trusted[name] for name in others],
        "namespace": "reports",
        "service_account_name": "exporter",
        "attach_policy_arns": ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"],
    },
    options(owner),
)
for name in others:
    IrsaServiceAccount(
        f"{name}-exporter",
        {
            "role_arn": exporter.role_arn,
            "namespace": "reports",
            "service_account_name": "exporter",
        },
        options(name),
    )

pulumi.export("roleArn", exporter.role_arn)
