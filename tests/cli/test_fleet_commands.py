"""`eks-irsa fleet` around an engine that answers as Pulumi's does.

tests/engine/test_fleet.py has the real one; here is what it cannot be made to do.
"""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator
from repositories import commit, git

Run = Callable[..., tuple[int, str, str]]
# Its version is one that writes events to a file, which needs nothing of Pulumi's here.
ENGINE: Final = """\
#!/usr/bin/env python3
import json, os, pathlib, signal, sys, time
words = [one for one in sys.argv[1:] if one != "--non-interactive"]
here = os.environ.get("PULUMI_BACKEND_URL") == "s3://ours"
if words == ["version"]:
    print("v3.200.0"); sys.exit()
with open("calls", "a") as file:
    print(json.dumps({"words": words, "here": here}), file=file)
there = json.loads(os.environ.get("THERE", '["a", "b", "c"]'))
if words[:2] == ["stack", "ls"]:
    cloud = os.environ.get("CLOUD", "")
    print(json.dumps([{"name": one, "current": False, "url": cloud + one}
        for one in there]))
    sys.exit(int(os.environ.get("LS", "0")))
if words[0] == "whoami":
    print('{"user": "me", "url": "https://app.pulumi.com/me"}'); sys.exit()
if words[0] == "stack":
    if "INIT" in os.environ:
        sys.exit("error: no backend for a new one")
    sys.exit()
stack = words[words.index("--stack") + 1].rpartition("/")[2]
interrupts = []
signal.signal(signal.SIGINT, lambda *_: interrupts.append(1))
wanted = json.loads(os.environ.get("STACKS_END", "{}")).get(stack, {})
log = open(words[words.index("--event-log") + 1], "a")
def event(**one):
    print(json.dumps({"sequence": 1, "timestamp": 1, **one}), file=log, flush=True)
if wanted.get("slow"):
    pathlib.Path(f"slow-{stack}").touch()
    while len(interrupts) < wanted["slow"]:
        time.sleep(0.02)
    print("error: update canceled", file=sys.stderr)
    event(cancelEvent={})
    pathlib.Path(f"interrupts-{stack}").write_text(str(len(interrupts)))
    sys.exit(1)
if "edits" in wanted:
    pathlib.Path(f"stacks/Pulumi.{stack}.yaml").write_text(wanted["edits"])
if wanted.get("lost"):
    print(json.dumps({"steps": []}))
    sys.exit(1)
if wanted.get("error"):
    event(cancelEvent={})
    print("error: " + wanted["error"], file=sys.stderr)
    sys.exit(1)
event(summaryEvent={"maybeCorrupt": False, "durationSeconds": 1, "PolicyPacks": {},
      "resourceChanges": wanted.get("changes", {"same": 3})})
event(cancelEvent={})
if "--json" in words:
    urn = f"urn:pulumi:{stack}::eks-irsa::pulumi:pulumi:Stack::eks-irsa-{stack}"
    print(json.dumps({"steps": [{"op": "same", "urn": urn}]}))
else:
    print("the engine's own words")
"""
RESULT: Final = {
    "type": "object",
    "additionalProperties": False,
    "required": ["stack", "state", "new", "seconds", "changes", "error", "log"],
    "properties": {
        "stack": {"type": "string"},
        "state": {
            "enum": ["done", "failed", "cut", "not begun", "missing", "left out"]
        },
        "new": {"type": "boolean"},
        "seconds": {"type": "number", "minimum": 0},
        "changes": {"type": "object", "additionalProperties": {"type": "integer"}},
        "error": {"type": "string"},
        "log": {"type": ["string", "null"]},
    },
}
DOCUMENT: Final = {
    "type": "object",
    "additionalProperties": False,
    "required": [
        *("version", "verb", "seconds", "interrupted", "states", "changes", "stacks")
    ],
    "properties": {
        "version": {"const": 1},
        "verb": {"enum": ["preview", "up"]},
        "seconds": {"type": "number"},
        "interrupted": {"type": "boolean"},
        "states": {"type": "object"},
        "changes": {"type": "object"},
        "stacks": {"type": "array", "items": RESULT},
    },
}


@pytest.fixture(name="project")
def _project(folder: Path, good: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project of the stacks a, b and c, all of them in the backend."""
    (folder / "Pulumi.yaml").write_text("name: eks-irsa\nstackConfigDir: stacks\n")
    (folder / "stacks").mkdir()
    for name in "abc":
        (folder / f"stacks/{name}.yaml").write_text(good.replace("shop", name))
        (folder / f"stacks/Pulumi.{name}.yaml").write_text(
            f"config:\n  eks-irsa:clusterConfig: stacks/{name}.yaml\n"
        )
    programs = folder / "bin"
    programs.mkdir()
    (programs / "pulumi").write_text(ENGINE, encoding="utf-8")
    (programs / "pulumi").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://ours")
    return folder


def calls(project: Path) -> list[list[str]]:
    """List what the engine was asked for stacks, without what differs in each run."""
    found = [json.loads(one) for one in (project / "calls").read_text().splitlines()]
    words = [one["words"] for one in found if one["words"][:2] != ["stack", "ls"]]
    return [_steady(one) for one in words]


def _steady(words: list[str]) -> list[str]:
    skipped = {"--exec-kind", "auto.local", "--event-log"}
    return [one for one in words if one not in skipped and "eventlog" not in one]


def ends(monkeypatch: pytest.MonkeyPatch, **stacks: dict[str, Any]) -> None:
    """Say how the engine ends for stacks that are not simply unchanged."""
    monkeypatch.setenv("STACKS_END", json.dumps(stacks))


def document(out: str) -> dict[str, Any]:
    """Read the JSON, and hold it to its schema."""
    found: dict[str, Any] = json.loads(out)
    validator: Any = Draft202012Validator(DOCUMENT)
    validator.validate(found)
    return found


def states(out: str) -> dict[str, str]:
    """Give the state of each stack."""
    return {one["stack"]: one["state"] for one in document(out)["stacks"]}


def timeless(text: str) -> str:
    """Take the times out of a text."""
    return re.sub(r"\d+\.\d s", "0.0 s", text)


def test_failed_stack_is_told_and_the_others_go_on(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines as they begin and end on standard error, the summary on standard output."""
    ends(
        monkeypatch,
        a={"changes": {"create": 2, "delete": 1, "same": 3}},
        b={"error": "no credentials\nand more"},
    )

    code, out, err = run("fleet", "preview", "--at-a-time", "1")

    assert code == 1
    assert timeless(out) == (
        "preview of 3 stacks in 0.0 s: 2 done, 1 failed\n"
        "2 to create, 1 to delete\n"
        "deletes or replaces in: a\n"
        "b: failed: no credentials\n"
        f"    all of it: {project}/.eks-irsa/logs/b.log\n"
    )
    assert timeless(err) == (
        "a: preview begun\n"
        "a: previewed in 0.0 s: 2 to create, 1 to delete\n"
        "b: preview begun\n"
        "b: failed after 0.0 s: no credentials\n"
        "c: preview begun\n"
        "c: previewed in 0.0 s: unchanged\n"
    )
    logs = project / ".eks-irsa/logs"
    assert (logs / "b.log").read_text() == "error: no credentials\nand more\n"
    assert (logs / "c.log").read_text() == "the engine's own words\n"
    assert (project / ".eks-irsa/.gitignore").read_text() == "*\n"


def test_json_is_the_only_thing_on_standard_output(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its schema is the one above; logs go where they are wanted."""
    ends(monkeypatch, b={"error": "no"})
    del project

    code, out, _ = run("fleet", "preview", "--output", "json", "--logs", "elsewhere/x")

    found = document(out)
    assert code == 1
    assert (found["states"], found["interrupted"]) == ({"done": 2, "failed": 1}, False)
    assert found["stacks"][2] | {"seconds": 0} == {
        "stack": "c",
        "state": "done",
        "new": False,
        "seconds": 0,
        "changes": {"same": 3},
        "error": "",
        "log": str(tmp_path / "elsewhere/x/c.log"),
    }


def test_stacks_are_chosen_by_name_and_by_what_changed(run: Run, project: Path) -> None:
    """Both together take what both take; a glob for nothing is a slip."""
    git("init", "--quiet")
    (project / ".gitignore").write_text("bin\ncalls\n")
    commit()
    (project / "stacks/b.yaml").write_text("{", encoding="utf-8")

    _, globbed, _ = run("fleet", "preview", "--stacks", "[ab]", "--output", "json")
    _, touched, told = run("fleet", "preview", "--changed-since=HEAD", "--output=json")
    none = run("fleet", "preview", "--changed-since", "HEAD", "--stacks", "a")
    slip = run("fleet", "preview", "--stacks", "prod-*")

    assert list(states(globbed)) == ["a", "b"]
    assert list(states(touched)) == ["b"]
    assert "b: stacks/b.yaml\n" in told
    assert (none[0], timeless(none[1])) == (0, "preview of 0 stacks in 0.0 s\n")
    assert slip[0] == 2
    assert "--stacks: 'prod-*' matches no stack; there are a, b, c" in slip[2]


def test_new_stacks_are_made_only_where_that_is_wanted(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider of secrets of the stack file is kept; what was selected stays so."""
    monkeypatch.setenv("THERE", '["a"]')
    (project / "stacks/Pulumi.b.yaml").write_text(
        "secretsprovider: awskms://alias/ours\nconfig: {}\n"
    )

    without = run("fleet", "up", "--yes", "--output", "json")
    not_asked = calls(project)
    (project / "calls").unlink()
    made = run("fleet", "up", "--yes", "--create", "--at-a-time=1", "--output=json")

    assert without[0] == 1
    assert states(without[1]) == {"a": "done", "b": "missing", "c": "missing"}
    assert (
        "b: missing: the backend has no such stack; --create makes it, or "
        "'pulumi stack init b'\n"
    ) in without[2]
    assert [one[0] for one in not_asked] == ["up"]
    assert (made[0], {*states(made[1]).values()}) == (0, {"done"})
    init = ["stack", "init"]
    assert [one for one in calls(project) if one[0] == "stack"] == [
        [*init, "b", "--no-select", "--secrets-provider", "awskms://alias/ours"],
        [*init, "c", "--no-select", "--secrets-provider", "default"],
    ]


def stacks_run(project: Path) -> list[str]:
    """List what the engine was run for, or made, in order."""
    return sorted(
        one[2] if one[0] == "stack" else one[one.index("--stack") + 1]
        for one in calls(project)
    )


def test_stack_is_found_in_the_organization_that_has_it(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is shown has its plain name; a new one is the user's own."""
    monkeypatch.setenv("THERE", '["acme/a", "b", "acme/other"]')

    code, out, _ = run("fleet", "up", "--yes", "--create", "--output", "json")

    assert (code, list(states(out))) == (0, ["a", "b", "c"])
    assert stacks_run(project) == ["acme/a", "b", "c", "c"]


def test_organization_that_is_named_has_the_new_stacks(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it is the user's own, of which only the URL of a stack tells."""
    monkeypatch.setenv("THERE", '["a", "rival/b"]')
    monkeypatch.setenv("CLOUD", "https://app.pulumi.com/acme/eks-irsa/")
    given = ("--organization", "acme", "--output", "json")

    without = run("fleet", "up", "--yes", *given)
    previewed = run("fleet", "preview", *given)
    (project / "calls").unlink()
    made = run("fleet", "up", "--yes", "--create", *given)

    assert states(without[1]) == {"a": "done", "b": "missing", "c": "missing"}
    assert "'pulumi stack init acme/b'" in without[2]
    assert {*states(previewed[1]).values()} == {"done"}
    assert list(states(made[1])) == ["a", "b", "c"]
    assert stacks_run(project) == ["a", "acme/b", "acme/b", "acme/c", "acme/c"]


def test_status_is_that_of_the_stack_in_its_organization(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With plain names, and those of other organizations only if none is named."""
    monkeypatch.setenv("THERE", '["acme/a", "acme/more", "rival/b"]')

    _, every, _ = run("fleet", "status", "--output", "json")
    _, one, _ = run("fleet", "status", "--output", "json", "--organization", "acme")

    found = [json.loads(every), json.loads(one)]
    there = [[one["stack"] for one in x["stacks"] if one["exists"]] for x in found]
    assert there == [["a", "b"], ["a"]]
    assert [x["withoutFile"] for x in found] == [["more"], ["more"]]
    assert ["stack", "export", "--stack", "acme/a"] in calls(project)


@pytest.mark.parametrize("command", ["preview", "status"])
def test_stack_of_two_organizations_is_not_guessed(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Nothing is run for any stack."""
    monkeypatch.setenv("THERE", '["a", "acme/a", "b"]')

    code, out, err = run("fleet", command)

    assert (code, out) == (2, "")
    assert err == (
        "eks-irsa: several organizations have a stack a: a, acme/a; say with "
        "--organization which is meant\n"
    )
    assert not [one for one in calls(project) if one[0] == "preview"]


def test_file_that_is_edited_during_a_preview_is_told(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its stack does not pass: the preview is not of what the file says now."""
    monkeypatch.setenv("THERE", '["a"]')
    ends(
        monkeypatch,
        b={"edits": "config: {'eks-irsa:clusterConfig': new.yaml}\n"},
        c={"edits": "encryptionsalt: x\n"},
    )
    (project / "stacks/Pulumi.c.yaml").write_text("config: {}\n")

    code, out, _ = run("fleet", "preview", "--output", "json")

    error = document(out)["stacks"][1]["error"]
    assert (code, states(out)) == (1, {"a": "done", "b": "failed", "c": "done"})
    assert "stacks/Pulumi.b.yaml was edited during the preview, and is left" in error
    assert "new.yaml" in (project / "stacks/Pulumi.b.yaml").read_text()
    assert (project / "stacks/Pulumi.c.yaml").read_text() == "config: {}\n"


def test_up_asks_the_engine_for_nothing_else(run: Run, project: Path) -> None:
    """No outputs, no history: three runs of the engine less, and no secret printed."""
    code, _, _ = run("fleet", "up", "--yes", "--stacks", "a", "--refresh")

    assert code == 0
    assert calls(project) == [
        ["up", "--yes", "--skip-preview", "--refresh", "--stack", "a"]
    ]


def test_what_would_be_destroyed_is_kept(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its stack is not brought up, and not done."""
    ends(
        monkeypatch,
        a={"changes": {"delete": 1}},
        b={"changes": {"replace": 1}},
        c={"changes": {"update": 1, "create": 1}},
    )

    code, out, _ = run("fleet", "up", "--yes", "--keep", "--output", "json")
    state = json.loads((project / ".eks-irsa/fleet-up.json").read_text())

    assert code == 1
    assert states(out) == {"a": "left out", "b": "left out", "c": "done"}
    assert [one[-1] for one in calls(project) if one[0] == "up"] == ["c"]
    assert state["stacks"] == {"a": "not begun", "b": "not begun", "c": "done"}


def test_nobody_is_asked_without_a_terminal(run: Run, project: Path) -> None:
    """A pipeline that forgot `--yes` hears of it at once."""
    code, out, err = run("fleet", "up")

    assert (code, out) == (2, "")
    assert "nobody can be asked, standard input is no terminal; give --yes" in err
    assert not (project / "calls").exists()


@pytest.mark.parametrize("answer", ["n", "y"])
def test_person_is_asked_with_the_counts(project: Path, answer: str) -> None:
    """Whoever says no has changed nothing; what fails a preview is not asked about."""
    stacks = {"a": {"changes": {"delete": 2}}, "b": {"error": "no"}}
    terminal, standard_input = pty.openpty()
    os.write(terminal, f"{answer}\n".encode())
    ran = subprocess.run(  # noqa: S603 - ours
        [Path(sys.executable).with_name("eks-irsa"), "fleet", "up"],
        cwd=project,
        env={**os.environ, "STACKS_END": json.dumps(stacks)},
        stdin=standard_input,
        capture_output=True,
        text=True,
        check=False,
    )
    os.close(terminal)
    os.close(standard_input)

    assert ran.returncode == 1
    assert "2 to delete\ndeletes or replaces in: a\n" in ran.stderr
    assert "Bring up 2 stacks? [y/N]: " in ran.stderr
    brought_up = sorted(one[-1] for one in calls(project) if one[0] == "up")
    assert brought_up == ([] if answer == "n" else ["a", "c"])
    assert ("nothing was changed\n" in ran.stderr) == (answer == "n")


def test_next_run_goes_on_with_what_is_not_done(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the reason was; a stack that has no file any more is told."""
    ends(monkeypatch, b={"error": "no"}, c={"error": "no"})
    run("fleet", "up", "--yes")
    (project / "stacks/Pulumi.c.yaml").unlink()
    (project / "calls").unlink()
    ends(monkeypatch)

    code, out, err = run("fleet", "up", "--yes", "--resume", "--output", "json")
    nothing = run("fleet", "up", "--yes", "--resume")

    assert (code, states(out)) == (0, {"b": "done"})
    assert "c has no stack file any more\n" in err
    assert [one[-1] for one in calls(project)] == ["b"]
    assert (nothing[0], timeless(nothing[1])) == (0, "up of 0 stacks in 0.0 s\n")
    assert nothing[2].endswith("the last 'fleet up' left nothing to bring up\n")


def test_run_of_other_stacks_forgets_none_that_is_left(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until it is brought up, or has no file any more."""
    ends(monkeypatch, b={"error": "no"}, c={"error": "no"})
    run("fleet", "up", "--yes")
    (project / "stacks/Pulumi.c.yaml").unlink()
    ends(monkeypatch)
    run("fleet", "up", "--yes", "--stacks", "a")
    record = json.loads((project / ".eks-irsa/fleet-up.json").read_text())

    _, out, err = run("fleet", "up", "--yes", "--resume", "--output", "json")

    assert record["stacks"] == {"b": "failed", "a": "done"}
    assert states(out) == {"b": "done"}
    assert "no stack file" not in err


def test_run_that_cannot_begin_has_left_all(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one does not go on from the one before it."""
    run("fleet", "up", "--yes")
    monkeypatch.setenv("LS", "1")
    code, _, _ = run("fleet", "up", "--yes")
    monkeypatch.delenv("LS")

    _, out, _ = run("fleet", "up", "--yes", "--resume", "--output", "json")

    assert code == 2
    assert states(out) == {"a": "done", "b": "done", "c": "done"}
    assert project.is_dir()


def test_interrupt_while_previewing_has_left_all(run: Run, project: Path) -> None:
    """And a second run at the same time is refused, and changes no record."""
    run("fleet", "up", "--yes")
    slow = {name: {"slow": 1} for name in "abc"}
    with subprocess.Popen(  # noqa: S603 - ours
        [Path(sys.executable).with_name("eks-irsa"), "fleet", "up", "--yes", "--keep"],
        cwd=project,
        env={**os.environ, "STACKS_END": json.dumps(slow)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while not (project / "slow-a").exists():
            assert process.poll() is None
            time.sleep(0.05)
        second = run("fleet", "up", "--yes")
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)

    _, out, _ = run("fleet", "up", "--yes", "--resume", "--output", "json")

    assert (second[0], "another 'fleet up' runs in this project" in second[2]) == (
        *(2, True),
    )
    assert (process.returncode, "nothing was changed\n" in told) == (130, True)
    assert states(out) == {"a": "done", "b": "done", "c": "done"}


def test_full_disk_ends_no_fleet(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be noted is brought up once more, and that is told."""
    write = Path.write_text

    def full(path: Path, text: str, encoding: str | None = None) -> int:
        if path.suffix == ".part" and '"done"' in text:
            raise OSError(28, "No space left on device")
        return write(path, text, encoding=encoding)

    monkeypatch.setattr(Path, "write_text", full)

    code, out, err = run("fleet", "up", "--yes", "--output", "json")
    noted = json.loads((project / ".eks-irsa/fleet-up.json").read_text())

    assert (code, {*states(out).values()}) == (0, {"done"})
    assert "not all that is done is noted, --resume would repeat it: [Errno 28]" in err
    assert {*noted["stacks"].values()} == {"not begun"}


@pytest.mark.parametrize(
    ("arguments", "text", "reason"),
    [
        (["--resume"], None, "there is no earlier 'fleet up' here to go on with"),
        (["--resume"], "[]", "is of another version; run without --resume"),
        (["--resume"], "{", "cannot be read: "),
        (["--resume", "--stacks", "a"], None, "leave out --stacks and --changed-since"),
    ],
    ids=["none", "other", "damaged", "with-a-choice"],
)
def test_resume_without_a_run_is_wrong_usage(
    run: Run, project: Path, arguments: list[str], text: str | None, reason: str
) -> None:
    """Nothing is brought up by a guess."""
    if text is not None:
        (project / ".eks-irsa").mkdir()
        (project / ".eks-irsa/fleet-up.json").write_text(text)

    code, out, err = run("fleet", "up", "--yes", *arguments)

    assert (code, out) == (2, "")
    assert reason in err
    assert not (project / "calls").exists()


def test_without_engine_or_backend_no_stack_is_run(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The reason is told once, not for each stack."""
    monkeypatch.setenv("LS", "1")
    no_backend = run("fleet", "preview")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    no_engine = run("fleet", "status")

    assert no_backend == (2, "", "eks-irsa: pulumi stack ls failed\n")
    assert no_engine == (
        *(2, ""),
        "eks-irsa: there is no pulumi on PATH; install its CLI\n",
    )
    assert not (project / "calls").read_text().count("preview")


def test_report_of_the_fleet_is_that_of_its_previews(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its forms and its gate; why there is no preview of a stack is in it."""
    ends(monkeypatch, b={"error": "no credentials"})

    code, out, err = run("fleet", "report", "--output", "json", "--fail-on", "critical")
    slip = run("fleet", "report", "--exceptions", "x.yaml")
    folder = project / ".eks-irsa/logs/previews"

    assert code == 1
    assert {one["stack"]: one["errors"] for one in json.loads(out)["stacks"]} == {
        "a": [],
        "b": ["error: no credentials"],
        "c": [],
    }
    assert "preview of 3 stacks in " in err
    assert sorted(one.name for one in folder.iterdir()) == [f"{x}.json" for x in "abc"]
    assert all("--json" in one and "--show-sames" in one for one in calls(project)[:3])
    assert (slip[0], "--exceptions has no effect without --fail-on" in slip[2]) == (
        *(2, True),
    )
    assert len(calls(project)) == 3


def test_report_has_each_failure_of_the_fleet(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one of which the preview itself says nothing, or that did not begin."""
    monkeypatch.setenv("THERE", '["a", "b"]')
    monkeypatch.setenv("INIT", "1")
    ends(monkeypatch, b={"lost": True})

    code, out, err = run("fleet", "report", "--output", "json", "--fail-on", "critical")

    errors = {one["stack"]: one["errors"] for one in json.loads(out)["stacks"]}
    assert code == 1
    assert "preview of 3 stacks in " in err
    assert [len(errors[name]) for name in "abc"] == [0, 1, 1]
    assert errors["c"] == ["no backend for a new one"]
    assert project.is_dir()


def test_report_of_the_fleet_is_of_this_run_alone(run: Run, project: Path) -> None:
    """What else lies in a folder that `--logs` names is neither told nor deleted."""
    previews = project / "ours/previews"
    previews.mkdir(parents=True)
    (previews / "package.json").write_text("{}")
    given = ("fleet", "report", "--logs", "ours", "--output", "json")
    run(*given)

    code, out, _ = run(*given, "--stacks", "a")

    assert (code, [one["stack"] for one in json.loads(out)["stacks"]]) == (0, ["a"])
    assert sorted(one.name for one in previews.iterdir()) == ["a.json", "package.json"]


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        (signal.SIGINT, 1),
        (signal.SIGINT, 2),
        (signal.SIGTERM, 1),
        (signal.SIGHUP, 1),
    ],
)
def test_engine_hears_of_an_interrupt_once(
    project: Path, number: signal.Signals, wanted: int
) -> None:
    """Each wish to end is one SIGINT for each engine that runs, and none is begun.

    The command alone gets the signal, or with it its process group, as from a terminal.
    """
    slow = {"slow": wanted}
    environment = {**os.environ, "STACKS_END": json.dumps({"a": slow, "b": slow})}
    with subprocess.Popen(  # noqa: S603 - ours
        [
            Path(sys.executable).with_name("eks-irsa"),
            *("fleet", "up", "--yes", "--at-a-time", "2", "--output", "json"),
        ],
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        while not all((project / f"slow-{name}").exists() for name in "ab"):
            assert process.poll() is None
            time.sleep(0.05)
        os.killpg(process.pid, number)
        told = any("interrupted: " in line for line in process.stderr)
        if wanted > 1:
            process.send_signal(number)
        out, rest = process.communicate(timeout=60)

    assert (told, process.returncode) == (True, 130)
    assert document(out)["interrupted"]
    assert states(out) == {"a": "cut", "b": "cut", "c": "not begun"}
    assert {(project / f"interrupts-{name}").read_text() for name in "ab"} == {
        str(wanted)
    }
    assert ("interrupted again" in rest) == (wanted > 1)
    errors = [one["error"] for one in document(out)["stacks"][:2]]
    assert all(("pulumi cancel --stack" in one) == (wanted > 1) for one in errors)
