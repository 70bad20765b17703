"""What the settings say of one entry: defaults below the file, overrides above it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, cast

from eks_irsa.documents import arns
from eks_irsa.settings.globs import is_literal, matches
from eks_irsa.settings.model import DEFAULT_MANAGED_BY, RoleSettings, Settings
from eks_irsa.source.findings import Finding, Path

__all__ = ["EntrySettings", "entry_settings"]

_DEFAULT_SESSION_SECONDS: Final = 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class EntrySettings:
    """What the settings say of one entry: below the file, and above it."""

    defaults: RoleSettings
    override: RoleSettings

    def boundary(self, in_file: str | None) -> str | None:
        return (
            self.override.permissions_boundary
            or in_file
            or self.defaults.permissions_boundary
        )

    @property
    def path(self) -> str:
        return self.override.role_path or self.defaults.role_path or "/"

    @property
    def max_session_duration_seconds(self) -> int:
        return (
            self.override.max_session_duration_seconds
            or self.defaults.max_session_duration_seconds
            or _DEFAULT_SESSION_SECONDS
        )

    @property
    def managed_by_label(self) -> str:
        for settings in (self.override, self.defaults):
            if settings.managed_by_label is not None:
                return settings.managed_by_label
        return DEFAULT_MANAGED_BY

    @property
    def default_tags(self) -> Mapping[str, str]:
        return self.defaults.tags or {}

    @property
    def override_tags(self) -> Mapping[str, str]:
        return self.override.tags or {}


def entry_settings(
    settings: Settings, *, key: str, partition: str
) -> tuple[EntrySettings, list[Finding]]:
    """Find what the settings say of an entry; a full name wins over a glob.

    Args:
        settings: The stack's settings.
        key: `<namespace>/<name>` of the entry.
        partition: Partition of the cluster, which a boundary must be in.

    Returns:
        The settings of the entry, and what is wrong with them.
    """
    matching = {
        pattern: override
        for pattern, override in sorted(settings.overrides.items())
        if not is_literal(pattern) and matches(pattern, key)
    }
    findings = list(_ambiguities(matching, key, settings.overrides.get(key)))
    if exact := settings.overrides.get(key):
        matching[key] = exact  # last, so that it wins
    merged: dict[str, object] = {}
    for override in matching.values():
        merged |= {
            field: cast("object", getattr(override, field))
            for field in override.model_fields_set
        }
    sections: list[tuple[Path, RoleSettings]] = [(("defaults",), settings.defaults)]
    sections += [(("overrides", pattern), role) for pattern, role in matching.items()]
    for path, role in sections:
        boundary = role.permissions_boundary
        if boundary and arns.partition_of_arn(boundary) != partition:
            message = (
                f"{boundary!r} is in another partition than the cluster ({partition})"
            )
            at = (*path, "permissionsBoundary")
            findings.append(Finding(at, "E-PARTITION", message))
    override = RoleSettings.model_validate(merged, by_name=True, by_alias=False)
    return EntrySettings(defaults=settings.defaults, override=override), findings


def _ambiguities(
    matching: Mapping[str, RoleSettings], key: str, exact: RoleSettings | None
) -> Iterator[Finding]:
    """Name globs that disagree on an entry, unless its full name decides."""
    decided = exact.model_fields_set if exact else set[str]()
    origin: dict[str, tuple[str, object]] = {}
    for pattern, override in matching.items():
        for field in sorted(override.model_fields_set - decided):
            value = cast("object", getattr(override, field))
            earlier, other = origin.setdefault(field, (pattern, value))
            if other != value:
                alias = RoleSettings.model_fields[field].alias or field
                message = (
                    f"{pattern!r} and {earlier!r} both match {key!r} and differ; name "
                    "the entry in full to decide"
                )
                at = ("overrides", pattern, alias)
                yield Finding(at, "E-OVERRIDE-AMBIGUOUS", message)
