"""Text that a tool or a person was to replace and has not: `${BUCKET}`, `<bucket>`.

AWS and Kubernetes take most of it as it stands, and it then names nothing.
"""

import re
from typing import Final

__all__ = ["TEMPLATE_REMEDY", "placeholder_in", "template_mark_in", "unreplaced_fault"]

# A variable of a policy, which IAM itself replaces, with or without a default; and
# `${*}`, `${?}`, `${$}` for these characters themselves.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
_POLICY_VARIABLE: Final = re.compile(r"\$\{(?:[*?$]|(?!AWS::)\w[\w.-]*:[^{}]+)\}")
# Of template engines: they make a text of the whole file, before anybody reads it.
_OF_TEMPLATES: Final = r"\{\{.*?\}\}|\{%.*?%\}|<%.*?%>|\$\{[^{}]*\}"
_OTHERS: Final = (
    r"\$\([A-Za-z_][\w.-]*\)|\$[A-Z][A-Z0-9_]+(?![\w{])|#\{[^{}]*\}|%\(\w+\)s"
    r"|\{[A-Za-z_][\w-]*\}|<[A-Za-z][\w -]*>"
)
# What documentation has people replace, in capitals.
_NOUNS: Final = (
    "ACCOUNT|BUCKET|CLUSTER|KEY|NAMESPACE|POLICY|QUEUE|REGION|ROLE|SECRET|TABLE|TOPIC"
    "|ZONE"
)
_WORDS: Final = (
    "@[A-Z][A-Z0-9_]+@|%[A-Z][A-Z0-9_]+%|__[A-Z][A-Z0-9_]*?__|CHANGEME"
    f"|(?:[A-Z0-9]+_)*(?:{_NOUNS})_(?:ARN|ID|NAME)|(?:YOUR|REPLACE|CHANGE)_[A-Z_]+"
)
_TEMPLATE: Final = re.compile(_OF_TEMPLATES)
TEMPLATE_REMEDY: Final = "render it first, and check what comes of it"

_PLACEHOLDER: Final = re.compile(
    rf"{_OF_TEMPLATES}|{_OTHERS}|(?<![A-Za-z0-9_])(?:{_WORDS})(?![A-Za-z0-9_])"
)


def placeholder_in(text: str, *, in_policy: bool = False) -> str | None:
    """Find the first placeholder in a text.

    Args:
        text: A value that is about to reach AWS or Kubernetes.
        in_policy: It stands in a policy, where IAM replaces variables such as
            `${aws:username}`. Default: false.

    Returns:
        The placeholder, such as `${BUCKET}`, `$BUCKET`, `{{ bucket }}`, `<bucket>` or
        `ACCOUNT_ID`; None if there is none.
    """
    for found in _PLACEHOLDER.finditer(text):
        if not (in_policy and _POLICY_VARIABLE.fullmatch(found[0])):
            return found[0]
    return None


def template_mark_in(text: str) -> re.Match[str] | None:
    """Find what an engine of templates would replace, policy variables left out."""
    found = _TEMPLATE.finditer(text)
    return next((one for one in found if not _POLICY_VARIABLE.fullmatch(one[0])), None)


def unreplaced_fault(text: str, *, in_policy: bool = False) -> str | None:
    """Say that a text holds a placeholder; None if it holds none."""
    if found := placeholder_in(text, in_policy=in_policy):
        held = repr(text) if found == text else f"{text!r} holds {found!r}, which"
        return f"{held} was not replaced; write the text that it stands for"
    return None
