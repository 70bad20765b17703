"""The schema of the package: what is inferred from the components, said well.

Names are those of the other languages, the component comes with a program in each, and
a release says whose it is: its builder writes `release.json` beside this file, with the
URL of the repository, which the tree does not have.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

__all__ = ["package_schema", "release_identity"]

_HERE: Final = Path(__file__).parent
_IDENTITY: Final = {
    "displayName": "EKS IRSA",
    "description": "Give Kubernetes service accounts on EKS their AWS permissions.",
    "keywords": [
        "pulumi",
        "aws",
        "eks",
        "irsa",
        "kubernetes",
        "kind/component",
        "category/cloud",
    ],
    "license": "Apache-2.0",
}
_WITH_EXAMPLES: Final = "eks-irsa:index:IrsaServiceAccount"


def package_schema(inferred: Mapping[str, Any]) -> dict[str, Any]:
    """Give the schema that the package answers.

    Args:
        inferred: What Pulumi's host inferred from the components, a schema of a
            package.

    Returns:
        The same resources and types, described in the other languages' names, with the
        package's identity; a copy.

    Source:
        https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/
    """
    schema = _described_in_its_names(json.loads(json.dumps(inferred)))
    resource = schema["resources"][_WITH_EXAMPLES]
    resource["description"] = f"{resource['description']}\n\n{_examples()}"
    release = _HERE / "release.json"
    if not release.exists():
        return {**schema, **_IDENTITY}
    repository = json.loads(release.read_text(encoding="utf-8"))["repository"]
    identity = release_identity(repository=repository, version=schema["version"])
    return {**schema, **_IDENTITY, **identity}


def release_identity(*, repository: str, version: str) -> Mapping[str, str]:
    """Say whose a released package is, and where its parts are.

    Args:
        repository: URL of the repository on GitHub, `https://<host>/<owner>/<name>`.
        version: Of the release, whose tag is `v<version>`.

    Returns:
        Fields of a schema of a package. `pluginDownloadURL` is the releases of the
        repository, in the form that the engine takes.

    Raises:
        ValueError: The URL has another form.

    Source:
        pulumi/pulumi, sdk/go/common/workspace/plugins.go (`newGithubSource`)
    """
    url = urlsplit(repository)
    match url.path.split("/"):
        case ["", owner, name] if (
            url.scheme == "https" and url.netloc and owner and name
        ):
            return {
                "homepage": repository,
                "repository": repository,
                "publisher": owner,
                "logoUrl": f"{repository}/raw/v{version}/docs/images/logo.svg",
                "pluginDownloadURL": f"github://api.{url.netloc}/{owner}/{name}",
            }
        case _:
            msg = (
                f"{repository!r} is no URL of a repository; expected "
                "https://<host>/<owner>/<name>"
            )
            raise ValueError(msg)


def _examples() -> str:
    """Write the programs as the registry shows them, one language at a time.

    Source:
        pulumi/pulumi, pkg/codegen/docs.go (`FilterExamples`)
    """
    text = (_HERE / "examples.md").read_text(encoding="utf-8")
    programs = re.findall(r"^```\w+\n.*?^```$", text, re.DOTALL | re.MULTILINE)
    return "\n\n".join(
        (
            "{{% examples %}}\n## Example Usage\n{{% example %}}",
            *programs,
            "{{% /example %}}\n{{% /examples %}}",
        )
    )


def _described_in_its_names(schema: dict[str, Any]) -> dict[str, Any]:
    """Word descriptions with the names that the schema has, in place of Python's."""
    names = {
        re.sub(r"(?=[A-Z])", "_", name).lower(): name
        for resource in schema["resources"].values()
        for name in {**resource["inputProperties"], **resource["properties"]}
    }
    for resource in schema["resources"].values():
        resource["description"] = _described(resource["description"], names)
        for kind in ("inputProperties", "properties"):
            for one in resource[kind].values():
                one["description"] = _described(one["description"], names)
                # Inference repeats the description for the items of a list or a map.
                for items in ("items", "additionalProperties"):
                    one.get(items, {}).pop("description", None)
    for kind in schema.get("types", {}).values():
        for one in (kind, *kind.get("enum", ()), *kind.get("properties", {}).values()):
            one["description"] = _described(one["description"], names)
        for one in kind.get("enum", ()):
            # NOT_MANAGED would be NO_T_MANAGED in every generated SDK.
            one["name"] = one["name"].title().replace("_", "")
    return schema


def _described(text: str, names: Mapping[str, str]) -> str:
    paragraphs = (" ".join(one.split()) for one in text.split("\n\n"))
    return re.sub(
        r"(?<=`)\w+(?=`)",
        lambda match: names.get(match[0], match[0]),
        "\n\n".join(paragraphs),
    )
