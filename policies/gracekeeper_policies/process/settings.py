"""What a server's options are set to, and by whom: flags, variables, configuration file, default.

The order is each server's own (`Server.variables_beat_file`), and every answer says where it came from.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from gracekeeper_policies.once import once
from gracekeeper_policies.process.image import OF_IMAGE
from gracekeeper_policies.process.node_cpus import NODE_CPUS, counts_in_shell
from gracekeeper_policies.process.server import Form
from gracekeeper_policies.provenance import Default, Known, Sourced, Unknown, Word, joined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gracekeeper_policies.process.environment import Environment
    from gracekeeper_policies.process.server import Option, Server

Value: TypeAlias = float | str | bool | tuple[str, ...] | None
File: TypeAlias = Mapping[str, Known[object] | Unknown]

_OFF: Final = frozenset({"0", "f", "false", "n", "no", "off"})
# More workers or seconds than this mean nothing, and arithmetic with them overflows.
_TOO_MUCH: Final = 10**12
_DURATION: Final = re.compile(r"(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?\Z")


class Settings(Struct, frozen=True, eq=False, dict=True):
    """A server's options as one container sets them, or several containers in the same way.

    `words` are its arguments; `file` is what its configuration file sets, by setting name, and `doubts` names what the
    manifest mentions but the input lacks and could set any option (an unseen file, an unseen variable source).
    `file_doubt` says why the file that was read may not be the one in the container.
    """

    server: Server
    words: tuple[Word, ...]
    environment: Environment
    file: File
    doubts: tuple[str, ...]
    file_doubt: str = ""

    def get(self, name: str) -> Sourced[Value]:
        """The option's effective value: flags beat variables and file, and those beat the default."""
        if name not in self._values:
            option = self.server.option(name)
            found = next((found for found in self._places(option) if found is not None), None)
            self._values[name] = self._default(option) if found is None else found
        return self._values[name]

    def is_off(self, switch: str) -> bool:
        """Whether a switch is known to be off, wherever it may be set."""
        value = self.get(switch)
        if isinstance(value, Unknown) or value.value:
            return False
        return isinstance(value, Known) or not value.doubt

    @once
    def _values(self) -> dict[str, Sourced[Value]]:
        # Several rules ask for the same option: each is worked out once.
        return {}

    def _places(self, option: Option) -> Iterator[Sourced[Value] | None]:
        if not option.starts_words or not self._starts.isdisjoint(option.flags):
            yield flag_value(option, self.words)
            yield flag_value(option, self._variable_words)
        if self.server.variables_beat_file:
            yield self._variable(option)
        yield self._setting(option)
        yield self._stand_in(option)

    @once
    def _starts(self) -> frozenset[str]:
        # What may be a flag: `--bind` of `--bind=:80`, `-b` of `-b:80`.
        texts = [word.text for word in self._may_be_flags if word.text.startswith("-")]
        return frozenset(part for text in texts for part in (text.partition("=")[0], text[:2]))

    @once
    def _may_be_flags(self) -> tuple[Word, ...]:
        return (*_before_dashes(self.words), *_before_dashes(self._variable_words))

    @once
    def _shortened(self) -> tuple[tuple[Word, str], ...]:
        # Words that may be a long flag cut short; a flag written in full is that flag.
        if not self.server.abbreviates:
            return ()
        words = ((word, word.text.partition("=")[0]) for word in self._may_be_flags)
        return tuple((word, name) for word, name in words if name.startswith("--") and name not in self.server.flags)

    @once
    def _variable_words(self) -> tuple[Word, ...]:
        variable = self.environment.variables.get(self.server.words_variable)
        if not isinstance(variable, Known):
            return ()
        try:
            words = shlex.split(variable.value)
        except ValueError:
            return (Word(variable.value, variable.source, variable.path, "its quotes do not close"),)
        source = _named(self.server.words_variable, variable.source)
        return tuple(Word(text, source, variable.path) for text in words)

    def _variable(self, option: Option) -> Known[Value] | Unknown | None:
        for name in option.environment:
            variable = self.environment.variables.get(name)
            if isinstance(variable, Unknown):
                return _typed(option, Word("", name, None, variable.reason))
            if variable is not None and variable.value:
                return _typed(option, Word(variable.value, _named(name, variable.source), variable.path))
        return None

    def _stand_in(self, option: Option) -> Sourced[Value] | None:
        # A variable that only stands in for the default is in doubt wherever the default is.
        found = self._variable(option)
        doubt = self._default(option).doubt if isinstance(found, Known) else ""
        return Default(found.value, found.source, doubt) if isinstance(found, Known) and doubt else found

    def _setting(self, option: Option) -> Sourced[Value] | None:
        found = self.file.get(option.setting) if option.setting else None
        if not isinstance(found, Known):
            return found
        value = _plain(found.value)
        if isinstance(value, str) and value != NODE_CPUS and option.form is not Form.TEXT:
            return _typed(option, Word(value, found.source, found.path))
        if option.code:
            # The application's own code comes after the file.
            return Default(value, found.source, f"the application may set {option.code}")
        return Known(value, found.source, found.path)

    def _default(self, option: Option) -> Default[Value]:
        by_variable = bool(option.environment or self.server.words_variable)
        doubts = (
            *(self.doubts if option.setting or self._reads_words else ()),
            *(self._doubts_of_variables if by_variable else ()),
            *((f"the application may set {option.code}",) if option.code else ()),
            *self._doubts_of_words,
            *(self._doubts_of_shortened(option) if self._shortened else ()),
        )
        return Default(option.default, self.server.label, joined(*doubts) if doubts else "")

    @property
    def _reads_words(self) -> bool:
        file = self.server.configuration
        return file is not None and file.words is not None

    @once
    def _doubts_of_variables(self) -> tuple[str, ...]:
        variable = self.environment.variables.get(self.server.words_variable)
        unseen = (f"{source} may set it" for source in self.environment.unseen)
        return (*unseen, variable.reason) if isinstance(variable, Unknown) else tuple(unseen)

    @once
    def _doubts_of_words(self) -> tuple[str, ...]:
        return tuple(word.unknown for word in self._may_be_flags if word.unknown and _may_be_a_flag(word))

    def _doubts_of_shortened(self, option: Option) -> Iterator[str]:
        for word, name in self._shortened:
            for flag in option.flags:
                if flag.startswith(name):
                    yield f"{word.spoken} may stand for {flag}"


def _named(variable: str, source: str) -> str:
    # Where the manifest sets it, its name leads there.
    return f"{variable}, {source}" if source.startswith(OF_IMAGE) else variable


def _may_be_a_flag(word: Word) -> bool:
    return not word.text.startswith("-") and not counts_in_shell(word.untold)


def _plain(value: object) -> Value:
    if isinstance(value, list | tuple):
        return tuple(str(item) for item in value)
    return value if isinstance(value, int | float | str | bool) or value is None else str(value)


def flag_value(option: Option, words: Sequence[Word]) -> Known[Value] | Unknown | None:
    """What the words set an option to: the last occurrence, or all of a `many` option; None where no flag names it."""
    found = list(_occurrences(option, words))
    if not found:
        return None
    values = [_typed(option, word) for word in found]
    unknown = next((value for value in values if isinstance(value, Unknown)), None)
    if unknown is not None or not option.many:
        return unknown or values[-1]
    return Known(tuple(word.text for word in found), found[-1].source, found[-1].path)


def _occurrences(option: Option, words: Sequence[Word]) -> Iterator[Word]:
    pending = False
    for word in _before_dashes(words):
        if pending:
            yield word
        pending = not pending and option.form is not Form.SWITCH and word.text in option.flags
        value = None if pending else _attached(option, word)
        if value is not None:
            yield value
    yield from _bare(option, words) if option.bare else ()


def _before_dashes(words: Sequence[Word]) -> Iterator[Word]:
    # Behind `--` nothing is a flag.
    return takewhile(lambda word: word.text != "--", words)


def _bare(option: Option, words: Sequence[Word]) -> Iterator[Word]:
    for before, word in pairwise((Word(""), *words)):
        # A word that cannot be told may be of that shape, unless a flag takes it.
        may_be = word.unknown and not before.text.startswith("-") and not word.text.startswith("-")
        if option.bare and (may_be or option.bare.match(word.text)) and before.text not in option.valued:
            yield word


def _attached(option: Option, word: Word) -> Word | None:
    # `--bind=:80`, `-b:80` and `-b=:80`: getopt keeps the equals sign of a short flag, argparse drops it.
    for flag in option.flags:
        if option.form is Form.SWITCH and word.text == flag:
            return word
        # A switch with a value is one of a file: `master = false`.
        if flag.startswith("--") and word.text.startswith(flag + "="):
            return word.part(word.text[len(flag) + 1 :])
        if not flag.startswith("--") and word.text.startswith(flag) and len(word.text) > len(flag):
            return word.part(word.text[len(flag) :].removeprefix("="))
    return None


def _typed(option: Option, word: Word) -> Known[Value] | Unknown:
    if word.unknown and option.form is Form.INTEGER and counts_in_shell(word.untold):
        return Known(NODE_CPUS, word.source, word.path)
    if word.unknown:
        return Unknown(word.unknown)
    try:
        return Known(_converted(option.form, word.text), word.source, word.path)
    except ValueError:
        return Unknown(f"{option.name} is set to something that is not {option.form.value}")


def _bounded(number: float) -> float:
    if not abs(number) < _TOO_MUCH:
        raise ValueError(number)
    return number


def _converted(form: Form, text: str) -> Value:
    match form:
        case Form.INTEGER | Form.SECONDS:
            return _bounded(int(text) if form is Form.INTEGER else float(text))
        case Form.MILLISECONDS:
            return _bounded(float(text)) / 1000
        case Form.DURATION:
            return _duration(text)
        case Form.SWITCH:
            return text.lower() not in _OFF
        case Form.TEXT:
            return text


def _duration(text: str) -> float:
    if text.isdecimal():
        return float(text)
    match = _DURATION.match(text) if text else None
    if match is None:
        raise ValueError(text)
    return float(sum(int(part or 0) * unit for part, unit in zip(match.groups(), (86400, 3600, 60, 1), strict=True)))
