"""Values that clauses are met by, held against the evaluator and the comparison."""

from itertools import combinations
from random import Random
from typing import Final

from role_pairs import KINDS

from eks_irsa.access.clauses import clause_met
from eks_irsa.access.requests import Request, stand_in
from eks_irsa.access.texts import Texts
from eks_irsa.access.values import FoundValues, Values
from eks_irsa.documents.conditions import Clause, Condition

CLAUSES: Final = [
    [
        Clause(operator=operator, key=kind.key.lower(), values=tuple(sorted(values)))
        for operator in sorted({*kind.operators, "Null"})
        for values in (
            [("false",), ("true",)]
            if operator == "Null"
            else [*((one,) for one in kind.wanted), *combinations(kind.wanted, 2)]
        )
    ]
    for kind in KINDS
]
TEAM: Final = "aws:principaltag/team"


def found(met: list[Clause], unmet: list[Clause]) -> FoundValues:
    """Ask once."""
    return Values(Texts()).find(frozenset(met), frozenset(unmet))


def is_met(clause: Clause, values: tuple[str, ...]) -> bool | None:
    """Ask the evaluator; a variable has its stand-in for a value."""
    context = {TEAM: (stand_in(TEAM),), clause.key: values}
    return clause_met(clause, Request(action="", context=context, open=False))


def test_values_meet_what_they_are_to_meet() -> None:
    """Each two clauses over one key, met and not met."""
    chance = Random(7)  # noqa: S311 - no secret
    shown = 0
    for clauses in CLAUSES:
        for _ in range(400):
            one, two = chance.choice(clauses), chance.choice(clauses)
            values = found([one], [two])
            if isinstance(values, tuple) and "$" not in str((one, two)):
                shown += 1
                assert is_met(one, values) is True
                assert is_met(two, values) is False
            if Condition((two,)).covers(Condition((one,))):
                assert values is False or "$" in str((one, two))

    assert shown > 1_000


def test_values_are_found_where_a_request_shows_them() -> None:
    """What some value meets is not said to be met by none."""
    chance = Random(8)  # noqa: S311 - no secret
    for kind, clauses in zip(KINDS, CLAUSES, strict=True):
        given: list[tuple[str, ...]] = [(), *((one,) for one in kind.given)]
        given += combinations(kind.given, 2) if kind.several else ()
        for _ in range(400):
            one, two = chance.choice(clauses), chance.choice(clauses)
            if any(is_met(one, some) and is_met(two, some) is False for some in given):
                assert found([one], [two]) not in {False, None}


def test_quantifiers_need_several_values_at_times() -> None:
    """One that fits and one that does not."""

    def clause(operator: str, value: str) -> Clause:
        return Clause(operator=operator, key="k", values=(value,))

    any_a = clause("ForAnyValue:StringEquals", "a")
    any_b = clause("ForAnyValue:StringEquals", "b")
    all_a = clause("ForAllValues:StringEquals", "a")

    assert found([any_a, any_b], []) == ("a", "b")
    values = found([any_a], [all_a])
    assert isinstance(values, tuple)
    assert len(values) == 2
    assert found([any_b, all_a], []) is False
    assert found([all_a], [any_a]) == ()
    assert found([any_a, clause("StringEquals", "b")], []) is False


def test_what_is_no_number_is_not_found_out() -> None:
    """Neither that there is a value, nor that there is none."""
    below = Clause(operator="NumericLessThan", key="k", values=("ten",))
    unknown = Clause(operator="Sounds", key="k", values=("like",))

    assert found([below], []) is None
    # `True` is both, and is not looked for.
    either = Clause(operator="Bool", key="k", values=("true",))
    capital = Clause(operator="StringLike", key="k", values=("T*",))
    assert found([either, capital], []) is None
    assert found([unknown], []) is None
