"""Settings from the files Pulumi takes them from: a stack's own, and its project's.

What several stacks share stands once in Pulumi.yaml, as a `default`; a stack that sets
the key itself replaces the whole value.

Source: mergeConfig and RewriteShorthandConfigValues of Pulumi 3.230,
sdk/go/common/workspace (config.go, project.go, loaders.go).
"""

import os
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Final

from eks_irsa.errors import SettingsError
from eks_irsa.settings.reading import (
    PROJECT,
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
        path: The stack file; keys of other namespaces are left alone, and so are
            secrets, which cannot be read without the stack's passphrase.

    Raises:
        SettingsError: Something in them is wrong; holds every problem, the stack
            file's first, each file's in its order.
    """
    stack = _stack_origin(path)
    project = project_file_of(path)
    if project is None:
        return checked_settings(stack)
    return checked_settings(stack, _project_origin(path, project, stack=stack))


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


def _stack_origin(path: FilePath) -> Origin:
    source = str(path)
    document = parsed(path, source=source)
    config = _config_of(document)
    if config is None:
        message = "expected a map with the map 'config', as Pulumi writes it"
        finding = Finding((), "E-TYPE", message)
        raise SettingsError(problems([finding], source=source, document=document))
    names = dict(_our_names(config))
    twice = [
        Finding(
            (_SECTION, name),
            "E-YAML-DUPLICATE-KEY",
            f"the key {key!r} is here as {names[key]!r} too; keep one",
            at_key=True,
        )
        for key, name in _our_names(config)
        if name != names[key]
    ]
    if twice:
        raise SettingsError(problems(twice, source=source, document=document))
    values = {
        key: _value(key, config[name], config.value_places[name])
        for key, name in names.items()
        if config[name] is not None and not _is_secret(config[name])
    }
    return Origin(
        source=source,
        values=values,
        document=document,
        section=(_SECTION,),
        names=names,
    )


def _project_origin(path: FilePath, project: FilePath, *, stack: Origin) -> Origin:
    """Read what the stacks of a project share, less what a stack sets itself."""
    source = shown_like(path, project)
    document = parsed(project, source=source)
    config, root = _config_of(document), document.root
    if config is None or not isinstance(root, Pairs) or root.get("name") != PROJECT:
        return Origin(source=source)  # settings of another project are not ours
    names = dict(_our_names(config))
    values: dict[str, object] = {}
    defined: set[str] = set()
    for key, name in names.items():
        value, place = config[name], config.value_places[name]
        if isinstance(value, Pairs):
            defined.add(key)
            place = value.value_places.get("default", place)
            value = value.get("default")
        if value is not None and key not in stack.names:
            values[key] = _value(key, value, place)
    return Origin(
        source=source,
        values=values,
        document=document,
        section=(_SECTION,),
        names=names,
        defined=frozenset(defined),
    )


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


def _config_of(document: Document) -> Pairs | None:
    """Take the section of settings out of a file; None if it is no such file."""
    root = Pairs() if document.root is None else document.root
    config = root.get(_SECTION) if isinstance(root, Pairs) else root
    config = Pairs() if config is None else config
    return config if isinstance(config, Pairs) else None


def _our_names(config: Pairs) -> Iterator[tuple[str, str]]:
    """Yield the keys that are ours, and how they are spelt: the namespace may lack."""
    for name in config:
        namespace, colon, key = name.rpartition(":")
        if not colon or namespace == PROJECT:
            yield key, name


def _value(key: str, value: object, place: Place) -> object:
    return handed_over(key, _as_pulumi_reads(value, place), place.written)


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
