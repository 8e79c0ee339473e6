"""The variables that a running script sees."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gracekeeper_policies.provenance import Absent, Known, Unknown, Word

if TYPE_CHECKING:
    from gracekeeper_policies.process.recollection import Variables
    from gracekeeper_policies.process.shell.dialect import Shell


@dataclass
class Allowance:
    """How much text expansion may still give in this script: doubling a variable sixty times must stay harmless."""

    characters: int = 1_000_000

    def spend(self, text: str) -> bool:
        """Take a text off; false where that is more than is left."""
        self.characters -= len(text)
        return self.characters >= 0


@dataclass
class Scope:
    """Variables and positional words at one point of a run.

    `environment` is the container's, `values` what the script has set over it, `own` the names that the script
    gives to process ids of its own, empty until it does. `doubt` is empty, or says what may have set any variable
    meanwhile (a sourced file). `positional` begins with `$0`. `positional_doubt` is empty, or says why the words
    behind `$0` cannot be told; `arrays` are bash's. `has_lines` says that a word's place names its line.
    """

    shell: Shell
    script: Word
    environment: Variables
    positional: tuple[Word, ...]
    own: frozenset[str] = frozenset()
    values: dict[str, Word] = field(default_factory=dict)
    exported: frozenset[str] = frozenset()
    exports_all: bool = False
    positional_doubt: str = ""
    arrays: dict[str, tuple[Word, ...]] = field(default_factory=dict)
    doubt: str = ""
    has_lines: bool = False
    last_job: Word | None = None
    allowance: Allowance = field(default_factory=Allowance)

    def copy(self) -> Scope:
        """A scope that starts out the same, for a branch or a subshell."""
        return replace(self, values=dict(self.values), arrays=dict(self.arrays))

    def within(self, script: Word, *, has_lines: bool) -> Scope:
        """The same variables, seen from another script."""
        return replace(self, script=script, has_lines=has_lines)

    def lookup(self, name: str) -> Word | None:
        """The value of a variable; None where nothing in sight sets it."""
        if name in self.values:
            return self.values[name]
        given = self.environment.get(name)
        if isinstance(given, Known) and not self.doubt:
            return Word(given.value, given.source, given.path)
        if isinstance(given, Unknown) or self.doubt:
            return Word(
                f"${name}", unknown=given.reason if isinstance(given, Unknown) else f"{self.doubt} may set {name}"
            )
        return Word("") if name in self.own else None

    def lacks(self, name: str) -> bool:
        """Whether a variable is certainly not set."""
        return not (self.doubt or name in self.values) and isinstance(self.environment.get(name), Absent)

    def assign(self, name: str, value: Word) -> None:
        """Set a variable."""
        self.values[name] = value
        if self.exports_all:
            self.export(name)

    def export(self, name: str) -> None:
        """Hand a variable on to the commands from now on."""
        self.exported |= {name}

    def forget(self, name: str) -> None:
        """Unset a variable."""
        self.values[name] = Word("")

    def unsettle(self, reason: str) -> None:
        """Take every variable as possibly set anew: `reason` names by what."""
        self.doubt = reason
        self.values.clear()
        self.arrays.clear()

    def set_positional(self, words: tuple[Word, ...], doubt: str = "") -> None:
        """Give the words behind `$0` anew, or say why they cannot be told."""
        self.positional, self.positional_doubt = self.positional[:1] + words, doubt

    def words_of(self, name: str) -> tuple[Word, ...]:
        """What `"$@"` gives, or for an array's name `"${NAME[@]}"`."""
        if name:
            return self.arrays.get(name, (Word(f"${{{name}[@]}}", unknown=f"what {name} holds cannot be told"),))
        unknown = (Word("$@", unknown=self.positional_doubt),)
        return unknown if self.positional_doubt else self.positional[1:]

    def settle_rounds(self, before: Scope) -> None:
        """Take what a loop has changed as unknown: it may do so again in each round."""
        for name in self._set_apart_from(before):
            self.values[name] = Word(f"${name}", unknown=f"{name} changes from round to round")
        self._join_words(before, "the loop's rounds change it")

    def handed_on(self) -> dict[str, Word]:
        """What the script has set so far and a command of it sees."""
        return {
            name: value
            for name, value in self.values.items()
            if name in self.exported or isinstance(self.environment.get(name), Known | Unknown)
        }

    def join(self, other: Scope) -> None:
        """Take in what another branch may have left instead: values on which the two differ become unknown."""
        for name in self._set_apart_from(other):
            if not _alike(self.lookup(name), other.lookup(name)):
                self.values[name] = Word(f"${name}", unknown=f"{name} depends on which branch of the script runs")
        self._join_words(other, "it depends on which branch of the script runs")
        self.exported |= other.exported
        self.doubt = self.doubt or other.doubt

    def _join_words(self, other: Scope, reason: str) -> None:
        if not _all_alike(self.positional, other.positional):
            self.positional_doubt = reason
        self.positional_doubt = self.positional_doubt or other.positional_doubt
        for name in {*self.arrays, *other.arrays}:
            if not _all_alike(self.arrays.get(name, ()), other.arrays.get(name, ())):
                self.arrays[name] = (Word(f"${{{name}[@]}}", unknown=reason),)

    def _set_apart_from(self, other: Scope) -> list[str]:
        # A long script sets a thousand variables, and each of its branches touches few of them.
        mine, its = self.values, other.values
        changed = [name for name, value in mine.items() if its.get(name) is not value]
        return changed + [name for name in its if name not in mine]


def _alike(word: Word | None, other: Word | None) -> bool:
    # Where a value was set is no difference to the script.
    if word is None or other is None:
        return word is other
    return (word.text, word.unknown) == (other.text, other.unknown)


def _all_alike(words: tuple[Word, ...], others: tuple[Word, ...]) -> bool:
    return len(words) == len(others) and all(map(_alike, words, others))
