"""States that releases left behind, and how each was made.

A folder of `tests/golden/states` holds what one release left on the sandbox:
`recipe.yaml` says what was asked of it, `stack.json` is the state of the stack program,
`own.json` that of a program of one's own, `schema.json` what other languages could say.
When and from which line a resource was registered is taken out, and what the sandbox
chooses stands between two `@`.

    python tests/upgrades.py <release>

keeps those of the code that is there now, by `next.yaml`.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pulumi.automation as auto
import yaml
from hands import Hands
from own_programs import open_program
from workbench import Workbench

from sandbox.aws.clients import administrator
from sandbox.binaries import find_or_build
from sandbox.session import (
    Sandbox,
    forget_user_settings,
    issuer_url_of,
    open_sandbox,
)

__all__ = ["KINDS", "RELEASES", "STATES", "Recipe"]

STATES: Final = Path(__file__).parent / "golden/states"
RELEASES: Final = sorted(path.parent.name for path in STATES.glob("*/recipe.yaml"))
KINDS: Final = ("stack", "own")
REGION: Final = "us-west-2"
POLICY: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}],
}
# When and from which line a resource was registered is no part of what it is.
_PASSING: Final = ("created", "modified", "sourcePosition", "stackTrace")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How the states of one release come to be.

    Attributes:
        text: Of its file, YAML.
        folder: Where its states are.
    """

    text: str
    folder: Path

    @classmethod
    def of(cls, release: str) -> "Recipe":
        """Read that of a release that was kept, or the next one's for a new release."""
        folder = STATES / release
        if folder.is_dir():
            text = (folder / "recipe.yaml").read_text(encoding="utf-8")
        else:
            name = release.replace(".", "-")
            text = (STATES / "next.yaml").read_text(encoding="utf-8")
            text = text.replace("@RELEASE@", name)
        return cls(text=text, folder=folder)

    @property
    def _values(self) -> dict[str, Any]:
        values: dict[str, Any] = yaml.safe_load(self.text)
        return values

    @property
    def later(self) -> Sequence[str]:
        """Names of the resources that a program has more after an upgrade."""
        creates: list[str] = self._values["own"].get("later", {}).get("creates", [])
        return creates

    @contextmanager
    def prepared(self, sandbox: Sandbox) -> Generator[None]:
        """Have what others have made: managed policies and service accounts."""
        iam, hands = administrator(sandbox.aws, "iam"), Hands(sandbox)
        policies: list[str] = []
        for name in self._values["policies"]:
            # Another test of the account may have left one of that name.
            with suppress(iam.exceptions.EntityAlreadyExistsException):
                policy = json.dumps(POLICY)
                made = iam.create_policy(PolicyName=name, PolicyDocument=policy)
                policies.append(made["Policy"]["Arn"])
        for key in self._values["serviceAccounts"]:
            if not hands.service_account(key):
                hands.make_namespace(key.partition("/")[0])
                hands.make_service_account(key)
        yield
        for arn in policies:
            iam.delete_policy(PolicyArn=arn)

    def bring_up(self, kind: str, sandbox: Sandbox, folder: Path) -> Workbench:
        """Run what the release ran, with the code that is there now.

        Args:
            kind: `stack` or `own`.
            sandbox: Where it is `prepared`.
            folder: Of a project that is made here.

        Returns:
            The stack, brought up as often as the recipe says.
        """
        asked = self._values[kind]
        ways: Mapping[str, Callable[..., Workbench]] = {
            "stack": _bring_up_stack,
            "own": _bring_up_own,
        }
        return ways[kind](asked, sandbox, folder)

    def take_in(self, kind: str, bench: Workbench) -> None:
        """Put the state of the release in the place of what the code has recorded."""
        text = (self.folder / f"{kind}.json").read_text(encoding="utf-8")
        for name, value in _chosen_by(bench).items():
            text = text.replace(name, value)
        state = bench.stack.export_stack()
        deployment = {**(state.deployment or {}), "resources": json.loads(text)}
        bench.stack.import_stack(auto.Deployment(state.version, deployment))
        if later := self._values[kind].get("later"):
            _write(bench, self._values[kind], later=later["program"])

    def keep(self, kind: str, bench: Workbench) -> None:
        """Write the state of a stack beside the recipe.

        Raises:
            ValueError: The state has something of this run that no other run has.
        """
        # A resource a line, so that a diff of two states can be read.
        lines = ",\n".join(
            json.dumps({key: one[key] for key in one if key not in _PASSING})
            for one in bench.resources()
        )
        text = f"[\n{lines}\n]\n"
        for name, value in _chosen_by(bench).items():
            text = text.replace(value, name)
        for passing in ("127.0.0.1", "ciphertext", str(bench.sandbox.directory)):
            if passing in text:
                msg = f"{kind}: the state has {passing!r} in it"
                raise ValueError(msg)
        (self.folder / f"{kind}.json").write_text(text, encoding="utf-8")


def _bring_up_stack(
    asked: Mapping[str, Any], sandbox: Sandbox, folder: Path
) -> Workbench:
    bench = Workbench.make(
        sandbox, folder=folder, number=asked["number"], cluster=asked["cluster"]
    )
    for run in asked["runs"]:
        bench.entries({**asked["entries"], **run.get("entries", {})})
        bench.settings(**asked["settings"], **run.get("settings", {}))
        bench.up()
    return bench


def _bring_up_own(
    asked: Mapping[str, Any], sandbox: Sandbox, folder: Path
) -> Workbench:
    cluster = asked["cluster"]
    issuer = issuer_url_of(cluster=cluster, region=REGION)
    sandbox.add_cluster(name=cluster, region=REGION, issuer_url=issuer)
    # The stack is called like its folder.
    folder.mkdir()
    bench = open_program(
        sandbox, folder=folder / cluster, program=asked["program"], cluster=cluster
    )
    for mode in asked["modes"]:
        _write(bench, asked, mode=mode)
        bench.up()
    return bench


def _write(
    bench: Workbench, asked: Mapping[str, Any], *, mode: str = "", later: str = ""
) -> None:
    """Write a program, the last mode unless another is given."""
    program = (
        asked["program"]
        .replace("@MODE@", mode or asked["modes"][-1])
        .replace("# @LATER@", later)
        .replace("@KUBECONFIG@", str(bench.sandbox.control_plane.kubeconfig))
    )
    (bench.project / "__main__.py").write_text(program, encoding="utf-8")


def _chosen_by(bench: Workbench) -> Mapping[str, str]:
    """Give what a sandbox has chosen, as a state has it."""
    for resource in bench.resources():
        text: str = resource.get("inputs", {}).get("kubeconfig", "")
        if text.startswith("{"):
            cluster = json.loads(text)["clusters"][0]["cluster"]
            return {
                "@SERVER@": cluster["server"],
                "@AUTHORITY@": cluster["certificate-authority-data"],
                "@KUBECONFIG@": str(bench.sandbox.control_plane.kubeconfig),
            }
    raise AssertionError(bench.resources())


def main() -> None:
    """Keep the states and the schema of the release named on the command line."""
    if len(sys.argv) != 2 or (STATES / sys.argv[1]).exists():
        sys.exit("name a release whose states are not kept yet, such as 1.2.0")
    recipe = Recipe.of(sys.argv[1])
    schema = STATES.parents[2] / "components/schema.json"
    forget_user_settings()
    with (
        tempfile.TemporaryDirectory() as scratch,
        open_sandbox(
            directory=Path(scratch),
            binaries=find_or_build(report=print),
            issuer_url=issuer_url_of(cluster="states", region=REGION),
            report=print,
        ) as sandbox,
        recipe.prepared(sandbox),
    ):
        benches = {
            kind: recipe.bring_up(kind, sandbox, Path(scratch) / f"project-{kind}")
            for kind in KINDS
        }
        recipe.folder.mkdir()
        (recipe.folder / "recipe.yaml").write_text(recipe.text, encoding="utf-8")
        shutil.copy(schema, recipe.folder / "schema.json")
        for kind, bench in benches.items():
            recipe.keep(kind, bench)
            bench.destroy()


if __name__ == "__main__":
    main()
