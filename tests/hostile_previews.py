# ruff: noqa: ANN401, S311 - a preview is JSON; nothing here is a secret
"""Previews whose texts want to be markup, in every place that takes a text."""

import json
import random
from collections.abc import Iterator
from typing import Any, Final

from previews import ACCOUNT_ID, PROVIDER_ARN, UNKNOWN, preview, steps

__all__ = ["hostile_preview", "hostile_text"]

# What a renderer, a forge or a terminal may take for more than text.
_PIECES: Final = (
    *("`", "``", "```", "~~~", "\\", "\\\\", "|", "\\|", "||", "*", "**", "_", "~~"),
    *("<", ">", "<!--", "-->", "--", "->", "<img src=x onerror=alert(1)>", "</td>"),
    *("</details>", "<details open>", "<script>alert(1)</script>", "<a href='//x'>"),
    *("<br>", "&lt;", "&#60;", "&amp;", "![ok](https://evil.example/ok.png)"),
    *("[x](javascript:alert(1))", "https://evil.example", "www.evil.example"),
    *("evil@example.com", "@org/team", "#123", "GH-1", "org/repo#1", ":tada:"),
    *("0123456789abcdef0123456789abcdef01234567", "deadbeef", "$x$", "$$", "$`x`$"),
    *("\n", "\r\n", "\n\n", "\t", "\x00", "\x1b[2J", "\u2028", "\u2029", "\x85"),
    *("\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u00ad", "\u3164", "\u2800"),
    *("\u0301", "\ud800", "\U0001f534", "\N{WARNING SIGN} ", "| --- | --- |", "# "),
    *("- ", "+ ", "1. ", "1) ", "> ", "===", "---", "    ", " ", "  ", "\n| a | b |"),
    *(
        "```mermaid",
        "%%{init}%%",
        '"]; click n0 "javascript:alert(1)"',
        "end",
        "#quot;",
    ),
    *("${*}", "${aws:username}", "a", "reader", "apps", "s3:GetObject", "*", "?"),
    *("\N{MINUS SIGN} ", "critical", "and 3 more", "(9 more)", "[^1]", "{x}", "!["),
)


def hostile_text(chance: random.Random, *, most: int = 4) -> str:
    """Put some pieces together, now and then to a long text."""
    count = 120 if chance.random() < 0.01 else chance.randint(1, most)
    return "".join(chance.choice(_PIECES) for _ in range(count))


def hostile_preview(seed: int) -> str:
    """Write a preview of one to three service accounts, in the engine's form."""
    chance = random.Random(seed)
    sides = [
        tuple(None if chance.random() < 0.2 else _side(chance) for _ in range(2))
        for _ in range(chance.randint(1, 3))
    ]
    found: list[list[dict[str, Any]]] = []
    for index, (before, after) in enumerate(sides):
        name = f"{hostile_text(chance)}{index}/{hostile_text(chance)}"
        for side in (before, after):
            if side is not None:
                side["account"] = name
        if before is not None or after is not None:
            found.append([*steps(before, after)])
    whole = json.loads(preview(*found))
    if chance.random() < 0.3:
        whole["diagnostics"] = [
            {"severity": "error", "message": hostile_text(chance, most=12)}
        ]
    return json.dumps(_renamed(whole, chance))


def _renamed(whole: Any, chance: random.Random) -> Any:
    """Give stack and project hostile names, as far as a URN can hold them."""
    stack = hostile_text(chance).replace(":", "") or "dev"
    project = hostile_text(chance).replace(":", "") or "shop"

    def rename(value: Any) -> Any:
        if isinstance(value, str):
            old, new = "urn:pulumi:dev::shop::", f"urn:pulumi:{stack}::{project}::"
            return value.replace(old, new)
        if isinstance(value, list):
            return [rename(one) for one in value]  # pyright: ignore[reportUnknownVariableType] - JSON
        if isinstance(value, dict):
            return {key: rename(one) for key, one in value.items()}  # pyright: ignore[reportUnknownVariableType] - JSON
        return value

    return rename(whole)


def _side(chance: random.Random) -> dict[str, Any]:
    def text() -> str:
        return hostile_text(chance)

    always: dict[str, Any] = {
        "inline": {text(): _policy(chance) for _ in range(chance.randint(0, 2))},
        "trust": _trust(chance),
    }
    sometimes: dict[str, Any] = {
        "managed": [f"arn:aws:iam::{ACCOUNT_ID}:policy/{text()}", text()],
        "boundary": text(),
        "roleName": text(),
        "path": f"/{text()}/",
        "tags": {text(): text()},
        "labels": {text(): text()},
        "annotations": {text(): text(), "eks.amazonaws.com/audience": text()},
        "session": text(),
        "roleArn": f"arn:aws:iam::{ACCOUNT_ID}:role/{text()}",
    }
    some = {key: one for key, one in sometimes.items() if chance.random() < 0.2}
    return always | some


def _policy(chance: random.Random) -> Any:
    if chance.random() < 0.05:
        return UNKNOWN
    if chance.random() < 0.1:
        return hostile_text(chance)
    return {
        "Version": "2012-10-17",
        "Statement": [*_statements(chance)],
        **({hostile_text(chance): "x"} if chance.random() < 0.1 else {}),
    }


def _statements(chance: random.Random) -> Iterator[dict[str, Any]]:
    for _ in range(chance.randint(1, 3)):
        negated = "Not" if chance.random() < 0.1 else ""
        yield {
            "Effect": "Deny" if chance.random() < 0.2 else "Allow",
            f"{negated}Action": [hostile_text(chance) for _ in range(2)],
            "Resource": [hostile_text(chance) for _ in range(chance.randint(1, 2))],
            **_condition(chance),
        }


def _condition(chance: random.Random) -> dict[str, Any]:
    if chance.random() < 0.5:
        return {}
    known = chance.random() < 0.5
    operator = "StringEquals" if known else f"StringEquals{hostile_text(chance)}"
    return {"Condition": {operator: {hostile_text(chance): [hostile_text(chance)]}}}


def _trust(chance: random.Random) -> dict[str, Any]:
    kind = chance.choice(["Federated", "AWS", "Service", hostile_text(chance)])
    who = chance.choice([PROVIDER_ARN, "*", hostile_text(chance)])
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {kind: who},
                "Action": "sts:AssumeRoleWithWebIdentity",
                **_condition(chance),
            }
        ],
    }
