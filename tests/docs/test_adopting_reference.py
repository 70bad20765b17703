"""docs/adopting.md: its commands run on files, and its tables are complete."""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Final, get_args

import pytest
from click.testing import CliRunner
from live_estates import READ_ONLY, Estate

from eks_irsa.adoption.model import ServiceAccountStep, Verdict
from eks_irsa.cli.commands import commands
from eks_irsa.live.model import known
from eks_irsa.live.offline import COMMANDS, account_of_files

PAGE: Final = (Path(__file__).parents[2] / "docs/adopting.md").read_text("utf-8")
CONFIG: Final = f"""\
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {{name: shop, region: us-west-2}}
iam:
  withOIDC: true
  serviceAccounts:
  - metadata: {{name: reader, namespace: apps}}
    attachPolicyARNs: ["{READ_ONLY}"]
"""


def test_every_verdict_and_step_is_explained() -> None:
    """Programs that read the JSON know all there can be."""
    told = set(re.findall(r"`(\w+)`", PAGE))

    assert {*get_args(Verdict)} <= told
    assert {*get_args(ServiceAccountStep)} <= told


def test_the_files_are_those_that_the_command_asks_for() -> None:
    """Each by the command that its option names."""
    printed = [
        line.partition(" > ")[0]
        .replace("shop", "CLUSTER")
        .replace(" --region us-west-2", "")
        for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
        for line in block.splitlines()
        if " > " in line and "get-template" not in line
    ]

    assert sorted(printed) == sorted(COMMANDS.values())


AWS: Final = """\
#!/bin/sh
case "$*" in
  *"list-pod-identity-associations"*"--output text") cat ids ;;
  *"list-pod-identity-associations"*) cat list ;;
  *"describe-pod-identity-association"*) for id; do :; done; cat "$id" ;;
esac
"""


def test_the_loop_writes_a_file_of_associations(tmp_path: Path) -> None:
    """A shell runs it, with something in place of the AWS CLI that prints alike."""
    estate = Estate()
    for name in ("reader", "writer"):
        arn = estate.made_by_eksctl(f"apps/{name}")
        (tmp_path / estate.association(f"apps/{name}", arn)).write_text(
            json.dumps({"association": estate.associations[-1]}), encoding="utf-8"
        )
    ids = [one["associationId"] for one in estate.associations]
    (tmp_path / "ids").write_text("\t".join(ids), encoding="utf-8")
    listed = json.dumps({"associations": estate.associations})
    (tmp_path / "list").write_text(listed, encoding="utf-8")
    (tmp_path / "aws").write_text(AWS, encoding="utf-8")
    (tmp_path / "aws").chmod(0o755)
    script = re.findall(r"^aws eks list-pod.*?^done$", PAGE, re.MULTILINE | re.DOTALL)[
        0
    ]

    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(  # noqa: S603 - the page's own text
        ["sh", "-euc", script],  # noqa: S607 - any shell
        cwd=tmp_path,
        env={"PATH": path},
        check=True,
    )

    (tmp_path / "made").mkdir()
    paths = estate.write(tmp_path / "made")
    account = account_of_files(
        cluster=paths["cluster-description"],
        roles=paths["roles"],
        associations=tmp_path / "associations.json",
        service_accounts=(),
    )
    assert [one.id for one in known(account.associations) or ()] == ids


@pytest.mark.parametrize("config", [True, False])
def test_commands_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    config: bool,  # noqa: FBT001 - a parameter of a test
) -> None:
    """Offline as on the page; the one that writes a file with the same files."""
    monkeypatch.chdir(tmp_path)
    estate = Estate()
    estate.made_by_eksctl("apps/reader")
    paths = estate.write(tmp_path)
    paths["cluster-description"].rename(tmp_path / "cluster.json")
    (tmp_path / "shop.yaml").write_text(CONFIG, encoding="utf-8")
    offline, writing = re.findall(
        r"^eks-irsa (adopt (?:shop|--cluster).*)$", PAGE, re.MULTILINE
    )
    arguments = shlex.split(offline)
    if not config:
        arguments = [*shlex.split(writing), *arguments[2:]]

    ran = CliRunner().invoke(commands, arguments, prog_name="eks-irsa")

    said = "" if config else "new.yaml is written, 1 entry\n"
    assert (ran.exit_code, ran.stderr) == (0, said)
    assert "1 entry: 1 as it is" in ran.stdout
