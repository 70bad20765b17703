"""Entries that are adopted, and what is said of them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import yaml
from live_estates import ACCOUNT, READ_ONLY

from eks_irsa.adoption.adopting import adoption_of
from eks_irsa.adoption.model import Adoption, EntryAdoption
from eks_irsa.cluster_config.reading import parse_cluster_config
from eks_irsa.live.account import LiveAccount
from eks_irsa.live.model import LiveAssociation, Read
from eks_irsa.settings.reading import Origin, checked_settings

__all__ = ["EKS", "Adopt", "adopted", "as_it_is", "entry", "only"]

Adopt = Callable[..., Adoption]

EKS: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"Service": "pods.eks.amazonaws.com"},
    "Action": ["sts:AssumeRole", "sts:TagSession"],
}


def entry(key: str, **more: object) -> dict[str, object]:
    """Write an entry of a ClusterConfig."""
    namespace, _, name = key.partition("/")
    policies = {} if more.pop("bare", False) else {"attachPolicyARNs": [READ_ONLY]}
    return {"metadata": {"namespace": namespace, "name": name}, **policies, **more}


def only(adoption: Adoption) -> EntryAdoption:
    """Return the one entry."""
    (one,) = adoption.entries
    return one


def as_it_is(role: str) -> str:
    """Say how an entry uses a role that is not taken in."""
    return (
        "to use the role as it is, replace the policies of the entry by attachRoleARN: "
        f"arn:aws:iam::{ACCOUNT}:role/{role}, or name the entry in exclude"
    )


def adopted(
    account: LiveAccount,
    associations: Read[tuple[LiveAssociation, ...]],
    asked: dict[str, object],
    settings: dict[str, Any],
) -> Adoption:
    """Adopt in an AWS account with associations, read or not."""
    text = yaml.safe_dump(
        {
            "apiVersion": "eksctl.io/v1alpha5",
            "kind": "ClusterConfig",
            "metadata": {"name": "shop", "region": "us-west-2"},
            "iam": {"withOIDC": True, "serviceAccounts": [asked]},
        }
    )
    return adoption_of(
        parse_cluster_config(text.encode(), source="shop.yaml"),
        settings=checked_settings(Origin(values=settings)),
        account=replace(account, associations=associations),
    )
