"""Remembers how command lines are started: in one organisation most of them are alike.

What a command line becomes depends on its words and on the few variables that its script reads. These are written down
while it is worked out, and it holds again where they are the same.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from gracekeeper_policies.provenance import Known, Unknown
from gracekeeper_policies.remembered import forgettable

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from gracekeeper_policies.process.environment import Variable
    from gracekeeper_policies.provenance import Absent, Word

T = TypeVar("T")

ALIKE: Final = 512
"""How many different things of one kind are remembered: more than one organisation has."""

_MOST_ALIKE: Final = 4


class Variables(Protocol):
    """Variables by name."""

    def get(self, name: str, /) -> Variable | Absent | None:
        """The variable of that name; None where nothing in sight sets it."""


class Asked:
    """Variables, with what was asked of them."""

    def __init__(self, variables: Variables) -> None:
        """Nothing is asked yet."""
        self._variables = variables
        self.answers: dict[str, Variable | Absent | None] = {}

    def get(self, name: str) -> Variable | Absent | None:
        """The variable of that name; None where nothing in sight sets it."""
        answer = self.answers[name] = self._variables.get(name)
        return answer


class Overlaid:
    """Variables, with words that were set over them."""

    def __init__(self, variables: Variables, words: Mapping[str, Word]) -> None:
        """What `words` names, and else what the variables do."""
        self._variables, self._words = variables, words

    def get(self, name: str) -> Variable | Absent | None:
        """The variable of that name; None where nothing in sight sets it."""
        word = self._words.get(name)
        if word is None:
            return self._variables.get(name)
        return Unknown(word.unknown) if word.unknown else Known(word.text, word.source, word.path)


class Recollection(Generic[T]):
    """What was worked out for a key under certain variables; what was not needed for long is forgotten."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._forget()
        forgettable(self._forget)

    def _forget(self) -> None:
        self._known: OrderedDict[Hashable, list[tuple[dict[str, Variable | Absent | None], T]]] = OrderedDict()

    def of(self, key: Hashable, variables: Variables, work: Callable[[Variables], T]) -> T:
        """What `work` gives; it is pure, and depends on `key` and on the variables that it asks for."""
        # Another thread may forget meanwhile, so each step stands by itself.
        known = self._known
        alike = known[key] = known.pop(key, [])
        for answers, outcome in alike:
            if all(variables.get(name) == answer for name, answer in answers.items()):
                return outcome
        asked = Asked(variables)
        outcome = work(asked)
        alike[_MOST_ALIKE - 1 :] = []
        alike.insert(0, (asked.answers, outcome))
        if len(known) > ALIKE:
            known.popitem(last=False)
        return outcome
