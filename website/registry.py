"""The two pages that Pulumi's registry shows of a package, from components/README.md.

The registry takes them from the folder docs/ of the repository, under these names.

Source:
    https://github.com/pulumi/registry#publishing-a-community-package-on-the-registry
"""

import re
from typing import Final

__all__ = ["registry_pages"]

# As the registry calls the languages -> as a fence of Markdown does.
LANGUAGES: Final = {
    "typescript": "typescript",
    "python": "python",
    "go": "go",
    "csharp": "csharp",
    "java": "java",
    "yaml": "yaml",
}
HEAD: Final = """---
title: {title}
meta_desc: {description}
layout: package
---
"""
# A page of the registry has other neighbours than one of the repository.
NEIGHBOUR: Final = re.compile(r"\[([^\]]+)\]\((?!https:)[^)]*\)")
CONFIGURATION: Final = """
## Configuration

Credentials and regions are those of the providers for
[AWS](https://www.pulumi.com/registry/packages/aws/installation-configuration/) and
[Kubernetes](https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/);
with `clusterName` a Kubernetes provider is made for the EKS cluster.
The components have one setting of their own, `eks-irsa:limits`: quotas that AWS raised.

```console
pulumi config set --path 'eks-irsa:limits.trustPolicyCharacters' 8192
```
"""


def registry_pages(readme: str) -> dict[str, str]:
    """Make both pages.

    Args:
        readme: Content of components/README.md: a title, what the package is, a section
            `## Install` and a first program in every language.

    Returns:
        Name of the file in docs/ -> its content.

    Raises:
        ValueError: A part is not there.
    """
    parts = re.split(r"^## ", NEIGHBOUR.sub(r"\1", readme), flags=re.MULTILINE)
    _, _, what = parts[0].partition("\n")
    sections = {
        title: text for title, _, text in (one.partition("\n") for one in parts)
    }
    programs = [_program(readme, *one) for one in LANGUAGES.items()]
    names = ",".join(LANGUAGES)
    index = HEAD.format(
        title="EKS IRSA",
        description="AWS permissions for Kubernetes service accounts on EKS (IRSA).",
    )
    installation = HEAD.format(
        title="EKS IRSA Installation & Configuration",
        description="How to install the components of EKS IRSA in every language.",
    )
    return {
        "_index.md": f"{index}{what.rstrip()}\n\n## Example\n\n"
        f'{{{{< chooser language "{names}" >}}}}\n\n{"".join(programs)}'
        "{{< /chooser >}}\n",
        "installation-configuration.md": f"{installation}\n## Installation\n"
        f"{sections['Install'].rstrip()}\n{CONFIGURATION}",
    }


def _program(readme: str, language: str, fence: str) -> str:
    found = re.search(rf"```{fence}\n.*?```\n", readme, re.DOTALL)
    if found is None:
        msg = f"components/README.md has no program in {language}"
        raise ValueError(msg)
    return (
        f"{{{{% choosable language {language} %}}}}\n\n{found[0]}\n"
        "{{% /choosable %}}\n\n"
    )
