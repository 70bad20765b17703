"""Scalars as go-yaml v2 reads them; expected values were taken from that library."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_irsa.source.scalars import UnfitTagError, key_of, scalar

INT = "tag:yaml.org,2002:int"
FLOAT = "tag:yaml.org,2002:float"
STR = "tag:yaml.org,2002:str"
BOOL = "tag:yaml.org,2002:bool"
NULL = "tag:yaml.org,2002:null"


def read(text: str) -> object:
    """Read a plain scalar without a tag."""
    return scalar(text, tag=None, quoted=False)[0]


@pytest.mark.parametrize(
    "text",
    [
        "2012-10-17",
        "2012-10-17T00:00:00Z",
        "12:30",
        "arn:aws:iam::aws:policy/X",
        "Yess",
        "yEs",
        "nUll",
        "none",
        "0b2",
        "0o8",
        "0x",
        "0xg",
        "1e",
        "1.2.3",
        "-",
        "+",
        "_",
        "_1",
        ".",
        "..",
        "nan",
        "inf",
        ".Nan",
        "1e400",
        "0x123456789abcdef01",
        "9" * 400,
    ],
)
def test_text_stays_text(text: str) -> None:
    """Dates, times of day and what no number is are text."""
    assert scalar(text, tag=None, quoted=False) == (text, None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("Null", None),
        ("y", True),
        ("Y", True),
        ("on", True),
        ("True", True),
        ("n", False),
        ("No", False),
        ("OFF", False),
        ("1_000", 1000),
        ("1_", 1),
        ("0", 0),
        ("-0", 0),
        ("+12", 12),
        ("010", 8),
        ("0o17", 15),
        ("0O17", 15),
        ("-0b11", -3),
        ("0x1F", 31),
        ("0x_1f", 31),
        ("9223372036854775807", 2**63 - 1),
        ("18446744073709551615", 2**64 - 1),
        ("-9223372036854775808", -(2**63)),
        ("18446744073709551616", 1.8446744073709552e19),
        ("+9223372036854775808", 9.223372036854775808e18),
        ("089", 89.0),
        ("1.50", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("-1.5E-1", -0.15),
        ("1_0.5", 10.5),
        (".inf", math.inf),
        ("-.Inf", -math.inf),
    ],
)
def test_other_scalars_say_how_they_are_written(text: str, value: object) -> None:
    """The value is go-yaml's, and the text comes along for a message."""
    assert scalar(text, tag=None, quoted=False) == (value, text)
    assert type(read(text)) is type(value)


def test_nan_is_a_number() -> None:
    """It equals nothing, so it has a test of its own."""
    value = read(".NaN")

    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize("text", ["", "1", "yes", "~", "2012-10-17"])
def test_quoted_scalar_is_text(text: str) -> None:
    """Quotes, and blocks, make text of everything."""
    assert scalar(text, tag=None, quoted=True) == (text, None)


@pytest.mark.parametrize(
    ("text", "tag", "value"),
    [
        ("1", STR, "1"),
        ("1", "!", "1"),
        ("5", INT, 5),
        ("3", FLOAT, 3.0),
        ("3.5", FLOAT, 3.5),
        ("on", BOOL, True),
        ("~", NULL, None),
    ],
)
def test_tag_that_fits_counts(text: str, tag: str, value: object) -> None:
    """A tag of YAML's own makes of a scalar what it says."""
    read, _ = scalar(text, tag=tag, quoted=True)

    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "tag", "message"),
    [
        ("x", INT, "'x' is not what the YAML tag !!int says; take the tag out"),
        ("1.5", INT, "'1.5' is not what the YAML tag !!int says; take the tag out"),
        ("1", BOOL, "'1' is not what the YAML tag !!bool says; take the tag out"),
        (
            "a",
            "!Sub",
            (
                "the YAML tag !Sub is not supported; write the value itself, or in an "
                "inline policy the long form, such as {'Fn::Sub': '...'}"
            ),
        ),
        (
            "a",
            "int",
            (
                "the YAML tag int is not supported; write the value itself, or in an "
                "inline policy the long form, such as {'Fn::Sub': '...'}"
            ),
        ),
    ],
)
def test_tag_that_does_not_fit_is_refused(text: str, tag: str, message: str) -> None:
    """What eksctl fails on, or drops without a word, is refused."""
    with pytest.raises(UnfitTagError) as refusal:
        scalar(text, tag=tag, quoted=False)

    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("text", "flagged"),
    [
        ("plain", None),
        ("1", None),
        ("true", None),
        ("on", "on"),
        ("True", "True"),
        ("010", "010"),
        ("1.5", "1.5"),
        ("~", "~"),
        ("", ""),
    ],
)
def test_key_is_as_it_is_written(text: str, flagged: str | None) -> None:
    """A key is flagged if eksctl would make another text of it, or refuse it."""
    value, written = scalar(text, tag=None, quoted=False)

    assert key_of(value, written) == (text, flagged)


@given(
    text=st.text(alphabet="0123456789_+-.eExXbBoOinfaNyY~", max_size=12)
    | st.from_regex(r"[0-9]{1,9000}", fullmatch=True)
)
def test_any_text_is_read_without_an_exception(text: str) -> None:
    """Whatever looks like a number is one, or text."""
    value = read(text)

    assert value is None or isinstance(value, str | bool | int | float)
