"""Programs that hide an administrator by what the engine does, and to what else.

As `hidden_administrators`; here the policy is plain, and what changes is who has it, or
what kept it from having an effect.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from finding_cases import (
    ADMIN,
    GET,
    OWN,
    SECRET,
    annotated,
    changing,
    held,
    new,
    own,
    role,
)
from hidden_administrators import EVERYTHING, Attempt, inline, irsa_role, root
from previews import ACCOUNT_ID, UNKNOWN
from programs import SERVICE, Made, deny, irsa, role_arn, urn

__all__ = ["CLUSTERS", "DENIALS", "OPERATIONS", "PODS"]

NOTHING: Final = deny("*", resource="*")
READ_ONLY: Final = "arn:aws:iam::aws:policy/ReadOnlyAccess"
WEB: Final = {"name": "web", "path": "/", "assumeRolePolicy": irsa("apps:web")}
ROOT, LOW = annotated("web", role_arn("root")), annotated("web", "")
_ADMIN, _UNKNOWN = "apps/web: administrator", "apps/web: unknown"
_PREVIEW: Final = "the preview: unknown"

DENIAL: Final = {"role": "web", "name": "deny", "policy": NOTHING}
DENY_ARN: Final = f"arn:aws:iam::{ACCOUNT_ID}:policy/deny"
WEB_ROLE: Final = urn("role", "web-role", parent=urn("component", "web"))


def provider(kind: str, name: str) -> str:
    """Write the URN of a provider."""
    return urn(f"{kind}-provider", name)


def changed(kind: str, name: str, before: Any, after: Any, **more: Any) -> Made:  # noqa: ANN401 - JSON
    """Make a resource that is not the same on both sides."""
    return Made(kind=kind, name=name, before=before, after=after, **more)


def bounded(before: str, after: str) -> list[Made]:
    """Make a role with Admin whose boundary becomes another."""
    sides = [
        {"assumeRolePolicy": irsa("apps:web"), "permissionsBoundary": one}
        for one in (before, after)
    ]
    return [changing("web", *sides), held("attach", "a", role="web", policyArn=ADMIN)]


_IN_FORCE: Final = held("inline", "deny", **DENIAL)
_ATTACHED: Final = [
    held("policy", "deny", name="deny", policy=NOTHING),
    held("attach", "deny", role="web", policyArn=DENY_ARN),
]

DENIALS: Final[dict[str, Attempt]] = {
    f"denial that {name}": Attempt(
        reason=reason,
        made=[*own("web"), held("attach", "a", role="web", policyArn=ADMIN), *made],
        found=found,
    )
    for name, (reason, made, found) in {
        "goes": (
            "What it denied is allowed by Admin.",
            [changed("inline", "deny", DENIAL, None)],
            _ADMIN,
        ),
        "goes to another role": (
            "It denies nothing to web any more.",
            [changed("inline", "deny", DENIAL, {**DENIAL, "role": "other"})],
            _ADMIN,
        ),
        "becomes unknown": (
            "It may deny less.",
            [changed("inline", "deny", DENIAL, {**DENIAL, "policy": UNKNOWN})],
            _UNKNOWN,
        ),
        "is left over from a replacement": (
            "AWS has it until this run deletes it.",
            [
                held("inline", "deny", **{**DENIAL, "role": "other"}),
                changed("inline", "deny", DENIAL, None, left_over=True),
            ],
            _ADMIN,
        ),
        "is a secret and goes": (
            "It may have been a denial.",
            [changed("inline", "deny", {**DENIAL, "policy": SECRET}, None)],
            _UNKNOWN,
        ),
        "cannot be read and goes": (
            "It may have been a denial.",
            [changed("attach", "x", {"role": "web", "policyArn": OWN}, None)],
            _UNKNOWN,
        ),
        "a list takes away": (
            "The list deletes what it does not name.",
            [_IN_FORCE, new("only-inline", "x", roleName="web", policyNames=["o"])],
            _ADMIN,
        ),
        "a list of names nobody knows may take away": (
            "Whether its name is in the list is not known.",
            [_IN_FORCE, new("only-inline", "x", roleName="web", policyNames=UNKNOWN)],
            _PREVIEW,
        ),
        "a list of a role nobody knows may take away": (
            "The list may be that of the role.",
            [_IN_FORCE, new("only-inline", "x", roleName=UNKNOWN, policyNames=[])],
            _PREVIEW,
        ),
        "a list of a role by reference takes away": (
            "The role is the one that it is made from.",
            [
                _IN_FORCE,
                replace(
                    new("only-inline", "x", roleName=UNKNOWN, policyNames=[]),
                    makers={"roleName": [WEB_ROLE]},
                ),
            ],
            _ADMIN,
        ),
        "PolicyAttachment takes away": (
            "It detaches the policy from all other roles.",
            [
                *_ATTACHED,
                new("attach-all", "x", name="x", roles=["o"], policyArn=DENY_ARN),
            ],
            _ADMIN,
        ),
        "PolicyAttachment of users takes away": (
            "It detaches the policy from all roles.",
            [
                *_ATTACHED,
                new("attach-all", "x", name="x", users=["u"], policyArn=DENY_ARN),
            ],
            _ADMIN,
        ),
        "PolicyAttachment of a policy nobody knows may take away": (
            "The policy may be the denial.",
            [
                *_ATTACHED,
                new("attach-all", "x", name="x", users=["u"], policyArn=UNKNOWN),
            ],
            _PREVIEW,
        ),
    }.items()
}

PODS: Final[dict[str, Attempt]] = {
    f"role of {name}": Attempt(reason=reason, made=[*root(), *made], found=found)
    for name, (reason, made, found) in {
        "an annotation": (
            "The pods get what the role has.",
            [changed("sa", "web", LOW, ROOT)],
            _ADMIN,
        ),
        "an annotation of no role that is known": (
            "Nothing is known of that role.",
            [changed("sa", "web", LOW, annotated("web", role_arn("elsewhere")))],
            _UNKNOWN,
        ),
        "an annotation in another case": (
            "Nothing is known of such an ARN.",
            [changed("sa", "web", LOW, annotated("web", role_arn("ROOT")))],
            _UNKNOWN,
        ),
        "an annotation by reference": (
            "It is made from the role.",
            [
                changed(
                    "sa",
                    "web",
                    LOW,
                    annotated("web", UNKNOWN),
                    makers={"metadata": [urn("role", "root")]},
                )
            ],
            _ADMIN,
        ),
        "a patch": (
            "It annotates what is there.",
            [held("sa", "web", **LOW), new("sa-patch", "p", **ROOT)],
            _ADMIN,
        ),
        "an item of a list": (
            "Each item is a service account.",
            [changed("sa-list", "l", {"items": [LOW]}, {"items": [LOW, ROOT]})],
            _ADMIN,
        ),
        "an item of a list nobody knows": (
            "It may be a service account with any role.",
            [changed("sa-list", "l", {"items": [LOW]}, {"items": [LOW, UNKNOWN]})],
            _PREVIEW,
        ),
        "a custom resource": (
            "Its token is that of the group and the kind it is given.",
            [new("custom-sa", "web", **ROOT)],
            _ADMIN,
        ),
        "a patch by a custom resource": (
            "Likewise.",
            [held("sa", "web", **LOW), new("custom-sa-patch", "p", **ROOT)],
            _ADMIN,
        ),
        "a Helm release": (
            "Its chart makes the service account in the cluster, not in the preview.",
            [new("helm", "web", values={"serviceAccount": ROOT["metadata"]})],
            _PREVIEW,
        ),
        "a Helm release whose values nobody knows": (
            "They may hold the annotation; `Output.all` makes all of them unknown.",
            [new("helm", "web", values=UNKNOWN)],
            _PREVIEW,
        ),
        "a Helm release whose values are a secret": (
            "They may hold the annotation.",
            [new("helm", "web", values=SECRET)],
            _PREVIEW,
        ),
        "a Helm release whose annotations nobody knows": (
            "They may hold the one of the role.",
            [new("helm", "web", values={"serviceAccount": {"annotations": UNKNOWN}})],
            _PREVIEW,
        ),
        "a manifest that is a text": (
            "Whatever provider applies it, the service account is in the cluster.",
            [new("manifest", "web", yamlBody=json.dumps(ROOT))],
            _PREVIEW,
        ),
        "the configuration of an add-on of EKS": (
            "The add-on's chart takes annotations, as a text of JSON.",
            [new("add-on", "ebs", configurationValues=json.dumps({"sa": ROOT}))],
            _PREVIEW,
        ),
        "the configuration of an add-on nobody knows": (
            "It may hold the annotation.",
            [new("add-on", "ebs", configurationValues=UNKNOWN)],
            _PREVIEW,
        ),
        "an add-on of EKS": (
            "EKS annotates the service account of the add-on.",
            [new("add-on", "ebs", serviceAccountRoleArn=role_arn("root"))],
            _PREVIEW,
        ),
        "an add-on of EKS by association": (
            "EKS makes the association.",
            [new("add-on", "ebs", podIdentityAssociations=[{"roleArn": "x"}])],
            _PREVIEW,
        ),
        "an association of EKS Pod Identity": (
            "The pods end with the target role.",
            [
                role("low"),
                new(
                    "pod-identity",
                    "x",
                    clusterName="c",
                    namespace="apps",
                    serviceAccount="web",
                    roleArn=role_arn("low"),
                    targetRoleArn=role_arn("root"),
                ),
            ],
            _ADMIN,
        ),
    }.items()
}

CLUSTERS: Final[dict[str, Attempt]] = {
    **{
        f"same service account on another cluster, {one} and {two}": Attempt(
            reason="Another provider is another cluster, whatever it is called.",
            made=[
                *root(),
                replace(held("sa", "a", **ROOT), provider=provider("k8s", one)),
                replace(new("sa", "b", **ROOT), provider=provider("k8s", two)),
            ],
            found=_ADMIN,
        )
        for one, two in (
            ("a", "b"),
            ("default", "default-b"),
            ("default_4_18_0", "default_b"),
        )
    },
    **{
        f"policy of one name in two AWS accounts, {first} first": Attempt(
            reason="A name does not tell which of two AWS accounts is meant.",
            made=[
                *own("web"),
                *(
                    replace(
                        new("policy", one, name="p", policy=policies[one]),
                        provider=provider("aws", one),
                    )
                    for one in (first, second)
                ),
                replace(
                    new("attach", "x", role="web", policyArn=f"{OWN[:-3]}p"),
                    provider=provider("aws", "loose"),
                ),
            ],
            found=_UNKNOWN,
        )
        for policies in ({"loose": EVERYTHING, "strict": GET},)
        for first, second in (("loose", "strict"), ("strict", "loose"))
    },
    "policy of another AWS account": Attempt(
        reason="The program's policy of that name is in another AWS account.",
        made=[
            replace(irsa_role("web"), provider=provider("aws", "b")),
            replace(
                new("policy", "p", name="p", policy=GET), provider=provider("aws", "a")
            ),
            replace(
                new(
                    "attach",
                    "x",
                    role="web",
                    policyArn="arn:aws:iam::999999999999:policy/p",
                ),
                provider=provider("aws", "b"),
            ),
        ],
        found="web: unknown",
    ),
}


def _anew(before: Mapping[str, Any], *, late: bool) -> list[Made]:
    """Give the steps of a replacement, the last of which has no reasons."""
    policy = replace(
        changed("inline", "x", before, before, op="replace", changed=["policy"]),
    )
    deleted = changed("inline", "x", before, None, op="delete-replaced")
    return [policy, deleted] if late else [deleted, policy]


OPERATIONS: Final[dict[str, Attempt]] = {
    "import": Attempt(
        reason="What the role has besides is in AWS and in no preview.",
        made=[changed("role", "web", None, WEB, op="import")],
        found="web: unknown",
    ),
    "import in place of a role": Attempt(
        reason="What the other role has besides is in AWS and in no preview.",
        made=[
            changed(
                "role", "web", WEB, {**WEB, "name": "root"}, op="import-replacement"
            ),
            changed("sa", "web", annotated("web", role_arn("web")), ROOT),
        ],
        found=_UNKNOWN,
    ),
    "read in place of a role": Attempt(
        reason="The program only reads the role from now on.",
        made=[
            changed("role", "web", WEB, {}, op="read-replacement"),
            changed("sa", "web", annotated("web", role_arn("web")), ROOT),
        ],
        found=_UNKNOWN,
    ),
    **{
        f"secret made anew, deleted {'last' if late else 'first'}": Attempt(
            reason="One of the steps says that the policy differs.",
            made=[
                *own("web"),
                *_anew({"role": "web", "name": "x", "policy": SECRET}, late=late),
            ],
            found=_UNKNOWN,
        )
        for late in (False, True)
    },
    "policy on a role that is kept": Attempt(
        reason="The role stays in AWS, and gets the policy.",
        made=[changed("role", "web", WEB, None, retain=True), inline(EVERYTHING)],
        found="web: administrator",
    ),
    "policy on the kept half of a role": Attempt(
        reason="The role of the old name stays in AWS, and gets the policy.",
        made=[
            changed("role", "web", WEB, {**WEB, "name": "web2"}, retain=True),
            inline(EVERYTHING),
        ],
        found="web: administrator",
    ),
    "policy moves to another role": Attempt(
        reason="An inline policy belongs to the role it names.",
        made=[
            *own("web"),
            *own("api"),
            changed(
                "inline",
                "x",
                {"role": "api", "name": "x", "policy": EVERYTHING},
                {"role": "web", "name": "x", "policy": EVERYTHING},
            ),
        ],
        found=_ADMIN,
    ),
    "lists of the role itself": Attempt(
        reason="The role attaches what it lists.",
        made=[changed("role", "web", WEB, {**WEB, "managedPolicyArns": [ADMIN]})],
        found="web: administrator",
    ),
    "policies of the role itself": Attempt(
        reason="The role has what it lists.",
        made=[
            changed(
                "role",
                "web",
                WEB,
                {**WEB, "inlinePolicies": [{"name": "x", "policy": EVERYTHING}]},
            )
        ],
        found="web: administrator",
    ),
    "policies of a role of aws-native nobody knows": Attempt(
        reason="The list may have any policy.",
        made=[
            changed(
                "native-role",
                "nat",
                {"roleName": "nat", "assumeRolePolicyDocument": json.loads(SERVICE)},
                {
                    "roleName": "nat",
                    "assumeRolePolicyDocument": json.loads(SERVICE),
                    "policies": UNKNOWN,
                },
            )
        ],
        found="nat: unknown",
    ),
    **{
        f"boundary becomes {name}": Attempt(
            reason="Nothing, or nothing that is known, bounds Admin any more.",
            made=bounded(READ_ONLY, after),
            found=f"web: {mark}",
        )
        for name, after, mark in (
            ("Admin", ADMIN, "administrator"),
            ("nothing", "", "boundary-removed"),
            ("unknown", UNKNOWN, "unknown"),
            ("a secret", SECRET, "unknown"),
        )
    },
    "boundary whose policy is loosened": Attempt(
        reason="The ARN stays, what it lets through does not.",
        made=[
            *bounded(OWN, OWN),
            changed(
                "policy",
                "own",
                {"name": "own", "policy": GET},
                {"name": "own", "policy": EVERYTHING},
            ),
        ],
        found="web: administrator",
    ),
    "role that is called like an accepted row": Attempt(
        reason="The name of a resource is not that of a service account.",
        made=[
            new("role", "kube-system/karpenter", assumeRolePolicy=irsa("apps:web")),
            Made(
                kind="attach",
                name="x",
                after={"role": UNKNOWN, "policyArn": ADMIN},
                makers={"role": [urn("role", "kube-system/karpenter")]},
            ),
        ],
        found="role kube-system/karpenter: administrator",
    ),
    "service account that is called like an accepted row": Attempt(
        reason="The name of a resource is not that of a service account.",
        made=[
            *root(),
            Made(
                kind="sa",
                name="kube-system/karpenter",
                after={"metadata": UNKNOWN},
                makers={"metadata": [urn("role", "root")]},
            ),
        ],
        found="service account kube-system/karpenter: administrator",
    ),
}
