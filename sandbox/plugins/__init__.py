"""Two test doubles of Pulumi's provider plugins, for the sandbox alone.

`pulumi-resource-aws` and `pulumi-resource-kubernetes` here speak Pulumi's provider
protocol and send what they are told to real endpoints. They cover exactly the types and
functions this project uses, are as strict as the real plugins where it matters, and
refuse everything else by name. They are never part of the package.
"""

from sandbox.plugins.installation import install_plugins

__all__ = ["install_plugins"]
