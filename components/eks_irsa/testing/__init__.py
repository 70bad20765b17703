"""Unit tests of programs that use the components: no engine, no cloud, no credentials.

`deploy` runs a program as the engine would in `up` or a preview, answers what
components and stack program ask of AWS and of the API server, and hands over what was
registered. It needs nothing that the package does not need by itself.
"""

from eks_irsa.plan.associations import ExistingAssociation
from eks_irsa.plan.transitions import ExistingServiceAccount
from eks_irsa.testing.deployment import Deployment, Registration
from eks_irsa.testing.mock_aws import ACCOUNT_ID, CLUSTER_ARN, ISSUER_URL, MockAws
from eks_irsa.testing.mock_engine import Secret, deploy

__all__ = [
    "ACCOUNT_ID",
    "CLUSTER_ARN",
    "ISSUER_URL",
    "Deployment",
    "ExistingAssociation",
    "ExistingServiceAccount",
    "MockAws",
    "Registration",
    "Secret",
    "deploy",
]
