"""docs/policies.md lists what there is, and its examples are right."""

import json
import re
from pathlib import Path
from typing import Final

import pytest
import yaml
from golden_files import GoldenFiles

from eks_irsa.documents.named_policy_files import described_policy, named_policy_names
from eks_irsa.settings.reading import settings_of_config
from eks_irsa.testing import deploy

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs/policies.md").read_text(encoding="utf-8")
BEGIN: Final = "<!-- From here on made from the files: `make golden`. -->\n"
END: Final = "<!-- To here. -->\n"


def row(name: str) -> str:
    """Write the row of a policy."""
    one = described_policy(name)
    parameters = ", ".join(
        f"`{key}`" if parameter.required else f"[`{key}`]"
        for key, parameter in one.parameters.items()
    )
    source = one.source
    link = f"[{source['upstream']}]({source['url']})"
    version = f"{source['version']}, {source['date']}"
    return f"| `{name}` | {one.title} | {parameters or 'none'} | {link} {version} |"


def test_the_table_is_that_of_the_files(request: pytest.FixtureRequest) -> None:
    """Whoever adds a policy has it listed."""
    files = GoldenFiles(
        folder=ROOT / "docs",
        test=request.node.nodeid,
        update=bool(request.config.getoption("--update-golden")),
    )
    before, _, rest = PAGE.partition(BEGIN)
    after = rest.partition(END)[2]
    table = "\n".join(
        [
            "| name | for | parameters | upstream, version, read on |",
            "| --- | --- | --- | --- |",
            *map(row, named_policy_names()),
        ]
    )

    files("policies.md", f"{before}{BEGIN}\n{table}\n\n{END}{after}")


def test_the_examples_are_taken() -> None:
    """The component registers the policy, and the setting has no fault."""
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    (settings,) = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)

    made = deploy(lambda: exec(program, {}))  # noqa: S102 - the page's own example
    config = yaml.safe_load(settings)["config"]
    read = settings_of_config({key: json.dumps(one) for key, one in config.items()})

    assert made.only(":RolePolicy").name == "external-dns:externalDnsRoute53"
    assert read.settings.overrides["kube-system/external-dns"].named_policies == {
        "externalDnsRoute53": {"hostedZoneIds": ["Z0123456789ABC"]}
    }
