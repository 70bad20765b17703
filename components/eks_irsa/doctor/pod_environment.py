"""What the webhook gave one container, held against what it would give now."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from eks_irsa.doctor.model import Facts
from eks_irsa.doctor.pods import Json, containers_of, variables_of
from eks_irsa.doctor.provider import provider_notes
from eks_irsa.doctor.role import role_notes
from eks_irsa.doctor.route import (
    ROLE_ARN_VARIABLE,
    URI_VARIABLE,
    asked_association,
    asked_audience,
    by_tokens,
)
from eks_irsa.doctor.token_volume import may_read, mounted_token
from eks_irsa.doctor.workloads import restarts, unset_variables
from eks_irsa.documents.arns import is_role_arn
from eks_irsa.documents.webhook import ROLE_ARN_ANNOTATION
from eks_irsa.live.model import LiveAssociation, known

__all__ = [
    "Fault",
    "added_later",
    "association_fault",
    "has_role",
    "irsa_fault",
    "sets_role_itself",
]

_TOKEN_FILE: Final = "AWS_WEB_IDENTITY_TOKEN_FILE"  # noqa: S105 - a variable
# Name of the webhook's volume. Source: pkg/handler/handler.go
_VOLUME: Final = "aws-iam-token"
_URI_TOKEN_FILE: Final = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"  # noqa: S105


def _restarted(pod: Json) -> tuple[str, ...]:
    return restarts([pod])


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong with a container; equal ones are said once.

    Attributes:
        code: Of the finding.
        words: What is, and what it should be.
        wanted: As `Finding` has it.
        given: As `Finding` has it.
        commands: Writes the remedy for a pod.
    """

    code: str
    words: str
    wanted: str = ""
    given: str = ""
    commands: Callable[[Json], tuple[str, ...]] = field(
        default=_restarted, compare=False
    )


def irsa_fault(facts: Facts, pod: Json, container: Json) -> Fault | None:
    """Say what a container lacks to get the role of the annotation.

    Args:
        facts: What was read.
        pod: As the API server has it.
        container: One of its containers.
    """
    variables = variables_of(container)
    pair = [ROLE_ARN_VARIABLE, _TOKEN_FILE]
    there = [name for name in pair if name in variables]
    if not there:
        return Fault(
            code="D-POD-NOT-INJECTED",
            words=(
                f"no {ROLE_ARN_VARIABLE}; the webhook writes it when a pod is made, "
                "which was before the service account had its annotation; where a new "
                "pod lacks it too, the API server did not reach the webhook"
            ),
        )
    if len(there) == 1:
        return _own_variable(there[0], pair, container["name"])
    path, role_arn = variables[_TOKEN_FILE], variables[ROLE_ARN_VARIABLE]
    token = mounted_token(pod, container, path or "")
    return (
        _role_fault(facts, role_arn)
        or _token_fault(facts, path, token.audience if token else None)
        or (
            None
            if token is None or may_read(pod, container, token)
            else Fault(
                code="D-POD-TOKEN-MODE",
                words=(
                    f"the file of the token has the mode {token.mode:04o}, belongs to "
                    "root, and the container runs as another user; give the pod a "
                    "securityContext.fsGroup, or take the volume's defaultMode away"
                ),
                commands=lambda _: (),
            )
        )
    )


def _own_variable(name: str, pair: list[str], container: str) -> Fault:
    (missing,) = {*pair} - {name}
    return Fault(
        code="D-POD-OWN-ENV",
        words=(
            f"the workload sets {name} itself, and the webhook writes {missing} only "
            "where there is neither of the two"
        ),
        commands=lambda pod: unset_variables(pod, container, [name]),
    )


def _role_fault(facts: Facts, role_arn: str | None) -> Fault | None:
    account = known(facts.service_account)
    wanted = account.annotations.get(ROLE_ARN_ANNOTATION) if account else None
    if wanted is None or role_arn in {None, wanted} or not is_role_arn(wanted):
        return None
    if facts.role is None:
        return None  # a new pod would have less
    attempt = known(facts.attempt)
    refused = attempt is not None and bool(attempt.code)
    return Fault(
        code="D-POD-OLD-ROLE",
        words=(
            f"{ROLE_ARN_VARIABLE} is {role_arn!r}, and the annotation says {wanted!r} "
            "now; where a new pod has it too, the workload itself sets it"
            + ("; pods get no credentials of the latter yet" if refused else "")
        ),
        wanted=wanted,
        given=role_arn or "",
        commands=(lambda _: ()) if refused else _restarted,
    )


def _token_fault(facts: Facts, path: str | None, found: str | None) -> Fault | None:
    wanted = asked_audience(facts.service_account)
    if found is None:
        return Fault(
            code="D-POD-VOLUME",
            words=f"no token of the service account is mounted at {path!r}",
        )
    if found == wanted or known(facts.service_account) is None:
        return None
    return Fault(
        code="D-POD-AUDIENCE",
        words=(
            f"the token is for the audience {found!r}, and the annotations ask for "
            f"{wanted!r} now"
        ),
        wanted=wanted,
        given=found,
    )


def association_fault(facts: Facts, pod: Json, container: Json) -> Fault | None:
    """Say what a container lacks to get the role of the association.

    Args:
        facts: What was read.
        pod: As the API server has it.
        container: One of its containers.
    """
    variables = variables_of(container)
    pair = [URI_VARIABLE, _URI_TOKEN_FILE]
    there = [name for name in pair if name in variables]
    if len(there) == 1:
        return _own_variable(there[0], pair, container["name"])
    if not there:
        association = asked_association(facts.associations)
        role_arn = association.role_arn if association else ""
        if old := variables.get(ROLE_ARN_VARIABLE):
            if association and _gets_the_same(facts, association, old):
                return None
            return Fault(
                code="D-POD-OLD-WAY",
                words=(
                    f"the role is {old!r} by IRSA still, from before the EKS Pod "
                    f"Identity association, whose role is {role_arn!r}"
                ),
                wanted=role_arn if old != role_arn else "",
                given=old if old != role_arn else "",
            )
        return Fault(
            code="D-POD-NOT-INJECTED",
            words=(
                f"no {URI_VARIABLE}; the webhook writes it when a pod is made, which "
                "was before the EKS Pod Identity association"
            ),
        )
    path = variables[_URI_TOKEN_FILE]
    if path is not None and mounted_token(pod, container, path) is None:
        return Fault(
            code="D-POD-VOLUME",
            words=f"no token of the service account is mounted at {path!r}",
        )
    return None


def _gets_the_same(facts: Facts, association: LiveAssociation, old: str) -> bool:
    """Tell whether a pod of before gets by IRSA what the association gives."""
    differs = association.target_role_arn or association.policy
    then = None if differs or old != association.role_arn else by_tokens(facts, old)
    return then is not None and not any(
        True for _ in chain(provider_notes(then), role_notes(then))
    )


def added_later() -> Fault:
    """Say of a container that the others of its pod have what it lacks."""
    return Fault(
        code="D-POD-CONTAINER",
        words=(
            "no role, which the other containers have; it was probably added by "
            "another webhook, after EKS's had been called"
        ),
        commands=lambda _: (),
    )


def has_role(pod: Json) -> bool:
    """Tell whether a container of a pod was given a role, by either way.

    Args:
        pod: As the API server has it.
    """
    return any(
        {ROLE_ARN_VARIABLE, URI_VARIABLE} & {*variables_of(container)}
        for container in containers_of(pod)
    )


def sets_role_itself(pod: Json) -> bool:
    """Tell whether a pod takes a token and a role without the webhook.

    Args:
        pod: As the API server has it.
    """
    for container in containers_of(pod):
        variables = variables_of(container)
        path = variables.get(_TOKEN_FILE)
        token = mounted_token(pod, container, path) if path else None
        if token and token.volume != _VOLUME and ROLE_ARN_VARIABLE in variables:
            return True
    return False
