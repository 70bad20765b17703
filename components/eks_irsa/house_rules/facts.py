"""What the rules are asked of: a decision about one service account."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from eks_irsa.house_rules.model import Given, RoleFacts
from eks_irsa.identity.model import Identity, Role

__all__ = ["facts_of"]


def facts_of(identity: Identity) -> RoleFacts:
    """Give what is known of the role of a service account.

    Args:
        identity: The decision, of plain values.
    """
    role, association = identity.role, identity.association
    target_arn = association.target_role_arn if association else None
    if role is None:
        return RoleFacts(
            service_accounts=(identity.key,),
            existing_arn=identity.role_arn,
            target_arn=target_arn,
        )
    return RoleFacts(
        service_accounts=(identity.key,),
        target_arn=target_arn,
        name=role.name,
        path=role.path,
        permissions_boundary=role.permissions_boundary,
        policies=(*_managed(identity, role), *_inline(identity, role)),
        trust_policy=role.assume_role_policy,
        tags=role.tags,
    )


def _managed(identity: Identity, role: Role) -> Iterator[Given]:
    """Give each managed policy with the field that asks for it."""
    listed = cast("Sequence[str]", identity.asked.get("attach_policy_arns", ()))
    keyed = cast("Mapping[str, str]", identity.asked.get("attach_policies", {}))
    paths = {arn: ("attach_policies", key) for key, arn in keyed.items()}
    paths_of_all: dict[str, tuple[str | int, ...]] = {**paths}
    for index, arn in enumerate(listed):
        paths_of_all.setdefault(arn, ("attach_policy_arns", index))
    for arn in role.managed_policy_arns:
        yield Given(paths_of_all.get(arn, _by_name(identity)), repr(arn), arn)


def _inline(identity: Identity, role: Role) -> Iterator[Given]:
    """Give each inline policy as it was asked for, so that steps into it hold."""
    asked = cast("Mapping[str, object]", identity.asked.get("inline_policies", {}))
    by_name = cast("Mapping[str, object]", identity.asked.get("named_policies", {}))
    for policy in role.inline_policies:
        called = f"the policy {policy.key!r}"
        if policy.key in asked:
            path, document = ("inline_policies", policy.key), asked[policy.key]
            yield Given(path, called, document=document, by_statement=True)
        elif policy.key in by_name:
            yield Given(
                ("named_policies", policy.key), called, document=policy.document
            )
        else:
            yield Given(("well_known_policies",), called, document=policy.document)


def _by_name(identity: Identity) -> tuple[str | int, ...]:
    for field in ("well_known_policies", "named_policies"):
        if identity.asked.get(field):
            return (field,)
    return ()
