"""Names Kubernetes and IAM take, at each boundary, and the words of each refusal."""

import pytest

from eks_irsa.documents import names

LABEL_KEY_RULE = (
    "expected [<DNS prefix>/]<name>, the name of 1 to 63 letters, digits, '-', '_' and "
    "'.', beginning and ending with a letter or digit"
)
NAMESPACE_RULE = (
    "cannot name a namespace; a name has 1 to 63 lower-case letters, digits and '-', "
    "and begins and ends with a letter or digit (RFC 1123)"
)
SERVICE_ACCOUNT_RULE = (
    "cannot name a service account; a name has 1 to 253 lower-case letters, digits, "
    "'-' and '.', and each part between dots begins and ends with a letter or digit "
    "(RFC 1123)"
)
PATTERN_RULE = (
    "is not a pattern of service account names; use lower-case letters, digits, '-', "
    "'.', '*' for any text and '?' for one character; the namespace is always the "
    "entry's own"
)
ROLE_PATH_RULE = (
    "cannot be the path of a role; a path begins and ends with '/' and has at most 512 "
    "printable ASCII characters without space, such as '/eks/'"
)
AUDIENCE_RULE = (
    "is no audience; expected 1 to 255 printable ASCII characters without space and "
    "'${', such as 'sts.amazonaws.com'"
)
CLUSTER_RULE = (
    "cannot name an EKS cluster; a name has 1 to 100 letters, digits, '-' and '_', and "
    "begins with a letter or digit"
)


@pytest.mark.parametrize("text", ["a", "0", "a-b", "a--b", "a" * 63])
def test_namespace_is_taken(text: str) -> None:
    """One-letter names, digits in front and 63 characters are all right."""
    assert names.namespace_fault(text) is None


@pytest.mark.parametrize(
    "text", ["", "A", "a.b", "a_b", "-a", "a-", "a" * 64, "a\n", "é", "a/b", "*"]
)
def test_namespace_is_refused(text: str) -> None:
    """Everything but an RFC 1123 label is refused."""
    assert names.namespace_fault(text) == f"{text!r} {NAMESPACE_RULE}"


@pytest.mark.parametrize("text", ["a", "0", "a.b", "a-b.c-d", "a" * 253, "1.2.3"])
def test_service_account_name_is_taken(text: str) -> None:
    """One-letter names, dots and 253 characters are all right."""
    assert names.service_account_name_fault(text) is None


@pytest.mark.parametrize(
    "text", ["", "A", "a..b", ".a", "a.", "a.-b", "a_b", "a" * 254, "a\n", "a b", "*"]
)
def test_service_account_name_is_refused(text: str) -> None:
    """Everything but an RFC 1123 subdomain is refused."""
    fault = names.service_account_name_fault(text)

    assert fault == f"{text!r} {SERVICE_ACCOUNT_RULE}"


@pytest.mark.parametrize("text", ["*", "a-*", "?", "*.a", "-*", "a.b", "worker-?-*"])
def test_subject_pattern_is_taken(text: str) -> None:
    """RFC 1123 characters and the two wildcards are all right."""
    assert names.subject_pattern_fault(text) is None


@pytest.mark.parametrize("text", ["", "A*", "a:*", "${a}", "a b*", "a\n*", "[ab]*"])
def test_subject_pattern_is_refused(text: str) -> None:
    """No variable, no colon and no other wildcard gets into a trust policy."""
    assert names.subject_pattern_fault(text) == f"{text!r} {PATTERN_RULE}"


@pytest.mark.parametrize("text", ["-a", "a.", "a..b"])
def test_subject_pattern_without_wildcard_is_a_name(text: str) -> None:
    """It matches itself alone, so no account could ever meet it otherwise."""
    assert names.subject_pattern_fault(text) == f"{text!r} {SERVICE_ACCOUNT_RULE}"


@pytest.mark.parametrize("text", ["a", "0", "Team_1-a", "a" * 100])
def test_cluster_name_is_taken(text: str) -> None:
    """What EKS takes is taken, underscores included."""
    assert names.cluster_name_fault(text) is None


@pytest.mark.parametrize("text", ["", "-a", "_a", "a.b", "a b", "é", "a" * 101, "a\n"])
def test_cluster_name_is_refused(text: str) -> None:
    """What EKS refuses is refused."""
    assert names.cluster_name_fault(text) == f"{text!r} {CLUSTER_RULE}"


@pytest.mark.parametrize(
    "text",
    ["a", "aws-usage", "A_b.C", "a" * 63, "k8s.io/a", f"{'a' * 253}/b", "a.b/c.d"],
)
def test_label_key_is_taken(text: str) -> None:
    """A name of 63 characters, with or without a DNS prefix of 253."""
    assert names.label_key_fault(text) is None


@pytest.mark.parametrize(
    "text",
    ["", "-a", "a-", "a" * 64, "/a", "a/", "a/b/c", "A.b/c", f"{'a' * 254}/b", "a b"],
)
def test_label_key_is_refused(text: str) -> None:
    """A prefix is lower case, and a name is never empty."""
    fault = names.label_key_fault(text)

    assert fault == f"{text!r} cannot be the key of a label; {LABEL_KEY_RULE}"


@pytest.mark.parametrize("text", ["", "a", "A_b.c-d", "1", "a" * 63])
def test_label_value_is_taken(text: str) -> None:
    """An empty value is one."""
    assert names.label_value_fault(text) is None


@pytest.mark.parametrize("text", ["-a", "a-", "a/b", "a b", "a" * 64, "a:b"])
def test_label_value_is_refused(text: str) -> None:
    """Longer and freer texts belong into annotations."""
    assert names.label_value_fault(text) == (
        f"{text!r} cannot be the value of a label; expected at most 63 letters, "
        "digits, '-', '_' and '.', beginning and ending with a letter or digit; other "
        "texts go into annotations"
    )


@pytest.mark.parametrize(
    "text", ["a", "Example.COM/Name", "eks.amazonaws.com/role-arn"]
)
def test_annotation_key_is_taken(text: str) -> None:
    """Kubernetes looks at the key in lower case, so a prefix may have capitals."""
    assert names.annotation_key_fault(text) is None


@pytest.mark.parametrize("text", ["", "a/b/c", "a b", "-a", "a" * 64])
def test_annotation_key_is_refused(text: str) -> None:
    """What is no qualified name is no annotation."""
    fault = names.annotation_key_fault(text)

    assert fault == f"{text!r} cannot be the key of an annotation; {LABEL_KEY_RULE}"


@pytest.mark.parametrize("text", ["a", "A+=,.@-_9", "a" * 64])
def test_role_name_is_taken(text: str) -> None:
    """64 characters are the most IAM takes."""
    assert names.role_name_fault(text) is None


@pytest.mark.parametrize("text", ["", "a" * 65, "a/b", "a b", "é", "a\n"])
def test_role_name_is_refused(text: str) -> None:
    """The refusal counts the characters, which people do not."""
    assert names.role_name_fault(text) == (
        f"{text!r} cannot name a role; a name has 1 to 64 letters, digits and "
        f"'_+=,.@-', this one has {len(text)} characters"
    )


@pytest.mark.parametrize("text", ["/", "/eks/", "/a/b/", f"/{'a' * 510}/"])
def test_role_path_is_taken(text: str) -> None:
    """512 characters are the most IAM takes."""
    assert names.role_path_fault(text) is None


@pytest.mark.parametrize(
    "text", ["", "eks", "/eks", "eks/", "/a b/", "/é/", f"/{'a' * 511}/", "/a/\n"]
)
def test_role_path_is_refused(text: str) -> None:
    """A path begins and ends with a slash."""
    assert names.role_path_fault(text) == f"{text!r} {ROLE_PATH_RULE}"


@pytest.mark.parametrize("text", ["sts.amazonaws.com", "a", "https://x/$y", "a" * 255])
def test_audience_is_taken(text: str) -> None:
    """Any printable text IAM takes as a client id."""
    assert names.audience_fault(text) is None


@pytest.mark.parametrize("text", ["", "a b", "a\n", "é", "a" * 256, "${aws:userid}"])
def test_audience_is_refused(text: str) -> None:
    """IAM would put something else in the place of a policy variable."""
    assert names.audience_fault(text) == f"{text!r} {AUDIENCE_RULE}"


def test_built_in_namespaces_are_those_of_kubernetes() -> None:
    """These four exist in every cluster."""
    assert sorted(names.BUILT_IN_NAMESPACES) == [
        "default",
        "kube-node-lease",
        "kube-public",
        "kube-system",
    ]
