"""The IAM OIDC providers of a preview that change."""

from typing import Final

from eks_irsa.documents.resource_types import PROVIDERS
from eks_irsa.review.finding.values import items, text
from eks_irsa.review.model import ProviderKind, ProviderReview, Sides
from eks_irsa.review.preview import Preview, Resource, State, Unknown

__all__ = ["provider_reviews"]

_KINDS: Final[dict[str, ProviderKind]] = {
    "create": "new",
    "delete": "removed",
    "import": "imported",
    "replace": "replaced",
    "update": "changed",
}


def provider_reviews(preview: Preview) -> tuple[ProviderReview, ...]:
    """Tell which OIDC providers change, by issuer."""
    found = [
        provider
        for resource in preview.resources.values()
        if resource.type in PROVIDERS and (provider := _provider(resource))
    ]
    return tuple(sorted(found, key=lambda one: (str(one.issuer), one.urn)))


def _provider(resource: Resource) -> ProviderReview | None:
    kind = _kind(resource)
    before = _audiences(resource, resource.before, planned=False)
    after = _audiences(resource, resource.after, planned=True)
    if kind is None or (kind == "changed" and before == after):
        return None
    state = resource.after or resource.before
    url = text(state.now(PROVIDERS[resource.type].url)) if state else None
    issuer = url.removeprefix("https://") if isinstance(url, str) else url
    return ProviderReview(
        urn=resource.urn,
        kind=kind,
        issuer=issuer,
        audiences=Sides(before=before, after=after),
    )


def _kind(resource: Resource) -> ProviderKind | None:
    before = resource.before
    if resource.operation == "delete" and before and before.is_kept:
        return "released"
    if resource.operation == "read" and before and not before.external:
        return "released"
    return _KINDS.get(resource.operation)


def _audiences(
    resource: Resource, state: State | None, *, planned: bool
) -> tuple[str, ...]:
    if state is None:
        return ()
    key = PROVIDERS[resource.type].audiences
    given = state.inputs.get(key) if planned else state.now(key)
    return tuple(
        sorted(
            f"({one.reason})" if isinstance(one, Unknown) else str(one)
            for one in items(given)
        )
    )
