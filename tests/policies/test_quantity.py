"""Quantities and durations: read as Kubernetes and the servers read them, written so that nothing is lost."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gracekeeper_policies.quantity import (
    MILLI,
    QuantityError,
    format_bytes,
    format_cpu,
    format_seconds,
    parse_duration,
    parse_quantity,
    whole_part,
)

MILLIS = st.integers(0, 10**15).map(lambda number: number * MILLI)
SUFFIXES = st.sampled_from(["", "m", "k", "M", "G", "T", "P", "Ki", "Mi", "Gi", "Ti", "Pi"])
QUANTITIES = st.builds("{}{}".format, st.integers(0, 900), SUFFIXES)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", Fraction(0)),
        ("2", Fraction(2)),
        ("+2", Fraction(2)),
        ("-1", Fraction(-1)),
        ("500m", Fraction(1, 2)),
        ("0.5", Fraction(1, 2)),
        (".5", Fraction(1, 2)),
        ("5.", Fraction(5)),
        ("100k", Fraction(100_000)),
        ("1E", Fraction(10**18)),
        ("1e3", Fraction(1000)),
        ("1E3", Fraction(1000)),
        ("12e-1", Fraction(6, 5)),
        ("1Ki", Fraction(1024)),
        ("512Mi", Fraction(512 * 1024**2)),
        ("1.5Gi", Fraction(1536 * 1024**2)),
        ("4Ei", Fraction(4 * 1024**6)),
        ("2000000n", 2 * MILLI),
        ("3000u", 3 * MILLI),
        ("7M", Fraction(7_000_000)),
        ("3Ti", Fraction(3 * 1024**4)),
        ("2P", Fraction(2 * 10**15)),
        (2, Fraction(2)),
        (0.1, Fraction(1, 10)),
        (1e-05, MILLI),
    ],
)
def test_a_quantity_reads_as_in_kubernetes(text: str | float, value: Fraction) -> None:
    """Binary and decimal suffixes, exponents, and YAML's own numbers."""
    assert value == parse_quantity(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "1 Gi",
        "1gb",
        "512MB",
        "512mi",
        "1K",
        "1Gib",
        "1e",
        "e3",
        "1e1.5",
        "--1",
        "1,5",
        "five",
        "1.2.3",
        "1" * 5000,
    ],
)
def test_what_kubernetes_refuses_is_refused_with_examples(text: str) -> None:
    """The message says what was expected and does not quote what was found."""
    with pytest.raises(QuantityError, match=r"^expected a quantity such as 500m, 2 or 512Mi$"):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.0001", MILLI), ("1n", MILLI), ("1u", MILLI), ("0.1234", Fraction(124, 1000)), ("-1n", -MILLI)],
)
def test_what_is_finer_than_a_thousandth_is_rounded_away_from_zero(text: str, value: Fraction) -> None:
    """A webhook sees 0.0001 as 1m, so the command line does too."""
    assert value == parse_quantity(text)


@pytest.mark.parametrize("text", ["9223372036854775808", "8Ei", "1e999", "1" + "0" * 500])
def test_a_quantity_is_capped_where_kubernetes_caps_it(text: str) -> None:
    """Nothing is more than 2⁶³ − 1, so no arithmetic on a quantity can overflow."""
    assert Fraction(2**63 - 1) == parse_quantity(text)


@given(MILLIS)
def test_cores_come_back_as_they_were_written(cores: Fraction) -> None:
    """Writing and reading changes no value."""
    assert cores == parse_quantity(format_cpu(cores))


@given(MILLIS)
def test_bytes_come_back_as_they_were_written(size: Fraction) -> None:
    """Writing and reading changes no value."""
    assert size == parse_quantity(format_bytes(size))


@given(st.integers(0, 900), st.integers(0, 900), SUFFIXES)
def test_reading_keeps_the_order_of_values(one: int, other: int, suffix: str) -> None:
    """Of two quantities with one suffix, that with the larger number is the larger."""
    assert (one < other) == (parse_quantity(f"{one}{suffix}") < parse_quantity(f"{other}{suffix}"))


@given(QUANTITIES)
def test_a_canonical_text_is_never_longer_than_what_a_person_wrote(text: str) -> None:
    """`1536Mi` stays as it is and `1024Mi` becomes `1Gi`; thousandths of a byte apart."""
    value = parse_quantity(text)
    if value.denominator == 1:
        assert len(format_bytes(value)) <= len(text)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [("1024Mi", "1Gi"), ("1.5Gi", "1536Mi"), ("100M", "100M"), ("0", "0"), ("0.5", "500m"), ("1e3", "1k")],
)
def test_bytes_are_written_in_their_shortest_unit(text: str, canonical: str) -> None:
    """The form that a webhook sees, so that messages agree."""
    assert canonical == format_bytes(parse_quantity(text))


@pytest.mark.parametrize(("text", "canonical"), [("0.5", "500m"), ("2", "2"), ("1500m", "1500m"), ("2000m", "2")])
def test_cores_are_written_as_kubernetes_writes_them(text: str, canonical: str) -> None:
    """Whole cores as numbers, the rest in thousandths."""
    assert canonical == format_cpu(parse_quantity(text))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10", 10),
        ("1.5", Fraction(3, 2)),
        ("500ms", Fraction(1, 2)),
        ("2m", 120),
        ("1h", 3600),
        ("1d", 86400),
        (".5s", Fraction(1, 2)),
    ],
)
def test_a_duration_reads_as_sleep_and_timeout_take_it(text: str, seconds: Fraction) -> None:
    """Seconds unless a unit says otherwise."""
    assert seconds == parse_duration(text)


@pytest.mark.parametrize("text", ["", "-1", "5 s", "1m30s", "soon", "s", "1e3"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """The message says what was expected."""
    with pytest.raises(QuantityError, match=r"^expected a duration such as 10, 1\.5s or 2m$"):
        parse_duration(text)


@given(st.integers(0, 10**8))
def test_tenths_of_a_second_come_back_as_they_were_written(tenths: int) -> None:
    """What a report prints can be written into a manifest."""
    seconds = Fraction(tenths, 10)
    assert seconds == parse_duration(format_seconds(seconds))


@pytest.mark.parametrize(("seconds", "text"), [(30, "30"), (0.5, "0.5"), (100.0, "100"), (Fraction(31, 3), "10.3")])
def test_seconds_are_written_with_one_decimal_at_most(seconds: float, text: str) -> None:
    """Whole seconds stay whole."""
    assert text == format_seconds(seconds)


@pytest.mark.parametrize(
    ("part", "total", "down", "up"),
    [(3, 10, 3, 3), ("25%", 10, 2, 3), ("25%", 3, 0, 1), ("0%", 9, 0, 0), ("100%", 9, 9, 9), ("34%", 100, 34, 34)],
)
def test_a_percentage_is_rounded_as_its_field_says(part: int | str, total: int, down: int, up: int) -> None:
    """A number is taken as it is."""
    assert (down, up) == (whole_part(part, total, up=False), whole_part(part, total, up=True))


@given(st.integers(0, 200), st.integers(0, 10**6))
def test_rounding_down_and_up_enclose_the_part(percent: int, total: int) -> None:
    """They differ by one where the part is not whole."""
    down, up = whole_part(f"{percent}%", total, up=False), whole_part(f"{percent}%", total, up=True)
    assert down <= Fraction(percent * total, 100) <= up
    assert int(percent * total % 100 != 0) == up - down
