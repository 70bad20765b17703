"""A pod's token for credentials: EKS's side of Pod Identity, called by botocore.

The issuer is a key pair, as in test_web_identity.py. `AwsClient` holds every answer to
botocore's model of the service.
"""

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from aws_client import AwsClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from sandbox.aws.server import Aws, start_aws

ACCOUNT = "410987654321"
OTHER_ACCOUNT = "420987654321"
AUDIENCE = "pods.eks.amazonaws.com"
NAMESPACE, SERVICE_ACCOUNT = "backend-apps", "s3-reader"
OPERATION = "assume_role_for_pod_identity"
BOTH = ["sts:AssumeRole", "sts:TagSession"]
NOT_AUTHORIZED = (
    400,
    "AccessDeniedException",
    (
        "Unauthorized Exception! EKS does not have permissions to assume the "
        "associated role."
    ),
)


@pytest.fixture(scope="session")
def key() -> RSAKey:
    """Sign as the API server does."""
    return RSAKey.generate_key(2048, parameters={"kid": "current"})


def _arn(name: str) -> str:
    return f"arn:aws:eks:us-west-2:{ACCOUNT}:cluster/{name}"


def _statement(condition: object = None, **changes: object) -> dict[str, object]:
    usual = {"Effect": "Allow", "Principal": {"Service": AUDIENCE}, "Action": BOTH}
    conditions = {"Condition": condition} if condition else {}
    return {**usual, **conditions, **changes}


def _policy(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _tags(cluster: str, **changes: object) -> dict[str, object]:
    tags = {
        "eks-cluster-arn": _arn(cluster),
        "kubernetes-namespace": NAMESPACE,
        "kubernetes-service-account": SERVICE_ACCOUNT,
    }
    wanted = tags | {key.replace("_", "-"): one for key, one in changes.items()}
    return {"StringEquals": {f"aws:RequestTag/{key}": v for key, v in wanted.items()}}


@dataclass(frozen=True, kw_only=True)
class Pod:
    """A pod of a cluster that no other test has, and what is done for it.

    Attributes:
        client: Calls the account as its administrator.
        cluster: Name of the cluster, and of the role.
        issuer_url: The cluster's.
        key: Signs the cluster's tokens.
    """

    client: AwsClient
    cluster: str
    issuer_url: str
    key: RSAKey

    def associate(self, *statements: object, **changes: object) -> str:
        """Associate a role with this trust policy, and return its ARN."""
        policy = {
            "RoleName": self.cluster,
            "AssumeRolePolicyDocument": _policy(*statements),
        }
        arn = str(self.client.call("iam", "create_role", **policy)["Role"]["Arn"])
        usual = {
            "clusterName": self.cluster,
            "namespace": NAMESPACE,
            "serviceAccount": SERVICE_ACCOUNT,
            "roleArn": arn,
        }
        self.client.call("eks", "create_pod_identity_association", **usual | changes)
        return arn

    def token(self, *, sign_with: RSAKey | None = None, **claims: object) -> str:
        """Issue a token as the API server does for the pod, but for these claims."""
        now = int(time.time())
        usual = {
            "iss": self.issuer_url,
            "sub": f"system:serviceaccount:{NAMESPACE}:{SERVICE_ACCOUNT}",
            "aud": [AUDIENCE],
            "iat": now,
            "exp": now + 3600,
            "kubernetes.io": _told(),
        }
        header = {"alg": "RS256", "kid": "current"}
        return jwt.encode(header, {**usual, **claims}, sign_with or self.key)

    def ask(self, token: str = "") -> dict[str, Any]:
        """Trade a token, its own if no other is given, for credentials."""
        given = {"clusterName": self.cluster, "token": token or self.token()}
        return self.client.call("eks-auth", OPERATION, **given)

    def refused(self, token: str = "", *, cluster: str = "") -> tuple[int, str, str]:
        """Trade a token that is refused; return status, code and message."""
        name = cluster or self.cluster
        given = {"clusterName": name, "token": token or self.token()}
        return self.client.refused("eks-auth", OPERATION, **given)


@pytest.fixture
def pod(aws: Aws, client: AwsClient, name: str, key: RSAKey) -> Pod:
    """Put a cluster into the account, and its keys where EKS finds them."""
    issuer_url = _cluster(aws, name)
    aws.trust_issuer(issuer_url, lambda: {"keys": [key.as_dict(private=False)]})
    return Pod(client=client, cluster=name, issuer_url=issuer_url, key=key)


def _cluster(aws: Aws, name: str) -> str:
    """Put a cluster into the account, and return its issuer."""
    issuer_url = f"https://oidc.eks.us-west-2.amazonaws.com/id/{name}"
    aws.create_cluster(
        name=name,
        region="us-west-2",
        issuer_url=issuer_url,
        endpoint="https://127.0.0.1:6443",
        ca_pem="-----BEGIN CERTIFICATE-----\n",
    )
    return issuer_url


def _told(namespace: str = NAMESPACE, name: str = SERVICE_ACCOUNT) -> dict[str, object]:
    return {
        "namespace": namespace,
        "serviceaccount": {"name": name, "uid": "u-1"},
        "pod": {"name": "reader-0", "uid": "u-2"},
    }


def test_associated_service_account_gets_credentials_that_work(
    aws: Aws,
    pod: Pod,
) -> None:
    """For the role it is associated with, bound to it by session tags."""
    pod.associate(_statement(_tags(pod.cluster)))

    answer = pod.ask()

    given = answer.pop("credentials")
    keys = {f"{key[0].upper()}{key[1:]}": value for key, value in given.items()}
    caller = AwsClient(aws, keys=keys).call("sts", "get_caller_identity")
    user = answer.pop("assumedRoleUser")
    (listed,) = pod.client.call(
        "eks", "list_pod_identity_associations", clusterName=pod.cluster
    )["associations"]
    lifetime = given["expiration"].timestamp() - time.time()
    role, session = user["arn"].rsplit("/", 1)
    assert role == f"arn:aws:sts::{ACCOUNT}:assumed-role/{pod.cluster}"
    assert session.startswith(f"eks-{pod.cluster[:11]}-reader-0-")
    assert 21_590 < lifetime <= 21_600
    assert caller == {
        "Account": ACCOUNT,
        "Arn": user["arn"],
        "UserId": user["assumeRoleId"],
    }
    assert answer == {
        "audience": AUDIENCE,
        "subject": {"namespace": NAMESPACE, "serviceAccount": SERVICE_ACCOUNT},
        "podIdentityAssociation": {
            key: listed[key] for key in ("associationArn", "associationId")
        },
    }


OTHERS: Mapping[str, tuple[Mapping[str, Any], str, str]] = {
    "audience of IRSA": (
        {"aud": ["sts.amazonaws.com"]},
        "InvalidTokenException",
        "Incorrect token audience",
    ),
    "namespace": (
        {"kubernetes.io": _told(namespace="other")},
        "ResourceNotFoundException",
        f"No association found for other/{SERVICE_ACCOUNT}",
    ),
    "name": (
        {"kubernetes.io": _told(name="other")},
        "ResourceNotFoundException",
        f"No association found for {NAMESPACE}/other",
    ),
    "of no pod": (
        {"kubernetes.io": {**_told(), "pod": {}}},
        "InvalidTokenException",
        "missing or empty claim: kubernetes.io/pod/name",
    ),
    "issuer": (
        {"iss": "https://oidc.example.com"},
        "InvalidTokenException",
        "The cluster's issuer is not https://oidc.example.com",
    ),
    "expired": (
        {"exp": 1_000},
        "ExpiredTokenException",
        (
            r"The token included in the request is expired: current date/time \S+Z "
            "must be before the expiration date/time 1970-01-01T00:16:40Z$"
        ),
    ),
}


@pytest.mark.parametrize("case", OTHERS.values(), ids=OTHERS)
def test_token_of_another_is_refused(
    pod: Pod,
    case: tuple[Mapping[str, Any], str, str],
) -> None:
    """Whatever the role's trust policy says."""
    claims, code, text = case
    pod.associate(_statement())

    refusal = pod.refused(pod.token(**claims))

    assert refusal[1] == code
    assert re.match(text, refusal[2])


def test_token_is_of_one_cluster(
    aws: Aws,
    pod: Pod,
) -> None:
    """A stolen key, another cluster's endpoint, and a cluster that is not there."""
    pod.associate(_statement())
    stolen = RSAKey.generate_key(2048, parameters={"kid": "current"})
    _cluster(aws, f"{pod.cluster}-2")

    forged = pod.refused(pod.token(sign_with=stolen))
    elsewhere = pod.refused(cluster=f"{pod.cluster}-2")
    nowhere = pod.refused(cluster="nowhere")

    assert forged[:2] == elsewhere[:2] == (400, "InvalidTokenException")
    assert nowhere[:2] == (404, "ResourceNotFoundException")


# What a trust policy says of a cluster, whether session tags are disabled, and whether
# the pod is let in.
TRUSTS: Mapping[str, tuple[Callable[[str], list[object]], bool, bool]] = {
    "its tags": (lambda name: [_statement(_tags(name))], False, True),
    "a list of clusters": (
        lambda name: [
            _statement(_tags(name, eks_cluster_arn=[_arn("x"), _arn(name)])),
        ],
        False,
        True,
    ),
    "another cluster's tag": (
        lambda name: [_statement(_tags(name, eks_cluster_arn=_arn("other")))],
        False,
        False,
    ),
    "another namespace's tag": (
        lambda name: [_statement(_tags(name, kubernetes_namespace="other"))],
        False,
        False,
    ),
    "another service account's tag": (
        lambda name: [_statement(_tags(name, kubernetes_service_account="other"))],
        False,
        False,
    ),
    "tags that are disabled": (
        lambda name: [_statement(_tags(name))],
        True,
        False,
    ),
    "may not set tags": (
        lambda name: [
            _statement(_tags(name), Action="sts:AssumeRole"),
            _statement({"StringEquals": {"aws:RequestTag/x": "y"}}),
        ],
        False,
        False,
    ),
    "its cluster as source": (
        lambda name: [
            _statement(
                {
                    "StringEquals": {"aws:SourceAccount": ACCOUNT},
                    "ArnEquals": {"aws:SourceArn": _arn(name)},
                }
            )
        ],
        True,
        True,
    ),
    "another cluster as source": (
        lambda _: [_statement({"ArnLike": {"aws:SourceArn": _arn("other-*")}})],
        True,
        False,
    ),
    "an association as source": (
        lambda name: [
            _statement(
                {
                    "ArnLike": {
                        "aws:SourceArn": _arn(name).replace(
                            ":cluster/", ":podidentityassociation/"
                        )
                        + "/*"
                    }
                }
            )
        ],
        True,
        False,
    ),
    "denied": (
        lambda name: [_statement(), _statement(_tags(name), Effect="Deny")],
        False,
        False,
    ),
}


@pytest.mark.parametrize("case", TRUSTS.values(), ids=TRUSTS)
def test_trust_policy_decides_as_iam_holds_it(
    pod: Pod,
    case: tuple[Callable[[str], list[object]], bool, bool],
) -> None:
    """An association is made whatever the conditions are; the exchange judges."""
    statements, disabled, admitted = case
    pod.associate(*statements(pod.cluster), disableSessionTags=disabled)

    if admitted:
        pod.ask()
        return
    assert pod.refused() == NOT_AUTHORIZED


def test_the_sandbox_tells_what_eks_does_not(
    aws: Aws,
    pod: Pod,
) -> None:
    """Why a trust policy kept a pod out stands in the record, not in the answer."""
    arn = pod.associate(_statement(_tags(pod.cluster, kubernetes_namespace="other")))

    pod.refused()

    record = aws.calls[-1]
    assert (record.service, record.action) == ("eks-auth", "AssumeRoleForPodIdentity")
    assert record.detail == (
        f"{arn}: statement 1: StringEquals wants other, but "
        f"aws:RequestTag/kubernetes-namespace is {NAMESPACE}"
    )


def _target_trust(role_arn: str, condition: Mapping[str, Any]) -> str:
    """Write a target role's trust policy as AWS's guide has it."""
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    equals = {"ArnEquals": {"aws:PrincipalARN": role_arn}}
    return _policy(
        _statement({**condition, **equals}, Principal=root, Action="sts:AssumeRole"),
        _statement(Principal=root, Action="sts:TagSession"),
    )


def _external_id(cluster: str) -> dict[str, object]:
    text = f"us-west-2/{ACCOUNT}/{cluster}/{NAMESPACE}/{SERVICE_ACCOUNT}"
    return {"StringEquals": {"sts:ExternalId": text}}


# Whether session tags are disabled, the condition, and whether the pod is let in.
TARGETS: Sequence[tuple[bool, Callable[[str], dict[str, object]], bool]] = (
    (False, _tags, True),
    (True, _tags, False),
    (True, _external_id, True),
    (False, _external_id, False),
    (True, lambda _: _external_id("another"), False),
)


@pytest.mark.parametrize("case", TARGETS)
def test_target_role_is_assumed_by_the_first(
    aws: Aws,
    pod: Pod,
    case: tuple[bool, Callable[[str], dict[str, object]], bool],
) -> None:
    """In another account: by transitive tags, or without them by the external id."""
    disabled, condition, admitted = case
    target = f"arn:aws:iam::{OTHER_ACCOUNT}:role/{pod.cluster}"
    source = {"ArnEquals": {"aws:SourceArn": _arn(pod.cluster)}}
    first = pod.associate(
        _statement(source), targetRoleArn=target, disableSessionTags=disabled
    )
    with start_aws(region="us-west-2", account_id=OTHER_ACCOUNT) as other:
        trust = _target_trust(first, condition(pod.cluster))
        theirs = {"RoleName": pod.cluster, "AssumeRolePolicyDocument": trust}
        AwsClient(other).call("iam", "create_role", **theirs)

        if not admitted:
            assert pod.refused() == NOT_AUTHORIZED
            return
        answer = pod.ask()

    given = answer["credentials"]
    keys = {f"{key[0].upper()}{key[1:]}": value for key, value in given.items()}
    caller = AwsClient(aws, keys=keys).call("sts", "get_caller_identity")
    assert caller["Account"] == OTHER_ACCOUNT
    assert caller["Arn"].startswith(f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/")
    assert given["expiration"].timestamp() - time.time() <= 3_600


def test_role_that_is_gone_is_refused_in_the_same_words(
    pod: Pod,
) -> None:
    """The association stays; a role of the same name takes its place."""
    pod.associate(_statement())
    pod.client.call("iam", "delete_role", RoleName=pod.cluster)

    gone = pod.refused()
    trust = {"AssumeRolePolicyDocument": _policy(_statement())}
    pod.client.call("iam", "create_role", RoleName=pod.cluster, **trust)
    again = pod.ask()

    assert gone == NOT_AUTHORIZED
    assert again["audience"] == AUDIENCE
