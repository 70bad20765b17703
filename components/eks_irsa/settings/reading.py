"""Settings from Pulumi's configuration or from a stack file: a model, or every problem.

Both ways give the same settings and the same problems; only the stack file knows lines.
"""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Final, cast

from eks_irsa.errors import Problem, SettingsError
from eks_irsa.settings.model import MODELS, RoleSettings, Settings
from eks_irsa.settings.rules import findings
from eks_irsa.source.document import Document, Items, Pairs, Place
from eks_irsa.source.findings import (
    Finding,
    at_most,
    faults_as_problems,
    in_file_order,
    non_text_key_findings,
    problems,
)
from eks_irsa.source.structure import Structure
from eks_irsa.source.yaml_text import parse, read_bounded

__all__ = [
    "PROJECT",
    "StackSettings",
    "default_settings",
    "read_stack_file",
    "settings_of_config",
]

# Name of the Pulumi project, which is the namespace of its settings.
PROJECT: Final = "eks-irsa"
_PREFIX: Final = f"{PROJECT}:"
_SOURCE: Final = "stack settings"
# Settings that Pulumi hands over as JSON; the others are plain text.
_JSON_SETTINGS: Final = frozenset(
    {
        "createNamespaces",
        "defaults",
        "exclude",
        "include",
        "limits",
        "overrideExisting",
        "overrides",
    }
)
_SWITCH: Final = {True: "on", False: "off", "true": "on", "false": "off"}


@dataclass(frozen=True, kw_only=True, slots=True)
class StackSettings:
    """Checked settings, and how to say where one of them stands.

    Attributes:
        settings: The checked model.
        source: The stack file, or `stack settings`.
        document: The values as they were given, with their places if there are lines.
        prefix: What stands before a setting's path.
    """

    settings: Settings
    source: str = _SOURCE
    document: Document = dataclasses.field(default_factory=Document)
    prefix: str = _PREFIX

    def problems(self, found: Iterable[Finding]) -> list[Problem]:
        """Place what a later check found in the settings."""
        return _placed(found, self.source, self.document, self.prefix)


def default_settings() -> StackSettings:
    """Return the settings of a stack that sets none."""
    return StackSettings(settings=Settings.model_validate({}))


def settings_of_config(config: Mapping[str, str]) -> StackSettings:
    """Check the settings Pulumi hands to the program.

    Args:
        config: Pulumi's configuration, `<namespace>:<key>` -> text; maps, lists,
            booleans and numbers as JSON. Other namespaces than ours are left alone.

    Raises:
        SettingsError: Something in them is wrong; holds every problem.
    """
    values: dict[str, object] = {}
    for name, text in sorted(config.items()):
        if name.startswith(_PREFIX):
            key = name.removeprefix(_PREFIX)
            values[key] = _handed_over(key, text)
    return _checked(Document(root=values), source=_SOURCE, prefix=_PREFIX)


def read_stack_file(path: FilePath) -> StackSettings:
    """Check the settings of a stack file, `Pulumi.<stack>.yaml`.

    Args:
        path: The stack file; keys of other namespaces are left alone, and so are
            secrets, which cannot be read without the stack's passphrase.

    Raises:
        SettingsError: Something in them is wrong; holds every problem in order.
    """
    source = str(path)
    try:
        text = read_bounded(path)
    except OSError as error:
        message = f"cannot be read: {error.strerror}; give the path of a stack file"
        finding = Finding((), "E-FILE", message)
        raise SettingsError(
            problems([finding], source=source, document=Document())
        ) from error
    document = parse(text)
    if document.faults:
        raise SettingsError(faults_as_problems(document, source=source))
    section = _section(document)
    if section is None:
        message = "expected a map with the map 'config', as Pulumi writes it"
        finding = Finding((), "E-TYPE", message)
        raise SettingsError(problems([finding], source=source, document=document))
    settings = Document(root=section, root_place=document.place_of(("config",)))
    return _checked(settings, source=source, prefix=f"config.{_PREFIX}")


def _section(document: Document) -> Pairs | None:
    """Take our settings out of a stack file; None if it is none."""
    root = Pairs() if document.root is None else document.root
    config = root.get("config") if isinstance(root, Pairs) else root
    config = Pairs() if config is None else config
    if not isinstance(config, Pairs):
        return None
    section = Pairs()
    for name, value in config.items():
        key = name.removeprefix(_PREFIX)
        if key == name or value is None or _is_secret(value):
            continue
        place = config.value_places[name]
        section.put(
            key,
            _handed_over(key, _as_pulumi_reads(value, place), place.written),
            key_place=config.key_places[name],
            value_place=place,
        )
    return section


def _is_secret(value: object) -> bool:
    return isinstance(value, Pairs) and list(value) == ["secure"]


def _as_pulumi_reads(value: object, place: Place) -> object:
    """Leave `on` and `yes` text, as the YAML library of Pulumi does."""
    if isinstance(value, Pairs):
        for key, inner in value.items():
            value[key] = _as_pulumi_reads(inner, value.value_places[key])
    elif isinstance(value, Items):
        for index, inner in enumerate(value):
            value[index] = _as_pulumi_reads(inner, value.places[index])
    elif isinstance(value, bool) and not _is_true_or_false(place.written):
        return place.written
    return value


def _is_true_or_false(written: str | None) -> bool:
    return written is not None and written.lower() in {"true", "false"}


def _handed_over(key: str, value: object, written: str | None = None) -> object:
    """Turn a setting into the value it stands for, whichever way it came."""
    if key in _JSON_SETTINGS and isinstance(value, str):
        try:
            return cast("object", json.loads(value))
        except (ValueError, RecursionError):
            return value
    if key == "kubernetes" and isinstance(value, bool | str):
        return _SWITCH.get(value, value)
    if key not in _JSON_SETTINGS and str(value) == written and type(value) is int:
        return written  # such as an account id without quotes
    return value


def _checked(document: Document, *, source: str, prefix: str) -> StackSettings:
    overrides = cast("Mapping[str, object]", document.root).get("overrides")
    is_map = isinstance(overrides, Mapping)
    patterns = list(cast("Mapping[str, object]", overrides)) if is_map else []
    structure = Structure(
        model=Settings,
        models={**MODELS, **{("overrides", one): RoleSettings for one in patterns}},
        hints={},
    )
    settings, found = structure.check(document)
    found += non_text_key_findings(document.root, ())
    if settings:
        broken = {finding.path for finding in found}
        rules = (one for one in findings(settings) if one.path not in broken)
        found += at_most(rules)
    if settings is None or found:
        raise SettingsError(in_file_order(_placed(found, source, document, prefix)))
    return StackSettings(
        settings=settings, source=source, document=document, prefix=prefix
    )


def _placed(
    found: Iterable[Finding], source: str, document: Document, prefix: str
) -> list[Problem]:
    return [
        dataclasses.replace(problem, path=prefix + problem.path)
        if problem.path
        else problem
        for problem in problems(found, source=source, document=document)
    ]
