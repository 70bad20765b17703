"""Kubeconfigs of a test's own."""

import json
from collections.abc import Mapping

__all__ = ["kubeconfig"]


def kubeconfig(
    *, server: str = "https://a", user: Mapping[str, object] | None = None
) -> str:
    """Write a kubeconfig of two contexts, `one` and `two`, the first of them current.

    Args:
        server: Of the first; the other's is `https://b`. Default: `https://a`.
        user: Credentials in both. Default: a token.
    """
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "one",
        "clusters": [
            {"name": "c1", "cluster": {"server": server}},
            {"name": "c2", "cluster": {"server": "https://b"}},
        ],
        "contexts": [
            {"name": "one", "context": {"cluster": "c1", "user": "u"}},
            {
                "name": "two",
                "context": {"cluster": "c2", "user": "u", "namespace": "n"},
            },
        ],
        "users": [{"name": "u", "user": user or {"token": "t"}}],
    }
    return json.dumps(document)
