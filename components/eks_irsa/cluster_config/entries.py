"""The entries of a ClusterConfig: whatever of it asks for a role, in one form.

A role is asked for in several sections, each with words of its own. Here they are the
fields that `identity` decides from, with the place where the file says each.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from eks_irsa.cluster_config.asked import (
    ASKED_BY_ADD_ON,
    ASKED_BY_ASSOCIATION,
    ASKED_BY_SERVICE_ACCOUNT,
    add_on_asks,
    association_asks,
    service_account_asks,
)
from eks_irsa.cluster_config.entry_models import Addon, PodIdentityAssociation
from eks_irsa.cluster_config.model import ClusterConfig
from eks_irsa.documents.add_ons import ADD_ONS, AddOn
from eks_irsa.documents.pseudo_parameters import resolve_pseudo_parameters
from eks_irsa.identity.model import IdentityMode
from eks_irsa.source.findings import Path

__all__ = ["Entry", "entries_of", "known_add_on", "listed"]

_NOT_OF_ADD_ONS: Final = frozenset(
    {"disable_session_tags", "session_policy", "tags", "target_role_arn"}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One service account that the file wants a role for.

    Attributes:
        path: Where it stands in the file.
        identity: By which way it gets the role where the settings say nothing.
        fields: Field of `identity` -> value; what the file does not say is absent.
        places: Field -> where the entry says it, from *path*; `inline_policy_name`,
            which is no field, -> where it names its policy, if it may.
        of_add_on: Name of the EKS add-on whose service account it is, or empty. EKS
            annotates and associates it when the add-on is given the role.
        key: `<namespace>/<name>`, which identifies it.
        makes_something: Of an add-on with a role of its own nothing is made.
    """

    path: Path
    identity: IdentityMode
    fields: Mapping[str, Any]
    places: Mapping[str, Path]
    of_add_on: str = ""

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

    @property
    def makes_something(self) -> bool:
        """Whether anything is made of the entry."""
        return not (self.of_add_on and "role_arn" in self.fields)

    def asked(self, *, partition: str, region: str, account_id: str) -> dict[str, Any]:
        """Word the entry in the fields of `identity`.

        Args:
            partition: Value of `AWS::Partition` in its policies.
            region: Value of `AWS::Region`.
            account_id: Value of `AWS::AccountId`.
        """
        asked = {**self.fields}
        if "inline_policies" in asked:
            asked["inline_policies"] = resolve_pseudo_parameters(
                asked["inline_policies"],
                partition=partition,
                region=region,
                account_id=account_id,
            )
        return asked

    def place(self, path: Path, *, at_key: bool = False) -> Path:
        """Word the path of a fault as the file does.

        Args:
            path: Name of a field of `identity` and steps into its value.
            at_key: It is about the last step itself. Default: false.

        Returns:
            Steps from the entry; none where the settings alone say it.
        """
        field, *steps = path or ("",)
        place = self.places.get(str(field))
        if place is None:
            return ()
        if field != "inline_policies":
            return (*place, *steps)
        # The file has one inline policy, and no step for its name.
        named = self.places.get("inline_policy_name")
        if named and at_key and steps not in ([], [place[-1]]) and len(steps) == 1:
            return named
        return (*place, *steps[1:])


def entries_of(config: ClusterConfig) -> Iterator[Entry]:
    """Give every entry of which something is made, section by section in file order.

    Args:
        config: A ClusterConfig; an entry that is None is left out.
    """
    return (entry for entry in listed(config) if entry.makes_something)


def listed(config: ClusterConfig) -> Iterator[Entry]:
    """Give every entry that says whom its role trusts, also if nothing is made of it.

    Args:
        config: A ClusterConfig; an entry that is None is left out.
    """
    return chain(
        _of_service_accounts(config), _of_associations(config), _of_add_ons(config)
    )


def known_add_on(addon: Addon) -> AddOn | None:
    """Tell which service accounts of an add-on take its role; EKS ignores its case."""
    return ADD_ONS.get((addon.name or "").lower())


def _of_service_accounts(config: ClusterConfig) -> Iterator[Entry]:
    accounts = (config.iam.service_accounts if config.iam else None) or []
    for index, account in enumerate(accounts):
        if account:
            yield Entry(
                path=("iam", "serviceAccounts", index),
                identity="irsa",
                fields=service_account_asks(account),
                places=ASKED_BY_SERVICE_ACCOUNT,
            )


def _of_associations(config: ClusterConfig) -> Iterator[Entry]:
    associations = (config.iam and config.iam.pod_identity_associations) or []
    for index, association in enumerate(associations):
        if association:
            path = ("iam", "podIdentityAssociations", index)
            yield _of_association(association, path)


def _of_add_ons(config: ClusterConfig) -> Iterator[Entry]:
    for index, addon in enumerate(config.addons or []):
        if addon is None:
            continue
        known = known_add_on(addon)
        if known and addon.asks_for_policies:
            yield Entry(
                path=("addons", index),
                identity="irsa",
                fields=add_on_asks(addon, known),
                places=ASKED_BY_ADD_ON,
                of_add_on=addon.name or "",
            )
        for inner, association in enumerate(addon.pod_identity_associations or []):
            if association:
                path = ("addons", index, "podIdentityAssociations", inner)
                yield _of_association(association, path, of_add_on=addon.name or "")


def _of_association(
    association: PodIdentityAssociation, path: Path, *, of_add_on: str = ""
) -> Entry:
    fields = association_asks(association)
    if of_add_on:  # what it cannot have is refused
        fields = {key: fields[key] for key in fields if key not in _NOT_OF_ADD_ONS}
    return Entry(
        path=path,
        identity="podIdentity",
        fields=fields,
        places=ASKED_BY_ASSOCIATION,
        of_add_on=of_add_on,
    )
