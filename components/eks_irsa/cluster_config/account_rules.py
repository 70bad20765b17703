"""The rules of one entry of iam.serviceAccounts; paths begin at the entry."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final, cast

from eks_irsa.aws_names.policy_names import name_faults
from eks_irsa.cluster_config.entries import Entry
from eks_irsa.cluster_config.model import ServiceAccount
from eks_irsa.cluster_config.policy_scalars import policy_scalar_findings
from eks_irsa.documents.pseudo_parameters import plain_pseudo_parameters
from eks_irsa.identity.decision import asked_faults
from eks_irsa.source.findings import Finding, Path, non_text_key_findings

__all__ = ["account_findings"]

# What stands in for partition, region and account while a policy is only checked.
_ANY_PARTITION: Final = "aws"
_ANY_REGION: Final = "us-east-1"
_ANY_ACCOUNT: Final = "000000000000"
_POLICY_SOURCES: Final = (
    "attachPolicyARNs",
    "attachPolicy",
    "wellKnownPolicies",
    "attachRoleARN",
)
_KEYS: Final = frozenset(
    field.alias or name for name, field in ServiceAccount.model_fields.items()
)


def account_findings(
    account: ServiceAccount,
    *,
    entry: Entry,
    raw: Mapping[str, object],
    broken: Collection[Path],
    partition: str | None,
) -> Iterator[Finding]:
    """Find every breach of a rule in one entry.

    Args:
        account: The entry, less the parts at *broken*.
        entry: The same in the fields of `identity`.
        raw: The values of the entry as they were read.
        broken: Paths that were found wrong in structure already, and said so.
        partition: Partition of the cluster; None if its region is wrong.
    """
    pseudo_parameters = [*_pseudo_parameter_findings(account)]
    said = {finding.path for finding in pseudo_parameters}
    for findings in (
        _name_findings(account),
        _source_findings(account, broken),
        _faults(entry, partition),
        pseudo_parameters,
        _scalar_findings(account, raw),
        _key_findings(raw),
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
    if not entry.name:
        del asked["service_account_name"]
    for fault in asked_faults(asked, partition=partition):
        code, severity = fault.code, fault.severity
        if code == "E-NOT-MANAGED":  # eksctl takes such files
            code, severity = "W-NOT-MANAGED", "warning"
        path = entry.place(fault.path)
        yield Finding(path, code, fault.message, severity, fault.at_key)
    for name, policy in asked.get("inline_policies", {}).items():
        for found in name_faults(policy):
            path = entry.place(("inline_policies", name, *found.path))
            yield Finding(path, found.code, found.message, "warning", found.at_key)


def _name_findings(account: ServiceAccount) -> Iterator[Finding]:
    if not account.name:
        path = ("metadata",) if account.metadata is None else ("metadata", "name")
        message = "missing; write the name of the service account"
        yield Finding(path, "E-SA-NAME", message)


def _source_findings(
    account: ServiceAccount, broken: Collection[Path]
) -> Iterator[Finding]:
    # A source that is misspelt or broken was named already.
    unclear = any(
        path[0] in _POLICY_SOURCES or (len(path) == 1 and path[0] not in _KEYS)
        for path in broken
    )
    has_source = (
        account.attach_policy_arns
        or account.attach_policy is not None
        or account.well_known_names
        or account.attach_role_arn is not None
    )
    if not has_source and not unclear:
        message = (
            "the entry grants nothing; give attachPolicyARNs, attachPolicy, "
            "wellKnownPolicies or attachRoleARN"
        )
        yield Finding((), "E-SA-NO-POLICY", message)


def _pseudo_parameter_findings(account: ServiceAccount) -> Iterator[Finding]:
    if account.attach_policy is None:
        return
    for path, variable in plain_pseudo_parameters(
        account.attach_policy, ("attachPolicy",)
    ):
        message = (
            f"{variable} reaches IAM as it stands here; it is replaced in Fn::Sub "
            "alone: write {'Fn::Sub': '...'}"
        )
        yield Finding(path, "W-PSEUDO-PARAMETER", message, "warning")


def _scalar_findings(
    account: ServiceAccount, raw: Mapping[str, object]
) -> Iterator[Finding]:
    if account.attach_policy is not None:
        yield from policy_scalar_findings(raw.get("attachPolicy"), ("attachPolicy",))


def _key_findings(raw: Mapping[str, object]) -> Iterator[Finding]:
    for key in ("tags", "attachPolicy"):
        yield from non_text_key_findings(raw.get(key), (key,))
    metadata = raw.get("metadata")
    if isinstance(metadata, Mapping):
        for key in ("labels", "annotations"):
            section = cast("Mapping[str, object]", metadata).get(key)
            yield from non_text_key_findings(section, ("metadata", key))
