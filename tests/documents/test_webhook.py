"""Values of annotations that the pod identity webhook does not take as they are."""

import pytest

from eks_irsa.documents.webhook import webhook_value_fault

PREFIX = "eks.amazonaws.com/"
IGNORED = "and takes 86400; write seconds, '600' to '86400'"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("token-expiration", text) for text in ("600", "86400", "+3600", "0900")),
        *(("sts-regional-endpoints", text) for text in ("true", "F", "0", "TRUE")),
        ("audience", "vault"),
        ("role-arn", "x"),
        ("compute-type", "fargate"),
    ],
)
def test_a_value_that_is_taken_has_no_fault(key: str, value: str) -> None:
    """As Go reads numbers and booleans; the bounds are included."""
    assert webhook_value_fault(PREFIX + key, value) is None


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        *(
            (
                "token-expiration",
                text,
                f"the pod identity webhook ignores {text!r} {IGNORED}",
            )
            for text in ("1h", "", "3600.0", "3_600", " 3600", "\u0663\u0666")
        ),
        (
            "token-expiration",
            "599",
            (
                "'599' is too short, and the pod identity webhook takes 600; write "
                "seconds, '600' to '86400'"
            ),
        ),
        (
            "token-expiration",
            "86401",
            (
                "'86401' is longer than EKS gives a token, 24 hours; write seconds, "
                "'600' to '86400'"
            ),
        ),
        (
            "sts-regional-endpoints",
            "yes",
            "the pod identity webhook ignores 'yes' here; write 'true' or 'false'",
        ),
        (
            "skip-containers",
            "sidecar",
            (
                "'eks.amazonaws.com/skip-containers' is read of pods, not of service "
                "accounts; write it on the pods"
            ),
        ),
    ],
)
def test_a_value_that_is_not_taken_is_named(key: str, value: str, fault: str) -> None:
    """What the webhook does instead, and what to write."""
    assert webhook_value_fault(PREFIX + key, value) == fault
