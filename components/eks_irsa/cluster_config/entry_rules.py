"""The rules of one entry, whatever its section; paths begin at the entry."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final, cast

from eks_irsa.aws_names.policy_names import name_faults
from eks_irsa.cluster_config.entries import Entry
from eks_irsa.cluster_config.policy_scalars import policy_scalar_findings
from eks_irsa.documents.pseudo_parameters import plain_pseudo_parameters
from eks_irsa.identity.decision import asked_faults
from eks_irsa.source.findings import Finding, Path, non_text_key_findings

__all__ = ["entry_findings"]

# What stands in for partition, region and account while a policy is only checked.
_ANY_PARTITION: Final = "aws"
_ANY_REGION: Final = "us-east-1"
_ANY_ACCOUNT: Final = "000000000000"
# Fields that grant something, in the order of the message.
_SOURCES: Final = (
    "attach_policy_arns",
    "inline_policies",
    "well_known_policies",
    "role_arn",
)
_REQUIRED: Final = {
    "namespace": (
        "E-SA-NAMESPACE",
        "missing; write the namespace of the service account",
    ),
    "service_account_name": (
        "E-SA-NAME",
        "missing; write the name of the service account",
    ),
}
# Maps whose keys are the user's own.
_MAPS: Final = ("tags", "inline_policies", "labels", "annotations")


def entry_findings(
    entry: Entry,
    *,
    keys: Collection[str],
    raw: Mapping[str, object],
    broken: Collection[Path],
    partition: str | None,
) -> Iterator[Finding]:
    """Find every breach of a rule in one entry.

    Args:
        entry: The entry, less the parts at *broken*.
        keys: What an entry of its section may say.
        raw: The values of the entry as they were read.
        broken: Paths that were found wrong in structure already, and said so.
        partition: Partition of the cluster; None if its region is wrong.
    """
    pseudo_parameters = [*_pseudo_parameter_findings(entry)]
    said = {finding.path for finding in pseudo_parameters}
    for findings in (
        _missing_findings(entry, raw),
        _source_findings(entry, keys, broken),
        _policy_name_findings(entry, raw),
        _faults(entry, partition),
        pseudo_parameters,
        _scalar_findings(entry, raw),
        _key_findings(entry, raw),
    ):
        for finding in findings:
            again = finding.code == "W-NOT-REPLACED" and finding.path in said
            if finding.path not in broken and not again:
                yield finding


def _faults(entry: Entry, partition: str | None) -> Iterator[Finding]:
    asked = entry.asked(
        partition=partition or _ANY_PARTITION,
        region=_ANY_REGION,
        account_id=_ANY_ACCOUNT,
    )
    for field in _REQUIRED:
        if not asked[field]:
            del asked[field]
    for fault in asked_faults(
        {**asked, "identity": entry.identity}, partition=partition
    ):
        code, severity = fault.code, fault.severity
        if code == "E-NOT-MANAGED":  # eksctl takes such files
            code, severity = "W-NOT-MANAGED", "warning"
        path = entry.place(fault.path, at_key=fault.at_key)
        # The name of a policy is a value where the file has a key for it.
        at_key = fault.at_key and path != entry.places.get("inline_policy_name")
        yield Finding(path, code, fault.message, severity, at_key)
    for name, policy in asked.get("inline_policies", {}).items():
        for found in name_faults(policy):
            path = entry.place(("inline_policies", name, *found.path))
            yield Finding(path, found.code, found.message, "warning", found.at_key)


def _missing_findings(entry: Entry, raw: Mapping[str, object]) -> Iterator[Finding]:
    for field, (code, message) in _REQUIRED.items():
        if not entry.fields[field]:
            path = entry.places[field]
            # Where the map it belongs in is missing, that is what is missing.
            is_there = len(path) == 1 or isinstance(raw.get(str(path[0])), Mapping)
            yield Finding(path if is_there else path[:1], code, message)


def _source_findings(
    entry: Entry, keys: Collection[str], broken: Collection[Path]
) -> Iterator[Finding]:
    places = [str(entry.places[field][0]) for field in _SOURCES]
    # A source that is misspelt or broken was named already.
    unclear = any(
        path[0] in places or (len(path) == 1 and path[0] not in keys) for path in broken
    )
    if unclear or any(field in entry.fields for field in _SOURCES):
        return
    if entry.of_add_on:  # eksctl takes no well-known policies there
        places.remove(str(entry.places["well_known_policies"][0]))
    *others, last = places
    message = f"the entry grants nothing; give {', '.join(others)} or {last}"
    yield Finding((), "E-SA-NO-POLICY", message)


def _policy_name_findings(entry: Entry, raw: Mapping[str, object]) -> Iterator[Finding]:
    """Find a name of an inline policy that eksctl refuses.

    Source: facts on eksctl 0.231, permissionPolicyName.
    """
    place = entry.places.get("inline_policy_name", ())
    name = raw.get(str(place[0])) if place else None
    if not isinstance(name, str) or not name:
        return
    if "inline_policies" not in entry.fields:
        policy = entry.places["inline_policies"][0]
        message = f"names no policy; give {policy}, or take it out"
        yield Finding(place, "E-POLICY-NAME", message, at_key=True)
    elif not any(mark.isascii() and mark.isalnum() for mark in name):
        message = f"{name!r} has neither a letter nor a digit; eksctl wants one of them"
        yield Finding(place, "E-POLICY-NAME", message)


def _pseudo_parameter_findings(entry: Entry) -> Iterator[Finding]:
    for policy in entry.fields.get("inline_policies", {}).values():
        place = entry.places["inline_policies"]
        for path, variable in plain_pseudo_parameters(policy, place):
            message = (
                f"{variable} reaches IAM as it stands here; it is replaced in Fn::Sub "
                "alone: write {'Fn::Sub': '...'}"
            )
            yield Finding(path, "W-PSEUDO-PARAMETER", message, "warning")


def _scalar_findings(entry: Entry, raw: Mapping[str, object]) -> Iterator[Finding]:
    if "inline_policies" in entry.fields:
        place = entry.places["inline_policies"]
        yield from policy_scalar_findings(_value(raw, place), place)


def _key_findings(entry: Entry, raw: Mapping[str, object]) -> Iterator[Finding]:
    for field in _MAPS:
        if place := entry.places.get(field):
            yield from non_text_key_findings(_value(raw, place), place)


def _value(raw: object, place: Path) -> object:
    for step in place:
        if not isinstance(raw, Mapping):
            return None
        raw = cast("Mapping[object, object]", raw).get(step)
    return raw
