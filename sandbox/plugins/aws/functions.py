"""The seven functions of the AWS double.

Each takes the account and checked arguments, and gives the function's result.

Source:
    hashicorp/terraform-provider-aws,
    internal/service/iam/{openid_connect_provider,role}_data_source.go,
    internal/service/sts/caller_identity_data_source.go,
    internal/service/meta/{partition,region}_data_source.go
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from sandbox.plugins.aws.account import GONE, NOT_FOUND, Account, failed
from sandbox.plugins.aws.eks_addon import addon_problems, describe_addon
from sandbox.plugins.aws.eks_cluster import cluster_problems, describe_cluster
from sandbox.plugins.aws.resource_type import text
from sandbox.plugins.aws.role_policies import document
from sandbox.plugins.aws.tags import from_list
from sandbox.plugins.aws.validators import arn, https_url
from sandbox.plugins.plugin import Answer, Failure
from sandbox.plugins.refusal import NotCovered, Refusal
from sandbox.plugins.values import UNKNOWN, Properties, without_secrets

__all__ = ["invoke"]

_Run: TypeAlias = Callable[[Account, Properties], Properties]


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


def _provider_problems(given: Properties) -> Iterator[str]:
    if ("arn" in given) == ("url" in given):
        yield '"arn": one of `arn,url` must be specified'
    elif "arn" in given:
        yield from arn("arn", text(given, "arn"))
    else:
        yield from https_url("url", text(given, "url"))


def _provider(account: Account, given: Properties) -> Properties:
    found_arn = text(given, "arn") or _arn_by_url(account, text(given, "url"))
    what = f"reading IAM OIDC Provider ({found_arn})"
    found = account.attempt(
        what,
        "iam",
        "GetOpenIDConnectProvider",
        unless=GONE,
        OpenIDConnectProviderArn=found_arn,
    )
    if not found:
        message = f"{what}: {NOT_FOUND}"
        raise failed(message)
    return {
        "arn": found_arn,
        "clientIdLists": [str(one) for one in found.get("ClientIDList", [])],
        "id": found_arn,
        "tags": account.tags.visible(from_list(found.get("Tags", []))),
        "thumbprintLists": [str(one) for one in found.get("ThumbprintList", [])],
        "url": str(found["Url"]),
    }


def _arn_by_url(account: Account, url: str) -> str:
    what = f"finding IAM OIDC Provider by url ({url})"
    listed = account.attempt(what, "iam", "ListOpenIDConnectProviders")
    issuer = url.removeprefix("https://")
    for entry in listed["OpenIDConnectProviderList"]:
        if str(entry["Arn"]).partition("/")[2] == issuer:
            return str(entry["Arn"])
    message = f"{what}: {NOT_FOUND}"
    raise failed(message)


def _role(account: Account, given: Properties) -> Properties:
    name = text(given, "name")
    what = f"reading IAM Role ({name})"
    read = account.attempt(what, "iam", "GetRole", unless=GONE, RoleName=name)
    if not read:
        message = f"{what}: {NOT_FOUND}"
        raise failed(message)
    found = read["Role"]
    return {
        "arn": str(found["Arn"]),
        "assumeRolePolicy": document(found["AssumeRolePolicyDocument"]),
        "description": str(found.get("Description") or ""),
        "id": str(found["RoleName"]),
        "maxSessionDuration": int(found.get("MaxSessionDuration", 3600)),
        "name": str(found["RoleName"]),
        "path": str(found["Path"]),
        "permissionsBoundary": str(
            found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
        ),
        "tags": from_list(found.get("Tags", [])),
        "uniqueId": str(found["RoleId"]),
    }


def _caller(account: Account, given: Properties) -> Properties:
    del given
    found = account.attempt("reading STS Caller Identity", "sts", "GetCallerIdentity")
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
    "aws:eks/getAddon:getAddon": _Function(
        run=describe_addon,
        arguments=frozenset({"addonName", "clusterName", "region", "tags"}),
        problems=addon_problems,
    ),
    "aws:eks/getCluster:getCluster": _Function(
        run=describe_cluster,
        arguments=frozenset({"name", "region", "tags"}),
        problems=cluster_problems,
    ),
    "aws:iam/getOpenIdConnectProvider:getOpenIdConnectProvider": _Function(
        run=_provider,
        arguments=frozenset({"arn", "tags", "url"}),
        problems=_provider_problems,
    ),
    "aws:iam/getRole:getRole": _Function(
        run=_role,
        arguments=frozenset({"name", "tags"}),
        problems=_no_problems,
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
