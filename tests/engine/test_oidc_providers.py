"""The IAM OIDC provider: whoever made it, others depend on it.

What must not change is compared as IAM shows it, whole: tags, client ids, thumbprints
and the time of its creation, which a provider that was made anew would not keep.
"""

from collections.abc import Callable
from typing import Any, Final

import pytest
from config_texts import cluster_13
from pulumi.automation.errors import CommandError
from reliability.faults import NoFault
from workbench import Step, Workbench

from sandbox.aws.clients import administrator
from sandbox.interception import Failure, Request
from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

Benches = Callable[..., Workbench]

TYPE: Final = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"


class Blindfold(NoFault):
    """Lets nobody look at OIDC providers."""

    def before(self, request: Request) -> Failure | None:
        """Refuse in IAM's words."""
        if request.action != "GetOpenIDConnectProvider":
            return None
        message = (
            "User: arn:aws:iam::123456789012:user/operator is not authorized to "
            f"perform: iam:{request.action} on resource: {request.target} because no "
            f"identity-based policy allows the iam:{request.action} action"
        )
        return Failure(status=403, code="AccessDenied", message=message)


def provider_arn(bench: Workbench) -> str:
    """Give the ARN of the provider of a cluster's issuer."""
    issuer = bench.issuer_url.removeprefix("https://")
    return f"arn:aws:iam::{bench.sandbox.aws.account_id}:oidc-provider/{issuer}"


def make_provider(
    bench: Workbench, *, client_ids: tuple[str, ...] = ("sts.amazonaws.com",)
) -> None:
    """Make the provider as eksctl does, with a tag of somebody else's."""
    administrator(bench.sandbox.aws, "iam").create_open_id_connect_provider(
        Url=bench.issuer_url,
        ClientIDList=[*client_ids],
        ThumbprintList=["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"],
        Tags=[{"Key": "alpha.eksctl.io/cluster-name", "Value": bench.cluster}],
    )


def ownership_tags(bench: Workbench, *, stack: str) -> list[dict[str, str]]:
    """Give the two tags that make a provider a stack's."""
    place = f"{bench.region}:{bench.sandbox.aws.account_id}"
    cluster = f"arn:aws:eks:{place}:cluster/{bench.cluster}"
    return [
        {"Key": "eks-irsa/cluster", "Value": cluster},
        {"Key": "eks-irsa/stack", "Value": f"organization/eks-irsa/{stack}"},
    ]


def provider_of(bench: Workbench) -> Any:  # noqa: ANN401 - as IAM answers
    """Give a cluster's provider as IAM shows it, or None."""
    return bench.inventory().providers.get(provider_arn(bench))


def on_provider(steps: list[Step]) -> list[str]:
    """Give what was done to the provider."""
    return [step.operation for step in steps if step.type == TYPE]


def refused(bench: Workbench) -> str:
    """Bring up what cannot be, and give what the engine said; nothing changed."""
    before = bench.inventory()
    shown: list[str] = []

    with pytest.raises(CommandError):
        bench.stack.up(on_output=shown.append)

    said = "\n".join(shown)
    assert "Traceback" not in said
    assert bench.inventory() == before
    assert all(one["type"].startswith("pulumi:") for one in bench.resources())
    return said


def test_a_foreign_provider_is_used_and_never_changed_or_deleted(
    bench: Benches, sandbox: Sandbox
) -> None:
    """eksctl's, Terraform's or the console's: roles trust it, and it is left alone."""
    cluster = bench(config=cluster_13("apps/a"), kubernetes="off")
    make_provider(cluster)
    before = provider_of(cluster)
    seen = len(sandbox.aws.calls)

    cluster.up()
    cluster.preview(expect_no_changes=True)
    cluster.write(cluster_13("apps/a", "apps/b"))
    cluster.up(refresh=True)
    cluster.preview(expect_no_changes=True)
    used = provider_of(cluster)
    roles = cluster.inventory().roles.values()
    trusted = [role.trust_policy["Statement"][0]["Principal"] for role in roles]
    cluster.destroy()

    assert used == provider_of(cluster) == before
    assert trusted.count({"Federated": provider_arn(cluster)}) == 2
    assert {
        call.action
        for call in sandbox.aws.calls[seen:]
        if "OpenIDConnectProvider" in call.action
    } <= {"GetOpenIDConnectProvider", "ListOpenIDConnectProviders"}


def test_our_own_provider_survives_a_second_up_and_goes_with_destroy(
    bench: Benches,
) -> None:
    """Made once, found again by its tags, and gone with the stack that made it."""
    cluster = bench(config=cluster_13("apps/a"), kubernetes="off")
    others = cluster.inventory().providers

    first = cluster.up()
    made = provider_of(cluster)
    second = cluster.up(refresh=True)
    kept = provider_of(cluster)
    cluster.preview(expect_no_changes=True)
    cluster.destroy()

    assert (on_provider(first), on_provider(second)) == (["create"], [])
    assert kept == made
    assert made["ClientIDList"] == ["sts.amazonaws.com"]
    assert made["Tags"] == ownership_tags(cluster, stack=cluster.stack.name)
    assert cluster.inventory().providers == others


def test_a_second_stack_on_the_cluster_uses_the_firsts(bench: Benches) -> None:
    """IAM takes one provider an issuer; who made it first owns it."""
    first = bench(config=cluster_13("apps/a"), kubernetes="off")
    second = bench(beside=first, config=cluster_13("apps/b"), kubernetes="off")
    first.up()
    made = provider_of(first)

    steps = second.up()
    second.preview(expect_no_changes=True)
    used = provider_of(first)
    second.destroy()

    assert on_provider(steps) == []
    assert used == provider_of(first) == made
    first.preview(expect_no_changes=True)


def test_a_provider_its_owner_took_away_is_made_by_the_next_up(bench: Benches) -> None:
    """`withOIDC: true` means that there is one; the roles that trust it stay."""
    first = bench(config=cluster_13("apps/a"), kubernetes="off")
    second = bench(beside=first, config=cluster_13("apps/b"), kubernetes="off")
    first.up()
    second.up()
    roles = second.inventory().roles
    first.destroy()
    assert provider_of(second) is None

    steps = second.up()

    made = provider_of(second)
    assert made["Tags"] == ownership_tags(second, stack=second.stack.name)
    assert {step.type for step in steps} == {TYPE, "eks-irsa:index:EksOidcProvider"}
    left = second.inventory().roles
    assert left == {name: roles[name] for name in left}
    second.preview(expect_no_changes=True)


def test_a_renamed_stack_releases_its_provider_and_can_take_it_back(
    bench: Benches, sandbox: Sandbox
) -> None:
    """The tags name the stack that was; docs/oidc-provider.md has the way back."""
    cluster = bench(config=cluster_13("apps/a"), kubernetes="off")
    cluster.up()
    made = provider_of(cluster)

    cluster.stack.rename(f"{cluster.stack.name}-renamed")
    steps = cluster.up()
    said = "\n".join(cluster.output)
    released = provider_of(cluster)
    cluster.preview(expect_no_changes=True)

    assert released == made
    assert "is only read from now on, and stays when the stack goes" in said
    (component,) = [step for step in steps if step.name == cluster.cluster]
    assert (component.operation, component.inputs["mode"]) == ("update", "existing")

    tags = ownership_tags(cluster, stack=cluster.stack.name)
    administrator(sandbox.aws, "iam").tag_open_id_connect_provider(
        OpenIDConnectProviderArn=provider_arn(cluster), Tags=tags
    )
    cluster.pulumi("config", "set", "oidcProvider", "managed")
    cluster.up()
    taken = provider_of(cluster)
    cluster.preview(expect_no_changes=True)
    cluster.pulumi("config", "rm", "oidcProvider")
    cluster.preview(expect_no_changes=True)
    cluster.destroy()

    assert taken == {**made, "Tags": tags}
    assert provider_of(cluster) is None


@pytest.mark.parametrize("how", ["a tag cleaned away", "the setting existing"])
def test_a_provider_that_is_released_is_not_changed_and_destroy_leaves_it(
    bench: Benches, sandbox: Sandbox, how: str
) -> None:
    """A lost tag never costs others their credentials."""
    cluster = bench(config=cluster_13("apps/a"), kubernetes="off")
    cluster.up()
    if how == "the setting existing":
        cluster.settings(kubernetes="off", oidcProvider="existing")
    else:
        administrator(sandbox.aws, "iam").untag_open_id_connect_provider(
            OpenIDConnectProviderArn=provider_arn(cluster), TagKeys=["eks-irsa/stack"]
        )
    cleaned = provider_of(cluster)
    roles = cluster.inventory().roles

    cluster.up()
    cluster.preview(expect_no_changes=True)
    same = cluster.inventory().roles == roles
    cluster.destroy()

    assert same
    assert provider_of(cluster) == cleaned


def test_a_stack_takes_a_provider_over_only_with_tags_and_setting(
    bench: Benches, sandbox: Sandbox
) -> None:
    """The tags alone are those of a copy of the stack with a state of its own, too."""
    cluster = bench(config=cluster_13("apps/a"), kubernetes="off")
    make_provider(cluster)
    tags = ownership_tags(cluster, stack=cluster.stack.name)
    administrator(sandbox.aws, "iam").tag_open_id_connect_provider(
        OpenIDConnectProviderArn=provider_arn(cluster), Tags=tags
    )
    before = provider_of(cluster)

    with pytest.raises(
        CommandError, match="already exists with the tags of this stack"
    ):
        cluster.up()
    untouched = provider_of(cluster)
    cluster.settings(kubernetes="off", oidcProvider="managed")
    previewed = cluster.preview()
    steps = cluster.up()
    taken = provider_of(cluster)
    cluster.preview(expect_no_changes=True)
    cluster.destroy()

    assert untouched == before
    assert on_provider(previewed) == on_provider(steps) == ["import", "update"]
    assert taken == {**before, "Tags": tags}
    assert provider_of(cluster) is None


def test_a_provider_that_may_not_be_looked_up_stops_the_run(
    bench: Benches, sandbox: Sandbox
) -> None:
    """Only an answer that is known to mean absence does."""
    cluster = bench(config=cluster_13("apps/a"), kubernetes="off")

    before = cluster.inventory()
    with sandbox.aws.intercepted(Blindfold()), pytest.raises(CommandError) as caught:
        cluster.up()
    said = str(caught.value)

    assert cluster.inventory() == before

    assert f"cannot look up the IAM OIDC provider {provider_arn(cluster)}: " in said
    assert "AccessDenied: User: arn:aws:iam::" in said
    assert "is not authorized to perform: iam:GetOpenIDConnectProvider" in said


def test_a_provider_without_our_audience_is_an_error(bench: Benches) -> None:
    """Every pod would get "Incorrect token audience"."""
    cluster = bench(config=cluster_13("apps/a"), kubernetes="off")
    make_provider(cluster, client_ids=("vault", "argo"))

    assert (
        f"the IAM OIDC provider {provider_arn(cluster)} accepts the audiences argo, "
        "vault, not sts.amazonaws.com; every pod would get 'Incorrect token audience'; "
        "add the client id to it"
    ) in refused(cluster).replace("vault, argo", "argo, vault")


def test_a_cluster_that_is_not_there_or_has_no_issuer_is_named_with_its_region(
    bench: Benches, sandbox: Sandbox
) -> None:
    """The file names the cluster, and the credentials the account."""
    absent = bench(config=cluster_13("apps/a").replace("cluster-13", "nowhere"))
    bare = bench(config=cluster_13("apps/a").replace("cluster-13", "local"))
    sandbox.aws.create_cluster(
        name="local",
        region="us-west-2",
        issuer_url=None,
        endpoint="https://127.0.0.1:1",
        ca_pem="",
    )

    assert (
        "there is no EKS cluster 'nowhere' in us-west-2; correct metadata.name and "
        "metadata.region, or use credentials of its AWS account"
    ) in refused(absent)
    assert "the EKS cluster 'local' in us-west-2 has no OIDC issuer" in refused(bare)


def test_a_file_without_withoidc_is_wrong_whatever_provider_exists(
    bench: Benches,
) -> None:
    """As for eksctl: the file says of itself whether roles trust the cluster."""
    without = cluster_13("apps/a").replace("  withOIDC: true\n", "")
    cluster = bench(config=without, kubernetes="off")
    make_provider(cluster)

    assert "iam.withOIDC" in refused(cluster)


def test_managed_refuses_a_foreign_provider_and_existing_one_that_is_not_there(
    bench: Benches,
) -> None:
    """What contradicts what is there stops before anything is registered."""
    managed = bench(
        config=cluster_13("apps/a"), kubernetes="off", oidcProvider="managed"
    )
    existing = bench(
        config=cluster_13("apps/a"), kubernetes="off", oidcProvider="existing"
    )
    make_provider(managed)
    tags = ", ".join(
        f"{tag['Key']}={tag['Value']}"
        for tag in ownership_tags(managed, stack=managed.stack.name)
    )

    assert (
        f"the IAM OIDC provider {provider_arn(managed)} exists and is not this "
        "stack's; set oidcProvider to existing to use it as it is, or put the tags "
        f"{tags} on it to have this stack manage it"
    ) in refused(managed)
    assert (
        f"there is no IAM OIDC provider {provider_arn(existing)}; make it, or set "
        "oidcProvider to auto or managed"
    ) in refused(existing)
