"""What was to be replaced is told from what AWS replaces, and from plain text."""

import pytest

from eks_irsa.documents.placeholders import placeholder_in, unreplaced_fault


@pytest.mark.parametrize(
    "placeholder",
    [
        "${BUCKET}",
        "${bucket.name}",
        "$BUCKET",
        "$(BUCKET)",
        "{{ bucket }}",
        "{{.Values.bucket}}",
        "{% bucket %}",
        "<%= bucket %>",
        "#{bucket}",
        "%(bucket)s",
        "{bucket}",
        "<bucket>",
        "<your bucket>",
        "@BUCKET@",
        "%BUCKET%",
        "__BUCKET__",
        "ACCOUNT_ID",
        "AWS_ACCOUNT_ID",
        "BUCKET_NAME",
        "YOUR_BUCKET",
        "REPLACE_ME",
        "CHANGEME",
        "${AWS::Region}",
        "${}",
    ],
)
@pytest.mark.parametrize("in_policy", [True, False])
def test_a_placeholder_is_found_wherever_it_stands(
    placeholder: str, *, in_policy: bool
) -> None:
    """In a policy too, at either end and in the middle."""
    for text in (placeholder, f"{placeholder}/*", f"logs-{placeholder}", placeholder):
        assert placeholder_in(text, in_policy=in_policy) == placeholder


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:s3:::home/${aws:username}/*",
        "${saml:aud}",
        "${accounts.google.com:sub}",
        "${aws:PrincipalTag/team, 'company'}",
        "${*}${?}${$}",
        "${ec2:ResourceTag/eks:cluster-name}",
    ],
)
def test_what_iam_replaces_is_none_in_a_policy_alone(text: str) -> None:
    """Kubernetes and the fields of a role replace nothing."""
    assert placeholder_in(text, in_policy=True) is None
    assert placeholder_in(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "arn:aws:s3:::bucket/*",
        "costs 5$ a day",
        "$5",
        "less < more > less",
        "Alice <alice@example.com>",
        '{"note": [1, {"a": 2}]}',
        "100%",
        "ORDERS_TABLE",
        "__init__",
        "MY_ROLE",
        "a{}b",
        "account_id",
        "XACCOUNT_IDX",
    ],
)
def test_plain_text_holds_no_placeholder(text: str) -> None:
    """Prices, addresses, JSON and names in capitals are what they are."""
    assert placeholder_in(text) is None
    assert unreplaced_fault(text) is None


def test_the_first_that_iam_does_not_replace_is_named() -> None:
    """The whole text is shown unless it is the placeholder alone."""
    text = "arn:aws:s3:::${aws:username}-${STAGE}-${BUCKET}"

    assert unreplaced_fault(text, in_policy=True) == (
        f"'{text}' holds '${{STAGE}}', which was not replaced; write the text that it "
        "stands for"
    )
    assert unreplaced_fault("<bucket>") == (
        "'<bucket>' was not replaced; write the text that it stands for"
    )
