"""What a role is called, where it stands, what bounds it, and its tags."""

from collections.abc import Iterator, Mapping

from eks_irsa.house_rules.model import Breach, HouseRules, RoleFacts
from eks_irsa.house_rules.wording import listed, matches
from eks_irsa.identity.model import LATER, Later

__all__ = [
    "boundary_breaches",
    "name_breaches",
    "namespace_breaches",
    "path_breaches",
    "tag_breaches",
]


def boundary_breaches(rules: HouseRules, facts: RoleFacts) -> Iterator[Breach]:
    """Find a boundary that is missing, or none of those the house takes."""
    wanted, boundary = rules.permissions_boundaries, facts.permissions_boundary
    if not wanted or isinstance(boundary, Later):
        return
    if boundary is None or not matches(wanted, boundary):
        found = (
            f"{boundary!r} bounds the role"
            if boundary
            else "the role has no permissions boundary"
        )
        yield Breach(
            path=("permissions_boundary",) if boundary else (),
            code="E-RULE-BOUNDARY",
            found=found,
            rule=("permissionsBoundaries",),
            demand=f"takes {listed(wanted)}",
            remedy="give the role such a permissions boundary",
        )


def name_breaches(rules: HouseRules, facts: RoleFacts) -> Iterator[Breach]:
    """Find a name of a role that the house does not take."""
    if _is_refused(facts.name, rules.role_names):
        yield Breach(
            path=("role_name",),
            code="E-RULE-ROLE-NAME",
            found=f"the role is called {facts.name!r}",
            rule=("roleNames",),
            demand=f"takes {listed(rules.role_names)}",
            remedy="give the role such a name",
        )


def path_breaches(rules: HouseRules, facts: RoleFacts) -> Iterator[Breach]:
    """Find a path of a role that the house does not take."""
    if _is_refused(facts.path, rules.role_paths):
        yield Breach(
            path=("role_path",),
            code="E-RULE-ROLE-PATH",
            found=f"the path of the role is {facts.path!r}",
            rule=("rolePaths",),
            demand=f"takes {listed(rules.role_paths)}",
            remedy="give the role such a path",
        )


def _is_refused(text: str | Later, wanted: tuple[str, ...]) -> bool:
    return bool(wanted) and isinstance(text, str) and not matches(wanted, text)


def tag_breaches(rules: HouseRules, facts: RoleFacts) -> Iterator[Breach]:
    """Find each tag that is missing, or has a value that the house does not take."""
    if isinstance(facts.tags, Later):
        return
    for key, patterns in rules.tags.items():
        value = facts.tags.get(key)
        if value is LATER or (isinstance(value, str) and matches(patterns, value)):
            continue
        takes_any = "*" in patterns
        yield Breach(
            path=("tags",) if value is None else ("tags", key),
            code="E-RULE-TAG",
            found=_tag_found(facts.tags, key),
            rule=("tags", key),
            demand="takes any value" if takes_any else f"takes {listed(patterns)}",
            remedy="give the role this tag",
        )


def _tag_found(tags: Mapping[str, object], key: str) -> str:
    if key in tags:
        return f"the tag {key!r} of the role is {tags[key]!r}"
    near = [one for one in sorted(tags) if one.lower() == key.lower()]
    return f"the role has no tag {key!r}" + (f", but {near[0]!r}" if near else "")


def namespace_breaches(rules: HouseRules, facts: RoleFacts) -> Iterator[Breach]:
    """Find each namespace whose service accounts may have no role."""
    if not rules.namespaces:
        return
    named = dict.fromkeys(one.partition("/")[0] for one in facts.service_accounts)
    for namespace in named:
        if matches(rules.namespaces, namespace, is_pattern=True):
            continue
        yield Breach(
            path=("namespace",),
            code="E-RULE-NAMESPACE",
            found=f"the service account is in the namespace {namespace!r}",
            rule=("namespaces",),
            demand=f"takes {listed(rules.namespaces)}",
            remedy="move the service account there, or take the namespace in",
        )
