"""ClusterConfigs of any size."""

from typing import Final

__all__ = ["cluster_config"]

_HEADER: Final = """\
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata:
  name: bench
  region: us-west-2
iam:
  withOIDC: true
  serviceAccounts:
"""
# The three shapes of the seed's file in turn, each with a name of its own.
_ENTRIES: Final = (
    """\
  - metadata:
      name: s3-reader-{index}
      namespace: team-{team}
      labels: {{aws-usage: "application"}}
    attachPolicyARNs:
    - "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
""",
    """\
  - metadata:
      name: cache-access-{index}
      namespace: team-{team}
      labels: {{aws-usage: "application"}}
    attachPolicyARNs:
    - "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"
    - "arn:aws:iam::aws:policy/AmazonElastiCacheFullAccess"
""",
    """\
  - metadata:
      name: queue-worker-{index}
      namespace: team-{team}
      labels: {{aws-usage: "application"}}
    attachPolicy:
      Version: "2012-10-17"
      Statement:
      - Effect: Allow
        Action:
        - "sqs:ReceiveMessage"
        - "sqs:DeleteMessage"
        Resource: 'arn:aws:sqs:us-west-2:123456789012:team-{team}-*'
""",
)


def cluster_config(entries: int, *, name: str = "bench") -> str:
    """Write a ClusterConfig.

    Args:
        entries: How many service accounts; a namespace for each hundred.
        name: Of the cluster, which is in us-west-2. Default: `bench`.
    """
    written = [
        _ENTRIES[index % len(_ENTRIES)].format(index=index, team=index // 100)
        for index in range(entries)
    ]
    return "".join([_HEADER.replace("name: bench", f"name: {name}"), *written])
