"""Decide everything a stack will make, or name what AWS would refuse of it."""

from collections.abc import Iterable, Iterator, Mapping

from eks_irsa.cluster_config.entries import Entry, entries_of
from eks_irsa.cluster_config.reading import ClusterConfigFile
from eks_irsa.documents import arns
from eks_irsa.documents.names import BUILT_IN_NAMESPACES
from eks_irsa.errors import InvalidInputError, Problem
from eks_irsa.identity.combinations import settled_faults
from eks_irsa.identity.decision import decided_faults
from eks_irsa.identity.model import Fault, Identity
from eks_irsa.plan.adoptions import adoption_findings, stray_adoption_findings
from eks_irsa.plan.entries import Facts, decide_entry
from eks_irsa.plan.entry_settings import (
    ambiguity_findings,
    entry_settings,
    partition_findings,
    unused_findings,
)
from eks_irsa.plan.filters import belongs, filter_findings
from eks_irsa.plan.house import House
from eks_irsa.plan.identity_moves import (
    lacks_provider,
    moved_faults,
    moved_findings,
    oidc_findings,
    without_role_finding,
)
from eks_irsa.plan.model import Cluster, Plan, Trusted
from eks_irsa.plan.pod_identity import pod_identity_findings
from eks_irsa.plan.renames import rename_findings
from eks_irsa.plan.trust_budget import TooLongTrust
from eks_irsa.plan.trusted_clusters import TrustedClusters
from eks_irsa.settings.model import Settings
from eks_irsa.settings.reading import StackSettings
from eks_irsa.source.findings import Finding, Path, at_most, in_file_order

__all__ = ["plan"]


def plan(
    file: ClusterConfigFile,
    *,
    stack_settings: StackSettings,
    cluster: Cluster,
    stack: str | None = None,
    issuers: Mapping[Trusted, str] | None = None,
) -> Plan:
    """Decide everything a stack will make.

    Args:
        file: The checked ClusterConfig. Of one that was read `partly` and has errors
            nothing is planned, and the limits of what is right are named beside them.
        stack_settings: The stack's checked settings.
        cluster: Facts of the cluster, or `Cluster.assumed_for` to check alone.
        stack: `<organization>/<project>/<stack>`, written on roles. Default: no tag.
        issuers: URL of the issuer of each further cluster that was looked up. Default:
            none was; placeholders of their greatest length stand for them.

    Returns:
        The plan; equal arguments give equal plans.

    Raises:
        InvalidInputError: AWS or Kubernetes would refuse what file and settings ask
            for together; holds every problem and warning, the file's first.
    """
    settings = stack_settings.settings
    facts = Facts(
        config=file.config,
        settings=settings,
        cluster=cluster,
        stack=stack,
        trusted=TrustedClusters(
            settings=settings, cluster=cluster, issuers=issuers or {}
        ),
    )
    planner = _Planner(facts, House(stack_settings, errors=file.errors))
    entries = planner.entries(has_all=not file.errors)
    found = _found(planner, facts, file=file, stack_settings=stack_settings)
    if any(problem.severity == "error" for problem in found):
        raise InvalidInputError(found)
    return Plan(
        cluster=cluster,
        audience=settings.audience,
        with_provider=bool(file.config.iam and file.config.iam.with_oidc),
        namespaces=_namespaces(entries, settings),
        service_accounts=entries,
        warnings=tuple(found),
        trusted=planner.trusted,
        add_ons=frozenset(planner.add_ons),
        providers_needed=frozenset(planner.providers_needed),
        trust_policy_limit=settings.limits.trust_policy_characters,
    )


def _found(
    planner: "_Planner",
    facts: Facts,
    *,
    file: ClusterConfigFile,
    stack_settings: StackSettings,
) -> list[Problem]:
    """Put everything that was found in order, the file's first."""
    wrong = {problem.path for problem in file.errors}
    oidc = () if "iam.withOIDC" in wrong else oidc_findings(facts)
    in_file = file.problems(at_most([*oidc, *planner.in_file]))
    return [
        *in_file_order([*file.errors, *file.warnings, *in_file]),
        *stack_settings.warnings,
        *stack_settings.problems(planner.in_settings),
    ]


class _Planner:
    """Plans the entries of one file and gathers what is wrong with them.

    Attributes:
        in_file: Findings about the ClusterConfig.
        in_settings: Findings about the settings, each once.
        trusted: Clusters that roles trust besides their own -> ARN of the provider.
        add_ons: Keys of entries of add-ons.
        providers_needed: Those of *trusted* whose tokens roles trust.
    """

    def __init__(self, facts: Facts, house: House) -> None:
        self._facts = facts
        self._house = house
        self._limits = facts.settings.limits.limits()
        self.in_file: list[Finding] = []
        self.in_settings: dict[Finding, None] = {}
        self.trusted: dict[Trusted, str] = {}
        self.add_ons: set[str] = set()
        self.providers_needed: set[Trusted] = set()
        self._too_long = TooLongTrust(facts.settings)

    def entries(self, *, has_all: bool) -> tuple[Identity, ...]:
        facts = self._facts
        entries = [*entries_of(facts.config)]
        self._settings(_account_findings(facts))
        metadata = facts.config.metadata
        if partition := arns.partition_of_region((metadata and metadata.region) or ""):
            self._settings(partition_findings(facts.settings, partition=partition))
            self._settings(facts.trusted.findings())
        ours = [one for one in entries if belongs(facts.settings, key=one.key)]
        plans: dict[Path, Identity] = {}
        for entry in ours:
            if entry.of_add_on and lacks_provider(entry, facts):
                self.in_file.append(without_role_finding(entry))
            else:
                plans[entry.path] = self._entry(entry)
        self._settings(self._too_long.findings())
        self.in_file += _role_name_findings(entries, plans)
        self.in_file += pod_identity_findings(
            facts.config,
            plans,
            cluster=facts.cluster,
            entries={entry.path: entry for entry in entries},
        )
        if has_all:
            self._filters(entries, len(ours))
            keys = {one.key for one in ours}
            self._settings(stray_adoption_findings(facts.settings, keys=keys))
        return tuple(plans.values())

    def _filters(self, entries: list[Entry], ours: int) -> None:
        keys = [entry.key for entry in entries]
        self._settings(filter_findings(self._facts.settings, keys=keys))
        self._settings(rename_findings(self._facts.settings, keys=keys))
        if left_out := len(keys) - ours:
            message = (
                f"{left_out} of {len(keys)} entries do not belong to this stack "
                "(settings include and exclude); what it made for them goes with the "
                "next up"
            )
            section = entries[0].path[:-1]
            self.in_file.append(Finding(section, "W-FILTERED", message, "warning"))

    def _settings(self, findings: Iterator[Finding]) -> None:
        self.in_settings.update(dict.fromkeys(findings))

    def _entry(self, entry: Entry) -> Identity:
        facts = self._facts
        settings = entry_settings(facts.settings, key=entry.key)
        self._settings(ambiguity_findings(facts.settings, key=entry.key))
        decided = decide_entry(entry, facts=facts, settings=settings)
        self._settings(unused_findings(facts.settings, decided))
        self._settings(adoption_findings(decided))
        if entry.of_add_on:
            self.add_ons.add(entry.key)
        if decided.role:
            trusted = facts.trusted.of_entry(settings)
            self.trusted |= trusted
            self.providers_needed |= (
                {*trusted} if decided.identity != "podIdentity" else set()
            )
        assumed = facts.cluster.assumed
        found = [
            *settled_faults(decided.asked),
            *moved_faults(entry, decided),
            *decided_faults(decided, self._limits, assumed=assumed),
        ]
        self.in_file += [
            _placed(fault, entry)
            for fault in found
            if not self._too_long.takes(fault, decided)
        ]
        self.in_file += moved_findings(entry, decided)
        for finding, in_settings in self._house.findings(decided, entry=entry):
            if in_settings:
                self.in_settings[finding] = None
            else:
                self.in_file.append(finding)
        return decided


def _placed(fault: Fault, entry: Entry) -> Finding:
    """Point at what the file says; at the entry where the settings alone say it."""
    by_settings = fault.path == ("tags",) and "tags" not in entry.fields
    steps = () if by_settings else entry.place(fault.path, at_key=fault.at_key)
    return Finding(
        (*entry.path, *steps), fault.code, fault.message, fault.severity, fault.at_key
    )


def _namespaces(entries: tuple[Identity, ...], settings: Settings) -> tuple[str, ...]:
    if not settings.create_namespaces:
        return ()
    wanted = [entry.namespace for entry in entries if entry.mode != "notManaged"]
    return tuple(one for one in dict.fromkeys(wanted) if one not in BUILT_IN_NAMESPACES)


def _account_findings(facts: Facts) -> Iterator[Finding]:
    expected, cluster = facts.settings.account_id, facts.cluster
    if expected and expected != cluster.account_id and not cluster.assumed:
        message = (
            f"the cluster {cluster.arn} is not in the AWS account {expected!r}; use "
            "credentials of that AWS account, or correct the setting"
        )
        yield Finding(("accountId",), "E-ACCOUNT", message)


def _role_name_findings(
    entries: Iterable[Entry], plans: Mapping[Path, Identity]
) -> Iterator[Finding]:
    """Name roles that IAM takes for one; it does not look at the case of names."""
    first: dict[str, str] = {}
    for entry in entries:
        decided = plans.get(entry.path)
        if decided is None or decided.role is None:
            continue
        name = decided.role.name
        other = first.setdefault(name.lower(), entry.key)
        if other != entry.key:
            message = (
                f"{name!r} is the name of the role of {other!r} already; give one of "
                "the two entries another roleName"
            )
            path = (*entry.path, *entry.place(("role_name",)))
            yield Finding(path, "E-ROLE-NAME-DUP", message)
