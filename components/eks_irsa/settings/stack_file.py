"""Settings from the files Pulumi takes them from: a stack's own, and its project's.

What several stacks share stands once in Pulumi.yaml, as a `default`; a stack that sets
the key itself replaces the whole value.

Source: mergeConfig and RewriteShorthandConfigValues of Pulumi 3.230,
sdk/go/common/workspace (config.go, project.go, loaders.go).
"""

import os
from collections.abc import Collection, Mapping
from pathlib import Path as FilePath
from typing import Final

from eks_irsa.errors import Problem, SettingsError
from eks_irsa.settings.namespaces import (
    OURS,
    Namespaces,
    namespaces_of,
    twice_message,
)
from eks_irsa.settings.reading import (
    Origin,
    StackSettings,
    checked_settings,
    handed_over,
)
from eks_irsa.source.document import Document, Items, Pairs, Place
from eks_irsa.source.findings import Finding, faults_as_problems, problems
from eks_irsa.source.yaml_text import parse, read_bounded

__all__ = [
    "PROJECT_FILES",
    "config_of",
    "parsed",
    "project_file_of",
    "read_stack_file",
    "shown_like",
]

PROJECT_FILES: Final = ("Pulumi.yaml", "Pulumi.yml")
_SECTION: Final = "config"


def read_stack_file(path: FilePath) -> StackSettings:
    """Check the settings of a stack file, `Pulumi.<stack>.yaml`, and of its project.

    Args:
        path: The stack file, or a Pulumi.yaml alone; keys that are not ours are left
            alone, and so are secrets, which cannot be read without the stack's
            passphrase; a warning says so.

    Raises:
        SettingsError: Something in them is wrong; holds every problem, the stack
            file's first, each file's in its order.
    """
    source = str(path)
    document = parsed(path, source=source)
    config = config_of(document)
    if config is None:
        message = "expected a map with the map 'config', as Pulumi writes it"
        finding = Finding((), "E-TYPE", message)
        raise SettingsError(problems([finding], source=source, document=document))
    project = project_file_of(path)
    shared_source = shown_like(path, project) if project else source
    shared = parsed(project, source=shared_source) if project else Document()
    namespaces = namespaces_of(shared.root, config)
    stack = _Text(source, document, config, namespaces)
    own = stack.origin(defining=path.name in PROJECT_FILES)
    if not project:
        return checked_settings(own)
    of_project = _Text(shared_source, shared, config_of(shared) or Pairs(), namespaces)
    _refuse_both_namespaces(stack, of_project)
    return checked_settings(own, of_project.origin(less=stack.names, defining=True))


def project_file_of(stack_file: FilePath) -> FilePath | None:
    """Find the nearest Pulumi.yaml at or above a stack file."""
    # Links are not followed: the project is where the user sees the stack file.
    for folder in FilePath(os.path.abspath(stack_file)).parents:  # noqa: PTH100 - see above
        for name in PROJECT_FILES:
            if (folder / name).is_file():
                return folder / name
    return None


def shown_like(stack_file: FilePath, path: FilePath) -> str:
    """Name an absolute path from the current folder if the user names a file so."""
    here = FilePath.cwd()
    from_here = not stack_file.is_absolute() and path.is_relative_to(here)
    return str(path.relative_to(here) if from_here else path)


class _Text:
    """A file and the settings in it."""

    def __init__(
        self, source: str, document: Document, config: Pairs, namespaces: Namespaces
    ) -> None:
        """Find the keys that are ours.

        Raises:
            SettingsError: A key is there with its namespace and without.
        """
        self._source, self._document, self._config = source, document, config
        self._namespaces = namespaces
        self.written: dict[tuple[str, str], str] = {}
        twice: list[Problem] = []
        for name in config:
            setting = namespaces.setting(name)
            if setting and self.written.setdefault(setting, name) != name:
                other = self.written[setting]
                message = f"the key {name!r} is here as {other!r} too; keep one"
                twice += self.refusals({name: message})
        if twice:
            raise SettingsError(twice)

    @property
    def names(self) -> dict[str, str]:
        """How each key is written."""
        return {key: name for (_, key), name in self.written.items()}

    def refusals(self, messages: Mapping[str, str]) -> list[Problem]:
        """Place messages about keys, as they are written, that are there twice."""
        found = [
            Finding((_SECTION, name), "E-YAML-DUPLICATE-KEY", message, at_key=True)
            for name, message in messages.items()
        ]
        return problems(found, source=self._source, document=self._document)

    def origin(self, *, less: Collection[str] = (), defining: bool = False) -> Origin:
        """Give what the file sets.

        Args:
            less: Keys that another file sets.
            defining: A map defines a setting, as in Pulumi.yaml. Default: false.
        """
        values: dict[str, object] = {}
        defined: dict[str, str] = {}
        secret: set[str] = set()
        for key, name in self.names.items():
            value, place = self._config[name], self._config.value_places[name]
            if defining and isinstance(value, Pairs) and not _is_secret(value):
                # Of another namespace than the project's Pulumi takes `value` alone.
                step = defined[key] = "value" if "value" in value else "default"
                place = value.value_places.get(step, place)
                value = value.get(step)
            if value is None or key in less:
                continue
            if _is_secret(value):
                secret.add(key)
            else:
                values[key] = handed_over(
                    key, _as_pulumi_reads(value, place), place.written
                )
        return Origin(
            source=self._source,
            values=values,
            document=self._document,
            section=(_SECTION,),
            namespace=self._namespaces.first,
            names=self.names,
            defined=defined,
            secret=frozenset(secret),
        )


def _refuse_both_namespaces(*files: _Text) -> None:
    """Refuse settings that the files together have in both namespaces.

    Raises:
        SettingsError: There are some; holds a problem for each place in `eks-irsa`.
    """
    everywhere = {setting for file in files for setting in file.written}
    own = {key: f"{space}:{key}" for space, key in everywhere if space != OURS}
    found = [
        problem
        for file in files
        for problem in file.refusals(
            {
                name: twice_message(f"{OURS}:{key}", own[key])
                for (space, key), name in file.written.items()
                if space == OURS and key in own
            }
        )
    ]
    if found:
        raise SettingsError(found)


def parsed(path: FilePath, *, source: str) -> Document:
    """Read a stack file or project file as YAML.

    Args:
        path: The file.
        source: Name for it in problems.

    Raises:
        SettingsError: It cannot be read or is no YAML; holds every problem.
    """
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
    return document


def config_of(document: Document) -> Pairs | None:
    """Take the section of settings out of a file; None if it is no such file."""
    root = Pairs() if document.root is None else document.root
    config = root.get(_SECTION) if isinstance(root, Pairs) else root
    config = Pairs() if config is None else config
    return config if isinstance(config, Pairs) else None


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
