"""How a plugin says no, and how it says that something was done but not well."""

from sandbox.plugins.values import Properties

__all__ = ["NotCovered", "PartialFailure", "Refusal"]


class Refusal(Exception):  # noqa: N818 (the protocol's own word for it would say less)
    """A request that is refused; the message is what the user reads."""


class NotCovered(Refusal):
    """A part of the protocol, a type or a property this double does not have."""

    def __init__(self, *, plugin: str, what: str) -> None:
        """Name the double and what it does not cover.

        Args:
            plugin: Name of the plugin, `aws` or `kubernetes`.
            what: What was asked for, by its own name.
        """
        super().__init__(
            f"{what} is not covered by the sandbox's test double of "
            f"pulumi-resource-{plugin}"
        )


class PartialFailure(Refusal):
    """The resource exists and is recorded, but is not what was asked for.

    Source:
        pulumi/pulumi, proto/pulumi/provider.proto (`ErrorResourceInitFailed`)
    """

    def __init__(self, *, resource_id: str, outputs: Properties, reason: str) -> None:
        """Remember what the engine is to record.

        Args:
            resource_id: Id of the resource that exists; never empty.
            outputs: Its state as it is now.
            reason: Why it is not what was asked for.
        """
        super().__init__(reason)
        self.resource_id = resource_id
        self.outputs = outputs
