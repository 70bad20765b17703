"""The rules on the whole of a file: where each is broken, and the whole message."""

import pytest
from config_texts import HEADER, problems_of

ACCOUNTS = (
    'serviceAccounts: [{metadata: {name: a}, attachPolicyARNs: ["arn:aws:iam::aws:'
    'policy/PowerUserAccess"]}]'
)
IPV6 = "kubernetesNetworkConfig: {ipFamily: IPv6}\n"
IPV6_MESSAGE = (
    "iam.withOIDC: vpc-cni on an IPv6 cluster needs a role; write withOIDC: true under "
    "iam, or list the addon eks-pod-identity-agent"
)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(HEADER, id="header alone"),
        pytest.param(HEADER + "iam:\n", id="iam null"),
        pytest.param(HEADER + "iam: {serviceAccounts: }\n", id="accounts null"),
        pytest.param(HEADER + "iam: {serviceAccounts: []}\n", id="no accounts"),
        pytest.param(HEADER + "iam: {withOIDC: false}\n", id="no OIDC"),
        pytest.param(HEADER + "iam: {withOIDC: true}\n", id="OIDC alone"),
        pytest.param(HEADER + "outpost: {a: b}\n", id="outpost"),
        pytest.param(HEADER + "outpost:\niam: {withOIDC: true}\n", id="outpost null"),
        pytest.param(
            HEADER + "karpenter: {version: 1}\niam: {withOIDC: true}\n", id="karpenter"
        ),
        pytest.param(HEADER + IPV6, id="IPv6 without vpc-cni"),
        pytest.param(
            HEADER + IPV6 + "addons: [{name: vpc-cni}]\niam: {withOIDC: true}\n",
            id="IPv6 with OIDC",
        ),
        pytest.param(
            HEADER
            + IPV6
            + "addons: [{name: vpc-cni}, {name: eks-pod-identity-agent}]\n",
            id="IPv6 with the agent",
        ),
        pytest.param(
            HEADER
            + IPV6
            + "addons: [{name: vpc-cni}, {name: EKS-Pod-Identity-Agent}]\n",
            id="IPv6 with the agent in capitals",
        ),
        pytest.param(
            HEADER
            + IPV6
            + "addons: [{name: vpc-cni}]\nautoModeConfig: {enabled: true}\n",
            id="IPv6 with Auto Mode",
        ),
        pytest.param(
            HEADER + "addons: [{name: x, attachPolicyARNs: [], attachPolicy: {}, "
            "wellKnownPolicies: {ebsCSIController: false}}]\n",
            id="addon that asks for no permissions",
        ),
        pytest.param(
            HEADER + "nodeGroups: [{name: 1, Unknown: [yes, 1_0, {a: }]}]\nvpc: 7\n",
            id="foreign sections",
        ),
        pytest.param(
            HEADER.replace(
                "region: us-west-2",
                "region: us-west-2, version: '1.33', tags: {a: b, c: }, "
                "annotations: {d: e}, forceUpdateVersion: true, rollbackConfig: {}",
            ),
            id="all of metadata",
        ),
        pytest.param(
            HEADER.replace("us-west-2", "us-west-2, tags: {Team: a, team: b}"),
            id="tags that no role gets",
        ),
        pytest.param(
            HEADER
            + "iam: {serviceRoleARN: a, serviceRolePermissionsBoundary: b, "
            + "fargatePodExecutionRoleARN: c, vpcResourceControllerPolicy: false, "
            + "fargatePodExecutionRolePermissionsBoundary: d}\n",
            id="all of iam",
        ),
    ],
)
def test_file_that_eksctl_takes_has_no_problem(text: str) -> None:
    """Files without accounts are right, and the content of foreign sections free."""
    assert problems_of(text) == []


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        pytest.param(
            HEADER.replace("v1alpha5", "v1"),
            [
                (
                    "E-API-VERSION a.yaml:1:13: apiVersion: "
                    "expected 'eksctl.io/v1alpha5', got 'eksctl.io/v1'"
                )
            ],
            id="apiVersion",
        ),
        pytest.param(
            HEADER.replace("kind: ClusterConfig\n", ""),
            ["E-KIND a.yaml:1:1: kind: expected 'ClusterConfig', it is missing"],
            id="no kind",
        ),
        pytest.param(
            "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\n",
            [
                (
                    "E-KEY-MISSING a.yaml:1:1: metadata: "
                    "missing; write the cluster's name and region"
                )
            ],
            id="no metadata",
        ),
        pytest.param(
            HEADER.replace("{name: demo, region: us-west-2}", "{name: , region: ''}"),
            [
                (
                    "E-CLUSTER-NAME a.yaml:3:18: metadata.name: "
                    "missing; write the name of the EKS cluster"
                ),
                (
                    "E-REGION a.yaml:3:28: metadata.region: "
                    "missing; write the AWS region of the EKS cluster"
                ),
            ],
            id="empty metadata",
        ),
        pytest.param(
            HEADER.replace("name: demo", "name: a.b"),
            [
                (
                    "E-CLUSTER-NAME a.yaml:3:18: metadata.name: 'a.b' cannot name an "
                    "EKS "
                    "cluster; a name has 1 to 100 letters, digits, '-' and '_', and "
                    "begins "
                    "with a letter or digit"
                )
            ],
            id="cluster name",
        ),
        pytest.param(
            HEADER.replace("us-west-2", "us-west"),
            [
                (
                    "E-REGION a.yaml:3:32: metadata.region: 'us-west' has not the "
                    "shape of an AWS region; did you mean 'us-west-2'?"
                )
            ],
            id="region",
        ),
        pytest.param(
            HEADER.replace("us-west-2", "mars-north-1"),
            [
                (
                    "E-REGION a.yaml:3:32: metadata.region: 'mars-north-1' has not "
                    "the shape of an AWS region; expected one such as 'us-west-2'"
                )
            ],
            id="region far from any",
        ),
        pytest.param(
            HEADER.replace("us-west-2", "us-west-2, version: 1.33"),
            [
                (
                    "E-TYPE a.yaml:3:52: metadata.version: expected text, got the "
                    "number "
                    '1.33; quote it: "1.33"'
                )
            ],
            id="version without quotes",
        ),
        pytest.param(
            HEADER.replace(
                "us-west-2", "us-west-2, tags: {aws:a: b, eks-irsa/x: v, on: z}"
            )
            + f"iam: {{withOIDC: true, {ACCOUNTS}}}\n",
            [
                (
                    "E-TAG a.yaml:3:50: metadata.tags.aws:a: the tag 'aws:a' begins "
                    "with "
                    "'aws:', which AWS keeps to itself"
                ),
                (
                    "E-TAG a.yaml:3:60: metadata.tags.eks-irsa/x: tags that begin with "
                    "'eks-irsa/' are written by eks-irsa"
                ),
                (
                    "E-TYPE a.yaml:3:75: metadata.tags.on: the key on is not text in "
                    "YAML"
                    '; quote it: "on"'
                ),
            ],
            id="tags of the cluster",
        ),
        pytest.param(
            HEADER + "outpost: {}\niam: {withOIDC: true}\n",
            [
                (
                    "E-OIDC-OUTPOST a.yaml:5:17: iam.withOIDC: clusters on Outposts "
                    "have "
                    "no OIDC provider; take withOIDC: true out"
                )
            ],
            id="OIDC on an Outpost",
        ),
        pytest.param(
            HEADER + "karpenter: {version: '1'}\n",
            [
                (
                    "E-OIDC-KARPENTER a.yaml:1:1: iam.withOIDC: karpenter needs the "
                    "cluster's OIDC provider; write withOIDC: true under iam"
                )
            ],
            id="karpenter without OIDC",
        ),
        pytest.param(
            HEADER + IPV6 + "addons: [{name: vpc-cni}]\niam: {withOIDC: false}\n",
            [f"E-IPV6-IDENTITY a.yaml:6:17: {IPV6_MESSAGE}"],
            id="IPv6 without identity",
        ),
        pytest.param(
            HEADER + "iam: {withOIDC: 'true'}\n",
            [
                (
                    "E-TYPE a.yaml:4:17: iam.withOIDC: expected true or false, got the "
                    "text 'true'"
                )
            ],
            id="OIDC as text",
        ),
        pytest.param(
            HEADER + "iam: {serviceAccounts: {a: b}, withOIDC: true}\n",
            ["E-TYPE a.yaml:4:24: iam.serviceAccounts: expected a list, got a map"],
            id="map of accounts",
        ),
        pytest.param(
            HEADER + "iam: {withOIDC: true, serviceAccounts: [~, a]}\n",
            [
                (
                    "E-TYPE a.yaml:4:41: iam.serviceAccounts[0]: expected a map, got "
                    "nothing"
                ),
                (
                    "E-TYPE a.yaml:4:44: iam.serviceAccounts[1]: expected a map, got "
                    "the "
                    "text 'a'"
                ),
            ],
            id="entries that are none",
        ),
        pytest.param(
            "- a\n",
            ["E-TYPE a.yaml:1:1: expected a ClusterConfig, a map of keys"],
            id="list for the file",
        ),
        pytest.param(
            "# nothing\n",
            ["E-YAML-EMPTY a.yaml:1:1: the file is empty; expected a ClusterConfig"],
            id="empty file",
        ),
        pytest.param(
            HEADER + "\tiam: {}\n",
            ["E-YAML-SYNTAX a.yaml:4:1: a tab cannot indent YAML; indent with spaces"],
            id="tab",
        ),
    ],
)
def test_breach_is_named_with_its_place(text: str, problems: list[str]) -> None:
    """Each problem has its code, line, column and path, and says what to do."""
    assert problems_of(text) == problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "IAM: {withOIDC: true}\n",
            "4:1: IAM: unknown key; did you mean 'iam'?",
        ),
        (
            "serviceAccounts: []\n",
            "4:1: serviceAccounts: unknown key; it belongs under iam",
        ),
        (
            "serviceAccount: []\n",
            "4:1: serviceAccount: unknown key; write iam.serviceAccounts",
        ),
        ("withOIDC: true\n", "4:1: withOIDC: unknown key; it belongs under iam"),
        (
            "region: a\n",
            (
                "4:1: region: unknown key; it belongs under metadata, at the top of "
                "the file"
            ),
        ),
        (
            "nodegroups: []\n",
            "4:1: nodegroups: unknown key; did you mean 'nodeGroups'?",
        ),
        (
            "iam: {serviceAccount: []}\n",
            "4:7: iam.serviceAccount: unknown key; did you mean 'serviceAccounts'?",
        ),
        (
            "iam: {oidc: true}\n",
            "4:7: iam.oidc: unknown key; write withOIDC: true",
        ),
        (
            "iam: {withOidc: true}\n",
            "4:7: iam.withOidc: unknown key; did you mean 'withOIDC'?",
        ),
        (
            "iam: {on: true}\n",
            (
                "4:7: iam.on: unknown key; expected one of fargatePodExecutionRoleARN, "
                "fargatePodExecutionRolePermissionsBoundary, podIdentityAssociations, "
                "serviceAccounts, serviceRoleARN, serviceRolePermissionsBoundary, "
                "vpcResourceControllerPolicy, withOIDC"
            ),
        ),
    ],
)
def test_slip_in_a_key_is_named_with_the_right_one(text: str, problem: str) -> None:
    """The seed page's own `iam.serviceAccount` is among them."""
    assert problems_of(HEADER + text) == [f"E-KEY-UNKNOWN a.yaml:{problem}"]


def test_what_is_not_made_here_is_a_warning() -> None:
    """The role of an add-on that is not known is right, and somebody else's."""
    text = (
        HEADER
        + "addons:\n- {name: coredns}\n- name: adot\n"
        + "  attachPolicyARNs: [x]\n  permissionsBoundary: ''\n"
    )

    assert problems_of(text) == [
        (
            "W-NOT-MADE a.yaml:7:3: warning: addons[1].attachPolicyARNs: the service "
            "account of the add-on 'adot' is not known here, so its role is not made; "
            "leave it to eksctl, or list the service account under "
            "iam.serviceAccounts as roleOnly, and give the add-on the role as "
            "serviceAccountRoleARN"
        ),
    ]


def test_every_problem_is_named_at_once_in_the_order_of_the_file() -> None:
    """Faults of the text, of structure and of meaning stand among one another."""
    text = """\
kind: Cluster
metadata: {name: demo, region: us-west-2, Tags: {}}
kind: ClusterConfig
iam:
  serviceAccounts:
  - metadata: {name: A, labels: {a: 1}}
    attachPolicyARNs: [S3]
  - {}
"""

    assert problems_of(text) == [
        (
            "E-API-VERSION a.yaml:1:1: apiVersion: expected 'eksctl.io/v1alpha5', it "
            "is "
            "missing"
        ),
        "E-KIND a.yaml:1:7: kind: expected 'ClusterConfig', got 'Cluster'",
        "E-KEY-UNKNOWN a.yaml:2:43: metadata.Tags: unknown key; did you mean 'tags'?",
        (
            "E-YAML-DUPLICATE-KEY a.yaml:3:1: kind: the key 'kind' is here already, on "
            "line 1; keep one"
        ),
        (
            "E-SA-NAME a.yaml:6:22: iam.serviceAccounts[0].metadata.name: 'A' cannot "
            "name "
            "a service account; a name has 1 to 253 lower-case letters, digits, '-' "
            "and "
            "'.', and each part between dots begins and ends with a letter or digit "
            "(RFC "
            "1123)"
        ),
        (
            "E-TYPE a.yaml:6:37: iam.serviceAccounts[0].metadata.labels.a: expected "
            "text"
            ', got the integer 1; quote it: "1"'
        ),
        (
            "E-POLICY-ARN a.yaml:7:24: iam.serviceAccounts[0].attachPolicyARNs[0]: "
            "'S3' "
            "is not the ARN of a policy; expected arn:<partition>:iam::<12 digits or "
            "'aws'>:policy/<name>"
        ),
        (
            "E-SA-NAME a.yaml:8:5: iam.serviceAccounts[1].metadata: missing; write the "
            "name of the service account"
        ),
        (
            "E-SA-NO-POLICY a.yaml:8:5: iam.serviceAccounts[1]: the entry grants "
            "nothing; "
            "give attachPolicyARNs, attachPolicy, wellKnownPolicies or attachRoleARN"
        ),
    ]
