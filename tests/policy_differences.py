"""Our grammar of permission policies and moto's record of IAM's answers, and the gap.

moto's validator was written from what IAM answered to many policies. Where ours judges
otherwise, `DIFFERENCES` says why, and takes what it names out of a policy, after which
both must agree.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple, cast

from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.policy_validation import IAMPolicyDocumentValidator

from eks_irsa.documents.policy_grammar import document_faults

__all__ = ["DIFFERENCES", "Difference", "Policy", "moto_takes", "repaired", "we_take"]

Policy = dict[str, Any]
_GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_ACTIONS: Final = ("Action", "NotAction")
_RESOURCES: Final = ("Resource", "NotResource")


def we_take(policy: object) -> bool:
    """Judge by our grammar."""
    return not list(document_faults(policy))


def moto_takes(policy: object) -> bool:
    """Judge by moto; where it crashes it takes nothing."""
    try:
        IAMPolicyDocumentValidator(json.dumps(policy)).validate()
    except (MalformedPolicyDocument, AttributeError):
        return False
    return True


class Difference(NamedTuple):
    """Something that one takes and the other does not, and why ours is right.

    Attributes:
        refused_by: Who refuses it.
        source: Why ours is right.
        repaired: Puts what both take in the place of it.
        example: A policy that they judge differently for this reason alone.
    """

    refused_by: Literal["us", "moto"]
    source: str
    repaired: Callable[[Policy], Policy]
    example: Policy


def _statements(policy: Policy) -> Iterator[dict[str, Any]]:
    for one in _listed(policy.get("Statement")):
        if isinstance(one, dict):
            yield cast("dict[str, Any]", one)


def _listed(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else [value]


def _maps(value: object) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from cast("dict[str, Any]", value).items()


def _copied(policy: Policy) -> Policy:
    return json.loads(json.dumps(policy))


def _in_texts(
    elements: tuple[str, ...], change: Callable[[str], str]
) -> Callable[[Policy], Policy]:
    """Change every text of some elements of statements."""

    def repaired(policy: Policy) -> Policy:
        policy = _copied(policy)
        for statement in _statements(policy):
            for key in elements:
                value = statement.get(key)
                if isinstance(value, str):
                    statement[key] = change(value)
                elif isinstance(value, list):
                    statement[key] = [
                        change(one) if isinstance(one, str) else one
                        for one in _listed(cast("object", value))
                    ]
        return policy

    return repaired


def _substituted(
    elements: tuple[str, ...], pattern: str, replacement: str
) -> Callable[[Policy], Policy]:
    return _in_texts(elements, lambda text: re.sub(pattern, replacement, text))


def _in_operands(
    change: Callable[[str, object], object],
) -> Callable[[Policy], Policy]:
    """Change every value of conditions, each with its operator."""

    def repaired(policy: Policy) -> Policy:
        policy = _copied(policy)
        for statement in _statements(policy):
            for operator, keys in _maps(statement.get("Condition")):
                for key, value in _maps(keys):
                    keys[key] = (
                        [
                            change(operator, one)
                            for one in _listed(cast("object", value))
                        ]
                        if isinstance(value, list)
                        else change(operator, value)
                    )
        return policy

    return repaired


def _without_empty_entries(policy: Policy) -> Policy:
    policy = _copied(policy)
    for statement in _statements(policy):
        for key in _RESOURCES:
            if isinstance(statement.get(key), list):
                statement[key] = [
                    "*" if one in (None, "") else one for one in statement[key]
                ]
    return policy


def _without_keys(*names: str) -> Callable[[Policy], Policy]:
    def repaired(policy: Policy) -> Policy:
        policy = {key: value for key, value in policy.items() if key not in names}
        policy = _copied(policy)
        for statement in _statements(policy):
            for name in names:
                statement.pop(name, None)
        return policy

    return repaired


def _with_version(policy: Policy) -> Policy:
    if policy.get("Version", "2008-10-17") == "2008-10-17":
        return {**_copied(policy), "Version": "2012-10-17"}
    return policy


def _with_plain_sids(policy: Policy) -> Policy:
    policy = _copied(policy)
    for number, statement in enumerate(_statements(policy)):
        sid = statement.get("Sid")
        if isinstance(sid, str) and not re.fullmatch("[A-Za-z0-9]*", sid):
            statement["Sid"] = f"repaired{number}"
    return policy


def _number_as_text(_: str, value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value


def _west_as_east(operator: str, value: object) -> object:
    """Put the time zone's sign, or a time without seconds, as moto reads it."""
    if "Date" not in operator or not isinstance(value, str):
        return value
    return re.sub(r"(T\d\d:\d\d:\d\d)-(\d\d:\d\d)$", r"\1+\2", value)


def _with_seconds(operator: str, value: object) -> object:
    if "Date" not in operator or not isinstance(value, str):
        return value
    return re.sub(r"(T\d\d:\d\d)(Z|[+-]\d\d:\d\d)$", r"\1:00\2", value)


def _with_whole_zone(operator: str, value: object) -> object:
    if "Date" not in operator or not isinstance(value, str):
        return value
    return re.sub(r"(T\d\d:\d\d:\d\d\+\d\d):[6-9]\d$", r"\1:00", value)


def _scalars_alone(operator: str, value: object) -> object:
    if isinstance(value, str | bool | int | float):
        return value
    return "2030-01-01" if "Date" in operator else "x"


def policy(**changes: object) -> Policy:
    """Give a policy that both take, with *changes* to its one statement."""
    right = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {key: value for key, value in (right | changes).items() if value != "OUT"}
        ],
    }


DIFFERENCES: Final[Mapping[str, Difference]] = {
    "no version, or that of 2008": Difference(
        refused_by="moto",
        source=f"{_GUIDE}reference_policies_elements_version.html; IAM refuses it of a "
        "managed policy, which moto asks of an inline policy too",
        repaired=_with_version,
        example={
            "Version": "2008-10-17",
            "Statement": policy()["Statement"],
        },
    ),
    "number in a condition": Difference(
        refused_by="moto",
        source=f"{_GUIDE}reference_policies_grammar.html, condition_value is a string, "
        "a number or a boolean",
        repaired=_in_operands(_number_as_text),
        example=policy(Condition={"NumericLessThan": {"s3:max-keys": 10}}),
    ),
    "time zone west of Greenwich": Difference(
        refused_by="moto",
        source="https://www.w3.org/TR/NOTE-datetime, which IAM's guide names; moto's "
        "parser knows + alone",
        repaired=_in_operands(_west_as_east),
        example=policy(
            Condition={"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00-07:00"}}
        ),
    ),
    "time without seconds, with a zone": Difference(
        refused_by="moto",
        source="https://www.w3.org/TR/NOTE-datetime, YYYY-MM-DDThh:mmTZD",
        repaired=_in_operands(_with_seconds),
        example=policy(
            Condition={"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00Z"}}
        ),
    ),
    "partition moto does not know": Difference(
        refused_by="moto",
        source="botocore's data/partitions.json",
        repaired=_substituted(_RESOURCES, r"^arn:aws-iso-[ef]:", "arn:aws:"),
        example=policy(Resource="arn:aws-iso-f:s3:::b"),
    ),
    "variable in a part of an ARN": Difference(
        refused_by="moto",
        source=f"{_GUIDE}reference_policies_variables.html; AWS's managed policies "
        "name arn:*:kms:*:${aws:PrincipalAccount}:key/*, and moto splits at the "
        "variable's colon",
        repaired=_substituted(_RESOURCES, r"\$\{aws:PrincipalAccount\}", "*"),
        example=policy(Resource="arn:aws:iam::${aws:PrincipalAccount}:role/x"),
    ),
    "IAM resource moto does not know": Difference(
        refused_by="moto",
        source="AWS's managed policies CloudFrontFullAccess (*), "
        "IAMAuditRootUserCredentials (root) and AWSCloudWatchOmniServiceRolePolicy "
        "(role-template/); delegation-request/ is in the reference of IAM's resources",
        repaired=_substituted(
            _RESOURCES,
            r"^(arn:[^:]*:iam::[^:]*:)(\*$|root$|role-template/|delegation-request/)",
            r"\1role/",
        ),
        example=policy(Resource="arn:aws:iam::*:*"),
    ),
    "S3 resource of a region moto does not know": Difference(
        refused_by="moto",
        source="https://docs.aws.amazon.com/service-authorization/latest/reference/"
        "list_amazons3.html, and AWS's managed policy "
        "SageMakerStudioProjectRoleMachineLearningPolicy",
        repaired=_substituted(
            _RESOURCES,
            r"^(arn:[^:]*:s3:[^:]+:[^:]*:)"
            r"(access-grants|job|storage-lens|storage-lens-group|async-request)/",
            r"\1accesspoint/",
        ),
        example=policy(Resource="arn:aws:s3:*:*:access-grants/default"),
    ),
    "S3 resource that may be one of a region": Difference(
        refused_by="moto",
        source="https://docs.aws.amazon.com/service-authorization/latest/reference/"
        "list_amazons3.html; * stands for an access point too, and published "
        "policies name arn:aws:s3:*:*:*",
        repaired=_substituted(
            _RESOURCES,
            r"^(arn:[^:]*:s3:[^:]+:[^:]*:)[^/:]*[*?].*$",
            r"\1accesspoint/x",
        ),
        example=policy(Resource="arn:aws:s3:*:*:*"),
    ),
    "Conditions beside Statement": Difference(
        refused_by="us",
        source=f"{_GUIDE}reference_policies_grammar.html; the conditions would be lost",
        repaired=_without_keys("Conditions"),
        example={**policy(), "Conditions": {}},
    ),
    "principal": Difference(
        refused_by="us",
        source='"Policy document should not specify a principal.", '
        "hashicorp/terraform-provider-aws#10419",
        repaired=_without_keys("Principal", "NotPrincipal"),
        example=policy(Principal="*"),
    ),
    "Sid of other than letters and digits": Difference(
        refused_by="us",
        source=f"{_GUIDE}reference_policies_elements_sid.html",
        repaired=_with_plain_sids,
        example=policy(Sid="read-only"),
    ),
    "character beyond U+00FF": Difference(
        refused_by="us",
        source="https://docs.aws.amazon.com/IAM/latest/APIReference/"
        "API_PutRolePolicy.html, the pattern of PolicyDocument",
        repaired=_substituted(_RESOURCES, "[^\t\n\r\u0020-\u00ff]", "x"),
        example=policy(Resource="arn:aws:s3:::日本"),
    ),
    "characters no action has": Difference(
        refused_by="us",
        source="https://docs.aws.amazon.com/service-authorization/latest/reference/"
        "reference.html; IAM takes 'iam: asdf safdsf af ', which grants nothing",
        repaired=_substituted(
            _ACTIONS,
            r"(?a)^:[^:]*$|^(?:[A-Za-z0-9.-]+|\*):(?:[^:]*[^:\w*?-][^:]*)?$",
            "s3:x",
        ),
        example=policy(Action="s3:Get Object"),
    ),
    "wildcard in a resource's service": Difference(
        refused_by="us",
        source=f"{_GUIDE}reference_policies_elements_resource.html, and IAM's answer "
        '"Resource vendor must be fully qualified and cannot contain regexes."',
        repaired=_substituted(
            _RESOURCES, r"^([^:]*:[^:]*:)(?:[^:]*[*?][^:]*)(:|$)", r"\1sqs\2"
        ),
        example=policy(Resource="arn:aws:*:us-west-2:111122223333:x"),
    ),
    "resource that begins with another word than arn": Difference(
        refused_by="us",
        source=f"{_GUIDE}access-analyzer-reference-policy-checks.html, Invalid ARN "
        "prefix",
        repaired=_substituted(_RESOURCES, "^[^:]*:", "arn:"),
        example=policy(Resource="urn:aws:s3:::b"),
    ),
    "no service, in a list": Difference(
        refused_by="us",
        source="moto refuses it outside of a list, and reads the third letter in one",
        repaired=_substituted(_RESOURCES, "^(arn:[^:]*:)(?=:|$)", r"\1sqs"),
        example=policy(Resource=["arn:aws::::b"]),
    ),
    "nothing, in a list of resources": Difference(
        refused_by="us",
        source=f"{_GUIDE}reference_policies_grammar.html, resource_string; what was "
        "meant would be lost",
        repaired=_without_empty_entries,
        example=policy(Resource=["*", None]),
    ),
    "sixty minutes in a time zone": Difference(
        refused_by="us",
        source="https://www.w3.org/TR/NOTE-datetime; moto means to refuse it, and "
        "never gets there",
        repaired=_in_operands(_with_whole_zone),
        example=policy(
            Condition={"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00+10:60"}}
        ),
    ),
    "no scalar in a list of condition values": Difference(
        refused_by="us",
        source=f"{_GUIDE}reference_policies_grammar.html, condition_value",
        repaired=_in_operands(_scalars_alone),
        example=policy(Condition={"StringEquals": {"aws:userid": [None]}}),
    ),
}


def repaired(policy: Policy) -> Policy:
    """Take everything out of *policy* that `DIFFERENCES` names."""
    for difference in DIFFERENCES.values():
        policy = difference.repaired(policy)
    return policy
