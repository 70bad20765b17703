"""An adoption as programs read it: values that JSON has."""

from eks_irsa.adoption.model import Adoption, Change, EntryAdoption
from eks_irsa.cli.problem_texts import JSON_VERSION
from eks_irsa.live.account import LiveAccount
from eks_irsa.synthesis import problem_document

__all__ = ["adoption_document"]


def adoption_document(adoption: Adoption, account: LiveAccount) -> dict[str, object]:
    """Put an adoption into values that JSON has.

    Args:
        adoption: What becomes of each entry.
        account: What it was held against.

    Returns:
        `version`; `cluster`, an ARN; `entries`, each {`serviceAccount`, `verdict`,
        `roleArn` or null, `serviceAccountStep`, `stack` {`name`, `status`}
        or null, `changes` and `marks`, each {`field`, `before`, `after`},
        `reasons`, `left`, `notes`}; `settings`, as a stack file has them without the
        namespace; `notes` of the AWS account; `unread`, what could not be read -> why;
        `problems`, warnings as `problem_document`.
    """
    return {
        "version": JSON_VERSION,
        "cluster": account.cluster.arn,
        "entries": [_entry(one) for one in adoption.entries],
        "settings": dict(adoption.settings),
        "notes": list(adoption.notes),
        "unread": dict(adoption.unread),
        "problems": [problem_document(one) for one in adoption.warnings],
    }


def _entry(entry: EntryAdoption) -> dict[str, object]:
    stack = entry.stack
    return {
        "serviceAccount": entry.key,
        "verdict": entry.verdict,
        "roleArn": entry.role_arn,
        "serviceAccountStep": entry.service_account,
        "stack": stack
        and {
            "name": stack.name,
            "status": stack.status,
        },
        "changes": [_change(one) for one in entry.changes],
        "marks": [_change(one) for one in entry.marks],
        "reasons": list(entry.reasons),
        "left": list(entry.left),
        "notes": list(entry.notes),
    }


def _change(change: Change) -> dict[str, object]:
    return {"field": change.field, "before": change.before, "after": change.after}
