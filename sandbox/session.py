"""One sandbox: AWS, Kubernetes and an engine's home, for as long as it is open.

Nothing of the user's is used or touched: no AWS profile, no kubeconfig, no `~/.pulumi`.
"""

import hashlib
import os
import sys
from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sandbox.aws.cli import CLUSTERS_VARIABLE, install_cli, write_clusters
from sandbox.aws.server import POD_IDENTITY_AGENT, Aws, start_aws
from sandbox.binaries import Binaries
from sandbox.control_plane import ControlPlane
from sandbox.plugins.installation import (
    install_language_host,
    install_plugins,
    link_real_plugins,
)

__all__ = [
    "EngineHome",
    "Sandbox",
    "cluster_beside",
    "forget_user_settings",
    "issuer_url_of",
    "open_sandbox",
    "user_pulumi_home",
]

# Without it a file of the state and the note beside it are written in two steps, and an
# engine that is killed between them leaves a folder that no command can read.
# Source: `setAttrs` in blob/fileblob/attrs.go of google/go-cloud
_IN_ONE_STEP: Final = "?metadata=skip"
_USER_PREFIXES: Final = ("AWS_", "KUBECONFIG", "KUBERNETES_", "PULUMI_")


@dataclass(frozen=True, kw_only=True)
class EngineHome:
    """What an engine needs to run against a sandbox, of this process or another.

    Attributes:
        directory: The sandbox's folder.
        environment: Variables under which engine and plugins run.
    """

    directory: Path
    environment: Mapping[str, str]

    @property
    def command_root(self) -> Path:
        """Folder that holds `bin/pulumi`, as the Automation API wants it."""
        return self.directory / "engine"

    @property
    def pulumi_home(self) -> Path:
        """The engine's home, with the doubles installed as its plugins."""
        return Path(self.environment["PULUMI_HOME"])


@dataclass(kw_only=True)
class Sandbox:
    """A running sandbox.

    Attributes:
        directory: Where everything of it lives; gone when it is closed.
        binaries: The engine and the servers.
        aws: The AWS account.
        control_plane: The Kubernetes of every cluster in the account.
    """

    directory: Path
    binaries: Binaries
    aws: Aws
    control_plane: ControlPlane
    _tokens: dict[tuple[str, str], str] = field(
        default_factory=dict[tuple[str, str], str]
    )

    def add_cluster(  # noqa: PLR0913 - the facts of a cluster, each by name
        self,
        *,
        name: str,
        region: str,
        issuer_url: str | None = None,
        endpoint: str | None = None,
        control_plane: ControlPlane | None = None,
        addons: tuple[str, ...] = (POD_IDENTITY_AGENT,),
        auto_mode: bool = False,
    ) -> str:
        """Put an EKS cluster in front of a control plane.

        Args:
            name: Of the cluster; not there yet.
            region: Its AWS region.
            issuer_url: Issuer that EKS describes. Default: the control plane's, so
                that its tokens are the cluster's.
            endpoint: Of its API server, as EKS describes it. Default: the control
                plane's own.
            control_plane: Default: the sandbox's own.
            addons: Names of its EKS add-ons. Default: the agent of EKS Pod Identity.
            auto_mode: Whether it is one of EKS Auto Mode. Default: no.

        Returns:
            ARN of the cluster.
        """
        plane = control_plane or self.control_plane
        arn = self.aws.create_cluster(
            name=name,
            region=region,
            issuer_url=issuer_url or plane.issuer_url,
            endpoint=endpoint or plane.endpoint,
            ca_pem=plane.ca_pem,
            addons=addons,
            auto_mode=auto_mode,
        )
        self.sign_in(name=name, region=region, token=plane.admin_token)
        return arn

    def serve_new_clusters(self) -> None:
        """Put every EKS cluster that a program makes in front of the control plane."""
        plane = self.control_plane

        def issuer_url(region: str, name: str) -> str:
            self.sign_in(name=name, region=region, token=plane.admin_token)
            return issuer_url_of(cluster=name, region=region)

        self.aws.serve_new_clusters(
            issuer_url, endpoint=plane.endpoint, ca_pem=plane.ca_pem
        )

    def sign_in(self, *, name: str, region: str, token: str) -> None:
        """Choose whose token `aws eks get-token` gives from now on.

        Args:
            name: Of a cluster that was added; its administrator's token is given until
                another is chosen.
            region: Its AWS region.
            token: A bearer token for the control plane's API server.
        """
        self._tokens[region, name] = token
        write_clusters(self._clusters, self._tokens)

    def engine_home(self) -> EngineHome:
        """Return what an engine needs to run against this sandbox."""
        programs = self.directory / "bin"
        pulumi_home = self.directory / "pulumi"
        environment = {
            **self.aws.environment(),
            CLUSTERS_VARIABLE: str(self._clusters),
            "PATH": os.pathsep.join([str(programs), os.environ.get("PATH", "")]),
            # Anything but the sandbox's cluster is a mistake that must show.
            "KUBECONFIG": os.devnull,
            "PULUMI_HOME": str(pulumi_home),
            "PULUMI_BACKEND_URL": (self.directory / "state").as_uri() + _IN_ONE_STEP,
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DISABLE_REGISTRY_RESOLVE": "true",
            "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
            "PULUMI_ERROR_OUTPUT_STRING": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        return EngineHome(directory=self.directory, environment=environment)

    @property
    def _clusters(self) -> Path:
        return self.directory / "clusters.json"


@contextmanager
def open_sandbox(  # noqa: PLR0913 - keywords, each with a meaning of its own
    *,
    directory: Path,
    binaries: Binaries,
    issuer_url: str,
    report: Callable[[str], None],
    region: str = "us-west-2",
    real_plugins: Collection[str] = (),
    user_pulumi: Path | None = None,
) -> Generator[Sandbox]:
    """Start AWS and Kubernetes and set an engine's home up.

    Args:
        directory: An empty folder for everything; its owner removes it.
        binaries: The engine and the servers.
        issuer_url: Issuer of the control plane's tokens.
        report: Gets a line of progress now and then.
        region: Region the AWS clients are set to. Default: `us-west-2`.
        real_plugins: The provider plugins, `aws` or `kubernetes`, that are to be the
            real ones. Default: the doubles are used.
        user_pulumi: The user's `PULUMI_HOME`, where those are installed if not on PATH.
            Default: the one of this process.

    Yields:
        The running sandbox, without a cluster in its AWS yet.

    Raises:
        MissingPluginsError: The real plugins are not there.
    """
    python = Path(sys.executable)
    with (
        start_aws(region=region) as aws,
        ControlPlane(
            binaries=binaries,
            directory=directory / "kubernetes",
            issuer_url=issuer_url,
            report=report,
        ) as control_plane,
    ):
        sandbox = Sandbox(
            directory=directory,
            binaries=binaries,
            aws=aws,
            control_plane=control_plane,
        )
        aws.trust_issuer(issuer_url, control_plane.jwks)
        sandbox.serve_new_clusters()
        home = sandbox.engine_home()
        install_plugins(home.pulumi_home, python)
        _use_real_plugins(home, real_plugins, user_pulumi or user_pulumi_home())
        install_cli(directory / "bin", python=python)
        install_language_host(home.pulumi_home, python)
        (directory / "state").mkdir()
        (home.command_root / "bin").mkdir(parents=True)
        (home.command_root / "bin" / "pulumi").symlink_to(binaries.pulumi)
        yield sandbox


@contextmanager
def cluster_beside(
    sandbox: Sandbox, *, name: str, region: str, report: Callable[[str], None]
) -> Generator[ControlPlane]:
    """Run an EKS cluster of its own beside the sandbox's: API server, issuer, keys.

    Args:
        sandbox: In whose AWS it is.
        name: Of the cluster; not there yet.
        region: Its AWS region.
        report: Gets a line of progress now and then.

    Yields:
        Its control plane.
    """
    issuer_url = issuer_url_of(cluster=name, region=region)
    with ControlPlane(
        binaries=sandbox.binaries,
        directory=sandbox.directory / "clusters" / name,
        issuer_url=issuer_url,
        report=report,
    ) as plane:
        sandbox.aws.trust_issuer(issuer_url, plane.jwks)
        sandbox.add_cluster(name=name, region=region, control_plane=plane)
        yield plane


def _use_real_plugins(home: EngineHome, names: Collection[str], user: Path) -> None:
    search_path = os.environ.get("PATH", "")
    link_real_plugins(
        home.pulumi_home, names=names, user_home=user, search_path=search_path
    )


def issuer_url_of(*, cluster: str, region: str) -> str:
    """Make up the issuer URL that EKS would give a cluster; always the same one.

    Args:
        cluster: Name of the cluster.
        region: Its AWS region.
    """
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    identity = hashlib.sha256(f"{region}/{cluster}".encode()).hexdigest()[:32].upper()
    return f"https://oidc.eks.{region}.{suffix}/id/{identity}"


def user_pulumi_home() -> Path:
    """Find the user's `PULUMI_HOME`; ask before `forget_user_settings`.

    Source:
        pulumi/pulumi, sdk/go/common/workspace/paths.go (`GetPulumiHomeDir`)
    """
    given = os.environ.get("PULUMI_HOME")
    return Path(given) if given else Path.home() / ".pulumi"


def forget_user_settings() -> None:
    """Take the user's AWS, Kubernetes and Pulumi settings out of this process."""
    for name in list(os.environ):
        if name.startswith(_USER_PREFIXES):
            del os.environ[name]
