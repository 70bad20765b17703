"""What becomes of each action that is asked about.

Many roles have the same policies, and many actions are met by the same grants: each
set of grants is judged once.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Final

from eks_irsa.access.authority import Authority
from eks_irsa.access.evaluation import decide
from eks_irsa.access.requests import Request
from eks_irsa.answers.judgements import Judgement, judged
from eks_irsa.answers.questions import Question
from eks_irsa.documents.patterns import Patterns, literal
from eks_irsa.documents.policy_statements import Grant

__all__ = ["judgements_of"]

# Where no grant is about an action.
_NOTHING: Final = Judgement(outcome="denied")

# What each statement says about a question.
_Pieces = tuple[frozenset[Grant], ...]
_Bounds = tuple[_Pieces | None, _Pieces | None]
_Context = tuple[tuple[str, tuple[str, ...]], ...]


def judgements_of(
    grants: _Pieces, bounds: _Bounds, *, question: Question, request: Request
) -> Mapping[str, Judgement]:
    """Judge each action asked about; all together where they cannot be listed.

    Args:
        grants: What the statements of a role say about the question.
        bounds: What those of its boundary say, and of its session policy; None for
            none.
        question: What is asked.
        request: What is known of each request.

    Returns:
        Action -> judgement, at least one; the empty text for all together.
    """
    keys = [_looked_at(piece) for piece in chain(grants, *filter(None, bounds))]
    known = request.context
    # What no policy looks at makes no difference.
    looked_at = known if None in keys else {*chain.from_iterable(filter(None, keys))}
    context = tuple(sorted((key, known[key]) for key in known if key in looked_at))
    return _judgements(grants, bounds, question.action, question.resource, context)


@lru_cache(maxsize=65_536)
def _looked_at(grants: frozenset[Grant]) -> frozenset[str] | None:
    """Return the context keys that grants look at; None if it may be any."""
    clauses = [clause for grant in grants for clause in grant.condition.clauses]
    texts = chain(
        chain.from_iterable(grant.resource.texts for grant in grants),
        chain.from_iterable(clause.values for clause in clauses),
    )
    if any("${" in text for text in texts):
        return None
    return frozenset(clause.key for clause in clauses)


@lru_cache(maxsize=16_384)
def _judgements(
    grants: _Pieces,
    bounds: _Bounds,
    action: str,
    resource: str,
    context: _Context,
) -> Mapping[str, Judgement]:
    question = Question(action=action, resource=resource)
    request = Request(action="", resource=resource, context=dict(context))
    authority = Authority(
        frozenset(chain.from_iterable(grants)),
        *(
            None if one is None else frozenset(chain.from_iterable(one))
            for one in bounds
        ),
    )
    actions = question.actions()
    if not actions:
        return {"": _of_set(authority, question.action_set, question, request)}
    found: dict[str, Judgement] = {}
    judged_before: dict[tuple[Authority, bool], Judgement] = {}
    for one, narrowed in _narrowed(authority, actions):
        if not narrowed.grants:
            found[one] = _NOTHING
            continue
        alike = (narrowed, question.is_about_one(one))
        if alike not in judged_before:
            judged_before[alike] = _of_one(narrowed, one, question, request)
        found[one] = judged_before[alike]
    return found


def _narrowed(
    authority: Authority, actions: tuple[str, ...]
) -> Iterator[tuple[str, Authority]]:
    """Give each action with the grants that are about it."""
    about = {
        grant: _matching(grant.action, actions)
        for grant in chain(authority.grants, *authority.bounds)
    }

    def of(grants: Iterable[Grant], action: str) -> frozenset[Grant]:
        return frozenset(grant for grant in grants if action in about[grant])

    bounds = (authority.boundary, authority.session)

    for action in actions:
        yield (
            action,
            Authority(
                of(authority.grants, action),
                *(None if one is None else of(one, action) for one in bounds),
            ),
        )


@lru_cache(maxsize=16_384)
def _matching(patterns: Patterns, actions: tuple[str, ...]) -> frozenset[str]:
    return frozenset(
        action
        for action in actions
        if patterns.covers(Patterns(frozenset({literal(action.lower())})))
    )


def _of_one(
    authority: Authority, action: str, question: Question, request: Request
) -> Judgement:
    if question.is_about_one(action):
        decision = decide(
            authority,
            Request(action=action, resource=request.resource, context=request.context),
        )
        return Judgement(outcome=decision.outcome, decisions=(decision,))
    one = Patterns(frozenset({literal(action.lower())}))
    return _of_set(authority, one, question, request)


def _of_set(
    authority: Authority, actions: Patterns, question: Question, request: Request
) -> Judgement:
    return judged(
        authority, action=actions, resource=question.resource_set, request=request
    )
