"""What comparing two sets of policies costs.

Prints the CPU time of reading and comparing each pair of docs/performance.md, of this
process, the interpreter's start left out.
"""

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from eks_irsa.access.authority import Authority
from eks_irsa.access.differences import effective_difference
from eks_irsa.documents.aws_managed_policies import aws_managed_policy
from eks_irsa.documents.policy_statements import Grant, read_policy

Side = Callable[[], Authority]
_BUCKET: Final = "arn:aws:s3:::reports/*"
_WILD: Final = [f"*{letter}{number}*" for number in range(7) for letter in "abcdefg"]
_OTHERS: Final = [one[:-1] for one in _WILD]


def pairs() -> Mapping[str, tuple[Side, Side]]:
    """Name the pairs: before, after."""
    wild = _statement(_WILD, _WILD)
    bound = _statement(_OTHERS, _WILD)
    many = [_under(index, "a") for index in range(400)]
    others = [_under(index, "b") for index in range(400)]
    return {
        "49 actions by 49 resources, others": (_side([wild]), _side([bound])),
        "49 by 49, under a condition": (
            _side([wild]),
            _side([{**wild, "Condition": {"Bool": {"k": "true"}}}]),
        ),
        "49 by 49, another boundary": (
            _side([wild], [wild]),
            _side([wild], [bound]),
        ),
        "two permissions, ReadOnlyAccess": (
            _side([_statement(["GetObject", "Put*"], [_BUCKET])]),
            _managed("ReadOnlyAccess"),
        ),
        "ReadOnlyAccess, ViewOnlyAccess becomes SecurityAudit": (
            _managed("ReadOnlyAccess", "job-function/ViewOnlyAccess"),
            _managed("ReadOnlyAccess", "SecurityAudit"),
        ),
        "PowerUserAccess, ReadOnlyAccess becomes SecurityAudit": (
            _managed("PowerUserAccess", "ReadOnlyAccess"),
            _managed("PowerUserAccess", "SecurityAudit"),
        ),
        "400 statements, a condition each, others": (_side(many), _side(others)),
    }


def _statement(actions: Sequence[str], resources: Sequence[str]) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": [f"s3:{one}" for one in actions],
        "Resource": [*resources],
    }


def _under(index: int, value: str) -> dict[str, Any]:
    condition = {"StringLike": {f"aws:RequestTag/{index}": f"{value}{index}*"}}
    return {**_statement([f"Get{index}*"], [_BUCKET]), "Condition": condition}


def _side(
    statements: Sequence[dict[str, Any]], bounds: Sequence[dict[str, Any]] = ()
) -> Side:
    def read() -> Authority:
        boundary = _grants(bounds) if bounds else None
        return Authority(_grants(statements), boundary)

    return read


def _grants(statements: Sequence[dict[str, Any]]) -> frozenset[Grant]:
    return read_policy({"Version": "2012-10-17", "Statement": [*statements]})


def _managed(policy: str, boundary: str = "") -> Side:
    def read() -> Authority:
        return Authority(_content(policy), _content(boundary) if boundary else None)

    return read


def _content(name: str) -> frozenset[Grant]:
    found = aws_managed_policy(f"arn:aws:iam::aws:policy/{name}")
    if found is None:
        msg = f"there is no policy {name}"
        raise ValueError(msg)
    return read_policy(found.document)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    for name, (before, after) in pairs().items():
        found: list[float] = []
        for _ in range(options.runs):
            begin = time.process_time()
            effective_difference(before(), after())
            found.append(time.process_time() - begin)
        shown = ", ".join(f"{one:.2f}" for one in sorted(found))
        print(f"{name}: {shown} s of CPU")  # noqa: T201 - the result


if __name__ == "__main__":
    main()
