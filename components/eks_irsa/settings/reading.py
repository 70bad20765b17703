"""Settings as Pulumi hands them to the program: a model, or every problem.

`stack_file` reads the same from the files Pulumi takes them from; both ways give the
same settings and the same problems, and only the files know lines.
"""

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, cast

from eks_irsa.errors import Problem, SettingsError
from eks_irsa.settings.adoption import Adoption
from eks_irsa.settings.model import (
    MODELS,
    TRUSTED_CLUSTER,
    RoleSettings,
    Settings,
    TrustedCluster,
)
from eks_irsa.settings.namespaces import OURS, Namespaces, twice_message
from eks_irsa.settings.rules import findings
from eks_irsa.source.document import Document, Pairs, Place
from eks_irsa.source.findings import (
    Finding,
    Path,
    at_most,
    in_file_order,
    non_text_key_findings,
    problems,
)
from eks_irsa.source.structure import Structure

__all__ = [
    "Origin",
    "StackSettings",
    "checked_settings",
    "default_settings",
    "handed_over",
    "settings_of_config",
]

_SOURCE: Final = "stack settings"
# Settings that Pulumi hands over as JSON; the others are plain text.
_JSON_SETTINGS: Final = frozenset(
    {
        "adopt",
        "createNamespaces",
        "defaults",
        "exclude",
        "include",
        "limits",
        "patchExisting",
        "overrides",
        "renames",
        "rules",
    }
)
# No plan depends on these.
_MAY_BE_SECRET: Final = frozenset({"kubeconfig"})
_SWITCH: Final = {True: "on", False: "off", "true": "on", "false": "off"}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Origin:
    """A text that sets some of the settings.

    Attributes:
        source: The file as the user named it, or `stack settings`.
        values: Key -> value.
        document: The whole text with its places; empty if it has none.
        section: Where in the text the settings stand.
        namespace: Where a key belongs that it does not have.
        names: How it spells a key, if not `<namespace>:<key>`.
        defined: Keys that hold a definition -> where in that their value stands.
        secret: Keys that are set, to what only the engine can read.
    """

    source: str = _SOURCE
    values: Mapping[str, object] = dataclasses.field(default_factory=dict[str, object])
    document: Document = dataclasses.field(default_factory=Document)
    section: Path = ()
    namespace: str = OURS
    names: Mapping[str, str] = dataclasses.field(default_factory=dict[str, str])
    defined: Mapping[str, str] = dataclasses.field(default_factory=dict[str, str])
    secret: frozenset[str] = frozenset()

    def place_of(self, key: str, *, of_key: bool = False) -> Place:
        """Find where a setting stands."""
        return self.document.place_of(self._path_of((key,), of_key), key=of_key)

    def name_of(self, key: str) -> str:
        """Spell a key as the text does, or as it would."""
        return self.names.get(key, f"{self.namespace}:{key}")

    def problems(self, found: Iterable[Finding]) -> list[Problem]:
        """Place findings about settings in the text, in its order."""
        placed = (
            one._replace(path=self._path_of(one.path, one.at_key)) for one in found
        )
        return in_file_order(
            problems(placed, source=self.source, document=self.document)
        )

    def sets(self, key: object) -> bool:
        """Tell whether a setting comes from the text."""
        return key in self.values or key in self.secret

    def _path_of(self, path: Path, of_key: bool) -> Path:  # noqa: FBT001 - private
        if not path:
            return path
        key, *rest = path
        name = self.name_of(str(key))
        step = self.defined.get(str(key)) if rest or not of_key else None
        return (*self.section, name, *((step,) if step else ()), *rest)


@dataclass(frozen=True, kw_only=True, slots=True)
class StackSettings:
    """Checked settings, and how to say where one of them stands.

    Attributes:
        settings: The checked model.
        origins: The texts they come from, the first of which wins; never empty.
        warnings: What is worth knowing and stops nothing.
    """

    settings: Settings
    origins: tuple[Origin, ...] = (Origin(),)
    warnings: tuple[Problem, ...] = ()

    def problems(self, found: Iterable[Finding]) -> list[Problem]:
        """Place what a later check found in the settings, text by text."""
        return _placed(found, self.origins)

    def name_of(self, key: str) -> str:
        """Give the name of a setting, as the text that wins spells it."""
        return self.origins[0].name_of(key)

    def where(self, path: Path) -> str:
        """Write where a setting stands, `<file>:<line>` or the name of the text.

        Args:
            path: The setting, and steps into its value.
        """
        (place,) = self.problems([Finding(path, "", "")])
        return f"{place.source}:{place.line}" if place.line else place.source


def default_settings() -> StackSettings:
    """Return the settings of a stack that sets none."""
    return StackSettings(settings=Settings.model_validate({}))


def settings_of_config(
    config: Mapping[str, str], *, project: str = OURS
) -> StackSettings:
    """Check the settings Pulumi hands to the program.

    Args:
        config: Pulumi's configuration, `<namespace>:<key>` -> text; maps, lists,
            booleans and numbers as JSON. Other namespaces than ours are left alone.
        project: Name of the project, whose namespace is ours too: a stack that the
            rule of `namespaces_of` leaves it to has no ClusterConfig, and stops.
            Default: `eks-irsa`.

    Raises:
        SettingsError: Something in them is wrong; holds every problem.
    """
    namespaces = Namespaces(project=project)
    values: dict[str, object] = {}
    names: dict[str, str] = {}
    twice: list[Finding] = []
    # Those of `eks-irsa` last, so that what is there twice is said of them.
    for name in sorted(config, key=lambda one: (one.startswith(f"{OURS}:"), one)):
        if not (setting := namespaces.setting(name)):
            continue
        _, key = setting
        if names.setdefault(key, name) != name:
            message = twice_message(name, names[key])
            twice.append(Finding((name,), "E-YAML-DUPLICATE-KEY", message))
        values.setdefault(key, handed_over(key, config[name]))
    if twice:
        raise SettingsError(problems(twice, source=_SOURCE, document=Document()))
    return checked_settings(Origin(values=values, namespace=project, names=names))


def handed_over(key: str, value: object, written: str | None = None) -> object:
    """Turn a setting into the value it stands for, whichever way it came."""
    if key in _JSON_SETTINGS and isinstance(value, str):
        try:
            return cast("object", json.loads(value))
        except (ValueError, RecursionError):
            return value
    if key == "kubernetes" and isinstance(value, bool | str):
        return _SWITCH.get(value, value)
    if key not in _JSON_SETTINGS and str(value) == written and type(value) is int:
        return written  # such as an AWS account id without quotes
    return value


def checked_settings(*origins: Origin) -> StackSettings:
    """Check what texts set together, the first of which wins.

    Raises:
        SettingsError: Something in them is wrong; holds every problem, text by text.
    """
    document = _laid_over(origins)
    models = dict(MODELS)
    for pattern in _keys(document, "overrides"):
        models["overrides", pattern] = RoleSettings
        models["overrides", pattern, *TRUSTED_CLUSTER] = TrustedCluster
    models |= {("adopt", key): Adoption for key in _keys(document, "adopt")}
    structure = Structure(
        model=Settings,
        models=models,
        hints={},
        top="it is a setting of its own; write {key} beside this one",
    )
    settings, found = structure.check(document)
    found += non_text_key_findings(document.root, ())
    found += at_most(_secret_findings(origins))
    if settings:
        broken = {finding.path for finding in found}
        rules = (one for one in findings(settings) if one.path not in broken)
        found += at_most(rules)
    placed = _placed(found, origins)
    if settings is None or any(one.severity == "error" for one in placed):
        raise SettingsError(placed)
    return StackSettings(settings=settings, origins=origins, warnings=tuple(placed))


def _keys(document: Document, setting: str) -> list[str]:
    """List the keys of a setting that is a map; none if it is something else."""
    value = cast("Mapping[str, object]", document.root).get(setting)
    return (
        list(cast("Mapping[str, object]", value)) if isinstance(value, Mapping) else []
    )


def _secret_findings(origins: Iterable[Origin]) -> Iterator[Finding]:
    """Say which settings count as not set because they are secret."""
    message = (
        "is a secret, which is not read here, so that it counts as not set; write it "
        "without --secret"
    )
    for origin in origins:
        for key in sorted(origin.secret - _MAY_BE_SECRET):
            yield Finding((key,), "W-SECRET", message, "warning", at_key=True)


def _laid_over(origins: tuple[Origin, ...]) -> Document:
    """Lay texts over one another; a setting comes from one of them as a whole."""
    merged = Pairs()
    for origin in origins:
        for key, value in origin.values.items():
            if key not in merged:
                key_place = origin.place_of(key, of_key=True)
                place = origin.place_of(key)
                merged.put(key, value, key_place=key_place, value_place=place)
    return Document(root=merged)


def _placed(found: Iterable[Finding], origins: tuple[Origin, ...]) -> list[Problem]:
    """Place each finding in the text that sets what it is about, or in the first."""
    first, *_ = origins
    here: dict[Origin, list[Finding]] = {origin: [] for origin in origins}
    for finding in found:
        key = next(iter(finding.path), None)
        where = (one for one in origins if one.sets(key))
        here[next(where, first)].append(finding)
    return [problem for origin in origins for problem in origin.problems(here[origin])]
