"""Associations that exist before a run, and what is said of each."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import pytest
from plans import entry, in_file, planned, refused

from eks_irsa.plan.associations import (
    ExistingAssociation,
    association_findings,
    association_id_findings,
    associations_to_look_up,
    limit_findings,
)
from eks_irsa.plan.model import Plan
from eks_irsa.plan.transitions import Recorded

STACK: Final = "organization/eks-irsa/prod"
KEY: Final = "apps/x"
NAME: Final = ("iam", "serviceAccounts", 0, "metadata", "name")
HAS: Final = "the service account 'apps/x' already has the EKS Pod Identity association"
TAKE_IN: Final = "set overrides: {apps/x: {associationId: a-1}} to take it in"
ADD_ON: Final = "arn:aws:eks:us-west-2:111122223333:addon/shop/vpc-cni/0"


def by_association(given: str | None = None, **settings: object) -> Plan:
    """Plan one entry with EKS Pod Identity."""
    overrides = {KEY: {"associationId": given}} if given else {}
    more = {"defaults": {"identity": "podIdentity"}, "overrides": overrides}
    return planned(entry(KEY), settings={**more, **settings})


def recorded(association: str | None, *, key: str = KEY) -> Mapping[str, Recorded]:
    """Give the state of a stack that has made the entry, with an association or not."""
    one = Recorded(mode="created", role_arn="r", association_id=association)
    return {key: one}


def found(
    plan: Plan,
    existing: Mapping[str, ExistingAssociation],
    *,
    before: Mapping[str, Recorded] | None = None,
) -> list[tuple[object, ...]]:
    """Give everything that is found of a plan in the file."""
    findings = association_findings(
        plan, before or {}, existing, entries=in_file(KEY), stack=STACK
    )
    return [(one.path, one.code, one.severity, one.message) for one in findings]


@pytest.mark.parametrize(
    ("plan", "before", "keys"),
    [
        pytest.param(by_association(), {}, (KEY,), id="new"),
        pytest.param(by_association(), recorded(None), (KEY,), id="moved"),
        pytest.param(by_association(), recorded("a-1"), (), id="in the state"),
        pytest.param(by_association("a-1"), recorded("a-1"), (), id="taken in before"),
        pytest.param(by_association("a-2"), recorded("a-1"), (KEY,), id="another id"),
        pytest.param(planned(entry(KEY)), {}, (), id="without an association"),
        pytest.param(
            by_association(renames={"apps/old": KEY}),
            recorded("a-1", key="apps/old"),
            (KEY,),
            id="renamed, so of another service account",
        ),
    ],
)
def test_only_associations_that_the_state_lacks_are_looked_up(
    plan: Plan, before: Mapping[str, Recorded], keys: tuple[str, ...]
) -> None:
    """A run without news costs no call."""
    assert associations_to_look_up(plan, before) == keys


def test_association_in_another_cluster_is_none_here() -> None:
    """That of this cluster is looked up, for it may be somebody's already."""
    plan = by_association()
    (before,) = recorded("a-1").values()

    here = {KEY: replace(before, association_cluster=plan.cluster.name)}
    elsewhere = {KEY: replace(before, association_cluster="blue")}

    assert associations_to_look_up(plan, here) == ()
    assert associations_to_look_up(plan, elsewhere) == (KEY,)


@pytest.mark.parametrize(
    ("existing", "message"),
    [
        pytest.param(
            ExistingAssociation(id="a-1", tags={}),
            f"{HAS} 'a-1', which this stack did not make; {TAKE_IN}, which gives it "
            "this entry's role",
            id="nobody's",
        ),
        pytest.param(
            ExistingAssociation(id="a-1"),
            f"{HAS} 'a-1', whose tags could not be read; {TAKE_IN}",
            id="not read",
        ),
        pytest.param(
            ExistingAssociation(id="a-1", tags={"eks-irsa/stack": STACK}),
            f"{HAS} 'a-1', with the tag of this stack, whose state does not have it; "
            "after a run that was killed, bring it in with 'eks-irsa recover "
            "apps/x-association=a-1'",
            id="this stack's",
        ),
        pytest.param(
            ExistingAssociation(id="a-1", tags={"eks-irsa/stack": "o/p/dev"}),
            f"{HAS} 'a-1', with the tag of the stack 'o/p/dev'; take the entry out of "
            f"one of the two, or, if that stack is gone, {TAKE_IN}",
            id="another stack's",
        ),
        pytest.param(
            ExistingAssociation(id="a-1", tags={}, owner=ADD_ON),
            f"{HAS} 'a-1', which the EKS add-on {ADD_ON} manages; take the entry out, "
            "or the association out of the add-on",
            id="an add-on's",
        ),
    ],
)
def test_association_that_exists_is_named_with_whose_it_is(
    existing: ExistingAssociation, message: str
) -> None:
    """EKS takes one for each service account, and would say so half-way through."""
    assert found(by_association(), {KEY: existing}) == [
        (NAME, "E-ASSOCIATION-EXISTS", "error", message)
    ]


def test_nothing_stands_in_the_way_of_a_free_service_account() -> None:
    """Associations of others are theirs, and one that is taken in is meant."""
    others = {"apps/y": ExistingAssociation(id="a-1", tags={})}
    own = {KEY: ExistingAssociation(id="a-1", tags={})}

    assert found(by_association(), others) == []
    assert found(by_association("a-1"), own) == []
    assert found(by_association(), own, before=recorded("a-1")) == []


def test_what_could_not_be_looked_up_is_one_warning() -> None:
    """Whoever may not list is not kept from trying."""
    unread = {KEY: ExistingAssociation(unread="AccessDeniedException")}

    assert found(by_association(), unread) == [
        (
            ("iam",),
            "W-NOT-LOOKED-UP",
            "warning",
            (
                "1 of the associations that will be created could not be looked up "
                "(AccessDeniedException); up is stopped by each that already exists"
            ),
        )
    ]
    assert [*association_id_findings(by_association("a-1"), {}, unread)] == []


@pytest.mark.parametrize(
    ("existing", "message"),
    [
        pytest.param(
            {KEY: "a-2"},
            "there is no association 'a-1' in the cluster shop; 'apps/x' has 'a-2'",
            id="another id",
        ),
        pytest.param(
            {"apps/y": "a-1"},
            "'a-1' is the association of 'apps/y'; 'apps/x' has none, so take "
            "associationId out to have one made",
            id="another's",
        ),
        pytest.param(
            {},
            "there is no association 'a-1' in the cluster shop; 'apps/x' has none, so "
            "take associationId out to have one made",
            id="none at all",
        ),
    ],
)
def test_id_of_no_association_of_the_service_account_is_refused(
    existing: Mapping[str, str], message: str
) -> None:
    """The engine would replace another's: make a new one, and delete that."""
    there = {key: ExistingAssociation(id=one) for key, one in existing.items()}

    (one,) = association_id_findings(by_association("a-1"), {}, there)

    at = ("overrides", KEY, "associationId")
    assert (one.path, one.code, one.message) == (at, "E-ASSOCIATION-ID", message)


@pytest.mark.parametrize(("others", "too_many"), [(4999, False), (5000, True)])
def test_cluster_takes_five_thousand_associations(
    *, others: int, too_many: bool
) -> None:
    """Those that exist count, whoever made them; one that is both counts once."""
    there = {f"a/{n}": ExistingAssociation(id=f"a-{n}") for n in range(others)}
    there |= {KEY: ExistingAssociation(id="a-x")}

    messages = [one.message for one in limit_findings([KEY], there)]

    message = (
        "the entries have 1 associations and the cluster 5,000 others, and EKS takes "
        "5,000 in a cluster, a quota that AWS does not raise; set identity to irsa for "
        "some of the entries"
    )
    assert messages == ([message] if too_many else [])


def test_plan_alone_may_have_too_many_associations() -> None:
    """`check` sees that without asking AWS."""
    entries = [entry(f"a/{n}") for n in range(5001)]
    moved = {"defaults": {"identity": "both"}}

    assert [code for _, code, _ in refused(*entries, settings=moved)] == [
        "E-LIMIT-ASSOCIATIONS"
    ]
    planned(*entries[1:], settings=moved)
