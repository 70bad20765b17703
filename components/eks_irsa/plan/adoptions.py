"""What the settings import, held against what the file asks for."""

from collections.abc import Collection, Iterator

from eks_irsa.identity.adoption_rules import adoption_faults
from eks_irsa.identity.model import Fault, Identity
from eks_irsa.settings.adoption import Adoption
from eks_irsa.settings.model import RoleSettings, Settings
from eks_irsa.source.findings import Finding, Path

__all__ = ["adoption_findings", "stray_adoption_findings"]


def adoption_findings(decided: Identity) -> Iterator[Finding]:
    """Find what is imported for an entry and is not what it asks for.

    Args:
        decided: What follows for the entry.

    Yields:
        Findings about the settings.
    """
    for fault in adoption_faults(decided.asked):
        at = _in_settings(decided.key, fault)
        yield Finding(at, fault.code, fault.message, fault.severity, fault.at_key)


def stray_adoption_findings(
    settings: Settings, *, keys: Collection[str]
) -> Iterator[Finding]:
    """Find what is imported for no entry of the stack.

    Args:
        settings: The stack's settings.
        keys: `<namespace>/<name>` of the entries that belong to the stack.
    """
    for key in settings.adopt:
        if key not in keys:
            message = (
                f"{key!r} is no entry of this stack; write the entry into the "
                "ClusterConfig, or take it out here"
            )
            yield Finding(("adopt", key), "E-ADOPT", message, at_key=True)


def _in_settings(key: str, fault: Fault) -> Path:
    field, *steps = fault.path
    if field == "inline_policy_names":
        return ("overrides", key, RoleSettings.alias_of(str(field)), *steps)
    return ("adopt", key, *Adoption.spelled(steps))
