"""What is wrong with the inputs of one service account, before it is registered."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

import pulumi

from eks_irsa.documents.arns import partition_of_arn
from eks_irsa.documents.limits import Limits
from eks_irsa.documents.permission_policy import policy_text
from eks_irsa.identity import parts, role_policies
from eks_irsa.identity.adoption_rules import adoption_faults
from eks_irsa.identity.combinations import place_faults, settled_faults
from eks_irsa.identity.decision import asked_faults
from eks_irsa.identity.kinds import holds_later
from eks_irsa.identity.model import LATER, Fault
from eks_irsa.identity.sizes import (
    annotation_size_faults,
    inline_policy_size_faults,
    managed_policy_count_faults,
    tag_count_faults,
    trust_policy_size_faults,
)
from eks_irsa.resources.inputs import (
    InputError,
    as_asked,
    given,
    raise_faults,
)
from eks_irsa.resources.irsa_service_account_args import IrsaServiceAccountArgs

__all__ = ["checked", "fitting_trust"]

_SOURCES: Final = ("cluster_name", "issuer_url", "oidc_provider_arn", "role_arn")
_TOGETHER: Final = (
    ("cluster_name", "oidc_provider_arn"),
    ("cluster_name", "role_arn"),
)
_OF_CLUSTERS: Final = ("cluster_region", "provider_credential_opts")


def checked(
    name: str, args: IrsaServiceAccountArgs
) -> tuple[dict[str, Any], list[str]]:
    """Refuse inputs that cannot be used, before anything is registered.

    Args:
        name: Name of the component, which the messages begin with.
        args: Its inputs; what is not plain is checked when it is known.

    Returns:
        The inputs, enums as their text, to be checked further by `checked_later`; and
        warnings.

    Raises:
        InputError: Something is wrong; holds every fault, one to a line.
    """
    inputs = given(name, IrsaServiceAccountArgs, args)
    asked = as_asked(inputs)
    found = [*_missing(asked), *asked_faults(asked), *_cluster_faults(asked)]
    if not any(fault.severity == "error" for fault in found):
        found += [
            *settled_faults(asked),
            *adoption_faults(asked),
            *_size_faults(asked),
        ]
    warnings = raise_faults(name, found)
    return inputs, warnings


def fitting_trust(*, component: str, asked: Mapping[str, Any], **trusted: Any) -> str:  # noqa: ANN401 - the fields of the trust policy
    """Decide the trust policy, and refuse one that IAM would for place or size.

    Args:
        component: Name of the component, for the message.
        asked: The plain inputs.
        trusted: The fields that the trust policy follows from.

    Raises:
        InputError: A provider is of another AWS account, a policy of another
            partition, or the trust policy is too long.
    """
    provider = trusted.get("oidc_provider_arn")
    partition = partition_of_arn(provider or trusted["cluster_arn"]) or ""
    raise_faults(component, place_faults(asked, partition=partition))
    try:
        policy = parts.trust(**trusted)
    except ValueError as error:
        fault = Fault((), "E-TRUST-POLICY", str(error))
        raise_faults(component, [fault])
        raise
    clusters = {provider, *trusted.get("trusted_provider_arns", ())}
    too_long = trust_policy_size_faults(policy, _limits(), clusters=len(clusters))
    raise_faults(component, too_long)
    return policy


def _missing(asked: Mapping[str, Any]) -> Iterator[Fault]:
    if "service_account_name" not in asked:
        message = "missing; write the name of the service account"
        yield Fault(("service_account_name",), "E-SA-NAME", message)


def _cluster_faults(asked: Mapping[str, Any]) -> Iterator[Fault]:
    given_sources = [field for field in _SOURCES if field in asked]
    by_association = parts.part_of(parts.by_association, asked)
    if by_association:
        yield from _association_cluster_faults(asked)
    elif len(given_sources) != 1 and tuple(given_sources) not in _TOGETHER:
        got = " and ".join(given_sources) or "none"
        message = (
            f"give exactly one of {', '.join(_SOURCES)}; got {got} (cluster_name may "
            "stand beside oidc_provider_arn or role_arn, for the Kubernetes provider)"
        )
        yield Fault((), "E-CLUSTER", message)
    if asked.get("wait") is True and "cluster_name" not in asked:
        message = "needs cluster_name, whose API server is asked for a token; give both"
        yield Fault(("wait",), "E-WAIT", message, at_key=True)
    for field in _OF_CLUSTERS:
        if field in asked and "cluster_name" not in asked:
            message = "has no effect without cluster_name; give both or none"
            yield Fault((field,), "E-CLUSTER", message)


def _association_cluster_faults(asked: Mapping[str, Any]) -> Iterator[Fault]:
    """Find what does not say in which cluster the association is made."""
    if "cluster_name" not in asked:
        message = "missing; EKS Pod Identity needs the name of the EKS cluster"
        yield Fault(("cluster_name",), "E-CLUSTER", message)
    elif "association_id" in asked and asked["cluster_name"] is LATER:
        message = (
            "the association of a cluster that is only known later cannot exist; take "
            "it out"
        )
        yield Fault(("association_id",), "E-CLUSTER", message)
    of_tokens = parts.part_of(parts.by_tokens, asked) and "role_arn" not in asked
    for field in ("issuer_url", "oidc_provider_arn"):
        if field in asked and not (of_tokens and field == "oidc_provider_arn"):
            message = (
                "has no effect beside cluster_name here; take it out (with identity "
                "'both', oidc_provider_arn may name the provider)"
            )
            yield Fault((field,), "E-CLUSTER", message)


def _size_faults(asked: Mapping[str, Any]) -> Iterator[Fault]:
    limits = _limits()
    if "role_arn" not in asked:
        attached = parts.part_of(role_policies.attachments, asked)
        yield from managed_policy_count_faults([*attached], limits)
        yield from tag_count_faults(asked.get("tags", {}), limits, path=("tags",))
        inline = parts.part_of(role_policies.inline_policies, asked).values()
        texts = [policy_text(policy) for policy in inline if not holds_later(policy)]
        yield from inline_policy_size_faults(texts, limits)
    annotations = {
        key: text
        for key, text in asked.get("annotations", {}).items()
        if isinstance(text, str)
    }
    yield from annotation_size_faults(annotations, limits, path=("annotations",))


def _limits() -> Limits:
    """Return the AWS account's limits, which a stack of any project may set."""
    config = pulumi.Config("eks-irsa").get_object("limits")
    try:
        return Limits.of_settings(cast("dict[str, object]", config or {}))
    except (AttributeError, ValueError) as error:
        msg = f"stack settings: eks-irsa:limits: {error}"
        raise InputError(msg) from error
