"""Which files are patches of a Kustomize overlay: fragments of objects, which mean nothing by themselves."""

# ruff: noqa: PTH113, PTH118, PTH120 - as in `files`

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from gracekeeper.sources.encodings import decode
from gracekeeper.sources.files import File, UnreadableError, read_bytes
from gracekeeper.sources.problems import MalformedError
from gracekeeper.sources.readings import Broken, readings

NAMES: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""What Kustomize calls its files."""


def patches(files: Iterable[File]) -> dict[str, str]:
    """Give the real path of each patch that a kustomization among the files, or beside one of them, lists.

    The value is the kustomization, as it is printed. One that cannot be read lists nothing here; it is a problem where
    it is read as a file.
    """
    directories = {os.path.dirname(file.path): os.path.dirname(file.shown) for file in files}
    found: dict[str, str] = {}
    for directory, shown in sorted(directories.items()):
        for name in NAMES:
            kustomization = os.path.join(directory, name)
            for patch in _listed(kustomization) if os.path.isfile(kustomization) else ():
                found.setdefault(os.path.realpath(os.path.join(directory, patch)), posixpath.join(shown, name))
    return found


def _listed(kustomization: str) -> Iterator[str]:
    """The paths under `patches`, `patchesStrategicMerge` and `patchesJson6902`."""
    for content in _contents(kustomization):
        for entry in (*_items(content, "patches"), *_items(content, "patchesJson6902")):
            path = entry.get("path") if isinstance(entry, Mapping) else None
            if isinstance(path, str):
                yield path
        for entry in _items(content, "patchesStrategicMerge"):
            if isinstance(entry, str) and "\n" not in entry:  # else the patch itself stands there
                yield entry


def _contents(kustomization: str) -> Iterator[Mapping[str, object]]:
    try:
        text = decode(read_bytes(kustomization))
    except (UnreadableError, MalformedError):
        return
    for reading in readings(text):
        if not isinstance(reading, Broken) and isinstance(reading.values, dict):
            yield reading.values


def _items(content: Mapping[str, object], name: str) -> list[object]:
    items = content.get(name)
    return items if isinstance(items, list) else []
