"""The rules a policy pack asks, from a file or from its configuration in Pulumi."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from eks_irsa.house_rules.checking import breaches, less
from eks_irsa.house_rules.model import RULES, HouseRules, RoleFacts
from eks_irsa.settings.reading import Origin, StackSettings, checked_settings

__all__ = ["RuleBook"]

_SETTING: Final = "rules"
_SOURCE: Final = "configuration of the policy pack"


class RuleBook:
    """Rules, and where they stand."""

    def __init__(self, stack_settings: StackSettings) -> None:
        """Take the rules from settings."""
        self._stack_settings = stack_settings
        self._settings = stack_settings.settings.rules

    def configured(self, config: Mapping[str, Any] | None) -> "RuleBook":
        """Give the rules of a policy's own configuration, or these if it has none.

        Args:
            config: Rule -> value, as in the setting `rules`.

        Raises:
            SettingsError: Something in them is wrong; holds every problem.
        """
        return _of_config(json.dumps(config, sort_keys=True)) if config else self

    def asks(self, *rules: str) -> bool:
        """Tell whether one of some rules, in the spelling of the settings, is set."""
        asked, none = self._settings.rules(), HouseRules()
        return any(
            getattr(asked, field) != getattr(none, field)
            for field, name in RULES.items()
            if name in rules
        )

    @property
    def has_exceptions(self) -> bool:
        """Tell whether some rule does not count for some service account."""
        return bool(self._settings.exceptions)

    def messages(
        self, facts: RoleFacts, *, rules: frozenset[str], whose: bool = True
    ) -> list[str]:
        """Say which rules a role breaks.

        Args:
            facts: What is known of the role.
            rules: Those to ask, in the spelling of the settings.
            whose: It is known which service accounts the role is for. If not, no rule
                is asked that any is excepted from. Default: true.

        Returns:
            A message for each breach, with its code.
        """
        excepted = self._settings.excepted(facts.service_accounts)
        if not whose:
            every = self._settings.exceptions.values()
            excepted = frozenset(rule for rules in every for rule in rules)
        asked = less(
            self._settings.rules(), {*excepted, *(set(RULES.values()) - rules)}
        )
        return [
            f"{one.message(where=self._where(one.rule))} [{one.code}]"
            for one in breaches(asked, facts)
        ]

    def _where(self, rule: tuple[str | int, ...]) -> str:
        return self._stack_settings.where((_SETTING, *rule))


@cache
def _of_config(text: str) -> RuleBook:
    values = {_SETTING: json.loads(text)}
    return RuleBook(checked_settings(Origin(source=_SOURCE, values=values)))
