"""What ClusterConfig files mean: one file per rule, judged by hand.

Each file of tests/golden/cluster_configs says at its top what must come of it, why, and
where the rule comes from. Its first line is the verdict, which `--update-golden` does
not touch: `valid`, or the codes of its problems in the order of the file. The golden
file beside it holds the whole answer: its problems, or what its plan says besides what
every plan says (`plan_differences`); that of `seed.yaml` is the whole plan.

Rules are cited by address, or by a file of eksctl 0.231. `facts` are our notes on that
version, from its source and from runs of its binary; `issue` is the task they were made
for; `design` is docs/design.md.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, cast

import pytest
from golden_files import GoldenFiles
from plan_differences import plan_difference, planned

from eks_irsa.cluster_config.model import MODELS
from eks_irsa.errors import InvalidInputError
from eks_irsa.source.yaml_text import parse
from eks_irsa.synthesis import plan_document

Place = tuple[str | int, ...]

_TESTS: Final = Path(__file__).parents[1]
_FOLDER: Final = "cluster_configs"
FILES: Final = sorted((_TESTS / "golden" / _FOLDER).glob("*.yaml"))
_VERDICT: Final = re.compile(r"\ufeff?# Verdict: ([^\r\n]+)\r?\n# ")
# The one whose plan is kept whole.
_WHOLE: Final = "seed"

# Codes that no file can have by itself.
_ELSEWHERE: Final = {
    "E-ACCOUNT-DUP": "the file of AWS accounts, of pipelines",
    "E-ACCOUNT-ROLE": "the file of AWS accounts, of pipelines",
    "E-ENTRY-SHARED": "two stacks of a project",
    "E-EXCEPTION": "the file of exceptions, of a gate",
    "E-FILE": "a file that cannot be read",
    "E-FILE-SIZE": "a file of more than 4 MiB",
    "E-INVENTORY": "what the AWS CLI printed",
    "E-LIMIT-OIDC-PROVIDERS": "all stacks of a project",
    "E-LIMIT-ROLES": "all stacks of a project",
    "E-PROVIDER-SHARED": "two stacks of a project",
    "E-ROLE-NAME-SHARED": "two stacks of a project",
    "E-TOO-MANY": "a thousand problems",
    "W-ACCOUNT-UNKNOWN": "all stacks of a project",
    "W-LIMIT-OIDC-PROVIDERS": "all stacks of a project",
    **dict.fromkeys(
        (
            "E-ACCOUNT",
            "E-ACCOUNT-ID",
            "E-ADOPT",
            "W-ADOPT",
            "W-CLOUDFORMATION",
            "E-ASSOCIATION-ID",
            "E-AUDIENCE",
            "E-AWS-CREDENTIALS",
            "E-AWS-IGNORE-TAGS",
            "E-GLOB",
            "E-GLOB-NOMATCH",
            "E-NAMED-PARAMETER",
            "E-NAMED-POLICY",
            "E-OVERRIDE-AMBIGUOUS",
            "E-RENAME",
            "E-ROLE-PATH",
            "E-RULE",
            "E-RULE-ACTION",
            "E-RULE-AUDIENCE",
            "E-RULE-BOUNDARY",
            "E-RULE-MANAGED-POLICY",
            "E-RULE-NAMESPACE",
            "E-RULE-ROLE-NAME",
            "E-RULE-ROLE-PATH",
            "E-RULE-SUBJECT",
            "E-RULE-TAG",
            "E-RULE-UNKNOWN",
            "E-SESSION-DURATION",
            "E-TRUSTED-CLUSTER",
            "W-ADD-ON",
            "W-EXISTING-ROLE",
            "W-SECRET",
            "W-FILTERED",
            "W-ISSUER-ASSUMED",
            "W-NO-ENTRY",
            "W-OWNERSHIP-KEY",
        ),
        "the settings of a stack",
    ),
    **dict.fromkeys(
        (
            "E-CLUSTER",
            "E-CLUSTER-ARN",
            "E-ISSUER-URL",
            "E-MODE",
            "E-NOT-MANAGED",
            "E-POLICY-LATER",
            "E-PROVIDER-ARN",
            "E-ROLE-DESCRIPTION",
            "E-SECRET-NAME",
            "E-SUBJECT",
            "E-THUMBPRINT",
            "E-TOKEN-EXPIRATION",
            "E-TRUST-CONDITION",
            "E-TRUST-POLICY",
            "E-TRUST-STATEMENT",
            "E-WAIT",
            "E-WELL-KNOWN",
            "W-POD-IDENTITY",
            "W-TRUST-ANYONE",
        ),
        "the inputs of a component",
    ),
    **dict.fromkeys(
        (
            "E-LIMIT-ASSOCIATIONS",
            "E-POD-IDENTITY-OUTPOST",
            "W-NOT-ANNOTATED",
            "W-POD-IDENTITY-AGENT",
            "W-POD-IDENTITY-FARGATE",
            "W-POD-IDENTITY-HYBRID",
            "W-POD-IDENTITY-WINDOWS",
        ),
        "the setting that moves entries",
    ),
    **dict.fromkeys(
        (
            "W-ASSOCIATION-ENDS",
            "W-CREATED",
            "W-CREDENTIALS-GAP",
            "W-NOTHING-TO-PATCH",
            "W-PATCHED",
            "W-POD-RESTART",
            "W-PROVIDER-GONE",
            "W-PROVIDER-RELEASED",
            "W-RETAINED",
            "W-ROLE-REPLACED",
            "W-TOKENS-END",
        ),
        "the state of a stack",
    ),
    **dict.fromkeys(
        (
            "E-ASSOCIATION-EXISTS",
            "E-PROVIDER-EXISTS",
            "E-ROLE-EXISTS",
            "E-SERVICE-ACCOUNT-EXISTS",
            "W-CLUSTER-REPLACED",
            "W-NOT-LOOKED-UP",
            "W-PROVIDER-IN-USE",
        ),
        "what exists, compared with the state of a stack",
    ),
}


def verdict_on(file: Path) -> list[str]:
    """Return what must come of a file: `valid` or nothing, and the codes in order."""
    text = file.read_bytes().decode(errors="replace")
    found = _VERDICT.match(text)
    assert found, f"{file.name} does not begin with its verdict and the reason"
    return found[1].split(", ")


class Answer(NamedTuple):
    """What comes of a file: its verdict, and the golden file and text of the whole."""

    verdict: list[str]
    golden: str
    text: str


def answer_on(file: Path) -> Answer:
    """Plan a file, or list its problems, one to a line after its code."""
    try:
        made = planned(file.read_bytes(), source=file.name)
    except InvalidInputError as error:
        return Answer(
            verdict=[problem.code for problem in error.problems],
            golden=golden_of(file, valid=False),
            text="".join(f"{problem.code} {problem}\n" for problem in error.problems),
        )
    return Answer(
        verdict=["valid", *(warning.code for warning in made.warnings)],
        golden=golden_of(file, valid=True),
        text=json.dumps(
            plan_document(made) if file.stem == _WHOLE else plan_difference(made)
        ),
    )


def golden_of(file: Path, *, valid: bool) -> str:
    """Name the golden file beside a file of the corpus."""
    return f"{_FOLDER}/{file.stem}.{'plan.json' if valid else 'problems.txt'}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_is_taken_for_what_it_is(file: Path, golden: GoldenFiles) -> None:
    """The verdict holds, and so does the whole answer."""
    answer = answer_on(file)

    assert answer.verdict == verdict_on(file)
    golden(answer.golden, answer.text)


def keys_in(value: object, place: Place = ()) -> Iterator[Place]:
    """Give the path of every key in a file, indexes as -1 as in `MODELS`."""
    if isinstance(value, dict):
        for key, inner in cast("dict[str, object]", value).items():
            yield (*place, key)
            yield from keys_in(inner, (*place, key))
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from keys_in(inner, (*place, -1))


def test_every_key_is_in_a_valid_file() -> None:
    """What is read of a ClusterConfig is shown in one that may be used."""
    valid = [file for file in FILES if verdict_on(file)[0] == "valid"]
    used = {key for file in valid for key in keys_in(parse(file.read_bytes()).root)}

    assert used >= {
        (*place, field.alias or name)
        for place, model in MODELS.items()
        for name, field in model.model_fields.items()
    }


def test_every_code_has_a_file() -> None:
    """A rule without an example is one that nobody has looked at."""
    sources = (_TESTS.parent / "components/eks_irsa").rglob("*.py")
    pattern = re.compile(r'"([EW]-[A-Z0-9-]+)"')
    in_code = {
        code for source in sources for code in pattern.findall(source.read_text())
    }
    in_files = {code for file in FILES for code in verdict_on(file)} - {"valid"}

    assert in_files.isdisjoint(_ELSEWHERE)
    assert in_code == in_files | _ELSEWHERE.keys()


def test_every_other_code_is_in_a_test() -> None:
    """What no file can show by itself is held by a test of its own."""
    others = [file for file in _TESTS.rglob("*.py") if file != Path(__file__)]
    text = "\n".join(file.read_text(encoding="utf-8") for file in others)

    assert [
        code for code in _ELSEWHERE if not re.search(rf"{code}(?![-\w])", text)
    ] == []


def test_every_golden_file_has_its_input() -> None:
    """An answer without a question is left over."""
    found = (_TESTS / "golden" / _FOLDER).glob("*.*.*")

    assert {f"{_FOLDER}/{answer.name}" for answer in found} == {
        golden_of(file, valid=verdict_on(file)[0] == "valid") for file in FILES
    }
