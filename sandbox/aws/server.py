"""AWS as a local server: moto behind the doubles, on a free port.

Importing this module loads moto (about a second).
"""

import base64
import os
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox.aws.call import CallRecord
from sandbox.aws.eks import all_associations
from sandbox.aws.gateway import Gateway
from sandbox.aws.moto_account import (
    POD_IDENTITY_AGENT,
    ClusterFacts,
    forget_account,
    put_cluster,
)
from sandbox.aws.web_identity import Jwks
from sandbox.interception import Interceptor

__all__ = [
    "DEFAULT_ACCOUNT_ID",
    "POD_IDENTITY_AGENT",
    "Aws",
    "CallRecord",
    "start_aws",
]

# moto's own account id, and the one in AWS's examples. Source: moto/core/models.py
DEFAULT_ACCOUNT_ID: Final = "123456789012"

# How long the end of the sandbox may wait for the server to notice it.
_POLL_SECONDS: Final = 0.05

_served: Final[set[str]] = set()


class Aws:
    """One AWS account on this machine, for as long as `start_aws` lasts.

    Attributes:
        endpoint_url: `http://127.0.0.1:<port>`, for every service.
        account_id: 12 digits.
        region: The region `environment` names.
    """

    def __init__(
        self, gateway: Gateway, *, endpoint_url: str, account_id: str, region: str
    ) -> None:
        """Speak for *gateway*, which listens at *endpoint_url*."""
        self._gateway = gateway
        self.endpoint_url = endpoint_url
        self.account_id = account_id
        self.region = region

    @property
    def calls(self) -> Sequence[CallRecord]:
        """Every call answered so far, in order."""
        return tuple(self._gateway.calls)

    @property
    def failures(self) -> Sequence[str]:
        """Tracebacks of failures in the sandbox itself; empty if all is well."""
        return tuple(self._gateway.failures)

    @property
    def associations(self) -> Mapping[str, Mapping[str, Any]]:
        """What DescribePodIdentityAssociation answers of every association there is.

        The keys are `<region>/<cluster>/<namespace>/<service account>`.
        """
        return all_associations(account_id=self.account_id)

    @contextmanager
    def intercepted(self, interceptor: Interceptor) -> Generator[None]:
        """Ask *interceptor* about every call, for as long as this lasts.

        Args:
            interceptor: Asked about calls of everybody, the administrator included.
        """
        self._gateway.interceptor = interceptor
        try:
            yield
        finally:
            self._gateway.interceptor = None

    def environment(self) -> dict[str, str]:
        """Return the variables that lead an AWS client here as the administrator."""
        administrator = self._gateway.keys.administrator
        return {
            **self.anonymous_environment(),
            "AWS_ACCESS_KEY_ID": administrator.access_key_id,
            "AWS_SECRET_ACCESS_KEY": administrator.secret_access_key,
        }

    def anonymous_environment(self) -> dict[str, str]:
        """Return the variables that lead a client here with no credentials at all.

        Nothing of the user's is left: no profile, no file, no instance metadata.
        """
        return {
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_REGION": self.region,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def trust_issuer(self, issuer_url: str, jwks: Jwks) -> None:
        """Tell STS where the keys of an issuer are; IAM decides whether to trust it.

        Args:
            issuer_url: The `iss` of its tokens, `https://...`.
            jwks: Fetches the JSON Web Key Set the issuer signs with now,
                `{"keys": [...]}`; it may raise OSError when it cannot.
        """
        self._gateway.jwks[issuer_url] = jwks

    def create_cluster(  # noqa: PLR0913 - the facts of a cluster, each by name
        self,
        *,
        name: str,
        region: str,
        issuer_url: str | None,
        endpoint: str,
        ca_pem: str,
        version: str = "1.34",
        addons: tuple[str, ...] = (POD_IDENTITY_AGENT,),
        auto_mode: bool = False,
    ) -> str:
        """Put an active EKS cluster into the account.

        Args:
            name: Of the cluster; not there yet.
            region: Any region of any partition, such as `cn-north-1`.
            issuer_url: `https://...`, the issuer of its service account tokens; None
                for a cluster without an OIDC issuer.
            endpoint: `https://<host>:<port>` of its API server.
            ca_pem: PEM of the authority that signed the endpoint's certificate.
            version: Kubernetes version. Default: that of the sandbox's API server.
            addons: Names of its EKS add-ons. Default: the agent of EKS Pod Identity.
            auto_mode: Whether it is one of EKS Auto Mode. Default: no.

        Returns:
            Its ARN, `arn:<partition>:eks:<region>:<account id>:cluster/<name>`.
        """
        return put_cluster(
            account_id=self.account_id,
            region=region,
            name=name,
            facts=replace(
                _facts(issuer_url, endpoint, ca_pem), addons=addons, auto_mode=auto_mode
            ),
            version=version,
        )

    def serve_new_clusters(
        self, issuer_url: Callable[[str, str], str], *, endpoint: str, ca_pem: str
    ) -> None:
        """Let programs make EKS clusters, all in front of one API server.

        Args:
            issuer_url: Gives the issuer of a new cluster, by region and name; called
                when the cluster is made.
            endpoint: `https://<host>:<port>` of the API server.
            ca_pem: PEM of the authority that signed the endpoint's certificate.
        """
        self._gateway.new_cluster = lambda region, name: _facts(
            issuer_url(region, name), endpoint, ca_pem
        )


@contextmanager
def start_aws(
    *, region: str = "us-east-1", account_id: str = DEFAULT_ACCOUNT_ID
) -> Generator[Aws]:
    """Serve an empty AWS account on a free port of 127.0.0.1.

    Args:
        region: What `Aws.environment` names; calls may be signed for any other.
            Default: `us-east-1`.
        account_id: 12 digits. Default: moto's, `123456789012`.

    Yields:
        The account; its state is in memory and gone afterwards.

    Raises:
        RuntimeError: This process serves the account already (moto's state is global).
    """
    if account_id in _served:
        msg = f"this process serves the account {account_id} already"
        raise RuntimeError(msg)
    _served.add(account_id)
    gateway = Gateway(account_id=account_id)
    server = make_server(
        "127.0.0.1", 0, gateway, threaded=True, request_handler=_QuietHandler
    )
    thread = threading.Thread(
        target=server.serve_forever, args=(_POLL_SECONDS,), name="aws", daemon=True
    )
    thread.start()
    try:
        yield Aws(
            gateway,
            endpoint_url=f"http://127.0.0.1:{server.server_port}",
            account_id=account_id,
            region=region,
        )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        forget_account(account_id)
        _served.discard(account_id)


def _facts(issuer_url: str | None, endpoint: str, ca_pem: str) -> ClusterFacts:
    ca_data = base64.b64encode(ca_pem.encode()).decode()
    return ClusterFacts(issuer_url=issuer_url, endpoint=endpoint, ca_data=ca_data)


class _QuietHandler(WSGIRequestHandler):
    """Writes nothing: `Aws.calls` and `Aws.failures` are the log."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002, ANN401 - werkzeug's signature
        """Drop the line."""
