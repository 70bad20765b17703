"""`eks-irsa report` on what the real engine prints; the example of the documents."""

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from golden_files import GoldenFiles
from hosted import install_components
from pulumi.automation.errors import CommandError
from workbench import Workbench, preview_text

from eks_irsa.documents.trust_policy import trust_policy
from eks_irsa.review.forms.markdown import markdown
from eks_irsa.review.model import UnknownPolicy
from eks_irsa.review.preview import Unknown
from eks_irsa.review.preview_reading import read_preview
from eks_irsa.review.reviewing import review
from sandbox.engine import open_stack
from sandbox.session import Sandbox

pytestmark = pytest.mark.engine

SAMES: Final = "--show-sames"
# What a pull request does to cluster-13: more for one, other conditions for another, a
# role renamed, an account that is new and has a policy of the account's own.
CHANGES: Final = {
    "policy/AmazonS3ReadOnlyAccess": "policy/AmazonS3FullAccess",
    """\
  - metadata:
      name: cache-access
""": """\
  - roleName: cache
    metadata:
      name: cache-access
""",
    """\
        - "autoscaling:SetDesiredCapacity"
        - "autoscaling:TerminateInstanceInAutoScalingGroup"
        Resource: '*'
""": """\
        Resource: '*'
      - Effect: Allow
        Action: ["autoscaling:SetDesiredCapacity"]
        Resource: '*'
        Condition:
          StringEquals:
            aws:ResourceTag/k8s.io/cluster-autoscaler/enabled: "true"
  - metadata: {name: mailer, namespace: backend-apps}
    attachPolicyARNs: ["arn:aws:iam::123456789012:policy/mail"]
""",
}


def shown(text: str, bench: Workbench) -> str:
    """Report on a preview, the stack called as in the documents."""
    return markdown(review(read_preview(text))).replace(bench.stack.name, "production")


def affected(text: str) -> list[str]:
    """Name the service accounts a preview changes something for."""
    return [account.name for account in review(read_preview(text)).rows]


@contextmanager
def signed_out(sandbox: Sandbox, bench: Workbench) -> Generator[None]:
    """Let the cluster's API server know nobody who previews."""
    cluster = {"name": bench.cluster, "region": bench.region}
    sandbox.sign_in(**cluster, token="of nobody")  # noqa: S106 - on purpose
    yield
    sandbox.sign_in(**cluster, token=sandbox.control_plane.admin_token)


def changed(bench: Workbench) -> None:
    """Write the ClusterConfig as the pull request has it."""
    path = bench.project / "stacks/under-test.yaml"
    text = path.read_text(encoding="utf-8")
    for old, new in CHANGES.items():
        assert old in text
        text = text.replace(old, new)
    bench.write(text)


def recorded(text: str, bench: Workbench) -> str:
    """Cut a preview down to what a report reads, the same in each run."""
    document = json.loads(text)
    steps: list[dict[str, Any]] = []
    for step in document["steps"]:
        if "pulumi:providers" in step["urn"]:
            continue
        kept = {key: step[key] for key in ("op", "urn")}
        for side in {"oldState", "newState"} & step.keys():
            state, outputs = step[side], step[side].get("outputs", {})
            kept[side] = {
                "inputs": state.get("inputs", {}),
                # The others are those that were asked for, or tell times and versions.
                "outputs": {"arn": outputs["arn"]} if "arn" in outputs else {},
                "parent": state.get("parent", ""),
            }
        steps.append(dict(sorted(kept.items())))
    steps.sort(key=lambda step: str(step["urn"]))  # the engine's order is any
    return json.dumps({"steps": steps}).replace(bench.stack.name, "production")


def test_report_of_a_pull_request_is_the_one_in_the_documents(
    bench: Callable[..., Workbench], sandbox: Sandbox, golden: GoldenFiles
) -> None:
    """Each form the engine prints gives it, also without access to the cluster.

    A preview without change gives none.
    """
    stack = bench(cluster="cluster-13")
    stack.up()
    unchanged = preview_text(stack.stack, SAMES)
    changed(stack)

    text = preview_text(stack.stack, SAMES)
    streamed = preview_text(stack.stack, SAMES, streamed=True)
    brief = preview_text(stack.stack)
    with signed_out(sandbox, stack):
        outside = preview_text(stack.stack, SAMES)
        with pytest.raises(CommandError, match="cluster is unreachable"):
            stack.preview(refresh=True)

    golden("review/example.md", shown(text, stack))
    golden("review/example.json", recorded(text, stack))
    assert shown(streamed, stack) == shown(text, stack)
    assert shown(outside, stack) == shown(text, stack)
    assert "No service account gains or loses anything." in shown(unchanged, stack)
    assert "make it with `--show-sames`" in shown(brief, stack)
    assert affected(text) == affected(brief) == affected(streamed)


OWN_PROGRAM: Final = """
import json
import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import eks_irsa

other = aws.iam.Role("other", assume_role_policy=json.dumps({trust}))

class App(pulumi.ComponentResource):
    def __init__(self):
        super().__init__("shop:index:App", "app")
        {form}(
            "reader",
            {{
                "oidc_provider_arn": "{provider}",
                "namespace": "apps",
                "service_account_name": "reader",
                "service_account_mode": "notManaged",
                "attach_policy_arns": ["arn:aws:iam::aws:policy/AmazonSQSFullAccess"],
                "inline_policies": {{
                    "app": {{
                        "Version": "2012-10-17",
                        "Statement": [
                            {{
                                "Effect": "Allow",
                                "Action": "sts:AssumeRole",
                                "Resource": other.arn,
                            }}
                        ],
                    }}
                }},
            }},
            pulumi.ResourceOptions(parent=self),
        )

class Hosted(pulumi.ComponentResource):
    def __init__(self, name, args, opts):
        inputs = {{camel(key): value for key, value in args.items()}}
        version = pulumi.ResourceOptions(version=eks_irsa.__version__)
        super().__init__(
            "eks-irsa:index:IrsaServiceAccount", name, inputs,
            pulumi.ResourceOptions.merge(opts, version), remote=True,
        )

def camel(key):
    head, *rest = key.split("_")
    return head + "".join(map(str.capitalize, rest))

App()
"""


@pytest.mark.parametrize("form", ["eks_irsa.IrsaServiceAccount", "Hosted"])
def test_component_within_a_component_is_reported_with_what_is_not_known_yet(
    sandbox: Sandbox, tmp_path: Path, form: str
) -> None:
    """Imported or hosted; once it is there, there is nothing to say."""
    install_components(sandbox.engine_home())
    provider = f"arn:aws:iam::{sandbox.aws.account_id}:oidc-provider/example.com/id/A"
    folder = tmp_path / f"nested-{form.lower().replace('.', '-').replace('_', '-')}"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    trust = trust_policy(
        provider_arn=provider, namespace="apps", service_account="other"
    )
    program = OWN_PROGRAM.format(form=form, provider=provider, trust=trust)
    (folder / "__main__.py").write_text(program, encoding="utf-8")
    stack = open_stack(sandbox.engine_home(), project=folder, stack=folder.name)

    before = review(read_preview(preview_text(stack, SAMES)))
    stack.up()
    after = review(read_preview(preview_text(stack, SAMES)))
    stack.destroy()

    rows = {row.name: row for row in before.rows}
    assert {row.kind for row in before.rows} == {"new"}
    assert rows.keys() == {"apps/reader", "other"}
    row = rows["apps/reader"]
    assert row.role.after == Unknown("named by Pulumi in `up`")
    assert rows["other"].role.after == Unknown("named by Pulumi in `up`")
    (gain,) = row.permissions.difference.gained
    assert gain.grant.actions_as_written == ("sqs:*",)
    assert row.permissions.policies[gain.grant] == (
        "managed policy AmazonSQSFullAccess",
    )
    assert row.permissions.unknown == (
        UnknownPolicy(
            change="gained", what="inline policy app", reason="known only in `up`"
        ),
    )
    assert {"unknown", "wildcard-action"} <= {*row.marks}
    assert not before.is_complete
    assert [one.operation for one in before.elsewhere] == ["create"]
    assert after.rows == ()
