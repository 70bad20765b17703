"""What a file is by its content, for those who are given files of any kind."""

import re
from pathlib import Path
from typing import Final

from eks_irsa.source.document import Pairs
from eks_irsa.source.yaml_text import parse, read_bounded

__all__ = ["is_cluster_config"]

_KIND: Final = "clusterconfig"
_API_GROUP: Final = "eksctl.io/"
_TRACE: Final = re.compile(rb"clusterconfig|eksctl\.io/", re.IGNORECASE)
# For a text that is no YAML: what stands at the beginning of a line.
_FIRST_IN_LINE: Final = re.compile(
    rb"^[\"']?(kind[\"']?\s*:\s*[\"']?clusterconfig\b"
    rb"|apiVersion[\"']?\s*:\s*[\"']?eksctl\.io/)",
    re.IGNORECASE | re.MULTILINE,
)


def is_cluster_config(path: Path) -> bool:
    """Tell whether a file is a ClusterConfig, or is meant to be.

    Args:
        path: A file of any kind.

    Returns:
        True if its `kind` is ClusterConfig, in whatever case, or its `apiVersion` is
        eksctl's; where it is no YAML, if a line begins so. False if it cannot be read.
    """
    try:
        text = read_bounded(path)
    except OSError:
        return False
    if not _TRACE.search(text):
        return False
    root = parse(text).root
    if root is None:
        return _FIRST_IN_LINE.search(text) is not None
    if not isinstance(root, Pairs):
        return False
    kind, version = str(root.get("kind")), str(root.get("apiVersion"))
    return kind.casefold() == _KIND or version.casefold().startswith(_API_GROUP)
