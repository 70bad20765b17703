"""What settings change of the way by which entries of the file get their roles."""

from collections.abc import Iterator

from eks_irsa.cluster_config.entries import Entry, entries_of
from eks_irsa.identity.combinations import combination_faults
from eks_irsa.identity.model import Fault, Identity
from eks_irsa.plan.entries import Facts, identity_of
from eks_irsa.plan.entry_settings import entry_settings
from eks_irsa.source.findings import Finding, dotted

__all__ = [
    "lacks_provider",
    "moved_faults",
    "moved_findings",
    "oidc_findings",
    "without_role_finding",
]


def oidc_findings(facts: Facts) -> Iterator[Finding]:
    """Find an entry whose role trusts an OIDC provider that nobody makes.

    Source: eksctl 0.231, pkg/apis/eksctl.io/v1alpha5/validation.go, which knows no
    settings and looks at iam.serviceAccounts alone.
    """
    section = next(_sections_in_need(facts), None)
    if section is not None:
        message = (
            f"{section} are listed, and their roles trust the cluster's OIDC provider; "
            "write withOIDC: true under iam, or set identity to podIdentity"
        )
        yield Finding(("iam", "withOIDC"), "E-OIDC-REQUIRED", message)


def lacks_provider(entry: Entry, facts: Facts) -> bool:
    """Tell whether a role needs an OIDC provider that the file does not ask for.

    Args:
        entry: The entry.
        facts: The file and the settings.
    """
    if facts.config.iam and facts.config.iam.with_oidc:
        return False
    settings = entry_settings(facts.settings, key=entry.key)
    return identity_of(entry, settings) != "podIdentity"


def without_role_finding(entry: Entry) -> Finding:
    """Warn of an add-on whose role is left out, as eksctl does with a warning.

    Args:
        entry: That of the add-on.

    Source: eksctl 0.231, pkg/actions/addon/create.go.
    """
    sources = ("attach_policy_arns", "inline_policies", "well_known_policies")
    given = next(field for field in sources if field in entry.fields)
    message = (
        "makes no role while iam.withOIDC is not true, as with eksctl, and one that "
        "the stack made before goes; write withOIDC: true under iam"
    )
    if "subjects" not in entry.fields:
        message += f", or set identity to podIdentity for {entry.key!r}"
    path = (*entry.path, *entry.places[given])
    return Finding(path, "W-NOT-MADE", message, "warning", at_key=True)


def moved_faults(entry: Entry, decided: Identity) -> Iterator[Fault]:
    """Find what an entry asks for and cannot have by the way that settings choose.

    Args:
        entry: The entry.
        decided: What follows for it.
    """
    if decided.identity != entry.identity:
        yield from combination_faults(decided.asked)


def moved_findings(entry: Entry, decided: Identity) -> Iterator[Finding]:
    """Warn of what somebody else has to do where settings move an entry.

    Args:
        entry: The entry.
        decided: What follows for it.
    """
    if decided.identity == entry.identity:
        return
    if entry.of_add_on:
        message = (
            f"{decided.identity} counts for the role alone: EKS annotates the service "
            f"account of the add-on, or associates it, as the add-on {entry.of_add_on} "
            "itself is told; run aws eks update-addon with --service-account-role-arn "
            "or --pod-identity-associations before the role stops trusting the old way"
        )
        yield Finding(entry.path, "W-ADD-ON", message, "warning")
    elif decided.attach_role_arn and decided.association and entry.identity == "irsa":
        message = (
            f"{decided.attach_role_arn} is used as it is, and EKS refuses the "
            "association unless its trust policy lets pods.eks.amazonaws.com do "
            "sts:AssumeRole and sts:TagSession; have its owner add that first"
        )
        at = (*entry.path, *entry.place(("role_arn",)))
        yield Finding(at, "W-EXISTING-ROLE", message, "warning")


def _sections_in_need(facts: Facts) -> Iterator[str]:
    for entry in entries_of(facts.config):
        by_file = not entry.of_add_on or entry.identity == "podIdentity"
        if by_file and lacks_provider(entry, facts):
            yield dotted(entry.path[:-1])
    iam = facts.config.iam
    # What has no name yet is not known to any setting but the default.
    by_default = facts.settings.defaults.identity or "irsa"
    if iam and not iam.with_oidc and by_default != "podIdentity":
        yield from (
            "iam.serviceAccounts" for one in iam.service_accounts or [] if not one
        )
