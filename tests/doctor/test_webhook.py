"""A webhook that is not there, or is not called."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from doctor.facts import HEALTHY, WEBHOOK, codes, container, only, pod

from eks_irsa.doctor.model import Facts
from eks_irsa.doctor.selectors import unmet_requirements
from eks_irsa.live.model import Unread

SKIP = "eks.amazonaws.com/skip-pod-identity-webhook"
BARE = container(env={"AWS_REGION": "us-west-2"})


def with_hook(**changes: object) -> Facts:
    """Make facts whose webhook has other keys, and a pod that it gave nothing."""
    (hook,) = WEBHOOK["webhooks"]
    changed = {**WEBHOOK, "webhooks": [{**hook, **changes}]}
    return replace(HEALTHY, webhooks=(changed,), pods=(pod(BARE),))


def test_cluster_without_a_webhook_is_broken() -> None:
    """Nothing else gives pods a role; that this pod has none follows from it."""
    one = only(replace(HEALTHY, webhooks=(), pods=(pod(BARE),)))

    assert (one.code, one.severity) == ("D-WEBHOOK-NONE", "error")


def test_webhook_under_another_name_may_do_its_work() -> None:
    """The pods tell."""
    one = only(replace(HEALTHY, webhooks=()))

    assert (one.code, one.severity) == ("D-WEBHOOK-NONE", "warning")


def test_namespace_that_is_left_out_is_labelled() -> None:
    """What the selector wants is what the remedy sets; pods are made anew after it."""
    selector = {
        "matchLabels": {"irsa": "on"},
        "matchExpressions": [
            {"key": "tier", "operator": "In", "values": ["a", "b"]},
            {"key": "kubernetes.io/metadata.name", "operator": "Exists"},
            {"key": "frozen", "operator": "DoesNotExist"},
        ],
    }
    facts = replace(
        with_hook(namespaceSelector=selector),
        namespace_labels={"kubernetes.io/metadata.name": "apps", "frozen": "1"},
    )

    one = only(facts)

    assert one.code == "D-WEBHOOK-NAMESPACE"
    assert "its failurePolicy is Ignore" in one.message
    assert one.remedy == (
        "kubectl label namespace apps --overwrite irsa=on tier=a frozen-",
        "kubectl rollout restart deployment/web --namespace apps",
    )


def test_name_of_a_namespace_is_no_label_to_change() -> None:
    """The API server puts it back, so that nothing would be mended."""
    key = "kubernetes.io/metadata.name"
    wants = {"key": key, "operator": "NotIn", "values": ["apps"]}
    facts = replace(
        with_hook(namespaceSelector={"matchExpressions": [wants]}),
        namespace_labels={key: "apps"},
    )

    one = only(facts)

    assert (one.code, one.remedy) == ("D-WEBHOOK-NAMESPACE", ())
    assert "; namespaces keep that label, so the selector has to change" in one.message


def test_label_that_skips_the_webhook_is_taken_from_the_template() -> None:
    """It is on the pods, and only the deployment can lose it."""
    labels = {"app": "web", "pod-template-hash": "5d4f", SKIP: "true"}

    one = only(replace(HEALTHY, pods=(pod(BARE, metadata={"labels": labels}),)))

    assert one.code == "D-WEBHOOK-SKIP-LABEL"
    assert one.message == (
        f"the pod 'web-5d4f-x1' has the label '{SKIP}', by which the webhook leaves "
        "them out; its failurePolicy is Ignore, so that pods are made without a word"
    )
    *words, patch = shlex.split(one.remedy[0])
    assert words == shlex.split(
        "kubectl patch deployment/web --namespace apps --type merge --patch"
    )
    assert json.loads(patch) == {
        "spec": {"template": {"metadata": {"labels": {SKIP: None}}}}
    }


def test_object_selector_that_wants_a_label_is_named() -> None:
    """OpenShift and others have one."""
    one = only(with_hook(objectSelector={"matchLabels": {"irsa": "yes"}}))

    assert one.code == "D-WEBHOOK-POD"
    assert one.message == (
        "the pod 'web-5d4f-x1' has labels by which the webhook leaves them out (it "
        "wants 'irsa' In 'yes'); its failurePolicy is Ignore, so that pods are made "
        "without a word"
    )


@pytest.mark.parametrize(
    "rule",
    [
        {"operations": ["UPDATE"]},
        {"resources": ["deployments"]},
        {"apiGroups": ["apps"]},
        {"apiVersions": ["v2"]},
        {"scope": "Cluster"},
    ],
)
def test_webhook_that_is_not_about_new_pods_is_none(rule: Mapping[str, Any]) -> None:
    """Its rules say something else."""
    (given,) = WEBHOOK["webhooks"][0]["rules"]

    assert codes(with_hook(rules=[{**given, **rule}])) == ["D-WEBHOOK-RULES"]


def test_conditions_in_cel_are_not_evaluated() -> None:
    """They are named; what the pods have tells."""
    one = only(
        replace(
            with_hook(matchConditions=[{"name": "only-some", "expression": "true"}]),
            pods=(),
        )
    )

    assert (one.code, one.severity) == ("D-WEBHOOK-CONDITIONS", "unknown")


def test_second_webhook_that_reaches_is_enough() -> None:
    """A selector of another one is no fault."""
    (hook,) = WEBHOOK["webhooks"]
    narrow = {**hook, "namespaceSelector": {"matchLabels": {"a": "b"}}}
    both = {**WEBHOOK, "webhooks": [narrow, hook]}

    assert codes(replace(HEALTHY, webhooks=(both,))) == []


def test_labels_of_the_namespace_that_cannot_be_read_leave_it_open() -> None:
    """It is said what is missing."""
    one = only(replace(HEALTHY, namespace_labels=Unread("Forbidden: namespaces")))

    assert one.message == (
        "the labels of the namespace could not be read: Forbidden: namespaces"
    )


@pytest.mark.parametrize(
    ("operator", "values", "labels", "met"),
    [
        ("In", ["a"], {"k": "a"}, True),
        ("In", ["a"], {"k": "b"}, False),
        ("In", ["a"], {}, False),
        ("NotIn", ["a"], {"k": "a"}, False),
        ("NotIn", ["a"], {"k": "b"}, True),
        ("NotIn", ["a"], {}, True),
        ("Exists", None, {"k": ""}, True),
        ("Exists", None, {}, False),
        ("DoesNotExist", None, {"k": ""}, False),
        ("DoesNotExist", None, {}, True),
    ],
)
def test_selector_selects_as_kubernetes_does(
    *, operator: str, values: list[str] | None, labels: dict[str, str], met: bool
) -> None:
    """As apimachinery's `labels.Requirement` has it."""
    one = {"key": "k", "operator": operator, **({"values": values} if values else {})}

    unmet = unmet_requirements({"matchExpressions": [one]}, labels)

    assert (not unmet) is met
