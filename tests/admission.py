"""Whether a cluster's tokens open a role: asked of STS with real tokens."""

from dataclasses import replace

from sandbox.control_plane import ControlPlane
from sandbox.proof import OWN_TOKEN, prove
from sandbox.session import Sandbox

__all__ = ["admitted"]


def admitted(
    sandbox: Sandbox,
    plane: ControlPlane,
    role_arn: str,
    *,
    namespace: str,
    service_account: str,
) -> bool:
    """Tell whether the token of a service account opens a role, and no wrong one does.

    Namespace and service account are made where no program has them, as anybody in that
    cluster could.

    Args:
        sandbox: Where the role is.
        plane: Whose tokens are tried.
        role_arn: The role.
        namespace: Namespace of the service account.
        service_account: Its name.
    """
    namespaces = "/api/v1/namespaces"
    accounts = f"{namespaces}/{namespace}/serviceaccounts"
    for path, name in ((namespaces, namespace), (accounts, service_account)):
        plane.request(method="POST", path=path, body={"metadata": {"name": name}})
    seen = replace(sandbox, control_plane=plane)
    own, *others = prove(
        seen, namespace=namespace, service_account=service_account, role_arn=role_arn
    )
    assert own.token == OWN_TOKEN
    assert not any(attempt.admitted for attempt in others)
    return own.admitted
