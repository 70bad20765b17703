"""What contradicts itself in the inputs, or would be refused by IAM or Kubernetes."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal, cast

from eks_irsa.documents import arns, names
from eks_irsa.documents.permission_policy import permission_policy
from eks_irsa.documents.trust_policy import trust_policy
from eks_irsa.documents.webhook import ROLE_ARN_ANNOTATION
from eks_irsa.errors import PolicyDocumentError
from eks_irsa.resources.inputs import is_plain
from eks_irsa.resources.irsa_service_account_args import (
    IrsaServiceAccountArgs,
    trust_inputs,
)

__all__ = ["check", "mode_of"]

_CLUSTER_INPUTS: Final = ("cluster_name", "issuer_url", "oidc_provider_arn", "role_arn")


def mode_of(
    args: IrsaServiceAccountArgs,
) -> Literal["created", "patched", "notManaged", "retained"]:
    """Tell what the component does with the service account."""
    if args.get("create_service_account", True):
        return "patched" if args.get("override_existing", False) else "created"
    return "retained" if args.get("release_service_account", False) else "notManaged"


def check(name: str, args: IrsaServiceAccountArgs) -> None:
    """Refuse inputs that cannot be used, before anything is registered.

    Args:
        name: Name of the component, which the messages begin with.
        args: Its inputs; what is not plain is checked when it is known.

    Raises:
        ValueError: Something is wrong; holds every fault, one to a line.
        PolicyDocumentError: IAM would refuse a plain inline policy.
    """
    faults = [*_contradictions(args), *_malformed(args), *_policy_faults(args)]
    faults = faults or [*_trust_faults(args)]
    if faults:
        msg = "\n".join(f"{name}: {fault}" for fault in faults)
        raise ValueError(msg)
    for policy, document in args.get("inline_policies", {}).items():
        if is_plain(document):
            try:
                permission_policy(document)
            except PolicyDocumentError as error:
                msg = f"{name}: inline_policies: {policy}: {error}"
                raise PolicyDocumentError(msg) from error


def _contradictions(args: IrsaServiceAccountArgs) -> Iterator[str]:
    given = [key for key in _CLUSTER_INPUTS if key in args]
    if len(given) != 1:
        got = " and ".join(given) or "none"
        yield f"give exactly one of {', '.join(_CLUSTER_INPUTS)}; got {got}"
    if args.get("release_service_account") and mode_of(args) != "retained":
        yield (
            "release_service_account lets go of a service account that was made; it "
            "needs create_service_account to be False"
        )
    if "role_arn" in args and "trusted_providers" in args:
        yield (
            "trusted_providers beside role_arn; whom a role trusts is said where it is "
            "made"
        )
    if ROLE_ARN_ANNOTATION in args.get("annotations", {}):
        yield f"annotations: {ROLE_ARN_ANNOTATION} is written by the component"


def _malformed(args: IrsaServiceAccountArgs) -> Iterator[str]:
    for key, fault in (
        ("service_account_name", names.service_account_name_fault),
        ("namespace", names.namespace_fault),
        ("subject_pattern", names.subject_pattern_fault),
        ("role_name", names.role_name_fault),
        ("role_path", names.role_path_fault),
    ):
        value = args.get(key)
        if isinstance(value, str) and (reason := fault(value)):
            yield f"{key}: {reason}"


def _trust_faults(args: IrsaServiceAccountArgs) -> Iterator[str]:
    """Refuse at once what could only be refused when the role is made."""
    if "oidc_provider_arn" in args:
        inputs = trust_inputs(args, args["oidc_provider_arn"])
        if is_plain(inputs):
            try:
                trust_policy(**inputs)  # type: ignore[arg-type] # all are plain
            except ValueError as error:
                yield str(error)


def _policy_faults(args: IrsaServiceAccountArgs) -> Iterator[str]:
    policy_arns = cast("object", args.get("attach_policy_arns", []))
    if not is_plain(policy_arns):
        yield (
            "attach_policy_arns holds a value that is not known yet; pass it in "
            "attach_policies under a key of your choice, which names the attachment"
        )
        return
    for arn in cast("Sequence[str]", policy_arns):
        if not arns.is_policy_arn(arn):
            yield f"attach_policy_arns: {arn!r} is not the ARN of a policy"
