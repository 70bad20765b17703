"""The whole chain: what is healthy, two faults at once, what could not be read."""

from dataclasses import replace

from doctor.facts import HEALTHY, codes, found, in_pod_identity

from eks_irsa.doctor.diagnosis import diagnose
from eks_irsa.live.model import Unread


def test_healthy_service_account_has_no_fault() -> None:
    """By IRSA nothing is found, and the link of associations has no part."""
    diagnosis = diagnose(HEALTHY)

    assert found(HEALTHY) == []
    assert diagnosis.healthy
    assert diagnosis.way == "irsa"


def test_healthy_association_has_no_fault() -> None:
    """By EKS Pod Identity the links of tokens have no part."""
    facts = in_pod_identity()

    diagnosis = diagnose(facts)

    assert found(facts) == []
    assert diagnosis.way == "podIdentity"
    skipped = {link for link, state in diagnosis.links.items() if state == "skipped"}
    assert skipped >= {"annotation", "token", "provider"}


def test_two_faults_at_once_are_both_named() -> None:
    """A provider that is not there does not hide a webhook that is not."""
    facts = replace(HEALTHY, webhooks=(), provider=None, providers=(), pods=())

    assert codes(facts) == ["D-WEBHOOK-NONE", "D-PROVIDER-ABSENT"]


def test_one_cause_that_nothing_can_be_read_for_is_said_once() -> None:
    """All that the cluster would tell is in one sentence, at the first link."""
    dead = Unread("ConnectError: nobody answers")
    facts = replace(
        HEALTHY,
        service_account=dead,
        namespace_labels=dead,
        pods=dead,
        webhooks=dead,
        token_claims=dead,
    )

    (one,) = found(facts)

    assert one.code == "D-UNREAD"
    assert one.link == "serviceAccount"
    assert one.message == (
        "the service account, its annotations, the pod identity webhook and the pods "
        "could not be read: ConnectError: nobody answers"
    )
