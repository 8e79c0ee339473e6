"""Leaves secrets out of what is printed: every one that an object holds, in full, in part, or cut where a line ends."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from gracekeeper_policies.remembered import remembered
from gracekeeper_policies.secrecy.pattern import Pattern
from gracekeeper_policies.secrecy.texts import in_text, in_variable, in_words, suspects
from gracekeeper_policies.secrecy.values import told_by_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ELLIPSIS: Final = "…"
_SHORTEST: Final = 2
_LEAST_CUT: Final = 3
_LONGEST_CUT: Final = 400
_LEFT_OUT: Final = "\0"  # apart from an ellipsis that stood there before
_SPELLED_APART: Final = Pattern(r"['\"\\]|[^\x20-\x7e]")
_COMMON: Final = Pattern(r"[a-z]+\Z|\d+\Z|.{1,5}\Z")
"""A secret that may as well be a word: it is left out only where it stands alone."""


class Elision:
    """Leaves the given secrets out of texts."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Keep them, and each of their longer lines."""
        self._sorted = sorted({piece for secret in secrets for piece in _pieces(secret)})
        self._longest_first = sorted(self._sorted, key=len, reverse=True)

    def __bool__(self) -> bool:
        """Whether there is anything to leave out."""
        return bool(self._sorted)

    def __call__(self, text: str) -> str:
        """The text with an ellipsis for each secret."""
        for piece in self._longest_first:
            if piece in text:
                text = _without(piece, text)
        if ELLIPSIS in text:
            *parts, last = text.split(ELLIPSIS)
            text = ELLIPSIS.join([*map(self._without_start, parts), last])
        return text.replace(_LEFT_OUT, ELLIPSIS)

    def _without_start(self, text: str) -> str:
        # A sentence that quotes a long text may have cut it in the middle of a secret.
        for length in range(min(len(text), _LONGEST_CUT), _LEAST_CUT - 1, -1):
            start = text[-length:]
            place = bisect_left(self._sorted, start)
            if place < len(self._sorted) and self._sorted[place].startswith(start):
                return text[:-length]
        return text


def _without(piece: str, text: str) -> str:
    if not _COMMON.compiled.match(piece):
        return text.replace(piece, _LEFT_OUT)
    return re.sub(rf"(?<![\w-]){re.escape(piece)}(?![\w-])", _LEFT_OUT, text)


def _pieces(secret: str) -> Iterator[str]:
    lines = [" ".join(line.split()) for line in secret.splitlines()]
    # Around a quote, a backslash or a character beyond ASCII a manifest may spell a text in another way.
    parts = (
        [part for part in _SPELLED_APART.compiled.split(secret) if len(part) > _LEAST_CUT] if len(lines) == 1 else []
    )
    yield from (piece for piece in (secret, " ".join(secret.split()), *lines, *parts) if len(piece) >= _SHORTEST)


NOTHING: Final = Elision(())
"""Leaves nothing out."""


def elision_of(*values: object) -> Elision:
    """Leave out every secret that these objects hold: values of a manifest, or anything made of them."""
    found: set[str] = set()
    waiting = list(values)
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            _search(each, found, waiting)
        elif isinstance(each, list | tuple):
            words = tuple([word for word in each if type(word) is str])
            if words:
                found.update(_among(words))
            if len(words) < len(each):
                waiting += _worth_searching([held for held in each if type(held) in _NESTED])
    return Elision(found) if found else NOTHING


_NESTED: Final = (dict, list, tuple)
# Most texts and numbers of a manifest stand under these.
_HARMLESS: Final = frozenset(
    """apiVersion kind name namespace image app type key mountPath protocol port containerPort targetPort memory cpu
    restartPolicy imagePullPolicy serviceAccountName scheme periodSeconds timeoutSeconds failureThreshold
    initialDelaySeconds terminationGracePeriodSeconds replicas runAsUser runAsGroup fsGroup seconds""".split()
)
_PLAIN: Final = (str, int, float)
_VALUE: Final = "value"
_PARTS: Final = 2  # a variable has a name and a value
_MANY: Final = 16
_MANAGED: Final = "managedFields"  # two hundred mappings of field names in what the API server returns, and no value


def _worth_searching(nested: list[object]) -> list[object]:
    """All but the variables in which no secret can be: there may be thousands."""
    if len(nested) < _MANY:
        return nested
    variables: list[dict[str, object]] = []
    worth: list[object] = []
    for each in nested:
        if type(each) is dict and len(each) == _PARTS and "name" in each and _VALUE in each:
            variables.append(each)
        else:
            worth.append(each)
    suspicious = suspects([(str(each["name"]), str(each[_VALUE])) for each in variables])
    worth.extend(variables[number] for number in suspicious)
    return worth


def _search(values: Mapping[object, object], found: set[str], waiting: list[object]) -> None:
    # Every mapping of every manifest with a finding passes here: what holds no secret has to be told fast.
    for key, held in values.items():
        kind = type(held)
        if kind in _NESTED:
            if key != _MANAGED:
                waiting.append(held)
        elif kind in _PLAIN and key not in _HARMLESS:
            secrets = secrets_of(str(key), str(held))
            # What the text holds is found already, whatever the variable is called.
            if key == _VALUE and told_by_name(str(values.get("name")), str(held)):
                secrets += (str(held),)
            if secrets:
                found.update(secrets)


@remembered(1 << 9)
def _among(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(secret.value for _, secret in in_words(words))


@remembered(1 << 12)
def secrets_of(name: str, value: str) -> tuple[str, ...]:
    """The secrets of one entry; most entries of a manifest stand in others too."""
    secret = in_variable(name, value)
    return () if secret is None else (secret.value, *(further.value for further in in_text(value)))
