"""The rules of one entry of iam.serviceAccounts; paths begin at the entry."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final, cast

from eks_irsa.cluster_config.model import ServiceAccount
from eks_irsa.cluster_config.policy_scalars import policy_scalar_findings
from eks_irsa.cluster_config.text_rules import (
    annotation_findings,
    label_findings,
    tag_findings,
)
from eks_irsa.documents import arns, names
from eks_irsa.documents.policy_grammar import document_faults, partition_faults
from eks_irsa.documents.pseudo_parameters import (
    plain_pseudo_parameters,
    resolve_pseudo_parameters,
)
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
    raw: Mapping[str, object],
    broken: Collection[Path],
    partition: str | None,
) -> Iterator[Finding]:
    """Find every breach of a rule in one entry.

    Args:
        account: The entry, less the parts at *broken*.
        raw: The values of the entry as they were read.
        broken: Paths that were found wrong in structure already, and said so.
        partition: Partition of the cluster; None if its region is wrong.
    """
    for findings in (
        _metadata_findings(account),
        _source_findings(account, broken),
        _arn_findings(account, partition),
        _document_findings(account, raw, partition),
        _role_findings(account),
        _attach_role_findings(account),
        tag_findings(account.tags or {}, ("tags",)),
        _key_findings(raw),
    ):
        for finding in findings:
            if finding.path not in broken:
                yield finding


def _metadata_findings(account: ServiceAccount) -> Iterator[Finding]:
    metadata = account.metadata
    if not account.name:
        path = ("metadata",) if metadata is None else ("metadata", "name")
        message = "missing; write the name of the service account"
        yield Finding(path, "E-SA-NAME", message)
    elif fault := names.service_account_name_fault(account.name):
        yield Finding(("metadata", "name"), "E-SA-NAME", fault)
    if metadata is None:
        return
    if metadata.namespace and (fault := names.namespace_fault(metadata.namespace)):
        yield Finding(("metadata", "namespace"), "E-SA-NAMESPACE", fault)
    yield from label_findings(metadata.labels or {})
    yield from annotation_findings(metadata.annotations or {})


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


def _arn_findings(account: ServiceAccount, partition: str | None) -> Iterator[Finding]:
    first: set[str] = set()
    for index, arn in enumerate(account.attach_policy_arns or []):
        path: Path = ("attachPolicyARNs", index)
        yield from _policy_arn_findings(arn or "", path, "E-POLICY-ARN", partition)
        if arn and arn in first:
            message = f"{arn!r} is listed already; it is attached once"
            yield Finding(path, "W-POLICY-ARN-TWICE", message, "warning")
        first.add(arn or "")
    boundary = account.permissions_boundary
    if boundary is not None:
        path = ("permissionsBoundary",)
        yield from _policy_arn_findings(boundary, path, "E-BOUNDARY-ARN", partition)
    role = account.attach_role_arn
    if role is not None and not arns.is_role_arn(role):
        message = (
            f"{role!r} is not the ARN of a role; "
            "expected arn:<partition>:iam::<12 digits>:role/<name>"
        )
        yield Finding(("attachRoleARN",), "E-ROLE-ARN", message)
    elif role is not None:
        yield from _partition_findings(role, ("attachRoleARN",), partition)


def _policy_arn_findings(
    arn: str, path: Path, code: str, partition: str | None
) -> Iterator[Finding]:
    if arns.is_policy_arn(arn):
        yield from _partition_findings(arn, path, partition)
        return
    message = (
        f"{arn!r} is not the ARN of a policy; "
        "expected arn:<partition>:iam::<12 digits or 'aws'>:policy/<name>"
    )
    yield Finding(path, code, message)


def _partition_findings(
    arn: str, path: Path, partition: str | None
) -> Iterator[Finding]:
    if partition and arns.partition_of_arn(arn) != partition:
        message = (
            f"{arn!r} is in another partition than the cluster; "
            f"expected {arns.in_partition(arn, partition)!r}"
        )
        yield Finding(path, "E-PARTITION", message)


def _document_findings(
    account: ServiceAccount, raw: Mapping[str, object], partition: str | None
) -> Iterator[Finding]:
    if account.attach_policy is None:
        return
    document = resolve_pseudo_parameters(
        account.attach_policy,
        partition=partition or _ANY_PARTITION,
        region=_ANY_REGION,
        account_id=_ANY_ACCOUNT,
    )
    for fault in document_faults(document):
        path = ("attachPolicy", *fault.path)
        yield Finding(path, "E-POLICY-DOCUMENT", fault.message)
    if partition:
        for fault in partition_faults(document, partition=partition):
            path = ("attachPolicy", *fault.path)
            yield Finding(path, "E-PARTITION", fault.message)
    for path, variable in plain_pseudo_parameters(
        account.attach_policy, ("attachPolicy",)
    ):
        message = (
            f"{variable} reaches IAM as it stands here; it is replaced in Fn::Sub "
            "alone: write {'Fn::Sub': '...'}"
        )
        yield Finding(path, "W-PSEUDO-PARAMETER", message, "warning")
    yield from policy_scalar_findings(raw.get("attachPolicy"), ("attachPolicy",))


def _role_findings(account: ServiceAccount) -> Iterator[Finding]:
    if account.role_name and (fault := names.role_name_fault(account.role_name)):
        yield Finding(("roleName",), "E-ROLE-NAME", fault)
    pattern = account.subject_pattern
    if pattern and (fault := names.subject_pattern_fault(pattern)):
        yield Finding(("subjectPattern",), "E-SUBJECT-PATTERN", fault)
    elif pattern and "*" in pattern and pattern.replace("*", "") in {"", "?"}:
        message = (
            "lets every service account of the namespace assume the role; name the "
            "ones that should, such as 'worker-*'"
        )
        yield Finding(("subjectPattern",), "W-SUBJECT-PATTERN", message, "warning")


def _attach_role_findings(account: ServiceAccount) -> Iterator[Finding]:
    """Name what eksctl would drop without a word beside an existing role."""
    if not account.attach_role_arn:
        return  # an empty ARN is its own error, and none to eksctl
    for key, given in (
        ("attachPolicyARNs", account.attach_policy_arns),
        ("attachPolicy", account.attach_policy is not None),
        ("wellKnownPolicies", account.well_known_names),
        ("permissionsBoundary", account.permissions_boundary),
        ("roleName", account.role_name),
        ("roleOnly", account.role_only),
        ("subjectPattern", account.subject_pattern),
        ("tags", account.tags),
    ):
        if given:
            message = (
                "has no effect beside attachRoleARN, which uses a role as it is; "
                f"take {key} or attachRoleARN out"
            )
            yield Finding((key,), "E-ATTACH-ROLE", message, at_key=True)


def _key_findings(raw: Mapping[str, object]) -> Iterator[Finding]:
    for key in ("tags", "attachPolicy"):
        yield from non_text_key_findings(raw.get(key), (key,))
    metadata = raw.get("metadata")
    if isinstance(metadata, Mapping):
        for key in ("labels", "annotations"):
            section = cast("Mapping[str, object]", metadata).get(key)
            yield from non_text_key_findings(section, ("metadata", key))
