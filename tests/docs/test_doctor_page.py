"""docs/doctor.md: its examples are what is printed, its codes those of the code."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from doctor.facts import (
    HEALTHY,
    ROLE_ARN,
    SUBJECT,
    container,
    pod,
    role_trusting,
    statement,
)

from eks_irsa.doctor.codes import CODES
from eks_irsa.doctor.diagnosis import diagnose
from eks_irsa.doctor.model import LINKS
from eks_irsa.doctor.table import diagnoses_table
from eks_irsa.doctor.text import LINK_WORDS, diagnosis_text

ROOT: Final = Path(__file__).parents[2]
FILE: Final = ROOT / "docs/doctor.md"
TROUBLESHOOTING: Final = ROOT / "docs/troubleshooting.md"
PAGE: Final = FILE.read_text(encoding="utf-8")


def broken() -> str:
    """Diagnose a role for another namespace, and a pod that is older than the ARN."""
    key = next(key for key in statement()["Condition"]["StringEquals"] if "sub" in key)
    conditions = statement()["Condition"]["StringEquals"] | {
        key: SUBJECT.replace("apps", "default")
    }
    role = role_trusting(statement(Condition={"StringEquals": conditions}))
    old = pod(container(env={"AWS_REGION": "us-west-2"}))
    facts = replace(HEALTHY, role=role, pods=(old,), attempt=None)
    command = "$ eks-irsa doctor apps/web"
    return f"{command}\n{diagnosis_text(diagnose(facts))}"


def table() -> str:
    """Diagnose a healthy service account and one without a role."""
    account = HEALTHY.service_account
    assert account is not None
    other = replace(account, name="worker", annotations={})  # type: ignore[type-var]
    none = replace(HEALTHY, name="worker", service_account=other, pods=())
    diagnoses = [diagnose(HEALTHY), diagnose(none)]
    return f"$ eks-irsa doctor --all\n{diagnoses_table(diagnoses)}"


def codes() -> str:
    """Write the codes as a table."""
    rows = [
        f"| `{code}` | {link} | {one.severity} | {one.text} |"
        for code, one in CODES.items()
        for link in ["any" if code == "D-UNREAD" else LINK_WORDS[one.link]]
    ]
    head = "| code | link | severity | what is wrong |\n| --- | --- | --- | --- |"
    return "\n".join([head, *rows])


def blocks() -> Mapping[str, str]:
    """Give what stands between the marks of the page."""
    return {
        "broken": f"```console\n{broken()}```",
        "table": f"```console\n{table()}```",
        "codes": codes(),
    }


def filled(text: str) -> str:
    """Put everything between its marks."""
    for name, block in blocks().items():
        begin, end = f"<!-- begin of {name} -->", f"<!-- end of {name} -->"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n{block}\n{end}{rest.partition(end)[2]}"
    return text


def test_the_page_shows_what_is_printed(request: pytest.FixtureRequest) -> None:
    """`--update-golden` writes it."""
    if request.config.getoption("--update-golden"):
        FILE.write_text(filled(PAGE), encoding="utf-8")
        return

    assert filled(PAGE) == PAGE


def test_the_example_has_both_faults() -> None:
    """The text above it says so."""
    assert "[D-POD-NOT-INJECTED]" in broken()
    assert "[D-TRUST-SUBJECT]" in broken()
    assert ROLE_ARN in broken()


def test_every_link_is_explained() -> None:
    """A row for each."""
    assert all(f"\n| {LINK_WORDS[link]} | " in PAGE for link in LINKS)


def test_troubleshooting_begins_with_the_doctor() -> None:
    """The codes that it names are codes."""
    text = TROUBLESHOOTING.read_text(encoding="utf-8")

    named = set(re.findall(r"`(D-[A-Z0-9-]+)`", text))

    assert text.index("eks-irsa doctor") < text.index("## AccessDenied")
    assert named
    assert named <= CODES.keys()
