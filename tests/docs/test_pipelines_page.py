"""The page about pull requests, deploys and drift: what is to be copied is right.

tests/engine/test_actionlint.py checks the workflows that it shows.
"""

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from pipelines import ROOT, WORKFLOWS, component

import eks_irsa
from eks_irsa.cli.accounts import read_accounts
from eks_irsa.documents.policy_statements import read_policy

PAGE: Final = (ROOT / "docs/pull-requests.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """List the blocks of a language, those of lists moved to the left."""
    found = re.findall(
        rf"^( *)```{language}\n(.*?)^ *```$", PAGE, re.DOTALL | re.MULTILINE
    )
    return [re.sub(f"(?m)^{margin}", "", text) for margin, text in found]


def callers() -> dict[str, dict[str, Any]]:
    """Give the only job of each workflow that the page shows, by its name."""
    found = [yaml.safe_load(text) for text in blocks("yaml")]
    return {
        one["name"]: next(iter(one["jobs"].values())) for one in found if "jobs" in one
    }


def test_trust_policy_lets_in_pull_requests_and_the_main_branch_alone() -> None:
    """No other branch, no other audience."""
    (text,) = blocks("json")

    # A permission for each value: either subject is enough.
    claims = [
        {
            clause.key.rpartition(":")[2]: clause.values
            for clause in grant.condition.clauses
        }
        for grant in read_policy(text)
    ]

    audience = {"aud": ("sts.amazonaws.com",)}
    assert sorted(claims, key=str) == [
        {**audience, "sub": ("repo:ORGANIZATION/REPOSITORY:pull_request",)},
        {**audience, "sub": ("repo:ORGANIZATION/REPOSITORY:ref:refs/heads/main",)},
    ]


def test_file_of_accounts_is_one(tmp_path: Path) -> None:
    """As the command reads it."""
    (text,) = [one for one in blocks("yaml") if "stacks/accounts.yaml\n" in one[:30]]
    (tmp_path / "accounts.yaml").write_text(text, encoding="utf-8")

    accounts = read_accounts(tmp_path / "accounts.yaml")

    assert accounts["111122223333"].deploy is not None


@pytest.mark.parametrize("name", ["preview", "deploy", "drift"])
def test_caller_grants_what_the_jobs_of_the_workflow_need(name: str) -> None:
    """No more and no less: what is not granted a job cannot have."""
    job = callers()[name]
    text = (WORKFLOWS / f"eks-irsa-{name}.yml").read_text(encoding="utf-8")

    needed: dict[str, str] = {}
    for called in yaml.safe_load(text)["jobs"].values():
        needed |= called["permissions"]

    assert job["permissions"] == needed
    assert f"eks-irsa-{name}.yml@" in job["uses"]


def test_every_reference_is_to_this_version() -> None:
    """Of the workflows, of the action and of the component."""
    found = re.findall(r"(?:eks-irsa\S*@v|/preview@)([\w.]+)", PAGE)

    assert len(found) == 6
    assert set(found) == {eks_irsa.__version__}


def test_component_is_given_what_it_takes() -> None:
    """Its inputs by their names."""
    (shown,) = [
        yaml.safe_load(one)["include"][0] for one in blocks("yaml") if "include:" in one
    ]

    assert shown["inputs"].keys() <= component()[0].keys()
