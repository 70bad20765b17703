"""The golden files themselves: what a test is told, and when a file is written."""

from pathlib import Path

import pytest
from golden_files import GoldenFiles

TEST = "tests/test_trust.py::test_document[aws]"


def test_equal_text_passes(tmp_path: Path) -> None:
    """A text equal to the file's is accepted."""
    (tmp_path / "note.txt").write_text("one\n", encoding="utf-8")

    golden = GoldenFiles(folder=tmp_path, test=TEST, update=False)

    golden("note.txt", "one\n")


def test_json_is_compared_by_content_and_order_but_not_by_white_space(
    tmp_path: Path,
) -> None:
    """Compact JSON is accepted by a file that keeps the same JSON indented."""
    (tmp_path / "trust.json").write_text(
        '{\n  "b": 1,\n  "a": [\n    2\n  ]\n}\n', encoding="utf-8"
    )

    golden = GoldenFiles(folder=tmp_path, test=TEST, update=False)

    golden("trust.json", '{"b":1,"a":[2]}')
    with pytest.raises(pytest.fail.Exception):
        golden("trust.json", '{"a":[2],"b":1}')


def test_other_text_fails_with_the_difference_and_the_command(tmp_path: Path) -> None:
    """A mismatch shows what changed and how to accept it."""
    folder = tmp_path / "golden"
    folder.mkdir()
    (folder / "trust.json").write_text('{\n  "a": 1\n}\n', encoding="utf-8")
    golden = GoldenFiles(folder=folder, test=TEST, update=False)

    with pytest.raises(pytest.fail.Exception) as failure:
        golden("trust.json", '{"a":2}')

    assert str(failure.value) == (
        "the golden file golden/trust.json holds another text:\n"
        "--- golden/trust.json (golden)\n"
        "+++ golden/trust.json (now)\n"
        "@@ -1,3 +1,3 @@\n"
        " {\n"
        '-  "a": 1\n'
        '+  "a": 2\n'
        " }\n"
        "If the change is meant, accept it and review the diff:\n"
        "    pytest --update-golden 'tests/test_trust.py::test_document[aws]'"
    )


def test_missing_file_fails_and_is_not_written(tmp_path: Path) -> None:
    """A test without its golden file fails; only the option writes files."""
    golden = GoldenFiles(folder=tmp_path, test=TEST, update=False)

    with pytest.raises(pytest.fail.Exception, match="does not exist yet"):
        golden("new.txt", "one\n")

    assert list(tmp_path.iterdir()) == []


def test_update_writes_the_file_the_next_run_accepts(tmp_path: Path) -> None:
    """With the option the file is made, folders included, as indented JSON."""
    GoldenFiles(folder=tmp_path, test=TEST, update=True)("aws/trust.json", '{"a":"é"}')

    written = (tmp_path / "aws" / "trust.json").read_text(encoding="utf-8")

    assert written == '{\n  "a": "é"\n}\n'
    GoldenFiles(folder=tmp_path, test=TEST, update=False)("aws/trust.json", '{"a":"é"}')


def test_key_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    """A document in which one condition hides another is not accepted as golden."""
    golden = GoldenFiles(folder=tmp_path, test=TEST, update=True)

    with pytest.raises(ValueError, match="a JSON object holds a key twice: a, a"):
        golden("trust.json", '{"a":1,"a":2}')

    assert list(tmp_path.iterdir()) == []
