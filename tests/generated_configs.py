"""Hypothesis strategies for ClusterConfigs, valid and broken, and their text."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any, Final, cast

from hypothesis import strategies as st

from eks_irsa.documents.arns import partition_of_region

__all__ = ["STYLES", "Config", "broken_configs", "cluster_configs"]

Config = dict[str, Any]
_Path = tuple[str | int, ...]

_ACCOUNT_ID: Final = "111122223333"

# Few letters, so that generated names are near neighbours of one another.
_LABELS: Final = st.from_regex(r"[ab0]([ab0-]{0,4}[ab0])?", fullmatch=True)
_NAMES: Final = st.lists(_LABELS, min_size=1, max_size=2).map(".".join)
_PATTERNS: Final = st.from_regex(r"[ab0.*?-]{0,3}[*?][ab0.*?-]{0,3}", fullmatch=True)
_CLUSTERS: Final = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,5}", fullmatch=True)
_REGIONS: Final = ("us-west-2", "cn-north-1", "us-gov-west-1")
_KEYS: Final = st.from_regex(r"(x\.io/)?[A-Za-z][A-Za-z0-9]{0,5}", fullmatch=True)
_LABEL_TEXTS: Final = st.from_regex(
    r"|[A-Za-z0-9]([A-Za-z0-9._-]{0,8}[A-Za-z0-9])?", fullmatch=True
)
_TAG_TEXTS: Final = st.text("aB1 _.:/=+-@é", max_size=8)
# What YAML has in a text, and Kubernetes in an annotation.
_TEXTS: Final = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cn", "Co", "Cs")),
    max_size=8,
)
_WELL_KNOWN: Final = st.dictionaries(
    st.sampled_from(
        ["imageBuilder", "autoScaler", "externalDNS", "certManager", "efsCSIController"]
    ),
    st.booleans(),
    max_size=3,
)
# What a value of a file may be replaced by, and what its key.
_OTHER_VALUES: Final[tuple[object, ...]] = (
    None,
    "",
    "other",
    "*",
    0,
    -1,
    1.5,
    10**30,
    True,
    False,
    [],
    {},
    [None],
    [["a"]],
    {"": None},
    {"name": {"name": []}},
    "\u202e\U0001f600",
    "x" * 5000,
)
_OTHER_KEYS: Final = ("", "other", "NAME", "iam", "name", "metadata", "<<", "\u00e9")


@cache
def cluster_configs() -> st.SearchStrategy[Config]:
    """Generate values in which nothing is wrong, of at most three accounts."""
    return st.one_of([_configs_in(region) for region in _REGIONS])


@st.composite
def broken_configs(draw: st.DrawFn) -> Config:
    """Rename keys of a valid file and give values other types, once to thrice."""
    config: object = draw(cluster_configs())
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(_paths_in(config)))
        other = draw(st.sampled_from(_OTHER_VALUES))
        key = draw(st.none() | st.sampled_from(_OTHER_KEYS))
        config = _changed(config, path, other, key)
    return cast("Config", config)


def _flow(config: Config) -> str:
    """Write a config as JSON, which is YAML in its flow style."""
    return json.dumps(config, ensure_ascii=False, indent=1)


def _block(value: object, indent: str = "") -> str:
    """Write a value in YAML's block style, every text in double quotes."""
    steps = _steps(value)
    if not steps:
        return _quoted(value)
    return "".join(
        f"\n{indent}{'-' if isinstance(step, int) else f'{_quoted(step)}:'} "
        + _block(one, f"{indent}  ")
        for step, one in steps
    )


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


# How people write such a file.
STYLES: Final[tuple[Callable[[Config], str], ...]] = (_flow, _block)


def _paths_in(value: object) -> list[_Path]:
    """List the path of every value inside *value*."""
    return [
        (step, *rest) for step, one in _steps(value) for rest in [(), *_paths_in(one)]
    ]


def _steps(value: object) -> list[tuple[str | int, object]]:
    if isinstance(value, dict):
        return list(cast("dict[str | int, object]", value).items())
    if isinstance(value, list):
        return list(enumerate(cast("list[object]", value)))
    return []


def _changed(value: object, path: _Path, other: object, key: str | None) -> object:
    """Copy *value* with the value at *path* replaced, or with its key renamed."""
    if not path:
        return other
    renamed = key is not None and len(path) == 1
    changed = {
        key if renamed and step == path[0] else step: (
            _changed(one, path[1:], other, key)
            if step == path[0] and not (renamed and isinstance(step, str))
            else one
        )
        for step, one in _steps(value)
    }
    return list(changed.values()) if isinstance(value, list) else changed


def _configs_in(region: str) -> st.SearchStrategy[Config]:
    partition = partition_of_region(region)
    assert partition
    metadata = {
        "name": _CLUSTERS,
        "region": st.just(region),
        "tags": _optional(st.just({"team": "shop"})),
    }
    iam = {
        "withOIDC": st.just(value=True),
        "serviceAccounts": st.lists(_entries(partition), max_size=3, unique_by=_key),
    }
    return st.fixed_dictionaries(
        {
            "apiVersion": st.just("eksctl.io/v1alpha5"),
            "kind": st.just("ClusterConfig"),
            "metadata": st.fixed_dictionaries(metadata),
            "iam": st.fixed_dictionaries(iam),
            "nodeGroups": _optional(st.just([{"name": "ng", "anything": [1, None]}])),
        }
    )


def _key(entry: Config) -> tuple[str, str]:
    return entry["metadata"]["namespace"] or "default", entry["metadata"]["name"]


def _entries(partition: str) -> st.SearchStrategy[Config]:
    metadata = st.fixed_dictionaries(
        {
            "name": _NAMES,
            "namespace": st.sampled_from([None, "", "default"]) | _LABELS,
            "labels": _optional(st.dictionaries(_KEYS, _LABEL_TEXTS, max_size=2)),
            "annotations": _optional(st.dictionaries(_KEYS, _TEXTS, max_size=2)),
        }
    )
    existing = f"arn:{partition}:iam::{_ACCOUNT_ID}:role/teams/x"
    rest = st.one_of(_own_roles(partition), st.just({"attachRoleARN": existing}))
    return st.builds(_entry, metadata, rest)


def _entry(metadata: Config, rest: Config) -> Config:
    return {"metadata": metadata, **rest}


def _own_roles(partition: str) -> st.SearchStrategy[Config]:
    """Generate what an entry says of its role, with at least one policy source."""
    arns = st.builds(
        f"arn:{partition}:iam::{{}}:policy/{{}}".format,
        st.sampled_from(["aws", _ACCOUNT_ID]),
        st.from_regex(r"(p/){0,2}[A-Za-z0-9+=,.@_-]{1,6}", fullmatch=True),
    )
    tags = st.dictionaries(st.sampled_from("abc"), _TAG_TEXTS, max_size=2)
    return st.fixed_dictionaries(
        {
            "attachPolicyARNs": _optional(st.lists(arns, max_size=3)),
            "wellKnownPolicies": _optional(_WELL_KNOWN),
            "attachPolicy": _optional(_documents(partition)),
            "permissionsBoundary": _optional(arns),
            "roleOnly": _optional(st.booleans()),
            "subjectPattern": _optional(st.one_of(_PATTERNS, _NAMES)),
            "tags": _optional(tags),
            "status": _optional(st.just({"roleARN": "x", "tags": {"a": "b"}})),
        }
    ).filter(_grants)


def _documents(partition: str) -> st.SearchStrategy[Config]:
    queue = {"Fn::Sub": "arn:${AWS::Partition}:sqs:${AWS::Region}:*:queue"}
    statement = st.fixed_dictionaries(
        {
            "Effect": st.sampled_from(["Allow", "Deny"]),
            "Action": st.sampled_from(["*", "s3:GetObject", ["s3:Get*", "sqs:*"]]),
            "Resource": st.sampled_from(["*", f"arn:{partition}:s3:::a/*", queue]),
        }
    )
    return st.fixed_dictionaries(
        {
            "Version": st.just("2012-10-17"),
            "Statement": st.lists(statement, min_size=1, max_size=2),
        }
    )


def _grants(entry: Config) -> bool:
    flags: dict[str, bool] = entry["wellKnownPolicies"] or {}
    own = entry["attachPolicyARNs"] or entry["attachPolicy"]
    return bool(own) or any(flags.values())


def _optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy
