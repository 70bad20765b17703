"""Write the ClusterConfig that a cluster and its AWS account would have had."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from eks_irsa.adoption.account_notes import draft_notes
from eks_irsa.adoption.adopting import adoption_of, cluster_of
from eks_irsa.adoption.block_yaml import block_yaml
from eks_irsa.adoption.draft_policies import policies_of
from eks_irsa.adoption.model import EntryAdoption
from eks_irsa.adoption.trust import subjects_of
from eks_irsa.cluster_config.reading import ClusterConfigFile, parse_cluster_config
from eks_irsa.documents.add_ons import ADD_ONS
from eks_irsa.documents.arns import is_role_arn
from eks_irsa.documents.patterns import has_wildcard, matches
from eks_irsa.documents.webhook import ROLE_ARN_ANNOTATION
from eks_irsa.errors import InvalidInputError
from eks_irsa.live.account import LiveAccount
from eks_irsa.live.model import LiveRole, LiveServiceAccount, known
from eks_irsa.live.stacks import tagged_entry
from eks_irsa.settings.reading import default_settings

__all__ = ["Draft", "drafted"]

_PREFIX: Final = "system:serviceaccount:"
_MANAGED_BY: Final = "app.kubernetes.io/managed-by"
_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
# EKS annotates the service accounts of its add-ons.
_OF_ADD_ONS: Final = frozenset(
    f"{one.namespace}/{one.service_account}" for one in ADD_ONS.values()
)


@dataclass(kw_only=True, slots=True)
class _Entry:
    """An entry to be written, and what is said above it."""

    role: LiveRole | None
    fields: dict[str, Any]
    comments: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A ClusterConfig that was written.

    Attributes:
        text: YAML, sorted by namespace and name, with comments.
        warnings: What the file cannot say, which its comments say too.
    """

    text: str
    warnings: tuple[str, ...]


def drafted(account: LiveAccount) -> Draft:
    """Write a ClusterConfig with an entry for each service account that has a role.

    Args:
        account: What there is, its roles read.

    Returns:
        The file. Adopting with it takes every role that it makes an entry of as it
        is; a role that it cannot say is used by `attachRoleARN`, with the reason.
    """
    return _Drafter(account).draft()


class _Drafter:
    """Gathers entries, and tries them."""

    def __init__(self, account: LiveAccount) -> None:
        self._account = account
        self._live: Mapping[str, LiveServiceAccount] = (
            known(account.service_accounts) or {}
        )
        self._roles: Mapping[str, LiveRole] = known(account.roles) or {}
        self._said = [*draft_notes(account)]
        self._entries: dict[str, _Entry] = {}

    def draft(self) -> Draft:
        arn = self._account.provider_arn
        for name in sorted(self._roles):
            role = self._roles[name]
            if arn and arn in role.trust_policy:
                for subject in sorted(subjects_of(role.trust_policy, provider_arn=arn)):
                    self._subject(role, subject)
        self._annotated()
        self._hold_to_the_rules()
        self._hold_to_what_there_is()
        warnings = [
            f"{key}: {one}"
            for key in sorted(self._entries)
            for one in self._entries[key].comments
        ]
        return Draft(text=self._text(), warnings=(*self._said, *warnings))

    def _subject(self, role: LiveRole, subject: str) -> None:
        """Make an entry of a subject that a role trusts, or say why there is none."""
        namespace, _, name = subject.removeprefix(_PREFIX).partition(":")
        if not subject.startswith(_PREFIX) or has_wildcard(namespace):
            self._said.append(
                f"the role {role.name} trusts {subject!r}, for which an entry has no "
                "words"
            )
        elif has_wildcard(name):
            self._pattern(role, namespace, name)
        else:
            self._add(role, f"{namespace}/{name}")

    def _pattern(self, role: LiveRole, namespace: str, pattern: str) -> None:
        """Find the service account of an entry whose role trusts a pattern.

        eksctl makes one for each entry, which the pattern need not match.
        """
        tagged = tagged_entry(role.tags)
        found = [one.key for one in self._of_role(role) if one.namespace == namespace]
        found += [tagged] if tagged.startswith(f"{namespace}/") else []
        if found:
            key = min(
                found,
                key=lambda one: (
                    one != tagged,
                    not matches(pattern, one.partition("/")[2]),
                    one,
                ),
            )
            self._add(role, key, subjectPattern=pattern)
        else:
            self._said.append(
                f"the role {role.name} trusts '{namespace}:{pattern}', and no service "
                "account there that carries it was seen; write an entry with "
                "subjectPattern"
            )

    def _add(self, role: LiveRole, key: str, **more: str) -> None:
        live = self._live.get(key)
        annotated = live.annotations.get(ROLE_ARN_ANNOTATION) if live else None
        before = self._entries.get(key)
        if before and before.role:
            keeps = annotated == before.role.arn
            other = role if keeps else before.role
            comment = f"the role {other.name} trusts it too, and no entry has two"
            if keeps or annotated != role.arn:
                before.comments.append(comment)
                return
            self._entries[key] = _Entry(
                role=role, fields=self._fields(role, key), comments=[comment]
            )
        else:
            self._entries[key] = _Entry(role=role, fields=self._fields(role, key))
        self._entries[key].fields |= more
        self._entries[key].comments += policies_of(role, self._partition)[1]

    @property
    def _partition(self) -> str:
        return cluster_of(self._account).partition

    def _fields(self, role: LiveRole, key: str) -> dict[str, Any]:
        fields = {**self._metadata(key), **policies_of(role, self._partition)[0]}
        if role.permissions_boundary:
            fields["permissionsBoundary"] = role.permissions_boundary
        return fields

    def _metadata(self, key: str) -> dict[str, Any]:
        """Say of a service account what a file says; what is somebody else's is not."""
        namespace, _, name = key.partition("/")
        metadata: dict[str, Any] = {"name": name, "namespace": namespace}
        live = self._live.get(key)
        if live and live.labels.get(_MANAGED_BY) == "eksctl":
            labels = _less(live.labels, _MANAGED_BY)
            annotations = _less(live.annotations, ROLE_ARN_ANNOTATION, _APPLIED)
            metadata |= {"labels": labels} if labels else {}
            metadata |= {"annotations": annotations} if annotations else {}
        alone = live is None or key in _OF_ADD_ONS
        return {"metadata": metadata, **({"roleOnly": True} if alone else {})}

    def _of_role(self, role: LiveRole) -> list[LiveServiceAccount]:
        return [
            one
            for _, one in sorted(self._live.items())
            if one.annotations.get(ROLE_ARN_ANNOTATION) == role.arn
        ]

    def _annotated(self) -> None:
        """Add the service accounts whose role no trust policy told."""
        for key, one in sorted(self._live.items()):
            arn = one.annotations.get(ROLE_ARN_ANNOTATION)
            if arn and key not in self._entries:
                self._entries[key] = _Entry(role=None, fields={})
                self._use(key, arn, "of its role nothing is known but the annotation")

    def _use(self, key: str, arn: str, reason: str) -> None:
        """Use a role as it is, or say why there is no entry."""
        entry = self._entries[key]
        if key not in self._live:
            self._said.append(
                f"{key} is left out, for it has no service account: {reason}"
            )
            del self._entries[key]
            return
        annotated = self._live[key].annotations.get(ROLE_ARN_ANNOTATION, "")
        arn = annotated if is_role_arn(annotated) else arn
        entry.comments = [f"{reason}; the role is used as it is"]
        entry.fields = {**self._metadata(key), "attachRoleARN": arn}
        entry.fields.pop("roleOnly", None)

    def _hold_to_the_rules(self) -> None:
        """Give up what a ClusterConfig may not say."""
        for key in sorted(self._entries):
            entry = self._entries[key]
            try:
                _parsed(_document(self._account, [entry.fields]))
            except InvalidInputError as error:
                reason = _in_words(error)
                if entry.role is None:
                    self._said.append(f"{key} is left out: {reason}")
                    del self._entries[key]
                else:
                    self._use(key, entry.role.arn, reason)

    def _hold_to_what_there_is(self) -> None:
        """Give up what would change something."""
        for found in self._adopted():
            entry = self._entries[found.key]
            if entry.role is None or found.verdict in {"asItIs", "existing", "ours"}:
                continue
            changes = [
                f"{one.field} would change"
                for one in found.changes
                if one.field != f"annotation {_APPLIED}"
            ]
            if found.verdict == "changes" and not changes:
                continue
            causes = [one.partition("; ")[0] for one in found.reasons]
            reason = "; ".join([*causes, *changes]) or "its role was not found"
            self._use(found.key, entry.role.arn, reason)

    def _adopted(self) -> tuple[EntryAdoption, ...]:
        if not self._entries:
            return ()
        text = _document(self._account, [one.fields for one in self._entries.values()])
        found = adoption_of(
            _parsed(text), settings=default_settings(), account=self._account
        )
        return found.entries

    def _text(self) -> str:
        head = [_comment(one) for one in self._said]
        body = _document(self._account, [])
        if not self._entries:
            return "".join(head) + body
        lines = body.replace("  serviceAccounts: []\n", "  serviceAccounts:\n")
        return "".join([*head, lines, *self._blocks()])

    def _blocks(self) -> Iterator[str]:
        for key in sorted(self._entries, key=lambda one: tuple(one.split("/"))):
            entry = self._entries[key]
            text = "".join(map(_comment, entry.comments)) + block_yaml([entry.fields])
            yield "".join(f"  {line}" for line in text.splitlines(keepends=True))


def _in_words(error: InvalidInputError) -> str:
    if {one.code for one in error.problems} == {"E-SA-NO-POLICY"}:
        return "the role has no policy, and an entry has one at least"
    return "; ".join(one.message for one in error.problems)


def _less(texts: Mapping[str, str], *keys: str) -> dict[str, str]:
    return {key: text for key, text in sorted(texts.items()) if key not in keys}


def _document(account: LiveAccount, entries: list[dict[str, Any]]) -> str:
    cluster = cluster_of(account)
    return block_yaml(
        {
            "apiVersion": "eksctl.io/v1alpha5",
            "kind": "ClusterConfig",
            "metadata": {"name": cluster.name, "region": cluster.region},
            "iam": {"withOIDC": True, "serviceAccounts": entries},
        }
    )


def _parsed(text: str) -> ClusterConfigFile:
    return parse_cluster_config(text.encode(), source="the ClusterConfig")


def _comment(text: str) -> str:
    return f"# {' '.join(text.split())}\n"
