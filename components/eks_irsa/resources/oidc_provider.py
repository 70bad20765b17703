"""The IAM OIDC provider of an EKS cluster: found or made, managed or only read."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from eks_irsa.cluster import (
    EksCluster,
    client_ids_now,
    look_up_cluster,
    provider_arn_of_issuer,
)
from eks_irsa.documents.arns import issuer_of
from eks_irsa.documents.trust_policy import DEFAULT_AUDIENCE
from eks_irsa.identity.decision import asked_faults
from eks_irsa.identity.model import Fault
from eks_irsa.outputs import is_plain, known_arn, lift
from eks_irsa.resources.existing import (
    derived_plainly,
    is_recorded,
    recorded_within_components,
)
from eks_irsa.resources.inputs import (
    Component,
    InputError,
    as_asked,
    checked_later,
    given,
    raise_faults,
)
from eks_irsa.resources.oidc_provider_args import EksOidcProviderArgs
from eks_irsa.resources.program import program, root

__all__ = ["EksOidcProvider", "PlannedOidcProvider", "shared_provider"]


class EksOidcProvider(Component):
    """The IAM OIDC provider through which an AWS account trusts a cluster's issuer.

    IAM allows one per issuer and AWS account, so share it: pass its `provider_arn` to
    every `IrsaServiceAccount` of the cluster.
    """

    provider_arn: pulumi.Output[str]
    """ARN of the provider, `arn:<partition>:iam::<account id>:oidc-provider/<issuer>`;
    known in a preview, before the provider exists."""

    issuer_url: pulumi.Output[str]
    """`https://<host>[/<path>]` of the issuer."""

    client_ids: pulumi.Output[Sequence[str]]
    """Audiences that tokens may be made for."""

    managed: pulumi.Output[bool]
    """True: the provider is changed and deleted with the stack; false: it is read."""

    def __init__(
        self,
        name: str,
        args: EksOidcProviderArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make or read the provider of one cluster.

        Raises:
            InputError: Not exactly one of `cluster_name` and `issuer_url` is given,
                `existing` and `import_arn` are given both, or a value does not have
                its shape.
        """
        inputs = self._checked(name, args)
        # How it came in is no property of it: the word may go again without a change.
        registered = {key: one for key, one in inputs.items() if key != "import_arn"}
        super().__init__("eks-irsa:index:EksOidcProvider", name, registered, opts)
        inputs = checked_later(name, inputs)
        issuer_url, cluster_arn = _issuer(self, inputs)
        known = derived_plainly(self, issuer_url, cluster_arn)
        derived = known or provider_arn_of_issuer(
            issuer_url, cluster_arn=cluster_arn, parent=self
        )
        client_ids = _client_ids(inputs)
        is_managed = _is_managed(self, inputs, arn=known)
        self._claim(name, known, client_ids, is_managed=is_managed)
        provider = (
            self._managed(f"{name}-provider", inputs, derived, client_ids)
            if is_managed
            else aws.iam.OpenIdConnectProvider.get(
                f"{name}-provider",
                id=derived,
                opts=pulumi.ResourceOptions(parent=self),
            )
        )
        self.provider_arn = known_arn(provider, actual=provider.arn, derived=derived)
        self.issuer_url = pulumi.Output.from_input(issuer_url)
        self.client_ids = pulumi.Output.all(*client_ids)
        self.managed = pulumi.Output.from_input(is_managed)
        outputs = ("provider_arn", "issuer_url", "client_ids", "managed")
        self.register_outputs({key: getattr(self, key) for key in outputs})

    def _checked(self, name: str, args: EksOidcProviderArgs) -> dict[str, Any]:
        return _checked(name, args)

    def _claim(
        self,
        name: str,
        arn: str | None,
        client_ids: Sequence[pulumi.Input[str]],
        *,
        is_managed: bool,
    ) -> None:
        """Let components of the cluster share it; refuse a second one that is made."""
        if arn is None:
            return
        other, *_ = program().oidc_providers.setdefault(arn, (self, name, client_ids))
        if other is not self and is_managed:
            _, first, _ = program().oidc_providers[arn]
            msg = (
                f"{name}: the IAM OIDC provider {arn} is made by the component "
                f"{first!r} already; give its provider_arn instead"
            )
            raise InputError(msg)

    def _managed(
        self,
        child: str,
        inputs: Mapping[str, Any],
        derived: pulumi.Input[str],
        client_ids: Sequence[pulumi.Input[str]],
    ) -> aws.iam.OpenIdConnectProvider:
        return aws.iam.OpenIdConnectProvider(
            child,
            # IAM wants the URL without a port, and the ARN holds none either.
            url=lift(_url_of, provider_arn=derived),
            client_id_lists=client_ids,
            thumbprint_lists=inputs.get("thumbprints"),
            tags=inputs.get("tags"),
            # No effect once the state knows it under this id.
            opts=pulumi.ResourceOptions(parent=self, import_=inputs.get("import_arn")),
        )


class PlannedOidcProvider(EksOidcProvider):
    """The provider of a planned stack: everything was checked with the file."""

    def _checked(self, name: str, args: EksOidcProviderArgs) -> dict[str, Any]:
        del name
        return dict(args)


def shared_provider(
    component: pulumi.ComponentResource,
    name: str,
    inputs: Mapping[str, Any],
    cluster: EksCluster | None,
) -> EksOidcProvider:
    """Give the provider of the cluster that a component names, registered once.

    Where the cluster is known, all components of a program share one, which belongs to
    no component, so that none takes it with it; else each has its own.

    Args:
        component: The component that needs it.
        name: Name of the component.
        inputs: Its checked inputs, with `issuer_url` if there is no cluster.
        cluster: The cluster as EKS describes it, or None.

    Raises:
        InputError: Another component shares it, for another audience.
    """
    audience = inputs.get("audience", DEFAULT_AUDIENCE)
    issuer_url = cluster.issuer_url if cluster else inputs["issuer_url"]
    args: EksOidcProviderArgs = {"issuer_url": issuer_url, "client_ids": [audience]}
    if cluster:
        args["cluster_arn"] = cluster.arn
    arn = derived_plainly(component, issuer_url, args.get("cluster_arn"))
    if arn is None:
        options = pulumi.ResourceOptions(parent=component)
        return EksOidcProvider(f"{name}-oidc", args, options)
    providers = program().oidc_providers
    if arn not in providers:
        aws_provider = component.get_provider("aws:iam/role:Role")
        parent = root()
        options = pulumi.ResourceOptions(
            parent=parent,
            protect=False if parent else None,  # a stand-in has nothing to inherit
            providers=[aws_provider] if aws_provider else None,
            aliases=[*recorded_within_components(arn)],
        )
        EksOidcProvider(issuer_of(arn), args, options)
    provider, first, client_ids = providers[arn]
    if is_plain([audience, *client_ids]) and audience not in client_ids:
        accepted = " or ".join(repr(one) for one in client_ids)
        msg = (
            f"{name}: audience: {audience!r} is not {accepted}, for which the "
            f"component {first!r} makes the OIDC provider of this cluster; make one "
            "EksOidcProvider with all as client_ids"
        )
        raise InputError(msg)
    return provider


def _checked(name: str, args: EksOidcProviderArgs) -> dict[str, Any]:
    inputs = given(name, EksOidcProviderArgs, args)
    asked = as_asked(inputs)
    found = [*asked_faults(asked)]
    if ("cluster_name" in asked) == ("issuer_url" in asked):
        message = "give exactly one of cluster_name and issuer_url"
        found.append(Fault((), "E-CLUSTER", message))
    if asked.get("mode") == "existing" and "import_arn" in asked:
        message = "has no effect on a provider that is only read; take one of them out"
        found.append(Fault(("import_arn",), "E-MODE", message))
    raise_faults(name, found)
    return inputs


def _is_managed(
    component: EksOidcProvider, inputs: Mapping[str, Any], *, arn: str | None
) -> bool:
    """Decide whether the provider is managed or only read.

    What the state has as managed is managed on; what IAM has besides is only read.
    """
    mode: str = inputs.get("mode", "auto")
    if mode != "auto" or "import_arn" in inputs:
        return mode != "existing"
    if arn is None or is_recorded(arn):
        return True
    found = client_ids_now(arn, parent=component)
    if found is None:
        return True
    missing = [one for one in _client_ids(inputs) if one not in found]
    if missing and is_plain(missing):
        msg = (
            f"the IAM OIDC provider {arn} exists and accepts the audiences "
            f"{', '.join(found) or 'none'}, not {', '.join(map(str, missing))}; every "
            "pod would get 'Incorrect token audience'; add the client id to it"
        )
        raise InputError(msg)
    return False


def _issuer(
    component: pulumi.Resource, inputs: Mapping[str, Any]
) -> tuple[pulumi.Input[str], pulumi.Input[str] | None]:
    if "issuer_url" in inputs:
        return inputs["issuer_url"], inputs.get("cluster_arn")
    cluster = look_up_cluster(
        inputs["cluster_name"], region=inputs.get("cluster_region"), parent=component
    )
    return cluster.issuer_url, cluster.arn


def _client_ids(inputs: Mapping[str, Any]) -> Sequence[pulumi.Input[str]]:
    client_ids = inputs.get("client_ids", [DEFAULT_AUDIENCE])
    # IAM keeps a set; in another order they are the same.
    return sorted({*client_ids}) if is_plain(client_ids) else client_ids


def _url_of(*, provider_arn: str) -> str:
    return f"https://{issuer_of(provider_arn)}"
