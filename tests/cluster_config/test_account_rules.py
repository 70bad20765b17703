"""The rules of one entry: where each is broken, and the whole message."""

from typing import Final

import pytest
from config_texts import problems_of, with_entries, with_entry

ENTRY: Final = "iam.serviceAccounts[0]"
POLICY: Final = "attachPolicyARNs: [arn:aws:iam::111122223333:policy/X]\n"
METADATA: Final = "metadata: {name: app}\n"
NAME_RULE: Final = (
    "cannot name a service account; a name has 1 to 253 lower-case letters, digits, "
    "'-' and '.', and each part between dots begins and ends with a letter or digit "
    "(RFC 1123)"
)
POLICY_ARN: Final = (
    "is not the ARN of a policy; "
    "expected arn:<partition>:iam::<12 digits or 'aws'>:policy/<name>"
)
NO_POLICY: Final = (
    f"E-SA-NO-POLICY a.yaml:7:5: {ENTRY}: the entry grants nothing; give "
    "attachPolicyARNs, attachPolicy, wellKnownPolicies or attachRoleARN"
)
NO_NAME: Final = "missing; write the name of the service account"
STATEMENT: Final = '{Effect: Allow, Action: "s3:GetObject", Resource: "*"}'
ROLE: Final = "attachRoleARN: arn:aws:iam::111122223333:role/team/app\n"


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(METADATA + POLICY, id="managed policy"),
        pytest.param(
            METADATA + f"attachPolicy: {{Statement: {STATEMENT}}}\n",
            id="inline policy",
        ),
        pytest.param(
            METADATA + "wellKnownPolicies: {externalDNS: true}\n",
            id="well-known policy",
        ),
        pytest.param(METADATA + ROLE, id="existing role"),
        pytest.param(
            METADATA
            + POLICY
            + f"attachPolicy: {{Statement: [{STATEMENT}]}}\n"
            + "wellKnownPolicies: {imageBuilder: true, autoScaler: true, "
            + "awsLoadBalancerController: true, externalDNS: true, certManager: true, "
            + "ebsCSIController: true, efsCSIController: false}\n"
            + "permissionsBoundary: arn:aws:iam::111122223333:policy/team/bound\n"
            + "roleName: app\nroleOnly: false\ntags: {team: a}\n"
            + "subjectPattern: app-*\n"
            + "status: {roleARN: a, stackName: b, tags: {c: d}, capabilities: [e]}\n",
            id="every field",
        ),
        pytest.param(
            "metadata: {name: app, namespace: , labels: , annotations: }\n"
            + POLICY
            + "attachPolicy:\nwellKnownPolicies:\nattachRoleARN:\nroleName:\n"
            + "permissionsBoundary:\nroleOnly:\ntags:\nsubjectPattern:\nstatus:\n",
            id="nulls as absent keys",
        ),
        pytest.param(
            "metadata: {name: app, namespace: '', labels: {a: }, annotations: {b: }}\n"
            + POLICY
            + "tags: {c: }\nroleName: ''\nsubjectPattern: ''\n",
            id="empty texts",
        ),
        pytest.param(
            METADATA
            + POLICY
            + "tags: {since: 2024-01-31, at: 12:30, 1: x}\n"
            + "attachPolicy: {Version: 2012-10-17, Statement: "
            + "[{Effect: Allow, Action: s3:GetObject, Resource: '*', Condition: "
            + "{Bool: {aws:SecureTransport: true}, NumericLessThan: {xyz:m: 10}}}]}\n",
            id="texts that look otherwise",
        ),
        pytest.param(
            METADATA
            + "attachPolicy: {Statement: {Effect: Allow, Action: 'sqs:*', Resource: "
            + "{Fn::Sub: 'arn:${AWS::Partition}:sqs:*:${AWS::AccountId}:q'}}}\n",
            id="pseudo parameters",
        ),
        pytest.param(
            "metadata: {name: app, annotations: {example.com/role: x, "
            "iam.amazonaws.com/role: w, eks.amazonaws.com/token-expiration: '3600', "
            "eks.amazonaws.com/sts-regional-endpoints: 'true', "
            "eks.amazonaws.com/compute-type: z}}\n" + POLICY,
            id="annotations of others",
        ),
    ],
)
def test_entry_that_grants_something_has_no_problem(entry: str) -> None:
    """Each source alone, all together, and every field."""
    assert problems_of(with_entry(entry)) == []


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        pytest.param(POLICY, f"E-SA-NAME 7:5 metadata: {NO_NAME}", id="no metadata"),
        pytest.param(
            "metadata: {namespace: a}\n" + POLICY,
            f"E-SA-NAME 7:15 metadata.name: {NO_NAME}",
            id="no name",
        ),
        pytest.param(
            "metadata: {name: S3_Reader}\n" + POLICY,
            f"E-SA-NAME 7:22 metadata.name: 'S3_Reader' {NAME_RULE}",
            id="name Kubernetes refuses",
        ),
        pytest.param(
            "metadata: {name: app, namespace: a.b}\n" + POLICY,
            "E-SA-NAMESPACE 7:38 metadata.namespace: 'a.b' cannot name a namespace; a "
            "name has 1 to 63 lower-case letters, digits and '-', and begins and ends "
            "with a letter or digit (RFC 1123)",
            id="namespace Kubernetes refuses",
        ),
        pytest.param(
            "metadata: {name: app, namespace: n}\n" + POLICY,
            "E-TYPE 7:38 metadata.namespace: expected text, got the boolean false; "
            'quote it: "n"',
            id="namespace that is a boolean",
        ),
        pytest.param(
            "metadata: {name: app, labels: {tier: 1}}\n" + POLICY,
            "E-TYPE 7:42 metadata.labels.tier: expected text, got the integer 1; "
            'quote it: "1"',
            id="label that is a number",
        ),
        pytest.param(
            "metadata: {name: app, labels: {on: a}}\n" + POLICY,
            "E-TYPE 7:36 metadata.labels.on: the key on is not text in YAML; "
            'quote it: "on"',
            id="key of a label that is a boolean",
        ),
        pytest.param(
            "metadata: {name: app, labels: {a/b/c: d}}\n" + POLICY,
            "E-LABEL 7:36 metadata.labels.a/b/c: 'a/b/c' cannot be the key of a label; "
            "expected [<DNS prefix>/]<name>, the name of 1 to 63 letters, digits, '-', "
            "'_' and '.', beginning and ending with a letter or digit",
            id="key of a label",
        ),
        pytest.param(
            "metadata: {name: app, labels: {a: b c}}\n" + POLICY,
            "E-LABEL 7:39 metadata.labels.a: 'b c' cannot be the value of a label; "
            "expected at most 63 letters, digits, '-', '_' and '.', beginning and "
            "ending with a letter or digit; other texts go into annotations",
            id="value of a label",
        ),
        pytest.param(
            "metadata: {name: app, annotations: {a b: c}}\n" + POLICY,
            "E-ANNOTATION 7:41 metadata.annotations[\"a b\"]: 'a b' cannot be the key "
            "of an annotation; expected [<DNS prefix>/]<name>, the name of 1 to 63 "
            "letters, digits, '-', '_' and '.', beginning and ending with a letter or "
            "digit",
            id="key of an annotation",
        ),
        pytest.param(
            "metadata: {name: app, annotations: {eks.amazonaws.com/role-arn: c}}\n"
            + POLICY,
            'E-ROLE-ARN-ANNOTATION 7:41 metadata.annotations["eks.amazonaws.com/'
            'role-arn"]: is written by eks-irsa itself, so a value of your own would '
            "be lost; an existing role is given by its ARN as attachRoleARN (role_arn "
            "in a program)",
            id="own role annotation",
        ),
        pytest.param(
            "metadata: {name: app, annotations: {eks.amazon.com/role-arn: c}}\n"
            + POLICY,
            'E-ANNOTATION-NEAR-MISS 7:41 metadata.annotations["eks.amazon.com/'
            "role-arn\"]: the pod identity webhook does not know 'eks.amazon.com/"
            "role-arn'; 'eks.amazonaws.com/role-arn' is written by eks-irsa itself, "
            "and an existing role is given as attachRoleARN (role_arn in a program)",
            id="misspelt role annotation",
        ),
        pytest.param(
            "metadata: {name: app, annotations: {eks.amazonaws.com/Audience: c}}\n"
            + POLICY,
            'E-ANNOTATION-NEAR-MISS 7:41 metadata.annotations["eks.amazonaws.com/'
            "Audience\"]: the pod identity webhook does not know 'eks.amazonaws.com/"
            "Audience'; did you mean 'eks.amazonaws.com/audience'?",
            id="misspelt annotation",
        ),
        pytest.param(METADATA, NO_POLICY, id="no policy source"),
        pytest.param(
            METADATA + "attachPolicyARNs: []\n", NO_POLICY, id="no managed policies"
        ),
        pytest.param(
            METADATA + "wellKnownPolicies: {autoScaler: false}\n",
            NO_POLICY,
            id="no well-known policy",
        ),
        pytest.param(
            METADATA + "attachPolicyARNs: [S3ReadOnly]\n",
            f"E-POLICY-ARN 8:24 attachPolicyARNs[0]: 'S3ReadOnly' {POLICY_ARN}",
            id="name for a policy",
        ),
        pytest.param(
            METADATA + "attachPolicyARNs: [~]\n",
            f"E-POLICY-ARN 8:24 attachPolicyARNs[0]: '' {POLICY_ARN}",
            id="null policy",
        ),
        pytest.param(
            METADATA + "attachPolicyARNs: [arn:aws:iam::1:policy/x]\n",
            "E-POLICY-ARN 8:24 attachPolicyARNs[0]: 'arn:aws:iam::1:policy/x' "
            + POLICY_ARN,
            id="malformed ARN",
        ),
        pytest.param(
            METADATA + "attachPolicyARNs: [arn:aws-cn:iam::aws:policy/X]\n",
            "E-PARTITION 8:24 attachPolicyARNs[0]: 'arn:aws-cn:iam::aws:policy/X' is "
            "in another partition than the cluster; expected "
            "'arn:aws:iam::aws:policy/X'",
            id="policy of another partition",
        ),
        pytest.param(
            METADATA + POLICY + "permissionsBoundary: ''\n",
            f"E-BOUNDARY-ARN 9:26 permissionsBoundary: '' {POLICY_ARN}",
            id="empty boundary",
        ),
        pytest.param(
            METADATA + POLICY + "permissionsBoundary: arn:aws-cn:iam::aws:policy/X\n",
            "E-PARTITION 9:26 permissionsBoundary: 'arn:aws-cn:iam::aws:policy/X' is "
            "in another partition than the cluster; expected "
            "'arn:aws:iam::aws:policy/X'",
            id="boundary of another partition",
        ),
        pytest.param(
            METADATA + "attachRoleARN: arn:aws:iam::aws:role/x\n",
            "E-ROLE-ARN 8:20 attachRoleARN: 'arn:aws:iam::aws:role/x' is not the ARN "
            "of a role; expected arn:<partition>:iam::<12 digits>:role/<name>",
            id="malformed role",
        ),
        pytest.param(
            METADATA + "attachRoleARN: ''\n",
            "E-ROLE-ARN 8:20 attachRoleARN: '' is not the ARN of a role; expected "
            "arn:<partition>:iam::<12 digits>:role/<name>",
            id="empty role",
        ),
        pytest.param(
            METADATA + "attachRoleARN: arn:aws-cn:iam::111122223333:role/x\n",
            "E-PARTITION 8:20 attachRoleARN: 'arn:aws-cn:iam::111122223333:role/x' is "
            "in another partition than the cluster; expected "
            "'arn:aws:iam::111122223333:role/x'",
            id="role of another partition",
        ),
        pytest.param(
            METADATA + "attachPolicy: {}\n",
            "E-POLICY-DOCUMENT 8:19 attachPolicy: the policy has no statement, so it "
            "would grant nothing; add one",
            id="empty inline policy",
        ),
        pytest.param(
            METADATA + "attachPolicy: [a]\n",
            "E-TYPE 8:19 attachPolicy: expected a map, got a list",
            id="list for an inline policy",
        ),
        pytest.param(
            METADATA
            + "attachPolicy: {Statement: [{Effect: Allow, Action: ['s3'], "
            + "Resource: '*'}]}\n",
            "E-POLICY-DOCUMENT 8:57 attachPolicy.Statement[0].Action[0]: 's3' is no "
            "Action; expected '<service>:<action>' or '*'",
            id="inside an inline policy",
        ),
        pytest.param(
            METADATA
            + "attachPolicy: {Statement: [{Effect: Allow, Action: 's3:*', "
            + "Resource: {Fn::GetAtt: [a, Arn]}}]}\n",
            "E-POLICY-DOCUMENT 8:87 attachPolicy.Statement[0].Resource.Fn::GetAtt: "
            "CloudFormation's Fn::GetAtt is not supported here; write the value "
            "itself, or Fn::Sub over ${AWS::Partition}, ${AWS::Region} and "
            "${AWS::AccountId}",
            id="function of CloudFormation",
        ),
        pytest.param(
            METADATA
            + "attachPolicy: {Statement: [{Effect: Allow, Action: 's3:*', "
            + "Resource: ['arn:aws-cn:s3:::a']}]}\n",
            "E-PARTITION 8:75 attachPolicy.Statement[0].Resource[0]: "
            "'arn:aws-cn:s3:::a' is in another partition than the cluster; expected "
            "'arn:aws:s3:::a'",
            id="resource of another partition",
        ),
        pytest.param(
            METADATA
            + "attachPolicy: {Statement: [{Effect: Allow, Action: 's3:*', "
            + "Resource: '*', Condition: {StringLike: {xyz:x: yes}}}]}\n",
            "E-TYPE 8:111 attachPolicy.Statement[0].Condition.StringLike.xyz:x: YAML "
            'reads yes as true; quote it: "yes"',
            id="boolean that was a word",
        ),
        pytest.param(
            METADATA
            + "attachPolicy: {Statement: [{Effect: Allow, Action: 's3:*', "
            + "Resource: '*', Condition: {StringEquals: {xyz:x: [1_0]}}}]}\n",
            "E-TYPE 8:114 attachPolicy.Statement[0].Condition.StringEquals.xyz:x[0]: "
            'YAML reads 1_0 as 10; quote it: "1_0"',
            id="number that was a word",
        ),
        pytest.param(
            METADATA
            + "attachPolicy: {Statement: [{Effect: Allow, Action: 's3:*', "
            + "Resource: '*', Condition: {NumericEqualsIfExists: {xyz:x: 010}}}]}\n",
            "E-TYPE 8:122 attachPolicy.Statement[0].Condition.NumericEqualsIfExists."
            'xyz:x: YAML reads 010 as 8; quote it: "010"',
            id="number that is not the one it looks like",
        ),
        pytest.param(
            METADATA + POLICY + "roleName: a/b\n",
            "E-ROLE-NAME 9:15 roleName: 'a/b' cannot name a role; a name has 1 to 64 "
            "letters, digits and '_+=,.@-', this one has 3 characters",
            id="role name",
        ),
        pytest.param(
            METADATA + POLICY + "subjectPattern: team:*\n",
            "E-SUBJECT-PATTERN 9:21 subjectPattern: 'team:*' is not a pattern of "
            "service account names; use lower-case letters, digits, '-', '.', '*' for "
            "any text and '?' for one character; the namespace is always the entry's "
            "own",
            id="subject pattern",
        ),
        pytest.param(
            METADATA + POLICY + "subjectPattern: App\n",
            "E-SUBJECT-PATTERN 9:21 subjectPattern: 'App' is not a pattern of service "
            "account names; use lower-case letters, digits, '-', '.', '*' for any text "
            "and '?' for one character; the namespace is always the entry's own",
            id="subject pattern in capitals",
        ),
        pytest.param(
            METADATA + POLICY + "tags: {aws:x: v}\n",
            "E-TAG 9:12 tags.aws:x: the tag 'aws:x' begins with 'aws:', which AWS "
            "keeps to itself",
            id="tag",
        ),
        pytest.param(
            METADATA + POLICY + "tags: {a: [b]}\n",
            "E-TYPE 9:15 tags.a: expected text, got a list",
            id="list for a tag",
        ),
        pytest.param(
            METADATA + POLICY + "roleOnly: 'true'\n",
            "E-TYPE 9:15 roleOnly: expected true or false, got the text 'true'",
            id="roleOnly as text",
        ),
    ],
)
def test_breach_is_named_with_its_place(entry: str, problem: str) -> None:
    """Each rule alone, with code, place, path and the whole message."""
    code, place, rest = problem.split(" ", 2)
    expected = (
        problem if problem == NO_POLICY else f"{code} a.yaml:{place}: {ENTRY}.{rest}"
    )

    assert problems_of(with_entry(entry)) == [expected]


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (
            METADATA + "attachPolicyARNS: []\n",
            "8:5: {}.attachPolicyARNS: unknown key; did you mean 'attachPolicyARNs'?",
        ),
        (
            METADATA + "policyARNs: []\n",
            "8:5: {}.policyARNs: unknown key; did you mean 'attachPolicyARNs'?",
        ),
        (
            METADATA + "roleARN: []\n",
            "8:5: {}.roleARN: unknown key; did you mean 'attachRoleARN'?",
        ),
        (
            METADATA + POLICY + "PermissionsBoundary: a\n",
            (
                "9:5: {}.PermissionsBoundary: unknown key; did you mean "
                "'permissionsBoundary'?"
            ),
        ),
        (
            METADATA + POLICY + "namespace: a\n",
            "9:5: {}.namespace: unknown key; it belongs under {}.metadata",
        ),
        (
            METADATA + POLICY + "labels: {}\n",
            "9:5: {}.labels: unknown key; it belongs under {}.metadata",
        ),
        (
            "metadata: {name: app, tags: {}}\n" + POLICY,
            "7:27: {}.metadata.tags: unknown key; it belongs under {}",
        ),
        (
            METADATA + "wellKnownPolicies: {autoscaler: true}\n",
            (
                "8:25: {}.wellKnownPolicies.autoscaler: unknown key; did you mean "
                "'autoScaler'?"
            ),
        ),
        (
            METADATA + POLICY + "withOIDC: true\n",
            "9:5: {}.withOIDC: unknown key; it belongs under iam",
        ),
    ],
)
def test_slip_in_a_key_is_named_with_the_right_one(entry: str, problem: str) -> None:
    """And nothing else is said, such as that the entry then grants nothing."""
    expected = "E-KEY-UNKNOWN a.yaml:" + problem.replace("{}", ENTRY)

    assert problems_of(with_entry(entry)) == [expected]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("attachPolicyARNs", "[arn:aws:iam::111122223333:policy/X]"),
        ("attachPolicy", f"{{Statement: {STATEMENT}}}"),
        ("wellKnownPolicies", "{autoScaler: true}"),
        ("permissionsBoundary", "arn:aws:iam::111122223333:policy/X"),
        ("roleName", "app"),
        ("roleOnly", "true"),
        ("subjectPattern", "app-*"),
        ("tags", "{a: b}"),
    ],
)
def test_what_an_existing_role_would_drop_is_refused(key: str, value: str) -> None:
    """Beside attachRoleARN eksctl loses it without a word."""
    text = with_entry(METADATA + ROLE + f"{key}: {value}\n")

    assert problems_of(text) == [
        (
            f"E-ATTACH-ROLE a.yaml:9:5: {ENTRY}.{key}: has no effect beside an "
            "existing role, which is used as it is; take one of the two out"
        )
    ]


def test_nothing_given_beside_an_existing_role_is_no_conflict() -> None:
    """False and empty drop nothing."""
    text = with_entry(
        METADATA
        + ROLE
        + "roleOnly: false\ntags: {}\nattachPolicyARNs: []\n"
        + "wellKnownPolicies: {autoScaler: false}\nroleName: ''\n"
    )

    assert problems_of(text) == []


def test_account_listed_twice_is_named_where_it_is_the_second_time() -> None:
    """A namespace left out is the default one."""
    text = with_entries(
        METADATA + POLICY,
        "metadata: {name: app, namespace: other}\n" + POLICY,
        "metadata: {name: app, namespace: default}\n" + POLICY,
    )

    assert problems_of(text) == [
        (
            "E-SA-DUP a.yaml:11:22: iam.serviceAccounts[2].metadata.name: "
            "'default/app' "
            "is listed already as iam.serviceAccounts[0]; merge the two"
        )
    ]


@pytest.mark.parametrize("pattern", ["*", "**"])
def test_pattern_that_admits_everybody_is_a_warning(pattern: str) -> None:
    """It is right, and hardly what somebody wants."""
    text = with_entry(METADATA + POLICY + f'subjectPattern: "{pattern}"\n')

    assert problems_of(text) == [
        (
            f"W-SUBJECT-PATTERN a.yaml:9:21: warning: {ENTRY}.subjectPattern: lets "
            "every "
            "service account of the namespace assume the role; name the ones that "
            "should, "
            "such as 'worker-*'"
        )
    ]


def test_policy_listed_twice_is_a_warning() -> None:
    """It is attached once."""
    arn = "arn:aws:iam::111122223333:policy/X"
    text = with_entry(METADATA + f"attachPolicyARNs: [{arn}, {arn}]\n")

    assert problems_of(text) == [
        (
            f"W-POLICY-ARN-TWICE a.yaml:8:60: warning: {ENTRY}.attachPolicyARNs[1]: "
            f"'{arn}' is listed already and attached once; take one out"
        )
    ]


def test_partition_is_not_guessed_from_a_wrong_region() -> None:
    """Only the region is named, not every ARN."""
    text = with_entry(METADATA + POLICY).replace("us-west-2", "us-west")

    assert problems_of(text) == [
        (
            "E-REGION a.yaml:3:32: metadata.region: 'us-west' has not the shape of an "
            "AWS region; did you mean 'us-west-2'?"
        )
    ]
