"""What the settings say of one entry: defaults below the file, overrides above it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, cast

from eks_irsa.documents.globs import is_literal, matches
from eks_irsa.identity.combinations import place_faults
from eks_irsa.identity.model import Identity
from eks_irsa.settings.model import DEFAULT_MANAGED_BY, RoleSettings, Settings
from eks_irsa.source.findings import Finding, Path

__all__ = [
    "EntrySettings",
    "ambiguity_findings",
    "entry_settings",
    "partition_findings",
    "place_in_settings",
    "setting_path",
    "unused_findings",
]


# Nobody means these for a role that is not made here.
_OF_ROLES_MADE: Final = (
    "inline_policy_names",
    "named_policies",
    "role_description",
    "role_name",
    "trusted_clusters",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class EntrySettings:
    """What the settings say of one entry.

    Attributes:
        defaults: Counts where the file says nothing.
        override: Counts whatever the file says.
        named: What is said under the full name alone; None for nothing.
    """

    defaults: RoleSettings
    override: RoleSettings
    named: RoleSettings | None = None

    def value(self, field: str, *, in_file: object = None) -> object:
        """Give the value of a field: the override's, else the file's, else the default.

        Args:
            field: Name of a field of `RoleSettings`.
            in_file: What the file says of it; None for nothing.

        Returns:
            The value; None for none, which an empty text says too.
        """
        values = (
            getattr(self.override, field),
            in_file,
            getattr(self.defaults, field),
        )
        return next((value for value in values if value is not None), None) or None

    @property
    def managed_by_label(self) -> str:
        """Value of the label on a created service account; empty for none."""
        for settings in (self.override, self.defaults):
            if settings.managed_by_label is not None:
                return settings.managed_by_label
        return DEFAULT_MANAGED_BY


def entry_settings(settings: Settings, *, key: str) -> EntrySettings:
    """Gather what the settings say of an entry; its full name wins over a glob.

    Args:
        settings: The stack's settings.
        key: `<namespace>/<name>` of the entry.
    """
    merged: dict[str, object] = {}
    for override in [*_globs(settings, key).values(), settings.overrides.get(key)]:
        if override:
            merged |= _given(override)
    override = RoleSettings.model_validate(merged, by_name=True, by_alias=False)
    named = settings.overrides.get(key)
    return EntrySettings(defaults=settings.defaults, override=override, named=named)


def setting_path(settings: Settings, *, key: str, field: str) -> Path | None:
    """Find the override that decides a field of an entry.

    Args:
        settings: The stack's settings.
        key: `<namespace>/<name>` of the entry.
        field: Name of a field of `RoleSettings`.

    Returns:
        Keys from the root of the settings; None where no override sets the field, so
        that the file says it, or else the default.
    """
    alias = RoleSettings.alias_of(field)
    for pattern, override in [
        (key, settings.overrides.get(key)),
        *reversed([*_globs(settings, key).items()]),
    ]:
        if override and field in override.model_fields_set:
            is_null = getattr(override, field) is None
            return None if is_null else ("overrides", pattern, alias)
    return None


def ambiguity_findings(settings: Settings, *, key: str) -> Iterator[Finding]:
    """Name globs that disagree on an entry, unless its full name decides."""
    exact = settings.overrides.get(key)
    decided = exact.model_fields_set if exact else set[str]()
    origin: dict[str, tuple[str, object]] = {}
    for pattern, override in _globs(settings, key).items():
        for field, value in sorted(_given(override).items()):
            earlier, other = origin.setdefault(field, (pattern, value))
            if other != value and field not in decided:
                message = (
                    f"{pattern!r} and {earlier!r} both match {key!r} and differ; name "
                    "the entry in full to decide"
                )
                path = ("overrides", pattern, RoleSettings.alias_of(field))
                yield Finding(path, "E-OVERRIDE-AMBIGUOUS", message)


def partition_findings(settings: Settings, *, partition: str) -> Iterator[Finding]:
    """Name ARNs that no role of the cluster's partition can have."""
    roles: list[tuple[Path, RoleSettings]] = [(("defaults",), settings.defaults)]
    roles += [(("overrides", name), role) for name, role in settings.overrides.items()]
    for path, role in roles:
        for fault in place_faults(_given(role), partition=partition):
            field, *steps = fault.path
            at = (*path, RoleSettings.alias_of(str(field)), *steps)
            yield Finding(at, fault.code, fault.message)


def unused_findings(settings: Settings, decided: Identity) -> Iterator[Finding]:
    """Name what a full name asks for and an entry cannot have.

    Args:
        settings: The stack's settings.
        decided: What follows for the entry.
    """
    exact = settings.overrides.get(decided.key)
    if exact is None:
        return
    if exact.association_id and decided.identity == "irsa":
        message = (
            "has no effect without EKS Pod Identity; set identity to podIdentity or "
            "both, or take it out"
        )
        at = ("overrides", decided.key, "associationId")
        yield Finding(at, "E-POD-IDENTITY", message, at_key=True)
    if decided.attach_role_arn:
        for field in _OF_ROLES_MADE:
            if getattr(exact, field):
                message = (
                    "has no effect beside the role that the file names, which is used "
                    "as it is; take one of the two out"
                )
                at = ("overrides", decided.key, RoleSettings.alias_of(field))
                yield Finding(at, "E-ATTACH-ROLE", message, at_key=True)
    elif exact.association_id and "association_by_eks" in decided.asked:
        message = (
            "has no effect on the association of an add-on, which EKS makes; take it "
            "out"
        )
        at = ("overrides", decided.key, "associationId")
        yield Finding(at, "E-POD-IDENTITY", message, at_key=True)
    elif decided.identity == "podIdentity":
        for index, trusted in enumerate(exact.trusted_clusters or ()):
            if trusted and trusted.oidc_provider:
                message = (
                    "has no effect with EKS Pod Identity alone, which knows a cluster "
                    "by name and region; write these, or take it out"
                )
                path = ("overrides", decided.key, "trustedClusters", index)
                yield Finding((*path, "oidcProvider"), "E-POD-IDENTITY", message)


def place_in_settings(
    settings: Settings, *, key: str, path: Path, in_file: bool
) -> Path | None:
    """Find the setting that gives an entry a value.

    Args:
        settings: The stack's settings.
        key: `<namespace>/<name>` of the entry.
        path: Name of a field of `identity`, and steps into its value.
        in_file: The file gives it too, and so wins over a default.

    Returns:
        Where it stands; None if no setting gives it.
    """
    field, *steps = path
    if field not in RoleSettings.model_fields:
        return None
    at = setting_path(settings, key=key, field=str(field))
    if at is not None and _holds(settings.overrides[str(at[1])], path):
        return (*at, *steps)
    if in_file or not _holds(settings.defaults, path):
        return None
    return ("defaults", RoleSettings.alias_of(str(field)), *steps)


def _holds(role: RoleSettings, path: Path) -> bool:
    field, *steps = path
    value = cast("object", getattr(role, str(field)))
    return bool(value) and (
        not steps or (isinstance(value, Mapping) and steps[0] in value)
    )


def _globs(settings: Settings, key: str) -> Mapping[str, RoleSettings]:
    return {
        pattern: override
        for pattern, override in sorted(settings.overrides.items())
        if not is_literal(pattern) and matches(pattern, key)
    }


def _given(override: RoleSettings) -> dict[str, object]:
    return {
        field: cast("object", getattr(override, field))
        for field in override.model_fields_set
    }
