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


def events_of(text: str, *, result: str = "succeeded") -> list[dict[str, Any]]:
    """Give the events the engine prints in the place of a document."""
    events: list[dict[str, Any]] = [{"sequence": 0, "preludeEvent": {"config": {}}}]
    for one in json.loads(text)["steps"]:
        metadata = {
            {"oldState": "old", "newState": "new"}.get(key, key): value
            for key, value in one.items()
        }
        events.append({"sequence": 1, "resourcePreEvent": {"metadata": metadata}})
        events.append({"sequence": 2, "resOutputsEvent": {"metadata": metadata}})
    events.append({"sequence": 3, "summaryEvent": {"result": result}})
    events.append({"sequence": 4, "cancelEvent": {}})
    return events


def printed(events: list[dict[str, Any]]) -> str:
    """Write events a line; of ends of lines, Go's encoder escapes fewer than ours."""
    return "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in events)


def test_events_say_what_the_document_says() -> None:
    """The engine prints either form of one preview."""
    policy = document({"Action": "a:b", "Resource": "arn:aws:s3:::\x85\u2028"})
    text = preview(steps(None, {"inline": {"app": policy}}))

    assert read_preview(printed(events_of(text))) == read_preview(text)


def test_events_that_are_cut_are_no_whole_preview() -> None:
    """Wherever the process died, in the middle of an event too; as the engine ends."""
    text = preview(steps(None, {"inline": {"app": document({"Action": "a:b"})}}))
    whole = printed(events_of(text))
    summary = whole.index('{"sequence": 3')
    first = whole.index("resourcePreEvent") + len("resourcePreEvent")
    cuts = [*range(whole.index("\n", first), summary, 97), summary, summary + 5]

    found = [read_preview(whole[:cut]).errors for cut in cuts]

    message = "the events end without a summary: the preview was cut short"
    assert {*found} == {(message,)}


@pytest.mark.parametrize("result", ["failed", "canceled"])
def test_events_that_end_in_a_failure_are_no_whole_preview(result: str) -> None:
    """Also where none of them is an error."""
    events = events_of(preview(steps(None, {})), result=result)
    error = {"diagnosticEvent": {"severity": "error", "message": "boom\n"}}

    silent = read_preview(printed(events)).errors
    told = read_preview(printed([*events, error])).errors
    early = read_preview(printed([events[0], error, *events[-2:]])).errors

    assert silent == ("the engine says that the preview failed, and not why",)
    assert (told, early) == (("boom",), ("boom",))


def test_line_that_is_no_event_is_refused() -> None:
    """One in the middle was not left by a process that died."""
    first, *rest = printed(events_of(preview(steps(None, {})))).splitlines()

    with pytest.raises(PreviewError, match="not JSON: "):
        read_preview("\n".join([first, "warning: x", *rest]))


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
