"""What the role may do: permission policies, each in one canonical text."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from eks_irsa.documents.json_text import parse_json
from eks_irsa.documents.policy_grammar import DocumentFault, document_faults

__all__ = [
    "canonical_json",
    "document_characters",
    "policy_faults",
    "policy_text",
    "shown_path",
]

# The order in which people write and read a policy; other keys follow, sorted.
_KEY_ORDER: Final = {
    key: rank
    for rank, key in enumerate(
        (
            "Version",
            "Id",
            "Statement",
            "Sid",
            "Effect",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        )
    )
}
_WHITE_SPACE: Final = re.compile(r"\s")


def policy_text(document: object) -> str:
    """Turn a permission policy that has no fault into its canonical text.

    Args:
        document: The policy as JSON values, or as JSON text.
    """
    return canonical_json(_parsed(document))


def policy_faults(document: object) -> Iterator[DocumentFault]:
    """Find everything in a permission policy that IAM would refuse.

    Args:
        document: The policy as JSON values, or as JSON text.

    Yields:
        Each fault with its path from the policy's root.
    """
    try:
        yield from document_faults(_parsed(document))
    except (ValueError, RecursionError) as error:
        yield DocumentFault((), f"not JSON: {error}")


def _parsed(document: object) -> object:
    if isinstance(document, str):
        return parse_json(document)
    return document


def canonical_json(document: object) -> str:
    """Write a policy as compact JSON with its keys in a fixed order."""
    return json.dumps(_ordered(document), separators=(",", ":"), ensure_ascii=False)


def document_characters(text: str) -> int:
    """Count a policy as IAM does: characters without white space.

    Source:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    return len(_WHITE_SPACE.sub("", text))


def shown_path(path: Sequence[str | int]) -> str:
    """Write the steps into a value as people do, `Statement[0].Action`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")


def _ordered(value: object) -> object:
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, object]", value)
        keys = sorted(
            pairs, key=lambda key: (_KEY_ORDER.get(key, len(_KEY_ORDER)), key)
        )
        return {key: _ordered(pairs[key]) for key in keys}
    if isinstance(value, list):
        return [_ordered(inner) for inner in cast("list[object]", value)]
    return value
