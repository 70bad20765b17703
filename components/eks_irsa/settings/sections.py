"""What the sections of the settings have in common."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

__all__ = ["Pattern", "Section"]


def _empty_for_null(value: object) -> object:
    # The check of the structure puts null in the place of items that are wrong, so
    # that null itself cannot be.
    return "" if value is None else value


Pattern = Annotated[str, BeforeValidator(_empty_for_null)]
"""A text in a list."""


class Section(BaseModel):
    """A map with a closed list of keys and exact types."""

    # Only the outermost model is ever built: `check` starts faster so.
    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, defer_build=True
    )
