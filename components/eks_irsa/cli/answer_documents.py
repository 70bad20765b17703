"""Answers as programs read them: values that JSON has."""

from collections.abc import Iterable, Sequence

from eks_irsa.answers.model import Answer, Cited, EntryPermissions, Origin, RolePolicy
from eks_irsa.answers.questions import Question
from eks_irsa.cli.problem_texts import JSON_VERSION
from eks_irsa.cli.questions import Stack
from eks_irsa.errors import Problem
from eks_irsa.synthesis import problem_document

__all__ = ["Answered", "answers_document"]

# An answer with the stack and the entry it is about.
Answered = tuple[Stack, EntryPermissions, Answer]


def answers_document(
    question: Question,
    answered: Iterable[Answered],
    problems: Sequence[Problem],
    *,
    subject: str | None = None,
) -> dict[str, object]:
    """Put answers into values that JSON has.

    Args:
        question: What was asked.
        answered: Each answer with its stack and entry.
        problems: Errors of stacks that could not be asked.
        subject: The service account that is asked about. Default: all of them.

    Returns:
        `version`; `question` {`serviceAccount` or null, `action`, `resource`,
        `context`}; `answers`, each
        {`stack`, `cluster`, `region`, `serviceAccount`, `place`, `roleArn`, `roleName`,
        `identity`, `trust`, `subject`, `outcome`, `scope`, `actions`, `allowedBy`,
        `deniedBy`, `near`, `maskedBy`, `letThroughBy`, `unknown`, `reasons`};
        `problems`, each as `problem_document`. A statement is {`policy`, `arn`,
        `statement`, `sid`, `action`, `resource`, `conditions`, `place`}, a policy
        {`policy`, `arn`, `reason`, `place`}, a place {`file`, `line`, `column`,
        `path`}.
    """
    return {
        "version": JSON_VERSION,
        "question": {
            "serviceAccount": subject,
            "action": question.action,
            "resource": question.resource,
            "context": {key: list(values) for key, values in question.context.items()},
        },
        "answers": [_answer(*one) for one in answered],
        "problems": [problem_document(problem) for problem in problems],
    }


def _answer(stack: Stack, entry: EntryPermissions, answer: Answer) -> dict[str, object]:
    return {
        "stack": stack.name,
        "cluster": stack.cluster,
        "region": stack.region,
        "serviceAccount": entry.key,
        "place": _place(entry.origin),
        "roleArn": entry.role_arn,
        "roleName": entry.role_name,
        "identity": entry.identity,
        "trust": entry.trust,
        "subject": entry.subject,
        "outcome": answer.outcome,
        "scope": answer.scope,
        "actions": list(answer.actions),
        "allowedBy": [_cited(one) for one in answer.allowed_by],
        "deniedBy": [_cited(one) for one in answer.denied_by],
        "near": [_cited(one) for one in answer.near],
        "maskedBy": _policy(answer.masked_by) if answer.masked_by else None,
        "letThroughBy": [_cited(one) for one in answer.let_through_by],
        "unknown": [_policy(one) for one in answer.unknown],
        "reasons": list(answer.reasons),
    }


def _cited(cited: Cited) -> dict[str, object]:
    return {
        "policy": cited.policy.label,
        "arn": cited.policy.arn,
        "statement": cited.statement.name,
        "sid": cited.statement.sid,
        "action": cited.action,
        "resource": cited.resource,
        "conditions": list(cited.conditions),
        "place": _place(cited.statement.origin),
    }


def _policy(policy: RolePolicy) -> dict[str, object]:
    return {
        "policy": policy.label,
        "arn": policy.arn,
        "reason": policy.unknown,
        "place": _place(policy.origin),
    }


def _place(origin: Origin) -> dict[str, object]:
    return {
        "file": origin.file,
        "line": origin.line,
        "column": origin.column,
        "path": origin.path,
    }
