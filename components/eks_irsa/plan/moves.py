"""What moving between IRSA and EKS Pod Identity means for pods that run.

The engine's preview shows roles and associations; that pods have what they were started
with it does not show.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from eks_irsa.errors import Problem
from eks_irsa.identity.model import IdentityMode
from eks_irsa.plan.model import Plan
from eks_irsa.plan.transitions import Recorded, recorded_of

__all__ = ["move_warnings"]

# Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html
_KEPT: Final = "up to 6 hours (59 minutes with a target role)"
_RESTART: Final = "kubectl rollout restart"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Move:
    """What is said where entries move from one way to another."""

    before: IdentityMode
    now: IdentityMode
    code: str
    message: str


_LEFT: Final = (
    "the associations that the stack had until now go, of add-ons that EKS has to be "
    "told of (aws eks update-addon --pod-identity-associations), or in another "
    f"cluster; their pods have what the agent keeps for {_KEPT}; that is for {{}}"
)
_MOVES: Final = (
    _Move(
        before="irsa",
        now="both",
        code="W-POD-RESTART",
        message=(
            "pods get the role by EKS Pod Identity once they are restarted, and by "
            f"their tokens until then; after up, restart ({_RESTART}) those of {{}}"
        ),
    ),
    _Move(
        before="both",
        now="podIdentity",
        code="W-TOKENS-END",
        message=(
            "the roles trust no tokens of the OIDC provider from now on, so that pods "
            "that were started before their association lose their credentials; before "
            f"up, restart ({_RESTART}) those of {{}}"
        ),
    ),
    _Move(
        before="both",
        now="irsa",
        code="W-ASSOCIATION-ENDS",
        message=(
            "the associations go, and pods that were started with them have what the "
            f"agent keeps for {_KEPT}, and no credentials after that; as soon as up is "
            f"done, restart ({_RESTART}) those of {{}}"
        ),
    ),
    _Move(
        before="irsa",
        now="podIdentity",
        code="W-CREDENTIALS-GAP",
        message=(
            "pods that run have tokens that their roles do not trust from now on, and "
            "no credentials until they are restarted; go in three steps instead: set "
            f"identity to both and run up, restart the pods ({_RESTART}), set it to "
            "podIdentity and run up; that is for {}"
        ),
    ),
    _Move(
        before="podIdentity",
        now="irsa",
        code="W-CREDENTIALS-GAP",
        message=(
            "a pod that is started while up runs may get no credentials either way; go "
            "in three steps instead: set identity to both and run up, set it to irsa "
            f"and run up, then restart the pods ({_RESTART}); that is for {{}}"
        ),
    ),
)


def move_warnings(
    plan: Plan, recorded: Mapping[str, Recorded], *, stack: str
) -> Iterator[Problem]:
    """Say what becomes of pods that run, once for all entries that move alike.

    Args:
        plan: What is asked for now.
        recorded: What the state holds, by `<namespace>/<name>`.
        stack: `<organization>/<project>/<stack>`, the source of the warnings.
    """
    moved: defaultdict[tuple[IdentityMode, IdentityMode], list[str]] = defaultdict(list)
    kept: set[str] = set()
    for entry in plan.service_accounts:
        kept |= {entry.key, *entry.former_keys}
        if entry.key in plan.add_ons:
            continue  # whose pods get what EKS was told
        if before := recorded_of(entry, recorded):
            now = entry.identity
            if entry.role is None and now == "podIdentity":
                now = "both"  # whom an existing role trusts does not change
            moved[before.identity, now].append(entry.key)
    for move in _MOVES:
        if keys := moved[move.before, move.now]:
            message = move.message.format(_by_namespace(keys))
            yield _warning(stack, move.code, message)
    left = _left(plan, recorded)
    if left:
        yield _warning(stack, "W-ASSOCIATION-ENDS", _LEFT.format(_by_namespace(left)))
    gone = [
        key
        for key, before in recorded.items()
        if key not in kept and before.association_id and not before.role_arn
    ]
    if gone:
        message = (
            "the associations go with their entries and their roles stay, so that pods "
            f"have the permissions for {_KEPT} more; that is for "
            f"{_by_namespace(gone)}"
        )
        yield _warning(stack, "W-ASSOCIATION-ENDS", message)


def _left(plan: Plan, recorded: Mapping[str, Recorded]) -> list[str]:
    """List entries whose association goes though they stay."""
    return [
        entry.key
        for entry in plan.service_accounts
        if (before := recorded.get(entry.key))
        and before.association_id
        and (
            entry.key in plan.add_ons
            or before.association_cluster not in {"", plan.cluster.name}
        )
    ]


def _warning(stack: str, code: str, message: str) -> Problem:
    return Problem(
        source=stack, path="identity", code=code, severity="warning", message=message
    )


def _by_namespace(keys: Iterable[str]) -> str:
    """List service accounts, such as `apps (reader, writer), shop (cart)`."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    for key in keys:
        namespace, _, name = key.partition("/")
        names[namespace].append(name)
    return ", ".join(f"{space} ({', '.join(found)})" for space, found in names.items())
