"""The five functions of the AWS double.

Each takes the account and checked arguments, and gives the function's result.

Source:
    hashicorp/terraform-provider-aws, internal/service/eks/cluster_data_source.go,
    internal/service/iam/openid_connect_provider_data_source.go,
    internal/service/sts/caller_identity_data_source.go,
    internal/service/meta/{partition,region}_data_source.go
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from sandbox.plugins.aws.account import Account, ServiceError, failed
from sandbox.plugins.aws.resource_type import text
from sandbox.plugins.aws.tags import from_list
from sandbox.plugins.aws.validators import arn, https_url
from sandbox.plugins.plugin import Answer, Failure
from sandbox.plugins.refusal import NotCovered, Refusal
from sandbox.plugins.values import UNKNOWN, Properties, Value, without_secrets

__all__ = ["invoke"]

_Run: TypeAlias = Callable[[Account, Properties], Properties]

# Source: hashicorp/terraform-provider-aws, internal/service/eks/validate.go
_CLUSTER_NAME: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]*", re.ASCII)
_LONGEST_CLUSTER_NAME: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Function:
    run: _Run
    arguments: frozenset[str]
    problems: Callable[[Properties], Iterator[str]]


def invoke(*, account: Account, token: str, arguments: Properties) -> Answer:
    """Run one function.

    Args:
        account: The way to AWS.
        token: The function's token, for example `aws:eks/getCluster:getCluster`.
        arguments: Its arguments; none may be unknown.

    Raises:
        NotCovered: The double has no such function.
        Refusal: AWS refused.
    """
    if token not in _FUNCTIONS:
        raise NotCovered(plugin="aws", what=f"the function {token}")
    function = _FUNCTIONS[token]
    given: Properties = {
        key: without_secrets(value) for key, value in arguments.items()
    }
    if any(value is UNKNOWN for value in given.values()):
        message = f"invoking {token}: an argument is not known yet"
        raise Refusal(message)
    problems = [
        *(
            f"Invalid or unknown key. Examine values at '{key}'."
            for key in sorted(given.keys() - function.arguments)
        ),
        *function.problems(given),
    ]
    if problems:
        failures = tuple(Failure(reason=reason) for reason in problems)
        return Answer(result={}, failures=failures)
    try:
        return Answer(result=function.run(account, given))
    except Refusal as refusal:
        message = f"invoking {token}: {refusal}"
        raise Refusal(message) from refusal


def _cluster_problems(given: Properties) -> Iterator[str]:
    name = text(given, "name")
    if "name" not in given:
        yield "Missing required property 'name'"
    elif not 1 <= len(name) <= _LONGEST_CLUSTER_NAME:
        yield (
            "expected length of name to be in the range "
            f"(1 - {_LONGEST_CLUSTER_NAME}), got {name}"
        )
    elif not _CLUSTER_NAME.fullmatch(name):
        yield (
            "invalid value for name (must begin with an alphanumeric character and "
            "contain only alphanumeric characters, dashes and underscores)"
        )


def _cluster(account: Account, given: Properties) -> Properties:
    name = text(given, "name")
    region = text(given, "region") or account.region
    try:
        found = account.call("eks", "DescribeCluster", region=region, name=name)
    except ServiceError as error:
        why = (
            "couldn't find resource"
            if error.code == "ResourceNotFoundException"
            else str(error)
        )
        message = f"reading EKS Cluster ({name}): {why}"
        raise failed(message) from error
    cluster: Mapping[str, Any] = found["cluster"]
    issuer: Value = cluster.get("identity", {}).get("oidc", {}).get("issuer", "")
    authority: Value = cluster.get("certificateAuthority", {}).get("data", "")
    tags: Properties = {key: str(one) for key, one in cluster.get("tags", {}).items()}
    described: Properties = {
        "arn": str(cluster["arn"]),
        "certificateAuthorities": [{"data": authority}],
        "createdAt": _go_time(cluster["createdAt"]),
        "enabledClusterLogTypes": [*_log_types(cluster)],
        "endpoint": str(cluster.get("endpoint", "")),
        "id": name,
        "identities": [{"oidcs": [{"issuer": issuer}]}],
        "kubernetesNetworkConfigs": [_network(cluster)],
        "name": name,
        "platformVersion": str(cluster.get("platformVersion", "")),
        "region": region,
        "roleArn": str(cluster.get("roleArn", "")),
        "status": str(cluster.get("status", "")),
        "tags": tags,
        "version": str(cluster.get("version", "")),
        "vpcConfig": _vpc(cluster.get("resourcesVpcConfig", {})),
    }
    return _not_described() | described


def _not_described() -> Properties:
    """Give what the double never fills in, as empty as an old cluster has it."""
    lists = (
        "accessConfigs",
        "computeConfigs",
        "controlPlaneScalingConfigs",
        "kubeApiServerConfigs",
        "kubeControllerManagerConfigs",
        "kubeSchedulerConfigs",
        "outpostConfigs",
        "remoteNetworkConfigs",
        "storageConfigs",
        "upgradePolicies",
        "zonalShiftConfigs",
    )
    return {
        "clusterId": "",
        "deletionProtection": False,
        **{name: [] for name in lists},
    }


def _log_types(cluster: Mapping[str, Any]) -> list[str]:
    return [
        str(kind)
        for entry in cluster.get("logging", {}).get("clusterLogging", [])
        if entry.get("enabled")
        for kind in entry.get("types", [])
    ]


def _network(cluster: Mapping[str, Any]) -> Properties:
    found = cluster.get("kubernetesNetworkConfig", {})
    return {
        "elasticLoadBalancings": [],
        "ipFamily": str(found.get("ipFamily", "")),
        "serviceIpv4Cidr": str(found.get("serviceIpv4Cidr", "")),
        "serviceIpv6Cidr": str(found.get("serviceIpv6Cidr", "")),
    }


def _vpc(found: Mapping[str, Any]) -> Properties:
    return {
        "clusterSecurityGroupId": str(found.get("clusterSecurityGroupId", "")),
        "endpointPrivateAccess": bool(found.get("endpointPrivateAccess", False)),
        "endpointPublicAccess": bool(found.get("endpointPublicAccess", False)),
        "publicAccessCidrs": [str(one) for one in found.get("publicAccessCidrs", [])],
        "securityGroupIds": [str(one) for one in found.get("securityGroupIds", [])],
        "subnetIds": [str(one) for one in found.get("subnetIds", [])],
        "vpcId": str(found.get("vpcId", "")),
    }


def _go_time(moment: object) -> str:
    """Write a time as Go's `Time.String` does."""
    if not isinstance(moment, datetime):
        return str(moment)
    fraction = f".{moment.microsecond:06d}".rstrip("0").rstrip(".")
    return f"{moment:%Y-%m-%d %H:%M:%S}{fraction} {moment:%z} UTC"


def _provider_problems(given: Properties) -> Iterator[str]:
    if ("arn" in given) == ("url" in given):
        yield '"arn": one of `arn,url` must be specified'
    elif "arn" in given:
        yield from arn("arn", text(given, "arn"))
    else:
        yield from https_url("url", text(given, "url"))


def _provider(account: Account, given: Properties) -> Properties:
    found_arn = text(given, "arn") or _arn_by_url(account, text(given, "url"))
    try:
        found = account.call(
            "iam", "GetOpenIDConnectProvider", OpenIDConnectProviderArn=found_arn
        )
    except ServiceError as error:
        message = f"reading IAM OIDC Provider: {error}"
        raise failed(message) from error
    return {
        "arn": found_arn,
        "clientIdLists": [str(one) for one in found.get("ClientIDList", [])],
        "id": found_arn,
        "tags": from_list(found.get("Tags", [])),
        "thumbprintLists": [str(one) for one in found.get("ThumbprintList", [])],
        "url": str(found["Url"]),
    }


def _arn_by_url(account: Account, url: str) -> str:
    try:
        listed = account.call("iam", "ListOpenIDConnectProviders")
    except ServiceError as error:
        message = f"finding IAM OIDC Provider by url ({url}): {error}"
        raise failed(message) from error
    issuer = url.removeprefix("https://")
    for entry in listed["OpenIDConnectProviderList"]:
        if str(entry["Arn"]).partition("/")[2] == issuer:
            return str(entry["Arn"])
    message = f"finding IAM OIDC Provider by url ({url}): not found"
    raise failed(message)


def _caller(account: Account, given: Properties) -> Properties:
    del given
    try:
        found = account.call("sts", "GetCallerIdentity")
    except ServiceError as error:
        message = f"reading STS Caller Identity: {error}"
        raise failed(message) from error
    return {
        "accountId": str(found["Account"]),
        "arn": str(found["Arn"]),
        "id": str(found["Account"]),
        "userId": str(found["UserId"]),
    }


def _partition(account: Account, given: Properties) -> Properties:
    del given
    found = account.partition_of(account.region)
    suffix = str(found["dnsSuffix"])
    return {
        "dnsSuffix": suffix,
        "id": str(found["partition"]),
        "partition": str(found["partition"]),
        "reverseDnsPrefix": ".".join(reversed(suffix.split("."))),
    }


def _region(account: Account, given: Properties) -> Properties:
    if "endpoint" in given:
        raise NotCovered(plugin="aws", what="getRegion's argument endpoint")
    name = text(given, "region") or text(given, "name") or account.region
    found = account.partition_of(name)
    if name not in found["regions"]:
        message = f"reading AWS Region: region not found: {name}"
        raise failed(message)
    return {
        "description": str(found["regions"][name]["description"]),
        "endpoint": f"ec2.{name}.{found['dnsSuffix']}",
        "id": name,
        "name": name,
        "region": name,
    }


def _no_problems(given: Properties) -> Iterator[str]:
    del given
    return iter(())


_FUNCTIONS: Final = {
    "aws:eks/getCluster:getCluster": _Function(
        run=_cluster,
        arguments=frozenset({"name", "region", "tags"}),
        problems=_cluster_problems,
    ),
    "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider": _Function(
        run=_provider,
        arguments=frozenset({"arn", "tags", "url"}),
        problems=_provider_problems,
    ),
    "aws:index/getCallerIdentity:getCallerIdentity": _Function(
        run=_caller, arguments=frozenset({"id"}), problems=_no_problems
    ),
    "aws:index/getPartition:getPartition": _Function(
        run=_partition, arguments=frozenset({"id"}), problems=_no_problems
    ),
    "aws:index/getRegion:getRegion": _Function(
        run=_region,
        arguments=frozenset({"endpoint", "id", "name", "region"}),
        problems=_no_problems,
    ),
}
