"""Serve the double of `pulumi-resource-aws`: `python -m sandbox.plugins.aws`."""

from sandbox.plugins.aws.provider import AwsPlugin
from sandbox.plugins.protocol import serve_plugin

__all__ = ["main"]


def main() -> None:
    """Serve until the engine ends this process, or is itself gone."""
    serve_plugin(lambda host: AwsPlugin(host=host))


if __name__ == "__main__":
    main()
