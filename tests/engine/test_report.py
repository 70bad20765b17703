"""`eks-irsa report` on what the real engine prints; the example of the documents."""

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from golden_files import GoldenFiles
from pulumi.automation.errors import CommandError
from workbench import Workbench

from eks_irsa.review.markdown import markdown
from eks_irsa.review.preview_reading import read_preview
from eks_irsa.review.reviewing import review
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
    return [account.name for account in review(read_preview(text)).accounts]


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
    unchanged = stack.preview_text(SAMES)
    changed(stack)

    text = stack.preview_text(SAMES)
    streamed = stack.preview_text(SAMES, streamed=True)
    brief = stack.preview_text()
    with signed_out(sandbox, stack):
        outside = stack.preview_text(SAMES)
        with pytest.raises(CommandError, match="cluster is unreachable"):
            stack.preview(refresh=True)

    golden("review/example.md", shown(text, stack))
    golden("review/example.json", recorded(text, stack))
    assert shown(streamed, stack) == shown(text, stack)
    assert shown(outside, stack) == shown(text, stack)
    assert "No service account gains or loses anything." in shown(unchanged, stack)
    assert "make it with `--show-sames`" in shown(brief, stack)
    assert affected(text) == affected(brief) == affected(streamed)
