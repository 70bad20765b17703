"""The component of one planned entry, as the stack program makes it."""

from collections.abc import Mapping
from typing import Any, Final, cast

import pulumi

from eks_irsa.identity import parts
from eks_irsa.resources.irsa_service_account import IrsaServiceAccount
from eks_irsa.resources.irsa_service_account_args import IrsaServiceAccountArgs
from eks_irsa.resources.role import decided

__all__ = ["PlannedServiceAccount"]

_DESCRIBING: Final = ("service_account_name", "namespace", "service_account_mode")


class PlannedServiceAccount(IrsaServiceAccount):
    """The component of one planned entry: everything was checked with the file."""

    def __init__(
        self,
        name: str,
        asked: Mapping[str, Any],
        *,
        provider_arn: pulumi.Output[str] | None,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Make role and service account of what `identity` decided from.

        Args:
            name: `<namespace>/<name>` of the entry.
            asked: Fields of `IrsaServiceAccountArgs`, the provider's ARN in plain text.
            provider_arn: The same ARN, which waits for the provider.
            opts: Options of the component.
        """
        self._waits_for = provider_arn
        super().__init__(name, cast("IrsaServiceAccountArgs", asked), opts)

    def _checked(
        self, name: str, args: IrsaServiceAccountArgs
    ) -> tuple[dict[str, Any], list[str]]:
        del name
        return cast("dict[str, Any]", dict(args)), []

    def _looked_up_cluster(self) -> None:
        """Ask for nothing: the stack knows its cluster."""

    def _registered(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        # The rest is in the resources: the SDK makes an Output of every input, and a
        # stack of many entries has the time of all of them.
        whole = super()._registered(inputs)
        described: dict[str, Any] = {
            key: whole[key] for key in _DESCRIBING if key in whole
        }
        # It has been in no state before there was a choice.
        if whole.get("identity", "irsa") != "irsa":
            described["identity"] = whole["identity"]
        return described

    def _trust(self) -> pulumi.Input[str]:
        policy: str = decided(parts.trust, self._inputs)
        waits_for = self._waits_for
        return waits_for.apply(lambda _: policy) if waits_for else policy
