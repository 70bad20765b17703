"""The output that is there only when a token of the service account gets credentials.

IAM is eventually consistent: a role that was made a moment ago may refuse for seconds.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from eks_irsa.documents.arns import parse_cluster_arn
from eks_irsa.documents.trust_policy import DEFAULT_AUDIENCE
from eks_irsa.errors import ClusterError
from eks_irsa.live.clients import AwsSession, kubernetes_client, unread_reason
from eks_irsa.live.tokens import requested_token, web_identity_attempt
from eks_irsa.resources.program import stack_name

__all__ = ["SECONDS", "NotReadyError", "Question", "ready"]

SECONDS: Final = 120
"""How long it is tried. Users of terraform-provider-aws#6566 saw up to a minute."""

_BETWEEN_SECONDS: Final = 3


class NotReadyError(ClusterError, pulumi.RunError):
    """No token of the service account got credentials; printed without a trace."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """Whose token is taken to STS, and for what."""

    kubeconfig: str
    """Kubeconfig of the cluster, content or path."""

    cluster_arn: str
    """ARN of the EKS cluster; its region's STS is asked."""

    service_account_name: str
    """Name of the service account."""

    role_arn: str
    """The role that pods get."""

    namespace: str = "default"
    """Namespace of the service account. Default: `default`."""

    audience: str = DEFAULT_AUDIENCE
    """Audience of its tokens. Default: `sts.amazonaws.com`."""

    stack: str = ""
    """`<organization>/<project>/<stack>` that makes the role; empty for another's."""


_FIELDS: Final = tuple(field.name for field in fields(Question))


def ready(
    component: str,
    inputs: Mapping[str, pulumi.Input[Any]],
    *,
    kubeconfig: pulumi.Input[str],
    made: Sequence[pulumi.Resource],
) -> pulumi.Output[str]:
    """Give the ARN of the role once a token of the service account gets credentials.

    Args:
        component: Name of the component, for the error.
        inputs: Its checked inputs, `cluster_arn` and `role_arn` among them.
        kubeconfig: Kubeconfig of the cluster, content or path.
        made: What has to exist before: role, policies, service account.

    Returns:
        The ARN; in a preview nothing is asked. It fails the run with a `NotReadyError`
        after `SECONDS`.
    """
    asked = {key: inputs[key] for key in _FIELDS if key in inputs}
    if any(isinstance(one, aws.iam.Role) for one in made):
        asked["stack"] = stack_name()
    urns = [resource.urn for resource in made]
    return pulumi.Output.all(urns, {**asked, "kubeconfig": kubeconfig}).apply(
        lambda known: _answered(component, Question(**known[1]))
    )


async def _answered(component: str, question: Question) -> str:
    if pulumi.runtime.is_dry_run():
        return question.role_arn
    if refusal := await asyncio.to_thread(refused, question):
        try:
            found = await asyncio.to_thread(_verdict, question)
        except Exception:  # noqa: BLE001 - what STS said is what counts
            found = ""
        msg = (
            f"{component}: no token of the service account {question.namespace}/"
            f"{question.service_account_name} got credentials of {question.role_arn} "
            f"within {SECONDS} seconds: {refusal}{found}"
        )
        raise NotReadyError(msg)
    return question.role_arn


def refused(question: Question) -> str:
    """Take tokens to STS until one gets credentials, or time is up.

    Args:
        question: Whose tokens.

    Returns:
        Why none did, on one line; empty if one did.
    """
    until = time.monotonic() + SECONDS
    while refusal := _attempt(question):
        if time.monotonic() > until:
            return refusal
        time.sleep(_BETWEEN_SECONDS)
    return ""


def _attempt(question: Question) -> str:
    region = parse_cluster_arn(question.cluster_arn).region
    try:
        token = requested_token(
            _client(question.kubeconfig),
            namespace=question.namespace,
            name=question.service_account_name,
            audience=question.audience,
        )
        answer = web_identity_attempt(
            AwsSession(region=region).anonymous("sts"),
            role_arn=question.role_arn,
            token=token,
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, it is said
        return unread_reason(error)
    return answer.code and f"{answer.code}: {answer.message}"


def _verdict(question: Question) -> str:
    """Say what the doctor finds broken, and what to do; empty if it finds nothing."""
    # Only paid for where something is wrong.
    from eks_irsa.doctor.diagnosis import diagnose  # noqa: PLC0415
    from eks_irsa.doctor.gathering import gathered  # noqa: PLC0415
    from eks_irsa.doctor.sources import opened_sources  # noqa: PLC0415
    from eks_irsa.doctor.surroundings import surroundings  # noqa: PLC0415

    cluster = parse_cluster_arn(question.cluster_arn)
    sources = replace(
        opened_sources(cluster=cluster.name, region=cluster.region),
        kubernetes=_client(question.kubeconfig),
    )
    who = (question.namespace, question.service_account_name)
    facts = gathered(
        sources,
        surroundings(sources, one=who),
        namespace=who[0],
        name=who[1],
    )
    lines: list[str] = []
    for one in diagnose(replace(facts, stack=question.stack)).findings:
        if one.severity == "error":
            lines += [f"{one.code}: {one.message}", *one.remedy]
    return "".join(f"\n{line}" for line in lines)


# A client fetches its own token for the API server, by a process.
_client = cache(kubernetes_client)
