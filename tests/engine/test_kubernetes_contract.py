"""What the real Kubernetes plugin was seen to do where something may be lost.

Five scenarios that were run on pulumi-kubernetes 4.34.2 with a real engine and a real
API server 1.34: toggling between an account and a patch of it, letting go of what is
gone, force, conflict, and taking a label out of the program. They hold the double to
what was recorded then, and run unchanged with `--plugins real`.
"""

import pulumi
import pulumi.automation as auto
import pytest
from contract import PATCH, SERVICE_ACCOUNT, Contract

pytestmark = pytest.mark.engine

OWNED = "kubernetes:core/v1:ServiceAccount"


def was(type_token: str) -> pulumi.ResourceOptions:
    """Say that the resource was of another type before."""
    return pulumi.ResourceOptions(aliases=[pulumi.Alias(type_=type_token)])


def managers(contract: Contract, annotation: str) -> set[str]:
    """List the managers that own an annotation of the account, without random ends."""
    live = contract.live
    assert live is not None
    return {
        one["manager"].partition("-kubernetes-")[0]
        for one in live["managedFields"]
        if f"f:{annotation}"
        in one["fieldsV1"].get("f:metadata", {}).get("f:annotations", {})
    }


def test_toggle_to_a_patch_without_an_alias_deletes_the_account(
    contract: Contract,
) -> None:
    """The patch is made first, then the old resource goes, and the object with it."""
    contract.up(contract.account(SERVICE_ACCOUNT, {"a": "1"}))

    done = contract.up(contract.account(PATCH, {"a": "1"}))

    # The last word on the name: creation and deletion are of one name.
    assert done == {"it": "delete"}
    assert contract.live is None


def test_toggle_to_a_patch_with_an_alias_keeps_the_account_and_its_keys(
    contract: Contract,
) -> None:
    """Nothing is made or deleted; its creator still owns our keys when we let go.

    The real plugin was seen to update in place; with equal inputs the engine may find
    that there is nothing to do.
    """
    contract.up(contract.account(SERVICE_ACCOUNT, {"a": "1"}))
    before = contract.uid

    done = contract.up(contract.account(PATCH, {"a": "1"}, opts=was(OWNED)))
    kept = contract.uid
    contract.up(lambda: None)

    assert done in ({}, {"it": "update"})
    assert (kept, contract.uid) == (before, before)
    assert contract.annotations == {"a": "1"}


def test_toggle_from_a_patch_without_an_alias_is_refused(contract: Contract) -> None:
    """The account that the patch is of stands in the way of the one to be made."""
    contract.up(contract.account(PATCH, {"a": "1"}))
    before = contract.uid

    with pytest.raises(auto.CommandError):
        contract.up(contract.account(SERVICE_ACCOUNT, {"a": "1"}))

    assert any(
        'serviceaccounts "reader" already exists' in line for line in contract.said
    )
    assert contract.uid == before


def test_letting_go_of_what_is_gone_brings_it_back(contract: Contract) -> None:
    """The relinquish is an apply, and an apply makes what is not there."""
    contract.up(contract.account(PATCH, {"a": "1"}))
    contract.remove()
    gone = contract.annotations

    contract.destroy()

    assert (gone, contract.annotations) == (None, {})


def test_letting_go_where_the_namespace_is_gone_fails(contract: Contract) -> None:
    """There is nowhere to bring it back to."""
    contract.up(contract.account(PATCH, {"a": "1"}))
    contract.remove_namespace()

    with pytest.raises(auto.CommandError):
        contract.destroy()

    missing = f'namespaces "{contract.name}" not found'
    assert any(missing in line for line in contract.said)
    assert contract.live is None


def test_letting_go_of_what_is_retained_makes_no_call(contract: Contract) -> None:
    """Neither the object nor its namespace comes back."""
    retained = pulumi.ResourceOptions(retain_on_delete=True)
    contract.up(contract.account(PATCH, {"a": "1"}, opts=retained))
    contract.remove_namespace()

    contract.destroy()

    assert contract.live is None


def test_force_by_annotation_is_written_onto_the_object(contract: Contract) -> None:
    """Which is why the provider's own setting is used."""
    contract.make({"a": "theirs"}, manager="argocd")
    forced = {"a": "ours", "pulumi.com/patchForce": "true"}

    contract.up(contract.account(PATCH, forced))
    taken = contract.annotations
    contract.destroy()

    assert taken == forced
    assert contract.annotations == {}


def test_force_takes_a_key_and_gives_back_nothing(contract: Contract) -> None:
    """What was there before is not restored; every other key stays as it was."""
    contract.make({"a": "theirs", "b": "x"}, manager="argocd")
    before = contract.uid
    forced = contract.account(PATCH, {"a": "ours"}, enable_patch_force=True)

    contract.up(forced)
    taken, owners = contract.annotations, managers(contract, "a")
    again = contract.preview(forced)
    contract.up(lambda: None)

    assert taken == {"a": "ours", "b": "x"}
    assert "argocd" not in owners
    assert again == {}
    assert (contract.annotations, contract.uid) == ({"b": "x"}, before)


def test_conflict_with_another_owner_stops_a_patch(contract: Contract) -> None:
    """It names the owner, and changes nothing."""
    contract.make({"a": "theirs"}, manager="argocd")

    with pytest.raises(auto.CommandError):
        contract.up(contract.account(PATCH, {"a": "ours"}))

    assert 'conflict with "argocd"' in "\n".join(contract.said)
    assert contract.annotations == {"a": "theirs"}


def test_conflict_of_an_owned_account_stops_preview_and_run(
    contract: Contract,
) -> None:
    """Another owner that applies is no drift to be repaired in silence."""
    contract.up(contract.account(SERVICE_ACCOUNT, {"a": "1"}))
    # What was only created is previewed by force, and fails in the run alone.
    contract.up(contract.account(SERVICE_ACCOUNT, {"a": "2"}))
    contract.apply({"a": "theirs"}, manager="argocd")
    changed = contract.account(SERVICE_ACCOUNT, {"a": "3"})

    with pytest.raises(auto.CommandError):
        contract.preview(changed)
    previewed = "\n".join(contract.said)
    with pytest.raises(auto.CommandError):
        contract.up(changed)

    assert 'conflict with "argocd"' in previewed
    assert 'conflict with "argocd"' in "\n".join(contract.said)
    assert contract.annotations == {"a": "theirs"}


def test_label_taken_out_of_the_program_leaves_the_account(
    contract: Contract,
) -> None:
    """Those of others stay; what kubectl put there would be taken over, and go."""
    both = {"ours": "1", "also": "1"}
    contract.up(contract.account(SERVICE_ACCOUNT, {}, labels=both))
    before = contract.uid
    contract.label({"theirs": "1"}, manager="somebody")

    done = contract.up(contract.account(SERVICE_ACCOUNT, {}, labels={"ours": "1"}))

    live = contract.live
    assert live is not None
    assert done == {"it": "update"}
    assert (live["uid"], live["labels"]) == (before, {"ours": "1", "theirs": "1"})
