"""A service account whose pods may read one bucket, and nothing else."""

import json

import pulumi
import pulumi_aws as aws

from eks_irsa import IrsaServiceAccount

config = pulumi.Config()
bucket = config.require("bucketArn")
reading = {
    "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:ListBucket"],
    "Resource": [bucket, f"{bucket}/*"],
}
# Its ARN is known when it is made: an Output, which every input takes.
policy = aws.iam.Policy(
    "reader", policy=json.dumps({"Version": "2012-10-17", "Statement": [reading]})
)
reader = IrsaServiceAccount(
    "reader",
    {
        "cluster_name": config.require("cluster"),
        "namespace": config.require("namespace"),
        "service_account_name": "reader",
        "attach_policies": {"bucket": policy.arn},
    },
)
pulumi.export("roleArn", reader.role_arn)
