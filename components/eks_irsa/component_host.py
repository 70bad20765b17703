"""The components for every other language: a provider that the engine starts.

What it hosts is what Python programs import. The schema is inferred from the classes,
as Pulumi's own host infers it, and then put into the other languages' form.
"""

import json
import sys
from typing import Any, Final

import pulumi
from pulumi.provider import ConstructResult, main
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.server import ComponentInitError

from eks_irsa import __version__
from eks_irsa.errors import EksIrsaError
from eks_irsa.package_schema import package_schema
from eks_irsa.resources.inputs import unknown_inputs
from eks_irsa.resources.irsa_service_account import IrsaServiceAccount
from eks_irsa.resources.oidc_provider import EksOidcProvider
from eks_irsa.resources.program import hosts_one_program

__all__ = ["ComponentHost", "serve"]

PACKAGE: Final = "eks-irsa"


def serve() -> None:
    """Host the components until the engine ends this process.

    This is the executable `pulumi-resource-eks-irsa`. The engine passes its address as
    the first argument and reads the port from the first line that is printed.
    """
    hosts_one_program()
    main(ComponentHost(), sys.argv[1:])


class ComponentHost(ComponentProvider):
    """The provider: Pulumi's, with our schema and with errors that are the user's."""

    def __init__(self) -> None:
        """Infer the schema from the components."""
        components: list[type[pulumi.ComponentResource]] = [
            IrsaServiceAccount,
            EksOidcProvider,
        ]
        super().__init__(components, PACKAGE, version=__version__)
        self.package_schema = package_schema(json.loads(str(self.schema)))
        self.schema = json.dumps(self.package_schema)

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: pulumi.Inputs,
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        """Make one component.

        Raises:
            InputPropertiesError: The component refused its inputs, or one is unknown;
                the engine prints the message without a stack trace.
        """
        resources: dict[str, Any] = self.package_schema["resources"]
        known = resources.get(resource_type, {}).get("inputProperties", inputs)
        if fault := unknown_inputs(inputs, known):
            msg = f"{name}: {fault}"
            raise pulumi.InputPropertiesError(msg, [])
        try:
            return super().construct(name, resource_type, inputs, options)
        except ComponentInitError as error:
            if isinstance(error.inner, EksIrsaError | ValueError):
                raise pulumi.InputPropertiesError(str(error.inner), []) from error
            raise
