"""AWS's managed policies as data: the content is moto's, whole, and nothing else."""

import json
import lzma
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pytest
from golden_files import GoldenFiles
from moto.iam.aws_managed_policies import aws_managed_policies_data

from eks_irsa.documents.aws_managed_policies import (
    aws_managed_policies_source,
    aws_managed_policy,
)
from eks_irsa.documents.policy_statements import read_policy

FOLDER: Final = Path(__file__).parents[2] / "components/eks_irsa/documents"
THEIRS: Final[dict[str, dict[str, Any]]] = json.loads(aws_managed_policies_data)
# Path and name -> moto's entry, in the order of the files.
BY_NAME: Final = dict(
    sorted((f"{entry['Path'][1:]}{last}", entry) for last, entry in THEIRS.items())
)
PREFIX: Final = "arn:aws:iam::aws:policy/"


def test_index_is_that_of_the_pinned_moto(request: pytest.FixtureRequest) -> None:
    """`--update-golden` takes it over again after moto was raised."""
    newest = max(entry["UpdateDate"] for entry in THEIRS.values())[:10]
    rows = [f"moto {version('moto')}, moto/iam/aws_managed_policies.py\t{newest}"]
    rows += [
        f"{name}\t{entry['DefaultVersionId']}\t{entry['UpdateDate'][:10]}"
        for name, entry in BY_NAME.items()
    ]

    kept = GoldenFiles(
        folder=FOLDER,
        test=request.node.nodeid,
        update=bool(request.config.getoption("--update-golden")),
    )

    kept("aws_managed_policies.tsv", "".join(f"{row}\n" for row in rows))


def test_contents_are_those_of_the_pinned_moto(request: pytest.FixtureRequest) -> None:
    """Compared unpacked, for two versions of xz may pack one text differently."""
    file = FOLDER / "aws_managed_policies.xz"
    lines = [
        json.dumps(entry["Document"], separators=(",", ":")) + "\n"
        for entry in BY_NAME.values()
    ]
    text = "".join(lines).encode()

    if request.config.getoption("--update-golden") and (
        not file.exists() or lzma.decompress(file.read_bytes()) != text
    ):
        file.write_bytes(lzma.compress(text, preset=9 | lzma.PRESET_EXTREME))

    # Not `==` in the assertion, whose message would take minutes over megabytes.
    same = lzma.decompress(file.read_bytes()) == text
    assert same, "run pytest --update-golden tests/documents"


def test_each_is_found_whole_with_its_version_and_date() -> None:
    """Nobody's line is taken for another's."""
    for name, entry in BY_NAME.items():
        policy = aws_managed_policy(PREFIX + name)

        assert policy is not None
        assert json.loads(policy.document) == entry["Document"]
        assert (policy.version, policy.updated) == (
            entry["DefaultVersionId"],
            entry["UpdateDate"][:10],
        )


def test_each_can_be_read() -> None:
    """Whatever is kept means something to the one reader of policies."""
    for name in BY_NAME:
        policy = aws_managed_policy(PREFIX + name)

        assert policy is not None
        assert read_policy(policy.document)


@pytest.mark.parametrize(
    "arn",
    [
        pytest.param(f"{PREFIX}AmazonS3ReadOnlyAcess", id="no policy of AWS"),
        pytest.param(f"{PREFIX}AmazonEBSCSIDriverPolicy", id="another path"),
        pytest.param(
            "arn:aws-cn:iam::aws:policy/AmazonS3ReadOnlyAccess", id="another partition"
        ),
        pytest.param(
            "arn:aws:iam::111122223333:policy/AmazonS3ReadOnlyAccess", id="a customer's"
        ),
        pytest.param("AmazonS3ReadOnlyAccess", id="no ARN"),
    ],
)
def test_of_every_other_policy_nothing_is_known(arn: str) -> None:
    """A policy of the same name elsewhere may say anything."""
    assert aws_managed_policy(arn) is None


def test_source_is_named_with_its_date() -> None:
    """A reader must know how old the content may be."""
    assert aws_managed_policies_source() == (
        "moto 5.2.5, moto/iam/aws_managed_policies.py, which holds AWS's changes up to "
        "2026-09-30"
    )
