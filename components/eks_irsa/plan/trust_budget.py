"""Trust policies that are too long for the clusters that the settings list."""

from collections.abc import Iterator
from typing import Final

from eks_irsa.documents.permission_policy import document_characters
from eks_irsa.identity.model import Fault, Identity
from eks_irsa.plan.entry_settings import setting_path
from eks_irsa.settings.model import Settings
from eks_irsa.source.findings import Finding, Path

__all__ = ["TooLongTrust"]

_FIELD: Final = "trusted_clusters"


class TooLongTrust:
    """Gathers them, so that one list of clusters has one error for all its roles."""

    def __init__(self, settings: Settings) -> None:
        """Begin with none.

        Args:
            settings: The stack's checked settings.
        """
        self._settings = settings
        self._found: dict[Path, list[tuple[int, str, str]]] = {}

    def takes(self, fault: Fault, decided: Identity) -> bool:
        """Take a fault that comes of a list of clusters, and of nothing in the file.

        Args:
            fault: A fault of one entry.
            decided: What follows from the entry.
        """
        if fault.path != ("trusted_provider_arns",) or not decided.role:
            return False
        path = setting_path(self._settings, key=decided.key, field=_FIELD)
        path = path or ("defaults", "trustedClusters")
        size = document_characters(decided.role.assume_role_policy)
        self._found.setdefault(path, []).append((size, decided.key, fault.message))
        return True

    def findings(self) -> Iterator[Finding]:
        """Give one error for each list: that of the longest trust policy."""
        for path, found in self._found.items():
            _, key, message = max(found)
            about = f"the role of {key!r}"
            if len(found) > 1:
                about += f", the longest of {len(found)}"
            yield Finding(path, "E-LIMIT-TRUST-POLICY", f"{message} ({about})")
