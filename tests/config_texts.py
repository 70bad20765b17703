"""Texts of ClusterConfigs for tests, and what is said of them."""

import json
import textwrap

from eks_irsa.cluster_config.reading import ClusterConfigFile, parse_cluster_config
from eks_irsa.errors import ClusterConfigError

__all__ = [
    "HEADER",
    "INLINE_POLICY",
    "READ_ONLY",
    "cluster_13",
    "parsed",
    "problems_of",
    "with_entries",
    "with_entry",
]

# Lines 1 to 3 of every text here.
HEADER = """\
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: demo, region: us-west-2}
"""
_ACCOUNTS = "iam:\n  withOIDC: true\n  serviceAccounts:\n"


READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
INLINE_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
        ],
    }
)


def cluster_13(*keys: str, more: str = "") -> str:
    """Return a file of cluster-13 whose entries may read S3.

    Args:
        keys: `<namespace>/<name>` of each entry.
        more: Further lines of each, NAMESPACE and NAME standing for the entry's own.
    """
    text = HEADER.replace("demo", "cluster-13") + _ACCOUNTS
    for namespace, _, name in (key.partition("/") for key in keys):
        lines = more.replace("NAMESPACE", namespace).replace("NAME", name)
        text += f"  - metadata: {{name: {name}, namespace: {namespace}}}\n"
        text += f"    attachPolicyARNs: [{READ_ONLY}]\n"
        text += textwrap.indent(lines, "    ").rstrip() + "\n" if more else ""
    return text


def with_entry(text: str) -> str:
    """Return a file of one entry, which begins on line 7 in column 5.

    Args:
        text: The entry as YAML, a block mapping.
    """
    return with_entries(text)


def with_entries(*texts: str) -> str:
    """Return a file of several entries, each a block mapping."""
    items = [
        "  - " + textwrap.indent(textwrap.dedent(text).strip("\n"), "    ")[4:] + "\n"
        for text in texts
    ]
    return HEADER + _ACCOUNTS + "".join(items)


def parsed(text: str) -> ClusterConfigFile:
    """Read a text that may be used."""
    return parse_cluster_config(text.encode(), source="a.yaml")


def problems_of(text: str) -> list[str]:
    """Return every problem and warning of a text as `code place: path: message`."""
    try:
        found = parsed(text).warnings
    except ClusterConfigError as error:
        found = error.problems
    return [f"{problem.code} {problem}" for problem in found]
