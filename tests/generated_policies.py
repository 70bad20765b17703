"""Policies that are nearly right, drawn from a seed."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, Final, NamedTuple

from policy_differences import Policy

from eks_irsa.documents.conditions import BASE_OPERATORS

__all__ = ["generated_policy"]

_ACTIONS: Final = ("Action", "NotAction")
_RESOURCES: Final = ("Resource", "NotResource")
_ABSENT: Final = "absent"
# Part of an ARN -> what both take, and what is odd about it.
_ARN_PARTS: Final[Mapping[str, tuple[list[str], list[str]]]] = {
    "prefix": (["arn"], ["ARN", "urn", "", "*", "a"]),
    "partition": (
        ["aws", "*", "aws-cn"],
        [
            *["aws-us-gov", "aws-iso", "aws-iso-f", "aws-eusc", "", "aws*", "AWS", "?"],
            *["awz", "${AWS::Partition}", "a w s"],
        ],
    ),
    "service": (
        ["s3", "iam", "sqs"],
        ["s33", "S3", "", "*", "s*", "s3?", "execute-api", "a b"],
    ),
    "region": ([""], ["us-west-2", "*", "us-*", "x"]),
    "account": (
        ["", "111122223333", "*"],
        ["aws", "1", "a b", "${aws:PrincipalAccount}"],
    ),
    "resource": (
        ["role/x", "user/${aws:username}", "policy/a/*"],
        [
            *["root", "my-role", "role", "role/", "roles/x", "*/*", "*x", "root/x"],
            *["Role/", "role-template/x:1", "delegation-request/x", "report/x", "*"],
            *["access-grants/default", "job/1", "storage-lens/x", "accesspoint/x"],
            *["storage-lens-group/x", "async-request/mrap/x/y", "accesspoint", "b*/x"],
            *["accesspoint*", "b/x*", "", "a:b", "a::b", ":", "日本", "}", "${x", "é"],
        ],
    ),
}
_RESOURCES_ALONE: Final[Sequence[Any]] = (
    *("arn:aws:s3::bucket/*", "arn:aws::::b/*", "*bucket*", "**", "?", "*:*", ""),
    *("arn:aws:iam::111122223333:my-role", "arn:aws:iam:us-west-2:1:role/x"),
    *("bucket", "aws:s3:::b", "a:b", "a:b:c:d:e:f:g:h", "arn:", "arn::", ":::::"),
    *(None, 7, [], {}),
)
_ODD_ACTIONS: Final[Sequence[Any]] = (
    *("*:Get*", "s*:Get", "s?:Get", "*s:Get", "s 3:Get", "_:x", "sts:*", "S3:Get"),
    *("GetObject", "", "**", ":", "s3:", ":Get", "s3:Get Object", "s3:Get:Object"),
    *("s3:Gét", "s3:a-b_c", "s3:a.b", "s3:${aws:x}", "arn:aws:s3:::b"),
    *(None, 7, True, [], {}),
)
_ODD_OPERATORS: Final = (
    *("StringEqual", "stringequals", "Date", "DateAfter", "Like", ""),
    *("ForAny:StringLike", "forallvalues:Bool", "ForAnyValue::StringEquals"),
    *("Boolifexists", "BoolIfExistsIfExists", "StringLike:IfExists"),
)
_DATES: Final = (
    *("2030-12-31", "1700000000", "2030-01-01T00:00:00+07:00", "2030-01", "2030", "0"),
    *("2016-12-13T21:20:37.593194+00:00", "2016-12-13t2:00:00.593194+23", "01T"),
    *("2030-1-1t2", "-292275054", "292278993-01", "9223372036854775807", "2030-02-30"),
)
_ODD_DATES: Final = (
    *("2016-12-13t2:00:00.593194+1", "2016-12-13t2:00:00.1999999999+10:59"),
    *("2030-13-01", "2030-00-01", "2030-01-32", "2030-01-01T24:00:00Z", "234-13"),
    *("2030-01-01T00:60:00Z", "2030-01-01T00:00:60Z", "2030-01-01 00:00:00"),
    *("2030-01-01T00:00:00+24:00", "2030-01-01T00:00:00+10:60", "2030-1-1-1"),
    *("2030-01-01T00:00:00-07:00", "2030-01-01T00:00Z", "2030-01-01T00:00+01:00"),
    *("-292275055", "292278994-01", "9223372036854775808", "yesterday", "tomorrow"),
    *("${aws:CurrentTime}", "1.5", "-", "T", "T10:00:00", "2030-01-01T00:00:00ZZ", ""),
)
_ODD_OPERANDS: Final[Sequence[Any]] = (
    True,
    False,
    0,
    10,
    -1,
    1.5,
    2**63,
    None,
    {},
    [],
    ["x"],
)


class _Draw(NamedTuple):
    """Where a policy comes from: equal seeds, equal policies."""

    random: Random

    def odd(self) -> bool:
        """Tell whether the next piece is to be odd, one in twelve."""
        return self.random.random() < 1 / 12

    def piece(self, right: Sequence[object], odd: Sequence[object]) -> Any:  # noqa: ANN401 - any JSON value
        """Draw a piece, most often a right one."""
        return self.random.choice(odd if self.odd() else right)

    def one_or_list(self, draw: Callable[[], object]) -> object:
        """Draw one alone, or a list of at most two."""
        count = self.random.choice([None, None, 1, 1, 2, 0 if self.odd() else 2])
        return draw() if count is None else [draw() for _ in range(count)]

    def action(self) -> object:
        """Draw an entry of Action."""
        return self.piece(
            ["s3:GetObject", "s3:Get*", "*", "*:*", "a.b-c:?et"], _ODD_ACTIONS
        )

    def resource(self) -> object:
        """Draw an entry of Resource."""
        if self.random.random() < 1 / 4:
            return self.piece(["*"], _RESOURCES_ALONE)
        parts = [self.piece(right, odd) for right, odd in _ARN_PARTS.values()]
        return ":".join(parts[: self.piece([6], [5, 4, 3, 2, 1])])

    def operator(self) -> str:
        """Draw an operator of a condition, half of them for dates."""
        if self.odd():
            return self.random.choice(_ODD_OPERATORS)
        names = sorted(BASE_OPERATORS)
        dates = [name for name in names if name.startswith("Date")]
        return (
            self.random.choice(["", "", "ForAllValues:", "ForAnyValue:"])
            + self.random.choice([*names, *dates * 3])
            + self.random.choice(["", "", "IfExists"])
        )

    def condition(self) -> object:
        """Draw a Condition."""
        if self.odd():
            return self.random.choice(
                [None, [], "x", {"Bool": []}, {"Bool": None}, {"x": {}}, {"Null": {}}]
            )
        dates = [*_DATES, *_ODD_DATES] if self.odd() else _DATES
        found: dict[str, object] = {}
        for _ in range(self.random.choice([1, 1, 2])):
            key = self.piece(["aws:CurrentTime", "s3:prefix", "a"], ["", "kms:A:b"])
            found[self.operator()] = {
                key: self.one_or_list(lambda: self.piece(dates, _ODD_OPERANDS))
            }
        return found

    def statement(self) -> object:
        """Draw a statement."""
        random = self.random
        elements = {
            "Sid": self.piece([_ABSENT, "", "A", "B"], ["a-b", "é", 7, None, []]),
            "Effect": self.piece(
                ["Allow", "Deny"], ["allow", "DENY", "x", "", None, [], _ABSENT]
            ),
            random.choice(_ACTIONS): self.one_or_list(self.action),
            random.choice(_RESOURCES): self.one_or_list(self.resource),
            "Condition": self.condition() if random.random() < 1 / 2 else _ABSENT,
        }
        if self.odd():
            elements |= random.choice(
                [
                    {random.choice(_ACTIONS): self.one_or_list(self.action)},
                    {random.choice(_RESOURCES): self.one_or_list(self.resource)},
                    {"Principal": "*"},
                    {"Efect": "Allow"},
                    {random.choice([*_ACTIONS, *_RESOURCES]): _ABSENT},
                ]
            )
        return _present(elements)

    def policy(self) -> Policy:
        """Draw a policy."""
        random = self.random
        statements = self.one_or_list(self.statement)
        elements = {
            "Version": "2012-10-17",
            "Statement": self.piece([statements], [{}, None, "x", ["x"], _ABSENT]),
        }
        if self.odd():
            elements |= random.choice(
                [
                    *[{"Version": random.choice(["2008-10-17", _ABSENT, 2012, []])}]
                    * 2,
                    {"Id": random.choice(["x", 7, None])},
                    {"Conditions": {}},
                    {"Statements": []},
                ]
            )
        return _present(elements)


def _present(elements: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in elements.items() if value != _ABSENT}


def generated_policy(seed: int) -> Policy:
    """Give the policy of a seed: equal seeds, equal policies."""
    return _Draw(Random(seed)).policy()  # noqa: S311 - no secret
