"""Settings in a stack file: what is added, what stays, what is refused."""

from typing import Any

import pytest
import yaml

from eks_irsa.adoption.stack_text import UnmergeableError, fragment, merged_text
from eks_irsa.source.yaml_text import parse

STACK = """\
# of the shop
config:
  aws:region: eu-west-1   # here
  # the file
  eks-irsa:clusterConfig: stacks/dev.yaml
  eks-irsa:patchExisting: [a/b]
  eks-irsa:overrides:
    apps/reader:   # keep me
      tags:
        team: x   # why
    "apps/*": {rolePath: /x/}

  # last
  other: |
    a
    b
environment: [x]
"""


def test_what_is_there_stays_as_it_is_written() -> None:
    """Comments, quotes and order; keys that are missing come last in their map."""
    merged = merged_text(
        STACK,
        {
            "eks-irsa:adopt": {"apps/reader": {"role": "r", "inlinePolicies": ["p"]}},
            "eks-irsa:overrides": {
                "apps/reader": {"roleName": "r", "tags": {"team": "x", "b": "c"}},
                "apps/*": {"rolePath": "/x/"},
                "z/z": {"roleName": "q"},
            },
            "eks-irsa:patchExisting": ["a/b", "c/d"],
        },
    )

    assert (
        merged
        == """\
# of the shop
config:
  aws:region: eu-west-1   # here
  # the file
  eks-irsa:clusterConfig: stacks/dev.yaml
  eks-irsa:patchExisting:
  - a/b
  - c/d
  eks-irsa:overrides:
    apps/reader:   # keep me
      tags:
        team: x   # why
        b: c
      roleName: r
    "apps/*": {rolePath: /x/}
    z/z:
      roleName: q

  # last
  other: |
    a
    b
  eks-irsa:adopt:
    apps/reader:
      role: r
      inlinePolicies:
      - p
environment: [x]
"""
    )


def test_lines_of_an_earlier_run_go() -> None:
    """What is taken in is what is there now, and nothing of before."""
    text = "config:\n  eks-irsa:adopt:\n    old/one: {role: x}\n  a: b\n"

    merged = merged_text(text, {"eks-irsa:adopt": {"new/one": {"role": "r"}}})

    assert merged == "config:\n  eks-irsa:adopt:\n    new/one:\n      role: r\n  a: b\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("encryptionsalt: v1:x\n", id="without settings"),
        pytest.param("config:\n  a: b", id="without an end of line"),
        pytest.param("config:\nencryptionsalt: v1:x\n", id="of nothing"),
        pytest.param("config:\r\n  a: b\r\n", id="of Windows"),
        pytest.param("config:\n  a: {secure: v1:x}\n# end\n", id="with a secret"),
    ],
)
def test_settings_are_added_to_any_stack_file(text: str) -> None:
    """Read again, it has what it had and the settings."""
    settings = {"eks-irsa:adopt": {"a/b": {"role": "x", "attachedPolicies": ["1"]}}}

    read = yaml.safe_load(merged_text(text, settings))

    before: dict[str, Any] = yaml.safe_load(text) or {}
    assert read == {**before, "config": {**(before.get("config") or {}), **settings}}


def test_ends_of_lines_are_those_of_the_file() -> None:
    """A file of Windows has no line of another kind afterwards."""
    text = "config:\r\n  # c\r\n  a: b\r\n"

    merged = merged_text(text, {"eks-irsa:adopt": {"a/b": {"role": "x"}}})

    assert merged == text + "  eks-irsa:adopt:\r\n    a/b:\r\n      role: x\r\n"


def test_a_second_time_changes_nothing() -> None:
    """What is there already is not written again."""
    settings = {"eks-irsa:adopt": {"a/b": {"role": "x", "attachedPolicies": ["1"]}}}

    once = merged_text(STACK, settings)

    assert merged_text(once, settings) == once


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("config: {a: b}\n", "it has a map on one line", id="on one line"),
        pytest.param("- a\n", "expected a map with the map", id="a list"),
        pytest.param("config: a\n", "expected a map with the map", id="a text"),
        pytest.param("config:\n  a: [\n", "it is not YAML", id="no YAML"),
        pytest.param(
            "config:\n  eks-irsa:adopt: &o\n    x/y: {role: z}\n  other: *o\n",
            "by an anchor",
            id="an anchor that would go",
        ),
        pytest.param(
            "x: &x {a: b}\nconfig: *x\n", "it has a map on one line", id="an anchor"
        ),
    ],
)
def test_what_cannot_be_added_to_is_refused(text: str, message: str) -> None:
    """The settings are then written by hand."""
    with pytest.raises(UnmergeableError, match=message):
        merged_text(text, {"eks-irsa:adopt": {"a/b": {"role": "x"}}})


@pytest.mark.parametrize("text", ["12345e7", "n", "Y", "0o17", "1_000", "on", "~"])
def test_a_text_stays_one_for_pulumi(text: str) -> None:
    """A commit as the value of a tag is no number, and `n` as a key no boolean."""
    settings = {"eks-irsa:defaults": {"tags": {text: text}}}

    for written in (fragment(settings), merged_text(STACK, settings)):
        root: Any = parse(written.encode()).root
        assert root["config"]["eks-irsa:defaults"] == {"tags": {text: text}}


def test_fragment_is_a_stack_file_of_its_own() -> None:
    """Without a file to add to."""
    text = fragment({"eks-irsa:patchExisting": ["a/b"]})

    assert text == "config:\n  eks-irsa:patchExisting:\n  - a/b\n"
