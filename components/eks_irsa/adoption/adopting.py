"""Hold an AWS account against a ClusterConfig: what a stack would take in, and how."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from eks_irsa.adoption.account_notes import (
    account_notes,
    eksctl_stacks,
    with_label_note,
)
from eks_irsa.adoption.deciding import Held, entry_adoption, service_account_setting
from eks_irsa.adoption.matching import Match, Matcher
from eks_irsa.adoption.model import Adoption, EntryAdoption
from eks_irsa.adoption.suggestions import suggested, together
from eks_irsa.cluster_config.entries import entries_of
from eks_irsa.cluster_config.reading import ClusterConfigFile
from eks_irsa.documents import arns
from eks_irsa.documents.globs import matches_any
from eks_irsa.errors import InvalidInputError, Problem
from eks_irsa.identity.model import Identity
from eks_irsa.live.account import LiveAccount
from eks_irsa.live.model import LiveRole, LiveStack, Read, Unread, known
from eks_irsa.live.stacks import service_account_stacks
from eks_irsa.plan.model import Cluster, Plan, Trusted
from eks_irsa.plan.planning import plan
from eks_irsa.plan.provider_ownership import STACK_TAG
from eks_irsa.settings.reading import Origin, StackSettings, checked_settings
from eks_irsa.source.findings import dotted

__all__ = ["adoption_of", "cluster_of"]

_SOURCE: Final = "the suggested settings"


def adoption_of(
    file: ClusterConfigFile,
    *,
    settings: StackSettings,
    account: LiveAccount,
    stack: str | None = None,
    issuers: Mapping[Trusted, Read[str]] | None = None,
) -> Adoption:
    """Decide what a stack would take in of what exists.

    Args:
        file: The checked ClusterConfig.
        settings: The stack's checked settings.
        account: What exists, its roles read.
        stack: `<project>/<stack>`, whose roles are its own. Default: not known.
        issuers: URL of the issuer of each further cluster that the settings name, or
            why it is not known. Default: they name none.

    Returns:
        What becomes of each entry, and the settings for it.

    Raises:
        InvalidInputError: File and settings have errors without any of this; holds
            every problem.
    """
    adopter = _Adopter(
        file, settings=settings, account=account, stack=stack, issuers=issuers or {}
    )
    return adopter.adoption()


def cluster_of(account: LiveAccount) -> Cluster:
    """Give the facts of a cluster that a plan needs.

    Args:
        account: Whose cluster has an OIDC issuer.
    """
    place = arns.parse_cluster_arn(account.cluster.arn)
    return Cluster(
        name=place.name,
        region=place.region,
        partition=place.partition,
        account_id=place.account_id,
        issuer_url=account.cluster.issuer_url or "",
    )


def _places(file: ClusterConfigFile) -> Iterator[tuple[str, str]]:
    """Give places as problems write them, each with the entry that it is of."""
    overrides = Origin().name_of("overrides")
    for entry in entries_of(file.config):
        yield f"{dotted(entry.path)}.", entry.key
        yield f"{dotted((overrides, entry.key))}.", entry.key


class _Adopter:
    """Plans a file without suggestions, makes them, and plans it with them."""

    def __init__(
        self,
        file: ClusterConfigFile,
        *,
        settings: StackSettings,
        account: LiveAccount,
        stack: str | None,
        issuers: Mapping[Trusted, Read[str]],
    ) -> None:
        self._issuers = issuers
        self._file, self._account, self._stack = file, account, stack
        self._settings = settings
        self._cluster = cluster_of(account)
        self._stacks = service_account_stacks(
            known(account.stacks) or (), cluster=self._cluster.name
        )
        self._values: dict[str, Any] = {}
        for origin in reversed(settings.origins):
            self._values |= origin.values
        self._values.pop("adopt", None)
        self._places = dict(_places(file))

    def adoption(self) -> Adoption:
        first = self._plan({})
        matches = self._matches(first)
        suggestions = {
            entry.key: dict(self._suggested(entry, matches[entry.key]))
            for entry in first.service_accounts
        }
        faults = self._faults(suggestions)
        for key, fault in faults.items():
            matches[key] = Match(role=matches[key].role, fault=fault)
            del suggestions[key]
        second = self._plan(self._with(suggestions))
        held = [
            Held(
                entry=entry,
                match=matches[entry.key],
                account=self._account,
                stack=self._stack_of(entry.key, matches[entry.key].role),
                owner=self._stack,
            )
            for entry in second.service_accounts
        ]
        entries = tuple(with_label_note(one, entry_adoption(one)) for one in held)
        return Adoption(
            entries=entries,
            settings=self._final(held, entries, suggestions),
            notes=tuple(account_notes(self._account, held, entries)),
            warnings=first.warnings,
            unread=self._account.unread,
            tagged_stacks=eksctl_stacks(held, entries),
        )

    def _plan(self, more: Mapping[str, Any]) -> Plan:
        values = {**self._values, **more}
        origin = Origin(source=_SOURCE, values=values)
        # Places in a file are those of the settings as they are.
        as_it_is = not more and all(
            "adopt" not in it.values for it in self._settings.origins
        )
        return plan(
            self._file,
            stack_settings=self._settings if as_it_is else checked_settings(origin),
            cluster=self._cluster,
            # Which organization it is, is not told by files.
            stack=self._stack and f"<organization>/{self._stack}",
            issuers={
                one: url
                for one, url in self._issuers.items()
                if not isinstance(url, Unread)
            },
        )

    def _matches(self, first: Plan) -> dict[str, Match]:
        matcher = Matcher(
            self._account,
            stacks=self._stacks,
            owner=self._stack,
            unknown={
                first.trusted[one]: f"{one} is not known: {url.reason}"
                for one, url in self._issuers.items()
                if isinstance(url, Unread) and one in first.trusted
            },
        )
        found = {entry.key: matcher.match(entry) for entry in first.service_accounts}
        users = Counter(one.role.name for one in found.values() if one.role)
        for key, one in found.items():
            if one.role and users[one.role.name] > 1:
                others = sorted(
                    other
                    for other, it in found.items()
                    if it.role == one.role and other != key
                )
                message = (
                    f"{one.role.name!r} is the role of {', '.join(others)} too, and a "
                    "role is one entry's; to use the role as it is, replace the "
                    f"policies of all of them by attachRoleARN: {one.role.arn}; or "
                    "name them in exclude"
                )
                found[key] = Match(role=one.role, fault=message)
        return found

    def _stack_of(self, key: str, role: LiveRole | None) -> LiveStack | None:
        """Tell which stack of eksctl's made an entry's role, or another for it."""
        stacks = self._stacks.get(key, [])
        of_role = (it for it in stacks if role and role.arn in it.outputs.values())
        return next(of_role, stacks[0] if stacks else None)

    def _suggested(self, entry: Identity, match: Match) -> Iterator[tuple[str, Any]]:
        """Give the settings for one entry: of its role, and of its service account."""
        of_a_stack = match.role and STACK_TAG in match.role.tags
        if match.fault or of_a_stack:
            return
        if found := suggested(entry, match.role, self._account):
            yield "overrides", found
        step = service_account_setting(entry, self._account)
        if step == "patched":
            yield "patchExisting", entry.key

    def _with(self, suggestions: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """Lay what the stack sets over what is suggested, entry by entry."""
        written = cast("dict[str, Any]", self._values.get("overrides") or {})
        overrides = dict(written)
        for key, one in suggestions.items():
            if "overrides" in one:
                overrides[key] = together(one["overrides"], written.get(key) or {})
        patched = [*cast("list[str]", self._values.get("patchExisting") or [])]
        more = (one.get("patchExisting") for one in suggestions.values())
        lacking = [key for key in more if key and not matches_any(patched, key)]
        given = {"overrides": overrides, "patchExisting": [*patched, *lacking]}
        return {key: value for key, value in given.items() if value}

    def _faults(self, suggestions: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
        """Tell which suggestions file and settings do not allow, and why."""
        left, faults = dict(suggestions), dict[str, str]()
        while left and (errors := self._errors(left)):
            found: dict[str, list[str]] = {}
            for problem in errors:
                if (key := self._key_of(problem)) in left:
                    found.setdefault(key, []).append(problem.message)
            if not found:  # no place tells whose they are
                found = {key: [one.message for one in errors] for key in left}
            faults |= {key: "; ".join(texts) for key, texts in found.items()}
            left = {key: one for key, one in left.items() if key not in found}
        return faults

    def _errors(self, suggestions: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
        try:
            self._plan(self._with(suggestions))
        except InvalidInputError as error:
            return [one for one in error.problems if one.severity == "error"]
        return []

    def _key_of(self, problem: Problem) -> str:
        """Tell which entry a problem of file or suggestions is about."""
        place = f"{problem.path}."
        return next(
            (key for at, key in self._places.items() if place.startswith(at)), ""
        )

    def _final(
        self,
        held: list[Held],
        entries: tuple[EntryAdoption, ...],
        suggestions: Mapping[str, Mapping[str, Any]],
    ) -> dict[str, Any]:
        """Gather the settings of the entries that can be taken in."""
        taken = {one.key for one in entries if one.verdict != "cannot"}
        lines = {
            one.entry.key: one.adopted(adoption)
            for one, adoption in zip(held, entries, strict=True)
        }
        adopt = {key: value for key, value in lines.items() if value}
        kept = {key: one for key, one in suggestions.items() if key in taken}
        return {**({"adopt": adopt} if adopt else {}), **self._with(kept)}
