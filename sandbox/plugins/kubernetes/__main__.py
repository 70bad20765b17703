"""Serve the double of `pulumi-resource-kubernetes`."""

from sandbox.plugins.kubernetes.provider import KubernetesPlugin
from sandbox.plugins.protocol import serve_plugin

__all__ = ["main"]


def main() -> None:
    """Serve until the engine ends this process, or is itself gone."""
    serve_plugin(lambda host: KubernetesPlugin(host=host))


if __name__ == "__main__":
    main()
