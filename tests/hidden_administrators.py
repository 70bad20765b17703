"""Programs that try to hide from a reviewer that somebody becomes an administrator.

Each was judged from the documentation of IAM, Kubernetes or Pulumi's engine before it
was run; its reason says why the gain is real.

Source:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies.html
    https://www.pulumi.com/docs/iac/concepts/resources/options/
"""

import json
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from finding_cases import (
    ADMIN,
    API,
    GET,
    SECRET,
    changing,
    held,
    new,
    own,
    role,
)
from previews import ACCOUNT_ID, PROVIDER_ARN, UNKNOWN
from programs import Made, allow, irsa, role_arn, urn

__all__ = [
    "BY_RESOURCE",
    "BY_TEXT",
    "EVERYTHING",
    "TRUSTS",
    "Attempt",
    "inline",
    "irsa_role",
    "root",
]

ISSUER: Final = PROVIDER_ARN.partition("oidc-provider/")[2]
CHARACTERS: Final = string.ascii_letters + string.digits
GITHUB: Final = "token.actions.githubusercontent.com"
EVERYTHING: Final = allow("*", resource="*")
WEB_ROLE: Final = urn("role", "web-role", parent=urn("component", "web"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """A program that gives somebody a grave right, and what must tell of it.

    Attributes:
        reason: Why the gain is real.
        made: The program's resources.
        found: Name of the row, and the mark that must be on it, with a colon between.
    """

    reason: str
    made: Sequence[Made]
    found: str


def written(*statements: Mapping[str, Any], version: str = "2012-10-17") -> str:
    """Write a policy."""
    return json.dumps({"Version": version, "Statement": statements})


def may(effect: str = "Allow", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Write a statement on everything, of which some keys are others."""
    given = {"Effect": effect, "Action": "*", "Resource": "*", **more}
    return {key: value for key, value in given.items() if value is not None}


def trusting(principal: object, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Write a statement of a trust policy."""
    federated = isinstance(principal, Mapping) and "Federated" in principal
    verb = "sts:AssumeRoleWithWebIdentity" if federated else "sts:AssumeRole"
    return {"Effect": "Allow", "Principal": principal, "Action": verb, **more}


def by_subject(operator: str, value: object) -> str:
    """Write a trust policy for the subjects of the cluster that meet a condition."""
    condition: dict[str, dict[str, object]] = {
        "StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com"}
    }
    condition.setdefault(operator, {})[f"{ISSUER}:sub"] = value
    return written(trusting({"Federated": PROVIDER_ARN}, Condition=condition))


def inline(policy: str, *, of: str = "web", **more: Any) -> Made:  # noqa: ANN401 - JSON
    """Make a new inline policy."""
    return new("inline", "extra", **{"role": of, "name": "x", "policy": policy, **more})


def irsa_role(name: str) -> Made:
    """Make a role of the service account `web` that stays."""
    return role(name, assumeRolePolicy=irsa("apps:web"))


def opened(policy: str) -> list[Made]:
    """Make a role with Admin whose trust policy becomes another."""
    before = {"assumeRolePolicy": irsa("apps:web")}
    return [changing("root", before, {"assumeRolePolicy": policy}), *root()[1:]]


def root() -> list[Made]:
    """Make a role with Admin that the service account `web` may assume."""
    return [
        irsa_role("root"),
        held("attach", "root", role="root", policyArn=ADMIN),
    ]


NATIVE_POLICY: Final = {"policyName": "x", "policyDocument": json.loads(EVERYTHING)}

_ADMIN, _UNKNOWN = "apps/web: administrator", "apps/web: unknown"
_PREVIEW: Final = "the preview: unknown"

_NO_VALUES: Final[list[str]] = []

BY_RESOURCE: Final[dict[str, Attempt]] = {
    name: Attempt(reason=reason, made=[*own("web"), *made], found=found)
    for name, (reason, made, found) in {
        "by name": ("The role is named.", [inline(EVERYTHING)], _ADMIN),
        "by name in another case": (
            "IAM tells names of roles apart without case.",
            [inline(EVERYTHING, of="WEB")],
            _ADMIN,
        ),
        "by ARN where a name is expected": (
            "AWS refuses it or takes the name at its end.",
            [inline(EVERYTHING, of=role_arn("web"))],
            _ADMIN,
        ),
        "by prefix of its own name": (
            "What the inline policy is called makes no difference.",
            [new("inline", "x", role="web", namePrefix="deny", policy=EVERYTHING)],
            _ADMIN,
        ),
        "by reference": (
            "The name is that of the resource it is made from.",
            [
                replace(
                    inline(EVERYTHING, of=UNKNOWN),
                    makers={"role": [WEB_ROLE]},
                )
            ],
            _ADMIN,
        ),
        "by nothing that is known": (
            "It may be any role.",
            [inline(EVERYTHING, of=UNKNOWN)],
            _PREVIEW,
        ),
        "under another component": (
            "The parent of an attachment is nothing to IAM.",
            [
                *own("api"),
                Made(
                    kind="attach",
                    name="api:x",
                    after={"role": "web", "policyArn": ADMIN},
                    parent=API,
                ),
            ],
            _ADMIN,
        ),
        "PolicyAttachment": (
            "It attaches to all roles of its list.",
            [new("attach-all", "x", name="x", roles=["web"], policyArn=ADMIN)],
            _ADMIN,
        ),
        "PolicyAttachment with roles nobody knows": (
            "Any role may be in the list.",
            [new("attach-all", "x", name="x", roles=["o", UNKNOWN], policyArn=ADMIN)],
            _PREVIEW,
        ),
        "exclusive attachments": (
            "It attaches what it names.",
            [new("only-attached", "x", roleName="web", policyArns=[ADMIN])],
            _ADMIN,
        ),
        "aws-native role policy": (
            "It is the same inline policy by another provider.",
            [new("native-inline", "x", roleName="web", **NATIVE_POLICY)],
            _ADMIN,
        ),
        "aws-native managed policy": (
            "It attaches itself to the roles it lists, whose names have no case.",
            [
                new(
                    "native-policy",
                    "x",
                    managedPolicyName="x",
                    policyDocument=json.loads(EVERYTHING),
                    roles=["WEB"],
                )
            ],
            _ADMIN,
        ),
        "a secret": (
            "Nobody can read it.",
            [inline(SECRET)],
            _UNKNOWN,
        ),
        "ARN of a policy in another case": (
            "It is none of AWS's that is known here.",
            [new("attach", "x", role="web", policyArn=ADMIN.lower())],
            _UNKNOWN,
        ),
        "Admin of another partition": (
            "Nothing is known of the policies of other partitions.",
            [
                new(
                    "attach",
                    "x",
                    role="web",
                    policyArn=ADMIN.replace("aws", "aws-cn", 1),
                )
            ],
            _UNKNOWN,
        ),
        "policies that nothing tells apart": (
            "The ARN may be that of either.",
            [
                new("policy", "p", name="p", policy=GET),
                new("policy", "q", name="q", policy=EVERYTHING),
                Made(
                    kind="attach",
                    name="x",
                    after={"role": "web", "policyArn": UNKNOWN},
                    makers={"policyArn": [urn("policy", "p"), urn("policy", "q")]},
                ),
            ],
            _UNKNOWN,
        ),
        "two of one name": (
            "Nothing tells which is written last.",
            [
                held("inline", "a", role="web", name="x", policy=GET),
                new("inline", "b", role="web", name="x", policy=EVERYTHING),
            ],
            _ADMIN,
        ),
        "detailed difference alone": (
            "An engine may leave out the reasons.",
            [
                Made(
                    kind="inline",
                    name="x",
                    before={"role": "web", "name": "x", "policy": GET},
                    after={"role": "web", "name": "x", "policy": EVERYTHING},
                    op="update",
                    changed=[],
                    detailed=["policy"],
                )
            ],
            _ADMIN,
        ),
        "an update that failed before": (
            "The state holds what the failed run asked for, not what AWS has.",
            [
                Made(
                    kind="inline",
                    name="x",
                    before={"role": "web", "name": "x", "policy": EVERYTHING},
                    after={"role": "web", "name": "x", "policy": EVERYTHING},
                    op="update",
                )
            ],
            _UNKNOWN,
        ),
        "many actions before it": (
            "An action of 501 is still there.",
            [inline(written(may(Action=[*(f"s3:Get{n}" for n in range(500)), "*"])))],
            _ADMIN,
        ),
        "Cloud Control": (
            "It makes any resource of CloudFormation, of which the type is an input.",
            [new("cloud-control", "x", typeName="AWS::IAM::RolePolicy")],
            _PREVIEW,
        ),
        "Cloud Control of a type nobody knows": (
            "It may be any resource of CloudFormation.",
            [new("cloud-control", "x", typeName=UNKNOWN)],
            _PREVIEW,
        ),
        "aws-native's extension resource": (
            "It makes any resource of CloudFormation, of which the type is an input.",
            [new("native-any", "x", type="AWS::IAM::RolePolicy")],
            _PREVIEW,
        ),
        "Terraform's provider": (
            "`pulumi package add terraform-provider` gives other tokens to the same.",
            [new("terraform-inline", "x", role="web", name="x", policy=EVERYTHING)],
            _PREVIEW,
        ),
    }.items()
}

BY_TEXT: Final[dict[str, Attempt]] = {
    f"policy with {name}": Attempt(
        reason=reason, made=[*own("web"), inline(policy)], found=found
    )
    for name, (reason, policy, found) in {
        "NotAction": (
            "All but one harmless action.",
            written(may(Action=None, NotAction="health:Describe*")),
            _ADMIN,
        ),
        "NotResource": (
            "All but one bucket.",
            written(may(Resource=None, NotResource="arn:aws:s3:::x")),
            _ADMIN,
        ),
        **{
            f"action {text}": (
                "The pattern matches all.",
                written(may(Action=text)),
                _ADMIN,
            )
            for text in ("*:*", "**", "?*")
        },
        **{
            f"resource {text}": (
                "The pattern matches every ARN.",
                written(may(Resource=text)),
                _ADMIN,
            )
            for text in ("arn:*", "*:*", "a*", "*${aws:PrincipalTag/none}")
        },
        "actions by letters": (
            "Every action begins with a letter.",
            written(*(may(Action=f"{a}*") for a in "abcdefghijklmnopqrstuvwxyz")),
            _ADMIN,
        ),
        "resources by letters": (
            "Every ARN has a partition.",
            written(may(Resource=[f"arn:{a}*" for a in "abcdefghijklmnopqrstuvwxyz"])),
            _ADMIN,
        ),
        **{
            f"a condition on {next(iter(keys))} that is met, {operator}": (
                "Every request meets it, or all but few.",
                written(may(Condition={operator: keys})),
                _ADMIN,
            )
            for operator, keys in (
                ("StringLike", {"aws:PrincipalArn": "*"}),
                ("StringLikeIfExists", {"aws:x": "*"}),
                ("DateGreaterThan", {"aws:CurrentTime": "2001-01-01T00:00:00Z"}),
                ("Null", {"aws:ResourceTag/none": "true"}),
                ("StringNotEquals", {"aws:ResourceTag/none": "x"}),
                ("ForAllValues:StringEquals", {"aws:ResourceTag/none": "x"}),
            )
        },
        **{
            f"a denial that is none, {operator}": (
                "No request meets the condition of the denial.",
                written(may(), may("Deny", Condition={operator: keys})),
                _ADMIN,
            )
            for operator, keys in (
                ("StringEquals", {"aws:x": _NO_VALUES}),
                ("Bool", {"aws:SecureTransport": "maybe"}),
                ("StringNotLike", {"aws:PrincipalArn": "*"}),
                ("DateLessThan", {"aws:CurrentTime": "2001-01-01T00:00:00Z"}),
                ("IpAddress", {"aws:SourceIp": "240.0.0.1/32"}),
                ("ForAnyValue:StringEquals", {"aws:TagKeys": "none"}),
            )
        },
        "a denial of nothing but everything": (
            "`NotAction: *` is no action.",
            written(may(), may("Deny", Action=None, NotAction="*")),
            _ADMIN,
        ),
        "a denial of no resource": (
            "`NotResource: *` is no resource.",
            written(may(), may("Deny", Resource=None, NotResource="*")),
            _ADMIN,
        ),
        "a denial on a variable of the old version": (
            "Before 2012 a variable is plain text, which is no resource.",
            written(
                may(), may("Deny", Resource="${aws:userid}*"), version="2008-10-17"
            ),
            _ADMIN,
        ),
        "an action twice in one statement": (
            "Readers differ in which of two equal keys counts.",
            EVERYTHING.replace('"Action"', '"Action": "s3:GetObject", "Action"'),
            _UNKNOWN,
        ),
        "small letters in its keys": (
            "Nothing is known of such a policy.",
            EVERYTHING.lower(),
            _UNKNOWN,
        ),
        "a mark before it": ("It is no JSON.", f"\ufeff{EVERYTHING}", _UNKNOWN),
        "PassRole to any service": (
            "It hands Admin to a function it makes.",
            written(
                may(
                    Action="iam:PassRole",
                    Condition={
                        "StringLike": {"iam:PassedToService": "*.amazonaws.com"}
                    },
                ),
                may(Action=["lambda:CreateFunction", "lambda:InvokeFunction"]),
            ),
            "apps/web: escalation",
        ),
        "PassRole by letters": (
            "Every name of a role has a first character.",
            written(
                may(
                    Action="iam:PassRole",
                    Resource=[f"arn:aws:iam::*:role/{one}*" for one in CHARACTERS],
                ),
                may(Action=["lambda:CreateFunction", "lambda:InvokeFunction"]),
            ),
            "apps/web: escalation",
        ),
        "its own role alone": (
            "It may write itself any policy.",
            written(may(Action="iam:PutRolePolicy", Resource=role_arn("web"))),
            "apps/web: permissions-management",
        ),
        "sts:AssumeRole on all": (
            "It may assume whatever role trusts the AWS account.",
            written(may(Action="sts:AssumeRole")),
            "apps/web: escalation",
        ),
    }.items()
}

TRUSTS: Final[dict[str, Attempt]] = {
    **{
        f"subject {operator} {value}": Attempt(
            reason="Every service account of the cluster meets it.",
            made=opened(by_subject(operator, value)),
            found="root: no-subject",
        )
        for operator, value in (
            ("StringLike", "s*"),
            ("StringLike", "*e*"),
            ("StringLike", "?*"),
            ("StringLike", "system:service*"),
            ("StringLike", "system:serviceaccount:*:*"),
            ("StringLike", "system:serviceaccount:${aws:x, 'a'}:*"),
            ("StringLike", ["system:serviceaccount:apps:web", "s*"]),
            ("StringLike", f"${{{ISSUER}:sub}}"),
            ("StringEquals", f"${{{ISSUER}:sub}}"),
            ("StringEqualsIfExists", "system:serviceaccount:apps:web"),
            ("StringNotEquals", "system:serviceaccount:apps:web"),
            ("ForAllValues:StringEquals", "system:serviceaccount:apps:web"),
            ("Null", "false"),
        )
    },
    "every repository of GitHub": Attempt(
        reason="Everybody can have a repository.",
        made=opened(
            written(
                trusting(
                    {"Federated": f"arn:aws:iam::{ACCOUNT_ID}:oidc-provider/{GITHUB}"},
                    Condition={
                        "StringLike": {
                            f"{GITHUB}:sub": "repo:*",
                            f"{GITHUB}:aud": "sts.amazonaws.com",
                        }
                    },
                )
            )
        ),
        found="root: no-subject",
    ),
    "every application of Google": Attempt(
        reason="Everybody can have an identity of Google.",
        made=opened(
            written(
                trusting(
                    {"Federated": "accounts.google.com"},
                    Condition={"StringLike": {"accounts.google.com:aud": "*"}},
                )
            )
        ),
        found="root: anyone",
    ),
    **{
        f"everybody whose {key} is {value}": Attempt(
            reason="Everybody's is.",
            made=opened(written(trusting("*", Condition={"StringLike": {key: value}}))),
            found="root: anyone",
        )
        for key, value in (
            ("aws:PrincipalArn", "*"),
            ("aws:PrincipalArn", "arn:aws:iam::*:role/*"),
            ("aws:PrincipalArn", "${aws:PrincipalArn}"),
            ("aws:PrincipalOrgID", "o-*"),
            ("aws:PrincipalOrgPaths", "o-*/*"),
            ("aws:PrincipalAccount", "????????????"),
            ("aws:userid", "*"),
            ("sts:ExternalId", "*"),
            ("aws:SourceIp", "0.0.0.0/0"),
        )
    },
    **{
        f"everybody, {name}": Attempt(
            reason=reason, made=opened(policy), found="root: anyone"
        )
        for name, reason, policy in (
            ("plainly", "It says so.", written(trusting("*"))),
            (
                "beside the service account",
                "A second statement is as good as the first.",
                written(
                    json.loads(irsa("apps:web"))["Statement"][0],
                    trusting({"AWS": ["*"]}),
                ),
            ),
            (
                "but a few",
                "`NotPrincipal` leaves all others.",
                written(
                    {
                        "Effect": "Allow",
                        "NotPrincipal": {"AWS": ACCOUNT_ID},
                        "Action": "sts:AssumeRole",
                    }
                ),
            ),
            (
                "with a denial of another action",
                "What is denied is to tag the session.",
                written(
                    trusting("*"),
                    {**trusting("*"), "Effect": "Deny", "Action": "sts:TagSession"},
                ),
            ),
            (
                "with a denial that nobody meets",
                "An empty list of values is met by nothing.",
                written(
                    trusting("*"),
                    {
                        **trusting("*"),
                        "Effect": "Deny",
                        "Condition": {"StringEquals": {"aws:PrincipalOrgID": []}},
                    },
                ),
            ),
        )
    },
    "a user of an AWS account that is not told": Attempt(
        reason="The id of a user does not tell its AWS account.",
        made=opened(written(trusting({"AWS": "AIDAEXAMPLEEXAMPLE123"}))),
        found="root: another-aws-account",
    ),
    "a subject of another issuer": Attempt(
        reason="The key is that of another issuer, which pins nothing.",
        made=opened(irsa("apps:web", of="oidc.eks.eu-west-1.amazonaws.com/id/B")),
        found="root: no-subject",
    ),
    "a secret that becomes open": Attempt(
        reason="Nobody knows what was there, so none of it is old.",
        made=[
            changing(
                "root",
                {"assumeRolePolicy": SECRET},
                {"assumeRolePolicy": written(trusting("*"))},
            ),
            *root()[1:],
        ],
        found="root: anyone",
    ),
}
