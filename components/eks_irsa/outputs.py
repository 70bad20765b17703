"""Plain where it can be, an Output where it must be."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar, cast

import pulumi

__all__ = ["is_plain", "known_arn", "lift", "without_dependencies"]

T = TypeVar("T")


def is_plain(value: object) -> bool:
    """Tell whether nothing in *value* is an Output; looks into maps and lists."""
    if isinstance(value, pulumi.Output):
        return False
    if isinstance(value, Mapping):
        return all(map(is_plain, cast("Mapping[str, object]", value).values()))
    if isinstance(value, list | tuple):
        return all(map(is_plain, cast("list[object]", value)))
    return True


def lift(function: Callable[..., T], **inputs: object) -> pulumi.Input[T]:
    """Call a pure function with inputs: at once if all are plain, else when known.

    Args:
        function: Takes every input by name; what it raises stops the program, at once
            or when the values become known.
        inputs: Plain values, or values that are or hold Outputs.

    Returns:
        The plain result, or an Output of it that depends on all the inputs.
    """
    # Only what may be known later becomes an Output: each costs the program time.
    later = {key: value for key, value in inputs.items() if not is_plain(value)}
    if not later:
        return function(**inputs)
    if len(later) == 1:
        ((key, value),) = later.items()
        return pulumi.Output.from_input(value).apply(
            lambda known: function(**{**inputs, key: known})
        )
    return pulumi.Output.all(**later).apply(
        lambda known: function(**{**inputs, **known})
    )


def known_arn(
    resource: pulumi.CustomResource,
    *,
    actual: pulumi.Output[str],
    derived: pulumi.Input[str] | None,
) -> pulumi.Output[str]:
    """Give the ARN of a resource as early as it can be known, and depend on it.

    AWS tells the ARN only after it made the resource, so a preview would show it as
    unknown, and with it everything that holds it. The derived ARN is known before; on
    `up` it is held against the one AWS gave.

    Args:
        resource: What the ARN is of.
        actual: The ARN as AWS returns it.
        derived: The ARN as its parts say; None where they are not known, as with a
            name Pulumi makes up.
    """
    if derived is None:
        return actual
    # The URN is known in a preview and carries the dependency.
    known = resource.urn if pulumi.runtime.is_dry_run() else actual
    if not isinstance(derived, str):
        return pulumi.Output.all(known, derived).apply(lambda pair: _same_arn(*pair))
    return known.apply(lambda told: _same_arn(told, derived))


def without_dependencies(output: pulumi.Output[T]) -> pulumi.Output[T]:
    """Give an output's value without the resources it comes from.

    The engine takes a property whose source is replaced for unknown as a whole; with
    `metadata` unknown, Kubernetes' plugin would replace the object, and what others
    put on it would be lost. Whoever uses it waits for the sources by `depends_on`.

    Source:
        `calculateDependentReplacements` in pkg/resource/deploy/step_generator.go of
        the engine.
    """
    value = cast("Awaitable[T]", output.future(with_unknowns=True))
    return pulumi.Output(set(), value, output.is_known(), output.is_secret())


def _same_arn(actual: str | None, derived: str) -> str:
    if actual is None or pulumi.runtime.is_dry_run():
        return derived  # nothing was made, as the run is for other targets
    if actual != derived:
        msg = f"AWS made {actual}, where {derived} was announced in the preview"
        raise ValueError(msg)
    return actual
