"""What the recorded scenarios want of AWS, again and again."""

from dataclasses import replace
from typing import Final

from aws_program import Entry, Wanted, statement

__all__ = [
    "AUTOSCALER",
    "CACHE",
    "MAIN_JOB",
    "POWER_USER",
    "READER",
    "SCALING",
    "SQS",
    "UNNAMED",
    "A",
    "B",
]

READ_ONLY: Final = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
_S3: Final = (
    '{"Version":"2012-10-17","Statement":'
    '[{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}'
)
POWER_USER: Final = "arn:aws:iam::aws:policy/PowerUserAccess"
SQS: Final = "arn:aws:iam::aws:policy/AmazonSQSFullAccess"
A: Final = Entry(
    key="apps/a", role="a", attached=[READ_ONLY], inline={"attachPolicy": _S3}
)
B: Final = replace(A, key="apps/b", role="b")
# A name as the stack program derives it, its digest aside.
UNNAMED: Final = Entry(key="apps/a", role="apps-a-00000000", attached=[READ_ONLY])
SCALING: Final = (
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeLaunchConfigurations",
    "autoscaling:DescribeTags",
    "autoscaling:SetDesiredCapacity",
    "autoscaling:TerminateInstanceInAutoScalingGroup",
)
READER: Final = Entry(
    key="backend-apps/s3-reader",
    role="backend-apps-s3-reader-00000000",
    attached=[READ_ONLY],
)
CACHE: Final = Entry(
    key="backend-apps/cache-access",
    role="backend-apps-cache-access-00000000",
    attached=[
        "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess",
        "arn:aws:iam::aws:policy/AmazonElastiCacheFullAccess",
    ],
)
AUTOSCALER: Final = Entry(
    key="kube-system/cluster-autoscaler",
    role="kube-system-cluster-autoscaler-00000000",
    inline={"attachPolicy": statement(*SCALING)},
)
MAIN_JOB: Final = Wanted(entries=[READER, CACHE, AUTOSCALER])
