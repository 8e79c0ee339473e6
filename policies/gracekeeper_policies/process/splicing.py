"""Configuration files that a server reads as further words of its command line, at the place where each is named."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from gracekeeper_policies.provenance import Known, Unknown, Word, joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gracekeeper_policies.process.environment import Environment
    from gracekeeper_policies.process.files import Files
    from gracekeeper_policies.process.server import Option, Server

_DEEPEST: Final = 4


class Spliced(Struct, frozen=True):
    """A command line with the words of its files in it; `doubts` names the files that are not in sight.

    `file_doubt` says why a file that was read may not be the one in the container.
    """

    words: tuple[Word, ...]
    doubts: tuple[str, ...] = ()
    file_doubt: str = ""


def spliced(server: Server, words: tuple[Word, ...], environment: Environment, files: Files) -> Spliced:
    """Put what the files say where the server reads it: variables name files before, bare words behind all flags."""
    if server.configuration is None:
        return Spliced(words)
    option = server.option(server.configuration.option)
    named = (environment.variables.get(name) for name in option.environment)
    first = tuple(_as_word(option, variable) for variable in named if variable is not None)
    reading = _Reading(server, environment, files)
    behind = [word for word, is_bare in _marked(option, words) if is_bare]
    flags = [word for word, is_bare in _marked(option, words) if not is_bare]
    told = tuple(reading.followed([*first, *flags])) + tuple(
        each for word in behind for each in (word, *reading.words_of(word, 0))
    )
    return Spliced(told, tuple(dict.fromkeys(reading.doubts)), joined(*reading.file_doubts))


def _as_word(option: Option, variable: Known[str] | Unknown) -> Word:
    if isinstance(variable, Unknown):
        return Word(f"{option.flags[0]}=", unknown=variable.reason)
    return Word(f"{option.flags[0]}={variable.value}", variable.source, variable.path)


def _marked(option: Option, words: Iterable[Word]) -> Iterator[tuple[Word, bool]]:
    for before, word in pairwise((Word(""), *words)):
        is_bare = option.bare is not None and option.bare.match(word.text) is not None
        yield word, is_bare and not word.unknown and before.text not in option.flags


class _Reading:
    def __init__(self, server: Server, environment: Environment, files: Files) -> None:
        self._server, self._environment, self._files = server, environment, files
        self.doubts: list[str] = []
        self.file_doubts: list[str] = []

    def followed(self, words: Iterable[Word], depth: int = 0) -> Iterator[Word]:
        """The words, each that names a file followed by those in it."""
        flags = self._server.option(self._server.configuration.option).flags if self._server.configuration else ()
        for before, word in pairwise((Word(""), *words)):
            yield word
            flag, equals, value = word.text.partition("=")
            if before.text in flags:
                yield from self.words_of(word, depth)
            elif equals and flag in flags:
                yield from self.words_of(word.part(value), depth)

    def words_of(self, named: Word, depth: int) -> Iterator[Word]:
        """The words of a file, and of those that it names in turn."""
        configuration = self._server.configuration
        if configuration is None or configuration.words is None:
            return
        if named.unknown:
            self.doubts.append(f"its configuration file cannot be told: {named.unknown}")
            return
        path, _, section = named.text.partition(":")
        file = self._files.at(path) if depth < _DEEPEST else None
        if file is None:
            self.doubts.append(f"it reads {path}, which is not in sight")
            return
        self.file_doubts.append(file.doubt)
        found = configuration.words(path, section, file.text, file.origin, self._environment)
        if isinstance(found, Unknown):
            self.doubts.append(f"{file.origin}: {found.reason}")
            return
        yield from self.followed(found, depth + 1)
