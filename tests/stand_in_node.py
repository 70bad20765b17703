"""Say that pods run, where there is no node to run them.

A Deployment is rolled out when the controllers find its pods ready. No container is
started: a pod gets the status that a kubelet would report.
"""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from sandbox.control_plane import ControlPlane

__all__ = ["running_pods"]

_SECONDS_BETWEEN_LOOKS: Final = 0.2
_RUNNING: Final = {
    "phase": "Running",
    "conditions": [
        {"type": "Ready", "status": "True"},
        {"type": "ContainersReady", "status": "True"},
    ],
}


@contextmanager
def running_pods(plane: ControlPlane, *, namespace: str) -> Generator[None]:
    """Report the pods of a namespace as running, for as long as the context lasts."""
    ended = threading.Event()
    pods = f"/api/v1/namespaces/{namespace}/pods"

    def report() -> None:
        while not ended.wait(_SECONDS_BETWEEN_LOOKS):
            for pod in plane.request(method="GET", path=pods).document["items"]:
                if pod["status"].get("phase") == "Pending":
                    plane.request(
                        method="PATCH",
                        path=f"{pods}/{pod['metadata']['name']}/status",
                        body={"status": _RUNNING},
                        content_type="application/merge-patch+json",
                    )

    thread = threading.Thread(target=report, name="stand-in node", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
