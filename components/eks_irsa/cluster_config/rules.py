"""What a ClusterConfig must mean to be used: eksctl's rules, and where we are stricter.

Structure and types hold already when these run. Each rule looks at the model and
reports every breach; limits that depend on the stack's settings are checked in `plan`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, cast

from eks_irsa.cluster_config.model import ClusterConfig, Iam, ServiceAccount
from eks_irsa.documents import arns, names, permission_policy
from eks_irsa.documents.trust_policy import DEFAULT_AUDIENCE
from eks_irsa.source.findings import Finding, Path, non_text_key_findings
from eks_irsa.source.yaml_text import Items, KeyOrIndex, Pairs

__all__ = ["ROLE_ARN_ANNOTATION", "findings"]

ROLE_ARN_ANNOTATION: Final = "eks.amazonaws.com/role-arn"
# Annotations of ours that people misspell; the webhook ignores what it does not know.
# Source: https://github.com/aws/amazon-eks-pod-identity-webhook/issues/200
_WEBHOOK_PREFIX: Final = "eks.amazonaws.com/"
_NEAR_PREFIXES: Final = (
    "eks.amazon.com/",
    "eks.amazonaws.com.cn/",
    "eks.aws.com/",
    "eks.aws.amazon.com/",
    "iam.amazonaws.com/",
)
_API_VERSION: Final = "eksctl.io/v1alpha5"
_KIND: Final = "ClusterConfig"
# Tags we put on roles ourselves.
_OWN_TAG_PREFIX: Final = "eks-irsa/"
# Source: https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html
_MAX_CLUSTER_NAME: Final = 100
# What stands in for account and partition while a document is only checked.
_ANY_ACCOUNT: Final = "000000000000"

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
    yield from _header_findings(config, raw, broken)
    yield from _oidc_findings(config, broken)
    partition = arns.partition_of_region(
        (config.metadata.region if config.metadata else None) or ""
    )
    iam = config.iam or Iam.model_construct()
    first: dict[tuple[str, str], int] = {}
    for index, account in enumerate(iam.service_accounts or []):
        path = (*_ACCOUNTS, index)
        if account is None:
            if path not in broken:
                yield Finding(path, "E-TYPE", "expected a map, got nothing")
            continue
        rules = _AccountRules(account, path, _at(raw, path), broken, partition)
        yield from rules.findings()
        metadata = account.metadata
        if metadata and metadata.name:
            identity = (metadata.namespace or "default", metadata.name)
            earlier = first.setdefault(identity, index)
            if earlier != index:
                message = (
                    f"'{'/'.join(identity)}' is listed already as "
                    f"iam.serviceAccounts[{earlier}]; merge the two"
                )
                yield Finding((*path, "metadata", "name"), "E-SA-DUP", message)
    yield from _not_made_here(config)


def _header_findings(
    config: ClusterConfig, raw: Mapping[str, object], broken: Collection[Path]
) -> Iterator[Finding]:
    for key, value, expected, code in (
        ("apiVersion", config.api_version, _API_VERSION, "E-API-VERSION"),
        ("kind", config.kind, _KIND, "E-KIND"),
    ):
        if value != expected and (key,) not in broken:
            got = f"got {value!r}" if value is not None else "it is missing"
            yield Finding((key,), code, f"expected '{expected}', {got}")
    metadata = config.metadata
    if metadata is None:
        if ("metadata",) not in broken:
            message = "missing; write the cluster's name and region"
            yield Finding(("metadata",), "E-KEY-MISSING", message)
        return
    path = ("metadata", "name")
    if path not in broken and (fault := _cluster_name_fault(metadata.name or "")):
        yield Finding(path, "E-CLUSTER-NAME", fault)
    path = ("metadata", "region")
    region = metadata.region or ""
    if path not in broken and not arns.partition_of_region(region):
        message = f"{region!r} is not an AWS region; expected one such as 'us-west-2'"
        yield Finding(path, "E-REGION", message)
    yield from _tag_findings(metadata.tags or {}, ("metadata", "tags"))
    tags = cast("Mapping[str, object]", raw.get("metadata") or {}).get("tags")
    yield from non_text_key_findings(tags, ("metadata", "tags"))


def _cluster_name_fault(name: str) -> str | None:
    if 1 <= len(name) <= _MAX_CLUSTER_NAME and name.isascii() and name[0].isalnum():
        if all(character.isalnum() or character in "-_" for character in name):
            return None
    return (
        f"{name!r} cannot name an EKS cluster; a name has 1 to 100 letters, digits, "
        "'-' and '_' and begins with a letter or digit"
    )


def _oidc_findings(
    config: ClusterConfig, broken: Collection[Path]
) -> Iterator[Finding]:
    iam = config.iam or Iam.model_construct()
    path = ("iam", "withOIDC")
    if path in broken:
        return
    if iam.service_accounts and not iam.with_oidc:
        message = (
            "iam.serviceAccounts are listed, and their roles trust the cluster's OIDC "
            "provider; write withOIDC: true under iam"
        )
        yield Finding(path, "E-OIDC-REQUIRED", message)
    if config.outpost is not None and iam.with_oidc:
        message = "clusters on Outposts have no OIDC provider; take withOIDC: true out"
        yield Finding(path, "E-OIDC-OUTPOST", message)
    if config.karpenter is not None and not iam.with_oidc:
        message = "karpenter needs the cluster's OIDC provider; write withOIDC: true"
        yield Finding(path, "E-OIDC-KARPENTER", message)
    if _ipv6_needs_identity(config) and not iam.with_oidc:
        message = (
            "vpc-cni on an IPv6 cluster needs a role; write withOIDC: true, or list "
            "the addon eks-pod-identity-agent"
        )
        yield Finding(path, "E-IPV6-IDENTITY", message)


def _ipv6_needs_identity(config: ClusterConfig) -> bool:
    match config.kubernetes_network_config:
        case {"ipFamily": str(family)} if family.casefold() == "ipv6":
            pass
        case _:
            return False
    match config.auto_mode_config:
        case {"enabled": True}:
            return False
        case _:
            pass
    listed = {name for _, name, _ in _addons(config)}
    return "vpc-cni" in listed and "eks-pod-identity-agent" not in listed


def _addons(config: ClusterConfig) -> Iterator[tuple[int, str, Mapping[str, object]]]:
    if isinstance(config.addons, list):
        for index, addon in enumerate(cast("list[object]", config.addons)):
            match addon:
                case {"name": str(name)}:
                    yield index, name, cast("Mapping[str, object]", addon)
                case _:
                    pass


def _not_made_here(config: ClusterConfig) -> Iterator[Finding]:
    if config.iam and config.iam.pod_identity_associations:
        message = "EKS Pod Identity associations are not made by eks-irsa yet"
        path = ("iam", "podIdentityAssociations")
        yield Finding(path, "W-NOT-MADE", message, "warning", at_key=True)
    for index, name, addon in _addons(config):
        for key in (
            "serviceAccountRoleARN",
            "attachPolicyARNs",
            "attachPolicy",
            "wellKnownPolicies",
            "permissionsBoundary",
        ):
            if addon.get(key):
                message = f"the role of the addon {name!r} is not made by eks-irsa yet"
                path = ("addons", index, key)
                yield Finding(path, "W-NOT-MADE", message, "warning", at_key=True)


class _AccountRules:
    """The rules of one entry of iam.serviceAccounts."""

    def __init__(
        self,
        account: ServiceAccount,
        path: Path,
        raw: Mapping[str, object],
        broken: Collection[Path],
        partition: str | None,
    ) -> None:
        self._account = account
        self._path = path
        self._raw = raw
        self._partition = partition
        depth = len(path)
        self._broken = {inner[depth:] for inner in broken if inner[:depth] == path}

    def findings(self) -> Iterator[Finding]:
        for finding in self._relative():
            if finding.path not in self._broken:
                yield finding._replace(path=(*self._path, *finding.path))

    def _relative(self) -> Iterator[Finding]:
        yield from self._metadata()
        yield from self._policy_source()
        yield from self._policies()
        yield from self._role()
        for key in ("tags", "attachPolicy"):
            yield from non_text_key_findings(self._raw.get(key), (key,))
        yield from _tag_findings(self._account.tags or {}, ("tags",))

    def _metadata(self) -> Iterator[Finding]:
        metadata = self._account.metadata
        if metadata is None:
            message = "missing; write the name of the service account"
            yield Finding(("metadata",), "E-SA-NAME", message)
            return
        path: Path = ("metadata", "name")
        if not metadata.name:
            message = "missing; write the name of the service account"
            yield Finding(path, "E-SA-NAME", message)
        elif fault := names.service_account_name_fault(metadata.name):
            yield Finding(path, "E-SA-NAME", fault)
        if metadata.namespace and (fault := names.namespace_fault(metadata.namespace)):
            yield Finding(("metadata", "namespace"), "E-SA-NAMESPACE", fault)
        path = ("metadata", "labels")
        for key, value in (metadata.labels or {}).items():
            if fault := names.label_key_fault(key):
                yield Finding((*path, key), "E-LABEL", fault, at_key=True)
            if fault := names.label_value_fault(value or ""):
                yield Finding((*path, key), "E-LABEL", fault)
        for key, value in (metadata.annotations or {}).items():
            yield from _annotation_findings(key, value or "")
        raw = self._raw.get("metadata")
        for key in ("labels", "annotations"):
            section = cast("Mapping[str, object]", raw).get(key)
            yield from non_text_key_findings(section, ("metadata", key))

    def _policy_source(self) -> Iterator[Finding]:
        account = self._account
        sources = {"attachPolicyARNs", "attachPolicy", "attachRoleARN"}
        unclear = sources | {"wellKnownPolicies"}
        if any(
            len(inner) == 1 and (inner[0] not in ServiceAccount.model_fields)
            for inner in self._broken
        ) or any(inner[:1] == (name,) for inner in self._broken for name in unclear):
            return  # a misspelt or broken source: said already
        if not (
            account.attach_policy_arns
            or account.attach_policy is not None
            or (account.well_known_policies and account.well_known_policies.names())
            or account.attach_role_arn is not None
        ):
            message = (
                "the entry grants nothing; give attachPolicyARNs, attachPolicy, "
                "wellKnownPolicies or attachRoleARN"
            )
            yield Finding((), "E-SA-NO-POLICY", message)

    def _policies(self) -> Iterator[Finding]:
        account = self._account
        for index, arn in enumerate(account.attach_policy_arns or []):
            path: Path = ("attachPolicyARNs", index)
            yield from self._arn(arn or "", path, "policy", "E-POLICY-ARN")
            if arn and arn in (account.attach_policy_arns or [])[:index]:
                message = f"{arn!r} is listed already; it is attached once"
                yield Finding(path, "W-POLICY-ARN-TWICE", message, "warning")
        if account.permissions_boundary is not None:
            boundary = account.permissions_boundary
            path = ("permissionsBoundary",)
            yield from self._arn(boundary, path, "policy", "E-BOUNDARY-ARN")
        if account.attach_policy is not None:
            document = permission_policy.resolve_pseudo_parameters(
                account.attach_policy,
                partition=self._partition or "aws",
                region="us-east-1",
                account_id=_ANY_ACCOUNT,
            )
            for fault in permission_policy.document_faults(document):
                path = ("attachPolicy", *fault.path)
                yield Finding(path, "E-POLICY-DOCUMENT", fault.message)
            yield from _ambiguous_scalars(self._raw.get("attachPolicy"))

    def _role(self) -> Iterator[Finding]:
        account = self._account
        if account.role_name and (fault := names.role_name_fault(account.role_name)):
            yield Finding(("roleName",), "E-ROLE-NAME", fault)
        pattern = account.subject_pattern
        if pattern and (fault := names.subject_pattern_fault(pattern)):
            yield Finding(("subjectPattern",), "E-SUBJECT-PATTERN", fault)
        elif pattern and not pattern.strip("*"):
            message = (
                "lets every service account of the namespace assume the role; name "
                "the ones that should, such as 'worker-*'"
            )
            path: Path = ("subjectPattern",)
            yield Finding(path, "W-SUBJECT-PATTERN", message, "warning")
        if account.attach_role_arn is not None:
            path = ("attachRoleARN",)
            yield from self._arn(account.attach_role_arn, path, "role", "E-ROLE-ARN")
            yield from self._attach_role_conflicts()

    def _attach_role_conflicts(self) -> Iterator[Finding]:
        account = self._account
        for key, given in (
            ("attachPolicyARNs", account.attach_policy_arns),
            ("attachPolicy", account.attach_policy),
            (
                "wellKnownPolicies",
                account.well_known_policies and account.well_known_policies.names(),
            ),
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

    def _arn(self, arn: str, path: Path, kind: str, code: str) -> Iterator[Finding]:
        is_one = arns.is_role_arn if kind == "role" else arns.is_policy_arn
        if not is_one(arn):
            account = "12 digits" if kind == "role" else "12 digits or 'aws'"
            message = (
                f"{arn!r} is not the ARN of a {kind}; "
                f"expected arn:<partition>:iam::<{account}>:{kind}/<name>"
            )
            yield Finding(path, code, message)
        elif self._partition and arns.partition_of_arn(arn) != self._partition:
            right = ":".join(["arn", self._partition, *arn.split(":")[2:]])
            message = (
                f"{arn!r} is in another partition than the cluster; expected {right!r}"
            )
            yield Finding(path, "E-PARTITION", message)


def _annotation_findings(key: str, value: str) -> Iterator[Finding]:
    path = ("metadata", "annotations", key)
    if fault := names.annotation_key_fault(key):
        yield Finding(path, "E-ANNOTATION", fault, at_key=True)
    name = key.rpartition("/")[2].replace("_", "-").casefold()
    if key == ROLE_ARN_ANNOTATION:
        message = (
            "is written by eks-irsa itself, so a value of your own would be lost; to "
            "use an existing role give its ARN as attachRoleARN"
        )
        yield Finding(path, "E-ROLE-ARN-ANNOTATION", message, at_key=True)
    elif key.casefold().startswith(_NEAR_PREFIXES) or (
        key.casefold().startswith(_WEBHOOK_PREFIX) and key != _WEBHOOK_PREFIX + name
    ):
        message = (
            f"the pod identity webhook does not know {key!r}; did you mean "
            f"'{_WEBHOOK_PREFIX}{name}'?"
        )
        yield Finding(path, "E-ANNOTATION-NEAR-MISS", message, at_key=True)
    elif key == _WEBHOOK_PREFIX + "audience" and value != DEFAULT_AUDIENCE:
        message = (
            f"pods would get tokens for {value!r}, which a role trusting "
            f"{DEFAULT_AUDIENCE!r} refuses; set the audience of the stack instead"
        )
        yield Finding(path, "W-AUDIENCE", message, "warning")


def _tag_findings(tags: Mapping[str, str | None], path: Path) -> Iterator[Finding]:
    texts = {key: value or "" for key, value in tags.items()}
    for key, value in texts.items():
        fault = names.tag_fault(key, value)
        if key.startswith(_OWN_TAG_PREFIX):
            fault = f"tags that begin with {_OWN_TAG_PREFIX!r} are written by eks-irsa"
        if fault:
            yield Finding((*path, key), "E-TAG", fault, at_key=True)
    for earlier, later in names.same_tag_keys(texts):
        message = f"IAM takes {later!r} and {earlier!r} for one key; keep one of them"
        yield Finding((*path, later), "E-TAG", message, at_key=True)


# How YAML 1.1 spells booleans that people mean as text, and numbers Go reads its way.
_CLEAR_BOOLEANS: Final = frozenset({"true", "false"})


def _ambiguous_scalars(
    value: object, path: Path = ("attachPolicy",)
) -> Iterator[Finding]:
    """Name scalars of a policy that YAML 1.1 silently turns into something else."""
    entries: Iterable[tuple[str | int, object, str | None]] = ()
    if isinstance(value, Pairs):
        entries = (
            (key, inner, value.value_places[key].written)
            for key, inner in value.items()
        )
    elif isinstance(value, Items):
        entries = (
            (index, inner, value.places[index].written)
            for index, inner in enumerate(value)
        )
    for step, inner, written in entries:
        if (isinstance(inner, bool) and written not in _CLEAR_BOOLEANS) or (
            isinstance(inner, int | float)
            and not isinstance(inner, bool)
            and written != str(inner)
        ):
            message = (
                f'YAML reads {written} as {str(inner).lower()}; quote it: "{written}"'
            )
            yield Finding((*path, step), "E-TYPE", message)
        yield from _ambiguous_scalars(inner, (*path, step))


def _at(raw: Mapping[str, object], path: Path) -> Mapping[str, object]:
    value: object = raw
    for step in path:
        value = cast("Mapping[KeyOrIndex, object]", value)[step]
    return cast("Mapping[str, object]", value)
