"""What a YAML scalar means to Kubernetes.

Kubernetes decodes YAML with `sigs.k8s.io/yaml`, which is YAML 1.1 with ideas of its own: `on` is true, `017` is
fifteen, `1_000` a number, a date a string, `12:30` never sexagesimal. PyYAML disagrees on several, so scalars are
resolved here, after `go.yaml.in/yaml/v2/resolve.go`; the tests ask the Go program itself.
"""

from __future__ import annotations

import re
from decimal import Decimal
from math import isfinite
from typing import Final, TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
"""What a scalar can become; JSON knows nothing else."""

STRING: Final = "tag:yaml.org,2002:str"
"""The tag of a scalar in quotes or a block scalar: its text as it stands."""

FLOAT: Final = "tag:yaml.org,2002:float"
"""The tag that makes a float of an integer."""

_WORDS: Final[dict[str, Scalar]] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_INTEGER: Final = re.compile(
    r"(?P<sign>[-+]?)(?:0[xX](?P<hexadecimal>[0-9a-fA-F]+)|0[bB](?P<binary>[01]+)"
    r"|0[oO]?(?P<octal>[0-7]+)|(?P<decimal>0|[1-9][0-9]{,19}))\Z"
)
_ODD_BINARY: Final = re.compile(r"0b(?P<digits>[-+][01]{1,63})\Z")  # `0b-11`: an accident of Go's that stays
_BASES: Final = {"hexadecimal": 16, "binary": 2, "octal": 8, "decimal": 10}
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_POINTED: Final = re.compile(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?\Z")
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "tag:yaml.org,2002:bool": (bool,),
    "tag:yaml.org,2002:int": (int,),
    FLOAT: (float,),
    "tag:yaml.org,2002:null": (type(None),),
}
_UNHOLDABLE: Final = ("tag:yaml.org,2002:binary", "tag:yaml.org,2002:timestamp")
_INTEGRAL_BELOW: Final = 1e21  # from here on Go writes an exponent, and JSON keeps the number a float


def resolve(text: str) -> Scalar:
    """Say what a plain (unquoted, untagged) scalar means.

    Numbers come out as Go writes them to JSON: a float without a fraction is an int. NaN and infinities come out as
    floats, which JSON cannot hold: the reader refuses them.
    """
    value = _resolve(text)
    return json_number(value) if isinstance(value, float) else value


def resolve_tagged(tag: str, text: str) -> Scalar:
    """Say what a scalar with an explicit tag means; with a tag that YAML does not define it is its text.

    ValueError: the text is not of the tag's type, or JSON cannot hold the type.
    """
    if tag in _UNHOLDABLE:
        msg = f"Kubernetes takes no {_short(tag)}; write it as a plain string in quotes"
        raise ValueError(msg)
    if tag not in _TYPES:
        if not text and tag != STRING:
            msg = "expected a value behind the tag"
            raise ValueError(msg)
        return text
    value = _resolve(text)
    if tag == FLOAT and type(value) is int and value < 2**63:
        value = float(value)
    if type(value) not in _TYPES[tag]:
        msg = f"the value is not of the type {_short(tag)} that its tag names"
        raise ValueError(msg)
    return json_number(value) if isinstance(value, float) else value


def key_text(tag: str | None, text: str) -> str:
    """Write a mapping's key as Kubernetes does, which turns `8080: x` and `true: x` into string keys.

    `tag` is None for a plain scalar. ValueError: the key is null, or a number that has no one spelling.
    """
    value = _resolve(text) if tag is None or tag in _TYPES else text
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return str(value)
    if isinstance(value, float) and _is_short(value):
        return f"{value:.6g}"  # Kubernetes formats a float key in single precision, where six digits are sure
    msg = f"a key has to be text, found {describe(value)}; put it in quotes"
    raise ValueError(msg)


def json_number(value: float) -> int | float:
    """Turn a float without a fraction into the int that Go's JSON writes for it."""
    if isfinite(value) and value.is_integer() and abs(value) < _INTEGRAL_BELOW:
        return int(Decimal(repr(value)))  # the shortest digits, then zeros, as Go writes it
    return value


def describe(value: object) -> str:
    """Name what was found as people speak of it: `a list`, `a text`; never the text itself, which may be a secret."""
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "a mapping" if isinstance(value, dict) else "a list"


def shorten(text: str, length: int = 40) -> str:
    """Cut a quoted piece of input to what fits a sentence: `length` characters on one line, only printable ones."""
    line = "".join(character if character.isprintable() else " " for character in text[: length + 1])
    return line if len(line) <= length else line[: length - 3] + "..."


def _resolve(text: str) -> Scalar:
    """Resolve like `resolve`, but leave a float a float."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "+-0123456789":
        return _number(text)
    if _POINTED.match(text):
        return _finite(text)
    return text


def _number(text: str) -> Scalar:
    """An integer of 64 bits, else a float, else the text itself."""
    digits = text.replace("_", "")
    integer = _integer(digits)
    if integer is not None:
        return integer
    value = _finite(digits) if _FLOAT.match(digits) else digits
    return text if isinstance(value, str) else value


def _is_short(value: float) -> bool:
    """Whether six digits give the number, in single precision too."""
    return value == 0 or (1e-30 < abs(value) < 1e30 and float(f"{value:.6g}") == value)  # noqa: PLR2004 - far from limits


def _finite(digits: str) -> float | str:
    value = float(digits)
    return value if isfinite(value) else digits  # Go: out of range, so not a number


def _integer(digits: str) -> int | None:
    """Read what fits into 64 bits: unsigned as it stands, signed behind a sign."""
    odd = _ODD_BINARY.match(digits)
    if odd:
        return int(odd["digits"], 2)
    match = _INTEGER.match(digits)
    if not match or not match.lastgroup:
        return None
    magnitude = int(match[match.lastgroup], _BASES[match.lastgroup])
    value = -magnitude if match["sign"] == "-" else magnitude
    return value if -(2**63) <= value < 2 ** (63 if match["sign"] else 64) else None


def _short(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")
