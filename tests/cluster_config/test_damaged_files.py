"""The files of the corpus, broken at random: planned or refused, and nothing else."""

import json
from pathlib import Path
from random import Random
from typing import Final, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from eks_irsa.cluster_config.reading import parse_cluster_config
from eks_irsa.errors import InvalidInputError
from eks_irsa.plan.model import Cluster
from eks_irsa.plan.planning import plan
from eks_irsa.settings.reading import default_settings
from eks_irsa.source.document import Pairs
from eks_irsa.source.yaml_text import parse

_CORPUS: Final = Path(__file__).parents[1] / "golden/cluster_configs"
TEXTS: Final = [path.read_bytes() for path in sorted(_CORPUS.glob("*.yaml"))]
DOCUMENTS: Final = [
    root for text in TEXTS if isinstance(root := parse(text).root, Pairs)
]
JUNK: Final = [
    *("null", "true", "0", "-1", "1.5", "1e400", str(10**30)),
    *('""', '"n"', '"*"', '"a\\nb"', '"arn:aws:iam::"', f'"{"x" * 3000}"'),
    *("[]", "{}", "[null]", "[[]]", "[{}]", '{"": null}', '{"Ref": "x"}'),
    '{"Fn::Sub": [1]}',
]
# How often something inside is broken rather than the whole.
DEEPER: Final = 0.85


def judged(text: bytes) -> None:
    """Plan a text, or see that each of its problems can be acted on."""
    try:
        file = parse_cluster_config(text, source="a.yaml", partly=True)
        cluster = Cluster.assumed_for(file.config)
        plan(file, stack_settings=default_settings(), cluster=cluster)
        assert file.errors == ()
    except InvalidInputError as error:
        problems = error.problems
    else:
        return
    assert any(problem.severity == "error" for problem in problems)
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)
    assert all(problem.message and "\n" not in problem.message for problem in problems)


def broken(value: object, random: Random) -> object:
    """Break a value somewhere: another type, a renamed key, one key more or less."""
    if isinstance(value, dict) and value and random.random() < DEEPER:
        pairs = dict(cast("dict[str, object]", value))
        key = random.choice(sorted(pairs))
        inner = pairs.pop(key)
        match random.choice(["rename", "drop", "add", "inside", "inside", "inside"]):
            case "rename":
                renamed = random.choice([key.upper(), f"{key}s", key[1:], ""])
                return pairs | {renamed: inner}
            case "drop":
                return pairs
            case "add":
                return pairs | {key: inner, random.choice("xé\n "): junk(random)}
            case _:
                return pairs | {key: broken(inner, random)}
    if isinstance(value, list) and value and random.random() < DEEPER:
        items = list(cast("list[object]", value))
        index = random.randrange(len(items))
        items[index] = broken(items[index], random)
        return items
    return junk(random)


def junk(random: Random) -> object:
    """Return something that is seldom right."""
    return json.loads(random.choice(JUNK))


@settings(max_examples=150)
@given(document=st.sampled_from(DOCUMENTS), random=st.randoms(use_true_random=False))
def test_keys_that_are_renamed_and_types_that_are_changed_are_judged(
    document: object, random: Random
) -> None:
    """Whatever stands where, each problem has its place and is one line."""
    for _ in range(random.randint(1, 4)):
        document = broken(document, random)

    judged(json.dumps(document).encode())


@settings(max_examples=150)
@given(
    text=st.sampled_from(TEXTS),
    cut=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 255)), max_size=4),
)
def test_text_that_is_cut_and_has_bytes_flipped_is_judged(
    text: bytes, cut: tuple[float, float], flips: list[tuple[float, int]]
) -> None:
    """Half a file, or one from a broken disk, is refused like any other."""
    begin, end = sorted(round(part * len(text)) for part in cut)
    damaged = bytearray(text[:begin] + text[end:])
    for where, byte in flips:
        if damaged:
            damaged[min(int(where * len(damaged)), len(damaged) - 1)] ^= byte

    judged(bytes(damaged))
