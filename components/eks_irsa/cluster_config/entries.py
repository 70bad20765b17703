"""The entries of a ClusterConfig: whatever of it asks for a role, in one form.

A role is asked for in several sections, each with words of its own. Here they are the
fields that `identity` decides from, with the place where the file says each.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from eks_irsa.cluster_config.asked import ASKED_BY_SERVICE_ACCOUNT, service_account_asks
from eks_irsa.cluster_config.model import ClusterConfig
from eks_irsa.documents.pseudo_parameters import resolve_pseudo_parameters
from eks_irsa.identity.model import IdentityMode
from eks_irsa.source.findings import Path

__all__ = ["Entry", "entries_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One service account that the file wants a role for.

    Attributes:
        path: Where it stands in the file.
        identity: By which way it gets the role where the settings say nothing.
        fields: Field of `identity` -> value; what the file does not say is absent.
        places: Field -> where the entry says it, from *path*; () for a field whose
            name is the file's own.
        key: `<namespace>/<name>`, which identifies it.
    """

    path: Path
    identity: IdentityMode
    fields: Mapping[str, Any]
    places: Mapping[str, Path]

    @property
    def key(self) -> str:
        """`<namespace>/<name>`, which identifies the entry."""
        return f"{self.namespace}/{self.name}"

    @property
    def namespace(self) -> str:
        """Namespace of the service account."""
        return str(self.fields["namespace"])

    @property
    def name(self) -> str:
        """Name of the service account."""
        return str(self.fields["service_account_name"])

    def asked(self, *, partition: str, region: str, account_id: str) -> dict[str, Any]:
        """Word the entry in the fields of `identity`.

        Args:
            partition: Value of `AWS::Partition` in its policies.
            region: Value of `AWS::Region`.
            account_id: Value of `AWS::AccountId`.
        """
        asked = {**self.fields}
        for field in ("inline_policies", "session_policy"):
            if field in asked:
                asked[field] = resolve_pseudo_parameters(
                    asked[field],
                    partition=partition,
                    region=region,
                    account_id=account_id,
                )
        return asked

    def place(self, path: Path) -> Path:
        """Word the path of a fault as the file does.

        Args:
            path: Name of a field of `identity` and steps into its value.

        Returns:
            Steps from the entry; none where the settings alone say it.
        """
        if not path or path[0] not in self.places:
            return ()
        field, *steps = path
        # The file has one inline policy, and its key is the policy's name.
        inner = steps[1:] if field == "inline_policies" else steps
        return (*self.places[str(field)], *inner)


def entries_of(config: ClusterConfig) -> Iterator[Entry]:
    """Give every entry that says whom its role trusts, in file order.

    Args:
        config: A ClusterConfig; an entry that is None is left out.
    """
    accounts = (config.iam.service_accounts if config.iam else None) or []
    for index, account in enumerate(accounts):
        if account:
            yield Entry(
                path=("iam", "serviceAccounts", index),
                identity="irsa",
                fields=service_account_asks(account),
                places=ASKED_BY_SERVICE_ACCOUNT,
            )
