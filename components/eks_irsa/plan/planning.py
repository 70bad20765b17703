"""Decide everything a stack will make, or name what AWS would refuse of it."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from eks_irsa.cluster_config.model import ClusterConfig, ServiceAccount
from eks_irsa.cluster_config.reading import ClusterConfigFile
from eks_irsa.cluster_config.rules import ROLE_ARN_ANNOTATION
from eks_irsa.documents import arns, names
from eks_irsa.documents.permission_policy import (
    canonical_json,
    resolve_pseudo_parameters,
)
from eks_irsa.documents.role_name import role_name
from eks_irsa.documents.trust_policy import DEFAULT_AUDIENCE, subject, trust_policy
from eks_irsa.documents.well_known_policies import well_known_policy
from eks_irsa.errors import InvalidInputError
from eks_irsa.plan.entry_settings import EntrySettings, entry_settings
from eks_irsa.plan.model import (
    Cluster,
    InlinePolicy,
    Mode,
    Plan,
    RolePlan,
    ServiceAccountPlan,
)
from eks_irsa.plan.role_limits import limit_findings, over
from eks_irsa.settings.globs import is_literal, matches_any
from eks_irsa.settings.model import Settings
from eks_irsa.settings.reading import StackSettings
from eks_irsa.source.findings import Finding, Path

__all__ = ["plan"]

_AUDIENCE_ANNOTATION: Final = "eks.amazonaws.com/audience"
_MANAGED_BY_LABEL: Final = "app.kubernetes.io/managed-by"
_INLINE_POLICY_NAME: Final = "attachPolicy"


def plan(
    file: ClusterConfigFile,
    *,
    stack_settings: StackSettings,
    cluster: Cluster,
    stack: str | None = None,
) -> Plan:
    """Decide everything a stack will make.

    Args:
        file: The checked ClusterConfig.
        stack_settings: The stack's checked settings.
        cluster: Facts of the cluster, or `Cluster.assumed_for` to check alone.
        stack: `<organization>/<project>/<stack>`, written on roles. Default: no tag.

    Returns:
        The plan; equal arguments give equal plans.

    Raises:
        InvalidInputError: AWS or Kubernetes would refuse what file and settings ask
            for together; holds every problem, the file's first.
    """
    planner = _Planner(file.config, stack_settings.settings, cluster, stack)
    result = planner.plan()
    in_file = file.problems(planner.in_file)
    in_settings = stack_settings.problems(planner.in_settings)
    found = [*in_file, *in_settings]
    errors = [problem for problem in found if problem.severity == "error"]
    if errors:
        raise InvalidInputError(errors)
    return Plan(
        cluster=cluster,
        audience=stack_settings.settings.audience,
        with_provider=bool(file.config.iam and file.config.iam.with_oidc),
        namespaces=tuple(planner.namespaces(result)),
        service_accounts=tuple(result),
        warnings=(*file.warnings, *found),
    )


class _Planner:
    """Plans the entries of one file and gathers what is wrong with them."""

    def __init__(
        self,
        config: ClusterConfig,
        settings: Settings,
        cluster: Cluster,
        stack: str | None,
    ) -> None:
        self._config = config
        self._settings = settings
        self._limits = settings.limits.limits()
        self._cluster = cluster
        self._stack = stack
        self.in_file: list[Finding] = []
        self.in_settings: list[Finding] = []

    def plan(self) -> list[ServiceAccountPlan]:
        self._check_account()
        accounts = (self._config.iam and self._config.iam.service_accounts) or []
        plans: list[ServiceAccountPlan] = []
        roles: dict[str, str] = {}
        left_out = 0
        for index, account in enumerate(accounts):
            if account is None:
                continue
            key = _key(account)
            if not self._belongs(key):
                left_out += 1
                continue
            path: Path = ("iam", "serviceAccounts", index)
            entry = self._entry(account, path)
            plans.append(entry)
            self._check_role_name(entry, path, roles)
        self._check_patterns([_key(account) for account in accounts if account])
        if left_out:
            message = (
                f"{left_out} of {len(accounts)} entries do not belong to this stack "
                "(settings include and exclude); what it made for them goes with the "
                "next up"
            )
            path = ("iam", "serviceAccounts")
            self.in_file.append(Finding(path, "W-FILTERED", message, "warning"))
        return plans

    def namespaces(self, entries: list[ServiceAccountPlan]) -> Iterator[str]:
        if not self._settings.create_namespaces:
            return
        yield from dict.fromkeys(
            entry.namespace
            for entry in entries
            if entry.mode != "roleOnly"
            and entry.namespace not in names.BUILT_IN_NAMESPACES
        )

    def _check_account(self) -> None:
        expected, actual = self._settings.account_id, self._cluster.account_id
        if expected and expected != actual and not self._cluster.assumed:
            message = (
                f"the cluster {self._cluster.arn} is not in the account {expected!r}; "
                "use the credentials of that account, or correct the setting"
            )
            self.in_settings.append(Finding(("accountId",), "E-ACCOUNT", message))

    def _belongs(self, key: str) -> bool:
        include, exclude = self._settings.include, self._settings.exclude
        if matches_any(tuple(exclude), key):
            return False
        return not include or matches_any(tuple(include), key)

    def _check_patterns(self, keys: list[str]) -> None:
        settings = self._settings
        if settings.include and not any(
            matches_any(tuple(settings.include), key) for key in keys
        ):
            message = "matches no entry of the ClusterConfig; expected at least one"
            self.in_settings.append(Finding(("include",), "E-GLOB-NOMATCH", message))
        for name, patterns in (
            ("overrides", list(settings.overrides)),
            ("overrideExisting", settings.override_existing),
            ("exclude", settings.exclude),
        ):
            for index, pattern in enumerate(patterns):
                if is_literal(pattern) and pattern not in keys:
                    path = (name, pattern if name == "overrides" else index)
                    message = f"{pattern!r} is no entry of the ClusterConfig"
                    finding = Finding(path, "W-NO-ENTRY", message, "warning")
                    self.in_settings.append(finding)

    def _check_role_name(
        self, entry: ServiceAccountPlan, path: Path, roles: dict[str, str]
    ) -> None:
        if entry.role is None:
            return
        # IAM keeps names unique without regard to case.
        first = roles.setdefault(entry.role.name.lower(), entry.key)
        if first != entry.key:
            message = f"{entry.role.name!r} is the name of {first!r}'s role already"
            self.in_file.append(
                Finding((*path, "roleName"), "E-ROLE-NAME-DUP", message)
            )

    def _entry(self, account: ServiceAccount, path: Path) -> ServiceAccountPlan:
        metadata = account.metadata
        name = (metadata and metadata.name) or ""
        namespace = (metadata and metadata.namespace) or "default"
        extras, wrong = entry_settings(
            self._settings,
            key=f"{namespace}/{name}",
            partition=self._cluster.partition,
        )
        self.in_settings += [
            finding for finding in wrong if finding not in self.in_settings
        ]
        mode = self._mode(account, f"{namespace}/{name}")
        role = None
        if account.attach_role_arn is None:
            role = self._role(account, namespace, name, extras, path)
        role_arn = role.arn if role else account.attach_role_arn or ""
        labels, annotations = self._texts(account, mode, role_arn, extras)
        size = sum(len(text.encode()) for pair in annotations.items() for text in pair)
        if size > self._limits.annotation_bytes:
            message = over(size, self._limits.annotation_bytes, "bytes of annotations")
            at = (*path, "metadata", "annotations")
            self.in_file.append(Finding(at, "E-LIMIT-ANNOTATIONS", message))
        return ServiceAccountPlan(
            namespace=namespace,
            name=name,
            mode=mode,
            labels=labels,
            annotations=annotations,
            role_arn=role_arn,
            attach_role_arn=account.attach_role_arn,
            role=role,
        )

    def _mode(self, account: ServiceAccount, key: str) -> Mode:
        if account.role_only or self._settings.kubernetes == "off":
            return "roleOnly"
        if matches_any(tuple(self._settings.override_existing), key):
            return "patch"
        return "create"

    def _texts(
        self,
        account: ServiceAccount,
        mode: Mode,
        role_arn: str,
        extras: EntrySettings,
    ) -> tuple[Mapping[str, str], Mapping[str, str]]:
        if mode == "roleOnly":
            return MappingProxyType({}), MappingProxyType({})
        metadata = account.metadata
        labels = _texts(metadata and metadata.labels)
        if mode == "create" and extras.managed_by_label:
            labels = {_MANAGED_BY_LABEL: extras.managed_by_label} | labels
        annotations = _texts(metadata and metadata.annotations)
        annotations |= {ROLE_ARN_ANNOTATION: role_arn}
        if self._settings.audience != DEFAULT_AUDIENCE:
            annotations |= {_AUDIENCE_ANNOTATION: self._settings.audience}
        return MappingProxyType(labels), MappingProxyType(annotations)

    def _role(
        self,
        account: ServiceAccount,
        namespace: str,
        name: str,
        extras: EntrySettings,
        path: Path,
    ) -> RolePlan:
        cluster = self._cluster
        given = account.role_name or ""
        derived = role_name(
            cluster_arn=cluster.arn,
            cluster=cluster.name,
            namespace=namespace,
            name=name,
        )
        boundary = account.permissions_boundary
        role = RolePlan(
            name=given or derived,
            name_given=bool(given),
            path=extras.path,
            arn=arns.role_arn(
                partition=cluster.partition,
                account_id=cluster.account_id,
                path=extras.path,
                name=given or derived,
            ),
            description=(
                f"IRSA: {subject(namespace=namespace, service_account=name)} "
                f"of EKS cluster {cluster.name} in {cluster.region}"
            ),
            permissions_boundary=extras.boundary(boundary),
            managed_policy_arns=self._managed(account),
            inline_policies=self._inline(account),
            subject_pattern=account.subject_pattern or None,
            assume_role_policy=trust_policy(
                provider_arn=cluster.provider_arn,
                namespace=namespace,
                service_account=account.subject_pattern or name,
                audience=self._settings.audience,
            ),
            tags=self._tags(account, namespace, name, extras),
            max_session_duration_seconds=extras.max_session_duration_seconds,
        )
        findings = limit_findings(role, account, self._limits, cluster)
        self.in_file += [
            finding._replace(path=(*path, *finding.path)) for finding in findings
        ]
        return role

    def _managed(self, account: ServiceAccount) -> tuple[str, ...]:
        own = [arn for arn in account.attach_policy_arns or [] if arn]
        well_known = [
            arn
            for name in _well_known(account)
            for arn in well_known_policy(
                name=name, partition=self._cluster.partition
            ).managed_policy_arns
        ]
        return tuple(dict.fromkeys([*own, *well_known]))

    def _inline(self, account: ServiceAccount) -> tuple[InlinePolicy, ...]:
        documents: list[tuple[str, object]] = []
        if account.attach_policy is not None:
            document = resolve_pseudo_parameters(
                account.attach_policy,
                partition=self._cluster.partition,
                region=self._cluster.region,
                account_id=self._cluster.account_id,
            )
            documents.append((_INLINE_POLICY_NAME, document))
        for name in _well_known(account):
            policy = well_known_policy(name=name, partition=self._cluster.partition)
            documents += [
                (inline.name, inline.document) for inline in policy.inline_policies
            ]
        return tuple(
            InlinePolicy(name=name, document=canonical_json(document))
            for name, document in documents
        )

    def _tags(
        self,
        account: ServiceAccount,
        namespace: str,
        name: str,
        extras: EntrySettings,
    ) -> Mapping[str, str]:
        metadata = self._config.metadata
        own = {
            "eks-irsa/cluster": self._cluster.arn,
            "eks-irsa/namespace": namespace,
            "eks-irsa/service-account": name,
        }
        if self._stack:
            own["eks-irsa/stack"] = self._stack
        layers = (
            extras.default_tags,
            _texts(metadata and metadata.tags),
            _texts(account.tags),
            extras.override_tags,
            own,
        )
        # IAM takes keys that differ in case for one, so a later layer replaces such a
        # key instead of standing beside it.
        tags: dict[str, tuple[str, str]] = {}
        for layer in layers:
            for key, value in layer.items():
                tags[key.lower()] = (key, value)
        return MappingProxyType(dict(sorted(tags.values())))


def _well_known(account: ServiceAccount) -> tuple[str, ...]:
    return account.well_known_policies.names() if account.well_known_policies else ()


def _key(account: ServiceAccount) -> str:
    metadata = account.metadata
    namespace = (metadata and metadata.namespace) or "default"
    return f"{namespace}/{(metadata and metadata.name) or ''}"


def _texts(texts: Mapping[str, str | None] | None) -> dict[str, str]:
    return {key: value or "" for key, value in (texts or {}).items()}
