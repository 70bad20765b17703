"""`eks-irsa policies`: the list, one policy, and which upstream moved."""

import json
from collections.abc import Callable
from pathlib import Path

from eks_irsa.documents.named_policy_files import named_policy_names

Run = Callable[..., tuple[int, str, str]]


def test_list_has_a_line_for_each_with_parameters_and_source(run: Run) -> None:
    """A parameter that may be left out is in brackets."""
    code, out, err = run("policies")

    lines = out.splitlines()
    assert [line.split(" ")[0].rstrip(":") for line in lines] == [*named_policy_names()]
    assert (
        "ebsCsiDriver [kmsKeyArns]: AWS managed policy AmazonEBSCSIDriverPolicy v15, "
        "2026-11-30"
    ) in lines
    assert (code, err) == (0, "")


def test_json_tells_all_of_each(run: Run) -> None:
    """What a value looks like, and whether `*` is taken."""
    _, out, _ = run("policies", "--output", "json")

    found = {one["name"]: one for one in json.loads(out)}
    assert found["kedaAssumeRole"]["parameters"] == {
        "roleArns": {
            "value": "arn:<partition>:iam::<12 digits>:role/<name>",
            "several": True,
            "required": True,
            "everything": False,
            "description": "Roles that the operator assumes",
        }
    }


def test_show_prints_what_is_granted(run: Run) -> None:
    """In the partition asked for, with every value of a parameter."""
    zones = ["--param", "hostedZoneIds=Z1", "--param", "hostedZoneIds=Z2"]

    code, out, err = run(
        "policies", "show", "certManagerRoute53", *zones, "--partition", "aws-cn"
    )

    granted = json.loads(out)
    assert granted["managedPolicyArns"] == []
    assert granted["inlinePolicy"]["Statement"][1]["Resource"] == [
        "arn:aws-cn:route53:::hostedzone/Z1",
        "arn:aws-cn:route53:::hostedzone/Z2",
    ]
    assert (code, err) == (0, "")


def test_show_refuses_wrong_parameters(run: Run) -> None:
    """With the sentence that settings and components give too."""
    code, out, err = run("policies", "show", "certManagerRoute53", "--param", "zones=Z")

    assert (code, out) == (2, "")
    assert (
        "certManagerRoute53: 'zones' is no parameter of certManagerRoute53; expected "
        "hostedZoneIds"
    ) in err
    assert "hostedZoneIds is missing; give the id of a hosted zone" in err
    assert run("policies", "show", "velero", "--param", "x")[0] == 2


def test_outdated_names_what_moved(run: Run, folder: Path) -> None:
    """By upstream or by name; the same commit in full is none."""
    (folder / "now.json").write_text(
        json.dumps(
            {
                "AWS managed policy AmazonEBSCSIDriverPolicy": "v16",
                "velero": "001662ff749f4f24e42b0688656523e25ebcc657",
            }
        ),
        encoding="utf-8",
    )

    code, out, err = run("policies", "outdated", "now.json")

    assert out == (
        "ebsCsiDriver: AWS managed policy AmazonEBSCSIDriverPolicy is at v16; v15 was "
        "read on 2026-11-30\n"
    )
    assert (code, err) == (1, "")


def test_outdated_is_silent_when_none_moved(run: Run, folder: Path) -> None:
    """What the file does not speak of is not compared."""
    (folder / "now.json").write_text('{"velero": "001662ff749f"}', encoding="utf-8")

    assert run("policies", "outdated", "now.json") == (0, "", "")


def test_outdated_refuses_a_file_it_cannot_use(run: Run, folder: Path) -> None:
    """A misspelt name would never move."""
    for text, message in (
        ("{", "now.json: not JSON: "),
        ("[]", "now.json: expected a map of texts, name or upstream -> version"),
        ('{"a": 1}', "now.json: expected a map of texts, name or upstream -> version"),
        ('{"a": "1"}', "now.json: 'a' is neither a policy by name nor an upstream"),
    ):
        (folder / "now.json").write_text(text, encoding="utf-8")

        code, out, err = run("policies", "outdated", "now.json")

        assert message in err
        assert (code, out) == (2, "")
