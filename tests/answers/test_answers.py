"""Answers about one role: the outcome, what is cited for it, and what is unknown."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from eks_irsa.access.requests import Request
from eks_irsa.access.search import Search
from eks_irsa.answers.answers import answer
from eks_irsa.answers.model import Answer, Cited, EntryPermissions, Origin, RolePolicy
from eks_irsa.answers.questions import Question
from eks_irsa.answers.statements import inline_policy, managed_policy
from eks_irsa.documents.permission_policy import policy_text

HERE: Final = Origin(file="a.yaml", line=1, column=1, path="")
OWN: Final = managed_policy("arn:aws:iam::111122223333:policy/Own", origin=HERE)
KEY: Final = "arn:aws:s3:::b/k"
USUAL: Final[dict[str, Any]] = {}
IF_VPC: Final = {"StringEquals": {"aws:SourceVpc": ["vpc-1", "vpc-2"]}}


def policy(*statements: Mapping[str, Any], label: str = "attachPolicy") -> RolePolicy:
    """Write a policy.

    Args:
        statements: Each allows s3:GetObject on everything by default; None takes a key
            out.
        label: Its label.
    """
    usual = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {key: value for key, value in (usual | dict(one)).items() if value}
            for one in statements
        ],
    }
    return inline_policy(label=label, document=policy_text(document), origin=HERE)


def ask(
    *policies: RolePolicy,
    boundary: RolePolicy | None = None,
    question: Question | None = None,
    context: Mapping[str, tuple[str, ...]] | None = None,
) -> Answer:
    """Ask a role for s3:GetObject of one object, by default."""
    entry = EntryPermissions(
        key="apps/reader",
        origin=HERE,
        subject="system:serviceaccount:apps:reader",
        trust="",
        role_arn=None,
        policies=policies,
        boundary=boundary,
        context=context or {},
    )
    return answer(entry, question or Question(action="s3:GetObject", resource=KEY))


def names(cited: tuple[Cited, ...]) -> list[str]:
    """Give policy and statement of what is cited."""
    return [f"{one.policy.label} {one.statement.name}" for one in cited]


def test_every_statement_that_allows_it_is_cited_once() -> None:
    """In the order of the policies, whatever their grants."""
    several = policy(
        {"Effect": "Deny", "Action": "s3:PutObject"},
        {"Action": ["s3:GetObject", "s3:Get*"]},
        label="first",
    )

    found = ask(several, policy({}, label="second"))

    assert (found.outcome, found.scope) == ("allowed", "all")
    assert names(found.allowed_by) == ["first Statement[1]", "second Statement[0]"]
    assert found.denied_by == ()


def test_denial_is_named_with_what_it_masks() -> None:
    """Both statements, so that a reader sees why."""
    found = ask(policy({}, {"Effect": "Deny", "Resource": "arn:aws:s3:::b/*"}))

    assert found.outcome == "denied"
    assert names(found.allowed_by) == ["attachPolicy Statement[0]"]
    assert names(found.denied_by) == ["attachPolicy Statement[1]"]
    assert found.masked_by is None


def test_boundary_that_does_not_let_through_masks() -> None:
    """It is named, and the statement under it."""
    boundary = policy({"Action": "sqs:*"}, label="boundary")

    found = ask(policy({}), boundary=boundary)

    assert found.outcome == "denied"
    assert names(found.allowed_by) == ["attachPolicy Statement[0]"]
    assert found.masked_by is boundary


def test_denial_of_the_boundary_is_a_denial() -> None:
    """It is cited from there."""
    boundary = policy({"Action": "*"}, {"Effect": "Deny"}, label="boundary")

    found = ask(policy({}), boundary=boundary)

    assert found.outcome == "denied"
    assert names(found.denied_by) == ["boundary Statement[1]"]


def test_condition_on_an_unknown_key_is_part_of_the_answer() -> None:
    """With its values; the clause that is met already goes without saying."""
    both = {"StringEquals": {"aws:SourceVpc": ["vpc-1", "vpc-2"], "a:b": "1"}}

    found = ask(policy({"Condition": both}), context={"a:b": ("1",)})

    assert found.outcome == "allowedIf"
    assert [one.conditions for one in found.allowed_by] == [
        ("aws:SourceVpc StringEquals vpc-1 or vpc-2",)
    ]


@pytest.mark.parametrize(
    ("values", "outcome"),
    [(("vpc-2",), "allowed"), (("vpc-3",), "denied"), ((), "denied")],
)
def test_context_decides(values: tuple[str, ...], outcome: str) -> None:
    """What the user says of the request; none for an absent key."""
    question = Question(
        action="s3:GetObject", resource=KEY, context={"aws:sourcevpc": values}
    )

    found = ask(policy({"Condition": IF_VPC}), question=question)

    assert found.outcome == outcome


def test_what_the_user_says_wins_over_what_follows_from_the_role() -> None:
    """A session may have other tags than the role."""
    key = "aws:principaltag/team"
    tagged = policy({"Condition": {"StringEquals": {"aws:PrincipalTag/team": "a"}}})
    question = Question(action="s3:GetObject", resource=KEY, context={key: ("b",)})

    assert ask(tagged, context={key: ("a",)}).outcome == "allowed"
    assert ask(tagged, context={key: ("a",)}, question=question).outcome == "denied"


def test_denial_and_boundary_on_conditions_are_named() -> None:
    """Each says on what it hangs."""
    boundary = policy({"Condition": {"Bool": {"c:d": "true"}}}, label="boundary")

    found = ask(policy({}, {"Effect": "Deny", "Condition": IF_VPC}), boundary=boundary)

    assert found.outcome == "allowedIf"
    assert [one.conditions for one in found.allowed_by] == [()]
    assert [one.conditions for one in found.denied_by] == [
        ("aws:SourceVpc StringEquals vpc-1 or vpc-2",)
    ]
    assert [one.conditions for one in found.let_through_by] == [("c:d Bool true",)]


def test_variable_of_unknown_value_is_part_of_the_answer() -> None:
    """And decides where its value is known."""
    own = policy({"Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team}"})
    key = "aws:principaltag/team"

    assert [one.conditions for one in ask(own).allowed_by] == [
        ("aws:PrincipalTag/team makes the resource fit",)
    ]
    assert ask(own).outcome == "allowedIf"
    known = ask(own, context={key: ("k",)})
    assert known.outcome == "allowed"
    assert [one.conditions for one in known.allowed_by] == [()]
    assert ask(own, context={key: ("x",)}).outcome == "denied"


def test_unknown_policy_may_allow_what_nothing_else_does() -> None:
    """It is named with the reason."""
    found = ask(policy({"Action": "sqs:*"}), OWN)

    assert found.outcome == "unknown"
    assert found.unknown == (OWN,)


def test_unknown_policy_may_deny_what_is_allowed() -> None:
    """That is a condition, and no reason to say nothing."""
    found = ask(policy({}), OWN)

    assert found.outcome == "allowedIf"
    assert found.unknown == (OWN,)
    assert names(found.allowed_by) == ["attachPolicy Statement[0]"]


@pytest.mark.parametrize(
    ("own", "boundary"),
    [
        (policy({"Effect": "Deny"}), None),
        (policy({"Action": "sqs:*"}), policy({"Action": "sqs:*"})),
    ],
)
def test_what_is_denied_whatever_a_policy_says_is_denied(
    own: RolePolicy, boundary: RolePolicy | None
) -> None:
    """By a statement, or by the boundary."""
    found = ask(own, OWN, boundary=boundary)

    assert found.outcome == "denied"
    assert found.unknown == ()


def test_unknown_boundary_decides() -> None:
    """Where something is allowed; nothing else hangs on it."""
    assert ask(policy({}), boundary=OWN).outcome == "unknown"
    assert ask(policy({}), boundary=OWN).unknown == (OWN,)
    assert ask(policy({"Action": "sqs:*"}), boundary=OWN).outcome == "denied"


def test_nothing_allows_it_but_elsewhere() -> None:
    """The nearest statements are named; none where the action stands nowhere."""
    found = ask(policy({"Resource": "arn:aws:s3:::c/*"}, {"Action": "sqs:*"}))

    assert found.outcome == "denied"
    assert names(found.near) == ["attachPolicy Statement[0]"]
    assert found.near[0].resource == "arn:aws:s3:::c/*"
    assert ask(policy({"Action": "sqs:*"})).near == ()


@pytest.mark.parametrize(
    ("given", "outcome", "scope"),
    [
        ([USUAL], "allowed", "all"),
        ([{"Resource": "arn:aws:s3:::b/a*"}], "allowed", "part"),
        ([{"Resource": "arn:aws:s3:::c/*"}], "denied", "all"),
        ([USUAL, {"Effect": "Deny", "Resource": KEY}], "allowed", "part"),
        ([USUAL, {"Effect": "Deny", "Resource": "arn:aws:s3:::?/*"}], "denied", "all"),
        ([{"NotResource": ["arn:aws:s3:::b/k"], "Resource": None}], "allowed", "part"),
        ([{"Condition": IF_VPC}], "allowedIf", "all"),
        (
            [{"Resource": "arn:aws:s3:::b/?*"}, {"Resource": "arn:aws:s3:::b/"}],
            "allowed",
            "all",
        ),
    ],
)
def test_all_of_a_bucket(given: list[dict[str, Any]], outcome: str, scope: str) -> None:
    """Statements together may allow all of it."""
    question = Question(action="s3:GetObject", resource="arn:aws:s3:::b/*")

    found = ask(policy(*given), question=question)

    assert (found.outcome, found.scope) == (outcome, scope)


TEAM: Final = "aws:principaltag/team"
OF_TEAM: Final = "arn:aws:s3:::b/${aws:PrincipalTag/team}"


@pytest.mark.parametrize(
    ("given", "bounds", "context", "expected"),
    [
        ([USUAL], [USUAL, {"Effect": "Deny", "Condition": IF_VPC}], {}, "allowedIf"),
        ([{"Resource": OF_TEAM}], None, {}, "allowedIf"),
        ([{"Resource": OF_TEAM}], None, {TEAM: ()}, "denied"),
        ([{"Resource": OF_TEAM}], None, {TEAM: ("k",)}, "allowed"),
        ([{"Resource": None, "NotResource": OF_TEAM}], None, {TEAM: ()}, "denied"),
        (
            [USUAL, {"Effect": "Deny", "Resource": None, "NotResource": OF_TEAM}],
            None,
            {},
            "allowedIf",
        ),
    ],
)
def test_conditions_and_variables_count_for_a_bucket_too(
    given: list[dict[str, Any]],
    bounds: list[dict[str, Any]] | None,
    context: dict[str, tuple[str, ...]],
    expected: str,
) -> None:
    """What is not known is neither allowed nor denied."""
    found = ask(
        policy(*given),
        boundary=policy(*bounds, label="boundary") if bounds else None,
        question=Question(action="s3:GetObject", resource="arn:aws:s3:::b/*"),
        context=context,
    )

    assert found.outcome == expected


def test_boundary_that_surely_lets_through_is_not_named() -> None:
    """Another statement of it that may is of no interest."""
    boundary = policy(USUAL, {"Condition": IF_VPC}, label="boundary")

    found = ask(policy({"Condition": {"Bool": {"a:b": "true"}}}), boundary=boundary)

    assert found.outcome == "allowedIf"
    assert found.let_through_by == ()


def test_what_was_not_found_out_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that is given up proves nothing."""
    question = Question(action="s3:GetObject", resource="arn:aws:s3:::unsure/*")
    request = Request(action="s3:GetObject", resource="arn:aws:s3:::unsure/k")
    given_up = iter([None, request])

    def find(*_: object) -> object:
        return next(given_up, None)

    monkeypatch.setattr(Search, "find", find)

    found = ask(policy({"Resource": "arn:aws:s3:::unsure/?*"}), question=question)

    assert found.outcome == "unknown"
    assert found.reasons == (
        "its statements overlap in too many ways to tell; ask about less",
    )


def test_actions_are_listed_where_some_are_allowed() -> None:
    """In AWS's spelling; only those that can be about the resource are asked for."""
    own = policy({"Action": ["s3:PUTobject", "s3:ListBucket", "s3:GetObject"]})

    found = ask(own, question=Question(action="s3:*Object", resource=KEY))

    assert (found.outcome, found.scope) == ("allowed", "part")
    assert found.actions == ("s3:GetObject", "s3:PutObject")


def test_all_actions_that_can_be_about_the_resource_are_all() -> None:
    """Of a bucket, s3:List* is about the bucket."""
    own = policy({"Action": ["s3:ListBucket*", "s3:ListTagsForResource"]})
    question = Question(action="s3:ListB*", resource="arn:aws:s3:::b")

    found = ask(own, question=question)

    assert (found.outcome, found.scope, found.actions) == ("allowed", "all", ())


def test_action_about_no_resource_is_asked_for_once() -> None:
    """Its resource is `*` itself, which a narrower one does not hold."""
    question = Question(action="ec2:DescribeInstances")
    narrow = {"Action": "ec2:*", "Resource": "arn:aws:ec2:*:*:instance/*"}

    assert ask(policy(narrow), question=question).outcome == "denied"
    assert ask(policy(narrow | {"Resource": "*"}), question=question).scope == "all"


def test_actions_about_no_resource_are_told_apart_among_others() -> None:
    """The same statement is about them all, and allows some."""
    own = policy({"Action": "ec2:*", "Resource": "arn:aws:ec2:*:*:instance/*"})

    found = ask(own, question=Question(action="ec2:*Instances"))

    assert "ec2:StopInstances" in found.actions
    assert "ec2:DescribeInstances" not in found.actions


def test_anything_at_all_can_be_asked_for() -> None:
    """Actions of every service are not listed."""
    question = Question(action="*")

    assert ask(policy({"Action": "*"}), question=question).scope == "all"
    assert ask(policy({}), question=question).scope == "part"
    assert ask(OWN, question=question).outcome == "unknown"


def test_existing_role_is_unknown() -> None:
    """Whatever is asked."""
    arn = "arn:aws:iam::111122223333:role/other"
    entry = EntryPermissions(
        key="apps/reader",
        origin=HERE,
        subject="",
        trust="",
        role_arn=arn,
        existing_role=arn,
    )

    found = answer(entry, Question(action="s3:GetObject"))

    assert found.outcome == "unknown"
    assert [(one.arn, one.unknown) for one in found.unknown] == [
        (arn, "an existing role, whose policies are not in the file")
    ]
