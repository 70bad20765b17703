"""A plan as Kubernetes manifests: kubectl reads exactly the texts that were planned."""

from collections.abc import Callable
from typing import cast

import pytest
import yaml
from golden_files import GoldenFiles
from hypothesis import given
from hypothesis import strategies as st

from eks_irsa.identity.model import Identity
from eks_irsa.plan.model import Cluster, Plan
from eks_irsa.source.yaml_text import parse
from eks_irsa.synthesis import kubernetes_manifests

Planned = Callable[..., Plan]


def test_entry_of_each_kind(planned: Planned, golden: GoldenFiles) -> None:
    """Namespaces first, then the accounts; nothing for roleOnly or kube-system."""
    plan = planned(patchExisting=["kube-system/aws-node"])

    text = kubernetes_manifests(plan, source="stacks/shop.yaml")

    golden("synthesis/entry_of_each_kind.yaml", text)


def test_namespaces_of_somebody_else_are_left_out(planned: Planned) -> None:
    """`createNamespaces: false` counts here as in a stack."""
    plan = planned(createNamespaces=False)

    text = kubernetes_manifests(plan, source="shop.yaml")

    documents = cast("list[dict[str, object]]", list(yaml.safe_load_all(text)))
    assert [document["kind"] for document in documents] == ["ServiceAccount"] * 3


def test_plan_without_kubernetes_objects_is_a_comment(planned: Planned) -> None:
    """With `kubernetes: off` there is nothing to apply."""
    plan = planned(kubernetes="off")

    text = kubernetes_manifests(plan, source="shop.yaml")

    assert text == (
        "# Made by `eks-irsa synth` from shop.yaml; edit that file instead.\n"
        "# EKS cluster: arn:aws-cn:eks:cn-north-1:111122223333:cluster/shop\n"
    )


def test_name_of_the_file_stays_in_its_comment(planned: Planned) -> None:
    """A file name cannot add a line to what is applied."""
    plan = planned(kubernetes="off")

    text = kubernetes_manifests(plan, source="a\nkind: Secret")

    assert text.splitlines()[0] == (
        "# Made by `eks-irsa synth` from a\\nkind: Secret; edit that file instead."
    )


def plan_with_annotation(value: str) -> Plan:
    """Plan one account that carries *value*."""
    entry = Identity(
        namespace="shop",
        name="orders",
        mode="created",
        subject="system:serviceaccount:shop:orders",
        labels={},
        annotations={"note": value},
        role_arn="arn:aws:iam::111122223333:role/orders",
        attach_role_arn="arn:aws:iam::111122223333:role/orders",
        role=None,
    )
    return Plan(
        cluster=Cluster(
            name="shop",
            region="eu-west-1",
            partition="aws",
            account_id="111122223333",
            issuer_url="https://example.com",
        ),
        audience="sts.amazonaws.com",
        with_provider=True,
        namespaces=(),
        service_accounts=(entry,),
        warnings=(),
    )


@pytest.mark.parametrize(
    "value",
    [
        *("n", "Yes", "off", "true", "null", "~", ""),
        *("1e3", "0o17", "1_000", "0x1F", "12:30", "2012-10-17", ".inf", "1."),
        *("=", "<<", "- a", "a: b", "a #b", "*a", "&a"),
    ],
)
def test_text_that_looks_like_something_else_is_quoted(value: str) -> None:
    """What a YAML library could take for a number, a boolean or syntax stays text."""
    text = kubernetes_manifests(plan_with_annotation(value), source="shop.yaml")

    assert text.splitlines()[-1] == f'    note: "{value}"'


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_read_back_as_it_was(value: str) -> None:
    """Neither PyYAML nor a reader of Go's rules sees anything but the planned text."""
    text = kubernetes_manifests(plan_with_annotation(value), source="shop.yaml")

    expected = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {
            "name": "orders",
            "namespace": "shop",
            "annotations": {"note": value},
        },
    }
    assert (yaml.safe_load(text), parse(text.encode()).root) == (expected, expected)
