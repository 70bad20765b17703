"""docs/rules.md: its example is checked, and its table has every rule."""

import json
import re
from pathlib import Path
from typing import Final

import pytest
import yaml
from click.testing import CliRunner

from eks_irsa.cli.commands import commands
from eks_irsa.policy_pack import policies
from eks_irsa.settings.house_rules import HouseRuleSettings
from eks_irsa.settings.reading import settings_of_config

ROOT: Final = Path(__file__).parents[2]
FILE: Final = ROOT / "docs/rules.md"
PACK: Final = ROOT / "policy-pack"
PAGE: Final = FILE.read_text(encoding="utf-8")
FILES: Final = re.compile(r"```yaml\n# (stacks/\S+)\n(.*?)```", re.DOTALL)
PRINTED: Final = re.compile(r"(prints\n\n```text\n)(.*?)(```)", re.DOTALL)
ROW: Final = re.compile(r"^\| `(\w+)` \| `([^|]*)` \|", re.MULTILINE)


def test_the_example_prints_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """`--update-golden` writes it."""
    (tmp_path / "Pulumi.yaml").write_text("name: eks-irsa\n", encoding="utf-8")
    (tmp_path / "stacks").mkdir()
    for name, text in FILES.findall(PAGE):
        # The first line names the file.
        (tmp_path / name).write_text(f"# {name}\n{text}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    done = CliRunner().invoke(
        commands, ["check", "--settings", "stacks/Pulumi.production.yaml"]
    )

    page = PRINTED.sub(lambda found: f"{found[1]}{done.stdout}{found[3]}", PAGE)
    if request.config.getoption("--update-golden"):
        FILE.write_text(page, encoding="utf-8")
        return
    assert page == PAGE
    assert done.exit_code == 1


def test_the_table_has_every_rule_with_an_example_that_is_right() -> None:
    """Each as it is spelt, in the order of the settings."""
    examples = dict(ROW.findall(PAGE))

    rules = {rule: yaml.safe_load(text) for rule, text in examples.items()}

    fields = HouseRuleSettings.model_fields.items()
    assert list(rules) == [field.alias or name for name, field in fields]
    config = {"eks-irsa:rules": json.dumps(rules)}
    assert settings_of_config(config).warnings == ()


def test_the_pack_of_the_page_is_the_one_in_the_repository() -> None:
    """Its folder can be copied, and each rule stands with the policy that asks it."""
    configured = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
    rows = dict(re.findall(r"^\| `(irsa-\w+)` \| ([^|]*) \|", PAGE, re.MULTILINE))
    known = {policy.name: policy for policy in policies(PACK / "rules.yaml")}

    assert list(rows) == list(configured) == list(known)
    for name, policy in known.items():
        schema = policy.config_schema
        assert schema
        assert {*re.findall(r"`(\w+)`", rows[name]), "except"} == {*schema.properties}
        assert configured[name].keys() <= schema.properties.keys()
