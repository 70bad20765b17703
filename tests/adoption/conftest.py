"""What a stack would take in, decided from files that AWS and kubectl printed.

Nothing is deployed here: that the engine imports what is said, and that nothing else
changes, is in tests/engine.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from live_estates import Estate

from eks_irsa.adoption.adopting import adoption_of
from eks_irsa.adoption.model import Adoption
from eks_irsa.cluster_config.reading import parse_cluster_config
from eks_irsa.live.model import Read
from eks_irsa.plan.model import Trusted
from eks_irsa.settings.reading import Origin, checked_settings

Adopt = Callable[..., Adoption]


@pytest.fixture(name="estate")
def _estate() -> Estate:
    """Return an AWS account without anything."""
    return Estate()


@pytest.fixture(name="adopt")
def _adopt(estate: Estate, tmp_path: Path) -> Adopt:
    """Adopt with entries of a ClusterConfig, and settings."""

    def adopt(
        *entries: Mapping[str, Any],
        settings: Mapping[str, Any] | None = None,
        stack: str | None = None,
        issuers: Mapping[Trusted, Read[str]] | None = None,
    ) -> Adoption:
        document = {
            "apiVersion": "eksctl.io/v1alpha5",
            "kind": "ClusterConfig",
            "metadata": {"name": "shop", "region": "us-west-2"},
            "iam": {"withOIDC": True, "serviceAccounts": list(entries)},
        }
        text = yaml.safe_dump(document).encode()
        return adoption_of(
            parse_cluster_config(text, source="shop.yaml"),
            settings=checked_settings(Origin(values=settings or {})),
            account=estate.account(tmp_path),
            stack=stack,
            issuers=issuers,
        )

    return adopt
