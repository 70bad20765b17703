"""Components whose registrations are kept: each input and mode, a caller's options."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from eks_irsa import (
    EksOidcProvider,
    IdentityMode,
    IrsaServiceAccount,
    OidcProviderMode,
    ServiceAccountMode,
)
from eks_irsa.testing.mock_aws import ACCOUNT_ID, ISSUER_URL

__all__ = [
    "CHANGES",
    "PROVIDERS",
    "SERVICE_ACCOUNTS",
    "known_later",
    "oidc_provider",
    "secret",
    "service_account",
]

_ISSUER: Final = ISSUER_URL.removeprefix("https://")
_PROVIDER_ARN: Final = f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{_ISSUER}"
_OTHER_PROVIDER_ARN: Final = _PROVIDER_ARN.replace("us-west-2", "eu-west-1")
_POLICY: Final = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
_INLINE: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}

Inputs = Mapping[str, Any]
Late = Callable[[pulumi.Output[str], object], pulumi.Output[Any]]

_LEAST: Final[Inputs] = {
    "service_account_name": "reader",
    "namespace": "apps",
    "oidc_provider_arn": _PROVIDER_ARN,
}
# Every input that says something of one service account with a role of its own.
_EACH: Final[Inputs] = {
    "trusted_provider_arns": [_OTHER_PROVIDER_ARN],
    "subjects": ["jobs:reader-*", "jobs:writer"],
    "trust_conditions": {"StringEquals": {"aws:RequestedRegion": "us-west-2"}},
    "trust_statements": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:role/debug"},
            "Action": "sts:AssumeRole",
        }
    ],
    "audience": "vault",
    "subject_pattern": "reader-*",
    "attach_policy_arns": [_POLICY],
    "attach_policies": {"own": f"arn:aws:iam::{ACCOUNT_ID}:policy/own"},
    "well_known_policies": ["ebsCSIController", "certManager"],
    "inline_policies": {"inline": _INLINE},
    "inline_policy_names": {"inline": "theirs", "PolicyCertManagerGetChange": "get"},
    "named_policies": {
        "ebsCsiDriver": {"kmsKeyArns": f"arn:aws:kms:us-west-2:{ACCOUNT_ID}:key/ebs"},
        "efsCsiDriver": {},
        "kedaSqs": {"queueArns": ["*"]},
    },
    "permissions_boundary": f"arn:aws:iam::{ACCOUNT_ID}:policy/boundary",
    "role_name": "reader-role",
    "role_path": "/eks/",
    "role_description": "Reads.",
    "max_session_duration_seconds": 7200,
    "tags": {"team": "shop"},
}
# Every input that says something of the service account itself.
_OF_SERVICE_ACCOUNT: Final[Inputs] = {
    "create_namespace": True,
    "labels": {"team": "shop"},
    "annotations": {"note": "kept"},
    "image_pull_secrets": ["registry", "mirror"],
    "automount_service_account_token": False,
    "token_expiration_seconds": 3600,
    "sts_regional_endpoints": False,
}
_NOT_MANAGED: Final = frozenset({"not managed", "retained"})
_MODES: Final[Mapping[str, Inputs]] = {
    "created": {"service_account_mode": ServiceAccountMode.CREATED},
    "patched": {"service_account_mode": ServiceAccountMode.PATCHED},
    "not managed": {"service_account_mode": ServiceAccountMode.NOT_MANAGED},
    "retained": {"service_account_mode": ServiceAccountMode.RETAINED},
}
_THEIR_ROLE: Final[Inputs] = {
    "service_account_name": "reader",
    "namespace": "apps",
    "role_arn": f"arn:aws:iam::{ACCOUNT_ID}:role/team/theirs",
}
_OF_A_CLUSTER: Final[Inputs] = {
    "service_account_name": "reader",
    "cluster_name": "cluster-13",
    "cluster_region": "eu-west-1",
}
_BY_ASSOCIATION: Final[Inputs] = {
    **_OF_A_CLUSTER,
    "identity": IdentityMode.POD_IDENTITY,
}
# Every input that says something of an association alone.
_OF_ASSOCIATION: Final[Inputs] = {
    "target_role_arn": "arn:aws:iam::444455556666:role/theirs",
    "disable_session_tags": True,
    "session_policy": _INLINE,
    "association_id": "a-abcdefghijklmnop1",
}
_TRUSTED_CLUSTER: Final = f"arn:aws:eks:us-west-2:{ACCOUNT_ID}:cluster/green"
_OF_TOKENS: Final = frozenset(
    {"audience", "subject_pattern", "subjects", "trusted_provider_arns"}
)
_EACH_BY_ASSOCIATION: Final[Inputs] = {
    key: value for key, value in _EACH.items() if key not in _OF_TOKENS
}

SERVICE_ACCOUNTS: Final[Mapping[str, Inputs]] = {
    "all inputs": {**_LEAST, **_EACH, **_OF_SERVICE_ACCOUNT},
    "the least": _LEAST,
    **{
        f"{key} alone": {**_LEAST, key: value}
        for key, value in {**_EACH, **_OF_SERVICE_ACCOUNT}.items()
    },
    **{
        f"{mode} with all inputs": {
            **_LEAST,
            **_EACH,
            **({} if mode in _NOT_MANAGED else _OF_SERVICE_ACCOUNT),
            **inputs,
        }
        for mode, inputs in _MODES.items()
    },
    **{
        f"{mode} with their role": {**_THEIR_ROLE, **inputs}
        for mode, inputs in _MODES.items()
        if mode != "not managed"  # nothing would be made
    },
    "a cluster by name": _OF_A_CLUSTER,
    "a cluster by name, with credentials": {
        **_OF_A_CLUSTER,
        "provider_credential_opts": {
            "profile_name": "production",
            "role_arn": f"arn:aws:iam::{ACCOUNT_ID}:role/deployer",
        },
    },
    "a cluster by name beside its provider": {
        **_OF_A_CLUSTER,
        "oidc_provider_arn": _PROVIDER_ARN,
    },
    "a cluster by name beside their role": {**_OF_A_CLUSTER, **_THEIR_ROLE},
    "a cluster by name, patched": {**_OF_A_CLUSTER, **_MODES["patched"]},
    "a cluster by name, retained": {**_OF_A_CLUSTER, **_MODES["retained"]},
    "a cluster by name, waited for": {**_OF_A_CLUSTER, "wait": True},
    "a cluster by issuer": {
        "service_account_name": "reader",
        "issuer_url": ISSUER_URL,
        "tags": {"team": "shop"},
        "audience": "vault",
    },
    "by association": _BY_ASSOCIATION,
    "by association with all inputs": {
        **_BY_ASSOCIATION,
        **_EACH_BY_ASSOCIATION,
        **_OF_ASSOCIATION,
        "trusted_cluster_arns": [_TRUSTED_CLUSTER],
        **_OF_SERVICE_ACCOUNT,
    },
    "by association with a target role": {
        **_BY_ASSOCIATION,
        "role_name": "reader-role",
        "attach_policies": _EACH["attach_policies"],
        "target_role_arn": _OF_ASSOCIATION["target_role_arn"],
        "trusted_cluster_arns": [_TRUSTED_CLUSTER],
    },
    "by association with their role, not managed": {
        **_THEIR_ROLE,
        **_BY_ASSOCIATION,
        **_MODES["not managed"],
        "tags": {"team": "shop"},
    },
    "by both": {**_BY_ASSOCIATION, **_EACH, "identity": IdentityMode.BOTH},
    "by both beside its provider": {
        **_BY_ASSOCIATION,
        "identity": IdentityMode.BOTH,
        "oidc_provider_arn": _PROVIDER_ARN,
    },
    "by both with their role": {
        **_THEIR_ROLE,
        **_BY_ASSOCIATION,
        "identity": IdentityMode.BOTH,
    },
    "imported": {
        **_LEAST,
        **{key: _EACH[key] for key in ("attach_policy_arns", "attach_policies")},
        "inline_policies": {"inline": _INLINE, "new": _INLINE},
        "inline_policy_names": {"inline": "theirs"},
        "role_name": "reader-role",
        "adopt": {
            "role": "reader-role",
            "attached_policies": [_POLICY],
            "inline_policies": ["theirs"],
            "service_account": True,
        },
    },
    "a built-in namespace": {**_LEAST, "namespace": "kube-system"},
    "a namespace of others": {**_LEAST, "create_namespace": False},
}
_P: Final = f"arn:aws:iam::{ACCOUNT_ID}:policy/p"
_Q: Final = f"arn:aws:iam::{ACCOUNT_ID}:policy/q"


def _arns(*arns: str) -> Inputs:
    return {**_LEAST, "attach_policy_arns": [*arns]}


def _keys(**keys: str) -> Inputs:
    return {**_LEAST, "attach_policies": keys}


# What a component was given in the run before, and what it is given now.
CHANGES: Final[Mapping[str, tuple[Inputs, Inputs]]] = {
    "an ARN gets a key": (_arns(_P), _keys(app=_P)),
    "a key goes, its ARN stays": (_keys(app=_P), _arns(_P)),
    "a key is renamed": (_keys(app=_P), _keys(web=_P)),
    "a key gets another ARN": (_keys(app=_P), _keys(app=_Q)),
    "a key takes another's ARN": (_keys(app=_P, web=_Q), _keys(app=_Q)),
    "a policy goes": (_arns(_P, _Q), _arns(_Q)),
    "nothing": (_arns(_P), _arns(_P)),
}
PROVIDERS: Final[Mapping[str, Inputs]] = {
    "by issuer and cluster": {
        "issuer_url": ISSUER_URL,
        "cluster_arn": f"arn:aws:eks:us-west-2:{ACCOUNT_ID}:cluster/x",
        "client_ids": ["vault", "sts.amazonaws.com"],
        "thumbprints": ["0" * 40],
        "tags": {"team": "shop"},
    },
    "by issuer": {"issuer_url": ISSUER_URL},
    "by name": {"cluster_name": "x", "cluster_region": "eu-west-1"},
    "existing": {"cluster_name": "x", "mode": OidcProviderMode.EXISTING},
    "managed": {"cluster_name": "x", "mode": OidcProviderMode.MANAGED},
    "imported": {"cluster_name": "x", "import_arn": _PROVIDER_ARN},
}


def service_account(
    inputs: Inputs,
    *,
    name: str = "x",
    late: Late | None = None,
    options: bool = False,
) -> Callable[[], None]:
    """Return a program with one service account and another resource of its own.

    Args:
        inputs: Inputs of the component.
        name: Its name.
        late: Makes an Output of each value that may be one, of a resource's ARN.
        options: The caller gives every option that a component takes.
    """

    def program() -> None:
        cluster = kubernetes.Provider("own", kubeconfig="{}")
        region = aws.Provider("eu", region="eu-west-1")
        providers = [cluster, region] if options else [cluster]
        whole = _outputs(inputs, late) if late else inputs
        made = IrsaServiceAccount(
            name,
            cast("Any", whole),
            _all_options(providers) if options else _options_of(inputs, providers),
        )
        for output in IrsaServiceAccount.__annotations__:
            pulumi.export(output, getattr(made, output))

    return program


def oidc_provider(inputs: Inputs) -> Callable[[], None]:
    """Return a program with one OIDC provider."""

    def program() -> None:
        made = EksOidcProvider("x", cast("Any", inputs))
        for name in EksOidcProvider.__annotations__:
            pulumi.export(name, getattr(made, name))

    return program


def _options_of(
    inputs: Inputs, providers: Sequence[pulumi.ProviderResource]
) -> pulumi.ResourceOptions:
    # With a cluster's name the component builds the Kubernetes provider by itself.
    return pulumi.ResourceOptions(
        providers=[] if "cluster_name" in inputs else [*providers]
    )


def _all_options(
    providers: Sequence[pulumi.ProviderResource],
) -> pulumi.ResourceOptions:
    parent = pulumi.ComponentResource("test:index:Parent", "parent")
    return pulumi.ResourceOptions(
        parent=parent,
        providers=[*providers],
        depends_on=[aws.iam.Policy("before", policy="{}")],
        protect=True,
        aliases=[pulumi.Alias(name="former")],
        retain_on_delete=True,
        deleted_with=parent,
    )


def known_later(arn: pulumi.Output[str], value: object) -> pulumi.Output[Any]:
    """Give a value that is unknown in a preview."""
    return arn.apply(lambda _: value)


def secret(_: pulumi.Output[str], value: object) -> pulumi.Output[Any]:
    """Give a value that is a secret."""
    return pulumi.Output.secret(value)


def _outputs(inputs: Inputs, late: Late) -> Inputs:
    arn = aws.iam.Policy("later", policy="{}").arn
    changed: dict[str, Any] = {
        key: late(arn, value) for key, value in inputs.items() if type(value) is str
    }
    for key in (
        "trusted_provider_arns",
        "trusted_cluster_arns",
        "subjects",
        "image_pull_secrets",
    ):
        changed |= {key: late(arn, inputs[key])} if key in inputs else {}
    for key in ("attach_policies", "inline_policies", "tags", "labels", "annotations"):
        values = inputs.get(key, {}).items()
        changed |= {key: {name: late(arn, value) for name, value in values}}
    return {**inputs, **changed}
