"""Clusters whose file, or whose state in AWS, leaves associations without effect."""

import json
from typing import Any, Final

import pytest
from plans import CLUSTER, entry, planned

from eks_irsa.cluster_config.entries import Entry
from eks_irsa.cluster_config.reading import parse_cluster_config
from eks_irsa.errors import InvalidInputError
from eks_irsa.identity.model import Identity, IdentityMode, Mode
from eks_irsa.plan.model import Cluster
from eks_irsa.plan.planning import plan
from eks_irsa.plan.pod_identity import Agent, agent_findings, pod_identity_findings
from eks_irsa.settings.reading import settings_of_config

KEYS: Final = ("apps/a", "apps/b", "shop/c")
AGENT: Final = {"name": "eks-pod-identity-agent"}
FARGATE: Final = "W-POD-IDENTITY-FARGATE"


def found(
    identity: str = "podIdentity", *, assumed: bool = True, **sections: object
) -> list[tuple[str, str, str]]:
    """Plan three entries beside sections of a file; give what is said of these."""
    config = {
        "apiVersion": "eksctl.io/v1alpha5",
        "kind": "ClusterConfig",
        "metadata": {"name": CLUSTER.name, "region": CLUSTER.region},
        "iam": {"withOIDC": True, "serviceAccounts": [entry(key) for key in KEYS]},
        **sections,
    }
    file = parse_cluster_config(
        json.dumps(config).encode(), source="shop.yaml", partly=True
    )
    settings = settings_of_config(
        {"eks-irsa:defaults": json.dumps({"identity": identity})}
    )
    cluster = Cluster.assumed_for(file.config) if assumed else CLUSTER
    try:
        problems = plan(file, stack_settings=settings, cluster=cluster).warnings
    except InvalidInputError as error:
        problems = tuple(error.problems)
    return [(one.path, one.code, one.message) for one in problems]


def profile(**selector: object) -> list[object]:
    """Write Fargate profiles of which one has one selector."""
    return [{"name": "none"}, {"name": "f", "selectors": [selector]}]


@pytest.mark.parametrize("namespace", ["apps", "ap?s", "*", "a*"])
def test_fargate_profile_that_takes_pods_of_entries_is_named(namespace: str) -> None:
    """Pods on Fargate never reach an agent; a selector knows two wildcards."""
    ((path, code, message), *more) = found(fargateProfiles=profile(namespace=namespace))

    entries = "'apps/a', 'apps/b'" + (", 'shop/c'" if namespace == "*" else "")
    assert more == []
    assert (path, code) == ("fargateProfiles[1].selectors[0].namespace", FARGATE)
    assert message == (
        f"all pods of its namespace run on Fargate, with those of {entries}, and get "
        "no credentials from EKS Pod Identity there; set identity to irsa for what "
        "runs on Fargate"
    )


def test_fargate_profile_with_labels_may_take_pods() -> None:
    """The labels of pods are in no file of ours."""
    selector: dict[str, Any] = {"namespace": "shop", "labels": {"on": "fargate"}}

    ((_, code, message),) = found(fargateProfiles=profile(**selector))

    assert (code, message) == (
        FARGATE,
        (
            "pods with its labels run on Fargate, where they may belong to 'shop/c', "
            "and get no credentials from EKS Pod Identity there; set identity to irsa "
            "for what runs on Fargate"
        ),
    )


@pytest.mark.parametrize(
    "profiles",
    [
        profile(namespace="other"),
        profile(namespace="app[s]"),
        profile(namespace="{apps,x}"),
        profile(namespace=3),
        profile(),
        [None, "f", {"selectors": "apps"}, {"selectors": [None]}],
        "apps",
        {},
    ],
)
def test_fargate_profile_that_takes_none_says_nothing(profiles: object) -> None:
    """What is in it is eksctl's to check."""
    assert found(fargateProfiles=profiles) == []


@pytest.mark.parametrize("section", ["nodeGroups", "managedNodeGroups"])
def test_windows_nodes_are_named_once(section: str) -> None:
    """Whose pods run there the file does not say."""
    windows = {"amiFamily": "WindowsServer2022CoreContainer"}

    given: dict[str, Any] = {section: [{"amiFamily": "Bottlerocket"}, windows, windows]}

    assert found(**given) == [
        (
            f"{section}[1].amiFamily",
            "W-POD-IDENTITY-WINDOWS",
            (
                "pods on Windows nodes get no credentials from EKS Pod Identity; set "
                "identity to irsa for what runs there"
            ),
        )
    ]


@pytest.mark.parametrize(
    "groups", [[{"amiFamily": "AmazonLinux2023"}], [{}], [None], "Windows", None]
)
def test_nodes_of_another_kind_say_nothing(groups: object) -> None:
    """Without a family eksctl takes Amazon Linux."""
    assert found(nodeGroups=groups) == []


def test_cluster_on_an_outpost_is_refused() -> None:
    """AWS has no EKS Pod Identity there."""
    assert (
        "outpost",
        "E-POD-IDENTITY-OUTPOST",
        "clusters on Outposts have no EKS Pod Identity; take the associations out",
    ) in found(outpost={"controlPlaneOutpostARN": "a"})


def test_agent_that_is_not_among_the_listed_add_ons_is_missed() -> None:
    """The file says what the cluster has, as far as it lists anything."""
    assert found(addons=[{"name": "coredns"}]) == [
        (
            "addons",
            "W-POD-IDENTITY-AGENT",
            (
                "the add-on eks-pod-identity-agent is not among them, and without the "
                "agent pods get no credentials from EKS Pod Identity; list it, unless "
                "it is installed in another way"
            ),
        )
    ]


@pytest.mark.parametrize(
    "sections",
    [
        {},
        {"addons": []},
        {"addons": [{"name": "coredns"}, AGENT]},
        {"addons": [{"name": "EKS-Pod-Identity-Agent"}]},
        {"addons": [{"name": "coredns"}], "autoModeConfig": {"enabled": True}},
    ],
)
def test_agent_that_may_be_there_is_not_missed(sections: dict[str, Any]) -> None:
    """A file without add-ons says nothing of them, and Auto Mode has the agent."""
    assert found(**sections) == []


def test_add_ons_of_a_cluster_that_was_looked_up_are_asked_of_aws() -> None:
    """One cause, one message."""
    assert found(assumed=False, addons=[{"name": "coredns"}]) == []


def test_hybrid_nodes_need_an_agent_of_their_own_kind() -> None:
    """They have no metadata service that would give the agent credentials."""
    told = {**AGENT, "configurationValues": '{"daemonsets":{"hybrid":{"create":true}}}'}

    ((path, code, message),) = found(remoteNetworkConfig={"iam": {}}, addons=[AGENT])

    assert (path, code) == ("remoteNetworkConfig", "W-POD-IDENTITY-HYBRID")
    assert message == (
        "pods on hybrid nodes get no credentials from EKS Pod Identity unless the "
        "add-on eks-pod-identity-agent has the configurationValues "
        '{"daemonsets": {"hybrid": {"create": true}}} and the nodes have '
        "enableCredentialsFile: true under spec.hybrid"
    )
    assert found(remoteNetworkConfig={"iam": {}}, addons=[told]) == []


def test_file_without_associations_is_not_looked_at() -> None:
    """Tokens work on Fargate and Windows, and with no agent at all."""
    sections: dict[str, Any] = {
        "addons": [{"name": "coredns"}],
        "fargateProfiles": profile(namespace="*"),
        "nodeGroups": [{"amiFamily": "WindowsServer2022CoreContainer"}],
        "remoteNetworkConfig": {"iam": {}},
    }

    assert found("irsa", **sections) == []
    assert len(found("both", **sections)) == 4


def test_cluster_without_the_agent_is_named_with_the_command_that_adds_it() -> None:
    """Nothing fails without it but the pods."""
    (one,) = agent_findings(CLUSTER, Agent(exists=False))

    assert (one.path, one.code, one.severity, one.message) == (
        ("iam",),
        "W-POD-IDENTITY-AGENT",
        "warning",
        (
            "the cluster shop has no add-on eks-pod-identity-agent and is not in EKS "
            "Auto Mode; unless the agent is installed in another way, pods get no "
            "credentials from EKS Pod Identity; run aws eks create-addon "
            "--cluster-name shop --region us-west-2 --addon-name eks-pod-identity-agent"
        ),
    )
    assert [*agent_findings(CLUSTER, Agent())] == []


def test_agent_that_could_not_be_looked_up_is_said() -> None:
    """A caller may not be allowed to describe add-ons."""
    (one,) = agent_findings(CLUSTER, Agent(unread="AccessDenied"))

    assert (one.code, one.severity, one.message) == (
        "W-NOT-LOOKED-UP",
        "warning",
        (
            "whether the cluster has the add-on eks-pod-identity-agent could not be "
            "looked up (AccessDenied); without the agent pods get no credentials from "
            "EKS Pod Identity"
        ),
    )


def moved(
    identity: IdentityMode, mode: Mode, *, section: IdentityMode
) -> list[tuple[object, ...]]:
    """Give what is said of an entry of a section that settings move."""
    at = ("iam", "podIdentityAssociations", 0)
    decided = Identity(
        namespace="apps",
        name="a",
        mode=mode,
        subject="",
        labels={},
        annotations={},
        role_arn="arn:aws:iam::111122223333:role/r",
        attach_role_arn=None,
        role=planned(entry("apps/a")).service_accounts[0].role,
        identity=identity,
    )
    read = Entry(
        path=at,
        identity=section,
        fields={"service_account_mode": "notManaged"},
        places={},
    )
    config = parse_cluster_config(
        b'{"apiVersion": "eksctl.io/v1alpha5", "kind": "ClusterConfig",'
        b' "metadata": {"name": "shop", "region": "us-west-2"}}',
        source="shop.yaml",
    ).config
    findings = pod_identity_findings(
        config, {at: decided}, cluster=CLUSTER, entries={at: read}
    )
    return [(one.path, one.code, one.severity, one.message) for one in findings]


@pytest.mark.parametrize("identity", ["irsa", "both"])
def test_moved_entry_that_nobody_annotates_is_named(identity: IdentityMode) -> None:
    """Tokens come by the annotation, and an association needs none."""
    assert moved(identity, "notManaged", section="podIdentity") == [
        (
            ("iam", "podIdentityAssociations", 0),
            "W-NOT-ANNOTATED",
            "warning",
            (
                "pods get tokens by the annotation of the service account, which is "
                "not managed here; set patchExisting: [apps/a] to annotate it in "
                "place, write createServiceAccount: true in the entry, or annotate it "
                "with the role's ARN"
            ),
        )
    ]


@pytest.mark.parametrize(
    ("identity", "mode", "section"),
    [
        ("both", "patched", "podIdentity"),
        ("irsa", "created", "podIdentity"),
        ("podIdentity", "notManaged", "podIdentity"),
        ("irsa", "notManaged", "irsa"),
    ],
)
def test_entry_that_is_annotated_or_need_not_be_says_nothing(
    identity: IdentityMode, mode: Mode, section: IdentityMode
) -> None:
    """`roleOnly` is a person's own word."""
    assert moved(identity, mode, section=section) == []
