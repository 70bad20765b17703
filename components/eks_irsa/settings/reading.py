"""Settings from Pulumi's configuration or from a stack file: a model, or every problem.

Both ways give the same settings and the same problems; only the stack file knows lines.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Final, cast

from pydantic import ValidationError

from eks_irsa.documents import arns, names
from eks_irsa.errors import Problem, SettingsError
from eks_irsa.settings.globs import glob_fault
from eks_irsa.settings.model import MODELS, RoleSettings, Settings
from eks_irsa.source.findings import (
    Finding,
    Path,
    faults_as_problems,
    in_file_order,
    problems,
    structure_findings,
    without,
)
from eks_irsa.source.yaml_text import Document, parse

__all__ = [
    "PROJECT",
    "StackSettings",
    "default_settings",
    "read_stack_file",
    "settings_of_config",
]

# Name of the Pulumi project, which is the namespace of its settings.
PROJECT: Final = "eks-irsa"
_SOURCE: Final = "stack settings"
# Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
_SESSION_SECONDS: Final = range(3600, 43_201)
# Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddClientIDToOpenIDConnectProvider.html
_MAX_AUDIENCE: Final = 255


@dataclass(frozen=True, kw_only=True, slots=True)
class StackSettings:
    """Checked settings, and how to say where one of them stands.

    Attributes:
        settings: The checked model.
        source: The stack file, or `stack settings`.
        document: The values with their places, where there are lines.
    """

    settings: Settings
    source: str = _SOURCE
    document: Document | None = None

    def problems(self, found: Iterable[Finding]) -> list[Problem]:
        """Place what a later check found in the settings."""
        return _placed(found, source=self.source, document=self.document)


def default_settings() -> StackSettings:
    """Return the settings of a stack that sets none."""
    return StackSettings(settings=Settings())


def settings_of_config(config: Mapping[str, str]) -> StackSettings:
    """Check the settings Pulumi hands to the program.

    Args:
        config: Pulumi's configuration, `<namespace>:<key>` -> text; maps, lists,
            booleans and numbers as JSON. Other namespaces than ours are left alone.

    Raises:
        SettingsError: Something in them is wrong; holds every problem.
    """
    data: dict[str, object] = {}
    found: list[Finding] = []
    for name, text in sorted(config.items()):
        namespace, _, key = name.partition(":")
        if namespace != PROJECT:
            continue
        try:
            data[key] = _decoded(key, text)
        except json.JSONDecodeError:
            message = f"expected a map, a list, a number or a boolean, got {text!r}"
            found.append(Finding((key,), "E-TYPE", message))
    return _checked(data, found, source=_SOURCE, document=None)


def read_stack_file(path: FilePath) -> StackSettings:
    """Check the settings of a stack file, `Pulumi.<stack>.yaml`.

    Args:
        path: The stack file; keys of other namespaces are left alone.

    Raises:
        SettingsError: Something in them is wrong; holds every problem in order.
    """
    source = str(path)
    try:
        text = path.read_bytes()
    except OSError as error:
        message = f"cannot be read: {error.strerror}; give the path of a stack file"
        finding = Finding((), "E-FILE", message)
        raise SettingsError(
            problems([finding], source=source, document=Document.without_lines())
        ) from error
    document = parse(text)
    if document.faults:
        raise SettingsError(faults_as_problems(document, source=source))
    root = document.root
    section = root.get("config") if isinstance(root, dict) else None
    if not isinstance(section, dict):
        section = {}
    prefix = f"{PROJECT}:"
    data = {
        key.removeprefix(prefix): value
        for key, value in cast("dict[str, object]", section).items()
        if key.startswith(prefix)
    }
    return _checked(data, [], source=source, document=document)


def _decoded(key: str, text: str) -> object:
    fields = {
        field.alias or name: field.annotation
        for name, field in Settings.model_fields.items()
    }
    is_text = fields.get(key) in {bool, list[str], dict[str, RoleSettings]}
    is_section = key in {"defaults", "limits"}
    return json.loads(text) if is_text or is_section else text


def _checked(
    data: dict[str, object],
    found: list[Finding],
    *,
    source: str,
    document: Document | None,
) -> StackSettings:
    # YAML reads `off` as false; whoever writes it means the word.
    if isinstance(data.get("kubernetes"), bool):
        data = data | {"kubernetes": "on" if data["kubernetes"] else "off"}
    settings, structural = _validated(data, document or Document(root=data))
    findings = [*found, *structural, *_findings(settings)]
    if findings:
        placed = _placed(findings, source=source, document=document)
        raise SettingsError(in_file_order(placed))
    return StackSettings(settings=settings, source=source, document=document)


def _validated(
    data: dict[str, object], document: Document
) -> tuple[Settings, list[Finding]]:
    structural: list[Finding] = []
    rest: object = data
    models = MODELS | {
        ("overrides", pattern): RoleSettings
        for pattern in cast("dict[str, object]", data.get("overrides") or {})
    }
    while True:
        try:
            return Settings.model_validate(rest), structural
        except ValidationError as error:
            structural += structure_findings(
                error, data=rest, models=models, hints={}, document=document
            )
            rest = without(data, {finding.path for finding in structural})


def _placed(
    found: Iterable[Finding], *, source: str, document: Document | None
) -> list[Problem]:
    """Place findings; in a stack file a setting stands under `config`."""
    placed = [
        finding._replace(path=_full_path(finding.path, document)) for finding in found
    ]
    return problems(
        placed, source=source, document=document or Document.without_lines()
    )


def _full_path(path: Path, document: Document | None) -> Path:
    if not path:
        return path
    key = f"{PROJECT}:{path[0]}"
    inner = (key, *path[1:])
    return ("config", *inner) if document else inner


def _findings(settings: Settings) -> Iterator[Finding]:
    if settings.account_id and not arns.is_account_id(settings.account_id):
        message = f"{settings.account_id!r} is not an account id; expected 12 digits"
        yield Finding(("accountId",), "E-ACCOUNT-ID", message)
    if not 1 <= len(settings.audience) <= _MAX_AUDIENCE:
        message = f"{settings.audience!r} is no audience; expected 1 to 255 characters"
        yield Finding(("audience",), "E-AUDIENCE", message)
    yield from _role_findings(settings.defaults, ("defaults",))
    for pattern, override in settings.overrides.items():
        yield from _role_findings(override, ("overrides", pattern))
        if fault := glob_fault(pattern):
            yield Finding(("overrides", pattern), "E-GLOB", fault, at_key=True)
    for key, patterns in (
        ("overrideExisting", settings.override_existing),
        ("include", settings.include),
        ("exclude", settings.exclude),
    ):
        for index, pattern in enumerate(patterns):
            if fault := glob_fault(pattern):
                yield Finding((key, index), "E-GLOB", fault)


def _role_findings(role: RoleSettings, path: Path) -> Iterator[Finding]:
    boundary = role.permissions_boundary
    if boundary is not None and not arns.is_policy_arn(boundary):
        message = (
            f"{boundary!r} is not the ARN of a policy; "
            "expected arn:<partition>:iam::<12 digits or 'aws'>:policy/<name>"
        )
        yield Finding((*path, "permissionsBoundary"), "E-BOUNDARY-ARN", message)
    if role.role_path is not None and (fault := names.role_path_fault(role.role_path)):
        yield Finding((*path, "rolePath"), "E-ROLE-PATH", fault)
    seconds = role.max_session_duration_seconds
    if seconds is not None and seconds not in _SESSION_SECONDS:
        message = f"{seconds} is out of bounds; expected 3600 to 43200 seconds"
        key = "maxSessionDurationSeconds"
        yield Finding((*path, key), "E-SESSION-DURATION", message)
    label = role.managed_by_label
    if label is not None and (fault := names.label_value_fault(label)):
        yield Finding((*path, "managedByLabel"), "E-LABEL", fault)
    tags = role.tags or {}
    for key, value in tags.items():
        if fault := names.tag_fault(key, value):
            yield Finding((*path, "tags", key), "E-TAG", fault, at_key=True)
    for earlier, later in names.same_tag_keys(tags):
        message = f"IAM takes {later!r} and {earlier!r} for one key; keep one of them"
        yield Finding((*path, "tags", later), "E-TAG", message, at_key=True)
