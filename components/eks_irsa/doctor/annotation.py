"""Does the service account name a role, in a way that the webhook understands?"""

from collections.abc import Iterator, Mapping
from typing import Final

from eks_irsa.doctor.annotated_arn import arn_fault
from eks_irsa.doctor.model import Facts, Finding
from eks_irsa.doctor.notes import SKIPPED, Gap, Notes, command, finding
from eks_irsa.doctor.pod_environment import sets_role_itself
from eks_irsa.doctor.pods import (
    annotations_of,
    pods_of,
)
from eks_irsa.doctor.route import (
    asked_way,
    near_role_annotation,
    part_of_arn,
    place_of,
    role_of_pods,
)
from eks_irsa.doctor.workloads import restarts, workload_of
from eks_irsa.documents.arns import in_partition, is_role_arn
from eks_irsa.documents.webhook import (
    ROLE_ARN_ANNOTATION,
    near_annotation,
    webhook_value_fault,
)
from eks_irsa.live.model import NOT_LOOKED_UP, LiveServiceAccount, Unread, known

__all__ = ["annotation_notes"]

# Source: https://github.com/jtblin/kube2iam and https://github.com/uswitch/kiam
_KUBE2IAM: Final = "iam.amazonaws.com/role"
_PLACEHOLDER: Final = "ROLE_ARN"


def annotation_notes(facts: Facts) -> Notes:
    """Look at the annotations of the service account.

    Args:
        facts: What was read.
    """
    account = facts.service_account
    if isinstance(account, Unread):
        yield Gap("its annotations", account)
        return
    if account is None or asked_way(facts) == "podIdentity":
        yield SKIPPED
        return
    if (value := account.annotations.get(ROLE_ARN_ANNOTATION)) is None:
        missing = _missing(facts, account)
        hidden = facts.associations if missing.code == "D-ANNOTATION-NONE" else ()
        yield (
            Gap("whether EKS Pod Identity gives a role", hidden)
            if isinstance(hidden, Unread) and hidden != NOT_LOOKED_UP
            else missing
        )
    else:
        yield from _value_findings(facts, value)
    yield from _other_findings(facts, account.annotations)


def _missing(facts: Facts, account: LiveServiceAccount) -> Finding:
    """Name the likeliest reason why the annotation is not there."""
    if near := near_role_annotation(account.annotations):
        value = account.annotations[near].strip()
        return finding(
            "D-ANNOTATION-NEAR-MISS",
            f"the webhook does not know the annotation {near!r}; it reads "
            f"{ROLE_ARN_ANNOTATION!r}",
            *_annotate(facts, _meant(facts, value), f"{near}-"),
            wanted=ROLE_ARN_ANNOTATION,
            given=near,
        )
    pods = [annotations_of(pod) for pod in pods_of(facts)]
    for annotations in (account.annotations, *pods):
        if role := annotations.get(_KUBE2IAM):
            return finding(
                "D-ANNOTATION-KUBE2IAM",
                f"{_KUBE2IAM!r} is an annotation of kube2iam and kiam; EKS's webhook "
                f"reads {ROLE_ARN_ANNOTATION!r} of the service account",
                *_annotate(facts, _meant(facts, role.strip())),
            )
    for annotations in pods:
        if role := annotations.get(ROLE_ARN_ANNOTATION):
            return finding(
                "D-ANNOTATION-ON-POD",
                f"{ROLE_ARN_ANNOTATION!r} is on the pods, and the webhook reads it of "
                "the service account alone",
                *_annotate(facts, _meant(facts, role.strip())),
            )
    return finding(
        "D-ANNOTATION-NONE",
        f"the service account has no annotation {ROLE_ARN_ANNOTATION!r} and no EKS Pod "
        "Identity association; of a stack of eks-irsa 'pulumi up --refresh' puts the "
        "annotation back",
        *_annotate(facts, _role_before(facts)),
        severity="warning" if any(map(sets_role_itself, pods_of(facts))) else "error",
    )


def _role_before(facts: Facts) -> str:
    role = known(facts.role)
    return role_of_pods(facts) or (role.arn if role else _PLACEHOLDER)


def _value_findings(facts: Facts, value: str) -> Iterator[Finding]:
    plain = value.strip()
    partition, account_id = place_of(facts)
    if not is_role_arn(plain):
        fault = arn_fault(plain, partition=partition, account_id=account_id)
        yield finding(
            "D-ANNOTATION-ARN",
            f"the annotation {value!r} {fault.words}",
            *_annotate(facts, fault.meant or _PLACEHOLDER),
            given=value,
        )
        return
    if plain != value:
        yield finding(
            "D-ANNOTATION-SPACES",
            f"the annotation {value!r} has spaces or line breaks around the ARN, and "
            "the webhook hands them on",
            *_annotate(facts, plain),
            wanted=plain,
            given=value,
        )
    yield from _place_findings(facts, plain)
    role = known(facts.role)
    if role and role.arn != plain and _name(role.arn) == _name(plain):
        yield finding(
            "D-ANNOTATION-PATH",
            f"the role's ARN is {role.arn!r}, and the annotation says {plain!r}; AWS "
            "compares path and case too",
            *_annotate(facts, role.arn),
            wanted=role.arn,
            given=plain,
        )


def _name(arn: str) -> str:
    return arn.rpartition("/")[2].lower()


def _place_findings(facts: Facts, role_arn: str) -> Iterator[Finding]:
    """Find a role that is elsewhere than the cluster."""
    partition, account_id = place_of(facts)
    if partition and part_of_arn(role_arn, 1) != partition:
        right = in_partition(role_arn, partition)
        yield finding(
            "D-ANNOTATION-PARTITION",
            f"the role {role_arn!r} is of another partition than the cluster, which is "
            f"in {partition!r}",
            *_annotate(facts, right),
            wanted=right,
            given=role_arn,
        )
        return
    other = part_of_arn(role_arn, 4)
    if not account_id or other == account_id:
        return
    attempt = known(facts.attempt)
    if attempt and not attempt.code:
        return  # it works
    namesake = known(facts.namesake)
    yield finding(
        "D-ANNOTATION-ACCOUNT",
        f"the role is in the AWS account {other}, and the cluster in {account_id}; "
        f"STS looks for the issuer's OIDC provider in {other}, so that it has to be "
        "there too"
        + (f". Or is {namesake.arn!r} meant, which is there?" if namesake else ""),
        *(_annotate(facts, namesake.arn) if attempt and namesake else ()),
        # The answer itself says more, unless this is a slip.
        severity="error" if attempt and namesake else "warning",
    )


def _other_findings(facts: Facts, annotations: Mapping[str, str]) -> Iterator[Finding]:
    """Find annotations besides the role's that do not say what they seem to."""
    for key, value in annotations.items():
        near = near_annotation(key)
        if near and near != ROLE_ARN_ANNOTATION:
            yield finding(
                "D-ANNOTATION-NEAR-MISS",
                f"the webhook does not know the annotation {key!r}; did you mean "
                f"{near!r}?",
                _annotated(facts, f"{near}={value}", f"{key}-"),
                severity="warning",
                wanted=near,
                given=key,
            )
        elif fault := webhook_value_fault(key, value):
            yield finding(
                "D-ANNOTATION-VALUE",
                f"the annotation {key!r}: {fault}",
                _annotated(facts, f"{key}-"),
            )


def _meant(facts: Facts, value: str) -> str:
    """Return the ARN that a value stands for; the placeholder if nothing tells."""
    if is_role_arn(value):
        return value
    partition, account_id = place_of(facts)
    fault = arn_fault(value, partition=partition, account_id=account_id)
    return fault.meant or _PLACEHOLDER


def _annotate(facts: Facts, role_arn: str, *others: str) -> tuple[str, ...]:
    """Write the commands that give the service account its role, and then the pods."""
    made = [pod for pod in pods_of(facts) if workload_of(pod).kind != "Pod"]
    change = f"{ROLE_ARN_ANNOTATION}={role_arn}"
    return (_annotated(facts, change, *others), *restarts(made))


def _annotated(facts: Facts, *changes: str) -> str:
    target = ("kubectl", "annotate", "serviceaccount", facts.name)
    return command(*target, "--namespace", facts.namespace, "--overwrite", *changes)
