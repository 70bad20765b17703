"""Diagnoses as text, table and JSON."""

import json
from dataclasses import replace

from doctor.facts import (
    AUDIENCE,
    HEALTHY,
    ISSUER,
    ROLE_ARN,
    SUBJECT,
    annotated,
    in_pod_identity,
    injected,
    pod,
    role_trusting,
    statement,
)
from golden_files import GoldenFiles

from eks_irsa.doctor.diagnosis import diagnose
from eks_irsa.doctor.document import diagnoses_document
from eks_irsa.doctor.table import diagnoses_table
from eks_irsa.doctor.text import diagnosis_text
from eks_irsa.live.model import Unread

WRONG = {
    "StringEquals": {
        f"https://{ISSUER}:sub": SUBJECT,
        f"{ISSUER}:aud": f"{AUDIENCE}.cn",
    }
}
BROKEN = diagnose(
    replace(
        HEALTHY,
        pods=(pod(injected(AWS_ROLE_ARN=f"{ROLE_ARN}-old")),),
        service_account=annotated(sts_regional_endpoints="yes"),
        role=role_trusting(statement(Condition=WRONG)),
        webhooks=Unread("Forbidden: mutatingwebhookconfigurations"),
    )
)
GOOD = diagnose(HEALTHY)
SEVERAL = (BROKEN, GOOD, diagnose(in_pod_identity(agent=Unread("AccessDenied"))))


def test_text_says_the_verdict_first_and_each_remedy_once(golden: GoldenFiles) -> None:
    """Then the chain, and what was found."""
    golden("doctor/broken.txt", diagnosis_text(BROKEN))


def test_text_of_a_healthy_chain_is_short(golden: GoldenFiles) -> None:
    """And tells what nobody looked at."""
    golden("doctor/healthy.txt", diagnosis_text(GOOD))


def test_lines_are_no_wider_than_a_terminal() -> None:
    """But for commands, and words that are wider themselves."""
    lines = diagnosis_text(BROKEN).splitlines()

    wide = [line for line in lines if len(line) > 88]
    assert all(line.startswith(("    kubectl ", "    aws ")) for line in wide)


def test_text_is_what_can_be_printed() -> None:
    """Values are other people's; none may move the cursor."""
    account = annotated(role_arn="arn:aws:iam::\x1b[2J\u202e:role/x")

    text = diagnosis_text(diagnose(replace(HEALTHY, service_account=account)))

    assert "\x1b" not in text
    assert "\u202e" not in text


def test_value_without_a_counterpart_is_not_compared() -> None:
    """What is meant is not known."""
    account = annotated(role_arn="arn:aws:iam::123456789012:user/web")

    text = diagnosis_text(diagnose(replace(HEALTHY, service_account=account)))

    assert "D-ANNOTATION-ARN" in text
    assert "    given" not in text


def test_table_has_a_row_for_each_and_counts_them() -> None:
    """As wide as what is in it."""
    assert diagnoses_table(SEVERAL).splitlines() == [
        f"{'SERVICE ACCOUNT  WAY               ROLE     VERDICT':<68}  WARNINGS",
        "apps/web         IRSA              dev-web  pod [D-POD-OLD-ROLE]      1",
        "apps/web         IRSA              dev-web  healthy                   0",
        "apps/web         EKS Pod Identity  dev-web  healthy, in part unknown  0",
        "",
        "3 service accounts: 2 healthy, 1 broken",
    ]


def test_document_has_every_link_and_finding() -> None:
    """The shape that programs rely on."""
    document = json.loads(json.dumps(diagnoses_document(SEVERAL)))

    assert (document["version"], document["healthy"]) == (1, False)
    first, good, _ = document["diagnoses"]
    assert good == {
        "serviceAccount": "apps/web",
        "pod": None,
        "way": "irsa",
        "roleArn": ROLE_ARN,
        "healthy": True,
        "verdict": None,
        "links": [{"link": link, "state": state} for link, state in GOOD.links.items()],
        "findings": good["findings"],
    }
    assert first["verdict"] == "D-POD-OLD-ROLE"
    assert first["findings"][2] == {
        "link": "pod",
        "code": "D-POD-OLD-ROLE",
        "severity": "error",
        "message": BROKEN.findings[2].message,
        "remedy": ["kubectl rollout restart deployment/web --namespace apps"],
        "wanted": ROLE_ARN,
        "given": f"{ROLE_ARN}-old",
    }
