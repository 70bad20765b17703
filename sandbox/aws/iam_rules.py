"""What IAM checks before it acts: one table from action to rules.

An action that is not in the table is refused by name. A rule looks at the request and
at what IAM holds now, and raises the refusal AWS would answer with; after the last rule
the request goes to moto.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from sandbox.aws.call import Call
from sandbox.aws.moto_account import MotoIam, RoleState
from sandbox.aws.oidc_rules import (
    client_id_shape,
    client_ids_fit,
    provider_exists,
    provider_is_new,
    provider_takes_tags,
    provider_url_shape,
    takes_client_id,
    thumbprints_fit,
)
from sandbox.aws.permission_documents import (
    check_inline_total,
    check_managed_size,
    check_permission_policy,
)
from sandbox.aws.policy_arns import boundary_exists, may_attach, policy_is_attached
from sandbox.aws.refusal import Refusal, not_covered, quota_exceeded
from sandbox.aws.shapes import (
    MAX_TAGS,
    check_description,
    check_name,
    check_path,
    check_session_duration,
    check_tags,
    required,
    reserved_tag,
    too_many_tags,
)
from sandbox.aws.trust_documents import check_trust_policy

__all__ = ["MAX_ROLES", "check_iam_call"]

# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
MAX_ROLES: Final = 1_000

Rule = Callable[[Call, MotoIam], None]


def check_iam_call(call: Call, iam: MotoIam) -> None:
    """Refuse *call* if IAM, as it is now, would.

    Raises:
        Refusal: In AWS's words, or the sandbox's for an action it does not cover.
    """
    if call.action not in _RULES:
        raise not_covered(what=f"iam:{call.action}")
    for rule in _RULES[call.action]:
        rule(call, iam)


def _role(call: Call, iam: MotoIam) -> RoleState:
    name = required(call, "RoleName")
    role = iam.role(name)
    if role is None:
        raise Refusal(
            code="NoSuchEntity", message=f"The role with name {name} cannot be found."
        )
    return role


def _role_exists(call: Call, iam: MotoIam) -> None:
    _role(call, iam)


def _shape(check: Callable[[Call], None]) -> Rule:
    """Make a rule that looks at the request alone."""
    return lambda call, _iam: check(call)


def _name_shape(parameter: str, *, longest: int) -> Rule:
    return lambda call, _iam: check_name(call, parameter, longest=longest)


def _role_is_new(call: Call, iam: MotoIam) -> None:
    """Refuse a name that is taken, in whatever case, and a role too many.

    Source:
        https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
        ("Names are not distinguished by case")
    """
    name = required(call, "RoleName")
    taken = {role.name.lower() for role in iam.roles()}
    if name.lower() in taken:
        raise Refusal(
            code="EntityAlreadyExists", message=f"Role with name {name} already exists."
        )
    if len(taken) >= MAX_ROLES:
        raise quota_exceeded(quota="RolesPerAccount", limit=MAX_ROLES)


def _role_takes_tags(call: Call, iam: MotoIam) -> None:
    """Refuse a 51st tag; a key that differs in case only is no new tag.

    Those that AWS itself has put on do not count.

    Source:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
    """
    held = {key.lower() for key in _role(call, iam).tags if not key.startswith("aws:")}
    if len(held | {key.lower() for key, _ in call.tags()}) > MAX_TAGS:
        raise too_many_tags()


def _no_tags_of_aws(call: Call, _iam: MotoIam) -> None:
    """Refuse to take a tag off that AWS itself has put on.

    Source:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
    """
    if any(key.startswith("aws:") for key in call.members("TagKeys")):
        raise reserved_tag()


def _trust_policy(parameter: str) -> Rule:
    def rule(call: Call, iam: MotoIam) -> None:
        document = required(call, parameter)
        check_trust_policy(document, partition=iam.partition)

    return rule


def _permission_policy(call: Call, iam: MotoIam) -> None:
    document = required(call, "PolicyDocument")
    check_permission_policy(document, partition=iam.partition)


def _inline_policies_fit(call: Call, iam: MotoIam) -> None:
    role = _role(call, iam)
    name = required(call, "PolicyName")
    after = {**role.inline_policies, name: required(call, "PolicyDocument")}
    check_inline_total(after.values(), role_name=role.name)


def _managed_policy_fits(call: Call, _iam: MotoIam) -> None:
    check_managed_size(required(call, "PolicyDocument"))


def _inline_policy_exists(call: Call, iam: MotoIam) -> None:
    name = required(call, "PolicyName")
    if name not in _role(call, iam).inline_policies:
        raise Refusal(
            code="NoSuchEntity",
            message=f"The role policy with name {name} cannot be found.",
        )


def _attachment_allowed(call: Call, iam: MotoIam) -> None:
    may_attach(call, iam, role=_role(call, iam))


def _attachment_exists(call: Call, _iam: MotoIam) -> None:
    policy_is_attached(call, role=_role(call, _iam))


_ROLE_NAME: Final = _name_shape("RoleName", longest=64)
_POLICY_NAME: Final = _name_shape("PolicyName", longest=128)
_PATH: Final = _shape(check_path)
_DESCRIPTION: Final = _shape(check_description)
_SESSION_DURATION: Final = _shape(check_session_duration)
_TAGS: Final = _shape(check_tags)

_RULES: Final[Mapping[str, tuple[Rule, ...]]] = MappingProxyType(
    {
        "AddClientIDToOpenIDConnectProvider": (
            client_id_shape,
            provider_exists,
            takes_client_id,
        ),
        "AttachRolePolicy": (_role_exists, _attachment_allowed),
        "CreateOpenIDConnectProvider": (
            provider_url_shape,
            client_ids_fit,
            thumbprints_fit,
            _TAGS,
            provider_is_new,
        ),
        "CreatePolicy": (
            _POLICY_NAME,
            _PATH,
            _DESCRIPTION,
            _TAGS,
            _permission_policy,
            _managed_policy_fits,
        ),
        "CreatePolicyVersion": (_permission_policy, _managed_policy_fits),
        "CreateRole": (
            _ROLE_NAME,
            _PATH,
            _DESCRIPTION,
            _SESSION_DURATION,
            _TAGS,
            _trust_policy("AssumeRolePolicyDocument"),
            boundary_exists,
            _role_is_new,
        ),
        "DeleteOpenIDConnectProvider": (provider_exists,),
        "DeletePolicy": (),
        "DeletePolicyVersion": (),
        "DeleteRole": (_role_exists,),
        "DeleteRolePermissionsBoundary": (_role_exists,),
        "DeleteRolePolicy": (_role_exists, _inline_policy_exists),
        "DetachRolePolicy": (_role_exists, _attachment_exists),
        "GetAccountAuthorizationDetails": (),
        "GetOpenIDConnectProvider": (provider_exists,),
        "GetPolicy": (),
        "GetPolicyVersion": (),
        "GetRole": (_role_exists,),
        "GetRolePolicy": (_role_exists, _inline_policy_exists),
        "ListAttachedRolePolicies": (_role_exists,),
        "ListEntitiesForPolicy": (),
        "ListInstanceProfilesForRole": (_role_exists,),
        "ListOpenIDConnectProviderTags": (provider_exists,),
        "ListOpenIDConnectProviders": (),
        "ListPolicyVersions": (),
        "ListRolePolicies": (_role_exists,),
        "ListRoleTags": (_role_exists,),
        "ListRoles": (),
        "PutRolePermissionsBoundary": (_role_exists, boundary_exists),
        "PutRolePolicy": (
            _POLICY_NAME,
            _role_exists,
            _permission_policy,
            _inline_policies_fit,
        ),
        "RemoveClientIDFromOpenIDConnectProvider": (client_id_shape, provider_exists),
        "TagOpenIDConnectProvider": (provider_exists, _TAGS, provider_takes_tags),
        "TagRole": (_role_exists, _TAGS, _role_takes_tags),
        "UntagOpenIDConnectProvider": (provider_exists,),
        "UntagRole": (_role_exists, _no_tags_of_aws),
        "UpdateAssumeRolePolicy": (_role_exists, _trust_policy("PolicyDocument")),
        "UpdateOpenIDConnectProviderThumbprint": (provider_exists, thumbprints_fit),
        "UpdateRole": (_role_exists, _DESCRIPTION, _SESSION_DURATION),
        "UpdateRoleDescription": (_role_exists, _DESCRIPTION),
    }
)
