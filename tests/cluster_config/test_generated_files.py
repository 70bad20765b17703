"""Files nobody wrote: right ones are planned and trusted exactly, broken ones refused.

Who may assume a role is judged by the sandbox's evaluator, which reads the JSON of the
trust policy and knows nothing of the package.
"""

import fnmatch
import json
from pathlib import Path
from random import Random
from typing import Final, cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eks_irsa.cluster_config.reading import parse_cluster_config
from eks_irsa.documents.well_known_policies import WELL_KNOWN_POLICY_NAMES
from eks_irsa.errors import InvalidInputError
from eks_irsa.plan.model import Cluster, Plan
from eks_irsa.plan.planning import plan
from eks_irsa.settings.reading import default_settings
from eks_irsa.source.document import Pairs
from eks_irsa.source.yaml_text import parse
from eks_irsa.synthesis import plan_document
from sandbox.aws.trust_evaluator import may_assume

REGIONS: Final = {
    "us-west-2": "aws",
    "cn-north-1": "aws-cn",
    "us-gov-west-1": "aws-us-gov",
}
AUDIENCE: Final = "sts.amazonaws.com"
TEXTS: Final = [
    path.read_bytes()
    for path in sorted((Path(__file__).parents[1] / "golden/cluster_configs").glob("*"))
    if path.suffix == ".yaml"
]

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

Json = dict[str, object]

LABELS: Final = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
NAMES: Final = st.from_regex(
    r"[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?(\.[a-z0-9]{1,3})?", fullmatch=True
)
PATTERNS: Final = st.from_regex(r"[a-z0-9.-]{0,4}[*?][a-z0-9.*?-]{0,4}", fullmatch=True)
KEYS: Final = st.from_regex(r"[a-z]([a-z0-9-]{0,6}[a-z0-9])?", fullmatch=True)
TEXT_MAPS: Final = st.dictionaries(KEYS, st.none() | LABELS, max_size=2)


def optional(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[Json]:
    """Generate maps that have each of *fields*, or null under it, or not at all."""
    return st.fixed_dictionaries(
        {}, optional={key: st.none() | value for key, value in fields.items()}
    )


def policies(partition: str) -> st.SearchStrategy[Json]:
    """Generate the sources of permissions of an entry, at least one."""
    arns = st.builds("arn:{}:iam::aws:policy/{}".format, st.just(partition), NAMES)
    statement = st.fixed_dictionaries(
        {
            "Effect": st.sampled_from(["Allow", "Deny"]),
            "Action": st.sampled_from(["s3:GetObject", "*"]) | st.just(["sqs:*"]),
            "Resource": st.sampled_from(["*", f"arn:{partition}:s3:::a"])
            | st.just({"Fn::Sub": "arn:${AWS::Partition}:sqs:${AWS::Region}:*:q"}),
        }
    )
    one_at_least: list[st.SearchStrategy[Json]] = [
        st.fixed_dictionaries(
            {"attachPolicyARNs": st.lists(arns, min_size=1, max_size=3)}
        ),
        st.fixed_dictionaries(
            {
                "attachPolicy": st.fixed_dictionaries(
                    {"Version": st.just("2012-10-17"), "Statement": statement}
                )
            }
        ),
        st.fixed_dictionaries(
            {
                "wellKnownPolicies": st.sampled_from(WELL_KNOWN_POLICY_NAMES).flatmap(
                    lambda name: st.fixed_dictionaries({name: st.just(value=True)})
                )
            }
        ),
    ]
    return st.one_of(one_at_least)


@st.composite
def entries(draw: st.DrawFn, partition: str) -> Json:
    """Generate an entry that has a role of its own."""
    metadata = draw(optional(namespace=LABELS, labels=TEXT_MAPS, annotations=TEXT_MAPS))
    metadata["name"] = draw(NAMES)
    entry = draw(optional(subjectPattern=PATTERNS | NAMES, roleOnly=st.booleans()))
    entry |= draw(optional(tags=TEXT_MAPS, roleName=st.none(), status=st.just({})))
    return {"metadata": metadata, **draw(policies(partition)), **entry}


@st.composite
def configs(draw: st.DrawFn) -> Json:
    """Generate a ClusterConfig that may be used."""
    region = draw(st.sampled_from(sorted(REGIONS)))
    accounts = draw(
        st.lists(entries(REGIONS[region]), max_size=3, unique_by=key_of_entry)
    )
    return {
        "apiVersion": "eksctl.io/v1alpha5",
        "kind": "ClusterConfig",
        "metadata": {"name": draw(LABELS), "region": region},
        "iam": {"withOIDC": True, "serviceAccounts": accounts},
    }


def key_of_entry(entry: Json) -> tuple[str, str]:
    """Return namespace and name of an entry."""
    metadata = cast("dict[str, str | None]", entry["metadata"])
    return metadata.get("namespace") or "default", str(metadata["name"])


def planned(text: bytes) -> Plan:
    """Plan a text for an account and an issuer.

    Raises:
        InvalidInputError: It cannot be used.
    """
    file = parse_cluster_config(text, source="a.yaml")
    assumed = Cluster.assumed_for(file.config)
    cluster = Cluster(
        name=assumed.name,
        region=assumed.region,
        partition=assumed.partition,
        account_id="111122223333",
        issuer_url="https://issuer.example.com/id/A",
    )
    return plan(file, stack_settings=default_settings(), cluster=cluster)


def names_near(name: str) -> set[str]:
    """Return names that a careless policy might take for *name*."""
    changed = {name[:-1], f"{name}x", f"x{name}", f"{name}.x", name.replace("-", "x")}
    return {one for one in changed | {name, "a", "default"} if one}


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(config=configs(), others=st.lists(NAMES, max_size=3))
def test_right_file_is_planned_and_trusts_exactly_whom_it_names(
    config: Json, others: list[str]
) -> None:
    """Each role admits its own subjects, of its namespace, issuer and audience."""
    result = planned(json.dumps(config).encode())

    accounts = cast("dict[str, list[Json]]", config["iam"])["serviceAccounts"]
    provider = result.cluster.provider_arn
    assert len(result.service_accounts) == len(accounts)
    assert json.dumps(plan_document(result))
    for account, entry in zip(accounts, result.service_accounts, strict=True):
        namespace, name = key_of_entry(account)
        pattern = str(account.get("subjectPattern") or name)
        assert entry.role is not None
        policy = entry.role.assume_role_policy
        for candidate in names_near(name) | set(others):
            for where in (namespace, f"{namespace}x", "other"):
                sub = f"system:serviceaccount:{where}:{candidate}"
                expected = where == namespace and fnmatch.fnmatchcase(
                    candidate, pattern
                )
                claims = {"sub": sub, "aud": AUDIENCE}
                decision = may_assume(policy, provider_arn=provider, claims=claims)
                assert decision.allowed is expected, (pattern, sub)
        own = f"system:serviceaccount:{namespace}:{name}"
        for other in (
            {"sub": own, "aud": "vault"},
            {"sub": own},
            {"aud": AUDIENCE},
        ):
            assert not may_assume(policy, provider_arn=provider, claims=other).allowed
        foreign = provider.replace("issuer.", "other.")
        claims = {"sub": own, "aud": AUDIENCE}
        assert not may_assume(policy, provider_arn=foreign, claims=claims).allowed


def judged(text: bytes) -> None:
    """Plan a text, or see that each of its problems can be acted on."""
    try:
        planned(text)
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
        pairs = dict(cast("Json", value))
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


@settings(max_examples=300)
@given(document=st.sampled_from(DOCUMENTS), random=st.randoms(use_true_random=False))
def test_file_with_renamed_keys_and_changed_types_is_judged(
    document: object, random: Random
) -> None:
    """It is planned or refused with places, and never ends in anything else."""
    for _ in range(random.randint(1, 4)):
        document = broken(document, random)

    judged(json.dumps(document).encode())


@settings(max_examples=300)
@given(
    text=st.sampled_from(TEXTS),
    cut=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=4),
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
