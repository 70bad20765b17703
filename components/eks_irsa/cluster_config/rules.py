"""What a ClusterConfig must mean to be used: eksctl's rules, and where we are stricter.

Structure and types hold already when these run. Every breach is reported; limits that
depend on the stack's settings are checked in `plan`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from eks_irsa.cluster_config.add_on_rules import add_on_findings
from eks_irsa.cluster_config.cluster_rules import header_findings, oidc_findings
from eks_irsa.cluster_config.entries import Entry, listed
from eks_irsa.cluster_config.entry_rules import entry_findings
from eks_irsa.cluster_config.model import MODELS, ClusterConfig, Iam
from eks_irsa.documents.arns import partition_of_region
from eks_irsa.source.findings import Finding, Path, dotted

__all__ = ["findings"]

# What an entry of each section may say, by the path of its model.
_KEYS: Final = {
    place: frozenset(field.alias or name for name, field in model.model_fields.items())
    for place, model in MODELS.items()
}


def findings(
    config: ClusterConfig, *, raw: Mapping[str, object], broken: Collection[Path]
) -> Iterator[Finding]:
    """Find every breach of a rule.

    Args:
        config: The file, less the parts at *broken*.
        raw: The values of the file as they were read, for keys and inner places.
        broken: Paths that were found wrong in structure already, and said so.
    """
    region = (config.metadata.region if config.metadata else None) or ""
    partition = partition_of_region(region)
    entries = [*listed(config)]
    for finding in chain(
        header_findings(config, raw),
        oidc_findings(config),
        _nothing_findings(config),
        _add_ons_findings(config, partition),
        _entries_findings(entries, raw, broken, partition),
        _twice_findings(entries),
    ):
        if finding.path not in broken:
            yield finding


def _nothing_findings(config: ClusterConfig) -> Iterator[Finding]:
    """Find null in the place of an entry; where it takes one's place it was named."""
    iam = config.iam or Iam.model_construct()
    sections: dict[Path, Sequence[object] | None] = {
        ("iam", "serviceAccounts"): iam.service_accounts,
        ("iam", "podIdentityAssociations"): iam.pod_identity_associations,
        ("addons",): config.addons,
    }
    for index, addon in enumerate(config.addons or []):
        if addon:
            path = ("addons", index, "podIdentityAssociations")
            sections[path] = addon.pod_identity_associations
    for section, entries in sections.items():
        for index, entry in enumerate(entries or []):
            if entry is None:
                message = "expected a map, got nothing"
                yield Finding((*section, index), "E-TYPE", message)


def _add_ons_findings(
    config: ClusterConfig, partition: str | None
) -> Iterator[Finding]:
    for index, addon in enumerate(config.addons or []):
        if addon:
            for finding in add_on_findings(addon, partition=partition):
                yield finding._replace(path=("addons", index, *finding.path))


def _entries_findings(
    entries: Collection[Entry],
    raw: Mapping[str, object],
    broken: Collection[Path],
    partition: str | None,
) -> Iterator[Finding]:
    broken_in: defaultdict[Path, set[Path]] = defaultdict(set)
    for at in broken:
        for depth in range(1, len(at) + 1):
            broken_in[at[:depth]].add(at[depth:])
    for entry in entries:
        path = entry.path
        value: Any = raw
        for step in path:
            value = value[step]
        for finding in entry_findings(
            entry,
            keys=_KEYS[tuple(-1 if isinstance(step, int) else step for step in path)],
            raw=value,
            broken=broken_in[path],
            partition=partition,
        ):
            yield finding._replace(path=(*path, *finding.path))


def _twice_findings(entries: Collection[Entry]) -> Iterator[Finding]:
    """Find a service account that two entries give a role or an association."""
    first: dict[str, Entry] = {}
    for entry in entries:
        if not (entry.namespace and entry.name):
            continue
        earlier = first.setdefault(entry.key, entry)
        makes = entry.makes_something and earlier.makes_something
        same_way = entry.identity == earlier.identity
        # That an add-on asks in two ways is said of the add-on.
        if (
            earlier is entry
            or earlier.path == entry.path[:2]
            or not (makes or same_way)
        ):
            continue
        remedy = "take one of the two out"
        if entry.path[:-1] == earlier.path[:-1]:
            remedy = "merge the two"
        elif not entry.of_add_on:
            remedy = "list it once, and set identity to both to have it both ways"
        message = f"{entry.key!r} is listed already as {dotted(earlier.path)}; {remedy}"
        path = (*entry.path, *entry.place(("service_account_name",)))
        yield Finding(path, "E-SA-DUP", message)
