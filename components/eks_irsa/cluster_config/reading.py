"""Read a ClusterConfig file: a checked model with its places, or every problem."""

from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Final, cast

from pydantic import ValidationError

from eks_irsa.cluster_config.model import MODELS, ClusterConfig
from eks_irsa.cluster_config.rules import findings
from eks_irsa.errors import ClusterConfigError, Problem
from eks_irsa.source.findings import (
    Finding,
    faults_as_problems,
    in_file_order,
    problems,
    structure_findings,
    without,
)
from eks_irsa.source.yaml_text import Document, parse

__all__ = ["ClusterConfigFile", "parse_cluster_config", "read_cluster_config"]

# Slips that likeness of names does not find: (place, key) -> remedy.
_HINTS: Final = {
    ("", "serviceAccounts"): "it belongs under iam",
    ("", "serviceAccount"): "write iam.serviceAccounts",
    ("iam", "oidc"): "write withOIDC: true",
    ("iam.serviceAccounts", "name"): "it belongs under metadata",
    ("iam.serviceAccounts", "namespace"): "it belongs under metadata",
    ("iam.serviceAccounts", "labels"): "it belongs under metadata",
    ("iam.serviceAccounts", "annotations"): "it belongs under metadata",
    ("iam.serviceAccounts", "policyARNs"): "did you mean 'attachPolicyARNs'?",
    ("iam.serviceAccounts", "roleARN"): "did you mean 'attachRoleARN'?",
    ("iam.serviceAccounts.metadata", "tags"): "it belongs one level up, in the entry",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterConfigFile:
    """A ClusterConfig that may be used, and where its values stand.

    Attributes:
        source: The file as the user named it.
        config: The checked model.
        document: The text's values with their places.
        warnings: What is worth knowing and stops nothing.
    """

    source: str
    config: ClusterConfig
    document: Document
    warnings: tuple[Problem, ...]

    def problems(self, found: list[Finding]) -> list[Problem]:
        """Place what a later check found in the file."""
        return problems(found, source=self.source, document=self.document)


def read_cluster_config(
    path: FilePath, *, source: str | None = None
) -> ClusterConfigFile:
    """Read and check a ClusterConfig file.

    Args:
        path: The file, UTF-8, at most 4 MiB.
        source: Name for it in problems. Default: *path*.

    Raises:
        ClusterConfigError: It cannot be read, or something in it is wrong; holds
            every problem in the order of the file.
    """
    name = source or str(path)
    try:
        text = path.read_bytes()
    except OSError as error:
        message = (
            f"cannot be read: {error.strerror}; give the path of a ClusterConfig file"
        )
        finding = Finding((), "E-FILE", message)
        found = problems([finding], source=name, document=Document.without_lines())
        raise ClusterConfigError(found) from error
    return parse_cluster_config(text, source=name)


def parse_cluster_config(text: bytes, *, source: str) -> ClusterConfigFile:
    """Check the text of a ClusterConfig.

    Args:
        text: YAML in UTF-8.
        source: Name of the text in problems.

    Raises:
        ClusterConfigError: Something in it is wrong; holds every problem in order.
    """
    document = parse(text)
    found = faults_as_problems(document, source=source)
    if not isinstance(document.root, dict):
        if not found:
            wrong = Finding((), "E-TYPE", "expected a ClusterConfig, a map of keys")
            found = problems([wrong], source=source, document=document)
        raise ClusterConfigError(found)
    config, structural = _validated(document)
    broken = {finding.path for finding in structural}
    raw = cast("dict[str, object]", document.root)
    semantic = list(findings(config, raw=raw, broken=broken))
    found += problems([*structural, *semantic], source=source, document=document)
    found = in_file_order(found)
    if any(problem.severity == "error" for problem in found):
        raise ClusterConfigError(found)
    return ClusterConfigFile(
        source=source, config=config, document=document, warnings=tuple(found)
    )


def _validated(document: Document) -> tuple[ClusterConfig, list[Finding]]:
    """Validate structure; what is wrong is taken out so that the rest is checked too."""
    data = document.root
    structural: list[Finding] = []
    while True:
        try:
            return ClusterConfig.model_validate(data), structural
        except ValidationError as error:
            structural += structure_findings(
                error, data=data, models=MODELS, hints=_HINTS, document=document
            )
            data = without(document.root, {finding.path for finding in structural})
