"""Run a kubeconfig's credential program, such as `aws eks get-token`.

Source:
    kubernetes/client-go, plugin/pkg/client/auth/exec/exec.go
"""

import json
import os
import shutil
import subprocess
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast

from sandbox.plugins.kubernetes.kubeconfig import ExecPlugin

__all__ = ["Credentials", "ExecCredentials", "ExecError"]

_SECONDS: Final = 120.0


class ExecError(Exception):
    """The program did not give credentials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the program gave.

    Attributes:
        token: Bearer token; may be empty.
        certificate: Client certificate, PEM; may be empty.
        key: Its key, PEM; may be empty.
        expires: When they end; None for not before this process.
    """

    token: str
    certificate: str
    key: str
    expires: datetime | None


class ExecCredentials:
    """Credentials of one program, kept until they expire or are refused."""

    def __init__(self, plugin: ExecPlugin) -> None:
        """Remember the program; it is run when credentials are first needed."""
        self._plugin = plugin
        self._held: Credentials | None = None
        self._lock = threading.Lock()

    def get(self, *, refused: Credentials | None = None) -> Credentials:
        """Give credentials.

        Args:
            refused: Credentials the API server has just refused, so that new ones are
                asked for, once for all requests that met the refusal.

        Raises:
            ExecError: The program is missing, failed, or gave something else.
        """
        with self._lock:
            held = self._held
            if held is None or held is refused or _has_expired(held):
                held = self._held = _run(self._plugin)
            return held


def _has_expired(credentials: Credentials) -> bool:
    expires = credentials.expires
    return expires is not None and datetime.now(tz=UTC) >= expires


def _run(plugin: ExecPlugin) -> Credentials:
    program = shutil.which(plugin.command)
    if program is None:
        message = (
            f"getting credentials: exec: executable {plugin.command} not found\n\n"
            "It looks like you are trying to use a client-go credential plugin that is "
            f"not installed.\n\n{plugin.install_hint}"
        )
        raise ExecError(message.rstrip())
    request = {
        "apiVersion": plugin.api_version,
        "kind": "ExecCredential",
        "spec": {"interactive": False},
    }
    environment = {
        **os.environ,
        **plugin.environment,
        "KUBERNETES_EXEC_INFO": json.dumps(request),
    }
    try:
        done = subprocess.run(  # noqa: S603 (the kubeconfig names the program, as for every client)
            [program, *plugin.arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"getting credentials: exec: {error}"
        raise ExecError(message) from error
    if done.returncode:
        message = (
            f"getting credentials: exec: executable {plugin.command} failed with exit "
            f"code {done.returncode}: {done.stderr.strip()}"
        )
        raise ExecError(message)
    return _read(plugin, done.stdout)


def _read(plugin: ExecPlugin, output: str) -> Credentials:
    try:
        parsed: object = json.loads(output)
    except ValueError as error:
        message = f"getting credentials: decoding stdout: {error}"
        raise ExecError(message) from error
    answer = cast("dict[str, Any]", parsed) if isinstance(parsed, dict) else {}
    if answer.get("apiVersion") != plugin.api_version:
        message = (
            "getting credentials: exec plugin is configured to use API version "
            f"{plugin.api_version}, plugin returned version {answer.get('apiVersion')}"
        )
        raise ExecError(message)
    status: dict[str, Any] = answer.get("status") or {}
    credentials = Credentials(
        token=str(status.get("token") or ""),
        certificate=str(status.get("clientCertificateData") or ""),
        key=str(status.get("clientKeyData") or ""),
        expires=_moment(status.get("expirationTimestamp")),
    )
    if not status:
        message = "getting credentials: exec plugin didn't return a status field"
        raise ExecError(message)
    if not credentials.token and not credentials.certificate:
        message = (
            "getting credentials: exec plugin didn't return a token or cert/key pair"
        )
        raise ExecError(message)
    return credentials


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) and text else None
