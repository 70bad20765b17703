"""What a call to AWS is about: the ARN that IAM's policies name as its resource.

Source:
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_identityandaccessmanagement.html
    and .../list_amazonelastickubernetesservice.html, columns "Access level" and
    "Resource types"
"""

from typing import Final

from sandbox.aws.call import Call, WireRequest
from sandbox.aws.moto_account import MotoIam, partition_of
from sandbox.interception import Request

__all__ = ["as_request", "passed_roles"]

_READING: Final = ("Describe", "Get", "List")
_CHANGED: Final = frozenset({"cloudformation", "iam"})


def as_request(call: Call, request: WireRequest, *, account_id: str) -> Request:
    """Put a call into the terms of an interceptor.

    Args:
        call: The call as it was understood.
        request: The same as it arrived.
        account_id: Of the account that is called, 12 digits.
    """
    target = ""
    if call.service == "iam":
        target = _iam_target(call, account_id=account_id)
    elif call.service == "cloudformation":
        target = _stack_target(call, account_id=account_id)
    elif call.service.startswith("eks") and request.names:
        target = _eks_target(call, request, account_id=account_id)
    reading = call.action.startswith(_READING)
    association = call.action.lower().endswith(("identityassociation", "tagresource"))
    return Request(
        service=call.service,
        action=call.action,
        target=target,
        changes=(call.service in _CHANGED or association) and not reading,
        detail=call.parameters.get("PolicyName") or _attached(call),
    )


def passed_roles(call: Call, request: WireRequest) -> tuple[Request, ...]:
    """Tell which roles a call hands to a service, for which `iam:PassRole` is needed.

    Args:
        call: As in `as_request`.
        request: As in `as_request`.

    Source:
        https://docs.aws.amazon.com/eks/latest/userguide/pod-id-association.html
    """
    if not call.action.endswith("PodIdentityAssociation"):
        return ()
    arn = request.json().get("roleArn")
    passed = Request(service="iam", action="PassRole", target=str(arn), changes=False)
    return (passed,) if arn else ()


def _eks_target(call: Call, request: WireRequest, *, account_id: str) -> str:
    """Name the cluster, or what of it is there already; a list is of the cluster."""
    name, *rest = request.names
    where = f"arn:{partition_of(call.region)}:eks:{call.region}:{account_id}"
    if name.startswith("arn:"):
        return name
    if call.action == "DescribeAddon":
        return f"{where}:addon/{name}/{rest[0]}"
    if rest:
        return f"{where}:podidentityassociation/{name}/{rest[0]}"
    return f"{where}:cluster/{name}"


def _stack_target(call: Call, *, account_id: str) -> str:
    """Name a stack without its id, which a policy has a star for; or all of them.

    Source:
        https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
    """
    name = call.parameters.get("StackName", "*")
    if name.startswith("arn:"):
        return name
    where = f"arn:{partition_of(call.region)}:cloudformation:{call.region}"
    return f"{where}:{account_id}:stack/{name}/*"


def _attached(call: Call) -> str:
    return call.parameters.get("PolicyArn", "") if "RoleName" in call.parameters else ""


def _iam_target(call: Call, *, account_id: str) -> str:
    given = call.parameters
    partition = partition_of(call.region)
    account = f"arn:{partition}:iam::{account_id}"
    if arn := given.get("OpenIDConnectProviderArn"):
        return arn
    if url := given.get("Url"):
        return f"{account}:oidc-provider/{url.removeprefix('https://')}"
    if name := given.get("RoleName"):
        # The path is part of the ARN, and only a creation tells it.
        role = MotoIam(account_id=account_id, partition=partition).role(name)
        return role.arn if role else f"{account}:role{given.get('Path', '/')}{name}"
    return given.get("PolicyArn", "")
