"""What of a service account and its role exists already, held against what is asked."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, cast

from eks_irsa.documents import arns, names
from eks_irsa.identity import role_policies
from eks_irsa.identity.kinds import FLAG, TEXT, TEXTS, kind_faults
from eks_irsa.identity.model import LATER, Fault

__all__ = ["adopt_faults", "adoption_faults", "role_lost_by_import"]

_KINDS: Final = {
    "role": TEXT,
    "attached_policies": TEXTS,
    "inline_policies": TEXTS,
    "service_account": FLAG,
}
_OF_ROLES: Final = ("role", "attached_policies", "inline_policies")


def adopt_faults(adopt: Mapping[str, object]) -> Iterator[Fault]:
    """Find what cannot name something that exists.

    Args:
        adopt: `role`, `attached_policies`, `inline_policies` and `service_account`,
            none of which is required.

    Yields:
        Faults whose paths begin at the key.
    """
    for key, value in adopt.items():
        if key not in _KINDS:
            message = f"unknown key; expected one of {', '.join(_KINDS)}"
            yield Fault((key,), "E-KEY-UNKNOWN", message, at_key=True)
            continue
        wrong = [*kind_faults(key, value, _KINDS[key])]
        yield from (one._replace(code="E-ADOPT") for one in wrong)
        items = cast("list[object]", value) if _KINDS[key] == TEXTS else [value]
        for index, item in enumerate(() if wrong else items):
            path = (key, index) if _KINDS[key] == TEXTS else (key,)
            if item is LATER:
                message = "must be known when the program runs; write it in plain text"
                yield Fault(path, "E-ADOPT", message)
            elif isinstance(item, str) and (fault := _name_fault(key, item)):
                yield Fault(path, "E-ADOPT", fault)


def adoption_faults(asked: Mapping[str, Any]) -> Iterator[Fault]:
    """Find what is imported and is not what is asked for.

    The engine would replace what it imports under another name than the program's,
    that is delete it.

    Args:
        asked: Fields without an error of `asked_faults`; a value may be LATER.

    Yields:
        Faults of `inline_policy_names` and of `adopt`.
    """
    policies = role_policies.names_in_iam(asked)
    yield from _inline_name_faults(asked.get("inline_policy_names") or {}, policies)
    adopt: Mapping[str, Any] = asked.get("adopt") or {}
    if any(adopt.get(key) for key in _OF_ROLES):
        yield from _role_faults(adopt, asked, policies)
    mode = asked.get("service_account_mode", "created")
    if adopt.get("service_account") and mode != "created":
        message = (
            f"the service account is {mode}, and one that is created alone is "
            "imported; take one of the two out"
        )
        yield Fault(("adopt", "service_account"), "E-ADOPT", message)


def role_lost_by_import(
    role: str, *, own: Collection[str], recorded: Mapping[str, str]
) -> tuple[str, str] | None:
    """Find the role of a state that the engine would delete for an import of another.

    What a state has under a name is replaced by what is imported under it, and what
    two have, in letters of another case too, goes with the one that does not keep it.

    Args:
        role: Name of the role that is imported.
        own: Names of the one that imports it, former ones included.
        recorded: Name of each role in the state -> whose it is.

    Returns:
        Name of the role that would go, and whose it is; None for none.
    """
    for name, owner in recorded.items():
        if owner in own and name != role:
            return name, owner
    for name, owner in recorded.items():
        if owner not in own and name.lower() == role.lower():
            return name, owner
    return None


def _name_fault(key: str, text: str) -> str | None:
    if key == "role":
        return names.role_name_fault(text)
    if key == "inline_policies":
        return names.policy_name_fault(text)
    if arns.is_policy_arn(text):
        return None
    return (
        f"{text!r} is not the ARN of a policy; expected "
        "arn:<partition>:iam::<12 digits or 'aws'>:policy/<name>"
    )


def _inline_name_faults(
    given: Mapping[str, object], policies: Mapping[str, object]
) -> Iterator[Fault]:
    first: dict[object, str] = {}
    for key, name in policies.items():
        other = first.setdefault(name, key)
        if other != key and name is not LATER:
            message = f"{name!r} is the name of {other!r} too; a role has a name once"
            at = key if key in given else other
            yield Fault(("inline_policy_names", at), "E-POLICY-NAME", message)
    for key in given:
        if key not in policies:
            known = ", ".join(map(repr, policies)) or "there is none"
            message = f"{key!r} is no inline policy of the role; expected {known}"
            path = ("inline_policy_names", key)
            yield Fault(path, "E-POLICY-NAME", message, at_key=True)


def _role_faults(
    adopt: Mapping[str, Any], asked: Mapping[str, Any], policies: Mapping[str, object]
) -> Iterator[Fault]:
    if asked.get("role_arn"):
        message = "the role that exists is used as it is, so nothing of it is imported"
        yield Fault(("adopt",), "E-ADOPT", message, at_key=True)
        return
    name, role = asked.get("role_name"), adopt.get("role")
    if role and role != name:
        called = f"called {name!r}" if isinstance(name, str) else "not named"
        message = (
            f"{role!r} is not the role that is asked for, which is {called}; set "
            f"role_name (overrides.<entry>.roleName in settings) to {role!r}, or take "
            "it out"
        )
        yield Fault(("adopt", "role"), "E-ADOPT", message)
    elif not isinstance(name, str):
        message = "needs the name of the role in plain text; set role_name"
        yield Fault(("adopt",), "E-ADOPT", message, at_key=True)
    attached = [*role_policies.attached(asked).values()]
    for key, known in (
        ("attached_policies", attached),
        ("inline_policies", [*policies.values()]),
    ):
        for index, one in enumerate(adopt.get(key, ())):
            if one not in known:
                texts = [text for text in known if isinstance(text, str)]
                expected = ", ".join(map(repr, texts)) or "none"
                message = (
                    f"{one!r} is no policy that is asked for, so it is left as it is; "
                    f"take it out, or ask for it (expected {expected})"
                )
                yield Fault(("adopt", key, index), "E-ADOPT", message)
