"""A statement in small letters has one fault."""

from eks_irsa.documents.policy_grammar import DocumentFault, document_faults


def test_keys_in_small_letters_are_one_fault_of_their_map() -> None:
    """Not one for each key that is unknown, and one more for each that is missing."""
    statement = {"effect": "Allow", "action": "s3:GetObject", "resource": "*"}

    assert [*document_faults({"Statement": [statement]})] == [
        DocumentFault(
            ("Statement", 0),
            "IAM reads its own spelling alone; write 'Effect' for 'effect' and "
            "'Action' for 'action' and 'Resource' for 'resource'",
        )
    ]
    assert [*document_faults({"version": "2012-10-17", "statement": []})] == [
        DocumentFault(
            (),
            "IAM reads its own spelling alone; write 'Version' for 'version' and "
            "'Statement' for 'statement'",
        ),
        DocumentFault(
            ("Statement",),
            "the policy has no statement, so it would grant nothing; add one",
        ),
    ]


def test_values_under_such_keys_are_checked_all_the_same() -> None:
    """One cause is one message, and two are two."""
    statement = {"effect": "allow", "Action": "s3:GetObject", "Resource": "*"}

    assert [fault.message for fault in document_faults({"Statement": statement})] == [
        "IAM reads its own spelling alone; write 'Effect' for 'effect'",
        "Effect is 'allow'; write 'Allow' or 'Deny'",
    ]


def test_a_key_that_is_there_in_both_cases_is_no_part_of_a_statement() -> None:
    """It cannot be meant for the one that is there."""
    statement = {"Effect": "Allow", "effect": "Deny", "Action": "*", "Resource": "*"}

    assert [fault.path for fault in document_faults({"Statement": statement})] == [
        ("Statement", "effect")
    ]
