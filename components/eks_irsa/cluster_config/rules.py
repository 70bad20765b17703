"""What a ClusterConfig must mean to be used: eksctl's rules, and where we are stricter.

Structure and types hold already when these run. Every breach is reported; limits that
depend on the stack's settings are checked in `plan`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from typing import Final, cast

from eks_irsa.cluster_config.account_rules import account_findings
from eks_irsa.cluster_config.cluster_rules import (
    header_findings,
    not_made_findings,
    oidc_findings,
)
from eks_irsa.cluster_config.entries import entries_of
from eks_irsa.cluster_config.model import ClusterConfig
from eks_irsa.documents.arns import partition_of_region
from eks_irsa.source.findings import Finding, Path

__all__ = ["findings"]

_ACCOUNTS: Final[Path] = ("iam", "serviceAccounts")


def findings(
    config: ClusterConfig, *, raw: Mapping[str, object], broken: Collection[Path]
) -> Iterator[Finding]:
    """Find every breach of a rule.

    Args:
        config: The file, less the parts at *broken*.
        raw: The values of the file as they were read, for keys and inner places.
        broken: Paths that were found wrong in structure already, and said so.
    """
    for finding in chain(
        header_findings(config, raw),
        oidc_findings(config),
        not_made_findings(config),
        _accounts_findings(config, raw, broken),
    ):
        if finding.path not in broken:
            yield finding


def _accounts_findings(
    config: ClusterConfig, raw: Mapping[str, object], broken: Collection[Path]
) -> Iterator[Finding]:
    accounts = (config.iam.service_accounts if config.iam else None) or []
    if not accounts:
        return
    region = (config.metadata.region if config.metadata else None) or ""
    partition = partition_of_region(region)
    section = cast("Mapping[str, object]", raw["iam"])
    entries = cast("list[Mapping[str, object]]", section["serviceAccounts"])
    broken_in: defaultdict[Path, set[Path]] = defaultdict(set)
    for at in broken:
        broken_in[at[:3]].add(at[3:])
    found = {entry.path: entry for entry in entries_of(config)}
    first: dict[str, int] = {}
    for index, account in enumerate(accounts):
        path = (*_ACCOUNTS, index)
        if account is None:
            yield Finding(path, "E-TYPE", "expected a map, got nothing")
            continue
        for finding in account_findings(
            account,
            entry=found[path],
            raw=entries[index],
            broken=broken_in[path],
            partition=partition,
        ):
            yield finding._replace(path=(*path, *finding.path))
        earlier = first.setdefault(account.key, index)
        if earlier != index and account.name:
            message = (
                f"{account.key!r} is listed already as "
                f"iam.serviceAccounts[{earlier}]; merge the two"
            )
            yield Finding((*path, "metadata", "name"), "E-SA-DUP", message)
