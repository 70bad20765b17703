"""Runs of the stack program whose registrations are kept: settings and states.

Each is the last of a chain of runs, in which every run finds in the state what the one
before registered.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from stack_runs import KUBECONFIG, Project, cluster_config

from eks_irsa.testing import Deployment, Secret
from eks_irsa.testing.mock_aws import (
    ACCOUNT_ID,
    CLUSTER_ARN,
    Invokes,
    described_cluster,
)

__all__ = ["LIVE", "SETTINGS", "STATES", "StackRun", "run_chain"]

Entries = Mapping[str, Mapping[str, object]]

_POLICY: Final = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
_BOUNDARY: Final = f"arn:aws:iam::{ACCOUNT_ID}:policy/boundary"
_THEIR_ROLE: Final = f"arn:aws:iam::{ACCOUNT_ID}:role/team/theirs"
_INLINE: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}
_GRANTS: Final = {"attachPolicyARNs": [_POLICY]}

# What the API server has before a stack takes it over.
LIVE: Final[Mapping[str, Mapping[str, str] | int]] = {
    "apps/plain": {},
    "apps/other-role": {"eks.amazonaws.com/role-arn": _THEIR_ROLE},
    "apps/forbidden": 403,
}

# One entry of each kind.
_KINDS: Final[Entries] = {
    "apps/reader": {
        "metadata": {"labels": {"team": "shop"}, "annotations": {"note": "kept"}},
        "attachPolicyARNs": [_POLICY],
        "permissionsBoundary": f"arn:aws:iam::{ACCOUNT_ID}:policy/of-the-file",
        "roleName": "reader",
        "tags": {"cost": "1"},
    },
    "apps/writer": {"attachPolicy": _INLINE},
    "shop/theirs": {"attachRoleARN": _THEIR_ROLE},
    "kube-system/controller": {
        "wellKnownPolicies": {"ebsCSIController": True, "autoScaler": True},
        "roleOnly": True,
    },
}


@dataclass(frozen=True, kw_only=True)
class StackRun:
    """One run of the stack program.

    Attributes:
        entries: Of the ClusterConfig, `<namespace>/<name>` -> the other keys.
        settings: Of the stack.
        config: Pulumi's configuration beside them.
        answers: Of AWS.
        associations: What EKS has, `<namespace>/<name>` -> id.
        preview: Preview instead of `up`.
    """

    entries: Entries = field(default_factory=lambda: _KINDS)
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    config: Mapping[str, str] = field(default_factory=dict[str, str])
    answers: Invokes = field(default_factory=dict[str, Any])
    associations: Mapping[str, str] = field(default_factory=dict[str, str])
    preview: bool = False


def run_chain(project: Project, *chain: StackRun) -> Deployment:
    """Run one after the other, and give what the last registered."""
    *former, last = chain
    state = _state_after(project, former)
    settings = {
        f"eks-irsa:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in last.settings.items()
    }
    return project.run(
        cluster_config(last.entries),
        config={**last.config, **settings},
        answers=last.answers,
        state=state,
        associations=last.associations,
        preview=last.preview,
    )


def _state_after(
    project: Project, chain: Sequence[StackRun]
) -> Mapping[str, object] | None:
    """Give the state that runs left; equal ones are run once."""
    if not chain:
        return None
    first, *further = chain
    if first.answers == _OURS and "oidcProvider" not in first.settings:
        # Ours is the provider that this very run makes.
        chain = [replace(first, answers={}), *further]
    key = repr(chain)
    if key not in project.states:
        made = run_chain(project, *chain)
        if made.error:
            raise made.error
        project.states[key] = made.state
    return project.states[key]


def _oidc_provider(*, ours: bool, client_ids: tuple[str, ...] = ()) -> Invokes:
    """Answer that the cluster's OIDC provider exists."""
    tags = {
        "eks-irsa/cluster": CLUSTER_ARN,
        "eks-irsa/stack": "organization/eks-irsa/test",
    }
    answer = {
        "clientIdLists": [*(client_ids or ("sts.amazonaws.com",))],
        "tags": tags if ours else {"eks-irsa/stack": "organization/eks-irsa/another"},
    }
    return {"aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider": answer}


def _their_role(asked: Mapping[str, Any]) -> dict[str, Any] | str:
    """Have one role, that another tool made."""
    if asked["name"] == "theirs-1ABC":
        return {"name": asked["name"], "tags": {"made-by": "eksctl"}}
    return f"reading IAM Role ({asked['name']}): couldn't find resource"


def _made_again(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a cluster of the same name with another issuer and endpoint."""
    found = described_cluster(asked)
    issuer = found["identities"][0]["oidcs"][0]["issuer"].replace("0123", "9876")
    return found | {
        "endpoint": "https://made-again.test",
        "certificateAuthorities": [{"data": "Q0Ey"}],
        "identities": [{"oidcs": [{"issuer": issuer}]}],
    }


_OURS: Final = _oidc_provider(ours=True)
_THEIRS: Final = _oidc_provider(ours=False)
_MADE_AGAIN: Final[Invokes] = {"aws:eks/getCluster:getCluster": _made_again}
# Clusters are looked up at once, and issuers that count would depend on the order.
_BY_REGION: Final[Invokes] = {"aws:eks/getCluster:getCluster": described_cluster}
_ALL_OF_A_ROLE: Final = {
    "permissionsBoundary": _BOUNDARY,
    "rolePath": "/eks/",
    "tags": {"team": "shop", "cost": "2"},
    "maxSessionDurationSeconds": 7200,
    "managedByLabel": "argocd",
}
_POLICIES: Final = [f"arn:aws:iam::{ACCOUNT_ID}:policy/p{n}" for n in range(12)]
_LIMITS: Final = {
    "managedPoliciesPerRole": 12,
    "trustPolicyCharacters": 4096,
    "inlinePolicyCharacters": 20480,
    "tagsPerRole": 60,
    "annotationBytes": 1000,
}


def _with(
    answers: Invokes | None = None, *, preview: bool = False, **settings: object
) -> StackRun:
    return StackRun(settings=settings, answers=answers or {}, preview=preview)


SETTINGS: Final[Mapping[str, StackRun]] = {
    "none": _with(),
    "none, previewed": _with(preview=True),
    "accountId": _with(accountId=ACCOUNT_ID),
    "accountId of another": _with(accountId="999999999999"),
    "audience": _with(audience="vault"),
    "audience that the provider lacks": _with(_THEIRS, audience="vault"),
    "audience of an existing provider": _with(
        _oidc_provider(ours=False, client_ids=("sts.amazonaws.com", "vault")),
        audience="vault",
    ),
    "oidcProvider auto, theirs": _with(_THEIRS),
    "oidcProvider auto, ours": _with(_OURS),
    "oidcProvider managed": _with(oidcProvider="managed"),
    "oidcProvider managed, ours": _with(_OURS, oidcProvider="managed"),
    "oidcProvider managed, theirs": _with(_THEIRS, oidcProvider="managed"),
    "oidcProvider existing": _with(oidcProvider="existing"),
    "oidcProvider existing, theirs": _with(_THEIRS, oidcProvider="existing"),
    "oidcProvider existing, ours": _with(_OURS, oidcProvider="existing"),
    "kubernetes off": _with(kubernetes="off"),
    "kubeconfig, a path": _with(kubeconfig=KUBECONFIG),
    "kubeconfig, a secret": _with(kubeconfig=Secret('{"kind":"Config"}')),
    "kubeconfig, its content": _with(kubeconfig='{"kind":"Config"}'),
    "createNamespaces false": _with(createNamespaces=False),
    "patchExisting": StackRun(
        entries=dict.fromkeys([*LIVE, "apps/absent", "apps/new"], _GRANTS),
        settings={"patchExisting": ["apps/[!n]*"], "kubeconfig": KUBECONFIG},
    ),
    "patchExisting without a kubeconfig that works": _with(
        patchExisting=["apps/reader"], kubeconfig="missing.yaml"
    ),
    "defaults": _with(defaults=_ALL_OF_A_ROLE),
    "overrides": _with(overrides={"apps/*": _ALL_OF_A_ROLE}),
    "overrides with policies by name": _with(
        overrides={
            "apps/reader": {
                "namedPolicies": {
                    "kedaSqs": {"queueArns": "*"},
                    "adotTraces": {},
                }
            }
        }
    ),
    "defaults without the label": _with(defaults={"managedByLabel": ""}),
    "trustedClusters": _with(
        {**_THEIRS, **_BY_REGION},
        defaults={"trustedClusters": [{"name": "green", "region": "eu-west-1"}]},
        overrides={"apps/writer": {"trustedClusters": []}},
    ),
    "trustedClusters without a provider": _with(
        _BY_REGION,
        defaults={"trustedClusters": [{"name": "green", "region": "eu-west-1"}]},
    ),
    "identity podIdentity": _with(defaults={"identity": "podIdentity"}),
    "identity both": replace(
        _with(
            defaults={"identity": "both"},
            overrides={"apps/reader": {"associationId": "a-abcdefghijklmnop1"}},
        ),
        associations={"apps/reader": "a-abcdefghijklmnop1"},
    ),
    "identity both, without the association of the setting": _with(
        defaults={"identity": "both"},
        overrides={"apps/reader": {"associationId": "a-abcdefghijklmnop1"}},
    ),
    "identity podIdentity, kubernetes off": _with(
        defaults={"identity": "podIdentity"}, kubernetes="off"
    ),
    "identity both, trustedClusters": _with(
        {**_THEIRS, **_BY_REGION},
        defaults={
            "identity": "both",
            "trustedClusters": [{"name": "green", "region": "eu-west-1"}],
        },
        overrides={"apps/writer": {"identity": "podIdentity"}},
    ),
    "adopt": StackRun(
        entries={
            "apps/plain": {"attachPolicyARNs": [_POLICY], "attachPolicy": _INLINE},
            "apps/writer": _GRANTS,
        },
        settings={
            "kubeconfig": KUBECONFIG,
            "overrides": {
                "apps/plain": {
                    "roleName": "theirs-1ABC",
                    "roleDescription": "",
                    "inlinePolicyNames": {"attachPolicy": "theirs-Policy1"},
                }
            },
            "adopt": {
                "apps/plain": {
                    "role": "theirs-1ABC",
                    "attachedPolicies": [_POLICY],
                    "inlinePolicies": ["theirs-Policy1"],
                    "serviceAccount": True,
                }
            },
        },
        answers={"aws:iam/getRole:getRole": _their_role},
    ),
    "renames": _with(renames={"apps/old": "apps/writer", "a/older": "apps/old"}),
    "limits": StackRun(
        entries={"apps/many": {"attachPolicyARNs": _POLICIES}},
        settings={"limits": _LIMITS},
    ),
    "limits, none raised": StackRun(entries={"a/b": {"attachPolicyARNs": _POLICIES}}),
    "rules that are kept": _with(rules={"namespaces": ["apps", "*"]}),
    "rules that are broken": _with(rules={"namespaces": ["apps"]}),
    "include": _with(include=["apps/*"]),
    "exclude": _with(exclude=["apps/*"]),
    "aws:profile and aws:assumeRole": StackRun(
        config={
            "aws:profile": "production",
            "aws:assumeRole": '{"roleArn": "arn:aws:iam::111122223333:role/deployer"}',
        }
    ),
    "aws:assumeRoles, two of them": StackRun(
        config={"aws:assumeRoles": '[{"roleArn": "a"}, {"roleArn": "b"}]'}
    ),
}

# What is done with the service account: the entry's other keys, and the settings.
_MODES: Final[Mapping[str, tuple[Mapping[str, object], Mapping[str, object]]]] = {
    "created": (_GRANTS, {}),
    "patched": (_GRANTS, {"patchExisting": ["apps/*"], "kubeconfig": KUBECONFIG}),
    "not managed": ({**_GRANTS, "roleOnly": True}, {}),
    "created with their role": ({"attachRoleARN": _THEIR_ROLE}, {}),
    "off": (_GRANTS, {"kubernetes": "off"}),
}


def _mode(mode: str, key: str = "apps/plain", **more: object) -> StackRun:
    entry, settings = _MODES[mode]
    return StackRun(entries={key: entry}, settings={**settings, **more}, answers=_OURS)


def _transitions() -> dict[str, tuple[StackRun, ...]]:
    """Name every way from one mode to another, and two of them after a rename."""
    renamed: dict[str, Any] = {"renames": {"apps/old": "apps/plain"}}
    chains = {
        f"{old}, then {new}": (_mode(old), _mode(new))
        for old in _MODES
        for new in _MODES
    }
    chains |= {
        f"{old}, then renamed and {new}": (
            _mode(old, "apps/old"),
            _mode(new, **renamed),
        )
        for old in ("created", "patched")
        for new in ("created", "patched", "not managed")
    }
    return chains


def _named(**keys: object) -> StackRun:
    return StackRun(entries={"apps/plain": {**_GRANTS, **keys}}, answers=_OURS)


_NOT_MANAGED: Final = _mode("not managed")
STATES: Final[Mapping[str, tuple[StackRun, ...]]] = {
    **_transitions(),
    "created, then not managed twice": (_mode("created"), _NOT_MANAGED, _NOT_MANAGED),
    "another role name": (_named(roleName="one"), _named(roleName="two")),
    "another role path": (_with(_OURS), _with(_OURS, defaults={"rolePath": "/eks/"})),
    "a second run": (_with(), _with(_OURS)),
    "an entry less": (_with(_OURS), _mode("created")),
    "the provider is theirs now": (_with(), _with(_THEIRS)),
    "the provider is gone": (_with(), _with()),
    "the provider was theirs": (_with(_THEIRS), _with(_OURS)),
    "the provider was read, now managed": (
        _with(_OURS, oidcProvider="existing"),
        _with(_OURS, oidcProvider="managed"),
    ),
    "the cluster was made again": (_with(), StackRun(answers=_MADE_AGAIN)),
}
