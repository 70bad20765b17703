"""Updates of roles that AWS refused half-way, which the next run would overlook.

The AWS plugin writes the values that were wanted into the state, although IAM has the
old ones. The next run then updates the role without a changed property, calls nothing
that changes, and succeeds. It does read the role, so that what it reads can be held
against what the program wants.

Source:
    pulumi/pulumi#21458, and pkg/resource/deploy/step_generator.go (`hasInitErrors`)
"""

import json
from collections.abc import Iterator, Mapping
from typing import Final, cast

import pulumi

__all__ = ["RoleUpdates", "behind", "overlooked"]

_ROLE: Final = "aws:iam/role:Role"
# Property -> what stands for its absence. Whoever may assume the role, and how far and
# how long: tags are left out, as a provider may ignore some of them.
_ABSENT: Final[Mapping[str, object]] = {
    "assumeRolePolicy": "",
    "description": "",
    "maxSessionDuration": 3600,
    "permissionsBoundary": "",
}

Properties = Mapping[str, object]


class RoleUpdates:
    """Watches the roles that a run updates.

    Attributes:
        unfinished: Name of the role's resource -> the properties that IAM has other
            values of than it was updated to.
    """

    def __init__(self) -> None:
        """Register the hooks; the engine calls them for each role that is updated."""
        self.unfinished: dict[str, tuple[str, ...]] = {}
        on_dry_run = pulumi.ResourceHookOptions(on_dry_run=True)
        self._hooks = pulumi.ResourceHookBinding(
            before_update=[
                pulumi.ResourceHook("eks-irsa-before-role", self._before, on_dry_run)
            ],
            after_update=[pulumi.ResourceHook("eks-irsa-after-role", self._after)],
        )

    def watch(
        self, args: pulumi.ResourceTransformationArgs
    ) -> pulumi.ResourceTransformationResult | None:
        """Bind the hooks to a role; a transformation for the options of a component.

        Args:
            args: Any resource of the component.
        """
        if args.type_ != _ROLE:
            return None
        options = pulumi.ResourceOptions(hooks=self._hooks)
        merged = pulumi.ResourceOptions.merge(args.opts, options)
        return pulumi.ResourceTransformationResult(args.props, merged)

    def _before(self, args: pulumi.ResourceHookArgs) -> None:
        if not pulumi.runtime.is_dry_run():
            return
        lost = overlooked(
            old_inputs=args.old_inputs or {},
            old_outputs=args.old_outputs or {},
            new_inputs=args.new_inputs or {},
        )
        if lost:
            pulumi.log.warn(
                f"{args.name}: an earlier run failed while it changed {', '.join(lost)}"
                " of this role, and this preview does not show the change; run pulumi "
                "up --refresh"
            )

    def _after(self, args: pulumi.ResourceHookArgs) -> None:
        properties = behind(inputs=args.new_inputs or {}, read=args.new_outputs or {})
        if properties:
            self.unfinished[args.name] = properties


def behind(*, inputs: Properties, read: Properties) -> tuple[str, ...]:
    """List the properties of a role of which IAM has other values than are wanted.

    Args:
        inputs: What the role was updated to.
        read: What was read of it afterwards.
    """
    return tuple(key for key in _ABSENT if not _same(key, inputs, read))


def overlooked(
    *, old_inputs: Properties, old_outputs: Properties, new_inputs: Properties
) -> tuple[str, ...]:
    """List the properties that an update seems to have, by the state alone, already.

    Args:
        old_inputs: What the last run that succeeded asked for.
        old_outputs: What the state holds; after a failed update what it asked for.
        new_inputs: What this run asks for.
    """
    return tuple(
        key
        for key in _ABSENT
        if _same(key, new_inputs, old_outputs)
        and not _same(key, old_inputs, old_outputs)
    )


def _same(key: str, one: Properties, other: Properties) -> bool:
    values = [*_values(key, one, other)]
    return len(values) < 2 or values[0] == values[1]  # noqa: PLR2004 - both are known


def _values(key: str, *sides: Properties) -> Iterator[object]:
    """Give the value of each side that is known; JSON is read."""
    for side in sides:
        value = side.get(key) or _ABSENT[key]
        if isinstance(value, str) and key == "assumeRolePolicy":
            try:
                value = cast("object", json.loads(value or "null"))
            except ValueError:
                continue
        if isinstance(value, str | float | dict | int | type(None)):
            yield value
