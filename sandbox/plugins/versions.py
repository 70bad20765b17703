"""The versions of the real plugins that the doubles stand in for.

They are those of the SDKs in use: the engine asks for exactly that version.

Source:
    `pulumi-plugin.json` of the distributions pulumi-aws and pulumi-kubernetes
"""

from typing import Final

__all__ = ["AWS_VERSION", "KUBERNETES_VERSION"]

AWS_VERSION: Final = "7.51.1"
KUBERNETES_VERSION: Final = "4.34.2"
