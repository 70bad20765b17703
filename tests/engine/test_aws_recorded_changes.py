"""Changes on the AWS plugin of the sandbox, held to what the real one did.

See test_aws_recordings.py.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pulumi
import pulumi_aws as aws
import pytest
from aws_faults import NotThere
from aws_program import Wanted, statement, trust
from aws_replay import REGION, Replay
from aws_wishes import POWER_USER, SQS, A

pytestmark = pytest.mark.engine

OTHER_THUMBPRINTS: Final = [f"9e99a48a9960b14926bb7f3b02e22da2b0ab728{n}" for n in "01"]


def test_changes_one_after_the_other(
    replay: Replay, compare: Callable[[str], None]
) -> None:
    """Each change shows its properties, makes its calls and is gone afterwards."""
    replay.make_provider()
    read_only = A.attached[0]
    two = {"attachPolicy": statement("sqs:*", "sns:*")}
    reordered = {"attachPolicy": statement("sns:*", "sqs:*")}
    base = Wanted(entries=[A], provider="import", tags={"a": "x"})
    plain = replace(base, tags={})
    other = replace(A, role="other-a", attached=[SQS], inline={})
    changes = {
        "2 tags": replace(base, tags={"a": "x", "c.d/e": "3"}),
        "3 boundary": replace(base, boundary=POWER_USER),
        "4 boundary other": replace(
            base, boundary="arn:aws:iam::aws:policy/ReadOnlyAccess"
        ),
        "5 session": replace(base, session_seconds=7200),
        "6 no defaults": plain,
        "7 inline policy": replace(plain, entries=[replace(A, inline=two)]),
        "8 reordered inline": replace(plain, entries=[replace(A, inline=reordered)]),
        "9 attach": replace(
            plain, entries=[replace(A, attached=[SQS, read_only], inline={})]
        ),
        "10 name": replace(plain, entries=[other]),
    }

    replay.wanted = replace(base, tags={"a": "1", "b": "2"})
    replay.up("1 up")
    for name, wanted in changes.items():
        replay.wanted = wanted
        replay.preview(f"{name} preview")
        replay.up(f"{name} up")
        replay.preview(f"{name} second preview")
        replay.state(f"{name} state")
    replay.wanted = replace(plain, entries=[other], path="/irsa/")
    replay.preview("11 path preview")
    replay.up("11 path up")
    replay.preview("11 path second preview")
    replay.wanted = replace(plain, entries=[other], audience="other.audience")
    replay.preview("12 audience preview")
    unknown = NotThere("AddClientIDToOpenIDConnectProvider")
    replay.up("12 audience up", fault=unknown)
    replay.destroy("13 destroy")

    compare("changes")


def test_provider_by_itself(replay: Replay, compare: Callable[[str], None]) -> None:
    """Thumbprints and tags change in place; an import is half done, then given up."""
    first, second = ([one] for one in OTHER_THUMBPRINTS)
    bare = Wanted(looked_up=False, provider_name="p-provider", provider_tags={})

    replay.wanted = replace(bare, thumbprints=first, provider_tags={"a": "1"})
    replay.up("1 up")
    replay.preview("2 preview")
    replay.wanted = replace(bare, thumbprints=second, provider_tags={"a": "2"})
    replay.up("3 up other")
    replay.preview("4 preview")
    replay.wanted = bare
    replay.up("5 up none")
    replay.preview("6 preview")
    replay.refresh("7 refresh")
    replay.preview("8 preview")
    replay.destroy("9 destroy")
    replay.make_provider(clients=("x",), x="y")
    replay.wanted = replace(bare, provider="import", provider_tags={"a": "1"})
    replay.preview("10 import preview")
    unknown = NotThere("RemoveClientIDFromOpenIDConnectProvider")
    replay.up("11 import up", fault=unknown)
    replay.preview("12 preview")
    replay.wanted = replace(bare, provider_tags={"a": "1"})
    replay.preview("13 preview without import")
    replay.wanted = replace(bare, provider="read")
    replay.up("14 up existing")
    replay.preview("15 preview")
    replay.destroy("16 destroy")
    replay.iam.delete_open_id_connect_provider(
        OpenIDConnectProviderArn=replay.provider_arn
    )
    replay.up("18 existing but gone")

    compare("thumbs")


def test_default_tags(replay: Replay, compare: Callable[[str], None]) -> None:
    """The provider's tags are in `tagsAll` alone, and a change of theirs is shown."""
    replay.wanted = Wanted(entries=[A], tags={"mine": "1"})
    replay.configure("defaultTags", '{"tags":{"mine":"default","team":"x"}}')

    replay.preview("1 preview")
    replay.up("2 up")
    replay.state("3 state")
    replay.preview("4 preview")
    replay.refresh("5 refresh")
    replay.preview("6 preview")
    replay.configure("defaultTags", '{"tags":{"team":"y"}}')
    replay.preview("8 preview other")
    replay.up("10 up other")
    replay.preview("11 preview")
    replay.destroy("13 destroy")

    compare("default-tags")


def test_unknown_values(replay: Replay, compare: Callable[[str], None]) -> None:
    """What comes of a role that is not there yet is unknown in a preview only."""
    replay.wanted = lambda: _late_program(replay.cluster)

    replay.preview("1 preview", inputs=True)
    replay.up("2 up", inputs=True)
    replay.preview("3 preview")
    replay.refresh("4 refresh")
    replay.preview("5 preview")
    replay.destroy("6 destroy")

    compare("unknowns")


def _late_program(cluster: str) -> None:
    """Register what depends on a role that has no name of its own."""
    found = aws.eks.get_cluster(name=cluster, region=REGION)
    issuer = found.identities[0].oidcs[0].issuer.removeprefix("https://")
    account = found.arn.split(":")[4]
    arn = f"arn:aws:iam::{account}:oidc-provider/{issuer}"
    provider = aws.iam.OpenIdConnectProvider(
        "p-provider",
        url=f"https://{issuer}",
        client_id_lists=["sts.amazonaws.com"],
        tags={"a": "b"},
    )
    service = {"Service": "ec2.amazonaws.com"}
    given = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": service}
    first = aws.iam.Role(
        "first",
        assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [given]}),
    )
    subject = "system:serviceaccount:apps:late"
    late = aws.iam.Role(
        "late-role",
        description=f"IRSA: {subject}",
        assume_role_policy=trust(arn, subject, "sts.amazonaws.com"),
        max_session_duration=3600,
        force_detach_policies=True,
        tags={"first": first.name, "id": first.unique_id},
        opts=pulumi.ResourceOptions(depends_on=[provider], delete_before_replace=True),
    )
    aws.iam.RolePolicy(
        "late:one",
        name="one",
        role=late.name,
        policy=first.arn.apply(lambda one: statement("sts:AssumeRole", resource=one)),
    )
