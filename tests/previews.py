# ruff: noqa: ANN401 - a preview is JSON
"""Previews as the engine prints them, out of a service account before and after."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from eks_irsa.documents.trust_policy import trust_policy

__all__ = ["ACCOUNT_ID", "PROVIDER_ARN", "UNKNOWN", "document", "preview", "steps"]

ACCOUNT_ID: Final = "123456789012"
PROVIDER_ARN: Final = (
    f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/"
    "oidc.eks.us-west-2.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
)
# What the engine writes for a value that is known only later.
UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_STACK: Final = "urn:pulumi:dev::shop::"
_COMPONENT: Final = "eks-irsa:index:IrsaServiceAccount"

Side = Mapping[str, Any]


def preview(*found: Iterable[Mapping[str, Any]], sames: bool = True) -> str:
    """Write a preview of some steps, as `pulumi preview --json` does.

    Args:
        found: Steps of one service account each.
        sames: As with `--show-sames`: what stays as it is is there too.
    """
    shown = [
        step
        for one in found
        for step in one
        if sames or step["op"] != "same" or step["urn"].endswith("::shop-dev")
    ]
    urn = f"{_STACK}pulumi:pulumi:Stack::shop-dev"
    root = {"op": "same", "urn": urn, "oldState": {"urn": urn}, "detailedDiff": None}
    return json.dumps({"config": {}, "steps": [root, *shown], "duration": 1})


def document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    """Write a policy of statements, each allowed unless it says otherwise."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", **statement} for statement in statements],
    }


def steps(before: Side | None, after: Side | None) -> Iterator[dict[str, Any]]:
    """Give the engine's steps for one service account.

    A side is None where there is no account, else has, all of them optional: `account`
    (`<namespace>/<name>`), `roleName`, `path`, `trust` (a policy), `managed` (ARNs),
    `inline` (name -> policy, or `UNKNOWN`), `boundary`, `tags`, `session`, `labels`,
    `annotations`, `patch` (the account is somebody else's), `roleArn` (the role is),
    `retain` (the engine forgets it on deletion).
    """
    sides = before or {}, after or {}
    name = (after or before or {}).get("account", "apps/reader")
    component = f"{_STACK}{_COMPONENT}::{name}"
    given = [_component_inputs(side, name) for side in sides]
    yield _step(component, *_sides(before, after, given), parent="")
    for kind, suffix, make in (
        ("aws:iam/role:Role", "-role", _role),
        (
            "kubernetes:core/v1:ServiceAccount",
            "-service-account",
            _account(patch=False),
        ),
        (
            "kubernetes:core/v1:ServiceAccountPatch",
            "-service-account",
            _account(patch=True),
        ),
    ):
        pair = [
            make(side, name) if one is not None else None
            for side, one in zip(sides, (before, after), strict=True)
        ]
        urn = f"{_STACK}{_COMPONENT}${kind}::{name}{suffix}"
        if pair != [None, None]:
            retained = bool(sides[0].get("retain"))
            yield _step(urn, *pair, parent=component, retained=retained)
    yield from _policies(before, after, name=name, component=component)


def _sides(
    before: Side | None, after: Side | None, given: list[dict[str, Any]]
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    return (
        given[0] if before is not None else None,
        given[1] if after is not None else None,
    )


def _component_inputs(side: Side, name: str) -> dict[str, Any]:
    namespace, _, account = name.partition("/")
    inputs = {"namespace": namespace, "service_account_name": account}
    return inputs | ({"role_arn": side["roleArn"]} if "roleArn" in side else {})


def _role(side: Side, name: str) -> dict[str, Any] | None:
    if "roleArn" in side:
        return None
    trust = side.get("trust")
    inputs: dict[str, Any] = {
        "__defaults": [],
        "assumeRolePolicy": json.dumps(trust) if trust else _trust(name),
        "maxSessionDuration": side.get("session", 3600),
        "name": side.get("roleName", _role_name(name)),
        "path": side.get("path", "/"),
        "tags": side.get("tags", {}),
    }
    if trust == UNKNOWN:
        inputs["assumeRolePolicy"] = UNKNOWN
    if "boundary" in side:
        inputs["permissionsBoundary"] = side["boundary"]
    return inputs


def _trust(name: str) -> str:
    namespace, _, account = name.partition("/")
    return trust_policy(
        provider_arn=PROVIDER_ARN, namespace=namespace, service_account=account
    )


def _role_name(name: str) -> str:
    return "shop-" + name.replace("/", "-")


def _account(*, patch: bool) -> Any:
    def make(side: Side, name: str) -> dict[str, Any] | None:
        if side.get("patch", False) != patch:
            return None
        namespace, _, account = name.partition("/")
        path, role = side.get("path", "/"), side.get("roleName", _role_name(name))
        arn = side.get("roleArn", f"arn:aws:iam::{ACCOUNT_ID}:role{path}{role}")
        annotations = {"eks.amazonaws.com/role-arn": arn, **side.get("annotations", {})}
        return {
            "metadata": {
                "name": account,
                "namespace": namespace,
                "labels": side.get("labels", {}),
                "annotations": annotations,
            }
        }

    return make


def _policies(
    before: Side | None, after: Side | None, *, name: str, component: str
) -> Iterator[dict[str, Any]]:
    sides = before or {}, after or {}
    role = [side.get("roleName", _role_name(name)) for side in sides]
    for token, key, field in (
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "managed", "policyArn"),
        ("aws:iam/rolePolicy:RolePolicy", "inline", "policy"),
    ):
        slots = [
            {one: one for one in side.get(key, [])}
            if key == "managed"
            else {one: _policy(policy) for one, policy in side.get(key, {}).items()}
            for side in sides
        ]
        for slot in dict.fromkeys([*slots[0], *slots[1]]):
            pair = [
                {field: held[slot], "role": role[i]} | _named(key, slot)
                if slot in held
                else None
                for i, held in enumerate(slots)
            ]
            last = ":".join(slot.split(":")[3:]) if key == "managed" else slot
            urn = f"{_STACK}{_COMPONENT}${token}::{name}:{last}"
            retained = bool(sides[0].get("retain"))
            yield _step(urn, *pair, parent=component, retained=retained)


def _policy(policy: Any) -> str:
    return policy if isinstance(policy, str) else json.dumps(policy)


def _named(key: str, slot: str) -> dict[str, str]:
    return {"name": slot} if key == "inline" else {}


def _step(
    urn: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    *,
    parent: str,
    retained: bool = False,
) -> dict[str, Any]:
    changed = sorted(
        key
        for key in (before or {}).keys() | (after or {}).keys()
        if before and after and before.get(key) != after.get(key)
    )
    if before is None:
        operation = "create"
    elif after is None:
        operation = "delete"
    elif {"name", "path", "role"} & {*changed}:
        operation = "replace"
    else:
        operation = "update" if changed else "same"
    step: dict[str, Any] = {"op": operation, "urn": urn, "detailedDiff": None}
    if changed:
        step["diffReasons"] = changed
    for key, inputs in (("oldState", before), ("newState", after)):
        if inputs is not None:
            step[key] = {"urn": urn, "inputs": inputs, "parent": parent}
    if before is not None:
        known = {key: one for key, one in before.items() if key != "__defaults"}
        step["oldState"] |= {"outputs": known, "retainOnDelete": retained}
    return step
