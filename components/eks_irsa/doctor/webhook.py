"""Is there a webhook, and is it called for these pods?

Source:
    https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
    and the configuration that EKS makes, `pod-identity-webhook`
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from eks_irsa.doctor.model import Facts, Finding
from eks_irsa.doctor.notes import SKIPPED, Gap, Notes, command, finding
from eks_irsa.doctor.pods import (
    Json,
    containers_of,
    labels_of,
    pods_of,
    variables_of,
)
from eks_irsa.doctor.route import URI_VARIABLE, asked_way
from eks_irsa.doctor.selectors import Requirement, unmet_requirements
from eks_irsa.doctor.workloads import label_pods, named, restarts
from eks_irsa.live.model import Unread

__all__ = ["SKIP_LABEL", "webhook_notes", "webhook_reaches"]

SKIP_LABEL: Final = "eks.amazonaws.com/skip-pod-identity-webhook"
_SILENT: Final = "; its failurePolicy is Ignore, so that pods are made without a word"
_INJECTED: Final = ("AWS_WEB_IDENTITY_TOKEN_FILE", URI_VARIABLE)


class _Hook(NamedTuple):
    """One webhook of a configuration.

    Attributes:
        configuration: Name of its MutatingWebhookConfiguration.
        given: As JSON.
    """

    configuration: str
    given: Json

    def unmet(
        self, selector: str, labels: Mapping[str, str]
    ) -> tuple[Requirement, ...]:
        return unmet_requirements(self.given.get(selector), labels)

    @property
    def is_for_new_pods(self) -> bool:
        return any(
            {"CREATE", "*"} & {*(rule.get("operations") or ())}
            and {"pods", "*", "*/*"} & {*(rule.get("resources") or ())}
            and {"", "*"} & {*(rule.get("apiGroups") or ())}
            and {"v1", "*"} & {*(rule.get("apiVersions") or ())}
            and rule.get("scope", "*") in {"*", "Namespaced"}
            for rule in self.given.get("rules") or ()
        )

    @property
    def silence(self) -> str:
        return _SILENT if self.given.get("failurePolicy") == "Ignore" else ""


def webhook_notes(facts: Facts) -> Notes:
    """Look whether the webhook is called when the pods are made.

    Args:
        facts: What was read.
    """
    if isinstance(facts.webhooks, Unread):
        yield Gap("the pod identity webhook", facts.webhooks)
        return
    hooks = _hooks(facts.webhooks)
    if not hooks:
        yield _none(facts)
        return
    called = [one for one in hooks if one.is_for_new_pods]
    if not called:
        name = hooks[0].configuration
        yield finding(
            "D-WEBHOOK-RULES",
            f"no rule of the MutatingWebhookConfiguration {name!r} is about the "
            "creation of pods, so that no pod is given a role; EKS makes it anew where "
            "it is deleted and the control plane is updated",
        )
        return
    if isinstance(facts.namespace_labels, Unread):
        yield Gap("the labels of the namespace", facts.namespace_labels)
        return
    if facts.namespace_labels is None:
        yield SKIPPED
        return
    yield from _reach(facts, called, facts.namespace_labels)


def webhook_reaches(facts: Facts, pod: Json) -> bool:
    """Tell whether a pod like this would get a role now, as far as it is known.

    Args:
        facts: What was read.
        pod: As the API server has it.
    """
    if isinstance(facts.webhooks, Unread):
        return True
    labels = facts.namespace_labels
    spaces = None if isinstance(labels, Unread) else labels
    return any(
        one.is_for_new_pods
        and not (spaces is not None and one.unmet("namespaceSelector", spaces))
        and not one.unmet("objectSelector", labels_of(pod))
        for one in _hooks(facts.webhooks)
    )


def _hooks(configurations: tuple[Json, ...]) -> list[_Hook]:
    return [
        _Hook(configuration["metadata"]["name"], one)
        for configuration in configurations
        for one in configuration.get("webhooks") or ()
    ]


def _none(facts: Facts) -> Finding:
    """Say that there is none, which is no fault where something else does its work."""
    injected = asked_way(facts) != "none" and any(
        name in variables_of(container)
        for pod in pods_of(facts)
        for container in containers_of(pod)
        for name in _INJECTED
    )
    return finding(
        "D-WEBHOOK-NONE",
        "the cluster has no MutatingWebhookConfiguration whose name holds "
        "'pod-identity', so that nothing gives new pods a role; EKS has "
        "'pod-identity-webhook' in every cluster, and another cluster needs "
        "https://github.com/aws/amazon-eks-pod-identity-webhook",
        command("kubectl", "get", "mutatingwebhookconfigurations"),
        severity="warning" if injected else "error",
    )


def _reach(facts: Facts, hooks: list[_Hook], labels: Mapping[str, str]) -> Notes:
    here = [one for one in hooks if not one.unmet("namespaceSelector", labels)]
    if not here:
        yield _namespace_left_out(facts, hooks[0], labels)
        return
    yield from _pods_left_out(facts, here)
    conditions = [
        str(condition.get("name"))
        for one in here
        for condition in one.given.get("matchConditions") or ()
    ]
    if conditions and len(here) == 1:
        yield finding(
            "D-WEBHOOK-CONDITIONS",
            f"the webhook of {here[0].configuration!r} has matchConditions "
            f"({', '.join(conditions)}), which are not evaluated here",
        )


def _namespace_left_out(
    facts: Facts, hook: _Hook, labels: Mapping[str, str]
) -> Finding:
    unmet = hook.unmet("namespaceSelector", labels)
    changes = [
        f"{key}-" if value is None else f"{key}={value}"
        for key, value in (one.change for one in unmet)
    ]
    words = ("kubectl", "label", "namespace", facts.namespace, "--overwrite", *changes)
    return finding(
        "D-WEBHOOK-NAMESPACE",
        f"the namespaceSelector of {hook.configuration!r} leaves the namespace "
        f"{facts.namespace!r} out: it wants {_said(unmet)}{hook.silence}",
        command(*words),
        *restarts(pods_of(facts)),
    )


def _pods_left_out(facts: Facts, hooks: list[_Hook]) -> Iterator[Finding]:
    """Find pods that no webhook takes, those for one reason together."""
    by_reason: dict[tuple[Requirement, ...], list[Json]] = {}
    for pod in pods_of(facts):
        unmet = [one.unmet("objectSelector", labels_of(pod)) for one in hooks]
        if all(unmet):
            by_reason.setdefault(unmet[0], []).append(pod)
    for reason, pods in by_reason.items():
        skipped = [one for one in reason if one.key == SKIP_LABEL]
        said = f"the label {SKIP_LABEL!r}, by which" if skipped else "labels by which"
        wants = "" if skipped else f" (it wants {_said(reason)})"
        yield finding(
            "D-WEBHOOK-SKIP-LABEL" if skipped else "D-WEBHOOK-POD",
            f"{_has(pods)} {said} the webhook leaves them out{wants}{hooks[0].silence}",
            *(
                line
                for pod in pods
                for one in reason
                for line in label_pods(pod, *one.change)
            ),
        )


def _has(pods: list[Json]) -> str:
    return f"{named(pods)} {'has' if len(pods) == 1 else 'have'}"


def _said(requirements: tuple[Requirement, ...]) -> str:
    return " and ".join(map(str, requirements))
