"""A key in the wrong place is sent to one that takes it, and never on from there."""

import re
from typing import Final

import pytest

from eks_irsa.cluster_config.model import MODELS
from eks_irsa.cluster_config.reading import parse_cluster_config
from eks_irsa.errors import ClusterConfigError
from eks_irsa.source.findings import Path

KEYS: Final = {
    place: {field.alias or name for name, field in model.model_fields.items()}
    for place, model in MODELS.items()
}
EVERYWHERE: Final = sorted({key for keys in KEYS.values() for key in keys})
SWITCHES: Final = ("iam", "serviceAccounts", -1, "wellKnownPolicies")
HOME: Final = re.compile(
    r"it belongs (?:at the top of the file|under (\S+?)(?:, at the top of the file)?)"
)


def remedy(place: Path, key: str) -> str:
    """Return what is said of a key that is unknown at a place."""
    value: object = {key: None}
    for step in reversed(place):
        value = [value] if step == -1 else {step: value}
    with pytest.raises(ClusterConfigError) as caught:
        parse_cluster_config(repr(value).replace("None", "null").encode(), source="a")
    said = [
        problem.message
        for problem in caught.value.problems
        if problem.code == "E-KEY-UNKNOWN"
    ]
    assert len(said) == 1
    return said[0].removeprefix("unknown key; ")


@pytest.mark.parametrize("place", MODELS, ids=str)
def test_a_key_that_is_moved_as_the_message_says_is_known_there(place: Path) -> None:
    """Nobody is sent from place to place."""
    for key in EVERYWHERE:
        if key in KEYS[place]:
            continue
        home = HOME.fullmatch(remedy(place, key))
        if home is None:
            continue
        named = re.findall(r"\w+|\[\d*\]", home[1] or "")
        at = tuple(-1 if step.startswith("[") else step for step in named)
        assert key in KEYS[at], (place, key, home[0])


@pytest.mark.parametrize(
    ("place", "key", "said"),
    [
        (
            SWITCHES,
            "cloudWatch",
            (
                "expected one of autoScaler, awsLoadBalancerController, certManager, "
                "ebsCSIController, efsCSIController, externalDNS, imageBuilder"
            ),
        ),
        (
            ("iam", "serviceAccounts", -1),
            "region",
            "it belongs under metadata, at the top of the file",
        ),
        (
            ("iam", "serviceAccounts", -1, "metadata"),
            "region",
            "it belongs under metadata, at the top of the file",
        ),
        (
            ("iam", "serviceAccounts", -1, "metadata"),
            "roleName",
            "it belongs under iam.serviceAccounts[0]",
        ),
        (("metadata",), "namespace", "it belongs under iam.serviceAccounts[].metadata"),
        (("metadata",), "withOIDC", "it belongs under iam"),
        (("iam",), "nodeGroups", "it belongs at the top of the file"),
        (
            (),
            "x-policies",
            (
                "there is no place for keys of your own; write an anchor (&name) "
                "where its value is used first, and *name after that"
            ),
        ),
    ],
)
def test_the_whole_path_of_the_right_place_is_named(
    place: Path, key: str, said: str
) -> None:
    """`metadata` alone would be the cluster's or the entry's."""
    assert remedy(place, key) == said
