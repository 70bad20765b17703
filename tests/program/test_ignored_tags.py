"""Tags that the AWS provider is told to ignore."""

import json
from pathlib import Path

import pulumi
import pytest
from stack_program import program

from eks_irsa.stack.ignored_tags import ignored_tag_problems


@pytest.mark.parametrize(
    "ignored",
    [
        {"keyPrefixes": ["eks-irsa/"]},
        {"keyPrefixes": ["eks-"]},
        {"keyPrefixes": ["team/", "eks-irsa/cluster"]},
        {"keys": ["eks-irsa/stack"]},
    ],
)
def test_tags_by_which_a_stack_knows_its_own_may_not_be_ignored(
    tmp_path: Path, ignored: dict[str, list[str]]
) -> None:
    """Its own provider would be released by the next run (E-AWS-IGNORE-TAGS)."""
    with pytest.raises(pulumi.RunError) as caught:
        program(tmp_path, answers={}, aws={"ignoreTags": json.dumps(ignored)})

    (names,) = ignored.values()
    hidden = names[-1]
    assert str(caught.value) == (
        "stack settings: aws:ignoreTags: hides the tags eks-irsa/..., by which the "
        f"stack knows its OIDC provider and its roles ({hidden!r}); name other tags"
    )


@pytest.mark.parametrize(
    "text", ["{}", "[]", "{", '{"keys": ["team"], "keyPrefixes": ["aws:"]}', "1"]
)
def test_other_tags_may_be_ignored(text: str) -> None:
    """What is no map is the AWS provider's to refuse."""
    assert [*ignored_tag_problems({"aws:ignoreTags": text})] == []
