"""Programs before and after, and what a report must say of each.

Each was judged from the documentation of IAM and the resources before it was run; its
reason says why.

Source:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html
    https://www.pulumi.com/registry/packages/aws/api-docs/iam/
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from previews import PROVIDER_ARN, UNKNOWN
from programs import SERVICE, Made, allow, deny, irsa, role_arn, urn

__all__ = ["CASES", "Case", "Judged"]

ADMIN: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
OWN: Final = "arn:aws:iam::123456789012:policy/own"
OTHER: Final = "arn:aws:iam::123456789012:policy/other"
GET, PUT = allow("s3:GetObject"), allow("s3:PutObject")
BOTH: Final = allow("s3:GetObject", "s3:PutObject")
OIDC: Final = f"Federated {PROVIDER_ARN}"
SECRET: Final = "[secret]"  # noqa: S105 - a mark, no secret


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What a row must say.

    Attributes:
        gains: Actions that are gained, sorted, with a space between.
        loses: Those that are lost.
        unknown: What is not known, sorted.
        trusts: Who may assume it that could not before, sorted.
        marks: Those that are about finding, sorted, with a space between.
        subject: What the row is of.
        way: By which way pods get the role, ` -> ` between before and after; empty
            where that is by IRSA alone, and for a role.
    """

    gains: str = ""
    loses: str = ""
    unknown: tuple[str, ...] = ()
    trusts: tuple[str, ...] = ()
    marks: str = ""
    subject: str = "role"
    way: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A program before and after, and what the report must say of it.

    Attributes:
        reason: Why that is right.
        made: The program's resources.
        rows: Name -> row.
        complete: Nothing is unknown and nothing left out.
        sames: With `--show-sames`.
    """

    reason: str
    made: Sequence[Made]
    rows: Mapping[str, Judged] = field(default_factory=dict[str, Judged])
    complete: bool = True
    sames: bool = True


def role(name: str, /, **inputs: object) -> Made:
    """Make a role that stays as it is."""
    side = {"name": name, "path": "/", "assumeRolePolicy": SERVICE, **inputs}
    return Made(kind="role", name=name, before=side, after=side)


def changing(
    name: str, before: Mapping[str, object], after: Mapping[str, object]
) -> Made:
    """Make a role of which something changes."""
    base = {"name": name, "path": "/", "assumeRolePolicy": SERVICE}
    return Made(
        kind="role", name=name, before={**base, **before}, after={**base, **after}
    )


def held(kind: str, name: str, /, **inputs: object) -> Made:
    """Make a resource that stays as it is."""
    return Made(kind=kind, name=name, before=inputs, after=inputs)


def new(kind: str, name: str, /, **inputs: object) -> Made:
    """Make a resource that is new."""
    return Made(kind=kind, name=name, after=inputs)


def annotated(name: str, role: str) -> dict[str, dict[str, object]]:
    """Write a service account of the namespace `apps` with a role."""
    annotations = {"eks.amazonaws.com/role-arn": role} if role else {}
    return {"metadata": {"name": name, "namespace": "apps", "annotations": annotations}}


API, WEB = urn("component", "api"), urn("component", "web")


def component(name: str, arn: str = "", *, before: str | None = None) -> Made:
    """Make a component that stays, maybe with the ARN of a role that is not its own."""
    sides: list[dict[str, str]] = []
    for one in (arn if before is None else before, arn):
        side = {"namespace": "apps", "service_account_name": name}
        sides.append(side | ({"role_arn": one} if one else {}))
    return Made(kind="component", name=name, before=sides[0], after=sides[1])


def own(name: str) -> list[Made]:
    """Make a component with its own role and service account, all of which stay."""
    parent = urn("component", name)
    side = {"name": name, "path": "/", "assumeRolePolicy": irsa(f"apps:{name}")}
    account = annotated(name, role_arn(name))
    return [
        component(name),
        Made(kind="role", name=f"{name}-role", before=side, after=side, parent=parent),
        Made(
            kind="sa",
            name=f"{name}-service-account",
            before=account,
            after=account,
            parent=parent,
        ),
    ]


def sa_row(**judged: object) -> Judged:
    """Judge the row of a service account."""
    return Judged(subject="service account", **judged)  # pyright: ignore[reportArgumentType] # type: ignore[arg-type] - fields of it


OUTSIDE: Final[dict[str, Case]] = {
    "attachment moves from one service account to another": Case(
        reason="The role it names is another one: api loses the policy, web gains it.",
        made=[
            *own("api"),
            *own("web"),
            Made(
                kind="attach",
                name="extra",
                before={"role": "api", "policyArn": ADMIN},
                after={"role": "web", "policyArn": ADMIN},
            ),
        ],
        rows={"apps/api": sa_row(loses="*"), "apps/web": sa_row(gains="*")},
    ),
    "inline policy moves from one service account to another": Case(
        reason="An inline policy belongs to the role it names, not to its parent.",
        made=[
            *own("api"),
            *own("web"),
            Made(
                kind="inline",
                name="extra",
                before={"role": "api", "name": "x", "policy": GET},
                after={"role": "web", "name": "x", "policy": GET},
            ),
        ],
        rows={
            "apps/api": sa_row(loses="s3:GetObject"),
            "apps/web": sa_row(gains="s3:GetObject"),
        },
    ),
    "child of one component names the role of another": Case(
        reason="Where it is parented makes no difference to IAM: web gains.",
        made=[
            *own("api"),
            *own("web"),
            Made(
                kind="attach",
                name="api:x",
                after={"role": "web", "policyArn": ADMIN},
                parent=API,
            ),
        ],
        rows={"apps/web": sa_row(gains="*")},
    ),
    "another role parented into a component": Case(
        reason="It is a role of its own; the component's stays what it is.",
        made=[
            *own("api"),
            Made(
                kind="role",
                name="helper",
                before={"name": "helper", "assumeRolePolicy": SERVICE},
                after={"name": "helper", "assumeRolePolicy": SERVICE},
                parent=API,
            ),
            new("inline", "x", role="helper", name="x", policy=GET),
        ],
        rows={"helper": Judged(gains="s3:GetObject")},
    ),
    "another service account parented into a component": Case(
        reason="It is new and its pods get all that the role of api may do.",
        made=[
            *own("api"),
            held("inline", "x", role="api", name="x", policy=GET),
            Made(
                kind="sa",
                name="helper",
                after=annotated("helper", role_arn("api")),
                parent=API,
            ),
        ],
        rows={
            "apps/helper": sa_row(
                gains="s3:GetObject",
                trusts=(OIDC,),
            )
        },
    ),
    "role made by hand for a service account": Case(
        reason="The annotation names it, so the row is the service account's.",
        made=[
            role("hand", assumeRolePolicy=irsa("apps:hand")),
            held("sa", "hand", **annotated("hand", role_arn("hand"))),
            new("inline", "x", role="hand", name="x", policy=GET),
        ],
        rows={"apps/hand": sa_row(gains="s3:GetObject")},
    ),
    "role made by hand, and the service account elsewhere": Case(
        reason="Helm may make the service account; the role has a row of its own.",
        made=[
            role("hand", assumeRolePolicy=irsa("apps:hand")),
            new("attach", "x", role="hand", policyArn=ADMIN),
        ],
        rows={"hand": Judged(gains="*")},
    ),
    "role that is in another program": Case(
        reason="What it gains is certain; what it has besides is not known.",
        made=[new("attach", "x", role="elsewhere", policyArn=ADMIN)],
        rows={"elsewhere": Judged(gains="*")},
        complete=False,
    ),
    "name of a role in another case": Case(
        reason="IAM tells names apart without case.",
        made=[role("Web"), new("attach", "x", role="web", policyArn=ADMIN)],
        rows={"Web": Judged(gains="*")},
    ),
}

ROLES_OF_PODS: Final[dict[str, Case]] = {
    "own role goes for one of another program": Case(
        reason="Nothing is known of the role the pods get: unknown, and nothing is "
        "certainly lost.",
        made=[
            Made(
                kind="component",
                name="api",
                before={"namespace": "apps", "service_account_name": "api"},
                after={
                    "namespace": "apps",
                    "service_account_name": "api",
                    "role_arn": "arn:aws:iam::999999999999:role/a",
                },
            ),
            Made(
                kind="role",
                name="api-role",
                before={"name": "api", "assumeRolePolicy": irsa("apps:api")},
                parent=API,
            ),
            Made(
                kind="inline",
                name="api:x",
                before={"role": "api", "name": "x", "policy": GET},
                parent=API,
            ),
            Made(
                kind="sa",
                name="api-service-account",
                before=annotated("api", role_arn("api")),
                after=annotated("api", "arn:aws:iam::999999999999:role/a"),
                parent=API,
            ),
        ],
        rows={"apps/api": sa_row(unknown=("the role",), marks="restart-pods unknown")},
        complete=False,
    ),
    "own role goes for another of the program": Case(
        reason="Both roles are known, so what the pods gain and lose is as well.",
        made=[
            role("big", assumeRolePolicy=irsa("apps:api")),
            held("attach", "big", role="big", policyArn=ADMIN),
            Made(
                kind="component",
                name="api",
                before={"namespace": "apps", "service_account_name": "api"},
                after={
                    "namespace": "apps",
                    "service_account_name": "api",
                    "roleArn": role_arn("big"),
                },
            ),
            Made(
                kind="role",
                name="api-role",
                before={"name": "api", "assumeRolePolicy": irsa("apps:api")},
                parent=API,
            ),
            Made(
                kind="sa",
                name="api-service-account",
                before=annotated("api", role_arn("api")),
                after=annotated("api", role_arn("big")),
                parent=API,
            ),
        ],
        rows={"apps/api": sa_row(gains="*", marks="restart-pods")},
    ),
    "role of the same name in another AWS account": Case(
        reason="The trust policy tells the account of the program's role.",
        made=[
            new("role", "api", name="api", assumeRolePolicy=irsa("apps:api")),
            new("attach", "x", role="api", policyArn=ADMIN),
            Made(
                kind="sa",
                name="s",
                after=annotated("api", "arn:aws:iam::999999999999:role/api"),
            ),
        ],
        rows={
            "apps/api": sa_row(unknown=("the role",), marks="unknown"),
            "api": Judged(gains="*", trusts=(OIDC,)),
        },
        complete=False,
    ),
    "annotation of a component is of something else, known in up": Case(
        reason="The ARN of the component's own role is there, so this is another.",
        made=[
            *own("api")[:2],
            Made(
                kind="sa",
                name="api-service-account",
                before=annotated("api", role_arn("api")),
                after=annotated("api", UNKNOWN),
                parent=API,
            ),
        ],
        rows={"apps/api": sa_row(unknown=("the role",), marks="restart-pods unknown")},
        complete=False,
    ),
    "annotation of a component with a new role is not there yet": Case(
        reason="A component keeps the annotation from depending on its own role.",
        made=[
            new("component", "api", namespace="apps", service_account_name="api"),
            Made(
                kind="role",
                name="api-role",
                after={"name": "api-1", "assumeRolePolicy": irsa("apps:api")},
                parent=API,
            ),
            Made(
                kind="attach",
                name="api:x",
                after={"role": "api-1", "policyArn": ADMIN},
                parent=API,
            ),
            Made(
                kind="role",
                name="extra",
                after={"name": "extra", "assumeRolePolicy": SERVICE},
                parent=API,
            ),
            Made(
                kind="sa",
                name="api-service-account",
                after=annotated("api", UNKNOWN),
                parent=API,
            ),
        ],
        rows={
            "apps/api": sa_row(gains="*", trusts=(OIDC,)),
            "extra": Judged(trusts=("Service ec2.amazonaws.com",)),
        },
    ),
    "service account gets a role that the program only reads": Case(
        reason="Who may assume it is told, what it may do is not.",
        made=[
            Made(
                kind="role",
                name="one",
                after={"name": "one", "assumeRolePolicy": SERVICE},
                op="read",
            ),
            Made(
                kind="sa",
                name="s",
                before=annotated("s", ""),
                after=annotated("s", role_arn("one")),
            ),
        ],
        rows={
            "apps/s": sa_row(
                unknown=("the role",),
                trusts=("Service ec2.amazonaws.com",),
                marks="restart-pods unknown",
            )
        },
        complete=False,
    ),
    "annotation stays with a role that goes": Case(
        reason="The role is deleted, so the pods have nothing; it is no other role.",
        made=[
            Made(
                kind="role",
                name="one",
                before={"name": "one", "assumeRolePolicy": SERVICE},
            ),
            Made(
                kind="inline",
                name="x",
                before={"role": "one", "name": "x", "policy": GET},
            ),
            held("sa", "s", **annotated("s", role_arn("one"))),
        ],
        rows={"apps/s": sa_row(loses="s3:GetObject")},
    ),
    "transform changes the annotation": Case(
        reason="The pods get the role of the annotation, whatever the component made.",
        made=[
            *own("web"),
            held("attach", "big", role="web", policyArn=ADMIN),
            component("api"),
            own("api")[1],
            Made(
                kind="sa",
                name="api-service-account",
                before=annotated("api", role_arn("api")),
                after=annotated("api", role_arn("web")),
                parent=API,
            ),
        ],
        rows={
            "apps/api": sa_row(
                gains="*",
                trusts=(OIDC,),
                marks="restart-pods trust-widened",
            )
        },
    ),
    "annotation known in up is of the role it is made from": Case(
        reason="Its ARN is not there yet, and the annotation is made from it.",
        made=[
            new("role", "hand", name=UNKNOWN, assumeRolePolicy=irsa("apps:hand")),
            Made(
                kind="attach",
                name="x",
                after={"role": UNKNOWN, "policyArn": ADMIN},
                makers={"role": [urn("role", "hand")]},
            ),
            Made(
                kind="sa",
                name="hand",
                after=annotated("hand", UNKNOWN),
                makers={"metadata": [urn("role", "hand")]},
            ),
        ],
        rows={
            "apps/hand": sa_row(
                gains="*",
                trusts=(OIDC,),
            )
        },
    ),
    "annotation known in up is made from nothing that is shown": Case(
        reason="It may be any role.",
        made=[
            Made(
                kind="sa",
                name="hand",
                before=annotated("hand", role_arn("a")),
                after=annotated("hand", UNKNOWN),
            )
        ],
        rows={"apps/hand": sa_row(unknown=("the role",), marks="restart-pods unknown")},
        complete=False,
    ),
    "patch gives a service account of somebody else a role": Case(
        reason="The pods had none, and get all that the role may do.",
        made=[
            role("hand", assumeRolePolicy=irsa("apps:hand")),
            held("attach", "x", role="hand", policyArn=ADMIN),
            Made(kind="sa-patch", name="p", after=annotated("hand", role_arn("hand"))),
        ],
        rows={
            "apps/hand": sa_row(
                gains="*",
                trusts=(OIDC,),
                marks="restart-pods",
            )
        },
    ),
    "patch annotates a service account of the program": Case(
        reason="It is written in this run, and the other annotation is not.",
        made=[
            role("one", assumeRolePolicy=irsa("apps:hand")),
            role("two", assumeRolePolicy=irsa("apps:hand")),
            held("attach", "x", role="two", policyArn=ADMIN),
            held("sa", "hand", **annotated("hand", role_arn("one"))),
            Made(kind="sa-patch", name="p", after=annotated("hand", role_arn("two"))),
        ],
        rows={"apps/hand": sa_row(gains="*", marks="restart-pods")},
    ),
    "two resources annotate one service account at once": Case(
        reason="Nothing tells which annotation stays.",
        made=[
            role("one"),
            role("two"),
            Made(kind="sa", name="s", after=annotated("hand", role_arn("one"))),
            Made(kind="sa-patch", name="p", after=annotated("hand", role_arn("two"))),
        ],
        rows={"apps/hand": sa_row(unknown=("the role",), marks="restart-pods unknown")},
        complete=False,
    ),
    "metadata is not known": Case(
        reason="Neither the service account nor its role can be told.",
        made=[
            Made(
                kind="sa",
                name="s",
                before=annotated("s", ""),
                after={"metadata": UNKNOWN},
            )
        ],
        rows={
            "apps/s": sa_row(),
            "s": sa_row(unknown=("the role",), marks="unknown"),
        },
        complete=False,
    ),
    "service account in a list": Case(
        reason="Each item of a list is a service account.",
        made=[
            role("one", assumeRolePolicy=irsa("apps:hand")),
            held("inline", "x", role="one", name="x", policy=GET),
            Made(
                kind="sa-list",
                name="list",
                before={"items": [annotated("hand", "")]},
                after={"items": [annotated("hand", role_arn("one"))]},
            ),
        ],
        rows={
            "apps/hand": sa_row(
                gains="s3:GetObject",
                trusts=(OIDC,),
                marks="restart-pods",
            )
        },
    ),
    "pod identity gives a service account a role": Case(
        reason="EKS hands the role to its pods without an annotation; those that run "
        "are not told where.",
        made=[
            role("one"),
            held("attach", "x", role="one", policyArn=ADMIN),
            new(
                "pod-identity",
                "p",
                clusterName="shop",
                namespace="apps",
                serviceAccount="hand",
                roleArn=role_arn("one"),
            ),
        ],
        rows={
            "apps/hand": sa_row(
                gains="*",
                trusts=("Service ec2.amazonaws.com",),
                marks="restart-pods",
                way="none -> podIdentity",
            )
        },
    ),
    "pod identity gives another role": Case(
        reason="What counts is the role of the association; pods keep credentials.",
        made=[
            role("one"),
            role("two"),
            held("attach", "x", role="two", policyArn=ADMIN),
            Made(
                kind="pod-identity",
                name="p",
                before={
                    "clusterName": "shop",
                    "namespace": "apps",
                    "serviceAccount": "hand",
                    "roleArn": role_arn("one"),
                },
                after={
                    "clusterName": "shop",
                    "namespace": "apps",
                    "serviceAccount": "hand",
                    "roleArn": role_arn("two"),
                },
            ),
        ],
        rows={"apps/hand": sa_row(gains="*", marks="restart-pods", way="podIdentity")},
    ),
    "service account moves to another namespace": Case(
        reason="Its name is another one, and so are its pods; who may assume the role "
        "changes as well.",
        made=[
            changing(
                "one",
                {"assumeRolePolicy": irsa("apps:hand")},
                {"assumeRolePolicy": irsa("web:hand")},
            ),
            held("inline", "x", role="one", name="x", policy=GET),
            Made(
                kind="sa",
                name="hand",
                before=annotated("hand", role_arn("one")),
                after={
                    "metadata": {
                        **annotated("hand", role_arn("one"))["metadata"],
                        "namespace": "web",
                    }
                },
                op="replace",
            ),
        ],
        rows={
            "apps/hand": sa_row(loses="s3:GetObject"),
            "web/hand": sa_row(gains="s3:GetObject", trusts=(OIDC,)),
            "one": Judged(trusts=(OIDC,), marks="trust-widened"),
        },
    ),
    "unreadable policy stays": Case(
        reason="Its text is the same.",
        made=[
            changing(
                "one",
                {"assumeRolePolicy": "{"},
                {"assumeRolePolicy": "{", "tags": {"a": "b"}},
            ),
            held("inline", "x", role="one", name="x", policy="{"),
        ],
        rows={"one": Judged()},
    ),
    "unreadable policy comes": Case(
        reason="What it allows is not known.",
        made=[role("one"), new("inline", "x", role="one", name="x", policy="{")],
        rows={"one": Judged(unknown=("inline policy x",), marks="unknown")},
        complete=False,
    ),
    "roles of two service accounts are exchanged": Case(
        reason="Each has the other's role: what counts is the annotation.",
        made=[
            role("one", assumeRolePolicy=irsa("apps:*")),
            role("two", assumeRolePolicy=irsa("apps:*")),
            held("inline", "x", role="one", name="x", policy=GET),
            held("inline", "y", role="two", name="x", policy=PUT),
            Made(
                kind="sa",
                name="a",
                before=annotated("a", role_arn("one")),
                after=annotated("a", role_arn("two")),
            ),
            Made(
                kind="sa",
                name="b",
                before=annotated("b", role_arn("two")),
                after=annotated("b", role_arn("one")),
            ),
        ],
        rows={
            "apps/a": sa_row(
                gains="s3:PutObject", loses="s3:GetObject", marks="restart-pods"
            ),
            "apps/b": sa_row(
                gains="s3:GetObject", loses="s3:PutObject", marks="restart-pods"
            ),
        },
    ),
}

EXCLUSIVE: Final[dict[str, Case]] = {
    "policy attachment names a role": Case(
        reason="It attaches the policy to each role it names.",
        made=[
            role("one"),
            new("attach-all", "x", name="x", roles=["one"], policyArn=ADMIN),
        ],
        rows={"one": Judged(gains="*")},
    ),
    "policy attachment takes a policy away elsewhere": Case(
        reason="It is exclusive for the policy: role two has it no more.",
        made=[
            role("one"),
            role("two"),
            held("attach", "y", role="two", policyArn=ADMIN),
            new("attach-all", "x", name="x", roles=["one"], policyArn=ADMIN),
        ],
        rows={"one": Judged(gains="*"), "two": Judged(loses="*")},
    ),
    "policy attachment adds a role known in up": Case(
        reason="One more name and one more role that the list is made from.",
        made=[
            role("one"),
            new("role", "two", name=UNKNOWN, assumeRolePolicy=SERVICE),
            Made(
                kind="attach-all",
                name="x",
                before={"roles": ["one"], "policyArn": ADMIN},
                after={"roles": ["one", UNKNOWN], "policyArn": ADMIN},
                makers={"roles": [urn("role", "one"), urn("role", "two")]},
            ),
        ],
        rows={"two": Judged(gains="*", trusts=("Service ec2.amazonaws.com",))},
    ),
    "exclusive attachments attach what they name": Case(
        reason="The resource attaches every policy of its list.",
        made=[
            role("one"),
            new("only-attached", "x", roleName="one", policyArns=[ADMIN]),
        ],
        rows={"one": Judged(gains="*")},
    ),
    "exclusive attachments detach what they do not name": Case(
        reason="An attachment that stays in the state is taken away in AWS.",
        made=[
            role("one"),
            held("attach", "y", role="one", policyArn=ADMIN),
            held("attach", "z", role="one", policyArn=OWN),
            new("only-attached", "x", roleName="one", policyArns=[OWN]),
        ],
        rows={"one": Judged(loses="*")},
    ),
    "exclusive attachments that go leave an attachment": Case(
        reason="Destroying the resource detaches nothing, also not what another holds.",
        made=[
            changing("one", {}, {"tags": {"a": "b"}}),
            held("attach", "y", role="one", policyArn=ADMIN),
            Made(
                kind="only-attached",
                name="x",
                before={"roleName": "one", "policyArns": [ADMIN]},
            ),
        ],
        rows={"one": Judged()},
    ),
    "exclusive attachments leave inline policies": Case(
        reason="They are about managed policies alone.",
        made=[
            role("one"),
            held("inline", "y", role="one", name="y", policy=GET),
            new("only-attached", "x", roleName="one", policyArns=[ADMIN]),
        ],
        rows={"one": Judged(gains="*")},
    ),
    "exclusive attachments that go leave what they attached": Case(
        reason="Destroying the resource only ends the watch.",
        made=[
            role("one"),
            Made(
                kind="only-attached",
                name="x",
                before={"roleName": "one", "policyArns": [ADMIN]},
            ),
        ],
    ),
    "exclusive inline policies delete a denial": Case(
        reason="The denial is deleted, and what it denied is allowed.",
        made=[
            role("one"),
            held("inline", "a", role="one", name="a", policy=GET),
            held("inline", "d", role="one", name="d", policy=deny("s3:GetObject")),
            new("only-inline", "x", roleName="one", policyNames=["a"]),
        ],
        rows={"one": Judged(gains="s3:GetObject")},
    ),
    "exclusive inline policies name all there are": Case(
        reason="Nothing is deleted.",
        made=[
            role("one"),
            held("inline", "a", role="one", name="a", policy=GET),
            new("only-inline", "x", roleName="one", policyNames=["a"]),
        ],
    ),
    "role lists a managed policy itself": Case(
        reason="Its own list attaches.",
        made=[changing("one", {}, {"managedPolicyArns": [ADMIN]})],
        rows={"one": Judged(gains="*")},
    ),
    "role's own list takes away what it does not name": Case(
        reason="Given, the list is exclusive: the attachment is detached.",
        made=[
            changing("one", {}, {"managedPolicyArns": [OWN]}),
            held("attach", "y", role="one", policyArn=ADMIN),
        ],
        rows={
            "one": Judged(
                loses="*", unknown=(f"managed policy {OWN}",), marks="unknown"
            )
        },
        complete=False,
    ),
    "role no longer lists its managed policies": Case(
        reason="A list that is not given is not looked at: the policies stay.",
        made=[
            Made(
                kind="role",
                name="one",
                before={
                    "name": "one",
                    "assumeRolePolicy": SERVICE,
                    "managedPolicyArns": [ADMIN],
                },
                after={"name": "one", "assumeRolePolicy": SERVICE, "tags": {"a": "b"}},
                changed=["tags"],
            )
        ],
        rows={"one": Judged()},
    ),
    "role lists an inline policy itself": Case(
        reason="Its own list writes them.",
        made=[
            changing("one", {}, {"inlinePolicies": [{"name": "x", "policy": GET}]}),
        ],
        rows={"one": Judged(gains="s3:GetObject")},
    ),
    "role's own inline policies take away another": Case(
        reason="Given, the list is exclusive: the other inline policy is deleted.",
        made=[
            changing("one", {}, {"inlinePolicies": [{"name": "x", "policy": GET}]}),
            held("inline", "y", role="one", name="y", policy=PUT),
        ],
        rows={"one": Judged(gains="s3:GetObject", loses="s3:PutObject")},
    ),
    "attachment that comes beside a list that does not name it": Case(
        reason="The role is not written in this run, so the policy is attached.",
        made=[
            role("one", managedPolicyArns=[OWN]),
            new("attach", "y", role="one", policyArn=ADMIN),
        ],
        rows={"one": Judged(gains="*")},
    ),
}

NATIVE: Final[dict[str, Case]] = {
    "aws-native role policy on a role of pulumi-aws": Case(
        reason="IAM knows one role of a name, whichever provider writes the policy.",
        made=[
            role("one"),
            new(
                "native-inline",
                "x",
                roleName="one",
                policyName="x",
                policyDocument=json.loads(GET),
            ),
        ],
        rows={"one": Judged(gains="s3:GetObject")},
    ),
    "aws-native role with its own policies": Case(
        reason="They are in the role itself, its trust is JSON and no text.",
        made=[
            Made(
                kind="native-role",
                name="one",
                before={
                    "roleName": "one",
                    "assumeRolePolicyDocument": json.loads(SERVICE),
                    "policies": [
                        {"policyName": "x", "policyDocument": json.loads(GET)}
                    ],
                },
                after={
                    "roleName": "one",
                    "assumeRolePolicyDocument": json.loads(SERVICE),
                    "policies": [
                        {"policyName": "x", "policyDocument": json.loads(PUT)}
                    ],
                    "managedPolicyArns": [ADMIN],
                },
            )
        ],
        rows={"one": Judged(gains="*")},
    ),
    "aws-native role lists one policy and an attachment gives another": Case(
        reason="CloudFormation's list is only its own.",
        made=[
            Made(
                kind="native-role",
                name="one",
                before={"roleName": "one", "assumeRolePolicyDocument": SERVICE},
                after={
                    "roleName": "one",
                    "assumeRolePolicyDocument": SERVICE,
                    "policies": [{"policyName": "x", "policyDocument": GET}],
                },
            ),
            held("inline", "y", role="one", name="y", policy=PUT),
        ],
        rows={"one": Judged(gains="s3:GetObject")},
    ),
    "aws-native role without its policies": Case(
        reason="CloudFormation detaches and deletes what a role no longer lists.",
        made=[
            Made(
                kind="native-role",
                name="one",
                before={
                    "roleName": "one",
                    "assumeRolePolicyDocument": json.loads(SERVICE),
                    "managedPolicyArns": [ADMIN],
                },
                after={
                    "roleName": "one",
                    "assumeRolePolicyDocument": json.loads(SERVICE),
                },
            )
        ],
        rows={"one": Judged(loses="*")},
    ),
    "aws-native managed policy names roles": Case(
        reason="It attaches itself.",
        made=[
            role("one"),
            Made(
                kind="native-policy",
                name="p",
                before={"policyDocument": json.loads(GET), "roles": []},
                after={"policyDocument": json.loads(GET), "roles": ["one"]},
            ),
        ],
        rows={"one": Judged(gains="s3:GetObject")},
    ),
}

OVERWRITTEN: Final[dict[str, Case]] = {
    "second inline policy of one name comes": Case(
        reason="IAM has one of a name: what is written takes the other's place.",
        made=[
            role("one"),
            held("inline", "a", role="one", name="x", policy=GET),
            new("inline", "b", role="one", name="x", policy=PUT),
        ],
        rows={"one": Judged(gains="s3:PutObject", loses="s3:GetObject")},
    ),
    "first inline policy of one name is written again": Case(
        reason="Which of the two IAM had is not known; what it will have is.",
        made=[
            role("one"),
            Made(
                kind="inline",
                name="a",
                before={"role": "one", "name": "x", "policy": GET},
                after={"role": "one", "name": "x", "policy": PUT},
            ),
            held("inline", "b", role="one", name="x", policy=allow("s3:ListBucket")),
        ],
        rows={
            "one": Judged(
                gains="s3:PutObject", unknown=("inline policy x",), marks="unknown"
            )
        },
        complete=False,
    ),
    "two inline policies of one name come at once": Case(
        reason="Nothing tells which is written last: both may be gained.",
        made=[
            role("one"),
            new("inline", "a", role="one", name="x", policy=GET),
            new("inline", "b", role="one", name="x", policy=PUT),
        ],
        rows={
            "one": Judged(
                gains="s3:GetObject s3:PutObject",
                unknown=("inline policy x",),
                marks="unknown",
            )
        },
        complete=False,
    ),
    "two inline policies of one name come one after the other": Case(
        reason="The second is made from the first, so it is written last.",
        made=[
            role("one"),
            new("inline", "a", role="one", name="x", policy=GET),
            Made(
                kind="inline",
                name="b",
                after={"role": "one", "name": "x", "policy": PUT},
                makers={"name": [urn("inline", "a")]},
            ),
        ],
        rows={"one": Judged(gains="s3:PutObject")},
    ),
    "attachment gets another URN": Case(
        reason="The engine attaches first and detaches last: the policy is gone.",
        made=[
            role("one"),
            new("attach", "b", role="one", policyArn=ADMIN),
            Made(kind="attach", name="a", before={"role": "one", "policyArn": ADMIN}),
        ],
        rows={"one": Judged(loses="*")},
    ),
    "attachment gets another URN and the old one is retained": Case(
        reason="Nothing is detached.",
        made=[
            role("one"),
            new("attach", "b", role="one", policyArn=ADMIN),
            Made(
                kind="attach",
                name="a",
                before={"role": "one", "policyArn": ADMIN},
                retain=True,
            ),
        ],
    ),
    "attachment of a role that is renamed gets another URN": Case(
        reason="The policy is detached from the role of the old name, and the new one "
        "keeps it.",
        made=[
            Made(
                kind="role",
                name="one",
                before={"name": "old", "assumeRolePolicy": SERVICE},
                after={"name": "new", "assumeRolePolicy": SERVICE},
            ),
            new("attach", "b", role="new", policyArn=ADMIN),
            Made(kind="attach", name="a", before={"role": "old", "policyArn": ADMIN}),
        ],
        rows={"new": Judged()},
    ),
    "attachment stays with a role that is renamed": Case(
        reason="It is of the role of the old name, which goes.",
        made=[
            Made(
                kind="role",
                name="one",
                before={"name": "old", "assumeRolePolicy": SERVICE},
                after={"name": "new", "assumeRolePolicy": SERVICE},
            ),
            held("attach", "a", role="old", policyArn=ADMIN),
        ],
        rows={"new": Judged(loses="*")},
    ),
    "role is taken over by another resource": Case(
        reason="One name is one role in AWS: what it gains is the difference.",
        made=[
            Made(
                kind="role",
                name="old",
                before={"name": "one", "assumeRolePolicy": SERVICE},
                retain=True,
            ),
            Made(
                kind="role",
                name="new",
                after={"name": "one", "assumeRolePolicy": SERVICE},
                op="import",
            ),
            held("inline", "a", role="one", name="a", policy=GET),
            new("inline", "b", role="one", name="b", policy=PUT),
        ],
        rows={"one": Judged(gains="s3:PutObject", marks="kept-in-aws unknown")},
        complete=False,
    ),
    "two roles of one name in two AWS accounts": Case(
        reason="The attachment's provider tells which of them it means.",
        made=[
            Made(
                kind="role",
                name="a",
                before={"name": "one", "assumeRolePolicy": SERVICE},
                after={"name": "one", "assumeRolePolicy": SERVICE},
                provider=urn("component", "p1"),
            ),
            Made(
                kind="role",
                name="b",
                before={"name": "one", "assumeRolePolicy": SERVICE},
                after={"name": "one", "assumeRolePolicy": SERVICE},
                provider=urn("component", "p2"),
            ),
            Made(
                kind="attach",
                name="x",
                after={"role": "one", "policyArn": ADMIN},
                provider=urn("component", "p2"),
            ),
            held("component", "p1"),
            held("component", "p2"),
        ],
        rows={"one": Judged(gains="*")},
    ),
}

KEPT: Final[dict[str, Case]] = {
    "retained attachment goes": Case(
        reason="The engine forgets it and IAM keeps it: nothing is lost.",
        made=[
            changing("one", {}, {"tags": {"a": "b"}}),
            Made(
                kind="attach",
                name="a",
                before={"role": "one", "policyArn": ADMIN},
                retain=True,
            ),
        ],
        rows={"one": Judged(marks="kept-in-aws")},
    ),
    "retained inline policy goes": Case(
        reason="It stays on the role.",
        made=[
            changing("one", {}, {"tags": {"a": "b"}}),
            Made(
                kind="inline",
                name="a",
                before={"role": "one", "name": "a", "policy": GET},
                retain=True,
            ),
        ],
        rows={"one": Judged(marks="kept-in-aws")},
    ),
    "retained attachment is replaced": Case(
        reason="The old policy stays attached beside the new one.",
        made=[
            role("one"),
            Made(
                kind="attach",
                name="a",
                before={"role": "one", "policyArn": OWN},
                after={"role": "one", "policyArn": ADMIN},
                retain=True,
            ),
        ],
        rows={"one": Judged(gains="*", marks="kept-in-aws")},
    ),
    "retained role goes with its policies": Case(
        reason="It stays in AWS with all it may do.",
        made=[
            Made(
                kind="role",
                name="one",
                before={"name": "one", "assumeRolePolicy": SERVICE},
                retain=True,
            ),
            Made(
                kind="inline",
                name="a",
                before={"role": "one", "name": "a", "policy": GET},
                retain=True,
            ),
        ],
        rows={"one": Judged(marks="kept-in-aws")},
    ),
    "service account goes and its role is retained": Case(
        reason="The role stays in AWS with all it may do.",
        made=[
            Made(
                kind="role",
                name="one",
                before={"name": "one", "assumeRolePolicy": irsa("apps:s")},
                retain=True,
            ),
            Made(
                kind="inline",
                name="x",
                before={"role": "one", "name": "x", "policy": GET},
                retain=True,
            ),
            Made(kind="sa", name="s", before=annotated("s", role_arn("one"))),
        ],
        rows={"apps/s": sa_row(marks="kept-in-aws")},
    ),
    "retained role is renamed": Case(
        reason="The old one keeps its trust and stays.",
        made=[
            Made(
                kind="role",
                name="one",
                before={"name": "one", "assumeRolePolicy": SERVICE},
                after={"name": "two", "assumeRolePolicy": irsa("apps:a")},
                retain=True,
            ),
        ],
        rows={
            "two": Judged(
                trusts=(OIDC,),
                marks="kept-in-aws trust-widened",
            )
        },
    ),
}


def policy(before: str, after: str, *, name: str = "own") -> Made:
    """Make a managed policy of the program whose content changes."""
    return Made(
        kind="policy",
        name=name,
        before={"name": name, "path": "/", "policy": before},
        after={"name": name, "path": "/", "policy": after},
    )


CONTENTS: Final[dict[str, Case]] = {
    "attached policy of the program is loosened": Case(
        reason="The attachment stays, and what it attaches allows more.",
        made=[
            role("one"),
            held("attach", "a", role="one", policyArn=OWN),
            policy(GET, BOTH),
        ],
        rows={"one": Judged(gains="s3:PutObject")},
    ),
    "attached policy is loosened and the attachment is not shown": Case(
        reason="Without --show-sames nothing tells who has it; that it allows more is "
        "certain.",
        made=[
            role("one"),
            held("attach", "a", role="one", policyArn=OWN),
            policy(GET, BOTH),
        ],
        rows={
            f"roles with managed policy {OWN}": Judged(
                gains="s3:PutObject", unknown=("the role",), marks="unknown"
            )
        },
        complete=False,
        sames=False,
    ),
    "policy that nobody shown has becomes unknown": Case(
        reason="It may allow more, and somebody may have it.",
        made=[policy(GET, UNKNOWN)],
        rows={
            f"roles with managed policy {OWN}": Judged(
                unknown=(f"managed policy {OWN}", "the role"), marks="unknown"
            )
        },
        complete=False,
    ),
    "policy that nobody shown has is written in another way": Case(
        reason="The same actions in another order allow the same.",
        made=[policy(BOTH, allow("s3:PutObject", "s3:GetObject"))],
    ),
    "role's outputs name a policy that is loosened": Case(
        reason="The role has it, whoever attached it.",
        made=[
            Made(
                kind="role",
                name="one",
                before={"name": "one", "assumeRolePolicy": SERVICE},
                after={"name": "one", "assumeRolePolicy": SERVICE},
                recorded={"managedPolicyArns": [OWN]},
            ),
            policy(GET, BOTH),
        ],
        rows={"one": Judged(gains="s3:PutObject")},
    ),
    "new policy is attached by its ARN before AWS tells it": Case(
        reason="Path and name make the ARN.",
        made=[
            role("one"),
            new("policy", "own", name="own", path="/", policy=GET),
            new("attach", "a", role="one", policyArn=OWN),
        ],
        rows={"one": Judged(gains="s3:GetObject")},
    ),
    "secret inline policy stays": Case(
        reason="The engine says that it does not change.",
        made=[
            changing("one", {}, {"tags": {"a": "b"}}),
            held("inline", "a", role="one", name="a", policy=SECRET),
        ],
        rows={"one": Judged()},
    ),
    "secret inline policy changes": Case(
        reason="What it allows is not shown.",
        made=[
            role("one"),
            Made(
                kind="inline",
                name="a",
                before={"role": "one", "name": "a", "policy": SECRET},
                after={"role": "one", "name": "a", "policy": SECRET},
                op="update",
                changed=["policy"],
            ),
        ],
        rows={"one": Judged(unknown=("inline policy a",), marks="unknown")},
        complete=False,
    ),
    "secret inline policy becomes open": Case(
        reason="What it allowed is not shown, so all of it may be new.",
        made=[
            role("one"),
            Made(
                kind="inline",
                name="a",
                before={"role": "one", "name": "a", "policy": SECRET},
                after={"role": "one", "name": "a", "policy": GET},
            ),
        ],
        rows={
            "one": Judged(
                gains="s3:GetObject", unknown=("inline policy a",), marks="unknown"
            )
        },
        complete=False,
    ),
}

BOUNDARIES: Final[dict[str, Case]] = {
    "content of the boundary widens": Case(
        reason="The ARN stays, and more of what the policies allow gets through.",
        made=[
            role("one", permissionsBoundary=OWN),
            held("inline", "a", role="one", name="a", policy=BOTH),
            policy(GET, BOTH),
        ],
        rows={"one": Judged(gains="s3:PutObject", marks="boundary-widened")},
    ),
    "content of the boundary widens for nothing": Case(
        reason="The role has no policy that the boundary would let through.",
        made=[role("one", permissionsBoundary=OWN), policy(GET, BOTH)],
        rows={"one": Judged(marks="boundary-widened")},
    ),
    "content of the boundary becomes unknown": Case(
        reason="It may let more through.",
        made=[role("one", permissionsBoundary=OWN), policy(GET, UNKNOWN)],
        rows={"one": Judged(unknown=(f"managed policy {OWN}",), marks="unknown")},
        complete=False,
    ),
    "content of the boundary is a secret that stays": Case(
        reason="Nothing changes.",
        made=[
            changing(
                "one",
                {"permissionsBoundary": OWN},
                {"permissionsBoundary": OWN, "tags": {"a": "b"}},
            ),
            held("policy", "own", name="own", path="/", policy=SECRET),
        ],
        rows={"one": Judged()},
    ),
    "content of the boundary is a secret that changes": Case(
        reason="What it lets through is not shown.",
        made=[
            role("one", permissionsBoundary=OWN),
            Made(
                kind="policy",
                name="own",
                before={"name": "own", "path": "/", "policy": SECRET},
                after={"name": "own", "path": "/", "policy": SECRET},
                op="update",
                changed=["policy"],
            ),
        ],
        rows={"one": Judged(unknown=(f"managed policy {OWN}",), marks="unknown")},
        complete=False,
    ),
    "something is gained under a boundary that is not known": Case(
        reason="It is shown as gained; whether the boundary lets it through is not "
        "known, so the report is not complete.",
        made=[
            role("one", permissionsBoundary=OTHER),
            new("inline", "a", role="one", name="a", policy=GET),
        ],
        rows={"one": Judged(gains="s3:GetObject")},
        complete=False,
    ),
    "boundary goes": Case(
        reason="What it did not let through is allowed now.",
        made=[
            changing("one", {"permissionsBoundary": OWN}, {}),
            held("policy", "own", name="own", path="/", policy=GET),
            held("inline", "a", role="one", name="a", policy=BOTH),
        ],
        rows={"one": Judged(gains="s3:PutObject", marks="boundary-removed")},
    ),
}

ANYONE: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
        ],
    }
)

TRUSTS: Final[dict[str, Case]] = {
    "secret trust becomes open": Case(
        reason="Anyone may assume the role after; whoever could before is not shown.",
        made=[
            changing("one", {"assumeRolePolicy": SECRET}, {"assumeRolePolicy": ANYONE})
        ],
        rows={"one": Judged(trusts=("*",), marks="anyone trust-widened unknown")},
        complete=False,
    ),
    "secret trust stays": Case(
        reason="The engine says that it does not change.",
        made=[
            Made(
                kind="role",
                name="one",
                before={"name": "one", "assumeRolePolicy": SECRET},
                after={"name": "one", "assumeRolePolicy": SECRET, "tags": {"a": "b"}},
            )
        ],
        rows={"one": Judged()},
    ),
    "secret trust changes": Case(
        reason="Who may assume it is not shown.",
        made=[
            Made(
                kind="role",
                name="one",
                before={"name": "one", "assumeRolePolicy": SECRET},
                after={"name": "one", "assumeRolePolicy": SECRET},
                op="update",
                changed=["assumeRolePolicy"],
            )
        ],
        rows={"one": Judged(marks="unknown")},
        complete=False,
    ),
    "trust of a role that a service account is given by its ARN": Case(
        reason="The role is the program's, so its trust is followed.",
        made=[
            changing(
                "big",
                {"assumeRolePolicy": irsa("apps:api")},
                {"assumeRolePolicy": irsa("apps:web")},
            ),
            component("api", role_arn("big")),
            Made(
                kind="sa",
                name="api-service-account",
                before=annotated("api", role_arn("big")),
                after=annotated("api", role_arn("big")),
                parent=API,
            ),
        ],
        rows={"apps/api": sa_row(trusts=(OIDC,), marks="trust-widened")},
    ),
    "policies of a role that a service account is given by its ARN": Case(
        reason="The role is the program's, so its policies are followed.",
        made=[
            role("big", assumeRolePolicy=irsa("apps:api")),
            new("attach", "x", role="big", policyArn=ADMIN),
            component("api", role_arn("big")),
        ],
        rows={"apps/api": sa_row(gains="*")},
    ),
}

UNKNOWNS: Final[dict[str, Case]] = {
    "role of an attachment is known in up and made from one role": Case(
        reason="Its name is made from this role and from no other.",
        made=[
            role("one"),
            Made(
                kind="attach",
                name="x",
                after={"role": UNKNOWN, "policyArn": ADMIN},
                makers={"role": [urn("role", "one"), urn("bucket", "b")]},
            ),
        ],
        rows={"one": Judged(gains="*")},
    ),
    "role of an attachment is known in up and may be one of two": Case(
        reason="Either may gain it.",
        made=[
            role("one"),
            role("two"),
            Made(
                kind="attach",
                name="x",
                after={"role": UNKNOWN, "policyArn": ADMIN},
                makers={"role": [urn("role", "one"), urn("role", "two")]},
            ),
        ],
        rows={
            name: Judged(
                unknown=("managed policy AdministratorAccess",), marks="unknown"
            )
            for name in ("one", "two")
        },
        complete=False,
    ),
    "role of an attachment is known in up and made from nothing": Case(
        reason="No row can be told, so that the report is not complete.",
        made=[
            role("one"),
            new("attach", "x", role=UNKNOWN, policyArn=ADMIN),
        ],
        complete=False,
    ),
    "step has a detailed difference and no reasons": Case(
        reason="What changes is told in another place.",
        made=[
            role("one"),
            Made(
                kind="inline",
                name="a",
                before={"role": "one", "name": "a", "policy": SECRET},
                after={"role": "one", "name": "a", "policy": SECRET},
                op="update",
                changed=[],
                detailed=["policy"],
            ),
        ],
        rows={"one": Judged(unknown=("inline policy a",), marks="unknown")},
        complete=False,
    ),
    "inline policy is updated without a changed property": Case(
        reason="An earlier run failed there, and what IAM has is not known.",
        made=[
            role("one"),
            Made(
                kind="inline",
                name="a",
                before={"role": "one", "name": "a", "policy": GET},
                after={"role": "one", "name": "a", "policy": GET},
                op="update",
            ),
        ],
        rows={"one": Judged(unknown=("the role",), marks="unknown")},
        complete=False,
    ),
    "role that is read no more gets a policy": Case(
        reason="The engine forgets it and deletes nothing.",
        made=[
            Made(
                kind="role",
                name="one",
                before={"name": "one", "assumeRolePolicy": SERVICE},
                op="discard",
            ),
            new("attach", "x", role="one", policyArn=ADMIN),
        ],
        rows={"one": Judged(gains="*")},
    ),
    "boundary goes and what stays is not shown": Case(
        reason="What the role may do besides is not there, so nothing can be said of "
        "what the boundary masked.",
        made=[
            Made(
                kind="role",
                name="one",
                before={
                    "name": "one",
                    "assumeRolePolicy": SERVICE,
                    "permissionsBoundary": OWN,
                },
                after={"name": "one", "assumeRolePolicy": SERVICE},
                provider=urn("component", "provider"),
            ),
            held("attach", "a", role="one", policyArn=ADMIN),
        ],
        rows={"one": Judged(marks="boundary-removed")},
        complete=False,
        sames=False,
    ),
    "component's service account is elsewhere and its role another": Case(
        reason="What the component says counts where no service account is shown.",
        made=[
            component("api", role_arn("big"), before=""),
            Made(
                kind="role",
                name="api-role",
                before={"name": "api", "assumeRolePolicy": irsa("apps:api")},
                parent=API,
            ),
            role("big", assumeRolePolicy=irsa("apps:api")),
            held("attach", "b", role="big", policyArn=ADMIN),
        ],
        rows={"apps/api": sa_row(gains="*", marks="restart-pods")},
    ),
    "role that is only read gets a policy": Case(
        reason="What it has besides is not the program's; what it gains is certain.",
        made=[
            Made(
                kind="role",
                name="one",
                after={"name": "one", "assumeRolePolicy": SERVICE},
                op="read",
            ),
            new("attach", "x", role="one", policyArn=ADMIN),
        ],
        rows={"one": Judged(gains="*")},
    ),
}

CASES: Final = {
    name: case
    for group in (
        OUTSIDE,
        ROLES_OF_PODS,
        EXCLUSIVE,
        NATIVE,
        OVERWRITTEN,
        KEPT,
        CONTENTS,
        BOUNDARIES,
        TRUSTS,
        UNKNOWNS,
    )
    for name, case in group.items()
}
