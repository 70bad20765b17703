"""Our grammar of permission policies against moto's record of IAM's answers.

Both judge the same policies: generated ones, those AWS holds in IAM, and those of our
own corpus. Where they differ, one of `DIFFERENCES` must say why, and each of them has
a policy that needs it, so that none outlives its reason.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

import pytest
from generated_policies import generated_policy
from moto.iam.aws_managed_policies import aws_managed_policies_data
from policy_differences import DIFFERENCES, Policy, moto_takes, repaired, we_take

from eks_irsa.documents.policy_grammar import document_faults

_CORPUS: Final = Path(__file__).parents[1] / "golden" / "cluster_configs"


def inline_policies(plan: Path) -> Iterator[Policy]:
    """Give the inline policies of a plan that its file has; eksctl's are named."""
    for role in _values(json.loads(plan.read_bytes()), "role"):
        for document in _values(role, "document"):
            if isinstance(document, dict):
                yield cast("Policy", document)


def _values(value: object, key: str) -> Iterator[object]:
    """Give what stands under *key*, wherever that is."""
    if isinstance(value, dict):
        for name, inner in cast("dict[str, object]", value).items():
            if name == key:
                yield inner
            else:
                yield from _values(inner, key)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from _values(inner, key)


def test_generated_policies_are_judged_as_iam_judges_them() -> None:
    """Ten thousand policies, most of them nearly right: no unnamed difference."""
    verdicts: Counter[tuple[bool, bool]] = Counter()
    unnamed: list[str] = []

    for seed in range(10_000):
        policy = generated_policy(seed)
        verdict = we_take(policy), moto_takes(policy)
        verdicts[verdict] += 1
        both = repaired(policy) if verdict[0] != verdict[1] else policy
        if we_take(both) != moto_takes(both):
            unnamed.append(json.dumps(both))

    assert sorted(unnamed, key=len)[:5] == []
    # Each verdict is there often enough to mean something.
    assert min(verdicts[both, both] for both in (True, False)) > 2_000


def test_no_managed_policy_of_aws_is_refused() -> None:
    """What AWS itself holds in IAM, IAM takes."""
    policies = json.loads(aws_managed_policies_data)

    refused = {
        name: faults
        for name, entry in policies.items()
        if (faults := list(document_faults(entry["Document"])))
    }

    assert refused == {}
    assert len(policies) > 1_500


def test_moto_refuses_managed_policies_of_aws_for_a_named_reason_alone() -> None:
    """The named differences explain why moto refuses what AWS holds."""
    policies = [
        entry["Document"] for entry in json.loads(aws_managed_policies_data).values()
    ]

    refused = [policy for policy in policies if not moto_takes(policy)]

    assert len(refused) == 7
    assert all(moto_takes(repaired(policy)) for policy in refused)


def test_moto_refuses_two_files_of_the_corpus_for_a_named_reason() -> None:
    """They are the two that the engine's tests expect the sandbox to refuse."""
    refused = {
        file.name.removesuffix(".plan.json"): [
            policy for policy in inline_policies(file) if not moto_takes(policy)
        ]
        for file in _CORPUS.glob("*.plan.json")
    }

    refused = {name: policies for name, policies in refused.items() if policies}

    assert refused.keys() == {"condition_values", "inline_policy_legacy"}
    assert all(moto_takes(repaired(one)) for found in refused.values() for one in found)


@pytest.mark.parametrize("name", DIFFERENCES)
def test_named_difference_is_needed(name: str) -> None:
    """A name that nothing needs has no place on the list."""
    difference = DIFFERENCES[name]
    policy = difference.example

    verdicts = {"us": we_take(policy), "moto": moto_takes(policy)}

    assert verdicts.pop(difference.refused_by) is False
    assert list(verdicts.values()) == [True]
    both_take = difference.repaired(policy)
    assert (we_take(both_take), moto_takes(both_take)) == (True, True)
