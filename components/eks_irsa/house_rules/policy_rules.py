"""Which managed policies a role has, and what its policies allow."""

from collections.abc import Iterator, Sequence

from eks_irsa.access.authority import Authority
from eks_irsa.access.gains import Side
from eks_irsa.documents.aws_managed_policies import aws_managed_policy
from eks_irsa.documents.policy_statements import Grant, read_policy, read_statements
from eks_irsa.errors import PolicyDocumentError
from eks_irsa.house_rules.allowing import allowed_by
from eks_irsa.house_rules.model import Breach, Given, HouseRules, RoleFacts
from eks_irsa.house_rules.wording import listed, matches

__all__ = ["managed_policy_breaches", "policy_breaches"]


def policy_breaches(rules: HouseRules, facts: RoleFacts) -> Iterator[Breach]:
    """Find managed policies and actions that the house never takes.

    A managed policy that is refused by its name is not read, so that it is named once.
    """
    kept: list[Given] = []
    for given in facts.policies:
        refused = [*managed_policy_breaches(rules, given)]
        yield from refused
        if not refused:
            kept.append(given)
    if not rules.forbidden_actions:
        return
    read = [_Policy(one) for one in kept]
    grants = frozenset(grant for policy in read for grant in policy.grants)
    role = Side(Authority(grants, boundary=_boundary(facts)))
    for policy in read:
        yield from policy.breaches(rules, role)


def managed_policy_breaches(rules: HouseRules, policy: Given) -> Iterator[Breach]:
    """Find what the house says against the ARN of a managed policy."""
    arn = policy.arn
    if not isinstance(arn, str):
        return
    forbidden = [
        (index, pattern)
        for index, pattern in enumerate(rules.forbidden_managed_policies)
        if matches((pattern,), arn)
    ]
    allowed = rules.managed_policies
    if forbidden:
        (index, pattern), *_ = forbidden
        rule: tuple[str | int, ...] = ("forbiddenManagedPolicies", index)
        demand = f"never takes {pattern!r}"
    elif allowed and not matches(allowed, arn):
        rule = ("managedPolicies",)
        demand = f"takes {listed(allowed)}"
    else:
        return
    yield Breach(
        path=policy.path,
        code="E-RULE-MANAGED-POLICY",
        found=f"{arn!r} is attached",
        rule=rule,
        demand=demand,
        remedy="attach another policy, or write what is needed as an inline policy",
    )


class _Policy:
    """A policy of a role, read statement by statement.

    Attributes:
        grants: All that it allows and denies; nothing where its content is not known.
    """

    def __init__(self, given: Given) -> None:
        self._given = given
        self._unread = ""
        self._statements: list[tuple[tuple[str | int, ...], frozenset[Grant]]] = []
        content = given.document
        if content is None and isinstance(given.arn, str):
            known = aws_managed_policy(given.arn)
            content = known.document if known else None
        if content is None:
            self._unread = f"what {given.called} allows is not known here"
            return
        try:
            self._statements = [
                (("Statement", *one.step), one.grants)
                for one in read_statements(content)
            ]
        except PolicyDocumentError as error:
            self._unread = f"what {given.called} allows cannot be told ({error})"

    @property
    def grants(self) -> frozenset[Grant]:
        return frozenset(grant for _, found in self._statements for grant in found)

    def breaches(self, rules: HouseRules, role: Side) -> Iterator[Breach]:
        """Name what allows a forbidden action, by statement where that can be."""
        if self._unread:
            if not self._is_taken(rules):
                yield self._unknown()
            return
        statements = self._statements
        if not self._given.by_statement:
            statements = [((), self.grants)]
        for step, grants in statements:
            broken = allowed_by(grants, rules.forbidden_actions, role)
            if broken:
                yield self._broken(step, broken)

    def _is_taken(self, rules: HouseRules) -> bool:
        """Tell whether somebody read the policy and named it."""
        arn = self._given.arn
        return isinstance(arn, str) and matches(rules.managed_policies, arn)

    def _broken(
        self, step: tuple[str | int, ...], broken: Sequence[tuple[str, int, Grant]]
    ) -> Breach:
        patterns = [pattern for pattern, _, _ in broken]
        _, index, grant = broken[0]
        who = "the statement" if self._given.by_statement else self._given.called
        return Breach(
            path=(*self._given.path, *step),
            code="E-RULE-ACTION",
            found=f"{who} allows {_shown(grant)}",
            rule=("forbiddenActions",)
            if len(broken) > 1
            else ("forbiddenActions", index),
            demand=f"never allows {listed(patterns)}",
            remedy="allow less, or deny it without a condition",
        )

    def _unknown(self) -> Breach:
        if self._given.arn:
            remedy = (
                "read it and name it in rules.managedPolicies, or write what is needed "
                "as an inline policy"
            )
        else:
            remedy = "write it in a way that can be read"
        return Breach(
            path=self._given.path,
            code="E-RULE-UNKNOWN",
            found=self._unread,
            rule=("forbiddenActions",),
            demand="asks for it",
            remedy=remedy,
        )


def _boundary(facts: RoleFacts) -> frozenset[Grant] | None:
    """Read the boundary, if its content is known."""
    arn = facts.permissions_boundary
    known = aws_managed_policy(arn) if isinstance(arn, str) else None
    return read_policy(known.document) if known else None


def _shown(grant: Grant) -> str:
    """Write what a statement allows, as it is written."""
    actions = listed(grant.actions_as_written, last="and")
    on = listed(sorted(grant.resource.texts), last="and")
    return (
        f"{'everything but ' if grant.action.inverted else ''}{actions} on "
        f"{'everything but ' if grant.resource.inverted else ''}{on}"
    )
