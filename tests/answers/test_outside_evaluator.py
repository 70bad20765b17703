"""Answers about ClusterConfigs, held against an evaluator that is not ours.

The file is written, read and planned; the evaluator gets the same policies as IAM would
hold them, AWS's managed ones with the content that moto has.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data
from outside_evaluator import Asked, OutsideEvaluator, Role
from role_pairs import ACTIONS, KINDS, RESOURCES, pairs

from eks_irsa.answers.answers import answer
from eks_irsa.answers.entries import permissions_of
from eks_irsa.answers.model import EntryPermissions
from eks_irsa.answers.questions import Question
from eks_irsa.cli.inputs import planned
from eks_irsa.documents.patterns import matches

COUNT: Final = 400
# Each is asked for every action and resource, one by one.
FEW: Final = 100
MANAGED: Final = (
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "AmazonSQSReadOnlyAccess",
    "PowerUserAccess",
)
# Of actions and resources that the generated policies know, some or all.
PATTERNS: Final = (
    ("s3:Get*", "arn:aws:s3:::a*"),
    ("s3:GetObject", "arn:aws:s3:::*"),
    ("s3:*Object", "arn:aws:s3:::a/*"),
    ("sqs:*", "*"),
    ("*", "*"),
)


@dataclass(frozen=True)
class Case:
    """An entry of a ClusterConfig, the same for the evaluator, and requests."""

    entry: Mapping[str, Any]
    role: Role
    asked: tuple[Asked, ...]


@cache
def managed_policies() -> dict[str, Any]:
    """Give the managed policies there are, by name."""
    held: dict[str, Any] = json.loads(aws_managed_policies_data)
    return held


def managed_policy(name: str) -> dict[str, Any]:
    """Give the content of a managed policy."""
    document: dict[str, Any] = managed_policies()[name]["Document"]
    return document


def cases() -> list[Case]:
    """Make entries with a policy of their own, and some with managed ones."""
    chance = Random(7)  # noqa: S311 - no secret
    found: list[Case] = []
    for index, pair in enumerate(pairs(COUNT, seed=23, requests=6)):
        attached = chance.choice([None, None, *MANAGED])
        boundary = chance.choice([None, None, *MANAGED])
        entry: dict[str, Any] = {
            "metadata": {"name": f"r{index}", "namespace": "apps"},
            "attachPolicy": pair.before.policy,
        }
        statements = [*pair.before.policy["Statement"]]
        if attached:
            entry["attachPolicyARNs"] = [f"arn:aws:iam::aws:policy/{attached}"]
            statements += managed_policy(attached)["Statement"]
        if boundary:
            entry["permissionsBoundary"] = f"arn:aws:iam::aws:policy/{boundary}"
        role = Role(
            policy={**pair.before.policy, "Statement": statements},
            boundary=managed_policy(boundary) if boundary else None,
        )
        found.append(Case(entry, role, pair.asked))
    return found


def entries(made: Iterable[Case], folder: Path) -> list[EntryPermissions]:
    """Read the entries from a file."""
    file = folder / "cluster.yaml"
    config = {
        "apiVersion": "eksctl.io/v1alpha5",
        "kind": "ClusterConfig",
        "metadata": {"name": "c", "region": "eu-west-1"},
        "iam": {"withOIDC": True, "serviceAccounts": [one.entry for one in made]},
    }
    file.write_text(json.dumps(config), encoding="utf-8")
    outcome = planned(str(file), stack_file=None)
    assert outcome.plan, [one for one in outcome.problems if one.severity == "error"]
    assert outcome.file
    assert outcome.settings
    return [*permissions_of(outcome.plan, file=outcome.file, settings=outcome.settings)]


def question(action: str, resource: str, asked: Asked) -> Question:
    """Ask with everything known: a key that is not given is absent."""
    context: dict[str, tuple[str, ...]] = {kind.key.lower(): () for kind in KINDS}
    for key, value in asked.context.items():
        context[key.lower()] = tuple(value) if isinstance(value, list) else (value,)
    return Question(action=action, resource=resource, context=context)


@pytest.fixture(name="outside", scope="module")
def _outside() -> OutsideEvaluator:
    return OutsideEvaluator()


def test_single_requests_are_answered_alike(
    outside: OutsideEvaluator, tmp_path: Path
) -> None:
    """Denials, boundaries and conditions included."""
    made = cases()

    ours = [
        [
            answer(entry, question(one.action, one.resource, one)).outcome
            for one in case.asked
        ]
        for case, entry in zip(made, entries(made, tmp_path), strict=True)
    ]

    theirs = outside.allowed((one.role, one.asked) for one in made)
    assert ours == [
        ["allowed" if allowed else "denied" for allowed in some] for some in theirs
    ]
    assert COUNT < sum(map(sum, theirs)) < 5 * COUNT


def test_wildcards_are_answered_as_their_requests(
    outside: OutsideEvaluator, tmp_path: Path
) -> None:
    """All allowed means each, denied means none."""
    made = cases()[:FEW]
    everything = [(one, other) for one in ACTIONS for other in RESOURCES]
    asked = [
        [
            Asked(action=action, resource=resource, context=case.asked[0].context)
            for action, resource in everything
        ]
        for case in made
    ]
    theirs = outside.allowed(
        (case.role, some) for case, some in zip(made, asked, strict=True)
    )

    seen: set[tuple[str, str]] = set()
    for case, entry, allowed in zip(made, entries(made, tmp_path), theirs, strict=True):
        for pattern in PATTERNS:
            ours = answer(entry, question(*pattern, case.asked[0]))
            of_pattern = {
                one
                for pair, one in zip(everything, allowed, strict=True)
                if all(map(matches, map(str.lower, pattern), map(str.lower, pair)))
            }
            seen.add((ours.outcome, ours.scope))
            if ours.scope == "all":
                assert of_pattern == {ours.outcome == "allowed"}, (case, pattern, ours)
            else:
                assert ours.outcome == "allowed"

    assert seen == {("allowed", "all"), ("allowed", "part"), ("denied", "all")}
