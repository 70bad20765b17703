"""What an SDK in the containers takes before it takes the role.

Sources:
    https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html: keys,
    a web identity, a profile, the container's credentials, in this order; and
    aws/aws-sdk-go-v2, config/resolve_credentials.go: a profile that is named is first
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from eks_irsa.doctor.model import Facts, Finding
from eks_irsa.doctor.notes import SKIPPED, Notes, finding
from eks_irsa.doctor.pods import (
    Json,
    account_name,
    containers_of,
    inner,
    pods_of,
    variables_of,
)
from eks_irsa.doctor.route import URI_VARIABLE, asked_way
from eks_irsa.doctor.workloads import named, unset_variables

__all__ = ["sdk_notes"]

_KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_PROFILE: Final = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CONFIG_FILE",
)
_WEB_IDENTITY: Final = ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN")
_REGION: Final = ("AWS_REGION", "AWS_DEFAULT_REGION")
_REGIONAL: Final = "AWS_STS_REGIONAL_ENDPOINTS"


class _Case(NamedTuple):
    """Variables of one container that get in the way.

    Attributes:
        code: Of the finding.
        names: Of the variables.
        container: Name of the container.
        pod: Its pod.
    """

    code: str
    names: tuple[str, ...]
    container: str
    pod: Json


_WORDS: Final = {
    "D-SDK-KEYS": (
        "set, and SDKs take access keys before any role; what else reads them, such "
        "as a client of MinIO, has to get them under other names first"
    ),
    "D-SDK-PROFILE": (
        "set, and some SDKs take a profile before the role; what else reads it has to "
        "get it under another name first"
    ),
    "D-SDK-WEB-IDENTITY": (
        "set, and SDKs take a web identity before EKS Pod Identity's credentials"
    ),
    "D-SDK-REGIONAL": (
        "'legacy', so that older SDKs call the global STS in us-east-1, whose "
        "tokens are not taken in regions that have to be enabled"
    ),
    "D-SDK-REGION": (
        "not set, which SDKs need to find STS and every other service; EKS's "
        "webhook writes it, so the pod may be older"
    ),
}


def sdk_notes(facts: Facts) -> Notes:
    """Look at the variables of the containers.

    Args:
        facts: What was read.
    """
    pods = [pod for pod in pods_of(facts) if account_name(pod) == facts.name]
    if not pods or asked_way(facts) == "none":
        yield SKIPPED
        return
    by_kind: dict[tuple[str, tuple[str, ...], str], list[Json]] = {}
    for pod in pods:
        for container in containers_of(pod):
            for case in _cases(facts, pod, container):
                kind = (case.code, case.names, case.container)
                by_kind.setdefault(kind, []).append(pod)
    for (code, names, name), several in by_kind.items():
        yield _said(code, names, name, several)
    yield from _elsewhere(pods)
    yield finding(
        "D-SDK-UNSEEN",
        "not looked at: what the program in the containers does; its SDK may be too "
        "old for a role, or be given credentials by the code",
    )


def _said(
    code: str, names: tuple[str, ...], container: str, pods: list[Json]
) -> Finding:
    what = " or ".join(names) if code == "D-SDK-REGION" else ", ".join(names)
    takes_away = code != "D-SDK-REGION"
    verb = "are" if takes_away and len(names) > 1 else "is"
    return finding(
        code,
        f"{named(pods)}, container {container!r}: {what} {verb} {_WORDS[code]}",
        *(
            line
            for pod in pods
            for line in (unset_variables(pod, container, names) if takes_away else ())
        ),
    )


def _cases(facts: Facts, pod: Json, container: Json) -> Iterator[_Case]:
    variables = _set_variables(container)

    def there(code: str, names: tuple[str, ...]) -> Iterator[_Case]:
        if found := tuple(name for name in names if name in variables):
            yield _Case(code, found, container["name"], pod)

    if _KEYS[0] in variables:  # without the id SDKs take none
        yield from there("D-SDK-KEYS", _KEYS)
    yield from there("D-SDK-PROFILE", _PROFILE)
    if asked_way(facts) == "podIdentity" and URI_VARIABLE in variables:
        yield from there("D-SDK-WEB-IDENTITY", _WEB_IDENTITY)
    if variables.get(_REGIONAL) == "legacy":
        yield from there("D-SDK-REGIONAL", (_REGIONAL,))
    if not {*_REGION} & {*variables_of(container)}:
        yield _Case("D-SDK-REGION", _REGION, container["name"], pod)


def _set_variables(container: Json) -> Mapping[str, str | None]:
    """Leave out the empty ones, which SDKs take for unset, and those that may be."""
    unsure = {one["name"] for one in container.get("env") or () if _optional(one)}
    return {
        name: value
        for name, value in variables_of(container).items()
        if value != "" and name not in unsure
    }


def _optional(variable: Json) -> str:
    """Name what a variable comes from if that need not be there; else nothing."""
    for kind, key in inner(variable, "valueFrom").items():
        if key.get("optional"):
            return _source(kind.removesuffix("KeyRef"), key)
    return ""


def _source(kind: str, reference: Json) -> str:
    return f"{kind} {reference.get('name')!r}"


def _sources(container: Json) -> Iterator[str]:
    for source in container.get("envFrom") or ():
        for kind in ("secretRef", "configMapRef"):
            if kind in source:
                yield _source(kind.removesuffix("Ref"), inner(source, kind))
    for variable in container.get("env") or ():
        if variable["name"] in {*_KEYS, *_PROFILE} and (told := _optional(variable)):
            yield told


def _elsewhere(pods: list[Json]) -> Iterator[Finding]:
    """Name what else gives variables, whose values nobody looks at."""
    containers = [one for pod in pods for one in containers_of(pod)]
    sources = sorted({told for one in containers for told in _sources(one)})
    if sources:
        yield finding(
            "D-SDK-ENV-FROM",
            f"variables come from {', '.join(sources)}, which is not looked at: "
            f"{_KEYS[0]} and {_PROFILE[0]} in there would win over the role",
        )
