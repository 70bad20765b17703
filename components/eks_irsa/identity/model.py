"""What is asked for one service account, what follows from it, and what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from eks_irsa.errors import Severity

__all__ = [
    "LATER",
    "Association",
    "Fault",
    "Identity",
    "IdentityMode",
    "InlinePolicy",
    "Later",
    "Mode",
    "Role",
]

Mode = Literal["created", "patched", "notManaged", "retained"]
"""What is done with the service account itself.

created: it is made, and deleted with its entry; patched: it exists, and exactly our
keys are put on it and taken off again; notManaged: it is not touched; retained: it was
created before and is left in the cluster as it is.
"""

IdentityMode = Literal["irsa", "podIdentity", "both"]
"""By which way pods get the role.

irsa: the role trusts the cluster's OIDC provider, and the service account carries the
role's ARN; podIdentity: EKS has an association of service account and role, and the
role trusts EKS; both: all of it, and a pod that is started has the role by the
association.
"""


class Later:
    """A value that only becomes known while the program runs."""

    def __repr__(self) -> str:
        """Return what a message may say of it."""
        return "a value that is not known yet"


LATER: Final = Later()


class Fault(NamedTuple):
    """Something that is wrong with what is asked for.

    Attributes:
        path: Name of the field and steps into its value; empty for the whole.
        code: Name of the rule, `E-...` or `W-...`.
        message: The rule, the value received and the remedy.
        severity: An error stops everything.
        at_key: It is about the last key of *path* rather than its value.
    """

    path: tuple[str | int, ...]
    code: str
    message: str
    severity: Severity = "error"
    at_key: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class InlinePolicy:
    """A policy that lives in a role.

    Attributes:
        key: Name under which it is asked for.
        name: Its name in IAM, the same unless the settings say otherwise.
        document: Its canonical JSON.
    """

    key: str
    name: str
    document: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    """A role we make.

    Attributes:
        name: 1 to 64 characters; given or derived.
        name_given: Somebody gave the name.
        path: Begins and ends with `/`.
        arn: Known before the role exists.
        description: For audits; empty for none.
        permissions_boundary: ARN of the policy that bounds the role, or None.
        managed_policy_arns: Each once, in the order they were asked for.
        inline_policies: Likewise.
        assume_role_policy: The trust policy as JSON.
        tags: Key -> value, ours included, sorted.
        max_session_duration_seconds: 3600 to 43200.
    """

    name: str
    name_given: bool
    path: str
    arn: str
    description: str
    permissions_boundary: str | None
    managed_policy_arns: tuple[str, ...]
    inline_policies: tuple[InlinePolicy, ...]
    assume_role_policy: str
    tags: Mapping[str, str]
    max_session_duration_seconds: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Association:
    """An EKS Pod Identity association of a service account with its role.

    Attributes:
        cluster_arn: ARN of the EKS cluster that has it.
        target_role_arn: Role that is assumed with the first one, or None; its
            permissions are what pods have.
        disable_session_tags: EKS sends no session tags.
        session_policy: Canonical JSON of a policy that narrows what pods may do, or
            None.
        tags: Key -> value, ours included, sorted.
        id: `a-...` of an association that exists and is taken in, or None.
        target_trust_policy: Trust policy that the target role needs, as JSON, or None.
    """

    cluster_arn: str
    target_role_arn: str | None
    disable_session_tags: bool
    session_policy: str | None
    tags: Mapping[str, str]
    id: str | None
    target_trust_policy: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Everything that follows from what is asked for one service account.

    Attributes:
        namespace: Namespace of the service account.
        name: Its name.
        mode: What is done with it.
        subject: Subject or pattern of subjects of tokens that the role trusts; of the
            service account where it trusts none.
        labels: What the service account carries, ours included; empty if it is not
            managed.
        annotations: Likewise, the role's ARN included.
        role_arn: The role its pods will have, ours or an existing one.
        identity: By which way they get it.
        association: Of EKS Pod Identity; None where they do not get it so, and for
            the service account of an EKS add-on, whose association EKS makes.
        attach_role_arn: ARN of the existing role, or None.
        role: The role we make; None where an existing one is used.
        image_pull_secrets: Names of secrets its pods pull images with, sorted.
        asked: The fields it was decided from, as `IrsaServiceAccount` takes them.
        former_keys: `<namespace>/<name>` it had before, the latest first.
    """

    namespace: str
    name: str
    mode: Mode
    subject: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    role_arn: str
    attach_role_arn: str | None
    role: Role | None
    identity: IdentityMode = "irsa"
    association: Association | None = None
    image_pull_secrets: tuple[str, ...] = ()
    asked: Mapping[str, Any] = field(
        default_factory=dict[str, Any], repr=False, compare=False
    )
    former_keys: tuple[str, ...] = ()

    @property
    def adopted(self) -> Mapping[str, Any]:
        """What of it is imported, as `adopt` of `IrsaServiceAccount`; empty if none."""
        found: Mapping[str, Any] = self.asked.get("adopt", {})
        return found

    @property
    def key(self) -> str:
        """`<namespace>/<name>`, which identifies the entry and names its resources."""
        return f"{self.namespace}/{self.name}"
