"""The volume of a pod that a token is in, and who may read it."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, Final, NamedTuple

from eks_irsa.doctor.pods import Json, containers_of, inner

__all__ = ["MountedToken", "may_read", "mounted_token"]

_READ_BY_OTHERS: Final = 0o004
_DEFAULT_MODE: Final = 0o644
_ROOT: Final = 0


class MountedToken(NamedTuple):
    """A token of the service account where a container looks for it.

    Attributes:
        audience: Whom it is for; empty for the API server.
        mode: Of its file, unless the kubelet knows better.
        volume: Name of the volume.
    """

    audience: str
    mode: int
    volume: str


def mounted_token(pod: Json, container: Json, path: str) -> MountedToken | None:
    """Find the token behind a path of a container.

    Args:
        pod: As the API server has it.
        container: One of its containers.
        path: Value of the variable that names the file; one of Windows too.

    Returns:
        None if no token is mounted there.
    """
    plain = path.removeprefix("C:").replace("\\", "/")
    volumes = {one["name"]: one for one in pod["spec"].get("volumes") or ()}
    for mount in container.get("volumeMounts") or ():
        volume = volumes.get(mount["name"], {}).get("projected")
        place = PurePosixPath(mount["mountPath"])
        if not volume or not PurePosixPath(plain).is_relative_to(place):
            continue
        inside = mount.get("subPath", "") / PurePosixPath(plain).relative_to(place)
        for source in _token_sources(volume):
            if PurePosixPath(source["path"]) == inside:
                mode = volume.get("defaultMode", _DEFAULT_MODE)
                return MountedToken(source.get("audience", ""), mode, mount["name"])
    return None


def _token_sources(volume: Json) -> Iterator[Json]:
    for source in volume.get("sources") or ():
        if found := source.get("serviceAccountToken"):
            yield found


def may_read(pod: Json, container: Json, token: MountedToken) -> bool:
    """Tell whether the user of a container may read the token's file.

    With `fsGroup` the file belongs to that group, which every container has; where all
    containers say the same `runAsUser` it belongs to that user; else it has the mode of
    the volume, which is readable by all unless the pod says otherwise.

    Args:
        pod: As the API server has it.
        container: One of its containers.
        token: What is mounted there.

    Returns:
        False only where the user is surely another than root.

    Source:
        https://github.com/kubernetes/enhancements/tree/master/keps/sig-auth/1205-bound-service-account-tokens
        (File Permission; Kubernetes 1.19 and later)
    """
    if "fsGroup" in inner(pod["spec"], "securityContext"):
        return True
    users = {_user(pod, one) for one in containers_of(pod)}
    if len(users) == 1 and None not in users:
        return True
    user = _user(pod, container)
    not_root = user not in {None, _ROOT} or _setting(pod, container, "runAsNonRoot")
    return bool(token.mode & _READ_BY_OTHERS) or not not_root


def _user(pod: Json, container: Json) -> int | None:
    found: int | None = _setting(pod, container, "runAsUser")
    return found


def _setting(pod: Json, container: Json, key: str) -> Any:  # noqa: ANN401 - JSON
    whole = inner(pod["spec"], "securityContext")
    return inner(container, "securityContext").get(key, whole.get(key))
