"""The plan in the form other tools read: JSON, and Kubernetes manifests for GitOps.

Knows what a plan holds and decides nothing; equal plans give equal texts.
"""

import json
import re
import sys
from collections.abc import Iterator
from typing import Final, cast

import yaml

from eks_irsa.documents import arns
from eks_irsa.documents.printable import printable
from eks_irsa.errors import Problem
from eks_irsa.identity.model import Association, Identity, Role
from eks_irsa.plan.model import Plan

__all__ = ["kubernetes_manifests", "plan_document", "problem_document"]


def plan_document(plan: Plan) -> dict[str, object]:
    """Put a plan into values that JSON has.

    Args:
        plan: The plan of a stack.

    Returns:
        `cluster` {`name`, `region`, `partition`, `accountId`, `issuerUrl`};
        `oidcProvider` {`arn`, `url`, `clientIds`}, or null where the file asks for
        none; `trustedClusters` {`clusters`, `trustPolicyCharacters`}, or null where
        roles trust no further cluster: each {`name`, `region`, `oidcProviderArn`},
        name and region null where the settings give the ARN, and {`longest`, `limit`},
        the size of the longest trust policy and what AWS takes;
        `namespaces`, names in file order; `warnings`, as `problem_document`;
        `serviceAccounts` in file order, each {`namespace`, `name`, `mode`, `labels`,
        `annotations`, `imagePullSecrets` (names), `identity`, `association`,
        `roleArn`, `attachRoleARN`, `role`}. `association`, of EKS Pod Identity, is
        null or {`targetRoleArn`, `disableSessionTags`, `policy`, `tags`,
        `targetTrustPolicy`}. Of `attachRoleARN` (an ARN) and `role` one is null.
        `role` is {`name`, `nameGiven`, `path`, `arn`,
        `permissionsBoundary` (an ARN or null), `managedPolicyArns` in order,
        `inlinePolicies` [{`name`, `document`}], `assumeRolePolicy`, `tags`,
        `maxSessionDurationSeconds`}; policies are objects, not text.
    """
    cluster = plan.cluster
    return {
        "cluster": {
            "name": cluster.name,
            "region": cluster.region,
            "partition": cluster.partition,
            "accountId": cluster.account_id,
            "issuerUrl": cluster.issuer_url,
        },
        "oidcProvider": _provider(plan) if plan.with_provider else None,
        "trustedClusters": _trusted_clusters(plan) if plan.trusted else None,
        "namespaces": list(plan.namespaces),
        "warnings": [problem_document(warning) for warning in plan.warnings],
        "serviceAccounts": [_service_account(entry) for entry in plan.service_accounts],
    }


def problem_document(problem: Problem) -> dict[str, object]:
    """Put a problem into values that JSON has.

    Returns:
        {`file`, `line`, `column`, `path`, `code`, `severity`, `message`}; line and
        column count from 1 and are 0 where there are none.
    """
    return {
        "file": problem.source,
        "line": problem.line,
        "column": problem.column,
        "path": problem.path,
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
    }


def _provider(plan: Plan) -> dict[str, object]:
    arn = plan.cluster.provider_arn
    return {
        "arn": arn,
        "url": f"https://{arns.issuer_of(arn)}",
        "clientIds": [plan.audience],
    }


def _trusted_clusters(plan: Plan) -> dict[str, object]:
    return {
        "clusters": [
            {
                "name": trusted.name or None,
                "region": trusted.region or None,
                "oidcProviderArn": arn,
            }
            for trusted, arn in sorted(plan.trusted.items())
        ],
        "trustPolicyCharacters": {
            "longest": plan.trust_policy_characters,
            "limit": plan.trust_policy_limit,
        },
    }


def _service_account(entry: Identity) -> dict[str, object]:
    return {
        "namespace": entry.namespace,
        "name": entry.name,
        "mode": entry.mode,
        "labels": dict(entry.labels),
        "annotations": dict(entry.annotations),
        "imagePullSecrets": list(entry.image_pull_secrets),
        "identity": entry.identity,
        "association": _association(entry.association) if entry.association else None,
        "roleArn": entry.role_arn,
        "attachRoleARN": entry.attach_role_arn,
        "role": _role(entry.role) if entry.role else None,
    }


def _association(association: Association) -> dict[str, object]:
    return {
        "targetRoleArn": association.target_role_arn,
        "disableSessionTags": association.disable_session_tags,
        "policy": _parsed(association.session_policy or "null"),
        "tags": dict(association.tags),
        "targetTrustPolicy": _parsed(association.target_trust_policy or "null"),
    }


def _role(role: Role) -> dict[str, object]:
    return {
        "name": role.name,
        "nameGiven": role.name_given,
        "path": role.path,
        "arn": role.arn,
        "permissionsBoundary": role.permissions_boundary,
        "managedPolicyArns": list(role.managed_policy_arns),
        "inlinePolicies": [
            {"name": policy.name, "document": _parsed(policy.document)}
            for policy in role.inline_policies
        ],
        "assumeRolePolicy": _parsed(role.assume_role_policy),
        "tags": dict(role.tags),
        "maxSessionDurationSeconds": role.max_session_duration_seconds,
    }


def _parsed(document: str) -> object:
    return cast("object", json.loads(document))


def kubernetes_manifests(plan: Plan, *, source: str) -> str:
    """Write the Kubernetes objects of a plan as YAML, to be applied by another tool.

    Namespaces come first, then the service accounts in file order; an entry that is
    `notManaged` has none. One that is `patched` holds our keys alone: a server-side
    apply adds them to the service account that exists and leaves its other keys.

    Args:
        plan: The plan of a stack.
        source: The ClusterConfig as the user named it, for the comment at the top.

    Returns:
        YAML documents in ASCII, each begun by `---`; the comment alone if the plan
        has no Kubernetes objects.
    """
    cluster = plan.cluster
    header = (
        f"# Made by `eks-irsa synth` from {printable(source)}; edit that file instead."
        f"\n# EKS cluster: {cluster.arn}\n"
    )
    return header + "".join(f"---\n{document}" for document in _manifests(plan))


def _manifests(plan: Plan) -> Iterator[str]:
    for name in plan.namespaces:
        yield _yaml(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        )
    for entry in plan.service_accounts:
        if entry.mode == "notManaged":
            continue
        metadata: dict[str, object] = {"name": entry.name, "namespace": entry.namespace}
        if entry.labels:
            metadata["labels"] = dict(entry.labels)
        if entry.annotations:
            metadata["annotations"] = dict(entry.annotations)
        comment = (
            "# Exists already: apply with --server-side, and never prune or delete.\n"
            if entry.mode == "patched"
            else ""
        )
        manifest: dict[str, object] = {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": metadata,
        }
        if entry.image_pull_secrets:
            manifest["imagePullSecrets"] = [
                {"name": name} for name in entry.image_pull_secrets
            ]
        yield comment + _yaml(manifest)


def _yaml(document: dict[str, object]) -> str:
    return yaml.dump(
        document, Dumper=_QuotingDumper, sort_keys=False, width=sys.maxsize
    )


# Texts that no YAML library reads as anything else, so that they need no quotes.
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9./-]*", re.ASCII)
_WORDS: Final = frozenset({"false", "n", "no", "null", "off", "on", "true", "y", "yes"})


class _QuotingDumper(yaml.SafeDumper):
    """Quotes what kubectl's YAML library would not read as text.

    PyYAML quotes what PyYAML itself would misread; `1e3` and `n`, which it leaves bare,
    are a number and a boolean to the library of Kubernetes.
    Source: https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v2/resolve.go
    """


def _represented(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    bare = _PLAIN.fullmatch(text) and text.casefold() not in _WORDS
    return dumper.represent_scalar(  # pyright: ignore[reportUnknownMemberType] - the stubs leave the value untyped
        "tag:yaml.org,2002:str", text, style=None if bare else '"'
    )


_QuotingDumper.add_representer(str, _represented)
