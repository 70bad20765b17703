"""The registry page lists every input and output in the words of the code."""

import ast
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from golden_files import GoldenFiles

ROOT: Final = Path(__file__).parents[2]
RESOURCES: Final = ROOT / "components/eks_irsa/resources"
HEAD: Final = """# eks-irsa

Pulumi components that give Kubernetes service accounts on EKS their AWS permissions
(IRSA): an IAM role with a trust policy for exactly one service account, its policies,
the namespace, and the account annotated with the role's ARN.

From a checkout of the repository:

```console
pip install ./components
```

```python
import pulumi
from eks_irsa import IrsaServiceAccount

reader = IrsaServiceAccount(
    "s3-reader",
    {
        "cluster_name": "cluster-13",
        "namespace": "backend-apps",
        "service_account_name": "s3-reader",
        "attach_policy_arns": ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"],
    },
)
pulumi.export("role_arn", reader.role_arn)
```

Every input takes an `Output` unless it says plain text.
"""


def documented_fields(name: str) -> Iterator[tuple[str, str, bool]]:
    """Give the fields of a class: name, the string under it, and if it is required."""
    (body,) = [
        node.body
        for path in RESOURCES.glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and node.name == name
    ]
    for field, words in itertools.pairwise(body):
        match field, words:
            case (
                ast.AnnAssign(target=ast.Name(id=key), annotation=kind),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                required = not ast.unparse(kind).startswith("NotRequired")
                yield key, " ".join(text.split()), required
            case _:
                pass


def table(name: str) -> str:
    """Write the fields of a class as a Markdown table."""
    rows = [
        f"| `{key}`{' (required)' if required and name.endswith('Args') else ''} | "
        f"{words.replace('|', chr(92) + '|')} |"
        for key, words, required in documented_fields(name)
    ]
    return "\n".join(["| name | meaning |", "| --- | --- |", *rows])


def page() -> str:
    """Write the whole page."""
    parts = [HEAD]
    for name in ("IrsaServiceAccount", "EksOidcProvider"):
        parts.append(f"## {name}\n\n### Inputs\n\n{table(f'{name}Args')}\n")
        parts.append(f"### Outputs\n\n{table(name)}\n")
    return "\n".join(parts)


def test_the_page_says_what_the_code_says(request: pytest.FixtureRequest) -> None:
    """Its tables are made from the strings under the fields."""
    files = GoldenFiles(
        folder=ROOT / "components",
        test=request.node.nodeid,
        update=bool(request.config.getoption("--update-golden")),
    )

    files("README.md", page())
