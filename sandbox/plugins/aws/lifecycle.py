"""How every resource type is read and changed, its tags among the rest."""

import time
from typing import Final

from sandbox.plugins.aws.account import NOT_FOUND, Account, failed
from sandbox.plugins.aws.comparing import changed_fields
from sandbox.plugins.aws.resource_type import ResourceType, Update
from sandbox.plugins.values import Properties

__all__ = ["change", "find", "once_visible"]

_FIRST_PAUSE_SECONDS: Final = 0.5


def find(
    resource_type: ResourceType,
    account: Account,
    resource_id: str,
    recorded: Properties,
) -> Properties | None:
    """Read a resource, its tags as the configuration wants them; None if it is gone."""
    found = resource_type.find(account, resource_id, recorded)
    if found is None or "tags" not in found:
        return found
    tags = found["tags"]
    assert isinstance(tags, dict)  # noqa: S101 (as every type makes it)
    return found | account.tags.split(tags, recorded.get("tags"))


def once_visible(
    resource_type: ResourceType,
    account: Account,
    resource_id: str,
    recorded: Properties,
    *,
    within_seconds: float,
) -> Properties:
    """Read what was just made, which AWS may not show at once.

    Raises:
        Refusal: It is not there in time, or AWS refused.

    Source:
        hashicorp/terraform-provider-aws, internal/tfresource/retry.go
        (`RetryWhenNewResourceNotFound`)
    """
    deadline = time.monotonic() + within_seconds
    pause = _FIRST_PAUSE_SECONDS
    while (found := find(resource_type, account, resource_id, recorded)) is None:
        if time.monotonic() + pause > deadline:
            raise failed(NOT_FOUND)
        time.sleep(pause)
        pause *= 2
    return found


def change(
    resource_type: ResourceType,
    account: Account,
    resource_id: str,
    recorded: Properties,
    given: Properties,
) -> Properties | None:
    """Change the tags first, then everything else that differs.

    Returns:
        The state, where it is not read afterwards.
    """
    changed = changed_fields(fields=resource_type.fields, olds=recorded, news=given)
    tagged = resource_type.tagged(resource_id, recorded)
    if tagged and "tagsAll" in changed:
        old, new = recorded.get("tagsAll"), given.get("tagsAll")
        tagged.change(account, old=old, new=new)
    update = Update(olds=recorded, news=given, changed=changed)
    return resource_type.change(account, resource_id, update)
