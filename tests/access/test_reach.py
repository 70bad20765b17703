"""What reaches a pattern of actions and resources."""

from eks_irsa.access.authority import Authority
from eks_irsa.access.reach import Reach, reaches
from eks_irsa.documents.policy_statements import Grant, read_policy

BUCKET = "arn:aws:s3:::pay/*"


def grants(*statements: dict[str, object]) -> frozenset[Grant]:
    """Read a policy of statements that allow s3:GetObject on the bucket by default."""
    usual = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": BUCKET}
    return read_policy(
        {"Version": "2012-10-17", "Statement": [usual | one for one in statements]}
    )


def found(
    *statements: dict[str, object],
    boundary: dict[str, object] | None = None,
    action: str = "s3:GetObject",
    resource: str = BUCKET,
) -> tuple[Reach, ...]:
    """Ask for the bucket."""
    authority = Authority(
        grants(*statements), grants(boundary) if boundary is not None else None
    )
    return reaches(authority, action=action, resource=resource)


def test_all_of_it_or_some_of_it() -> None:
    """A grant of one object reaches a bucket, and one of all buckets holds it."""
    (one,) = found({"Resource": "arn:aws:s3:::pay/a"})
    (all_of_it,) = found({"Resource": "*"}, action="S3:GetObject")

    assert (one.whole, one.masked) == (False, False)
    assert (all_of_it.whole, all_of_it.masked) == (True, False)
    assert found({"Resource": "arn:aws:s3:::other/*"}) == ()
    assert found({}, action="s3:Put*") == ()
    (some,) = found({}, action="s3:*")
    assert not some.whole


def test_denial_masks_what_it_holds_and_may_take_the_rest() -> None:
    """Only a denial of everything in question masks."""
    deny: dict[str, object] = {"Effect": "Deny"}

    (masked,) = found({"Resource": "*"}, deny)
    (open_to_doubt,) = found({}, deny | {"Resource": "arn:aws:s3:::pay/a"})
    (conditional,) = found({}, deny | {"Condition": {"Bool": {"k": "true"}}})
    (by_boundary,) = found({}, boundary=deny)

    assert masked.masked
    assert [one.effect for one in masked.denied_by] == ["Deny"]
    for one in (open_to_doubt, conditional):
        assert not one.masked
        assert len(one.perhaps_denied_by) == 1
    assert by_boundary.masked


def test_boundary_must_reach_it_too() -> None:
    """A boundary about something else masks."""
    (through,) = found({}, boundary={"Action": "s3:*", "Resource": "*"})
    (bounded,) = found({}, boundary={"Action": "sqs:*", "Resource": "*"})

    assert (through.masked, len(through.let_through_by)) == (False, 1)
    assert (bounded.masked, bounded.bounded) == (True, True)
