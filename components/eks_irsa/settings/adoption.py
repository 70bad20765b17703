"""What a stack imports: the setting of one entry, and how `identity` says it."""

from collections.abc import Mapping, Sequence

from pydantic import Field

from eks_irsa.settings.sections import Pattern, Section
from eks_irsa.source.findings import Path

__all__ = ["Adoption"]


class Adoption(Section):
    """What of one entry exists already and is imported by the next run."""

    role: str | None = Field(
        None,
        description=(
            "Name of the role, which has to be the entry's: set overrides.<entry>."
            "roleName to it. Default: the role is made."
        ),
    )
    attached_policies: list[Pattern] = Field(
        [],
        alias="attachedPolicies",
        description=(
            "ARNs of the managed policies, of those that the entry asks for, that are "
            "attached already. Default: none."
        ),
    )
    inline_policies: list[Pattern] = Field(
        [],
        alias="inlinePolicies",
        description=(
            "Names in IAM of the inline policies, of those that the entry asks for, "
            "that the role has already. Default: none."
        ),
    )
    service_account: bool = Field(
        False,  # noqa: FBT003 - the default of a field
        alias="serviceAccount",
        description=(
            "true: the service account exists and is the entry's from now on, deleted "
            "with it. Default: false."
        ),
    )

    def asked(self) -> Mapping[str, object]:
        """Return what is imported as `identity` takes it, without what is not."""
        return {key: value for key, value in self.model_dump().items() if value}

    @classmethod
    def spelled(cls, path: Sequence[str | int]) -> Path:
        """Spell a path as the stack file does.

        Args:
            path: A field, and steps into its value; or empty.
        """
        field, *steps = path or [""]
        info = cls.model_fields.get(str(field))
        return ((info.alias or str(field)), *steps) if info else ()
