"""YAML text as values with places, and what makes a text unreadable."""

from pathlib import Path
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_irsa.source.document import Document, Fault, Items, Pairs, Place
from eks_irsa.source.yaml_text import MAX_TEXT_SIZE_BYTES, parse, read_bounded

TEXT = """\
# a comment
name: one
list:
- a
- {b: yes, "c d": 'x'}
empty:
text: |
  two
  lines
"""


def fault(line: int, column: int, code: str, message: str) -> list[Fault]:
    """Return the one fault of an unreadable text."""
    return [Fault(place=Place(line, column), code=code, message=message)]


def test_values_are_plain() -> None:
    """Maps, lists and scalars compare equal to those of Python."""
    assert parse(TEXT.encode()).root == {
        "name": "one",
        "list": ["a", {"b": True, "c d": "x"}],
        "empty": None,
        "text": "two\nlines\n",
    }


@pytest.mark.parametrize(
    ("path", "at_key", "place"),
    [
        pytest.param((), False, Place(2, 1), id="root"),
        pytest.param(("name",), False, Place(2, 7), id="value"),
        pytest.param(("name",), True, Place(2, 1), id="key"),
        pytest.param(("list",), False, Place(4, 1), id="list"),
        pytest.param(("list", 0), False, Place(4, 3), id="item"),
        pytest.param(("list", 1, "b"), False, Place(5, 7, "yes"), id="boolean"),
        pytest.param(("list", 1, "c d"), True, Place(5, 12), id="quoted key"),
        pytest.param(("empty",), False, Place(6, 7, ""), id="nothing"),
        pytest.param(("missing",), False, Place(2, 1), id="missing key"),
        pytest.param(("list", 1, "no", "way"), False, Place(5, 3), id="missing way"),
        pytest.param(("name", "x"), False, Place(2, 7), id="way into a scalar"),
    ],
)
def test_place_is_line_and_column(
    path: tuple[str | int, ...], *, at_key: bool, place: Place
) -> None:
    """Of a way that does not exist, the last step that does."""
    assert parse(TEXT.encode()).place_of(path, key=at_key) == place


def test_columns_count_characters_and_a_byte_order_mark_is_none() -> None:
    """Editors count so."""
    document = parse("\ufeffé: {日本: x}\r\nb: z\r\n".encode())

    assert document.root == {"é": {"日本": "x"}, "b": "z"}
    assert document.place_of(("é", "日本")) == Place(1, 9)
    assert document.place_of(("b",)) == Place(2, 4)


def test_values_from_no_text_have_no_place() -> None:
    """Line 0 says that there are no lines."""
    assert Document(root={"a": 1}).place_of(("a",)) == Place(0, 0)


@pytest.mark.parametrize(
    "text", ["", "\n", "# nothing\n", "---\n", "---\n...\n", "\ufeff", "~"]
)
def test_empty_text_is_no_fault_of_its_own(text: str) -> None:
    """Whether nothing is wrong depends on whose file it is."""
    document = parse(text.encode())

    assert (document.root, document.faults) == (None, [])


@pytest.mark.parametrize("text", ["a: 1\n", "---\na: 1\n...\n", "a: 1\n---\n"])
def test_one_document_may_be_marked(text: str) -> None:
    """An empty document after the first loses nothing."""
    assert parse(text.encode()).root == {"a": 1}


def test_key_twice_is_a_fault_and_the_rest_is_readable() -> None:
    """The first value stays, so that other checks go on."""
    document = parse(b"a:\n- {b: 1, c: 2, b: 3}\nd: 4\na: 5\n")

    assert document.root == {"a": [{"b": 1, "c": 2}], "d": 4}
    assert document.faults == [
        Fault(
            place=Place(2, 16),
            path=("a", 0, "b"),
            code="E-YAML-DUPLICATE-KEY",
            message="the key 'b' is here already, on line 2; keep one",
        ),
        Fault(
            place=Place(4, 1),
            path=("a",),
            code="E-YAML-DUPLICATE-KEY",
            message="the key 'a' is here already, on line 1; keep one",
        ),
    ]


def test_alias_stands_for_its_anchor() -> None:
    """The value is the anchor's, the place the alias's."""
    document = parse(b"a: &x {k: [v]}\nb: *x\nc: &y on\nd: *y\n*y : e\n")

    assert document.root == {
        "a": {"k": ["v"]},
        "b": {"k": ["v"]},
        "c": True,
        "d": True,
        "on": "e",
    }
    assert document.place_of(("b",)) == Place(2, 4)
    assert document.place_of(("b", "k")) == Place(1, 11)
    assert document.place_of(("d",)) == Place(4, 4, "on")
    assert document.place_of(("on",), key=True) == Place(5, 1, "on")


def test_merge_key_adds_what_is_not_there() -> None:
    """Keys of the merged maps stand where they are written."""
    document = parse(b"x: &x {a: 1}\ny: &y {b: 2}\nz:\n  c: 3\n  <<: [*x, *y]\n")

    root = cast("Pairs", document.root)
    assert root["z"] == {"c": 3, "a": 1, "b": 2}
    assert document.place_of(("z", "b")) == Place(2, 11, "2")
    assert document.faults == []


def test_merge_key_beside_the_same_key_is_a_fault() -> None:
    """To eksctl it is a key given twice."""
    document = parse(b"x: &x {a: 1}\nz:\n  <<: *x\n  a: 2\n")

    assert document.faults == [
        Fault(
            place=Place(4, 3),
            path=("z", "a"),
            code="E-YAML-DUPLICATE-KEY",
            message=(
                "the key 'a' is here and among what '<<' merges on line 3, which "
                "eksctl refuses; keep one"
            ),
        )
    ]


def test_quoted_merge_key_is_a_key_like_others() -> None:
    """Only a plain `<<` merges."""
    assert parse(b"'<<': {a: 1}\n").root == {"<<": {"a": 1}}


ALIAS_BOMB = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
DEEP_BY_ALIASES = "a0: &a0 [x]\n" + "".join(
    f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 200)
)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        pytest.param(
            "a: [1\nb: 2\n",
            fault(2, 2, "E-YAML-SYNTAX", "not YAML: did not find expected ',' or ']'"),
            id="open list",
        ),
        pytest.param(
            "a:\n\tb: 1\n",
            fault(
                2, 1, "E-YAML-SYNTAX", "a tab cannot indent YAML; indent with spaces"
            ),
            id="tab",
        ),
        pytest.param(
            "a:\n  b: 1\n \tc: 2\n",
            fault(
                3, 2, "E-YAML-SYNTAX", "a tab cannot indent YAML; indent with spaces"
            ),
            id="tab after a space",
        ),
        pytest.param(
            "é: a\x00b\n",
            fault(
                1,
                5,
                "E-YAML-SYNTAX",
                "YAML does not take the character U+0000; take it out",
            ),
            id="control character",
        ),
        pytest.param(
            "a: b\n\ufeffc: d\n",
            fault(
                2,
                1,
                "E-YAML-SYNTAX",
                "YAML does not take the character U+FEFF; take it out",
            ),
            id="byte order mark inside",
        ),
        pytest.param(
            "a: *x\n",
            fault(
                1,
                4,
                "E-YAML-ALIAS",
                "no anchor 'x' is defined above; write &x where it is",
            ),
            id="alias of nothing",
        ),
        pytest.param(
            "a: &x\n- b: *x\n",
            fault(
                2,
                6,
                "E-YAML-ALIAS",
                "the anchor 'x' contains itself; write the values out",
            ),
            id="alias of itself",
        ),
        pytest.param(
            ALIAS_BOMB,
            fault(
                6,
                50,
                "E-YAML-ALIAS",
                "aliases expand to more than 200,000 values; write the values out",
            ),
            id="aliases that explode",
        ),
        pytest.param(
            DEEP_BY_ALIASES,
            fault(
                100,
                12,
                "E-YAML-DEPTH",
                "nested deeper than 100 levels, aliases followed",
            ),
            id="deep by aliases",
        ),
        pytest.param(
            "[" * 900,
            fault(
                1,
                101,
                "E-YAML-DEPTH",
                "nested deeper than 100 levels, aliases followed",
            ),
            id="deep",
        ),
        pytest.param(
            "a: !Ref b\n",
            fault(
                1,
                4,
                "E-YAML-TAG",
                "the YAML tag !Ref is not supported; write the value itself, or in an "
                "inline policy the long form, such as {'Fn::Sub': '...'}",
            ),
            id="tag on a scalar",
        ),
        pytest.param(
            "a: !GetAtt [b, c]\n",
            fault(
                1,
                4,
                "E-YAML-TAG",
                "the YAML tag !GetAtt is not supported; take it out",
            ),
            id="tag on a list",
        ),
        pytest.param(
            "? [a]\n: b\n",
            fault(
                1,
                3,
                "E-YAML-KEY",
                "a map or a list cannot be a key; keys are text",
            ),
            id="list for a key",
        ),
        pytest.param(
            "x: &x {}\n*x : b\n",
            fault(
                2,
                1,
                "E-YAML-KEY",
                "a map or a list cannot be a key; keys are text",
            ),
            id="alias of a map for a key",
        ),
        pytest.param(
            "a: {<<: [b]}\n",
            fault(
                1,
                9,
                "E-YAML-MERGE",
                "'<<' merges maps; expected the alias of a map, such as *a",
            ),
            id="merge of a scalar",
        ),
    ],
)
def test_unreadable_text_is_one_fault_with_its_place(
    text: str, faults: list[Fault]
) -> None:
    """Nothing of it can be used, and it is told in bounded time."""
    document = parse(text.encode())

    assert (document.root, document.faults) == (None, faults)


def test_hopelessly_deep_text_is_one_fault_too() -> None:
    """PyYAML refuses it first from 6.0.4 on, as it looks ahead for a key."""
    document = parse(b"[" * 100_000)

    (only,) = document.faults
    assert document.root is None
    assert (only.code, only.message) in [
        ("E-YAML-DEPTH", "nested deeper than 100 levels, aliases followed"),
        ("E-YAML-SYNTAX", "not YAML: exceeded maximum nesting depth"),
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [(b"a: \xff\n", Place(1, 4)), ("é: 1\nè: ".encode() + b"\xc3(", Place(2, 4))],
)
def test_text_that_is_not_utf8_says_which_byte(text: bytes, place: Place) -> None:
    """Columns before it count characters."""
    byte = "ff" if b"\xff" in text else "c3"

    assert parse(text).faults == [
        Fault(
            place=place,
            code="E-FILE-ENCODING",
            message=f"byte 0x{byte} is not UTF-8; save the file as UTF-8",
        )
    ]


def test_byte_after_a_byte_order_mark_has_its_own_column() -> None:
    """The mark is no character of the text."""
    assert parse(b"\xef\xbb\xbfa: \xff").faults[0].place == Place(1, 4)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_with_a_byte_order_mark_is_read(encoding: str) -> None:
    """As PowerShell writes files, and as eksctl reads them; places count characters."""
    text = "é: 😀\nb: [c]\n"

    document = parse(f"\ufeff{text}".encode(encoding))

    assert (document.root, document.faults) == ({"é": "😀", "b": ["c"]}, [])
    assert document.place_of(("b", 0)) == Place(2, 5)


def test_utf_16_that_is_cut_says_where() -> None:
    """The byte that is left over is named."""
    assert parse("\ufeffa: b\n".encode("utf-16-le") + b"c").faults == [
        Fault(
            place=Place(2, 1),
            code="E-FILE-ENCODING",
            message="byte 0x63 is not UTF-16; save the file as UTF-8",
        )
    ]


@pytest.mark.parametrize(
    ("text", "place", "mark"),
    [
        ("a: {{ b }}\n", Place(1, 4), "{{ b }}"),
        ("a: 1\n{% if b %}\n", Place(2, 1), "{% if b %}"),
        ("a: 1\n<% if b %>\nc: 2\n", Place(2, 1), "<% if b %>"),
        ("a: 1\n${b}\nc: 2\n", Place(2, 1), "${b}"),
        ("a: [{b: ${c}}]\n", Place(1, 9), "${c}"),
    ],
)
def test_a_template_that_is_no_yaml_is_to_be_rendered_first(
    text: str, place: Place, mark: str
) -> None:
    """One message, where the mark is that breaks it."""
    assert parse(text.encode()).faults == [
        Fault(
            place=place,
            code="E-TEMPLATE",
            message=f"the file is a template, as {mark!r} shows; render it first, and "
            "check what comes of it",
        )
    ]


@pytest.mark.parametrize(
    "text",
    [
        "# {{ a }}\na: [\n",
        "a: '{{ b }}'\nc: 1\nd: [\n",
        "a: ${aws:username}\nb: [\n",
    ],
)
def test_what_breaks_yaml_far_from_a_mark_is_no_template(text: str) -> None:
    """Nor is a comment one, nor a variable of a policy."""
    (only,) = parse(text.encode()).faults

    assert only.code == "E-YAML-SYNTAX"


def test_file_too_large_is_not_looked_at(tmp_path: Path) -> None:
    """And no more of it is read than shows that it is."""
    path = tmp_path / "large.yaml"
    path.write_bytes(b"a" * (MAX_TEXT_SIZE_BYTES + 100))

    text = read_bounded(path)

    assert len(text) == MAX_TEXT_SIZE_BYTES + 1
    assert parse(text).faults == fault(
        1,
        1,
        "E-FILE-SIZE",
        "the file has more than 4,194,304 bytes; split it over several stacks",
    )


def test_too_many_values_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded by the number of values, not by the size alone."""
    monkeypatch.setattr("eks_irsa.source.tree._MAX_VALUES", 1000)

    document = parse(b"[" + b"a," * 1001 + b"]")

    message = "more than 1,000 values; split it over several stacks"
    assert document.faults == fault(1, 2002, "E-FILE-SIZE", message)


def test_too_many_keys_twice_are_not_all_named() -> None:
    """A file made to have millions of faults stays cheap."""
    document = parse(b"a: 1\n" * 2000)

    assert document.root is None
    assert len(document.faults) == 1001
    assert document.faults[-1] == Fault(
        place=Place(1002, 1),
        code="E-TOO-MANY",
        message="more than 1,000 keys are given twice",
    )


def test_containers_know_weight_and_height() -> None:
    """Aliases count as what they stand for."""
    root = cast("Pairs", parse(b"a: &x [1, [2]]\nb: *x\n").root)

    items = cast("Items", root["a"])
    assert (items.weight, items.height) == (4, 2)
    assert (root.weight, root.height) == (9, 3)


YAML_PARTS = st.sampled_from(
    [
        *("a: ", "b:\n  ", "- ", "\n", "  ", "[", "]", "{", "}", ", ", "? ", ": "),
        *("&x ", "*x", "<<: ", "!t ", "!!int ", "'", '"', "|\n", ">\n", "---\n"),
        *("1_0", "yes", "~", "é", "#", "\t", "\r", "%YAML 1.1\n", "...\n", "@", "`"),
    ]
)


@settings(max_examples=300)
@given(text=st.lists(YAML_PARTS, max_size=30).map("".join).map(str.encode))
def test_any_yaml_like_text_ends_in_values_or_faults(text: bytes) -> None:
    """No text raises anything, and what is wrong has a place."""
    document = parse(text)

    assert all(one.place.line >= 1 and one.place.column >= 1 for one in document.faults)


@given(text=st.binary(max_size=200))
def test_any_bytes_end_in_values_or_faults(text: bytes) -> None:
    """No bytes raise anything."""
    document = parse(text)

    assert all(one.place.line >= 1 and one.place.column >= 1 for one in document.faults)


def test_a_second_document_leaves_the_first_readable() -> None:
    """What else is wrong with the first is said in the same run."""
    document = parse(b"a: 1\n---\nb: 2\n---\nc: 3\n")

    assert document.root == {"a": 1}
    assert document.faults == fault(
        2,
        1,
        "E-YAML-DOCUMENTS",
        "a second YAML document begins here, and only the first would be read; keep "
        "one to a file",
    )
