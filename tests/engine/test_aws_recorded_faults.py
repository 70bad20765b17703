"""Calls that fail, on the AWS plugin of the sandbox, held to what the real one did.

See test_aws_recordings.py. What a refused update leaves is here too: the next run
succeeds, calls nothing that changes anything, and AWS still has the old value.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi_aws as aws
import pytest
from aws_faults import Denied, Late, Lost, Throttled
from aws_program import Wanted, statement, trust
from aws_replay import REGION, Replay
from aws_wishes import POWER_USER, A

from sandbox.session import Sandbox

pytestmark = pytest.mark.engine


def _live(replay: Replay) -> dict[str, Any]:
    """Give what IAM holds of the role."""
    name = {"RoleName": f"{replay.cluster}-a"}
    role = replay.iam.get_role(**name)["Role"]
    conditions = [
        one
        for given in role["AssumeRolePolicyDocument"]["Statement"]
        for one in given["Condition"].values()
    ]
    documents = {
        one: replay.iam.get_role_policy(PolicyName=one, **name)["PolicyDocument"]
        for one in replay.iam.list_role_policies(**name)["PolicyNames"]
    }
    attached = replay.iam.list_attached_role_policies(**name)["AttachedPolicies"]
    boundary = role.get("PermissionsBoundary", {})
    return {
        "attached": [one["PolicyArn"].rpartition("/")[2] for one in attached],
        "boundary": boundary.get("PermissionsBoundaryArn"),
        "description": role["Description"],
        "inline": {
            key: one["Statement"][0]["Action"] for key, one in documents.items()
        },
        "session": role["MaxSessionDuration"],
        "sub": [
            value
            for keys in conditions
            for key, value in keys.items()
            if key.endswith(":sub")
        ],
        "tags": {
            one["Key"]: one["Value"]
            for one in role["Tags"]
            if not one["Key"].startswith("eks-irsa")
        },
    }


@pytest.mark.parametrize(
    ("scenario", "action", "changed"),
    [
        pytest.param(
            "fail-boundary",
            "PutRolePermissionsBoundary",
            Wanted(entries=[A], boundary=POWER_USER),
            id="boundary",
        ),
        pytest.param(
            "fail-session",
            "UpdateRole",
            Wanted(entries=[A], session_seconds=7200),
            id="session",
        ),
    ],
)
def test_update_that_is_refused_is_lost_for_one_run(
    replay: Replay,
    compare: Callable[[str], None],
    scenario: str,
    action: str,
    changed: Wanted,
) -> None:
    """What was wanted is on record; the next run reads, and the one after mends it."""
    replay.wanted = Wanted(entries=[A])
    replay.up("1 up")
    replay.note("1 live", _live(replay))
    replay.wanted = changed
    replay.up("2 up denied", fault=Denied(action))
    replay.note("2 live", _live(replay))
    replay.state("2 state", of="aws:iam/role")
    replay.preview("3 preview")
    replay.up("4 up")
    replay.note("4 live", _live(replay))
    replay.preview("5 preview")
    replay.up("6 up")
    replay.note("6 live", _live(replay))
    replay.preview("7 preview")
    replay.destroy("8 destroy")

    compare(scenario)


def test_special_characters(replay: Replay, compare: Callable[[str], None]) -> None:
    """What is encoded on the way comes back as it was."""
    document = statement(
        "s3:GetObject",
        Sid="A1",
        resource=["arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/a+b c/%20/<x>&y"],
        Condition={
            "StringLike": {"aws:PrincipalTag/x": ["ünï", "a b+c"]},
            "Bool": {"aws:SecureTransport": "true"},
        },
    )
    replay.wanted = Wanted(
        entries=[replace(A, inline={"attachPolicy": document})],
        tags={"a b": "c+d=e@f:g/h", "ü": "ß"},
    )

    replay.up("1 up")
    replay.preview("2 preview")
    replay.refresh("3 refresh")
    replay.preview("4 preview")
    replay.up("5 up refresh", refresh=True)
    replay.destroy("6 destroy")

    compare("special")


def test_role_that_is_not_visible_at_once(
    replay: Replay, compare: Callable[[str], None]
) -> None:
    """It is asked for until it is there."""
    replay.wanted = Wanted(entries=[A])

    replay.up("1 up", fault=Late(times=2))
    replay.up("2 up")
    replay.preview("3 preview")
    replay.destroy("4 destroy")

    compare("late")


def test_throttled_calls(replay: Replay, compare: Callable[[str], None]) -> None:
    """Each is made again, and nothing is made twice."""
    replay.wanted = Wanted(entries=[A])

    replay.up("1 up", fault=Throttled())
    replay.preview("2 preview")
    replay.destroy("3 destroy")

    compare("throttled")


def test_lost_answers(
    replay: Replay,
    compare: Callable[[str], None],
    sandbox: Sandbox,
    numbers: Iterator[int],
    tmp_path: Path,
) -> None:
    """A creation is refused when it is tried again; everything else goes on."""
    for action in (
        "CreateRole",
        "CreateOpenIDConnectProvider",
        "AttachRolePolicy",
        "PutRolePolicy",
        "DeleteRole",
        "DetachRolePolicy",
        "DeleteRolePolicy",
        "DeleteOpenIDConnectProvider",
    ):
        one = Replay(
            sandbox=sandbox,
            cluster=f"test-{next(numbers)}",
            folder=tmp_path / action,
            wanted=Wanted(entries=[A]),
            seen=replay.seen,
        )
        one.up(f"{action} up", fault=Lost(action))
        one.up(f"{action} up again")
        one.destroy(f"{action} destroy", fault=Lost(action))
        one.destroy(f"{action} destroy again")

    compare("lost")


def test_refused_creations(replay: Replay, compare: Callable[[str], None]) -> None:
    """A role of the name, a policy that is none, and a cluster that is not there."""
    replay.make_provider()
    role = f"{replay.cluster}-a"
    replay.iam.create_role(
        RoleName=role,
        AssumeRolePolicyDocument=trust(replay.provider_arn, "somebody", "else"),
    )
    no_such = replace(
        A, attached=["arn:aws:iam::aws:policy/NoSuchPolicyAtAll"], inline={}
    )

    replay.wanted = Wanted(entries=[A], provider="import")
    replay.up("1 role exists")
    replay.iam.delete_role(RoleName=role)
    replay.up("2 up")
    replay.wanted = Wanted(entries=[no_such], provider="import")
    replay.up("3 no such policy")
    replay.destroy("4 destroy")
    replay.wanted = _elsewhere
    replay.preview("5 no cluster")

    compare("errors")


def _elsewhere() -> None:
    aws.eks.get_cluster(name="not-there", region=REGION)
