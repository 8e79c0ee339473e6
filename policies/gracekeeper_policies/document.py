"""A parsed manifest: its values, its identity, and paths into it.

A document holds plain values and knows which text it was read from, not where each value stands there: only a finding
that is reported needs a line, and the source looks that line up then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeAlias

from msgspec import Struct

Path: TypeAlias = tuple[str | int, ...]
"""Keys and list positions from the top of an object: `("spec", "containers", 0, "image")`."""

ABSENT: Final = object()
"""What stands where nothing is written; null is written."""

_PLAIN_KEY: Final = re.compile(r"[A-Za-z_][\w-]*\Z")


def render_path(path: Path) -> str:
    """Write a path as people do: `spec.containers[0].image`; keys that are not plain words are quoted in brackets."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_KEY.match(step):
            text += f".{step}" if text else step
        else:
            text += f'["{step}"]'
    return text


def value_at(values: object, path: Path) -> object:
    """What values hold at `path`; `ABSENT` where nobody wrote it."""
    for step in path:
        # A dict is asked for first: whether something is a Mapping takes many times as long to find out.
        if isinstance(values, (dict, Mapping)):
            inside = step in values
        else:
            inside = isinstance(values, list) and step in range(len(values))
        if not inside:
            return ABSENT
        values = values[step]  # type: ignore[index]
    return values


class Identity(Struct, frozen=True, order=True):
    """What names an object in a cluster. An object without a namespace of its own gets the input's default."""

    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """`Deployment shop/web`, the form in which people speak of an object."""
        return f"{self.kind} {self.namespace}/{self.name}"


class Document(Struct, frozen=True, eq=False):
    """One Kubernetes object as it was read.

    `values` is the object itself, `origin` names the text that held it (a file's path, `-` for standard input, empty
    for an admission review), `index` counts the documents of that text from 0 and `base` is where the object stands in
    its document: empty, or `("items", 3)` for an item of a List.
    """

    values: Mapping[str, object]
    origin: str = ""
    index: int = 0
    base: Path = ()

    @property
    def api_version(self) -> str:
        """`apps/v1`; empty where it is missing or not a string."""
        return _text(self.values.get("apiVersion"))

    @property
    def kind(self) -> str:
        """`Deployment`; empty where it is missing or not a string."""
        return _text(self.values.get("kind"))

    @property
    def metadata(self) -> Mapping[str, object]:
        """The object's metadata; empty where it is missing or not a mapping."""
        metadata = self.values.get("metadata")
        return metadata if isinstance(metadata, Mapping) else {}

    def identity(self, namespace: str = "default") -> Identity:
        """Name the object; `namespace` is used where the object names none itself."""
        name = _text(self.metadata.get("name")) or _text(self.metadata.get("generateName"))
        return Identity(self.api_version, self.kind, _text(self.metadata.get("namespace")) or namespace, name)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
