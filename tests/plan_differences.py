"""What a plan says besides what every plan says.

A plan is compared with that of a plain file: the same entries by namespace and name,
each with one managed policy and nothing else, on a cluster of the same name in
us-west-2. What differs is the meaning of the file; a field that is new is in the plain
plan too, and changes no other one.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from typing import Any, Final, cast

from eks_irsa.cluster_config.reading import parse_cluster_config
from eks_irsa.plan.model import Cluster, Plan
from eks_irsa.plan.planning import plan
from eks_irsa.settings.reading import default_settings
from eks_irsa.synthesis import plan_document

__all__ = ["plan_difference", "planned"]

_ACCOUNT_ID: Final = "111122223333"
_ABSENT: Final = "(absent)"
_WELL_KNOWN: Final = "(eksctl's, in this partition)"
_ENTRIES: Final = "serviceAccounts"
_POLICY: Final = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def planned(text: bytes, *, source: str) -> Plan:
    """Plan a file for an AWS account and an issuer that are always the same.

    Args:
        text: A ClusterConfig.
        source: Name of the file, for problems.

    Raises:
        InvalidInputError: Something in it is wrong.
    """
    config_file = parse_cluster_config(text, source=source, partly=True)
    assumed = Cluster.assumed_for(config_file.config)
    suffix = ".cn" if assumed.partition == "aws-cn" else ""
    issuer = f"oidc.eks.{assumed.region}.amazonaws.com{suffix}/id/{'0123' * 8}"
    cluster = replace(
        assumed, account_id=_ACCOUNT_ID, issuer_url=f"https://{issuer}", assumed=False
    )
    return plan(config_file, stack_settings=default_settings(), cluster=cluster)


def plan_difference(made: Plan) -> dict[str, object]:
    """Give what a plan says and the plain one does not.

    Args:
        made: The plan.

    Returns:
        Like `plan_document`, less what is the same; entries by `<namespace>/<name>`,
        all of them and in order; `(absent)` for what only the plain plan has; a word
        for the document of a well-known policy that is eksctl's.
    """
    named = _by_key(plan_document(made))
    plain = _by_key(plan_document(_plain(made)))
    entries, plain_entries = named.pop(_ENTRIES), plain.pop(_ENTRIES)
    policies = _well_known(made.cluster.partition)
    different = {
        **_differing(named, plain),
        _ENTRIES: {
            key: _differing(entry, plain_entries[key]) for key, entry in entries.items()
        },
    }
    return cast("dict[str, object]", _naming(different, policies))


def _plain(made: Plan) -> Plan:
    entries = [
        {
            "metadata": {"name": entry.name, "namespace": entry.namespace},
            "attachPolicyARNs": [_POLICY],
        }
        for entry in made.service_accounts
    ]
    file = {
        "apiVersion": "eksctl.io/v1alpha5",
        "kind": "ClusterConfig",
        "metadata": {"name": made.cluster.name, "region": "us-west-2"},
        "iam": {"withOIDC": True, "serviceAccounts": entries},
    }
    return planned(json.dumps(file).encode(), source="plain.yaml")


def _by_key(document: Mapping[str, Any]) -> dict[str, Any]:
    entries = {f"{one['namespace']}/{one['name']}": one for one in document[_ENTRIES]}
    assert len(entries) == len(document[_ENTRIES])
    return {**document, _ENTRIES: entries}


def _differing(value: Mapping[str, Any], plain: Mapping[str, Any]) -> dict[str, Any]:
    """Give the parts of a mapping that differ; of mappings in it likewise."""
    found: dict[str, Any] = {}
    for key in [*value, *(key for key in plain if key not in value)]:
        here, there = value.get(key, _ABSENT), plain.get(key, _ABSENT)
        if isinstance(here, dict) and isinstance(there, dict):
            here = _differing(
                cast("dict[str, Any]", here), cast("dict[str, Any]", there)
            )
            found |= {key: here} if here else {}
        elif here != there:
            found[key] = here
    return found


def _well_known(partition: str) -> dict[str, object]:
    """Give the documents of the well-known policies, by their names in IAM."""
    files = resources.files("eks_irsa.documents").joinpath("well_known").iterdir()
    texts = [file.read_text("utf-8") for file in files]
    return {
        policy["name"]: policy["document"]
        for text in texts
        for policy in json.loads(text.replace("${AWS::Partition}", partition))[
            "inlinePolicies"
        ]
    }


def _naming(value: object, policies: Mapping[str, object]) -> object:
    """Put a word in the place of each well-known policy that is what it should be."""
    if isinstance(value, list):
        return [_naming(inner, policies) for inner in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    mapping = cast("dict[str, object]", value)
    document = mapping.get("document")
    if document is not None and document == policies.get(str(mapping["name"])):
        return {**mapping, "document": _WELL_KNOWN}
    return {key: _naming(inner, policies) for key, inner in mapping.items()}
