"""Kubernetes quantities and the durations of command lines, exactly.

Quantities follow `k8s.io/apimachinery/pkg/api/resource`: a signed decimal number with a binary suffix (`Ki` … `Ei`), a
decimal suffix (`n` … `E`) or an exponent. Values are `Fraction`, so that no comparison is off by a rounding.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

_BINARY: Final = {
    suffix: Fraction(1024) ** power for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)
}
_DECIMAL: Final = {
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 1000),
    "": Fraction(1),
    "k": Fraction(10**3),
    "M": Fraction(10**6),
    "G": Fraction(10**9),
    "T": Fraction(10**12),
    "P": Fraction(10**15),
    "E": Fraction(10**18),
}
_QUANTITY: Final = re.compile(
    r"(?P<number>[+-]?(?:[0-9]{1,1000}(?:\.[0-9]{0,1000})?|\.[0-9]{1,1000}))"
    r"(?:(?P<suffix>[KMGTPE]i|[numkMGTPE]?)|[eE](?P<exponent>[+-]?[0-9]{1,3}))\Z"
)
_DURATION: Final = re.compile(r"(?P<number>[0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})(?P<unit>ms|s|m|h|d)?\Z")
_UNITS: Final = {
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "m": Fraction(60),
    "h": Fraction(3600),
    "d": Fraction(86400),
}

MILLI: Final = Fraction(1, 1000)
LARGEST: Final = Fraction(2**63 - 1)


class QuantityError(ValueError):
    """The text is no quantity or no duration; the message says what was expected."""


def parse_quantity(text: str | float) -> Fraction:
    """Read a quantity (`500m`, `1.5Gi`, `2`, `1e3`) in units: cores for CPU, bytes for memory.

    As in Kubernetes, what is finer than a thousandth is rounded away from zero to the next thousandth, and nothing is
    larger than `LARGEST`.

    Raises:
        QuantityError: the text is not a quantity.
    """
    match = _QUANTITY.match(str(text))
    if match is None:
        message = "expected a quantity such as 500m, 2 or 512Mi"
        raise QuantityError(message)
    value = Fraction(match["number"]) * _scale(match["suffix"], match["exponent"])
    return _bounded(value)


def _scale(suffix: str | None, exponent: str | None) -> Fraction:
    if exponent is not None:
        return Fraction(10) ** int(exponent)
    return _BINARY.get(suffix or "") or _DECIMAL[suffix or ""]


def _bounded(value: Fraction) -> Fraction:
    magnitude = min(-(-abs(value) // MILLI) * MILLI, LARGEST)
    return magnitude if value >= 0 else -magnitude


def format_cpu(cores: Fraction) -> str:
    """Write cores canonically: `500m`, `2`."""
    return str(cores) if cores.denominator == 1 else f"{int(cores / MILLI)}m"


def format_bytes(size: Fraction) -> str:
    """Write bytes in the unit, binary or decimal, that makes the shortest exact text: `512Mi`, `1536Mi`, `100M`."""
    if size.denominator != 1:
        return f"{int(size / MILLI)}m"
    return min((_written(size, unit) for unit in ("", *_BINARY, "k", "M", "G", "T", "P", "E")), key=len)


def _written(size: Fraction, unit: str) -> str:
    number = size / _scale(unit, None)
    return f"{number}{unit}" if number.denominator == 1 else str(size)


def format_amount(resource: str, amount: Fraction) -> str:
    """Write an amount of a resource canonically: memory, storage and huge pages in bytes, everything else as CPU."""
    in_bytes = resource in ("memory", "ephemeral-storage", "storage") or resource.startswith("hugepages-")
    return format_bytes(amount) if in_bytes else format_cpu(amount)


def whole_part(part: int | str, total: int, *, up: bool) -> int:
    """A number as it is, or a percentage (`25%`) of the total, rounded up or down as the field's owner does."""
    if isinstance(part, int):
        return part
    hundredths = int(part.removesuffix("%")) * total
    return -(-hundredths // 100) if up else hundredths // 100


def parse_duration(text: str) -> Fraction:
    """Read a duration in seconds as `sleep`, `timeout` and most servers' flags take it: `10`, `1.5`, `500ms`, `2m`.

    Raises:
        QuantityError: the text is not a duration.
    """
    match = _DURATION.match(text)
    if match is None:
        message = "expected a duration such as 10, 1.5s or 2m"
        raise QuantityError(message)
    return Fraction(match["number"]) * _UNITS[match["unit"] or "s"]


def format_seconds(seconds: Fraction | float) -> str:
    """Write seconds with at most one decimal and no unit: `30`, `0.5`."""
    return f"{float(seconds):.1f}".removesuffix(".0")
