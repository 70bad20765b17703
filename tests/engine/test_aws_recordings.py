"""The AWS plugin of the sandbox does what the real one did, step by step.

The recordings and their form: tests/recordings/README.md. With `--plugins aws=real` the
same steps run on the plugin that is installed, and nothing may differ.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
from aws_program import Wanted, statement
from aws_replay import Replay
from aws_wishes import (
    AUTOSCALER,
    CACHE,
    MAIN_JOB,
    POWER_USER,
    READER,
    SCALING,
    SQS,
    UNNAMED,
    A,
    B,
)

pytestmark = pytest.mark.engine


def test_main_job(replay: Replay, compare: Callable[[str], None]) -> None:
    """Made, read, left alone and removed, with a provider of the stack's own."""
    replay.wanted = MAIN_JOB

    replay.preview("1 preview")
    replay.up("2 up")
    replay.state("3 state")
    replay.preview("4 preview")
    replay.refresh("5 refresh")
    replay.state("6 state")
    replay.preview("7 preview")
    replay.up("8 up refresh", refresh=True)
    replay.destroy("9 destroy")

    compare("main-job")


def test_main_job_with_a_provider_that_is_taken_in(
    replay: Replay, compare: Callable[[str], None]
) -> None:
    """The same, with a provider that was there and is imported."""
    replay.make_provider()
    replay.wanted = replace(MAIN_JOB, provider="import")

    replay.preview("1 preview")
    replay.up("2 up")
    replay.state("3 state")
    replay.preview("4 preview")
    replay.refresh("5 refresh")
    replay.state("6 state")
    replay.preview("7 preview")
    replay.up("8 up refresh", refresh=True)
    replay.state("9 state")
    replay.destroy("11 destroy")

    compare("main-job-adopted")


def test_provider_that_is_taken_in_released_and_taken_back(
    replay: Replay, compare: Callable[[str], None]
) -> None:
    """An import, a read in its place, and an import again."""
    replay.make_provider()
    managed = Wanted(entries=[UNNAMED], provider="import")
    replay.wanted = managed

    replay.preview("1 preview")
    replay.up("2 up (adopts)")
    replay.state("3 state")
    replay.preview("4 preview")
    replay.refresh("5 refresh")
    replay.preview("6 preview")
    replay.wanted = replace(managed, provider="read")
    replay.preview("7 preview release")
    replay.up("8 up release")
    replay.state("9 state")
    replay.preview("10 preview")
    replay.refresh("11 refresh")
    replay.preview("12 preview")
    replay.wanted = managed
    replay.up("13 up takes back")
    replay.preview("14 preview")
    replay.preview("15 preview auto")
    replay.destroy("16 destroy")

    compare("managed-first")


def test_provider_of_somebody_else(
    replay: Replay, compare: Callable[[str], None]
) -> None:
    """It is read, whatever becomes of it, and never changed."""
    replay.make_provider(clients=("other",), x="y")
    arn = {"OpenIDConnectProviderArn": replay.provider_arn}
    replay.wanted = Wanted(entries=[UNNAMED], provider="read")

    replay.preview("1 preview")
    replay.up("2 up")
    replay.state("3 state")
    replay.preview("4 preview")
    replay.refresh("5 refresh")
    replay.preview("6 preview")
    replay.iam.tag_open_id_connect_provider(Tags=[{"Key": "n", "Value": "z"}], **arn)
    replay.preview("7 preview after their tag")
    replay.up("8 up after their tag")
    replay.iam.delete_open_id_connect_provider(**arn)
    replay.refresh("9 refresh after their delete")
    replay.destroy("10 destroy")

    compare("foreign")


def test_drift(replay: Replay, compare: Callable[[str], None]) -> None:
    """A refresh sees what was changed and removed by hand, and it is mended."""
    replay.make_provider()
    replay.wanted = Wanted(
        entries=[A, B], provider="import", tags={"a": "1"}, boundary=POWER_USER
    )
    theirs = statement("ec2:*")
    a, b = ({"RoleName": f"{replay.cluster}-{name}"} for name in "ab")

    replay.up("1 up")
    replay.iam.tag_role(Tags=[{"Key": "by-hand", "Value": "x"}], **a)
    replay.iam.untag_role(TagKeys=["a"], **a)
    replay.iam.update_role(MaxSessionDuration=43200, **a)
    replay.iam.delete_role_permissions_boundary(**a)
    replay.iam.attach_role_policy(PolicyArn=SQS, **a)
    replay.iam.put_role_policy(PolicyName="attachPolicy", PolicyDocument=theirs, **a)
    replay.preview("2 preview blind")
    replay.preview("3 preview refresh", refresh=True)
    replay.up("4 up refresh", refresh=True)
    replay.preview("5 preview")
    replay.iam.put_role_policy(PolicyName="theirs", PolicyDocument=theirs, **b)
    replay.refresh("6 refresh")
    replay.preview("7 preview")
    replay.remove_role(b["RoleName"])
    replay.up("8 up without refresh, role gone")
    replay.preview("9 preview refresh", refresh=True)
    replay.up("10 up refresh", refresh=True)
    replay.preview("11 preview")
    replay.remove_role(b["RoleName"])
    replay.destroy("12 destroy")

    compare("drift")


def test_policies_attached_by_hand(
    replay: Replay, compare: Callable[[str], None]
) -> None:
    """They do not keep a role that lets go of everything from being deleted."""
    replay.make_provider()
    replay.wanted = Wanted(entries=[A], provider="import")
    role = {"RoleName": f"{replay.cluster}-a"}

    replay.up("1 up")
    replay.iam.attach_role_policy(PolicyArn=SQS, **role)
    replay.iam.put_role_policy(
        PolicyName="theirs", PolicyDocument=statement("ec2:*"), **role
    )
    replay.destroy("2 destroy")

    compare("attached-by-hand")


def test_recovery(replay: Replay, compare: Callable[[str], None]) -> None:
    """What is in AWS and not on record is refused, and imported one by one."""
    replay.make_provider()
    managed = Wanted(entries=[A], provider="import", tags={"a": "1"})
    replay.wanted = managed
    role, provider = f"{replay.cluster}-a", f"{replay.cluster}-provider"

    replay.up("1 up")
    replay.forget("apps/a-role")
    replay.up("3 up refused")
    replay.recover(
        "4 recover role",
        kind="aws:iam/role:Role",
        resource="apps/a-role",
        identifier=role,
    )
    replay.state("5 state")
    replay.preview("6 preview")
    replay.up("7 up")
    replay.preview("8 preview")
    replay.forget(provider)
    replay.wanted = Wanted(entries=[A])
    replay.up("10 up refused")
    replay.recover(
        "11 recover provider",
        kind="aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        resource=provider,
        identifier=replay.provider_arn,
    )
    replay.state("12 state")
    replay.preview("13 preview")
    replay.up("14 up")
    replay.preview("15 preview")
    replay.destroy("16 destroy")
    replay.remove_role(role)

    compare("recovery")


def test_many_changes_at_once(replay: Replay, compare: Callable[[str], None]) -> None:
    """One more, one less, two replaced by their path, and a policy changed by hand."""
    cache = replace(CACHE, key="backend-apps/cache", role="backend-apps-cache-00000000")
    reader = replace(READER, attached=["arn:aws:iam::aws:policy/AmazonS3FullAccess"])
    wider = [one.replace("DescribeTags", "*") for one in SCALING]
    autoscaler = replace(AUTOSCALER, inline={"attachPolicy": statement(*wider)})

    replay.wanted = MAIN_JOB
    replay.up("2 up")
    replay.wanted = Wanted(entries=[reader, cache, autoscaler], path="/irsa/")
    replay.up("6 up")
    replay.iam.put_role_policy(
        RoleName=f"{replay.cluster}-{AUTOSCALER.role}",
        PolicyName="attachPolicy",
        PolicyDocument=statement("*"),
    )
    replay.refresh("8 refresh")
    replay.destroy("10 destroy")

    compare("reports")
