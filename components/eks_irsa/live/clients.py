"""How AWS and the API server are asked: as whom, how long, and what a failure says."""

from pathlib import Path
from typing import Any, Final

import yaml

__all__ = ["AwsSession", "kubernetes_client", "unread_reason"]

# A preview without a network waits for half a minute, not for five.
_CONNECT_SECONDS: Final = 10
_ATTEMPTS: Final = 3


class AwsSession:
    """Makes clients of AWS as one identity.

    Attributes:
        region: Of the clients, unless one is asked for in another.
    """

    def __init__(
        self,
        *,
        region: str | None = None,
        profile: str | None = None,
        role_arn: str | None = None,
    ) -> None:
        """Take the identity; nothing is asked of AWS before a client is made.

        Args:
            region: AWS region. Default: the one that the AWS SDK finds.
            profile: AWS profile. Default: the one of the environment.
            role_arn: Role to assume with it. Default: none.
        """
        self._session = _botocore().session.Session(profile=profile)
        found: str | None = region or self._session.get_config_variable("region")
        self.region = found
        self._role_arn = role_arn
        self._keys: dict[str, str] | None = None

    def client(self, service: str, *, region: str | None = None) -> Any:  # noqa: ANN401 - without types
        """Make a client.

        Args:
            service: Name of the service, such as `iam`.
            region: Default: that of the session.

        Raises:
            Exception: Of botocore, such as `NoCredentialsError`.
        """
        given = self._assumed() if self._role_arn else {}
        return self._session.create_client(service, **self._asked(region), **given)

    def anonymous(self, service: str) -> Any:  # noqa: ANN401 - without types
        """Make a client that signs nothing, for what a token alone is asked with."""
        core, asked = _botocore(), self._asked(None)
        unsigned = asked["config"].merge(
            core.config.Config(signature_version=core.UNSIGNED)
        )
        return self._session.create_client(service, **{**asked, "config": unsigned})

    def _asked(self, region: str | None) -> dict[str, Any]:
        patience = _botocore().config.Config(
            connect_timeout=_CONNECT_SECONDS,
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        )
        return {"region_name": region or self.region, "config": patience}

    def _assumed(self) -> dict[str, str]:
        if self._keys is None:
            sts = self._session.create_client("sts", **self._asked(None))
            given = sts.assume_role(RoleArn=self._role_arn, RoleSessionName="eks-irsa")[
                "Credentials"
            ]
            self._keys = {
                "aws_access_key_id": given["AccessKeyId"],
                "aws_secret_access_key": given["SecretAccessKey"],
                "aws_session_token": given["SessionToken"],
            }
        return self._keys


def _botocore() -> Any:  # noqa: ANN401 - without types
    # Only paid for where AWS is asked.
    import botocore.config  # type: ignore[import-untyped]  # noqa: PLC0415
    import botocore.session  # type: ignore[import-untyped]  # noqa: PLC0415

    core: Any = botocore
    return core


def kubernetes_client(kubeconfig: str) -> Any:  # noqa: ANN401 - half typed
    """Make a client of an API server.

    Args:
        kubeconfig: Kubeconfig, content or path.

    Returns:
        A `lightkube.Client`.

    Raises:
        Exception: Of lightkube, or what is wrong with the kubeconfig.
    """
    # Only paid for where the cluster is asked.
    from lightkube import Client, KubeConfig  # noqa: PLC0415

    config: Any = KubeConfig
    # As the Kubernetes plugin tells a path from a content.
    if "\n" not in kubeconfig and Path(kubeconfig).is_file():
        return Client(config=config.from_file(kubeconfig).get())
    return Client(config=config.from_dict(yaml.safe_load(kubeconfig)).get())


def unread_reason(error: Exception) -> str:
    """Say on one line why something could not be read.

    Args:
        error: What reading it raised.
    """
    if isinstance(error, yaml.YAMLError):
        return "the kubeconfig is not YAML"  # the error quotes it, and it may be secret
    return " ".join(f"{type(error).__name__}: {error}".split())
