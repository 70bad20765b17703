"""Read a ClusterConfig file: a checked model with its places, or every problem."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Final, TypeVar, cast

from eks_irsa.cluster_config.model import MODELS, ClusterConfig
from eks_irsa.cluster_config.rules import findings
from eks_irsa.cluster_config.templates import without_template_marks
from eks_irsa.errors import ClusterConfigError, Problem
from eks_irsa.source.document import Document
from eks_irsa.source.findings import (
    Finding,
    Path,
    at_most,
    faults_as_problems,
    in_file_order,
    problems,
)
from eks_irsa.source.structure import Structure
from eks_irsa.source.yaml_text import parse, read_bounded

__all__ = ["ClusterConfigFile", "parse_cluster_config", "read_cluster_config"]

# Section -> what must be right of an entry of it to say whom its role trusts, indexes
# left out.
_SUBJECTS: Final[dict[Path, frozenset[Path]]] = {
    ("iam", "serviceAccounts"): frozenset(
        {
            (),
            ("metadata",),
            ("metadata", "name"),
            ("metadata", "namespace"),
            ("subjectPattern",),
        }
    ),
    ("iam", "podIdentityAssociations"): frozenset(
        # A policy that is no JSON is nothing that can be planned.
        {(), ("namespace",), ("serviceAccountName",), ("policy",)}
    ),
    ("addons",): frozenset(
        {
            (),
            ("name",),
            ("namespaceConfig",),
            ("namespaceConfig", "namespace"),
            ("podIdentityAssociations",),
            ("podIdentityAssociations", "namespace"),
            ("podIdentityAssociations", "serviceAccountName"),
        }
    ),
}

_STRUCTURE: Final = Structure(
    model=ClusterConfig,
    models=MODELS,
    hints={
        ("", "serviceAccount"): "write iam.serviceAccounts",
        ("iam", "oidc"): "write withOIDC: true",
        ("metadata", "namespace"): "it belongs under iam.serviceAccounts[].metadata",
        ("iam.serviceAccounts", "policyARNs"): "did you mean 'attachPolicyARNs'?",
        ("iam.serviceAccounts", "roleARN"): "did you mean 'attachRoleARN'?",
        ("iam.podIdentityAssociations", "attachPolicy"): (
            "did you mean 'permissionPolicy'?"
        ),
        ("iam.podIdentityAssociations", "attachPolicyARNs"): (
            "did you mean 'permissionPolicyARNs'?"
        ),
        ("iam.podIdentityAssociations", "attachRoleARN"): "did you mean 'roleARN'?",
        ("iam.podIdentityAssociations", "permissionsBoundary"): (
            "did you mean 'permissionsBoundaryARN'?"
        ),
        ("iam.podIdentityAssociations", "roleOnly"): (
            "it is so unless createServiceAccount is true"
        ),
    },
)

_Entry = TypeVar("_Entry")
_Entries = list[_Entry | None] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterConfigFile:
    """A ClusterConfig that may be used, and where its values stand.

    Attributes:
        source: The file as the user named it.
        config: The checked model.
        document: The text's values with their places.
        warnings: What is worth knowing and stops nothing.
        errors: What is wrong with it, if it was read `partly`; *config* then lacks
            values that are none, and holds None for each entry without a subject.
    """

    source: str
    config: ClusterConfig
    document: Document
    warnings: tuple[Problem, ...]
    errors: tuple[Problem, ...] = ()

    def problems(self, found: Iterable[Finding]) -> list[Problem]:
        """Place what a later check found in the file."""
        return problems(found, source=self.source, document=self.document)


def read_cluster_config(
    path: FilePath, *, source: str | None = None, partly: bool = False
) -> ClusterConfigFile:
    """Read and check a ClusterConfig file.

    Args:
        path: The file, UTF-8 or UTF-16, at most 4 MiB.
        source: Name for it in problems. Default: *path*.
        partly: As in `parse_cluster_config`.

    Raises:
        ClusterConfigError: It cannot be read, or something in it is wrong; holds
            every problem in the order of the file.
    """
    name = source or str(path)
    try:
        text = read_bounded(path)
    except OSError as error:
        message = (
            f"cannot be read: {error.strerror}; give the path of a ClusterConfig file"
        )
        finding = Finding((), "E-FILE", message)
        raise ClusterConfigError(
            problems([finding], source=name, document=Document())
        ) from error
    return parse_cluster_config(text, source=name, partly=partly)


def parse_cluster_config(
    text: bytes, *, source: str, partly: bool = False
) -> ClusterConfigFile:
    """Check the text of a ClusterConfig.

    Args:
        text: YAML in UTF-8, or in UTF-16 with a byte order mark.
        source: Name of the text in problems.
        partly: Do not raise where the rest can be read, so that `plan` can look at it
            and name the errors of both together. Default: false.

    Raises:
        ClusterConfigError: Something in it is wrong; holds every problem in order.
    """
    document = parse(text)
    config, found = _checked(document)
    wrong = [finding.path for finding in found if finding.severity == "error"]
    faulty = [fault.path for fault in document.faults]
    rest = _with_subjects(config, [*wrong, *faulty])
    in_order = in_file_order(
        [
            *faults_as_problems(document, source=source),
            *problems(
                without_template_marks(found, document),
                source=source,
                document=document,
            ),
        ]
    )
    errors = tuple(problem for problem in in_order if problem.severity == "error")
    if rest is None or (errors and not partly):
        raise ClusterConfigError(in_order)
    return ClusterConfigFile(
        source=source,
        config=rest,
        document=document,
        warnings=tuple(problem for problem in in_order if problem.severity != "error"),
        errors=errors,
    )


def _with_subjects(
    config: ClusterConfig | None, wrong: Iterable[Path]
) -> ClusterConfig | None:
    """Put None in the place of each entry that does not say whom its role trusts."""
    if config is None:
        return None
    doubtful: set[Path] = set()
    for path in wrong:
        for section, subject in _SUBJECTS.items():
            inner = path[len(section) :]
            steps = tuple(step for step in inner[1:] if isinstance(step, str))
            if path[: len(section)] == section and inner and steps in subject:
                doubtful.add((*section, inner[0]))

    def kept(section: Path, entries: _Entries[_Entry]) -> _Entries[_Entry]:
        return entries and [
            None if (*section, index) in doubtful else entry
            for index, entry in enumerate(entries)
        ]

    accounts, associations, addons = _SUBJECTS
    rest: dict[str, object] = {"addons": kept(addons, config.addons)}
    if iam := config.iam:
        update = {
            "service_accounts": kept(accounts, iam.service_accounts),
            "pod_identity_associations": kept(
                associations, iam.pod_identity_associations
            ),
        }
        rest["iam"] = iam.model_copy(update=update)
    return config.model_copy(update=rest)


def _checked(document: Document) -> tuple[ClusterConfig | None, list[Finding]]:
    """Check structure and meaning; what is wrong in one is left out of the other."""
    root = document.root
    if root is None:
        if document.faults:
            return None, []
        empty = "the file is empty; expected a ClusterConfig"
        return None, [Finding((), "E-YAML-EMPTY", empty)]
    if not isinstance(root, dict):
        wrong = "expected a ClusterConfig, a map of keys"
        return None, [Finding((), "E-TYPE", wrong)]
    config, structural = _STRUCTURE.check(document)
    if config is None:
        return None, structural
    raw = cast("Mapping[str, object]", root)
    broken = {finding.path for finding in structural}
    return config, [*structural, *at_most(findings(config, raw=raw, broken=broken))]
