"""What becomes of pods that run when entries move between the two ways."""

from dataclasses import replace
from typing import Final

import pytest
from plans import ACCOUNT_ID, entry, planned

from eks_irsa.identity.model import IdentityMode
from eks_irsa.plan.moves import move_warnings
from eks_irsa.plan.transitions import Recorded

STACK: Final = "organization/eks-irsa/prod"
THEIRS: Final = f"arn:aws:iam::{ACCOUNT_ID}:role/theirs"
WAYS: Final[tuple[IdentityMode, ...]] = ("irsa", "both", "podIdentity")
KEYS: Final = ("apps/a", "shop/c", "apps/b")


def recorded(
    identity: IdentityMode, *keys: str, role: bool = True
) -> dict[str, Recorded]:
    """Give entries as the state has them after a run with this identity."""
    return {
        key: Recorded(
            mode="created",
            role_arn="r" if role else None,
            identity=identity,
            association_id=None if identity == "irsa" else "a-1",
        )
        for key in keys
    }


def said(
    before: IdentityMode, now: IdentityMode, **more: object
) -> list[tuple[str, str]]:
    """Give code and message of every warning about entries that all move alike."""
    plan = planned(
        *(entry(key, **more) for key in KEYS),
        settings={"defaults": {"identity": now}},
    )
    role = "attachRoleARN" not in more
    found = [*move_warnings(plan, recorded(before, *KEYS, role=role), stack=STACK)]
    assert {(one.source, one.path, one.severity) for one in found} <= {
        (STACK, "identity", "warning")
    }
    return [(one.code, one.message) for one in found]


@pytest.mark.parametrize(
    ("before", "now", "code", "message"),
    [
        (
            "irsa",
            "both",
            "W-POD-RESTART",
            (
                "pods get the role by EKS Pod Identity once they are restarted, and by "
                "their tokens until then; after up, restart (kubectl rollout restart) "
                "those of apps (a, b), shop (c)"
            ),
        ),
        (
            "both",
            "podIdentity",
            "W-TOKENS-END",
            (
                "the roles trust no tokens of the OIDC provider from now on, so that "
                "pods that were started before their association lose their "
                "credentials; before up, restart (kubectl rollout restart) those of "
                "apps (a, b), shop (c)"
            ),
        ),
        (
            "both",
            "irsa",
            "W-ASSOCIATION-ENDS",
            (
                "the associations go, and pods that were started with them have what "
                "the agent keeps for up to 6 hours (59 minutes with a target role), "
                "and no credentials after that; as soon as up is done, restart "
                "(kubectl rollout restart) those of apps (a, b), shop (c)"
            ),
        ),
        (
            "irsa",
            "podIdentity",
            "W-CREDENTIALS-GAP",
            (
                "pods that run have tokens that their roles do not trust from now on, "
                "and no credentials until they are restarted; go in three steps "
                "instead: set identity to both and run up, restart the pods (kubectl "
                "rollout restart), set it to podIdentity and run up; that is for apps "
                "(a, b), shop (c)"
            ),
        ),
        (
            "podIdentity",
            "irsa",
            "W-CREDENTIALS-GAP",
            (
                "a pod that is started while up runs may get no credentials either "
                "way; go in three steps instead: set identity to both and run up, set "
                "it to irsa and run up, then restart the pods (kubectl rollout "
                "restart); that is for apps (a, b), shop (c)"
            ),
        ),
    ],
)
def test_move_is_said_once_for_all_that_move(
    before: IdentityMode, now: IdentityMode, code: str, message: str
) -> None:
    """With what to do about pods, and when: before `up` or after it."""
    assert said(before, now) == [(code, message)]


def test_pods_go_on_with_their_association_when_tokens_are_trusted_besides() -> None:
    """An association takes precedence, so nothing changes for pods, started or not."""
    assert said("podIdentity", "both") == []


@pytest.mark.parametrize("way", WAYS)
def test_entry_that_stays_or_is_new_says_nothing(way: IdentityMode) -> None:
    """Equal input, no news."""
    plan = planned(entry("apps/new"), settings={"defaults": {"identity": way}})

    assert said(way, way) == []
    assert [*move_warnings(plan, {}, stack=STACK)] == []


@pytest.mark.parametrize(
    ("before", "codes"),
    [("irsa", ["W-POD-RESTART"]), ("both", []), ("podIdentity", [])],
)
def test_role_that_is_not_ours_goes_on_trusting_whom_it_trusts(
    before: IdentityMode, codes: list[str]
) -> None:
    """Tokens of pods that run are as good as before; nobody changes its trust."""
    found = said(before, "podIdentity", attachRoleARN=THEIRS)

    assert [code for code, _ in found] == codes


def test_renamed_entry_is_compared_with_what_it_was() -> None:
    """Its role goes on."""
    settings = {"renames": {"apps/old": "apps/a"}, "defaults": {"identity": "both"}}
    plan = planned(entry("apps/a"), settings=settings)

    found = [*move_warnings(plan, recorded("irsa", "apps/old"), stack=STACK)]

    assert [one.code for one in found] == ["W-POD-RESTART"]


def test_permissions_outlast_an_association_whose_role_stays() -> None:
    """Where the role goes with the entry, the preview shows the end of it."""
    plan = planned(entry("apps/a"))
    before = recorded("both", "apps/gone", role=False) | recorded("both", "apps/made")

    assert [(w.code, w.message) for w in move_warnings(plan, before, stack=STACK)] == [
        (
            "W-ASSOCIATION-ENDS",
            (
                "the associations go with their entries and their roles stay, so that "
                "pods have the permissions for up to 6 hours (59 minutes with a target "
                "role) more; that is for apps (gone)"
            ),
        )
    ]


def test_add_on_has_its_association_from_eks() -> None:
    """Restarting its pods does nothing; one that the stack had goes."""
    plan = planned(
        *(entry(key) for key in KEYS), settings={"defaults": {"identity": "both"}}
    )
    of_add_ons = replace(plan, add_ons=frozenset({"apps/a"}))
    before = recorded("irsa", "apps/a") | recorded("both", "shop/c", "apps/b")

    moved = [*move_warnings(of_add_ons, before, stack=STACK)]
    handed_over = [*move_warnings(of_add_ons, recorded("both", "apps/a"), stack=STACK)]

    assert moved == []
    ((code, message),) = [(one.code, one.message) for one in handed_over]
    assert code == "W-ASSOCIATION-ENDS"
    assert "aws eks update-addon --pod-identity-associations" in message
    assert message.endswith("that is for apps (a)")


def test_association_in_another_cluster_goes() -> None:
    """Whoever writes another cluster into the file hears what its pods keep."""
    plan = planned(entry("apps/a"), settings={"defaults": {"identity": "podIdentity"}})
    (before,) = recorded("podIdentity", "apps/a").values()

    def codes(cluster: str) -> list[str]:
        state = {"apps/a": replace(before, association_cluster=cluster)}
        return [one.code for one in move_warnings(plan, state, stack=STACK)]

    assert codes("blue") == ["W-ASSOCIATION-ENDS"]
    assert codes(plan.cluster.name) == []
