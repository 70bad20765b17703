"""The setting `rules`: what is wrong with a rule itself."""

from collections.abc import Callable

import pytest

from eks_irsa.errors import SettingsError
from eks_irsa.house_rules.model import RULES, HouseRules
from eks_irsa.settings.house_rules import HouseRuleSettings
from eks_irsa.settings.reading import StackSettings

Read = Callable[[str], StackSettings]

WHOLE = """\
config:
  eks-irsa:rules:
    permissionsBoundaries: ["arn:*:iam::*:policy/boundary"]
    managedPolicies: ["arn:aws:iam::aws:policy/*", "*"]
    forbiddenManagedPolicies: ["*/AdministratorAccess"]
    forbiddenActions: ["iam:PassRole", "sts:*", "*"]
    wildcardSubjects: false
    tags: {team: [shop, "pay*"], cost: "*"}
    roleNames: ["shop-*", x]
    rolePaths: [/, /eks/, "/team-?/*"]
    namespaces: [apps, "team-*"]
    audiences: [sts.amazonaws.com]
    except:
      kube-system/*: [tags, namespaces]
      "{apps,ci}/*": [tags]
"""


def test_every_rule_can_be_set(read_stack: Read) -> None:
    """What is written is what is asked; one value of a tag may stand alone."""
    rules = read_stack(WHOLE).settings.rules

    assert rules.rules() == HouseRules(
        permissions_boundaries=("arn:*:iam::*:policy/boundary",),
        managed_policies=("arn:aws:iam::aws:policy/*", "*"),
        forbidden_managed_policies=("*/AdministratorAccess",),
        forbidden_actions=("iam:PassRole", "sts:*", "*"),
        wildcard_subjects=False,
        tags={"team": ("shop", "pay*"), "cost": ("*",)},
        role_names=("shop-*", "x"),
        role_paths=("/", "/eks/", "/team-?/*"),
        namespaces=("apps", "team-*"),
        audiences=("sts.amazonaws.com",),
    )


def test_each_rule_has_one_spelling() -> None:
    """Settings, rules and messages speak of the same."""
    fields = HouseRuleSettings.model_fields.items()

    assert {name: field.alias or name for name, field in fields} == {
        **RULES,
        "exceptions": "except",
    }


@pytest.mark.parametrize(
    ("service_accounts", "expected"),
    [
        pytest.param(["kube-system/x"], {"tags", "namespaces"}, id="a glob"),
        pytest.param(["ci/x"], {"tags"}, id="alternatives"),
        pytest.param(["ci/x", "kube-system/x"], {"tags"}, id="what both have"),
        pytest.param(["ci/x", "shop/x"], set[str](), id="one that is not excepted"),
        pytest.param([], set[str](), id="nobody"),
    ],
)
def test_an_exception_counts_for_a_role_if_it_does_for_all_it_is_for(
    read_stack: Read, service_accounts: list[str], expected: set[str]
) -> None:
    """A role that others may assume too is theirs as well."""
    rules = read_stack(WHOLE).settings.rules

    assert rules.excepted(service_accounts) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "permissionBoundaries: []",
            "3:5: {}permissionBoundaries: unknown key; did you mean "
            "'permissionsBoundaries'?",
            id="unknown rule",
        ),
        pytest.param(
            "roleNames: shop-*",
            "3:16: {}roleNames: expected a list, got the text 'shop-*'",
            id="another type",
        ),
        pytest.param(
            "tags: {team: 1}",
            "3:18: {}tags.team: expected a list, got the integer 1",
            id="another type of a tag",
        ),
        pytest.param(
            "wildcardSubjects: never",
            "3:23: {}wildcardSubjects: expected true or false, got the text 'never'",
            id="no boolean",
        ),
        pytest.param(
            "namespaces: []",
            "3:17: {}namespaces: is empty, so it asks for nothing; name one, or take "
            "the rule out",
            id="an empty list",
        ),
        pytest.param(
            'tags: {team: [], "aws:x": "*"}',
            "3:18: {}tags.team: is empty, so no value is right; write '*' for any value"
            "\n3:22: {}tags.aws:x: the tag 'aws:x' begins with 'aws:', which AWS keeps "
            "to itself",
            id="tags",
        ),
        pytest.param(
            'namespaces: ["", Apps, "Apps-*"]',
            "3:18: {}namespaces[0]: is empty and matches nothing; write a text or a "
            "pattern\n"
            "3:22: {}namespaces[1]: 'Apps' cannot name a namespace; ",
            id="namespaces",
        ),
        pytest.param(
            "permissionsBoundaries: [boundary, 'arn:aws:iam::1:role/x']",
            "3:29: {}permissionsBoundaries[0]: 'boundary' matches no ARN of a policy; "
            "expected arn:<partition>:iam::<12 digits or 'aws'>:policy/<name>, parts "
            "of which may be '*'\n"
            "3:39: {}permissionsBoundaries[1]: 'arn:aws:iam::1:role/x' matches no ARN ",
            id="no policy",
        ),
        pytest.param(
            "forbiddenActions: [PassRole, 'i*m:PassRole']",
            "3:24: {}forbiddenActions[0]: 'PassRole' is no action; expected "
            "'<service>:<name>', such as 'iam:PassRole' or 'iam:*', or '*'\n"
            "3:34: {}forbiddenActions[1]: 'i*m:PassRole' is no action",
            id="no action",
        ),
        pytest.param(
            "rolePaths: [eks]",
            "3:17: {}rolePaths[0]: 'eks' matches no path of a role; a path begins and "
            "ends with '/', such as '/eks/' or '/eks/*'",
            id="no path",
        ),
        pytest.param(
            "except: {kube-system: [tag], 'apps/[x': [color]}",
            "3:14: {}except.kube-system: 'kube-system' matches no entry; expected "
            "'<namespace>/<name>', parts of which may be '*'\n"
            "3:28: {}except.kube-system[0]: 'tag' is no rule; did you mean 'tags'?\n"
            "3:34: {}except[\"apps/[x\"]: 'apps/[x' opens '[' and has no set or range "
            "to close there; write ']' behind it, or '\\[' for the character\n"
            "3:46: {}except[\"apps/[x\"][0]: 'color' is no rule; expected one of "
            + ", ".join(RULES.values()),
            id="exceptions",
        ),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(
    read_stack: Read, line: str, expected: str
) -> None:
    """With its place, all at once."""
    with pytest.raises(SettingsError) as caught:
        read_stack(f"config:\n  eks-irsa:rules:\n    {line}\n")

    told = [str(one).partition(".dev.yaml:")[2] for one in caught.value.problems]
    wanted = expected.replace("{}", "config.eks-irsa:rules.").split("\n")
    assert len(told) == len(wanted), told
    assert [
        one[: len(start)] for one, start in zip(told, wanted, strict=True)
    ] == wanted
    codes = {one.code for one in caught.value.problems}
    assert codes <= {"E-RULE", "E-GLOB", "E-TYPE", "E-KEY-UNKNOWN"}


def test_an_action_that_aws_does_not_have_is_a_warning(read_stack: Read) -> None:
    """Forbidding it forbids nothing."""
    rules = "forbiddenActions: ['iam:PassRole', 'iam:PasRole']"
    settings = read_stack(f"config:\n  eks-irsa:rules:\n    {rules}\n")

    (warning,) = settings.warnings
    assert (warning.line, warning.column, warning.code) == (3, 40, "W-UNKNOWN-ACTION")
    assert warning.message.endswith("did you mean 'iam:PassRole'?")
