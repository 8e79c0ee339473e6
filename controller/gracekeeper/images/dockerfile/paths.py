"""Paths in an image: always with slashes, whatever the system is that reads them."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from gracekeeper_policies.provenance import Unknown

if TYPE_CHECKING:
    from gracekeeper.images.dockerfile.variables import Value


def joined_path(folder: Value, path: Value) -> Value:
    """A path as seen from a folder of the image, from its root and without `..`."""
    if isinstance(path, Unknown):
        return path
    if path.startswith("/"):
        return clean(path)
    return folder if isinstance(folder, Unknown) else clean(f"{folder}/{path}")


def clean(path: str) -> str:
    """An absolute path without `.`, `..` and double slashes, none of which leads out of the root."""
    return "/" + posixpath.normpath(f"/{path}").lstrip("/")


def below(path: str, folder: str) -> str | None:
    """What leads from a folder to a path in it; None where it is not in it."""
    start = folder.rstrip("/") + "/"
    return path[len(start) :] if path.startswith(start) else None
