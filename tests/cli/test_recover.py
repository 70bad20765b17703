"""`eks-irsa recover`: from a state that a killed run left to an import file."""

import json
from collections.abc import Callable
from typing import Any, Final

import pytest

Run = Callable[..., tuple[int, str, str]]

URN: Final = "urn:pulumi:dev::eks-irsa::"
CLUSTER: Final = "arn:aws-cn:eks:cn-north-1:123456789012:cluster/shop"
ISSUER: Final = "oidc.eks.cn-north-1.amazonaws.com.cn/id/0123"
COMPONENT: Final = f"{URN}eks-irsa:index:IrsaServiceAccount::apps/reader"
PROVIDER: Final = f"{URN}pulumi:providers:aws::default_7_51_1"


def under_way(type_token: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Note one creation as the engine does."""
    return {
        "type": "creating",
        "resource": {
            "urn": f"{URN}eks-irsa:index:IrsaServiceAccount${type_token}::{name}",
            "type": type_token,
            "inputs": inputs,
            "parent": COMPONENT,
            "provider": f"{PROVIDER}::01234567-89ab",
        },
    }


def export(*pending: dict[str, Any], resources: list[dict[str, Any]]) -> str:
    """Word a state as `pulumi stack export` does."""
    deployment = {"resources": resources, "pending_operations": list(pending)}
    return json.dumps({"version": 3, "deployment": deployment})


def test_what_cannot_be_made_again_is_imported_under_its_parent(run: Run) -> None:
    """Role, OIDC provider and account; the id of each follows from the state."""
    state = export(
        under_way("aws:iam/role:Role", "apps/reader-role", {"name": "shop-reader"}),
        under_way(
            "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
            "shop-provider",
            {"url": f"https://{ISSUER}"},
        ),
        under_way(
            "kubernetes:core/v1:ServiceAccount",
            "apps/reader-service-account",
            {"metadata": {"namespace": "apps", "name": "reader"}},
        ),
        resources=[{"urn": COMPONENT, "inputs": {"cluster_arn": CLUSTER}}],
    )

    code, out, err = run("recover", stdin=state)

    common = {"parent": COMPONENT, "provider": PROVIDER}
    assert json.loads(out) == {
        "nameTable": {COMPONENT: COMPONENT, PROVIDER: PROVIDER},
        "resources": [
            {
                "type": "aws:iam/role:Role",
                "name": "apps/reader-role",
                "id": "shop-reader",
                **common,
            },
            {
                "type": "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
                "name": "shop-provider",
                "id": f"arn:aws-cn:iam::123456789012:oidc-provider/{ISSUER}",
                **common,
            },
            {
                "type": "kubernetes:core/v1:ServiceAccount",
                "name": "apps/reader-service-account",
                "id": "apps/reader",
                **common,
            },
        ],
    }
    assert err == (
        "to be imported: aws:iam/role:Role apps/reader-role\n"
        "to be imported: aws:iam/openIdConnectProvider:OpenIdConnectProvider "
        "shop-provider\n"
        "to be imported: kubernetes:core/v1:ServiceAccount "
        "apps/reader-service-account\n"
    )
    assert code == 0


def test_what_converges_or_is_known_again_is_left_alone(run: Run) -> None:
    """Nothing is imported twice, and no attachment is imported at all."""
    role = under_way("aws:iam/role:Role", "apps/reader-role", {"name": "shop-reader"})
    attachment = under_way(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "apps/reader::aws:policy/ReadOnlyAccess",
        {"role": "shop-reader", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
    )
    patched = under_way("aws:iam/role:Role", "other-role", {"name": "other"})
    changing = {**patched, "type": "updating"}
    known = [{"urn": role["resource"]["urn"]}]

    ran = run(
        "recover", stdin=export(role, role, attachment, changing, resources=known)
    )

    assert ran == (
        1,
        '{\n  "nameTable": {},\n  "resources": []\n}\n',
        "nothing to import; 'pulumi up' is enough\n",
    )


ASSOCIATION: Final = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
ASKED: Final = {"clusterName": "shop", "serviceAccount": "reader"}


def planned(*resources: dict[str, Any]) -> str:
    """Word what would be created as `pulumi preview --json` does."""
    steps = [
        {
            "op": "create",
            "urn": one["resource"]["urn"],
            "newState": one["resource"],
        }
        for one in resources
    ]
    return json.dumps({"steps": steps})


def test_association_is_imported_by_the_id_that_only_eks_knows(run: Run) -> None:
    """The message that it exists says the id, and the import wants the cluster too."""
    preview = planned(
        under_way(ASSOCIATION, "apps/reader-association", ASKED),
        under_way(ASSOCIATION, "apps/other-association", ASKED),
    )

    code, out, _ = run("recover", "apps/reader-association=a-1", stdin=preview)

    assert json.loads(out)["resources"] == [
        {
            "type": ASSOCIATION,
            "name": "apps/reader-association",
            "id": "shop,a-1",
            "parent": COMPONENT,
            "provider": PROVIDER,
        }
    ]
    assert code == 0


def test_id_of_an_association_that_is_not_given_is_missed(run: Run) -> None:
    """Neither a killed run's notes nor a preview have it."""
    association = under_way(ASSOCIATION, "apps/reader-association", ASKED)
    said = "import it by hand, its id cannot be told: apps/reader-association\n"

    by_name = run("recover", "apps/reader-association", stdin=planned(association))
    killed = run("recover", stdin=export(association, resources=[]))

    assert (by_name[0], by_name[2]) == (1, said)
    assert (killed[0], killed[2]) == (1, said)


def test_id_is_given_for_an_association_alone(run: Run) -> None:
    """The name of a role is its id, so that another would import another role."""
    role = under_way("aws:iam/role:Role", "apps/reader-role", {"name": "shop-reader"})

    code, _, err = run("recover", "apps/reader-role=other", stdin=planned(role))

    assert (code, err) == (1, "nothing to import; 'pulumi up' is enough\n")


def test_id_that_does_not_follow_from_the_state_is_said(run: Run) -> None:
    """A provider of a component that was given an issuer alone has no known account."""
    provider = under_way(
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        "shop-provider",
        {"url": f"https://{ISSUER}"},
    )

    code, out, err = run("recover", stdin=export(provider, resources=[]))

    assert json.loads(out)["resources"] == []
    assert err == "import it by hand, its id cannot be told: shop-provider\n"
    assert code == 1


def test_named_resources_of_a_preview_are_imported(run: Run) -> None:
    """Where no run was killed, a person says which of what would be made exists."""
    provider = under_way(
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        "shop-provider",
        {"url": f"https://{ISSUER}", "tags": {"eks-irsa/cluster": CLUSTER}},
    )
    other = under_way("aws:iam/role:Role", "apps/other-role", {"name": "shop-other"})
    steps = [
        {"op": "create", "urn": one["resource"]["urn"], "newState": one["resource"]}
        for one in (provider, other)
    ]
    steps.append({"op": "delete", "urn": f"{URN}x::gone", "newState": None})

    ran = run("recover", "shop-provider", stdin=json.dumps({"steps": steps}))

    code, out, err = ran
    (row,) = json.loads(out)["resources"]
    assert (row["name"], row["id"]) == (
        "shop-provider",
        f"arn:aws-cn:iam::123456789012:oidc-provider/{ISSUER}",
    )
    assert err == (
        "to be imported: aws:iam/openIdConnectProvider:OpenIdConnectProvider "
        "shop-provider\n"
    )
    assert code == 0


@pytest.mark.parametrize(
    ("names", "text", "said"),
    [
        pytest.param((), "", "it is empty", id="nothing"),
        pytest.param(
            (),
            "error: no stack selected\n",
            "not JSON at line 1, column 1: Expecting value",
            id="a message",
        ),
        pytest.param((), "[" * 100_000, "it is nested too deeply", id="a bomb"),
        pytest.param((), "[]", "expected a map, got a list", id="another type"),
        pytest.param(
            (), "{}", "expected the key 'deployment', which is missing", id="no state"
        ),
        pytest.param(
            (),
            '{"deployment": {"pending_operations": [{"type": "creating"}]}}',
            "deployment.pending_operations[0]: expected the key 'resource', which is "
            "missing",
            id="no resource",
        ),
        pytest.param(
            (),
            '{"deployment": {"resources": [{"urn": "x"}]}}',
            "deployment.resources[0].urn: expected a URN, got 'x'",
            id="no URN",
        ),
        pytest.param(
            ("a",), "{}", "expected the key 'steps', which is missing", id="no preview"
        ),
        pytest.param(
            ("a",),
            '{"steps": 7}',
            "steps: expected a list, got the int 7",
            id="a number",
        ),
    ],
)
def test_anything_but_a_state_is_refused(
    run: Run, names: tuple[str, ...], text: str, said: str
) -> None:
    """A pipe that broke before us must not look like a clean state."""
    code, out, err = run("recover", *names, stdin=text)

    command = "preview --json" if names else "stack export"
    assert (code, out, err.splitlines()[-1]) == (
        2,
        "",
        f"Error: standard input is not what 'pulumi {command}' prints: {said}",
    )


def test_standard_input_that_is_no_text_is_refused(run: Run) -> None:
    """Bytes of another encoding are said as such."""
    code, _, err = run("recover", stdin=b"\xff")

    assert (code, err.splitlines()[-1]) == (
        2,
        (
            "Error: standard input is not what 'pulumi stack export' prints: not "
            "UTF-8: invalid start byte at byte 0"
        ),
    )


def test_resource_without_what_its_id_needs_is_said(run: Run) -> None:
    """A state that lacks a name leads to a hint, not to a traceback."""
    state = export(
        under_way("aws:iam/role:Role", "apps/reader-role", {}),
        under_way("kubernetes:core/v1:ServiceAccount", "apps/reader-account", {}),
        resources=[],
    )

    code, out, err = run("recover", stdin=state)

    assert (code, json.loads(out)["resources"]) == (1, [])
    assert err == (
        "import it by hand, its id cannot be told: apps/reader-role\n"
        "import it by hand, its id cannot be told: apps/reader-account\n"
    )
