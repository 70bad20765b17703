"""Label selectors, evaluated as Kubernetes does.

Source:
    https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

__all__ = ["Requirement", "unmet_requirements"]


class Requirement(NamedTuple):
    """Something that a selector demands of labels.

    Attributes:
        key: Of the label.
        operator: `In`, `NotIn`, `Exists` or `DoesNotExist`.
        values: Of `In` and `NotIn`.
    """

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def is_met(self, labels: Mapping[str, str]) -> bool:
        """Tell whether labels meet it; `NotIn` is met where there is none."""
        if self.operator == "In":
            return labels.get(self.key) in self.values
        if self.operator == "NotIn":
            return labels.get(self.key) not in self.values
        return (self.key in labels) is (self.operator == "Exists")

    def __str__(self) -> str:
        """Write it as a person would say it."""
        if self.values:
            values = ", ".join(map(repr, self.values))
            return f"{self.key!r} {self.operator} {values}"
        return f"{self.key!r} {self.operator}"

    @property
    def change(self) -> tuple[str, str | None]:
        """The label to set so that it is met, and its value; None to take it away."""
        if self.operator == "In":
            return self.key, self.values[0] if self.values else ""
        return self.key, "true" if self.operator == "Exists" else None


def unmet_requirements(
    selector: Mapping[str, Any] | None, labels: Mapping[str, str]
) -> tuple[Requirement, ...]:
    """Return what a selector demands and labels do not have.

    Args:
        selector: `matchLabels` and `matchExpressions`, as JSON; an empty one, or none,
            selects everything.
        labels: Key -> value.
    """
    return tuple(one for one in _requirements(selector or {}) if not one.is_met(labels))


def _requirements(selector: Mapping[str, Any]) -> Iterator[Requirement]:
    plain = cast("Mapping[str, str]", selector.get("matchLabels") or {})
    for key, value in plain.items():
        yield Requirement(key, "In", (value,))
    several = cast(
        "Sequence[Mapping[str, Any]]", selector.get("matchExpressions") or ()
    )
    for one in several:
        values = tuple(cast("Sequence[str]", one.get("values") or ()))
        yield Requirement(one["key"], one["operator"], values)
