"""What permissions may be used for, from data that AWS's own names are held against."""

from itertools import product
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_irsa.access.authority import Authority
from eks_irsa.access.differences import Change, difference
from eks_irsa.aws_names.access_levels import access_levels, access_levels_but
from eks_irsa.aws_names.catalog import service
from eks_irsa.documents.aws_managed_policies import aws_managed_policy
from eks_irsa.documents.conditions import Clause, Condition
from eks_irsa.documents.patterns import Patterns
from eks_irsa.documents.policy_statements import Grant, read_policy
from eks_irsa.review.model import Mark, Permissions, Severity
from eks_irsa.review.weighing.action_data import (
    escalation_paths,
    known_actions,
    weights,
)
from eks_irsa.review.weighing.marks import change_marks, permission_marks
from eks_irsa.review.weighing.risks import is_everywhere, risks
from eks_irsa.review.weighing.severity import is_at_least, severity_of

ACTIONS = sorted(
    {*weights(), *(action for path in escalation_paths() for action in path.actions)}
)
PATTERNS = [
    "*",
    "iam:*",
    "iam:Pass*",
    "s3:Get*",
    "s3:*",
    "lambda:*",
    "ec2:Describe*",
    "kms:?ecrypt",
    "xray:PutTraceSegments",
    *ACTIONS[::7],
]
RESOURCES = [
    "*",
    "arn:aws:s3:::reports",
    "arn:aws:s3:::reports/*",
    "arn:aws:s3:::*",
    "arn:aws:iam::123456789012:role/*",
    "arn:aws:iam::123456789012:role/app",
    "arn:aws:dynamodb:*:*:tab*",
    "arn:aws:secretsmanager:*:*:secret:*",
]
TAGGED = Condition(
    (Clause(operator="StringEquals", key="aws:resourcetag/a", values=("b",)),)
)


def grant(
    action: str,
    resource: str = "*",
    *,
    condition: Condition | None = None,
    inverted: bool = False,
) -> Grant:
    """Allow an action, or every action but it."""
    return Grant(
        effect="Allow",
        action=Patterns(frozenset({action.lower()}), inverted),
        resource=Patterns(frozenset({resource})),
        condition=condition or Condition(),
    )


GRANTS = st.builds(
    grant,
    st.sampled_from(PATTERNS),
    st.sampled_from(RESOURCES),
    condition=st.sampled_from([None, TAGGED]),
    inverted=st.booleans(),
)


def marks_of(before: set[Grant], after: set[Grant]) -> set[Mark]:
    """Mark what a role gains."""
    may = Permissions(difference=difference(before, after), unknown=(), policies={})
    return {*permission_marks(may, after=Authority(frozenset(after)))}


def test_every_action_of_the_data_is_one_of_aws() -> None:
    """A name that AWS does not have would never be found in a policy."""
    unknown = [
        action
        for action in ACTIONS
        if not (one := service(action.partition(":")[0]))
        or action.partition(":")[2] not in one.actions
    ]

    assert unknown == []


def test_every_line_of_the_data_has_its_source() -> None:
    """A URL, and for a mark one that there is."""
    given_weights = [weight for found in weights().values() for weight in found]

    assert all(path.source.startswith("https://") for path in escalation_paths())
    assert all(weight.source.startswith("https://") for weight in given_weights)
    assert {weight.mark for weight in given_weights} <= {*get_args(Mark)}
    names = [path.name for path in escalation_paths()]
    assert names == sorted(set(names))


def test_every_path_is_found_in_the_actions_it_is_made_of() -> None:
    """On every resource, and by no part of them alone but those that are a path."""
    for path in escalation_paths():
        whole = marks_of(set(), {grant(action) for action in path.actions})

        assert "escalation" in whole, path
    single = {path.actions[0] for path in escalation_paths() if len(path.actions) == 1}
    for action in set(ACTIONS) - single:
        assert "escalation" not in marks_of(set(), {grant(action)}), action


@pytest.mark.parametrize(
    ("written", "held"),
    [
        ("iam:PassRole", True),
        ("iam:Pass*", True),
        ("iam:*", True),
        ("*", True),
        ("*:*", True),
        ("i*:?assRole", True),
        ("iam:Get*", False),
        ("s3:*", False),
    ],
)
def test_action_is_found_in_whatever_pattern_holds_it(
    written: str, *, held: bool
) -> None:
    """And in what `NotAction` leaves, if it is not what is left out."""
    found = known_actions(Patterns(frozenset({written.lower()})))
    left = known_actions(Patterns(frozenset({written.lower()}), inverted=True))

    assert ("iam:passrole" in found, "iam:passrole" in left) == (held, not held)


@pytest.mark.parametrize(
    ("action", "levels"),
    [
        ("s3:GetObject", set[str]()),
        ("s3:Get*", set[str]()),
        ("s3:PutObject", {"Write"}),
        ("S3:putbucketpolicy", {"Write", "Permissions management"}),
        ("s3:*", {"Write", "Permissions management"}),
        ("*", {"Write", "Permissions management"}),
        ("*:List*", set[str]()),
        ("nosuchservice:GetThing", set[str]()),
        ("nosuchservice:Get*", set[str]()),
        ("nosuchservice:Thing", {"Write"}),
        ("s3:PutSomethingOfTomorrow", {"Write"}),
    ],
)
def test_level_of_access_is_aws_own(action: str, levels: set[str]) -> None:
    """Of several actions the highest; of one unknown what its name says."""
    assert access_levels(action) >= levels
    if action != "*:List*":
        assert access_levels(action) == levels


def test_level_of_what_is_left_of_all_actions() -> None:
    """Everything but one service writes; everything but everything does not."""
    assert access_levels_but(frozenset({"iam:*"})) == {
        "Write",
        "Permissions management",
    }
    assert access_levels_but(frozenset({"*"})) == set()


@pytest.mark.parametrize(
    ("action", "resource", "everywhere"),
    [
        ("s3:PutObject", "*", True),
        ("s3:PutObject", "arn:aws:s3:::*", True),
        ("s3:PutObject", "arn:aws:s3:::*/logs", True),
        ("s3:PutObject", "arn:aws:s3:::logs*", False),
        ("s3:PutObject", "arn:aws:s3:::logs/*", False),
        ("dynamodb:PutItem", "arn:aws:dynamodb:*:*:table/*", True),
        ("dynamodb:PutItem", "arn:aws:dynamodb:*:*:tab*", True),
        ("dynamodb:PutItem", "arn:aws:dynamodb:*:*:table/app-*", False),
        ("apigateway:POST", "arn:aws:apigateway:us-east-1::/restapis/*", True),
        ("logs:PutLogEvents", "arn:aws:logs:*:*:log-group:/aws/eks/*", False),
        ("iam:PassRole", "arn:aws:iam::123456789012:*", True),
        ("iam:PassRole", "arn:aws:*", True),
    ],
)
def test_every_resource_is_told_from_a_pattern_of_names(
    action: str, resource: str, *, everywhere: bool
) -> None:
    """What an ARN leaves open says nothing where AWS leaves no choice."""
    assert is_everywhere(grant(action, resource)) == everywhere


def test_action_that_is_allowed_on_everything_alone_is_no_choice() -> None:
    """A pattern of actions is one."""
    writes = "write-wildcard-resource"

    assert writes not in marks_of(set(), {grant("xray:PutTraceSegments")})
    assert writes in marks_of(set(), {grant("xray:Put*")})
    assert writes in marks_of(set(), {grant("s3:PutObject")})


@pytest.mark.parametrize(
    ("clause", "everywhere"),
    [
        (("StringEquals", "aws:resourcetag/team", "apps"), False),
        (("StringLike", "ec2:resourcetag/team", "apps-*"), False),
        (("StringLike", "ec2:resourcetag/team", "*"), True),
        (("StringEqualsIfExists", "aws:resourcetag/team", "apps"), True),
        (("ForAllValues:StringEquals", "aws:resourcetag/team", "apps"), True),
        (("StringNotEquals", "aws:resourcetag/team", "apps"), True),
        (("StringEquals", "aws:requesttag/team", "apps"), True),
    ],
)
def test_tag_that_a_resource_must_have_names_it(
    clause: tuple[str, str, str], *, everywhere: bool
) -> None:
    """Unless the condition is met without the tag."""
    operator, key, value = clause
    condition = Condition((Clause(operator=operator, key=key, values=(value,)),))

    assert is_everywhere(grant("ec2:StopInstances", condition=condition)) == everywhere


@pytest.mark.parametrize(
    ("policy", "severity"),
    [
        ("AdministratorAccess", "critical"),
        ("IAMFullAccess", "critical"),
        ("PowerUserAccess", "critical"),
        ("AmazonS3FullAccess", "high"),
        ("AmazonS3ReadOnlyAccess", "medium"),
        ("AmazonEKS_CNI_Policy", "medium"),
        ("SecurityAudit", "low"),
    ],
)
def test_policies_of_aws_weigh_what_people_would_say(
    policy: str, severity: str
) -> None:
    """From an administrator to an auditor, who reads no data."""
    found = aws_managed_policy(f"arn:aws:iam::aws:policy/{policy}")
    assert found

    assert severity_of(marks_of(set(), {*read_policy(found.document)})) == severity


def test_denial_that_goes_weighs_what_it_denied() -> None:
    """What is no longer denied is what the role may do."""
    denied = Grant(
        effect="Deny",
        action=Patterns(frozenset({"iam:*"})),
        resource=Patterns(frozenset({"*"})),
    )

    assert {"administrator", "denial-removed"} <= {
        *change_marks(Change(grant=denied, because="denial"))
    }
    assert [*change_marks(Change(grant=denied))] == []


def test_wider_permission_weighs_as_much_or_more() -> None:
    """Of all pairs of the patterns here of which one holds the other."""
    grants = [grant(*one) for one in product(PATTERNS, RESOURCES)]
    grants += [grant(one, inverted=True) for one in PATTERNS]
    weighed: dict[Grant, Severity] = {one: severity_of(risks(one)) for one in grants}

    lighter = [
        (wide, narrow)
        for wide, narrow in product(grants, grants)
        if wide.covers(narrow) and not is_at_least(weighed[wide], weighed[narrow])
    ]

    assert lighter == []


@settings(max_examples=300)
@given(
    before=st.sets(GRANTS, max_size=3),
    after=st.sets(GRANTS, max_size=4),
    another=GRANTS,
)
def test_another_permission_never_makes_a_role_weigh_less(
    before: set[Grant], after: set[Grant], another: Grant
) -> None:
    """Nothing that is granted besides hides what is grave."""
    less = severity_of(marks_of(before, after))

    more = severity_of(marks_of(before, {*after, another}))

    assert is_at_least(more, less)
