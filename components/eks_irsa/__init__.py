"""AWS permissions for Kubernetes service accounts on EKS, as Pulumi components.

The names are loaded when they are used, so that the command line does not pay for
importing Pulumi.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eks_irsa.documents.kubeconfig import kubeconfig
    from eks_irsa.documents.well_known_policies import well_known_policy
    from eks_irsa.errors import ClusterError, EksIrsaError
    from eks_irsa.resources.inputs import InputError
    from eks_irsa.resources.irsa_service_account import IrsaServiceAccount
    from eks_irsa.resources.irsa_service_account_args import (
        AdoptArgs,
        IdentityMode,
        IrsaServiceAccountArgs,
        ProviderCredentialOpts,
        ServiceAccountMode,
    )
    from eks_irsa.resources.oidc_provider import EksOidcProvider
    from eks_irsa.resources.oidc_provider_args import (
        EksOidcProviderArgs,
        OidcProviderMode,
    )

__version__ = "0.1.0"
"""Version of the package, and of its schema; pyproject.toml reads it from here."""

__all__ = [
    "AdoptArgs",
    "ClusterError",
    "EksIrsaError",
    "EksOidcProvider",
    "EksOidcProviderArgs",
    "IdentityMode",
    "InputError",
    "IrsaServiceAccount",
    "IrsaServiceAccountArgs",
    "OidcProviderMode",
    "ProviderCredentialOpts",
    "ServiceAccountMode",
    "kubeconfig",
    "well_known_policy",
]

_MODULES = {
    "AdoptArgs": "eks_irsa.resources.irsa_service_account_args",
    "ClusterError": "eks_irsa.errors",
    "EksIrsaError": "eks_irsa.errors",
    "EksOidcProvider": "eks_irsa.resources.oidc_provider",
    "EksOidcProviderArgs": "eks_irsa.resources.oidc_provider_args",
    "IdentityMode": "eks_irsa.resources.irsa_service_account_args",
    "InputError": "eks_irsa.resources.inputs",
    "IrsaServiceAccount": "eks_irsa.resources.irsa_service_account",
    "IrsaServiceAccountArgs": "eks_irsa.resources.irsa_service_account_args",
    "OidcProviderMode": "eks_irsa.resources.oidc_provider_args",
    "ProviderCredentialOpts": "eks_irsa.resources.irsa_service_account_args",
    "ServiceAccountMode": "eks_irsa.resources.irsa_service_account_args",
    "kubeconfig": "eks_irsa.documents.kubeconfig",
    "well_known_policy": "eks_irsa.documents.well_known_policies",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module  # noqa: PLC0415 - only paid for when used

    return getattr(import_module(_MODULES[name]), name)
