"""The variables that `dotenv run` and `uv run` take from files and hand to the program that they start.

python-dotenv 1.2 replaces what the container sets, unless told `--no-override`; uv 0.13 does not.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.process.dotenv import dotenv_settings
from gracekeeper_policies.provenance import Known, Unknown, Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gracekeeper_policies.process.sight import Sight

_FLAGS: Final = {"dotenv": ("-f", "--file"), "uv": ("--env-file",)}


def handed_on(name: str, flags: Sequence[Word], sight: Sight, folder: str) -> Mapping[str, Word]:
    """What the files of a wrapper's command line set for its program; files that are not in sight set nothing."""
    texts = {word.text for word in flags}
    beats_outer = name == "dotenv" and "--no-override" not in texts
    found: dict[str, Word] = {}
    for path in () if "--no-env-file" in texts else _paths(name, flags, sight):
        file = sight.files.at(path, folder)
        for variable, value in dotenv_settings("", file.text).items() if file else ():
            if beats_outer or not isinstance(sight.variables.get(variable), Known | Unknown):
                found[variable] = _word(value, file.origin if file else "")
    return found


def _word(value: Known[object] | Unknown, origin: str) -> Word:
    if isinstance(value, Unknown):
        return Word("", unknown=value.reason)
    return Word(str(value.value), f"{origin}, {value.source}")


def _paths(name: str, flags: Sequence[Word], sight: Sight) -> Iterator[str]:
    given = list(_given(_FLAGS[name], flags))
    if given:
        yield from given
    elif name == "dotenv":
        yield ".env"
    else:
        variable = sight.variables.get("UV_ENV_FILE")
        yield from variable.value.split() if isinstance(variable, Known) else ()


def _given(names: tuple[str, ...], flags: Sequence[Word]) -> Iterator[str]:
    for before, word in pairwise((Word(""), *flags)):
        flag, equals, value = word.text.partition("=")
        if before.text in names:
            yield word.text
        elif equals and flag in names:
            yield value
