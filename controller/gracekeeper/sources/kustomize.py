"""Manifests that Kustomize builds from an overlay; each is shown at the file its object came from."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from gracekeeper.sources.chunks import chunks
from gracekeeper.sources.encodings import decode
from gracekeeper.sources.files import UnreadableError, read_bytes, show
from gracekeeper.sources.kustomize_patches import NAMES
from gracekeeper.sources.problems import MalformedError
from gracekeeper.sources.programs import ProgramError, find, run_for_text
from gracekeeper.sources.readings import Broken, readings
from gracekeeper.sources.rendered import Rendered

if TYPE_CHECKING:
    from collections.abc import Iterator

ORIGIN: Final = "config.kubernetes.io/origin"
"""The annotation by which Kustomize tells where an object came from."""


@dataclass(frozen=True)
class _Object:
    text: str
    origin: str


def rendered(folder: str) -> list[Rendered]:
    """Build an overlay.

    Raises:
        ProgramError: there is no such folder, neither kustomize nor kubectl is there, or it fails.
    """
    if not any(Path(folder, name).is_file() for name in NAMES):
        raise ProgramError("holds no kustomization.yaml, expected the folder of an overlay")
    program = find("kustomize", "kubectl")
    verb = "build" if Path(program).stem == "kustomize" else "kustomize"
    with TemporaryDirectory() as around:
        # An overlay of our own around the user's makes Kustomize tell origins without a change to the user's files.
        real = Path(around).resolve()
        overlay = {"resources": [os.path.relpath(Path(folder).resolve(), real)], "buildMetadata": ["originAnnotations"]}
        Path(real, "kustomization.yaml").write_text(json.dumps(overlay), encoding="utf-8")
        output = run_for_text((program, verb, str(real)))
        objects = list(_objects(output))
        return [_rendered(folder, real, origin, texts) for origin, texts in _by_origin(objects).items()]


def _objects(output: str) -> Iterator[_Object]:
    for chunk in chunks(output):
        text = output[chunk.start : chunk.end]
        for reading in readings(text):
            values = None if isinstance(reading, Broken) else reading.values
            yield _Object(text, _origin(values) if isinstance(values, dict) else "")


def _origin(values: dict[str, object]) -> str:
    """The path of an object's file; empty where it was generated or comes from elsewhere."""
    metadata = values.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    told = annotations.get(ORIGIN) if isinstance(annotations, dict) else None
    for reading in readings(told) if isinstance(told, str) else ():
        if not isinstance(reading, Broken) and isinstance(reading.values, dict) and "repo" not in reading.values:
            return str(reading.values.get("path", ""))
    return ""


def _by_origin(objects: list[_Object]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in objects:
        found.setdefault(each.origin, []).append(each.text)
    return found


def _rendered(folder: str, around: Path, origin: str, texts: list[str]) -> Rendered:
    text = "---\n".join(texts)
    if not origin:
        return Rendered(f"kustomize:{show(folder)}", text)
    path = os.path.relpath(around / origin)
    try:
        return Rendered(show(path), text, decode(read_bytes(path)))
    except (UnreadableError, MalformedError):
        return Rendered(f"kustomize:{show(path)}", text)
