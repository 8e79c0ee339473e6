"""What `$NAME` stands for where a Dockerfile writes it: values of ENV and ARG, expanded as BuildKit does.

A value may be unknown: of an ARG that is given only when the image is built, or of a variable that an unknown base
may set. Then a text that holds it is unknown, unless it comes to the same whatever the value is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from e2b_dockerfile_utils import ShellLex

from gracekeeper.images.dockerfile.faults import FaultyError
from gracekeeper_policies.provenance import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

Value: TypeAlias = str | Unknown

MAX_EXPANDED: Final = 2**17
"""Characters that variables may add to a text: as many as Linux takes in one variable of a process."""

_MATCHING: Final = re.compile(r"\$\{\w+[#%/]")
_MOST_STARS: Final = 3
_MOST_MATCHED: Final = 512
"""Characters that a pattern is tried on: each `*` of it multiplies the tries by them."""

_COSTLY: Final = Unknown("a pattern in it takes too long to try")

_ANYTHING: Final = "\ue000"
"""Stands for an unknown value while a text is tried; no Dockerfile holds this character of private use."""


@dataclass
class Variables:
    """The variables at one place of a Dockerfile.

    `unseen` says why a name that nothing here sets may yet be set, by an unknown base; it is None where that cannot be.
    `ungiven` are arguments without a value: with one, they are in `arguments`. `contested` are arguments that stand
    after an ENV of their name: BuildKit takes the argument, buildah the ENV.
    """

    escape: str = "\\"
    environment: dict[str, Value] = field(default_factory=dict)
    arguments: dict[str, Value] = field(default_factory=dict)
    ungiven: dict[str, Unknown] = field(default_factory=dict)
    contested: dict[str, Unknown] = field(default_factory=dict)
    unseen: Unknown | None = None

    def inherited(self) -> Variables:
        """What a stage made from this one begins with: arguments, too."""
        return Variables(
            self.escape, {**self.environment}, {**self.arguments}, {**self.ungiven}, {**self.contested}, self.unseen
        )

    def argue(self, name: str, value: Value) -> None:
        """Give an argument its value."""
        self.arguments[name] = value
        if self.environment.get(name, value) != value:
            self.contested[name] = Unknown(f"builders differ in whether ENV {name} or a later ARG {name} counts")

    def set(self, name: str, value: Value) -> None:
        """Set a variable of the image."""
        self.environment[name] = value
        self.contested.pop(name, None)

    def expand(self, text: str, line: int) -> Value:
        """One word: variables replaced, quotes and escapes removed."""
        return self._tried(text, line, lambda lexer: lexer.process_word(text))

    def expand_words(self, text: str, line: int) -> tuple[str, ...] | Unknown:
        """As many words as come out: a variable may hold several."""
        told = self._tried(text, line, lambda lexer: "\n".join(lexer.process_words(text)))
        return told if isinstance(told, Unknown) else tuple(filter(None, told.split("\n")))

    def expand_text(self, text: str, line: int) -> Value:
        """A here-document: variables replaced, quotes kept."""
        return self._tried(text, line, lambda lexer: lexer.process_word(text), keeps_quotes=True)

    def _tried(self, text: str, line: int, process: Callable[[ShellLex], str], *, keeps_quotes: bool = False) -> Value:
        stars = _MOST_STARS - text.count("*") if _MATCHING.search(text) else None
        if stars is not None and stars < 0:
            return _COSTLY
        unset, anything = _Seen(self, None, line, stars), _Seen(self, _ANYTHING, line, stars)
        try:
            return self._settled(process, unset, anything, line, keeps_quotes)
        except _CostlyError:
            return _COSTLY

    def _settled(
        self,
        process: Callable[[ShellLex], str],
        unset: _Seen,
        anything: _Seen,
        line: int,
        keeps_quotes: bool,  # noqa: FBT001 - passed on
    ) -> Value:
        try:
            told = process(self._lexer(anything, keeps_quotes))
        except ValueError as error:
            raise FaultyError(line, _told(str(error))) from None
        if not anything.unknown:
            return told
        try:
            without = process(self._lexer(unset, keeps_quotes))
        except ValueError:  # `${NAME:?}`: no image is made without the value
            return anything.unknown[0]
        if told == without or self._has_default(told, without, anything):
            return without
        return anything.unknown[0]

    def _lexer(self, seen: _Seen, keeps_quotes: bool) -> ShellLex:  # noqa: FBT001 - passed on
        return ShellLex(self.escape, skip_process_quotes=keeps_quotes, env=seen, skip_unset_env=False)

    def _has_default(self, told: str, without: str, seen: _Seen) -> bool:
        """Whether one argument was asked for, which nobody gives, and the text itself says what holds then.

        `${NAME:-default}` says it, and so does `${NAME:+other}`; what is left of `$NAME` and `${NAME#part}` does not.
        """
        lone = len(seen.names) == 1 and seen.names[0] in self.ungiven
        return lone and (_ANYTHING not in told or told.replace(_ANYTHING, "") != without)

    def of(self, name: str) -> Value | None:
        """A variable's value; None where nothing sets it and nothing unseen could."""
        for held in (self.contested, self.environment, self.arguments, self.ungiven):
            if name in held:
                return held[name]
        return self.unseen


class _CostlyError(Exception):
    """A pattern would be tried on too much, or is too much itself."""


class _Seen(Mapping[str, str]):
    """The variables as the lexer asks for them, with `instead` in place of what is unknown.

    `stars` are the `*` that values may still have where a text matches patterns; None where it matches none.
    """

    def __init__(self, variables: Variables, instead: str | None, line: int, stars: int | None) -> None:
        self.names: list[str] = []
        self.unknown: list[Unknown] = []
        self._variables, self._instead, self._line = variables, instead, line
        self._stars = stars
        self._room = MAX_EXPANDED

    def __getitem__(self, name: str) -> str:
        value = self._variables.of(name)
        if isinstance(value, Unknown):
            self.names.append(name)
            self.unknown.append(value)
            value = self._instead
        if value is None:
            raise KeyError(name)
        if self._stars is not None:
            self._stars -= value.count("*")
            if self._stars < 0 or len(value) > _MOST_MATCHED:
                raise _CostlyError
        self._room -= len(value)
        if self._room < 0:
            raise FaultyError(self._line, f"variables come to more than {MAX_EXPANDED} characters")
        return value

    def __iter__(self) -> Iterator[str]:
        raise NotImplementedError  # the lexer asks by name

    def __len__(self) -> int:
        raise NotImplementedError


def _told(message: str) -> str:
    # The lexer's own message quotes the text, which may be a secret.
    if "matching" in message:
        return "a quote begins here and never ends"
    return "a variable stands here in a form that BuildKit refuses"
