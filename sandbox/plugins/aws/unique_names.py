"""Names that Terraform makes up itself, out of a prefix.

Source:
    hashicorp/terraform-plugin-sdk, helper/id/id.go;
    hashicorp/terraform-provider-aws, internal/create/naming.go
"""

import re
import secrets
from datetime import UTC, datetime
from typing import Final

from sandbox.plugins.aws.fields import Field
from sandbox.plugins.aws.resource_type import text
from sandbox.plugins.aws.validators import iam_name
from sandbox.plugins.values import Properties

__all__ = ["name_fields", "named", "prefix_of"]

_UNIQUE_LENGTH: Final = 26
"""18 digits of the time and 8 hexadecimal ones."""

_UNIQUE_SUFFIX: Final = re.compile(r"\d{18}[0-9a-f]{8}", re.ASCII)


def name_fields(longest: int, *, longest_autoname: int) -> dict[str, Field]:
    """Give `name` and `namePrefix` of something in IAM.

    Args:
        longest: Greatest length of the name.
        longest_autoname: Greatest length of a name that the bridge makes up.
    """
    return {
        "name": Field(
            computed=True,
            replaces=True,
            longest_autoname=longest_autoname,
            conflicts_with="namePrefix",
            validators=(iam_name(longest),),
        ),
        "namePrefix": Field(
            computed=True,
            replaces=True,
            conflicts_with="name",
            validators=(iam_name(longest - _UNIQUE_LENGTH),),
        ),
    }


def named(inputs: Properties) -> str:
    """Give the name a new resource gets: given, or made of `namePrefix`."""
    if name := text(inputs, "name"):
        return name
    prefix = text(inputs, "namePrefix") or "terraform-"
    now = datetime.now(tz=UTC)
    moment = now.strftime("%Y%m%d%H%M%S") + f"{now.microsecond // 100:04d}"
    return f"{prefix}{moment}{secrets.token_hex(4)}"


def prefix_of(name: str) -> str:
    """Give the prefix a name was made of; empty for every other name."""
    head, tail = name[:-_UNIQUE_LENGTH], name[-_UNIQUE_LENGTH:]
    return head if _UNIQUE_SUFFIX.fullmatch(tail) else ""
