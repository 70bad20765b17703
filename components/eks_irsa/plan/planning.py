"""Decide everything a stack will make, or name what AWS would refuse of it."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from eks_irsa.cluster_config.model import ServiceAccount
from eks_irsa.cluster_config.reading import ClusterConfigFile
from eks_irsa.documents import arns
from eks_irsa.documents.names import BUILT_IN_NAMESPACES
from eks_irsa.documents.trust_policy import DEFAULT_AUDIENCE
from eks_irsa.documents.webhook import AUDIENCE_ANNOTATION, ROLE_ARN_ANNOTATION
from eks_irsa.errors import InvalidInputError
from eks_irsa.plan.entry_settings import (
    EntrySettings,
    ambiguity_findings,
    boundary_findings,
    entry_settings,
)
from eks_irsa.plan.filters import belongs, filter_findings
from eks_irsa.plan.model import Cluster, Mode, Plan, RolePlan, ServiceAccountPlan
from eks_irsa.plan.renames import former_keys, rename_findings
from eks_irsa.plan.role_limits import annotation_limit_findings, role_limit_findings
from eks_irsa.plan.role_planning import Facts, plain_texts, plan_role
from eks_irsa.settings.globs import matches_any
from eks_irsa.settings.model import Settings
from eks_irsa.settings.reading import StackSettings
from eks_irsa.source.findings import Finding, Path, at_most, in_file_order

__all__ = ["plan"]

_MANAGED_BY_LABEL: Final = "app.kubernetes.io/managed-by"
# By these Helm knows its objects; whoever overwrites them keeps it from upgrading.
# Source: https://helm.sh/docs/chart_best_practices/labels/, and validate.go of
# helm/helm, pkg/action, which refuses an object without them.
_HELM_KEYS: Final = (
    _MANAGED_BY_LABEL,
    "meta.helm.sh/release-name",
    "meta.helm.sh/release-namespace",
)
_ACCOUNTS: Final[Path] = ("iam", "serviceAccounts")


def plan(
    file: ClusterConfigFile,
    *,
    stack_settings: StackSettings,
    cluster: Cluster,
    stack: str | None = None,
) -> Plan:
    """Decide everything a stack will make.

    Args:
        file: The checked ClusterConfig. Of one that was read `partly` and has errors
            nothing is planned, and the limits of what is right are named beside them.
        stack_settings: The stack's checked settings.
        cluster: Facts of the cluster, or `Cluster.assumed_for` to check alone.
        stack: `<organization>/<project>/<stack>`, written on roles. Default: no tag.

    Returns:
        The plan; equal arguments give equal plans.

    Raises:
        InvalidInputError: AWS or Kubernetes would refuse what file and settings ask
            for together; holds every problem and warning, the file's first.
    """
    settings = stack_settings.settings
    planner = _Planner(
        Facts(config=file.config, settings=settings, cluster=cluster, stack=stack)
    )
    entries = planner.entries(has_all=not file.errors)
    in_file = file.problems(at_most(planner.in_file))
    found = [
        *in_file_order([*file.errors, *file.warnings, *in_file]),
        *stack_settings.problems(planner.in_settings),
    ]
    if any(problem.severity == "error" for problem in found):
        raise InvalidInputError(found)
    return Plan(
        cluster=cluster,
        audience=settings.audience,
        with_provider=bool(file.config.iam and file.config.iam.with_oidc),
        namespaces=_namespaces(entries, settings),
        service_accounts=entries,
        warnings=tuple(found),
    )


class _Planner:
    """Plans the entries of one file and gathers what is wrong with them.

    Attributes:
        in_file: Findings about the ClusterConfig.
        in_settings: Findings about the settings, each once.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._limits = facts.settings.limits.limits()
        self.in_file: list[Finding] = []
        self.in_settings: dict[Finding, None] = {}

    def entries(self, *, has_all: bool) -> tuple[ServiceAccountPlan, ...]:
        facts = self._facts
        iam = facts.config.iam
        listed = enumerate((iam and iam.service_accounts) or [])
        accounts = {index: account for index, account in listed if account}
        self._settings(_account_findings(facts))
        metadata = facts.config.metadata
        if partition := arns.partition_of_region((metadata and metadata.region) or ""):
            self._settings(boundary_findings(facts.settings, partition=partition))
        plans: dict[int, ServiceAccountPlan] = {
            index: self._entry(account, (*_ACCOUNTS, index))
            for index, account in accounts.items()
            if belongs(facts.settings, key=account.key)
        }
        self.in_file += _role_name_findings(plans)
        if has_all:
            self._filters([account.key for account in accounts.values()], len(plans))
        return tuple(plans.values())

    def _filters(self, keys: list[str], planned: int) -> None:
        self._settings(filter_findings(self._facts.settings, keys=keys))
        self._settings(rename_findings(self._facts.settings, keys=keys))
        if left_out := len(keys) - planned:
            message = (
                f"{left_out} of {len(keys)} entries do not belong to this stack "
                "(settings include and exclude); what it made for them goes with the "
                "next up"
            )
            self.in_file.append(Finding(_ACCOUNTS, "W-FILTERED", message, "warning"))

    def _settings(self, findings: Iterator[Finding]) -> None:
        self.in_settings.update(dict.fromkeys(findings))

    def _entry(self, account: ServiceAccount, path: Path) -> ServiceAccountPlan:
        facts = self._facts
        settings = entry_settings(facts.settings, key=account.key)
        self._settings(ambiguity_findings(facts.settings, key=account.key))
        role, role_arn = None, account.attach_role_arn or ""
        if not role_arn:
            role = plan_role(account, facts=facts, settings=settings)
            role_arn = role.arn
        planned = _service_account(account, role, role_arn, settings, facts.settings)
        found = [
            *_audience_findings(planned, facts.settings),
            *_helm_findings(account, planned),
            *annotation_limit_findings(planned.annotations, self._limits),
        ]
        if role:
            assumed = facts.cluster.assumed
            found += role_limit_findings(role, account, self._limits, assumed=assumed)
        self.in_file += [
            finding._replace(path=(*path, *finding.path)) for finding in found
        ]
        return planned


def _service_account(
    account: ServiceAccount,
    role: RolePlan | None,
    role_arn: str,
    settings: EntrySettings,
    stack: Settings,
) -> ServiceAccountPlan:
    mode = _mode(account, stack)
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    if mode != "notManaged":
        metadata = account.metadata
        labels = plain_texts(metadata.labels if metadata else None)
        annotations = plain_texts(metadata.annotations if metadata else None)
        annotations[ROLE_ARN_ANNOTATION] = role_arn
        if role and stack.audience != DEFAULT_AUDIENCE:
            annotations.setdefault(AUDIENCE_ANNOTATION, stack.audience)
    if mode == "patched":
        for key in _HELM_KEYS:
            labels.pop(key, None)
            annotations.pop(key, None)
    if mode == "created":
        if settings.override.managed_by_label is not None:
            labels.pop(_MANAGED_BY_LABEL, None)  # an override wins over the file
        if settings.managed_by_label:
            labels = {_MANAGED_BY_LABEL: settings.managed_by_label} | labels
    return ServiceAccountPlan(
        namespace=account.namespace,
        name=account.name,
        mode=mode,
        labels=MappingProxyType(labels),
        annotations=MappingProxyType(annotations),
        role_arn=role_arn,
        attach_role_arn=account.attach_role_arn,
        role=role,
        former_keys=former_keys(stack, key=account.key),
    )


def _mode(account: ServiceAccount, settings: Settings) -> Mode:
    if account.role_only or settings.kubernetes == "off":
        return "notManaged"
    if matches_any(settings.patch_existing, account.key):
        return "patched"
    return "created"


def _namespaces(
    entries: tuple[ServiceAccountPlan, ...], settings: Settings
) -> tuple[str, ...]:
    if not settings.create_namespaces:
        return ()
    wanted = [entry.namespace for entry in entries if entry.mode != "notManaged"]
    return tuple(one for one in dict.fromkeys(wanted) if one not in BUILT_IN_NAMESPACES)


def _account_findings(facts: Facts) -> Iterator[Finding]:
    expected, cluster = facts.settings.account_id, facts.cluster
    if expected and expected != cluster.account_id and not cluster.assumed:
        message = (
            f"the cluster {cluster.arn} is not in the account {expected!r}; use the "
            "credentials of that account, or correct the setting"
        )
        yield Finding(("accountId",), "E-ACCOUNT", message)


def _audience_findings(
    entry: ServiceAccountPlan, settings: Settings
) -> Iterator[Finding]:
    """Warn of tokens that our role will refuse; an existing role is its owner's."""
    audience = entry.annotations.get(AUDIENCE_ANNOTATION, settings.audience)
    if entry.role and audience != settings.audience:
        message = (
            f"pods get tokens for {audience!r}, which the role refuses, as it trusts "
            f"{settings.audience!r}; set the audience of the stack instead"
        )
        path = ("metadata", "annotations", AUDIENCE_ANNOTATION)
        yield Finding(path, "W-AUDIENCE", message, "warning")


def _helm_findings(
    account: ServiceAccount, entry: ServiceAccountPlan
) -> Iterator[Finding]:
    """Warn of keys that an account of somebody else's keeps from its owner."""
    metadata = account.metadata
    if entry.mode != "patched" or metadata is None:
        return
    for field, given in (
        ("labels", metadata.labels),
        ("annotations", metadata.annotations),
    ):
        for key in sorted((given or {}).keys() & set(_HELM_KEYS)):
            message = (
                f"{key!r} says whose the service account is, and is left as it is on "
                "one that is overridden"
            )
            path = ("metadata", field, key)
            yield Finding(path, "W-OWNERSHIP-KEY", message, "warning", at_key=True)


def _role_name_findings(plans: Mapping[int, ServiceAccountPlan]) -> Iterator[Finding]:
    """Name roles that IAM takes for one; it does not look at the case of names."""
    first: dict[str, str] = {}
    for index, entry in plans.items():
        if entry.role is None:
            continue
        other = first.setdefault(entry.role.name.lower(), entry.key)
        if other != entry.key:
            message = f"{entry.role.name!r} is the name of {other!r}'s role already"
            path = (*_ACCOUNTS, index, "roleName")
            yield Finding(path, "E-ROLE-NAME-DUP", message)
