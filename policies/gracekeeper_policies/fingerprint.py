"""What makes a finding the same one after lines have moved, files were renamed and text was formatted anew.

It is its rule, the object, the container, and its place by names instead of positions. Neither its sentence counts nor
where it stands in a text.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gracekeeper_policies.document import Path
    from gracekeeper_policies.verdict import Ruling

_WORDS: Final = ("command", "args")
_NAMES: Final = ("mountPath", "name", "containerPort", "key", "ip", "topologyKey")
"""What tells the items of Kubernetes' lists apart, the first that an item has."""
_DIGITS: Final = 32


def fingerprints(rulings: Iterable[Ruling]) -> dict[Ruling, str]:
    """Name each ruling; of several alike, such as one workload in the overlays of two stages, the later are counted."""
    met: Counter[str] = Counter()
    named = {}
    for ruling in rulings:
        name = fingerprint(ruling)
        met[name] += 1
        named[ruling] = name if met[name] == 1 else f"{name}:{met[name]}"
    return named


def fingerprint(ruling: Ruling) -> str:
    """Name a ruling by 32 hexadecimal digits, which tell nothing of what the object holds."""
    identity = ruling.identity
    group = identity.api_version.rpartition("/")[0]
    parts = ruling.rule.id, group, identity.kind, identity.namespace, identity.name, ruling.container_name or ""
    text = "\0".join((*parts, *named_path(ruling.document.values, ruling.finding.at)))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def named_path(values: object, path: Path) -> tuple[str, ...]:
    """A path in an object, each item of a list by its name; `*` for one without, and for a word of a command line."""
    return tuple(_steps(values, path))


def _steps(values: object, path: Path) -> Iterator[str]:
    words = False
    for step in path:
        values = _below(values, step)
        yield step if isinstance(step, str) else _name(values, words=words)
        words = step in _WORDS


def _below(values: object, step: str | int) -> object:
    if isinstance(values, (dict, Mapping)):  # nearly all are dicts, which is found out many times faster
        return values.get(step)
    if isinstance(values, list) and isinstance(step, int) and step < len(values):
        return values[step]
    return None


def _name(item: object, *, words: bool) -> str:
    if isinstance(item, (dict, Mapping)):
        item = next((item[key] for key in _NAMES if key in item), None)
    elif words:
        return "*"  # a word of a command line is what it was before, also with another number in it
    return str(item) if isinstance(item, str | int) else "*"
