"""The rules of the house, asked of each entry; and where file or settings break one."""

from collections.abc import Iterable, Iterator
from typing import Final

from eks_irsa.cluster_config.entries import Entry
from eks_irsa.errors import Problem
from eks_irsa.house_rules.checking import breaches, less
from eks_irsa.house_rules.facts import facts_of
from eks_irsa.house_rules.model import Breach
from eks_irsa.identity.model import Identity
from eks_irsa.plan.entry_settings import place_in_settings
from eks_irsa.settings.reading import StackSettings
from eks_irsa.source.findings import Finding, Path, dotted

__all__ = ["House"]

_SETTING: Final[Path] = ("rules",)
# What the settings, or nobody, may say instead of the file.
_MAY_LACK: Final = frozenset(
    {"permissions_boundary", "role_name", "role_path", "subject_pattern", "tags"}
)


class House:
    """The rules of a stack."""

    def __init__(
        self, stack_settings: StackSettings, *, errors: Iterable[Problem]
    ) -> None:
        """Take the rules from the settings of a stack.

        Args:
            stack_settings: The settings.
            errors: What is wrong in the file by itself; no rule is asked there.
        """
        self._wrong = [*dict.fromkeys(problem.path for problem in errors)]
        self._stack_settings = stack_settings
        self._settings = stack_settings.settings
        self._rules = self._settings.rules.rules()

    def findings(
        self, decided: Identity, *, entry: Entry
    ) -> Iterator[tuple[Finding, bool]]:
        """Name every rule that an entry breaks.

        Args:
            decided: What follows from the entry.
            entry: The entry.

        Yields:
            What is wrong, and whether it stands in the settings: there it is worded
            without the entry, so that it is one finding for all.
        """
        facts = facts_of(decided)
        excepted = self._settings.rules.excepted(facts.service_accounts)
        for breach in breaches(less(self._rules, excepted), facts):
            where = self._stack_settings.where((*_SETTING, *breach.rule))
            message = breach.message(where=where)
            setting = self._setting(breach, entry)
            if setting:
                yield Finding(setting, breach.code, message), True
                continue
            steps = _steps(breach, entry)
            if not steps or not self._is_wrong((*entry.path, *steps)):
                yield Finding((*entry.path, *steps), breach.code, message), False

    def _is_wrong(self, path: Path) -> bool:
        """Tell whether an error is told of a place already, or of a part of it."""
        place = dotted(path)
        return any(
            one == place
            or one.startswith((f"{place}.", f"{place}["))
            or (one and place.startswith((f"{one}.", f"{one}[")))
            for one in self._wrong
        )

    def _setting(self, breach: Breach, entry: Entry) -> Path | None:
        """Find the setting that breaks a rule; None where the file does."""
        if not breach.path:
            return None
        field = str(breach.path[0])
        if field == "audience":
            # Where nothing sets it, the rule itself is the one that can be changed.
            given = field in self._settings.model_fields_set
            return (field,) if given else (*_SETTING, *breach.rule)
        return place_in_settings(
            self._settings,
            key=entry.key,
            path=breach.path,
            in_file=_gives(entry, breach.path),
        )


def _gives(entry: Entry, path: Path) -> bool:
    """Tell whether the entry itself gives what a path of `identity` names."""
    match path:
        case ("tags", key):
            return key in entry.fields.get("tags", ())
        case (field,) if field in _MAY_LACK:
            # The file has no word for the path of a role.
            return bool(entry.fields.get(str(field)))
        case _:
            return True


def _steps(breach: Breach, entry: Entry) -> Path:
    """Point at what the entry says; at the entry where it says nothing of it."""
    return entry.place(breach.path) if _gives(entry, breach.path) else ()
