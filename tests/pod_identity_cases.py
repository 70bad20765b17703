"""Programs that move between IRSA and EKS Pod Identity, and what a report must say.

Each was judged from AWS's documentation before it was run, as those of
`finding_cases` were.

Source:
    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
    https://github.com/aws/amazon-eks-pod-identity-webhook
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from finding_cases import (
    ADMIN,
    API,
    BOTH,
    GET,
    OIDC,
    PUT,
    SECRET,
    Case,
    annotated,
    changing,
    held,
    new,
    role,
    sa_row,
)
from previews import ACCOUNT_ID, UNKNOWN
from programs import SERVICE, Made, allow, deny, irsa, role_arn, urn

__all__ = ["POD_IDENTITY_CASES"]

PODS: Final = "Service pods.eks.amazonaws.com"
ABROAD: Final = "arn:aws:iam::999999999999:role/abroad"
PROVIDER: Final = urn("k8s-provider", "shop")
ANYTHING: Final = allow("*", resource="*")
_TAG: Final = "aws:RequestTag/"

Side = Mapping[str, Any] | None


def pods(name: str, *, tags: bool = True) -> dict[str, Any]:
    """Let the pods of one service account in, by the tags of the session."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }
    if tags:
        arn = f"arn:aws:eks:us-west-2:{ACCOUNT_ID}:cluster/shop"
        statement["Condition"] = {
            "StringEquals": {
                f"{_TAG}eks-cluster-arn": arn,
                f"{_TAG}kubernetes-namespace": "apps",
                f"{_TAG}kubernetes-service-account": name,
            }
        }
    return statement


def trust(way: str, name: str, *, tags: bool = True) -> str:
    """Write the trust policy of a way."""
    policy = json.loads(irsa(f"apps:{name}"))
    found: list[Any] = policy["Statement"] if way != "podIdentity" else []
    found += [pods(name, tags=tags)] if way != "irsa" else []
    return json.dumps({**policy, "Statement": found})


def associated(name: str, role: str, /, **more: object) -> dict[str, object]:
    """Associate a service account of the namespace `apps`."""
    return {
        "clusterName": "shop",
        "namespace": "apps",
        "serviceAccount": name,
        "roleArn": role,
        **more,
    }


def entry(before: str, after: str, *, account: str = "sa") -> list[Made]:
    """Make a component that moves from one way to another, with what is its own.

    Args:
        before: The way, or nothing where it is new.
        after: Likewise, where it goes.
        account: Kind of its service account; nothing for none.
    """

    def of(kind: str, name: str, make: Callable[[str], Side]) -> Made:
        own = kind != "component"
        return Made(
            kind=kind,
            name=name,
            before=make(before) if before else None,
            after=make(after) if after else None,
            parent=API if own else "",
            provider=PROVIDER if own else "",
        )

    def inputs(way: str) -> Side:
        side = {"namespace": "apps", "service_account_name": "api"}
        return side | ({"identity": way} if way != "irsa" else {})

    def association(way: str) -> Side:
        return None if way == "irsa" else associated("api", role_arn("api"))

    made = [
        Made(kind="k8s-provider", name="shop", before={}, after={}),
        of("component", "api", inputs),
        of(
            "role",
            "api-role",
            lambda way: {
                "name": "api",
                "path": "/",
                "assumeRolePolicy": trust(way, "api"),
            },
        ),
        of("inline", "api:x", lambda _: {"role": "api", "name": "x", "policy": GET}),
        of("pod-identity", "api-association", association),
    ]
    if account:
        made.append(
            of(
                account,
                "api-service-account",
                lambda way: annotated(
                    "api", "" if way == "podIdentity" else role_arn("api")
                ),
            )
        )
    return [one for one in made if one.before is not None or one.after is not None]


def moves(
    before: str, after: str, reason: str, /, *, marks: str, trusts: Sequence[str] = ()
) -> Case:
    """Judge an entry that moves."""
    row = sa_row(marks=marks, way=f"{before} -> {after}", trusts=tuple(trusts))
    return Case(reason=reason, made=entry(before, after), rows={"apps/api": row})


_HAND: Final = associated("hand", role_arn("one"))
AFAR: Final = {**_HAND, "targetRoleArn": role_arn("two")}


def by_hand(kind: str = "pod-identity", /, **more: Any) -> Made:  # noqa: ANN401 - fields of Made
    """Make an association that is no component's."""
    return Made(kind=kind, name="hand", **more)


# What changes of a resource where the session tags are disabled.
UNTOLD: Final[Mapping[str, Mapping[str, Any]]] = {
    "role": {"assumeRolePolicy": trust("podIdentity", "api", tags=False)},
    "pod-identity": {"disableSessionTags": True},
}
OPENED: Final[Mapping[str, Mapping[str, Any]]] = {
    **UNTOLD,
    "role": {"assumeRolePolicy": trust("both", "api", tags=False)},
}
MOVES: Final = {
    "irsa to both": moves(
        "irsa",
        "both",
        "EKS may assume the role too, and only a pod that is started learns of it.",
        marks="restart-pods trust-widened",
        trusts=(PODS,),
    ),
    "both to pod identity": moves(
        "both",
        "podIdentity",
        "A pod older than the association has a token, which nobody takes any more.",
        marks="restart-pods",
    ),
    "pod identity to both": moves(
        "podIdentity",
        "both",
        "Pods have the association and keep it, whatever is annotated besides.",
        marks="trust-widened",
        trusts=(OIDC,),
    ),
    "both to irsa": moves(
        "both",
        "irsa",
        "The agent gives no credentials without an association.",
        marks="restart-pods",
    ),
    "irsa to pod identity": moves(
        "irsa",
        "podIdentity",
        "Pods that run have a token, which nobody takes any more.",
        marks="restart-pods trust-widened",
        trusts=(PODS,),
    ),
    "pod identity to irsa": moves(
        "podIdentity",
        "irsa",
        "Pods that run have no token of their own.",
        marks="restart-pods trust-widened",
        trusts=(OIDC,),
    ),
    "new with pod identity": Case(
        reason="No pod runs with a service account that is not there yet.",
        made=entry("", "podIdentity"),
        rows={
            "apps/api": sa_row(
                gains="s3:GetObject", trusts=(PODS,), way="none -> podIdentity"
            )
        },
    ),
    "new with both": Case(
        reason="One row, whoever names the role.",
        made=entry("", "both"),
        rows={
            "apps/api": sa_row(
                gains="s3:GetObject", trusts=(OIDC, PODS), way="none -> both"
            )
        },
    ),
    "removed with pod identity": Case(
        reason="It goes with all it has.",
        made=entry("podIdentity", ""),
        rows={"apps/api": sa_row(loses="s3:GetObject", way="podIdentity -> none")},
    ),
    "irsa to both, and what stays is left out": Case(
        reason="The component tells which way it was.",
        made=entry("irsa", "both"),
        rows={
            "apps/api": sa_row(
                trusts=(PODS,), marks="restart-pods trust-widened", way="irsa -> both"
            )
        },
        complete=False,
        sames=False,
    ),
    "irsa to both, and something else annotates": Case(
        reason="The component tells which way it was; nothing else does.",
        made=entry("irsa", "both", account=""),
        rows={
            "apps/api": sa_row(
                trusts=(PODS,), marks="restart-pods trust-widened", way="irsa -> both"
            )
        },
    ),
    "both to pod identity of a service account of somebody else": Case(
        reason="Our keys go from it, and it stays.",
        made=[
            replace(one, after=None) if one.kind == "sa-patch" else one
            for one in entry("both", "podIdentity", account="sa-patch")
        ],
        rows={"apps/api": sa_row(marks="restart-pods", way="both -> podIdentity")},
    ),
    "session tags disabled": Case(
        reason="Nothing tells EKS's sessions apart, so any association may use it.",
        made=[
            replace(one, after={**(one.after or {}), **UNTOLD[one.kind]})
            if one.kind in UNTOLD
            else one
            for one in entry("podIdentity", "podIdentity")
        ],
        rows={
            "apps/api": sa_row(
                trusts=(PODS,),
                marks="no-cluster no-subject restart-pods trust-widened",
                way="podIdentity",
            )
        },
    ),
    "both stays": Case(reason="Nothing changes.", made=entry("both", "both"), rows={}),
}
OF_HANDS: Final = {
    "association of another role than the annotation's": Case(
        reason="The association counts, so that the pods get the other role.",
        made=[
            *entry("irsa", "irsa"),
            role("two", assumeRolePolicy=trust("podIdentity", "api")),
            held("attach", "two", role="two", policyArn=ADMIN),
            Made(
                kind="pod-identity",
                name="api-association",
                parent=API,
                after=associated("api", role_arn("two")),
            ),
        ],
        rows={
            "apps/api": sa_row(
                gains="*",
                loses="",
                trusts=(PODS,),
                marks="restart-pods trust-widened",
                way="irsa -> both",
            )
        },
    ),
    "annotation of another role than the association's": Case(
        reason="The association counts, so that nothing changes for pods.",
        made=[
            *entry("podIdentity", "podIdentity", account=""),
            role("two", assumeRolePolicy=irsa("apps:api")),
            held("attach", "two", role="two", policyArn=ADMIN),
            Made(
                kind="sa",
                name="api-service-account",
                parent=API,
                provider=PROVIDER,
                before=annotated("api", ""),
                after=annotated("api", role_arn("two")),
            ),
        ],
        rows={"apps/api": sa_row(way="podIdentity -> both")},
    ),
    "association by hand where a component tells the cluster": Case(
        reason="The component's two are on one cluster, so these are of one too.",
        made=[
            *entry("both", "both"),
            role("one", assumeRolePolicy=trust("both", "hand")),
            held("inline", "x", role="one", name="x", policy=GET),
            replace(
                held("sa", "hand", **annotated("hand", role_arn("one"))),
                provider=PROVIDER,
            ),
            by_hand(after=_HAND),
        ],
        rows={"apps/hand": sa_row(marks="restart-pods", way="irsa -> both")},
    ),
    "association by hand on a cluster that nothing tells": Case(
        reason="It may be another cluster's service account of that name.",
        made=[
            role("one", assumeRolePolicy=trust("both", "hand")),
            held("inline", "x", role="one", name="x", policy=GET),
            held("sa", "hand", **annotated("hand", role_arn("one"))),
            by_hand(after=_HAND),
        ],
        rows={
            "apps/hand": sa_row(
                gains="s3:GetObject",
                trusts=(OIDC, PODS),
                marks="restart-pods",
                way="none -> podIdentity",
            )
        },
    ),
    "association of Cloud Control": Case(
        reason="Its properties are called the same.",
        made=[
            changing(
                "one",
                {"assumeRolePolicy": SERVICE},
                {"assumeRolePolicy": trust("podIdentity", "hand")},
            ),
            by_hand("native-pod-identity", before=_HAND, after=_HAND),
        ],
        rows={
            "apps/hand": sa_row(
                trusts=(PODS,), marks="trust-widened", way="podIdentity"
            )
        },
    ),
    "target role": Case(
        reason="Pods end with it, and have nothing of the first role.",
        made=[
            role("one", assumeRolePolicy=trust("podIdentity", "hand")),
            held("inline", "x", role="one", name="x", policy=GET),
            role("two"),
            held("attach", "y", role="two", policyArn=ADMIN),
            by_hand(before=_HAND, after={**_HAND, "targetRoleArn": role_arn("two")}),
        ],
        rows={
            "apps/hand": sa_row(
                gains="*",
                trusts=("Service ec2.amazonaws.com",),
                marks="restart-pods trust-widened",
                way="podIdentity",
            )
        },
    ),
    "target role of another AWS account": Case(
        reason="Nothing here says what it may do.",
        made=[
            role("one", assumeRolePolicy=trust("podIdentity", "hand")),
            by_hand(after={**_HAND, "targetRoleArn": ABROAD}),
        ],
        rows={
            "apps/hand": sa_row(
                unknown=("the role",),
                marks="restart-pods unknown",
                way="none -> podIdentity",
            )
        },
        complete=False,
    ),
    "association is taken in": Case(
        reason="An import asks for what is there, so that nothing changes for pods.",
        made=[
            role("one", assumeRolePolicy=trust("podIdentity", "hand")),
            by_hand(after=_HAND, op="import"),
        ],
        rows={"apps/hand": sa_row(way="podIdentity")},
    ),
    "association is let go of": Case(
        reason="EKS keeps it, and pods have the role.",
        made=[
            role("one", assumeRolePolicy=trust("podIdentity", "hand")),
            by_hand(before=_HAND, retain=True),
        ],
        rows={"apps/hand": sa_row(marks="kept-in-aws", way="podIdentity")},
    ),
    "association goes, and nothing else gives the role": Case(
        reason="Pods have no role, whether they restart or not.",
        made=[
            role("api", assumeRolePolicy=trust("podIdentity", "api")),
            held("inline", "x", role="api", name="x", policy=GET),
            *(
                replace(one, after=None) if one.kind == "pod-identity" else one
                for one in entry("podIdentity", "podIdentity")
                if one.kind in {"k8s-provider", "pod-identity", "sa"}
            ),
        ],
        rows={"apps/api": sa_row(loses="s3:GetObject", way="podIdentity -> none")},
    ),
    "association and role alone are shown": Case(
        reason="It counts; that the component's annotation is there too is not shown.",
        made=[
            replace(one, after={**(one.after or {}), **OPENED[one.kind]})
            if one.kind in OPENED
            else one
            for one in entry("both", "both")
        ],
        rows={
            "apps/api": sa_row(
                trusts=(PODS,),
                marks="no-cluster no-subject restart-pods trust-widened",
                way="podIdentity",
            )
        },
        complete=False,
        sames=False,
    ),
    "association of a role that is made in this run": Case(
        reason="A reference tells which role it is.",
        made=[
            Made(
                kind="role",
                name="one",
                after={
                    "name": "one",
                    "path": "/",
                    "assumeRolePolicy": trust("podIdentity", "hand"),
                },
            ),
            new("inline", "x", role="one", name="x", policy=GET),
            by_hand(
                after={**_HAND, "roleArn": UNKNOWN},
                makers={"roleArn": [urn("role", "one")]},
            ),
        ],
        rows={
            "apps/hand": sa_row(
                gains="s3:GetObject",
                trusts=(PODS,),
                marks="restart-pods",
                way="none -> podIdentity",
            )
        },
    ),
}


def bounded(before: str, after: str, *, way: str, **judged: Any) -> Case:  # noqa: ANN401 - fields of Judged
    """Judge an association of a role that may read and write, bounded by a policy."""
    sides = [
        {**_HAND, "disableSessionTags": True, **({"policy": one} if one else {})}
        for one in (before, after)
    ]
    return Case(
        reason="Pods may do what both the role and the session policy allow.",
        made=[
            role("one", assumeRolePolicy=trust("podIdentity", "hand")),
            held("inline", "x", role="one", name="x", policy=BOTH),
            by_hand(before=sides[0], after=sides[1]),
        ],
        rows={"apps/hand": sa_row(marks="restart-pods", way=way, **judged)},
    )


SESSIONS: Final = {
    "session policy comes": bounded("", GET, way="podIdentity", loses="s3:PutObject"),
    "session policy goes": bounded(GET, "", way="podIdentity", gains="s3:PutObject"),
    "session policy exchanged": bounded(
        GET, PUT, way="podIdentity", gains="s3:PutObject", loses="s3:GetObject"
    ),
    "session policy denies": bounded(
        BOTH, deny("s3:PutObject"), way="podIdentity", loses="s3:GetObject s3:PutObject"
    ),
    "session policy of more than the role has": bounded(
        BOTH, ANYTHING, way="podIdentity"
    ),
    "session policy that is known in up": Case(
        reason="It may be any, so that nothing is known to be lost or gained.",
        made=[
            role("one", assumeRolePolicy=trust("podIdentity", "hand")),
            held("inline", "x", role="one", name="x", policy=BOTH),
            by_hand(
                before={**_HAND, "policy": GET}, after={**_HAND, "policy": UNKNOWN}
            ),
        ],
        rows={
            "apps/hand": sa_row(
                unknown=("session policy",),
                marks="restart-pods unknown",
                way="podIdentity",
            )
        },
        complete=False,
    ),
    "session policy that is a secret and stays": Case(
        reason="A secret is the same until it changes.",
        made=[
            role("one", assumeRolePolicy=trust("podIdentity", "hand")),
            by_hand(
                before={**_HAND, "policy": SECRET},
                after={**_HAND, "policy": SECRET, "tags": {"a": "b"}},
            ),
        ],
        rows={},
    ),
    "session policy beside a target role": Case(
        reason="Nothing says which of the two roles it bounds, so neither is bound.",
        made=[
            role("one", assumeRolePolicy=trust("podIdentity", "hand")),
            role("two"),
            held("inline", "x", role="two", name="x", policy=BOTH),
            by_hand(before=AFAR, after={**AFAR, "policy": GET}),
        ],
        rows={"apps/hand": sa_row(marks="restart-pods", way="podIdentity")},
    ),
    "annotation beside a session policy": Case(
        reason="By the token they have all of the role, which nothing bounds.",
        made=[
            *(
                one
                for one in entry("podIdentity", "both")
                if one.kind != "pod-identity"
            ),
            Made(
                kind="pod-identity",
                name="api-association",
                parent=API,
                provider=PROVIDER,
                before=associated("api", role_arn("api"), policy=PUT),
                after=associated("api", role_arn("api"), policy=PUT),
            ),
        ],
        rows={
            "apps/api": sa_row(
                gains="s3:GetObject",
                trusts=(OIDC,),
                marks="trust-widened",
                way="podIdentity -> both",
            )
        },
    ),
}
POD_IDENTITY_CASES: Final[Mapping[str, Case]] = MOVES | OF_HANDS | SESSIONS
