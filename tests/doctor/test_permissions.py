"""What the role may do: no policy, a boundary, denials, one action."""

import json
from dataclasses import replace
from typing import Any, Final

import pytest
from doctor.facts import HEALTHY, POLICY_ARN, ROLE, codes, found, only

from eks_irsa.doctor.diagnosis import diagnose
from eks_irsa.doctor.model import Facts
from eks_irsa.live.model import Unread

BOUNDARY = "arn:aws:iam::123456789012:policy/bounds"


def policy(action: object, resource: object = "*", **more: Any) -> str:  # noqa: ANN401 - JSON
    """Write a policy of one statement."""
    given = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [given]})


def inline(text: str) -> Facts:
    """Make facts with an inline policy besides."""
    return replace(HEALTHY, role=replace(ROLE, inline_policies={"extra": text}))


def bounded(text: object) -> Facts:
    """Make facts with a permissions boundary."""
    role = replace(ROLE, permissions_boundary=BOUNDARY)
    return replace(HEALTHY, role=role, boundary=text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"permissions_boundary": BOUNDARY},
        {"inline_policies": {"no": policy("s3:*", Effect="Deny")}},
    ],
)
def test_role_that_no_policy_allows_anything_may_do_nothing_of_its_own(
    changes: dict[str, Any],
) -> None:
    """Neither does a boundary; policies of resources may still allow it something."""
    role = replace(ROLE, managed_policy_arns=(), **changes)
    boundary = policy("*") if role.permissions_boundary else None

    one = only(replace(HEALTHY, role=role, boundary=boundary))

    assert (one.code, one.severity) == ("D-PERMISSIONS-NONE", "warning")


BOTH: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": effect, "Action": "*", "Resource": "*"}
            for effect in ("Allow", "Deny")
        ],
    }
)


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        (policy("s3:GetObject"), []),
        (policy("ec2:*"), ["D-BOUNDARY-EVERYTHING"]),
        (policy("s3:*", Effect="Deny"), ["D-BOUNDARY-EVERYTHING"]),
        (policy("*"), []),
        (policy("*", Effect="Deny"), ["D-DENY-EVERYTHING"]),
        (BOTH, ["D-DENY-EVERYTHING"]),
    ],
)
def test_boundary_has_to_let_something_through(
    bounds: str, expected: list[str]
) -> None:
    """Of what the policies allow."""
    facts = bounded(bounds)

    assert codes(facts) == expected
    if expected:
        # Without it the role may do more than whoever set it wants.
        assert only(facts).remedy == (f"aws iam get-policy --policy-arn {BOUNDARY}",)


def test_resources_count_for_a_boundary_too() -> None:
    """The same action on something else is nothing."""
    role = replace(
        ROLE,
        permissions_boundary=BOUNDARY,
        managed_policy_arns=(),
        inline_policies={"a": policy("s3:GetObject", "arn:aws:s3:::a/*")},
    )
    facts = replace(
        HEALTHY, role=role, boundary=policy("s3:GetObject", "arn:aws:s3:::b/*")
    )

    assert codes(facts) == ["D-BOUNDARY-EVERYTHING"]


def test_denial_of_everything_is_shown_and_not_taken_away() -> None:
    """It is stronger than whatever allows, and may be a quarantine."""
    one = only(inline(policy("*", Effect="Deny")))

    assert one.code == "D-DENY-EVERYTHING"
    assert one.remedy == (
        "aws iam get-role-policy --role-name dev-web --policy-name extra",
    )


def test_denial_by_a_managed_policy_is_shown() -> None:
    """Such as a quarantine."""
    facts = replace(HEALTHY, policies={POLICY_ARN: policy("*", Effect="Deny")})

    one = next(one for one in found(facts) if one.code == "D-DENY-EVERYTHING")

    assert one.remedy == (f"aws iam get-policy --policy-arn {POLICY_ARN}",)


def test_revoked_sessions_need_new_pods() -> None:
    """What IAM's console writes where somebody revokes them."""
    revoked = policy(
        ["*"],
        ["*"],
        Effect="Deny",
        Condition={"DateLessThan": {"aws:TokenIssueTime": "2026-11-30T00:00:00Z"}},
    )

    one = only(inline(revoked))

    assert (one.code, one.severity) == ("D-DENY-SESSIONS", "warning")
    assert one.remedy == ("kubectl rollout restart deployment/web --namespace apps",)


def test_guard_of_a_region_revokes_nothing() -> None:
    """New pods would get as far as the old ones."""
    outside = {"StringNotEquals": {"aws:RequestedRegion": "us-west-2"}}

    one = only(inline(policy("*", Effect="Deny", Condition=outside)))

    assert (one.code, one.severity, one.remedy) == ("D-DENY-SESSIONS", "unknown", ())


@pytest.mark.parametrize("denied", ["s3:*", ["ec2:*"]])
def test_denial_of_something_is_no_fault(denied: object) -> None:
    """Only of everything is."""
    assert codes(inline(policy(denied, Effect="Deny"))) == []


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (bounded(Unread("AccessDenied: iam:GetPolicyVersion")), BOUNDARY),
        (
            replace(HEALTHY, policies={POLICY_ARN: Unread("AccessDenied: iam:GetP")}),
            POLICY_ARN,
        ),
        (
            replace(
                HEALTHY,
                role=replace(ROLE, managed_policy_arns=()),
                policies_unread=(Unread("AccessDenied: iam:ListRolePolicies"),),
            ),
            "iam:ListRolePolicies",
        ),
    ],
)
def test_policy_that_cannot_be_read_is_a_gap(facts: Facts, said: str) -> None:
    """It is named."""
    one = only(facts)

    assert one.code == "D-UNREAD"
    assert said in one.message
    assert diagnose(facts).links["permissions"] == "unknown"


def test_policy_that_is_not_understood_is_named() -> None:
    """And is no fault."""
    one = only(inline("{"))

    assert (one.code, one.severity) == ("D-PERMISSIONS-UNREAD", "unknown")


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("s3:GetObject", "arn:aws:s3:::a/b", []),
        ("s3:PutObject", "arn:aws:s3:::a/b", ["D-ACTION-DENIED"]),
        ("", "", []),
    ],
)
def test_action_that_is_asked_about_is_decided(
    action: str, resource: str, expected: list[str]
) -> None:
    """By all policies together."""
    facts = replace(HEALTHY, asked_action=action, asked_resource=resource)

    assert codes(facts) == expected


BUCKET: Final = "arn:aws:s3:::b/*"
ELSEWHERE: Final = json.dumps(
    {"Statement": {"Effect": "Allow", "Action": "s3:*", "NotResource": BUCKET}}
)


@pytest.mark.parametrize(
    ("facts", "expected", "words"),
    [
        (HEALTHY, [], ""),
        (
            inline(policy("s3:PutObject", BUCKET)),
            ["D-ACTION-CONDITIONAL"],
            f"'s3:PutObject' on {BUCKET} only; say on what by --resource ARN",
        ),
        (
            inline(policy("s3:PutObject", [f"{BUCKET}{one}" for one in "abcde"])),
            ["D-ACTION-CONDITIONAL"],
            f"{BUCKET}c and 2 more only",
        ),
        (
            inline(policy("s3:PutObject", "arn:aws:s3:::${aws:username}")),
            ["D-ACTION-CONDITIONAL"],
            "hangs on what only the request tells",
        ),
        (
            inline(policy("s3:DeleteObject")),
            ["D-ACTION-DENIED"],
            "attachPolicyARNs of its entry",
        ),
        (inline(ELSEWHERE), [], ""),
    ],
)
def test_action_without_a_resource_is_asked_on_anything(
    facts: Facts, expected: list[str], words: str
) -> None:
    """A role that may do it in one bucket is not broken."""
    action = "s3:PutObject" if facts is not HEALTHY else "s3:GetObject"
    several = found(replace(facts, asked_action=action))

    assert [one.code for one in several] == expected
    assert all(words in one.message for one in several)


@pytest.mark.parametrize(
    ("bounds", "resource", "expected"),
    [
        (policy("s3:*", BUCKET), "*", ["D-ACTION-CONDITIONAL"]),
        # Both allow `b/x/y`, which neither has as a text.
        (policy("s3:*", "arn:aws:s3:::*/y"), BUCKET, ["D-ACTION-CONDITIONAL"]),
        (policy("s3:*", "arn:aws:s3:::c/*"), BUCKET, ["D-ACTION-DENIED"]),
    ],
)
def test_boundary_counts_for_an_action_on_anything(
    bounds: str, resource: str, expected: list[str]
) -> None:
    """Something that both allow is enough."""
    role = replace(
        ROLE,
        permissions_boundary=BOUNDARY,
        inline_policies={"extra": policy("s3:PutObject", resource)},
    )
    facts = replace(HEALTHY, role=role, boundary=bounds, asked_action="s3:PutObject")

    assert codes(facts) == expected


def test_denied_action_is_denied_on_anything() -> None:
    """By whatever denies it."""
    facts = replace(
        inline(policy("s3:GetObject", Effect="Deny")), asked_action="s3:GetObject"
    )

    assert only(facts).message == (
        "the role may not do 's3:GetObject' on anything: a policy denies it"
    )


def test_action_says_what_it_fails_by() -> None:
    """A boundary, a denial, or nothing that allows it."""
    asked = {"asked_action": "s3:GetObject", "asked_resource": "arn:aws:s3:::a/b"}
    masked = replace(bounded(policy("s3:GetBucket*")), **asked)
    denied = replace(inline(policy("s3:GetObject", Effect="Deny")), **asked)

    assert only(masked).message.endswith(
        "its permissions boundary does not let it through"
    )
    assert only(denied).message.endswith("a policy denies it")


def test_action_under_a_condition_cannot_be_told() -> None:
    """The request tells."""
    only_tls = policy("s3:*", Condition={"Bool": {"aws:SecureTransport": "true"}})
    facts = replace(inline(only_tls), asked_action="s3:PutObject")

    assert codes(facts) == ["D-ACTION-CONDITIONAL"]


def test_organizations_are_named_as_not_looked_at() -> None:
    """Once, and the link is good all the same."""
    diagnosis = diagnose(HEALTHY)

    unseen = [one.code for one in diagnosis.findings]
    assert unseen == ["D-SCP-UNSEEN", "D-SDK-UNSEEN"]
    assert diagnosis.links["permissions"] == "ok"
