"""Tags IAM takes, and the words of each refusal."""

import pytest

from eks_irsa.documents.tags import tag_faults

KEY_RULE = (
    "cannot be the key of a tag; expected 1 to 128 letters, digits, spaces and "
    "'_.:/=+-@'"
)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("team", ""),
        ("team", None),
        ("k" * 128, "v" * 256),
        ("a b", "_.:/=+-@"),
        ("équipe", "数 1"),
        ("narrow\u00a0space", "x"),
        ("team", "aws:x"),
        ("my-eks-irsa/x", "y"),
    ],
)
def test_tag_is_taken(key: str, value: str | None) -> None:
    """Letters of any script, spaces and no value at all are all right."""
    assert list(tag_faults({key: value})) == []


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("", "x", f"'' {KEY_RULE}"),
        ("k" * 129, "x", f"{'k' * 129!r} {KEY_RULE}"),
        ("a*b", "x", f"'a*b' {KEY_RULE}"),
        ("a\tb", "x", f"'a\\tb' {KEY_RULE}"),
        (
            "a",
            "v" * 257,
            (
                f"{'v' * 257!r} cannot be the value of the tag 'a'; expected at most "
                "256 letters, digits, spaces and '_.:/=+-@'"
            ),
        ),
        (
            "a",
            "line\nline",
            (
                "'line\\nline' cannot be the value of the tag 'a'; expected at most "
                "256 letters, digits, spaces and '_.:/=+-@'"
            ),
        ),
        (
            "AWS:x",
            "y",
            "the tag 'AWS:x' begins with 'aws:', which AWS keeps to itself",
        ),
        (
            "eks-irsa/stack",
            "y",
            "tags that begin with 'eks-irsa/' are written by eks-irsa",
        ),
        ("Eks-Irsa/x", "y", "tags that begin with 'eks-irsa/' are written by eks-irsa"),
    ],
)
def test_tag_is_refused(key: str, value: str, fault: str) -> None:
    """What IAM refuses, keeps to itself, or is ours."""
    assert list(tag_faults({key: value})) == [(key, fault)]


def test_keys_that_differ_in_case_are_one_to_iam() -> None:
    """IAM keeps the case of a key and compares without it."""
    faults = list(tag_faults({"Team": "a", "other": "b", "team": "c", "TEAM": "d"}))

    assert faults == [
        ("team", "IAM takes 'team' and 'Team' for one key; keep one of them"),
        ("TEAM", "IAM takes 'TEAM' and 'Team' for one key; keep one of them"),
    ]
