"""Names and texts Kubernetes and IAM take: each rule with its source.

Every check returns what is wrong with a text, rule and remedy, or None.
"""

import re
from typing import Final

__all__ = [
    "BUILT_IN_NAMESPACES",
    "annotation_key_fault",
    "association_id_fault",
    "audience_fault",
    "cluster_name_fault",
    "description_fault",
    "label_key_fault",
    "label_value_fault",
    "namespace_fault",
    "namespace_pattern_fault",
    "policy_name_fault",
    "role_name_fault",
    "role_path_fault",
    "secret_name_fault",
    "service_account_name_fault",
    "subject_pattern_fault",
    "thumbprint_fault",
]

# Made by Kubernetes itself and never ours to register.
# Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
BUILT_IN_NAMESPACES: Final = frozenset(
    {"default", "kube-node-lease", "kube-public", "kube-system"}
)

# Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_MAX_SUBDOMAIN: Final = 253
_SUBDOMAIN: Final = re.compile(
    r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.ASCII
)
# Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
_QUALIFIED_NAME: Final = re.compile(
    r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?", re.ASCII
)
# Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
_ROLE_NAME: Final = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_ROLE_PATH: Final = re.compile(r"/|/[!-~]+/", re.ASCII)
_MAX_ROLE_PATH: Final = 512
_DESCRIPTION: Final = re.compile("[\t\n\r -~\u00a1-\u00ff]{0,1000}")
# Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
_POLICY_NAME: Final = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
# Source: https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html
_CLUSTER_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", re.ASCII)
# Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddClientIDToOpenIDConnectProvider.html
# Source: https://docs.aws.amazon.com/eks/latest/APIReference/API_PodIdentityAssociation.html
_ASSOCIATION_ID: Final = re.compile(r"a-[A-Za-z0-9]{1,100}", re.ASCII)
_AUDIENCE: Final = re.compile(r"[!-~]{1,255}", re.ASCII)
# Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
_THUMBPRINT: Final = re.compile(r"[0-9A-Fa-f]{40}", re.ASCII)
_PATTERN: Final = re.compile(r"[a-z0-9.*?-]+", re.ASCII)
_NAMESPACE_PATTERN: Final = re.compile(r"[a-z0-9*?-]+", re.ASCII)
_WILDCARD: Final = re.compile(r"[*?]")


def cluster_name_fault(text: str) -> str | None:
    """Say why *text* cannot name an EKS cluster; None if it can."""
    if _CLUSTER_NAME.fullmatch(text):
        return None
    return (
        f"{text!r} cannot name an EKS cluster; a name has 1 to 100 letters, digits, "
        "'-' and '_', and begins with a letter or digit"
    )


def namespace_fault(text: str) -> str | None:
    """Say why *text* cannot name a namespace; None if it can."""
    if _LABEL.fullmatch(text):
        return None
    return (
        f"{text!r} cannot name a namespace; a name has 1 to 63 lower-case letters, "
        "digits and '-', and begins and ends with a letter or digit (RFC 1123)"
    )


def service_account_name_fault(text: str) -> str | None:
    """Say why *text* cannot name a service account; None if it can."""
    if len(text) <= _MAX_SUBDOMAIN and _SUBDOMAIN.fullmatch(text):
        return None
    return (
        f"{text!r} cannot name a service account; a name has 1 to 253 lower-case "
        "letters, digits, '-' and '.', and each part between dots begins and ends "
        "with a letter or digit (RFC 1123)"
    )


def subject_pattern_fault(text: str) -> str | None:
    """Say why *text* is no pattern of service account names; None if it is one.

    A pattern without `*` and `?` matches itself alone, so it has to be a name.
    """
    if _PATTERN.fullmatch(text):
        return None if _WILDCARD.search(text) else service_account_name_fault(text)
    return (
        f"{text!r} is not a pattern of service account names; use lower-case letters, "
        "digits, '-', '.', '*' for any text and '?' for one character; the namespace "
        "is always the entry's own"
    )


def namespace_pattern_fault(text: str) -> str | None:
    """Say why *text* is no pattern of namespaces; None if it is one.

    A pattern without `*` and `?` matches itself alone, so it has to be a name.
    """
    if _NAMESPACE_PATTERN.fullmatch(text):
        return None if _WILDCARD.search(text) else namespace_fault(text)
    return (
        f"{text!r} is not a pattern of namespaces; use lower-case letters, digits, "
        "'-', '*' for any text and '?' for one character"
    )


def label_key_fault(text: str) -> str | None:
    """Say why *text* cannot be the key of a label; None if it can."""
    if _is_qualified(text):
        return None
    return (
        f"{text!r} cannot be the key of a label; expected [<DNS prefix>/]<name>, the "
        "name of 1 to 63 letters, digits, '-', '_' and '.', beginning and ending with "
        "a letter or digit"
    )


def label_value_fault(text: str) -> str | None:
    """Say why *text* cannot be the value of a label; None if it can."""
    if not text or _QUALIFIED_NAME.fullmatch(text):
        return None
    return (
        f"{text!r} cannot be the value of a label; expected at most 63 letters, "
        "digits, '-', '_' and '.', beginning and ending with a letter or digit; "
        "other texts go into annotations"
    )


def annotation_key_fault(text: str) -> str | None:
    """Say why *text* cannot be the key of an annotation; None if it can."""
    # Kubernetes checks the key of an annotation as the key of a label in lower case.
    if _is_qualified(text.lower()):
        return None
    return (
        f"{text!r} cannot be the key of an annotation; expected [<DNS prefix>/]<name>, "
        "the name of 1 to 63 letters, digits, '-', '_' and '.', beginning and ending "
        "with a letter or digit"
    )


def audience_fault(text: str) -> str | None:
    """Say why tokens cannot be made for *text*; None if they can."""
    # IAM would put something else in the place of ${...}.
    if _AUDIENCE.fullmatch(text) and "${" not in text:
        return None
    return (
        f"{text!r} is no audience; expected 1 to 255 printable ASCII characters "
        "without space and '${', such as 'sts.amazonaws.com'"
    )


def association_id_fault(text: str) -> str | None:
    """Say why *text* is no id of an EKS Pod Identity association; None if it is."""
    if _ASSOCIATION_ID.fullmatch(text):
        return None
    return (
        f"{text!r} is no id of an association; expected 'a-' with letters and digits, "
        "as 'aws eks list-pod-identity-associations' prints it"
    )


def role_name_fault(text: str) -> str | None:
    """Say why *text* cannot name a role; None if it can."""
    if _ROLE_NAME.fullmatch(text):
        return None
    return (
        f"{text!r} cannot name a role; a name has 1 to 64 letters, digits and "
        f"'_+=,.@-', this one has {len(text)} characters"
    )


def role_path_fault(text: str) -> str | None:
    """Say why *text* cannot be the path of a role; None if it can."""
    if len(text) <= _MAX_ROLE_PATH and _ROLE_PATH.fullmatch(text):
        return None
    return (
        f"{text!r} cannot be the path of a role; a path begins and ends with '/' and "
        "has at most 512 printable ASCII characters without space, such as '/eks/'"
    )


def description_fault(text: str) -> str | None:
    """Say why *text* cannot describe a role; None if it can."""
    if _DESCRIPTION.fullmatch(text):
        return None
    return (
        f"{text!r} cannot describe a role; expected at most 1,000 printable characters "
        "up to U+00FF"
    )


def policy_name_fault(text: str) -> str | None:
    """Say why *text* cannot name a policy; None if it can."""
    if _POLICY_NAME.fullmatch(text):
        return None
    return (
        f"{text!r} cannot name a policy; a name has 1 to 128 letters, digits and "
        "'_+=,.@-'"
    )


def secret_name_fault(text: str) -> str | None:
    """Say why *text* cannot name a secret of Kubernetes; None if it can."""
    if len(text) <= _MAX_SUBDOMAIN and _SUBDOMAIN.fullmatch(text):
        return None
    return (
        f"{text!r} cannot name a secret; a name has 1 to 253 lower-case letters, "
        "digits, '-' and '.', and each part between dots begins and ends with a letter "
        "or digit (RFC 1123)"
    )


def thumbprint_fault(text: str) -> str | None:
    """Say why *text* is no thumbprint of a certificate; None if it is one."""
    if _THUMBPRINT.fullmatch(text):
        return None
    return f"{text!r} is no thumbprint; expected 40 hex digits, as SHA-1 has"


def _is_qualified(text: str) -> bool:
    prefix, slash, name = text.rpartition("/")
    if slash and not (len(prefix) <= _MAX_SUBDOMAIN and _SUBDOMAIN.fullmatch(prefix)):
        return False
    return _QUALIFIED_NAME.fullmatch(name) is not None
