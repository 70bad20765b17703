"""The policy pack, asked as Pulumi asks it; no engine, which tests/engine has."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from pulumi_policy import (
    Policy,
    PolicyCustomTimeouts,
    PolicyProviderResource,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    StackValidationArgs,
)
from pulumi_policy.proxy import (
    UNKNOWN_STRING_VALUE,
    UnknownValueError,
    unknown_checking_proxy,
)

from eks_irsa.documents.resource_types import SERVICE_ACCOUNTS
from eks_irsa.errors import SettingsError
from eks_irsa.house_rules.model import RULES
from eks_irsa.policy_pack import policies

ISSUER: Final = "oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF"
ROLE: Final = "aws:iam/role:Role"
COMPONENT: Final = "eks-irsa:index:IrsaServiceAccount"
STACK: Final = "pulumi:pulumi:Stack"
READ_ONLY: Final = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
ADMIN: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
ALLOWS: Final = json.dumps(
    {"Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}}
)
NEVER: Final = {"forbiddenActions": ["iam:PassRole"]}
UNKNOWN: Final = UNKNOWN_STRING_VALUE


def trust(subject: str = "system:serviceaccount:apps:reader") -> str:
    """Write the trust policy of a role for a service account."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::1:oidc-provider/{ISSUER}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringLike" if "*" in subject else "StringEquals": {
                f"{ISSUER}:sub": subject
            },
            "ForAllValues:StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com"},
        },
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


LAMBDA: Final = json.dumps(
    {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    }
)


def options(parent: str | None = None) -> PolicyResourceOptions:
    """Give the options of a resource."""
    return PolicyResourceOptions(
        protect=False,
        ignore_changes=[],
        delete_before_replace=None,
        aliases=[],
        custom_timeouts=PolicyCustomTimeouts(0, 0, 0),
        additional_secret_outputs=[],
        parent=parent,
    )


def urn(resource_type: str, name: str) -> str:
    """Write the URN of a resource."""
    return f"urn:pulumi:prod::shop::{resource_type}::{name}"


def resource(
    resource_type: str,
    name: str,
    props: Mapping[str, object],
    *,
    parent: PolicyResource | None = None,
    **depends: PolicyResource,
) -> PolicyResource:
    """Make a resource of a stack; *depends* are what its properties depend on."""
    return PolicyResource(
        resource_type,
        unknown_checking_proxy(dict(props)),
        urn(resource_type, name),
        name,
        options(),
        None,
        parent,
        [],
        {key: [one] for key, one in depends.items()},
    )


def validated(
    policy: Policy, args: ResourceValidationArgs | StackValidationArgs
) -> Iterator[tuple[str, str]]:
    """Give each violation, with the URN it is about, and then what Pulumi is told."""
    said: list[tuple[str, str]] = []
    asked: Any = policy
    unknown: UnknownValueError | None = None

    def report(text: str, about: str | None = None) -> None:
        said.append((text, about or ""))

    try:
        asked.validate(args, report)
    except UnknownValueError as error:
        unknown = error
    yield from said
    if unknown:
        raise unknown


def role_args(
    props: Mapping[str, object],
    rules: Mapping[str, object] | None = None,
    *,
    resource_type: str = ROLE,
    parent: str | None = None,
    default_tags: object = None,
) -> ResourceValidationArgs:
    """Make what Pulumi hands over of a resource."""
    provider = PolicyProviderResource(
        "pulumi:providers:aws", {"defaultTags": default_tags}, "", "aws"
    )
    return ResourceValidationArgs(
        resource_type,
        unknown_checking_proxy(dict(props)),
        urn(resource_type, "reader"),
        "reader",
        options(parent),
        provider if default_tags else None,
        rules,
    )


def role_says(
    rules: Mapping[str, object],
    props: Mapping[str, object],
    *,
    parent: str | None = None,
    default_tags: object = None,
) -> list[str]:
    """Ask the policy of roles about one, before it is registered; give the codes."""
    policy, _ = policies()
    args = role_args(props, rules, parent=parent, default_tags=default_tags)
    return [text.rpartition("[")[2].rstrip("]") for text, _ in validated(policy, args)]


def stack_says(
    rules: Mapping[str, object], *resources: PolicyResource
) -> list[tuple[str, str, str]]:
    """Ask the policy of permissions; give resource, code and what was found."""
    _, policy = policies()
    said: list[tuple[str, str, str]] = []
    args = StackValidationArgs([*resources], rules)
    for message, about in validated(policy, args):
        found, _, rest = message.partition("; ")
        code = rest.rpartition("[")[2].rstrip("]")
        said.append((about.rpartition("::")[2], code, found))
    return said


def test_a_role_by_hand_is_asked_what_it_is_before_it_is_registered() -> None:
    """Each rule that is about the role itself."""
    rules = {
        "permissionsBoundaries": ["arn:*:policy/boundary"],
        "tags": {"team": "*"},
        "roleNames": ["irsa-*"],
        "rolePaths": ["/eks/"],
        "namespaces": ["shop"],
        "wildcardSubjects": False,
        "audiences": ["vault"],
    }
    role = {
        "name": "reader",
        "assumeRolePolicy": trust("system:serviceaccount:apps:*"),
    }

    assert sorted(role_says(rules, role)) == [
        "E-RULE-AUDIENCE",
        "E-RULE-BOUNDARY",
        "E-RULE-NAMESPACE",
        "E-RULE-ROLE-NAME",
        "E-RULE-ROLE-PATH",
        "E-RULE-SUBJECT",
        "E-RULE-TAG",
    ]
    assert role_says(rules, {**role, "assumeRolePolicy": LAMBDA}) == []


def test_a_role_that_keeps_the_rules_is_taken() -> None:
    """Also with the tags that its provider gives everything."""
    rules = {
        "permissionsBoundaries": ["arn:*:policy/boundary"],
        "tags": {"team": ["shop"], "cost": "1", "env": "*"},
        "namespaces": ["apps"],
        "wildcardSubjects": False,
    }
    role = {
        "assumeRolePolicy": trust(),
        "permissionsBoundary": "arn:aws:iam::111122223333:policy/boundary",
        "tags": {"team": "shop"},
        "tagsAll": {"cost": "1"},
    }

    in_json = json.dumps({"tags": {"env": "prod"}})
    assert role_says(rules, role, default_tags=in_json) == []
    assert role_says(rules, role, default_tags={"tags": {"env": "prod"}}) == []
    assert role_says(rules, role) == ["E-RULE-TAG"]


def test_what_a_preview_does_not_tell_is_told_by_pulumi() -> None:
    """If a rule asks for it; the rest is asked."""
    role = {"assumeRolePolicy": UNKNOWN, "name": "reader"}
    rules = {"roleNames": ["irsa-*"], "wildcardSubjects": False}
    component = urn(f"{STACK}${COMPONENT}", "reader")

    with pytest.raises(UnknownValueError):
        role_says(rules, role)
    with pytest.raises(UnknownValueError):
        role_says(rules, role, parent=component)
    assert role_says({"roleNames": ["x"]}, role, parent=component) == [
        "E-RULE-ROLE-NAME"
    ]
    assert role_says({"tags": {"a": "*"}}, {"assumeRolePolicy": LAMBDA}) == []


def test_a_rule_with_exceptions_waits_until_it_is_known_whose_the_role_is() -> None:
    """It may be one of those that are excepted."""
    role = {"assumeRolePolicy": UNKNOWN, "name": "reader"}
    rules = {"roleNames": ["x"], "rolePaths": ["/x/"], "except": {"a/*": ["roleNames"]}}
    policy, _ = policies()
    said: list[str] = []

    with pytest.raises(UnknownValueError):
        said.extend(
            text
            for text, _ in validated(
                policy, role_args(role, rules, parent=urn(COMPONENT, "reader"))
            )
        )

    assert [one.rpartition("[")[2] for one in said] == ["E-RULE-ROLE-PATH]"]


def test_an_exception_counts_for_the_service_accounts_that_the_role_trusts() -> None:
    """Whatever the role is called."""
    rules = {"rolePaths": ["/eks/"], "except": {"apps/*": ["rolePaths"]}}
    other = trust("system:serviceaccount:shop:reader")

    assert role_says(rules, {"assumeRolePolicy": trust()}) == []
    assert role_says(rules, {"assumeRolePolicy": other}) == ["E-RULE-ROLE-PATH"]


def role(**more: object) -> PolicyResource:
    """Make a role for a service account."""
    props = {"name": "reader-name", "assumeRolePolicy": trust(), **more}
    return resource(ROLE, "reader", props)


FOUND: Final = "E-RULE-ACTION"


def test_every_way_to_give_a_role_a_policy_is_read() -> None:
    """By name, by ARN or by reference, in whatever resource."""
    one = role(
        arn="arn:aws:iam::1:role/reader-name",
        managedPolicyArns=[ADMIN],
        inlinePolicies=[{"name": "own", "policy": ALLOWS}, {"name": "none"}],
    )
    policy = resource(
        "aws:iam/policy:Policy", "made", {"policy": ALLOWS, "arn": "arn:made"}
    )
    given = [
        resource(
            "aws:iam/rolePolicy:RolePolicy",
            "written",
            {"role": "reader-name", "policy": ALLOWS},
        ),
        resource(
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            "by-arn",
            {"role": UNKNOWN, "policyArn": "arn:made"},
            role=one,
        ),
        resource(
            "aws:iam/policyAttachment:PolicyAttachment",
            "by-reference",
            {"roles": ["else", "reader-name"], "policyArn": UNKNOWN},
            policyArn=policy,
        ),
        resource(
            "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
            "exclusive",
            {"roleName": "reader-name", "policyArns": [READ_ONLY, ADMIN]},
        ),
        resource(
            "aws:iam/rolePolicy:RolePolicy",
            "of-another",
            {"role": "another", "policy": ALLOWS},
        ),
    ]

    assert stack_says(NEVER, one, policy, *given) == [
        ("reader", FOUND, f"{ADMIN!r} allows '*' on '*'"),
        ("reader", FOUND, "the policy 'own' allows 'iam:*' on '*'"),
        ("reader", FOUND, "the policy 'written' allows 'iam:*' on '*'"),
        ("reader", FOUND, "the policy 'made' allows 'iam:*' on '*'"),
        ("reader", FOUND, "the policy 'made' allows 'iam:*' on '*'"),
        ("reader", FOUND, f"{ADMIN!r} allows '*' on '*'"),
    ]


def test_a_denial_in_another_resource_counts() -> None:
    """A role is what all its policies say together."""
    denial = json.dumps(
        {"Statement": {"Effect": "Deny", "Action": "iam:Pass*", "Resource": "*"}}
    )
    one = role(inlinePolicies=[{"name": "own", "policy": ALLOWS}])
    denying = resource(
        "aws:iam/rolePolicy:RolePolicy",
        "denying",
        {"role": "reader-name", "policy": denial},
    )

    assert stack_says(NEVER, one, denying) == []
    assert [code for _, code, _ in stack_says(NEVER, one)] == [FOUND]


def test_roles_of_other_kinds_are_left_alone() -> None:
    """The house's rules are about service accounts."""
    other = role(assumeRolePolicy=LAMBDA, managedPolicyArns=[ADMIN])

    assert stack_says(NEVER, other) == []


def test_managed_policies_are_refused_by_name() -> None:
    """One that the program makes has an ARN that is only known later."""
    rules = {"forbiddenManagedPolicies": ["*/Administrator*"]}

    assert [code for _, code, _ in stack_says(rules, role(managedPolicyArns=[ADMIN]))]
    assert stack_says(rules, role(managedPolicyArns=[READ_ONLY])) == []


PODS: Final = json.dumps(
    {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "pods.eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Condition": {
                "StringEquals": {
                    "aws:RequestTag/kubernetes-namespace": "apps",
                    "aws:RequestTag/kubernetes-service-account": "reader",
                }
            },
        }
    }
)


def associated(**props: object) -> PolicyResource:
    """Make an association of `apps/reader`."""
    return resource(
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        "theirs",
        {"namespace": "apps", "serviceAccount": "reader", **props},
    )


def test_a_role_for_pod_identity_is_one_of_a_service_account() -> None:
    """The tags in its trust policy tell which."""
    excepted = {**NEVER, "except": {"apps/reader": ["forbiddenActions"]}}
    one = role(assumeRolePolicy=PODS, managedPolicyArns=[ADMIN])

    assert [found[:2] for found in stack_says(NEVER, one)] == [("reader", FOUND)]
    assert stack_says(excepted, one) == []
    assert role_says({"wildcardSubjects": False}, {"assumeRolePolicy": PODS}) == [
        "E-RULE-SUBJECT"
    ]


def test_a_role_that_pods_end_with_is_one_of_a_service_account() -> None:
    """It trusts the first role and no service account, and has what pods may do."""
    arn = "arn:aws:iam::111122223333:role/reader-name"
    last = role(assumeRolePolicy=LAMBDA, managedPolicyArns=[ADMIN], arn=arn)
    abroad = arn.replace("111122223333", "444455556666")

    assert stack_says(NEVER, last) == []
    for target in (arn, UNKNOWN):
        by = resource(
            "aws:eks/podIdentityAssociation:PodIdentityAssociation",
            "theirs",
            {"targetRoleArn": target},
            targetRoleArn=last,
        )
        assert [found[:2] for found in stack_says(NEVER, last, by)] == [
            ("reader", FOUND)
        ]
    assert [
        found[:2] for found in stack_says(NEVER, last, associated(targetRoleArn=abroad))
    ] == [("theirs", "E-RULE-UNKNOWN")]


@pytest.mark.parametrize("key", ["roleArn", "targetRoleArn"])
def test_an_association_of_a_role_of_nobody_knows_where_is_not_passed(key: str) -> None:
    """As an annotation of one is not."""
    excepted = {**NEVER, "except": {"apps/reader": ["forbiddenActions"]}}
    one = associated(**{key: "arn:aws:iam::111122223333:role/theirs"})

    assert [found[:2] for found in stack_says(NEVER, one)] == [
        ("theirs", "E-RULE-UNKNOWN")
    ]
    assert stack_says(excepted, one) == []
    with pytest.raises(UnknownValueError):
        stack_says(NEVER, associated(**{key: UNKNOWN}))


@pytest.mark.parametrize("token", sorted(SERVICE_ACCOUNTS))
def test_a_role_of_nobody_knows_where_is_not_passed(token: str) -> None:
    """A service account may have a role that is not of this program."""
    theirs = "arn:aws:iam::111122223333:role/theirs"
    annotations = {"eks.amazonaws.com/role-arn": theirs}
    account = resource(
        token,
        "web",
        {"metadata": {"name": "web", "namespace": "shop", "annotations": annotations}},
    )
    excepted = {**NEVER, "except": {"shop/web": ["forbiddenActions"]}}

    assert [found[:2] for found in stack_says(NEVER, account)] == [
        ("web", "E-RULE-UNKNOWN")
    ]
    assert stack_says(NEVER, account, role(name="theirs")) == []
    assert stack_says(excepted, account) == []


@pytest.mark.parametrize(
    "resources",
    [
        pytest.param([role(assumeRolePolicy=UNKNOWN)], id="whom a role trusts"),
        pytest.param(
            [
                role(),
                resource(
                    "aws:iam/rolePolicy:RolePolicy",
                    "x",
                    {"role": "reader-name", "policy": UNKNOWN},
                ),
            ],
            id="what a policy says",
        ),
        pytest.param(
            [
                role(),
                resource(
                    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
                    "x",
                    {"role": "reader-name", "policyArn": UNKNOWN},
                ),
            ],
            id="which policy is attached",
        ),
        pytest.param(
            [
                role(),
                resource(
                    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
                    "x",
                    {"role": UNKNOWN, "policyArn": ADMIN},
                ),
            ],
            id="to which role",
        ),
        pytest.param(
            [
                resource(
                    "kubernetes:core/v1:ServiceAccount",
                    "x",
                    {
                        "metadata": {
                            "annotations": {"eks.amazonaws.com/role-arn": UNKNOWN}
                        }
                    },
                )
            ],
            id="which role a service account has",
        ),
    ],
)
def test_what_a_preview_does_not_tell_of_permissions_is_told_by_pulumi(
    resources: list[PolicyResource],
) -> None:
    """And not where no rule asks for it."""
    with pytest.raises(UnknownValueError):
        stack_says(NEVER, *resources)
    assert stack_says({"except": {"a/*": ["tags"]}}, *resources) == []


def test_what_is_unknown_and_matters_not_is_not_told() -> None:
    """In the first preview of a cluster much of a component is not known."""
    component = resource(COMPONENT, "reader", {})
    props = {"name": "n", "arn": UNKNOWN, "assumeRolePolicy": trust(), "path": UNKNOWN}
    made = resource(ROLE, "reader-role", props, parent=component)
    annotations = {"eks.amazonaws.com/role-arn": UNKNOWN}
    account = resource(
        "kubernetes:core/v1:ServiceAccount",
        "reader",
        {"metadata": {"annotations": annotations}},
        parent=component,
    )
    attached = resource(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "x",
        {"role": UNKNOWN, "policyArn": READ_ONLY},
        role=made,
    )

    assert stack_says(NEVER, component, made, account, attached) == []


def test_the_rules_may_stand_in_a_file(tmp_path: Path) -> None:
    """Of which messages name the line; what is wrong in it stops the pack."""
    file = tmp_path / "rules.yaml"
    file.write_text("config:\n  eks-irsa:rules:\n    rolePaths: [/eks/]\n")
    policy, _ = policies(file)

    ((said, _),) = validated(policy, role_args({"assumeRolePolicy": trust()}))

    assert said == (
        f"the path of the role is '/'; rules.rolePaths ({file}:3) takes '/eks/'; give "
        "the role such a path [E-RULE-ROLE-PATH]"
    )
    file.write_text("config:\n  eks-irsa:rules:\n    rolePath: [/eks/]\n")
    with pytest.raises(SettingsError, match="did you mean 'rolePaths'"):
        policies(file)
    file.write_text("config:\n  shop:rules:\n    rolePaths: [/eks/]\n")
    with pytest.raises(SettingsError, match="eks-irsa:rules: missing; write"):
        policies(file)


def test_the_rules_may_be_the_default_of_a_project(tmp_path: Path) -> None:
    """A Pulumi.yaml is named in place of the file, and messages name its line."""
    file = tmp_path / "Pulumi.yaml"
    file.write_text(
        "name: shop\nconfig:\n  clusterConfig: {type: string}\n"
        "  rules:\n    type: object\n    default:\n      rolePaths: [/eks/]\n"
    )
    policy, _ = policies(file)

    ((said, _),) = validated(policy, role_args({"assumeRolePolicy": trust()}))

    assert f"rules.rolePaths ({file}:7) takes '/eks/'" in said


def test_a_configuration_that_is_wrong_is_told_once() -> None:
    """By the stack's own resource, not by each of its resources."""
    rules: dict[str, Any] = {"rolePaths": ["eks"]}
    policy, _ = policies()

    ((said, _),) = [
        one
        for resource_type in (STACK, ROLE, "aws:s3/bucket:Bucket")
        for one in validated(policy, role_args({}, rules, resource_type=resource_type))
    ]

    assert said == (
        "configuration of the policy pack: eks-irsa:rules.rolePaths[0]: 'eks' matches "
        "no path of a role; a path begins and ends with '/', such as '/eks/' or "
        "'/eks/*'"
    )
    assert [found for _, _, found in stack_says({"forbiddenActions": ["x"]})] != []


def test_each_rule_can_be_configured_in_one_policy() -> None:
    """The engine would set a default as if somebody had written it."""
    schemas = [policy.config_schema for policy in policies()]

    keys = [one for schema in schemas if schema for one in schema.properties]
    assert sorted(keys) == sorted([*RULES.values(), "except", "except"])
    assert [
        key
        for schema in schemas
        if schema
        for key, one in schema.properties.items()
        if "default" in one or "description" not in one
    ] == []
