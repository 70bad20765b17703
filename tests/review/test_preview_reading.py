"""From what the engine printed to resources: both forms, every kind of step."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from golden_files import GoldenFiles
from previews import UNKNOWN as MARK
from previews import document, preview, steps

from eks_irsa.errors import PreviewError
from eks_irsa.review.forms.markdown import markdown
from eks_irsa.review.forms.report_document import report_document
from eks_irsa.review.preview import SECRET, UNKNOWN, Resource
from eks_irsa.review.preview_reading import read_preview
from eks_irsa.review.reviewing import review

EXAMPLE: Final = Path(__file__).parents[1] / "golden/review/example.json"
URN: Final = "urn:pulumi:dev::shop::aws:iam/role:Role::one"


def read(*found: dict[str, Any]) -> dict[str, Resource]:
    """Read a preview of some steps."""
    return dict(read_preview(preview(found)).resources)


def nested(levels: int) -> str:
    """Write a preview with an input that is nested."""
    value = '{"a":' * levels + "1" + "}" * levels
    return json.dumps({"steps": [step("create", newState={"x": 0})]}).replace(
        '"x": 0', f'"x": {value}'
    )


def step(operation: str, **states: dict[str, Any]) -> dict[str, Any]:
    """Make a step of one role."""
    return {
        "op": operation,
        "urn": URN,
        **{key: {"inputs": inputs} for key, inputs in states.items()},
    }


def test_recorded_preview_gives_the_report_in_the_documents(
    golden: GoldenFiles,
) -> None:
    """What the engine printed once is read the same ever after."""
    found = review(read_preview(EXAMPLE.read_text(encoding="utf-8")))

    golden("review/example.md", markdown(found))
    golden("review/example.report.json", json.dumps(report_document(found)))


def test_events_say_what_the_document_says() -> None:
    """The engine prints either form of one preview."""
    text = preview(steps(None, {"inline": {"app": document({"Action": "a:b"})}}))
    events: list[dict[str, Any]] = [{"sequence": 0, "preludeEvent": {"config": {}}}]
    for one in json.loads(text)["steps"]:
        metadata = {
            {"oldState": "old", "newState": "new"}.get(key, key): value
            for key, value in one.items()
        }
        events.append({"sequence": 1, "resourcePreEvent": {"metadata": metadata}})
        events.append({"sequence": 2, "resOutputsEvent": {"metadata": metadata}})

    streamed = "\n".join(map(json.dumps, events))

    assert read_preview(streamed) == read_preview(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "?", "not JSON: Expecting value: line 1 column 1 (char 0)", id="?"
        ),
        pytest.param(
            "",
            "not a preview; expected what 'pulumi preview --json --show-sames' prints, "
            "an object with 'steps'",
            id="empty",
        ),
        pytest.param(
            "[" * 100_000, "nested too deeply for a preview", id="nested too deeply"
        ),
        *(
            pytest.param(
                nested(levels),
                "nested too deeply for a preview",
                id=f"{levels} levels",
            )
            for levels in (201, 400, 5_000)
        ),
        pytest.param(
            '{"version": 3, "deployment": {}}',
            "not a preview; expected what 'pulumi preview --json --show-sames' prints, "
            "an object with 'steps'",
            id="exported state",
        ),
        pytest.param(
            "[1]",
            "not a preview; expected what 'pulumi preview --json --show-sames' prints, "
            "an object with 'steps'",
            id="list",
        ),
        pytest.param(
            '{"steps": []}',
            "the preview has no step, not even the stack; is it whole?",
            id="no step",
        ),
        pytest.param(
            '{"steps": [{"op": "create", "urn": "x"}]}',
            "a step has no URN: 'x'",
            id="no URN",
        ),
        pytest.param(
            json.dumps({"steps": [{"op": "invent", "urn": URN}]}),
            f"the operation 'invent' of {URN} is not known here",
            id="operation",
        ),
    ],
)
def test_what_is_no_preview_is_refused(text: str, message: str) -> None:
    """Half a preview would be a wrong report."""
    with pytest.raises(PreviewError) as refused:
        read_preview(text)

    assert str(refused.value) == message


def test_several_steps_of_a_replacement_are_one() -> None:
    """`--show-replacement-steps` prints each."""
    old, new = {"name": "a"}, {"name": "b"}

    found = read(
        step("create-replacement", oldState=old, newState=new),
        step("replace", oldState=old, newState=new),
        step("delete-replaced", oldState=old),
    )[URN]

    assert found.operation == "replace"
    assert found.before is not None
    assert found.after is not None
    assert (found.before.inputs, found.after.inputs) == (old, new)


def test_what_a_replacement_left_behind_is_no_deletion() -> None:
    """A pending deletion has the URN of what is there now."""
    gone = step("delete", oldState={"name": "a"})
    gone["oldState"]["delete"] = True

    found = read(step("same", oldState={"name": "b"}, newState={"name": "b"}), gone)

    assert found[URN].operation == "same"


def test_state_that_a_refresh_found_is_the_one_before() -> None:
    """With `--refresh` the engine prints what it recorded first, then what it found."""
    found = read(
        step("refresh", oldState={"name": "recorded"}, newState={"name": "recorded"}),
        step("update", oldState={"name": "found"}, newState={"name": "wanted"}),
    )[URN]

    assert found.before is not None
    assert found.before.inputs == {"name": "found"}
    assert found.operation == "update"


def test_marks_of_the_engine_are_unknown_values() -> None:
    """Wherever they stand, as text or as the map that events have for a secret."""
    secret = {"4dabf18193072939515e22adb298388d": "x", "ciphertext": "[secret]"}
    inputs = {"name": MARK, "tags": {"a": "[secret]"}, "list": [MARK, secret, "x"]}

    found = read(step("create", newState=inputs))[URN]

    assert found.after is not None
    assert found.after.inputs == {
        "name": UNKNOWN,
        "tags": {"a": SECRET},
        "list": [UNKNOWN, SECRET, "x"],
    }


def test_errors_of_a_preview_that_stopped_are_kept() -> None:
    """There may be no step at all then."""
    text = json.dumps(
        {
            "diagnostics": [
                {"severity": "warning", "message": "old plugin"},
                {"severity": "error", "message": "no cluster"},
            ]
        }
    )

    found = read_preview(text)

    assert (found.errors, found.resources) == (("no cluster",), {})
