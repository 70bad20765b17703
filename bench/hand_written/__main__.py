"""What the stack program registers, by hand: the floor that components stand on.

The documents are in `plan.json` beside it, so that nothing is read, checked or decided
here; resources, inputs and dependencies are those of the stack program. With
the setting `grouped` each service account has a component that does nothing but hold
its resources and give the same outputs: what a component costs at least.
"""

import asyncio
import json
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes


async def main() -> dict[str, object]:
    """Register everything, and wait for it as the stack program does."""
    file = Path(__file__).parent / "plan.json"
    plan: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    provider = aws.iam.OpenIdConnectProvider(
        "provider",
        url=plan["oidcProvider"]["url"],
        client_id_lists=plan["oidcProvider"]["clientIds"],
    )
    cluster = kubernetes.Provider("cluster", kubeconfig=plan["kubeconfig"])
    namespaces = {
        name: kubernetes.core.v1.NamespacePatch(
            name,
            metadata={"name": name},
            opts=pulumi.ResourceOptions(provider=cluster, retain_on_delete=True),
        )
        for name in plan["namespaces"]
    }
    made: list[pulumi.Resource] = [provider, *namespaces.values()]
    outputs: dict[str, object] = {}
    for entry in plan["serviceAccounts"]:
        key = f"{entry['namespace']}/{entry['name']}"
        group = _group(key)
        role = _role(key, entry["role"], provider, group)
        attached = _policies(key, entry["role"], role, group)
        account = kubernetes.core.v1.ServiceAccount(
            key,
            metadata={
                "name": entry["name"],
                "namespace": entry["namespace"],
                "labels": entry["labels"],
                "annotations": {"eks.amazonaws.com/role-arn": role.arn},
            },
            opts=pulumi.ResourceOptions(
                parent=group,
                provider=cluster,
                depends_on=[*attached, namespaces[entry["namespace"]]],
            ),
        )
        if group:
            given = {one: entry[one] for one in ("namespace", "name")}
            group.register_outputs(
                {**given, "roleArn": role.arn, "roleName": role.name}
            )
            made.append(group)
        made += [role, *attached, account]
        outputs[key] = {"roleArn": role.arn, "roleName": role.name}
    await asyncio.gather(*(one.urn.future() for one in made), return_exceptions=True)
    return {"oidcProviderArn": provider.arn, "serviceAccounts": outputs}


def _group(key: str) -> pulumi.ComponentResource | None:
    if not pulumi.Config().get_bool("grouped"):
        return None
    return pulumi.ComponentResource("bench:index:Group", key, {})


def _role(
    key: str,
    role: dict[str, Any],
    provider: pulumi.Resource,
    group: pulumi.Resource | None,
) -> aws.iam.Role:
    return aws.iam.Role(
        key,
        name=role["name"],
        path=role["path"],
        description=f"IRSA: {key}",
        assume_role_policy=json.dumps(role["assumeRolePolicy"]),
        max_session_duration=role["maxSessionDurationSeconds"],
        tags=role["tags"],
        force_detach_policies=True,
        opts=pulumi.ResourceOptions(
            parent=group, depends_on=[provider], delete_before_replace=True
        ),
    )


def _policies(
    key: str,
    planned: dict[str, Any],
    role: aws.iam.Role,
    group: pulumi.Resource | None,
) -> list[pulumi.Resource]:
    options = pulumi.ResourceOptions(parent=group)
    attached: list[pulumi.Resource] = [
        aws.iam.RolePolicyAttachment(
            f"{key}:{arn}", role=role.name, policy_arn=arn, opts=options
        )
        for arn in planned["managedPolicyArns"]
    ]
    attached += [
        aws.iam.RolePolicy(
            f"{key}:{inline['name']}",
            name=inline["name"],
            role=role.name,
            policy=json.dumps(inline["document"]),
            opts=options,
        )
        for inline in planned["inlinePolicies"]
    ]
    return attached


pulumi.run(main)
