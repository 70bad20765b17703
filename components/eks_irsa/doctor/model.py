"""What the doctor looks at, and what it finds.

Facts are gathered by whoever may read them; every link is a function of them alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from eks_irsa.live.model import (
    NOT_LOOKED_UP,
    Attempt,
    LiveAssociation,
    LiveCluster,
    LiveProvider,
    LiveRole,
    LiveServiceAccount,
    Read,
    Unread,
)

__all__ = [
    "LINKS",
    "Diagnosis",
    "Facts",
    "Finding",
    "Link",
    "LinkState",
    "Severity",
]

Link = Literal[
    "serviceAccount",
    "annotation",
    "webhook",
    "pod",
    "token",
    "association",
    "provider",
    "role",
    "exchange",
    "permissions",
    "sdk",
]
"""One link of the chain from a pod to AWS."""

LINKS: Final[tuple[Link, ...]] = get_args(Link)
"""All links, in the order of the chain; the first that breaks is the verdict."""

Severity = Literal["error", "warning", "unknown"]
"""error: the chain breaks here; warning: it may, or soon will; unknown: something that
could not be looked at."""

LinkState = Literal["ok", "warning", "broken", "unknown", "skipped"]
"""What becomes of one link; skipped: it has no part in how these pods get their role,
or cannot be judged before an earlier one is mended."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something that the doctor has to say of a link.

    Attributes:
        link: Where it is.
        code: Name of the fault, `D-...`.
        severity: How bad.
        message: What is, with the values that differ, and what it should be.
        remedy: Commands to copy, one to a line; empty where there is nothing to do.
        wanted: Of two texts that have to be the same the one that is asked for; of a
            role always what its trust policy has. Empty where there are no two.
        given: The other one; of a role always what the token, or EKS, asks with.
    """

    link: Link
    code: str
    severity: Severity
    message: str
    remedy: tuple[str, ...] = ()
    wanted: str = ""
    given: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnosis:
    """What the doctor found for one service account.

    Attributes:
        key: `<namespace>/<name>` of the service account.
        pod: Name of the pod it was asked for, or None.
        way: By which way its pods get a role: `irsa`, `podIdentity` or `none`.
        role_arn: The role they get, or None.
        links: Every link -> what becomes of it.
        findings: In the order of the chain, errors of a link first.
    """

    key: str
    pod: str | None
    way: str
    role_arn: str | None
    links: Mapping[Link, LinkState]
    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        """Nothing that was looked at is broken."""
        return all(one.severity != "error" for one in self.findings)

    @property
    def looked_at(self) -> bool:
        """Some link could be looked at; otherwise nobody knows anything."""
        return any(
            state in ("ok", "warning", "broken") for state in self.links.values()
        )

    @property
    def verdict(self) -> Finding | None:
        """The first thing that breaks the chain; None if nothing does."""
        errors = (one for one in self.findings if one.severity == "error")
        return next(errors, None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """Everything that was read for one service account.

    Every value that could not be read is an `Unread`; None is what is known to be
    absent. What is not looked at before something else is known (a role whose ARN no
    annotation says) has its default.

    Attributes:
        namespace: Namespace of the service account.
        name: Its name.
        pod_name: The pod it is asked for; None for the service account alone.
        cluster: The EKS cluster; None where it is not known which.
        cluster_name: Its name and region as they were given, for commands.
        region: AWS region of the cluster; empty if it is not known.
        options: Program, such as `kubectl` -> option -> value, of commands that are to
            reach the same cluster and AWS account. Default: none.
        account_id: AWS account of the identity that asks, 12 digits.
        service_account: The service account; None if there is none.
        namespace_labels: Labels of the namespace; None if there is no such namespace.
        pods: The pods of the service account as the API server has them, as JSON; the
            one that is asked for alone, where one is. None if there is no such pod.
        webhooks: The MutatingWebhookConfigurations that have a webhook for pods whose
            name holds `pod-identity`, as JSON.
        near_service_accounts: Keys of service accounts of that name in other
            namespaces, and of similar names in this one.
        token_claims: Claims of a token as the API server issues it for the audience
            that the pod's would have.
        associations: The associations of this service account.
        agent: Whether the cluster has the add-on of the EKS Pod Identity agent, or is
            one of Auto Mode.
        role: The role that pods get; None if there is none of that name.
        stack: `<organization>/<project>/<stack>` that makes the role, for the program
            that asks; empty where a tag of the role alone tells.
        namesake: The role of that name in the AWS account that is asked, where the one
            that pods get is another account's; None if there is none.
        provider: The IAM OIDC provider of the cluster's issuer *now*; None if IAM has
            none.
        providers: ARNs of all IAM OIDC providers of the AWS account.
        policies: ARN of each managed policy of the role -> JSON of its default version.
        boundary: JSON of the permissions boundary's default version; None without one.
        policies_unread: Why policies of the role are missing in *role*.
        attempt: What STS, or EKS, answered to the token; None where it was not tried.
        clock_seconds: Seconds since 1970 when the token was issued, by the clock of
            this machine; None where it is not known.
        asked_action: What the pods want to do, such as `s3:GetObject`; empty for no
            question.
        asked_resource: ARN that they want to do it to; empty to ask whether there is
            anything. Default: empty.
    """

    namespace: str
    name: str
    pod_name: str | None = None
    cluster: Read[LiveCluster | None] = None
    cluster_name: str = ""
    region: str = ""
    options: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict[str, Mapping[str, str]]
    )
    account_id: Read[str] = NOT_LOOKED_UP
    service_account: Read[LiveServiceAccount | None] = NOT_LOOKED_UP
    namespace_labels: Read[Mapping[str, str] | None] = NOT_LOOKED_UP
    pods: Read[tuple[Mapping[str, Any], ...] | None] = ()
    webhooks: Read[tuple[Mapping[str, Any], ...]] = NOT_LOOKED_UP
    near_service_accounts: tuple[str, ...] = ()
    token_claims: Read[Mapping[str, Any]] = NOT_LOOKED_UP
    associations: Read[tuple[LiveAssociation, ...]] = NOT_LOOKED_UP
    agent: Read[bool] = NOT_LOOKED_UP
    role: Read[LiveRole | None] = NOT_LOOKED_UP
    stack: str = ""
    namesake: Read[LiveRole | None] = NOT_LOOKED_UP
    provider: Read[LiveProvider | None] = NOT_LOOKED_UP
    providers: Read[tuple[str, ...]] = NOT_LOOKED_UP
    policies: Mapping[str, Read[str]] = field(default_factory=dict[str, Read[str]])
    boundary: Read[str | None] = None
    policies_unread: tuple[Unread, ...] = ()
    attempt: Read[Attempt | None] = None
    clock_seconds: float | None = None
    asked_action: str = ""
    asked_resource: str = ""

    @property
    def key(self) -> str:
        """`<namespace>/<name>`."""
        return f"{self.namespace}/{self.name}"
