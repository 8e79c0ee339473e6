"""What unquoted words and numbers mean, in the cases where people and parsers disagree."""

from __future__ import annotations

import pytest

from gracekeeper.sources.scalars import describe, json_number, key_text, resolve, resolve_tagged, shorten


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("On", True),
        ("n", False),
        ("tRUE", "tRUE"),
        ("", None),
        ("~", None),
        ("Null", None),
        ("017", 15),
        ("0o17", 15),
        ("018", 18),
        ("0b11", 3),
        ("0x1F", 31),
        ("1_000", 1000),
        ("1e3", 1000),
        ("1.0", 1),
        (".5", 0.5),
        ("1e-7", 1e-7),
        ("1e400", "1e400"),
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", 18446744073709552000),
        ("-9223372036854775809", -9223372036854776000),
        ("1e21", 1e21),
        ("2001-12-14", "2001-12-14"),
        ("12:30:45", "12:30:45"),
        ("100m", "100m"),
        ("1.2.3", "1.2.3"),
        ("=", "="),
        ("١٢", "١٢"),
    ],
)
def test_plain_scalars_mean_what_kubernetes_takes_them_for(text: str, value: object) -> None:
    """Booleans of YAML 1.1, octal numbers without an `o`, no dates, floats without a fraction as integers."""
    got = resolve(text)

    assert (type(got), got) == (type(value), value)


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        ("str", "5", "5"),
        ("int", "0x10", 16),
        ("float", "5", 5),
        ("bool", "on", True),
        ("null", "", None),
        ("set", "a", "a"),
    ],
)
def test_a_tag_decides(tag: str, text: str, value: object) -> None:
    """An explicit tag is obeyed where the text allows it."""
    assert resolve_tagged(f"tag:yaml.org,2002:{tag}", text) == value


@pytest.mark.parametrize(
    ("tag", "text", "sentence"),
    [
        ("tag:yaml.org,2002:int", "web", "the value is not of the type !!int that its tag names"),
        ("tag:yaml.org,2002:binary", "aGk=", "Kubernetes takes no !!binary; write it as a plain string in quotes"),
        ("!Ref", "", "expected a value behind the tag"),
    ],
)
def test_a_tag_that_cannot_be_obeyed_is_refused(tag: str, text: str, sentence: str) -> None:
    """The sentence quotes the tag as it was written."""
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the sentence is compared whole
        resolve_tagged(tag, text)

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("text", "key"),
    [("80", "80"), ("017", "15"), ("true", "true"), ("off", "false"), ("1.5", "1.5"), ("1e6", "1e+06")],
)
def test_keys_become_text(text: str, key: str) -> None:
    """Numbers and booleans as keys are spelled as Kubernetes spells them."""
    assert key_text(None, text) == key


@pytest.mark.parametrize("text", ["", "~", ".inf", "1.23456789", "18446744073709551615"])
def test_keys_without_one_spelling_are_refused(text: str) -> None:
    """Null is no key, and a long float would be cut."""
    with pytest.raises(ValueError, match=r"a key has to be text, found .*; put it in quotes"):
        key_text(None, text)


def test_numbers_are_written_with_their_shortest_digits() -> None:
    """A float above 2^53 becomes the integer that Go prints: the shortest digits, then zeros."""
    assert [json_number(value) for value in (2.0**64, -0.0, 1.5, 1e21)] == [18446744073709552000, 0, 1.5, 1e21]


def test_values_are_named_as_people_speak() -> None:
    """In words, never by what they hold: it may be a secret. What is quoted otherwise cannot steer a terminal."""
    values: list[object] = [None, True, 3, "web", [], {}]

    assert [describe(value) for value in values] == [
        "nothing (null)",
        "true",
        "a number",
        "a text",
        "a list",
        "a mapping",
    ]
    assert shorten("a\x1b[31mb\n") == "a [31mb "
