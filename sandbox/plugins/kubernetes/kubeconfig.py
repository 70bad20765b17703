"""Read a kubeconfig as client-go does.

Source:
    kubernetes/client-go, tools/clientcmd (`Load`, `ClientConfig`, `Namespace`);
    pulumi/pulumi-kubernetes, provider/pkg/provider/kubeconfig.go
"""

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml

__all__ = ["ExecPlugin", "KubeConfig", "KubeConfigError", "Target", "User"]


class KubeConfigError(Exception):
    """A kubeconfig that says nothing usable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecPlugin:
    """A program that gives credentials.

    Attributes:
        command: The program, looked for on PATH, or beside the kubeconfig if it has a
            path.
        arguments: Its arguments.
        environment: What is added to its environment.
        api_version: Version of `client.authentication.k8s.io` it speaks.
        install_hint: What to say when it is missing.
        wants_cluster: Whether it is told the cluster.
    """

    command: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    api_version: str
    install_hint: str
    wants_cluster: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Credentials, or the way to them; PEM texts where there are certificates."""

    token: str = ""
    token_file: str = ""
    certificate: str = ""
    key: str = ""
    username: str = ""
    password: str = ""
    exec_plugin: ExecPlugin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One API server and who to be there.

    Attributes:
        server: URL without a slash at the end.
        authority: CA certificate, PEM; empty for the machine's own.
        server_name: Name to expect in the certificate; empty for the URL's.
        insecure: Whether the certificate does not matter.
    """

    server: str
    authority: str = ""
    server_name: str = ""
    insecure: bool = False
    user: User = field(default_factory=User)


class KubeConfig:
    """A parsed kubeconfig and the folder its relative paths start from."""

    def __init__(self, *, document: Mapping[str, Any], folder: Path) -> None:
        """Keep a parsed document; see `parse` and `ambient`."""
        self._document = document
        self._folder = folder

    @classmethod
    def parse(cls, path_or_content: str) -> "KubeConfig":
        """Read the file of that path if there is one, else the text itself.

        Raises:
            KubeConfigError: It is no kubeconfig.
        """
        text, folder = path_or_content, Path.cwd()
        if "\n" not in path_or_content:
            path = Path(path_or_content).expanduser()
            try:
                if path.is_file():
                    text, folder = path.read_text(encoding="utf-8"), path.parent
            except OSError as error:
                raise KubeConfigError(str(error)) from error
        try:
            document: object = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise KubeConfigError(str(error)) from error
        if not isinstance(document, dict):
            message = (
                "couldn't get version/kind; json parse error: json: cannot unmarshal "
                "string into Go value of type struct"
            )
            raise KubeConfigError(message)
        return cls(document=cast("dict[str, Any]", document), folder=folder)

    @classmethod
    def ambient(cls) -> "KubeConfig":
        """Read the first file of `$KUBECONFIG`, else `~/.kube/config`.

        Raises:
            KubeConfigError: There is none.
        """
        listed = os.environ.get("KUBECONFIG", "").split(os.pathsep)
        named = [one for one in listed if one]
        path = Path(named[0]) if named else Path.home() / ".kube" / "config"
        if not path.is_file():
            message = (
                "invalid configuration: no configuration has been provided, try "
                "setting KUBERNETES_MASTER environment variable"
            )
            raise KubeConfigError(message)
        return cls.parse(str(path))

    def active_cluster(
        self, *, context: str = "", cluster: str = ""
    ) -> Mapping[str, Any] | None:
        """Give the cluster section a context points at; None if there is none."""
        chosen = self._context(context)
        if chosen is None:
            return None
        return self._named("clusters", "cluster", cluster or str(chosen.get("cluster")))

    def namespace(self, *, context: str = "") -> str:
        """Give the context's namespace, `default` if it says none."""
        chosen = self._context(context) or {}
        return str(chosen.get("namespace") or "default")

    def target(self, *, context: str = "", cluster: str = "") -> Target:
        """Give the API server and the credentials of a context.

        Args:
            context: Other context than the current one.
            cluster: Other cluster than the context's.

        Raises:
            KubeConfigError: Something it names is not there.
        """
        chosen = self._context(context)
        if chosen is None:
            named = context or str(self._document.get("current-context") or "")
            message = (
                f'context "{named}" does not exist'
                if named
                else "invalid configuration: no configuration has been provided"
            )
            raise KubeConfigError(message)
        found = self.active_cluster(context=context, cluster=cluster)
        if found is None or not found.get("server"):
            message = (
                f'cluster "{cluster or chosen.get("cluster")}" does not exist'
                if found is None
                else "invalid configuration: default cluster has no server defined"
            )
            raise KubeConfigError(message)
        if found.get("proxy-url"):
            message = "proxy-url is not covered by the sandbox's test double"
            raise KubeConfigError(message)
        user = self._named("users", "user", str(chosen.get("user")))
        return Target(
            server=str(found["server"]).rstrip("/"),
            authority=self._pem(found, "certificate-authority"),
            server_name=str(found.get("tls-server-name") or ""),
            insecure=bool(found.get("insecure-skip-tls-verify", False)),
            user=self._user(user or {}),
        )

    def _context(self, name: str) -> Mapping[str, Any] | None:
        current = name or str(self._document.get("current-context") or "")
        return self._named("contexts", "context", current)

    def _named(self, section: str, key: str, name: str) -> Mapping[str, Any] | None:
        entries: list[Mapping[str, Any]] = self._document.get(section) or []
        for entry in entries:
            if entry.get("name") == name:
                found: Mapping[str, Any] | None = entry.get(key)
                return found or {}
        return None

    def _user(self, found: Mapping[str, Any]) -> User:
        described: Mapping[str, Any] | None = found.get("exec")
        return User(
            token=str(found.get("token") or ""),
            token_file=str(found.get("tokenFile") or ""),
            certificate=self._pem(found, "client-certificate"),
            key=self._pem(found, "client-key"),
            username=str(found.get("username") or ""),
            password=str(found.get("password") or ""),
            exec_plugin=self._exec_plugin(described) if described else None,
        )

    def _exec_plugin(self, found: Mapping[str, Any]) -> ExecPlugin:
        command = str(found.get("command") or "")
        if os.sep in command:
            command = str(self._folder / command)
        environment: list[Mapping[str, Any]] = found.get("env") or []
        arguments: list[object] = found.get("args") or []
        return ExecPlugin(
            command=command,
            arguments=tuple(str(one) for one in arguments),
            environment={str(one["name"]): str(one["value"]) for one in environment},
            api_version=str(found.get("apiVersion") or ""),
            install_hint=str(found.get("installHint") or ""),
            wants_cluster=bool(found.get("provideClusterInfo", False)),
        )

    def _pem(self, found: Mapping[str, Any], key: str) -> str:
        if data := found.get(f"{key}-data"):
            try:
                return base64.b64decode(str(data), validate=True).decode()
            except ValueError as error:
                message = f"{key}-data is no base64: {error}"
                raise KubeConfigError(message) from error
        if path := found.get(key):
            try:
                return (self._folder / str(path)).read_text(encoding="utf-8")
            except OSError as error:
                message = f"unable to read {key} {path} due to {error.strerror}"
                raise KubeConfigError(message) from error
        return ""
